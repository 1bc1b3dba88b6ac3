"""`stepwell explore`: a page that shows a program at every level and after every pass."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Annotated

import typer


def explore(
    program: Annotated[
        str, typer.Argument(metavar="PROGRAM.py:FUNCTION", help="a function in a Python file, or a file of IR (.mlir)")
    ],
    arguments: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ARGUMENT]...",
            help="for each parameter a .npy or .npz file or a literal, which the program is run on to show values, "
            "or a spec like f32[?,64], which shows none",
        ),
    ] = None,
    output: Annotated[str, typer.Option("--output", "-o", metavar="FILE.html", help="the page")] = "explore.html",
    pipeline: Annotated[
        list[str] | None,
        typer.Option("--pipeline", "-p", metavar="PASSES", help="the passes to show for IR, instead of its lowering"),
    ] = None,
    level: Annotated[str, typer.Option("--level", "-l", metavar="LEVEL", help="the last level to show")] = "llvm",
    seconds: Annotated[
        float, typer.Option("--seconds", metavar="N", help="time limit of the runs that compute values")
    ] = 30.0,
) -> None:
    """Write an HTML page that shows a program: its lines, every level, every pass, the values of every op.

    The page is one file that needs no network.

    Example: stepwell explore program.py:collatz 27 -o collatz.html
    """
    from ..dialects.diagnostics import StepwellError

    try:
        if program.endswith(".mlir"):
            written = _explore_text(program, arguments or [], output, pipeline, level, seconds)
        else:
            written = _explore_function(program, arguments or [], output, pipeline, level, seconds)
    except StepwellError as error:
        for note in getattr(error, "__notes__", ()):
            typer.echo(note, err=True)
        raise
    typer.echo(str(written))


def _explore_function(
    program: str, arguments: list[str], output: str, pipeline: list[str] | None, level: str, seconds: float
) -> Path:
    import contextlib
    import sys

    from ..runtime.explorer import explore
    from .errors import CommandError, users_program
    from .inputs import read_examples
    from .programs import load_function

    if pipeline:
        raise CommandError("--pipeline is for IR; a function goes down all levels, or to --level")
    examples = read_examples(arguments)
    function = load_function(program)
    with contextlib.redirect_stdout(sys.stderr), users_program():
        return explore(function, *examples, path=output, level=level, seconds=seconds, progress=_Progress())


def _explore_text(
    file: str, inputs: list[str], output: str, pipeline: list[str] | None, level: str, seconds: float
) -> Path:
    from ..compiler.interchange.mlir.entries import find_entry
    from ..compiler.interchange.mlir.text import parse_module
    from ..compiler.pipeline.pipelines import parse
    from ..runtime.explorer import explore_module, passes_down
    from ..runtime.text_inputs import arrays_for, read_inputs
    from .files import read_text

    module = parse_module(read_text(file), file)
    passes = parse(",".join(pipeline)) if pipeline else passes_down(module, level)
    arrays = name = None
    if inputs:
        entry = find_entry(module, file, None)
        arrays, name = arrays_for(entry, read_inputs(inputs)), entry.sym_name.data
    return explore_module(
        module, passes, path=output, inputs=arrays, function=name, seconds=seconds, progress=_Progress()
    )


class _Progress:
    """Tells on standard error what is done, at most once a second."""

    def __init__(self) -> None:
        self._told = -math.inf

    def __call__(self, text: str) -> None:
        now = time.monotonic()
        if now - self._told >= 1.0:
            self._told = now
            typer.echo(f"explore: {text}", err=True)
