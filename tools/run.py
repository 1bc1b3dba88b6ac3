"""`stepwell run`: the text of IR at any level on an engine, or an exported file on ONNX Runtime."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np


class Engine(StrEnum):
    """What runs IR."""

    interpreter = "interpreter"
    native = "native"
    onnx = "onnx"


def run(
    file: Annotated[str, typer.Argument(metavar="FILE", help="IR of any level (- is standard input), or a .onnx file")],
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[INPUT]...",
            help="for each argument a .npy file or a literal like 1.0 or '[1, 2]'; a .npz file holds several",
        ),
    ] = None,
    level: Annotated[str | None, typer.Option("--level", "-l", help="the level of the text")] = None,
    engine: Annotated[
        Engine | None,
        typer.Option("--engine", "-e", help="the engine to run it on: by default interpreter, for a .onnx file onnx"),
    ] = None,
    trusted: Annotated[
        bool,
        typer.Option(
            "--trusted",
            help="run IR below hl natively without checks: wrong indices, divisors and shifts are then undefined, and "
            "IR of level llvm may call any function of the process and write to any memory",
        ),
    ] = False,
    function: Annotated[
        str | None, typer.Option("--function", "-f", help="the function; else main, or the first public one")
    ] = None,
    output: Annotated[str | None, typer.Option("--output", "-o", metavar="FILE.npz", help="write the results")] = None,
) -> None:
    """Run IR or an exported file and print the results, and arguments whose contents it changed.

    Example: stepwell run program.mlir 1.0 x.npy --engine native

    An ONNX model runs in ONNX Runtime, unless an engine of stepwell is named.

    Natively, text below hl runs with a check before each op that could touch memory not its own or has no meaning for
    some operands. Text of level llvm is refused natively, since no check can tell what it does, unless --trusted.
    """
    results = _results(file, inputs or [], engine, level, function, trusted)
    typer.echo(shown_results(results), nl=False)
    if output is not None:
        save_results(output, results)


def _results(
    file: str, inputs: Sequence[str], engine: Engine | None, level: str | None, function: str | None, trusted: bool
) -> Mapping[str, np.ndarray]:
    """What the program computes, by name."""
    from ..runtime.text_inputs import read_inputs
    from .errors import CommandError
    from .files import read_text
    from .models import is_model, run_model
    from .run_text import run_text

    given = read_inputs(inputs)
    if is_model(file):
        if engine in (None, Engine.onnx):
            from .run_onnx import run_onnx

            return run_onnx(file, given)
        return run_model(file, engine.value, given)
    if engine is Engine.onnx:
        raise CommandError("--engine onnx is for .onnx files; `stepwell export` writes them")
    name, chosen = "<stdin>" if file == "-" else file, engine or Engine.interpreter
    return run_text(read_text(file), name, given, level, chosen.value, function, trusted)


def _dtype_name(array: np.ndarray) -> str:
    """The name of a dtype; of strings not that of what NumPy keeps them in."""
    from ..dialects.dtypes import record_of  # not where the command shows its help

    found = record_of(array.dtype)
    return array.dtype.name if found is None else found.name


def shown_results(results: Mapping[str, np.ndarray]) -> str:
    """Each result with its name, dtype and shape."""
    lines = []
    for name, array in results.items():
        head, body = f"{name}: {_dtype_name(array)}{list(array.shape)}", str(array)
        lines.append(f"{head}\n{body}\n" if "\n" in body else f"{head} {body}\n")
    return "".join(lines)


def save_results(path: str, results: Mapping[str, np.ndarray]) -> None:
    """Write the results as an `.npz` file."""
    import numpy as np

    from .files import write

    write(path, lambda stream: np.savez(stream, allow_pickle=False, **dict(results)))
