"""`stepwell export`: a function of a program as an ONNX file, as machine code for C, or as a package for JavaScript."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer


class _Format(StrEnum):
    """What is written."""

    onnx = "onnx"
    native = "native"
    npm = "npm"


_OPTIONS = {_Format.onnx: {"exact", "quantize"}, _Format.native: {"target", "cpu", "name"}, _Format.npm: {"name"}}
"""The options of each."""


_Function = Annotated[
    str,
    typer.Argument(
        metavar="PROGRAM.py:FUNCTION",
        help="a function in a Python file, or the folder of a saved model, with :SIGNATURE; native, npm: or several "
        "with commas; functions among them have input signatures",
    ),
]
_Arguments = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[OUT] [ARGUMENT]...",
        help="the file or folder to write, unless -o says it; and for each parameter a spec like f32[?,64], or an "
        "example: a .npy or .npz file, or a literal",
    ),
]
_Output = Annotated[str | None, typer.Option("-o", "--output", metavar="OUT", help="the file or folder to write")]
_Kind = Annotated[
    _Format,
    typer.Option("--format", help="onnx: a model; native: an object file with a C header; npm: a WebAssembly package"),
]
_Target = Annotated[str | None, typer.Option(metavar="TRIPLE", help="native: the system, such as aarch64-linux-gnu")]
_Cpu = Annotated[str | None, typer.Option(help="native: a CPU of `stepwell opt --list-targets`, or host")]
_Name = Annotated[str | None, typer.Option(help="native, npm: the name of the library or package")]
_Exact = Annotated[
    bool, typer.Option("--exact", help="onnx: keep NaN, the sign of zero and all checks, at the price of more nodes")
]
_Quantize = Annotated[str | None, typer.Option(metavar="int8", help="onnx: give weights eight bits")]
_DropPrints = Annotated[bool, typer.Option("--drop-prints", help="leave sw.print out")]


def export(
    function: _Function,
    arguments: _Arguments = None,
    output: _Output = None,
    kind: _Kind = _Format.onnx,
    target: _Target = None,
    cpu: _Cpu = None,
    name: _Name = None,
    exact: _Exact = False,
    drop_prints: _DropPrints = False,
    quantize: _Quantize = None,
) -> None:
    """Write a function so that it runs without Python.

    As an ONNX model it is checked; with examples for all parameters, also compared with its results. With weights of
    eight bits, the differences are printed.

    Examples: stepwell export program.py:predict predict.onnx "f32[?,64]"

    stepwell export program.py:predict -o predict "f32[?,64]" --format native --target aarch64-linux-gnu
    """
    from .errors import CommandError

    rest = list(arguments or [])
    if output is None:
        if not rest:
            raise CommandError("expected the file or folder to write: -o OUT")
        output = rest.pop(0)
    options = {"target": target, "cpu": cpu, "name": name, "exact": exact or None, "quantize": quantize}
    options = {option: value for option, value in options.items() if value is not None}
    for option in options.keys() - _OPTIONS[kind]:
        raise CommandError(f"--{option} is not an option of --format={kind}")
    _run(function, output, rest, kind, {**options, "drop_prints": drop_prints})


def _run(function: str, output: str, arguments: list[str], kind: _Format, options: dict[str, Any]) -> None:
    """Export, and say what was written."""
    import contextlib
    import os
    import sys

    import stepwell as sw

    from .errors import CommandError, users_program
    from .inputs import read_examples
    from .programs import load_functions

    write = {_Format.onnx: sw.onnx.export, _Format.native: sw.native.export, _Format.npm: sw.native.export_npm}[kind]
    folder = os.path.dirname(os.path.abspath(output))
    if not os.path.isdir(folder):
        raise CommandError(f"cannot write {output}: there is no folder {folder}")
    if os.path.isdir(output) and kind is _Format.onnx:
        raise CommandError(f"cannot write {output}: this is a folder")
    examples = read_examples(arguments)
    functions = load_functions(function)
    if len(functions) > 1 and kind is _Format.onnx:
        raise CommandError(f"expected one function for --format=onnx, got {', '.join(functions)}")
    found = functions if len(functions) > 1 else next(iter(functions.values()))
    with contextlib.redirect_stdout(sys.stderr), users_program():
        try:
            written = write(found, output, *examples, **options)
        except OSError as error:
            raise CommandError(f"cannot write {output}: {(error.strerror or str(error)).lower()}") from None
    for file in [written] if written.is_file() else sorted(written.iterdir()):
        typer.echo(f"{file}: {os.path.getsize(file)} bytes", err=True)
    if "quantize" in options and examples and not any(isinstance(example, sw.TensorSpec) for example in examples):
        for difference in sw.onnx.compare(written, next(iter(functions.values())), *examples):
            typer.echo(str(difference), err=True)
