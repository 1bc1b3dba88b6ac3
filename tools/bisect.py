"""`stepwell bisect`: the pass, the rewrite, the op and the line at which results become wrong."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .errors import FAILED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Engine(StrEnum):
    """What runs a function in the end."""

    native = "native"
    onnx = "onnx"
    interpreter = "interpreter"


def bisect(
    program: Annotated[
        str, typer.Argument(metavar="PROGRAM", help="program.py:function, or a file with IR (- is standard input)")
    ],
    arguments: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ARGUMENT]...", help="for each parameter a .npy or .npz file, or a literal"),
    ] = None,
    oracle: Annotated[
        str,
        typer.Option(
            "--oracle", "-o", help="reference: interpreter, native, onnx, a .onnx file, or program.py:function"
        ),
    ] = "interpreter",
    engine: Annotated[
        Engine | None, typer.Option("--engine", "-e", help="whose lowering to check; by default the function's own")
    ] = None,
    pipeline: Annotated[
        str | None, typer.Option("--pipeline", "-p", metavar="PASSES", help="the passes to check instead")
    ] = None,
    rtol: Annotated[float | None, typer.Option("--rtol", help="relative tolerance of inexact results")] = None,
    timeout: Annotated[
        float | None, typer.Option("--timeout", metavar="SECONDS", help="time limit of a run; a longer one fails")
    ] = None,
) -> None:
    """Run a function after each pass, and find the pass, rewrite, op and line that make its results wrong.

    The exit code is 1 if there is a culprit. The interpreter is slow: use small arguments.

    Example: stepwell bisect program.py:predict x.npy --oracle predict.onnx
    """
    import contextlib
    import sys

    from ..runtime.bisection import bisect as bisect_function
    from .errors import users_program

    options: dict[str, Any] = {"pipeline": pipeline, "rtol": rtol, "timeout": timeout}
    given = {name: value for name, value in options.items() if value is not None}
    right = _oracle(oracle)
    f, args = _loaded(program, arguments or [])
    with contextlib.redirect_stdout(sys.stderr), users_program():
        found = bisect_function(f, *args, oracle=right, engine=engine.value if engine else None, **given)
    typer.echo(str(found))
    if found:
        raise typer.Exit(FAILED)


def _loaded(program: str, arguments: Sequence[str]) -> tuple[Any, Sequence[Any]]:
    """The function, or module, and what it is called with."""
    from .inputs import read_examples
    from .programs import load_function

    if not _names_a_function(program):
        return _read(program, arguments)
    return load_function(program), read_examples(arguments)


def _names_a_function(program: str) -> bool:
    from .models import is_model

    return ".py:" in program or is_model(program)


def _read(file: str, arguments: Sequence[str]) -> tuple[Any, Sequence[Any]]:
    """A module from its text, and arrays that fit the function that is run."""
    from ..compiler.interchange.mlir.entries import find_entry
    from ..compiler.interchange.mlir.text import parse_module
    from ..runtime.text_inputs import arrays_for, read_inputs
    from .files import STANDARD, read_text

    name = "<stdin>" if file == STANDARD else file
    module = parse_module(read_text(file), name)
    return module, arrays_for(find_entry(module, name, None), read_inputs(arguments))


def _oracle(oracle: str) -> str | Callable[..., Any]:
    """A function of a program as it is; an engine or a file by its name."""
    from .errors import CommandError
    from .programs import load_function

    if ".py:" in oracle:
        return load_function(oracle).python_function
    if oracle not in list(Engine) and not oracle.endswith(".onnx"):
        names = ", ".join(Engine)
        raise CommandError(f"--oracle: expected one of {names}, a .onnx file or program.py:function, got '{oracle}'")
    return oracle
