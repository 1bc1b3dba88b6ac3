"""`stepwell export`: a function of a program as an ONNX file."""

from __future__ import annotations

from typing import Annotated

import typer


def export(
    function: Annotated[str, typer.Argument(metavar="PROGRAM.py:FUNCTION", help="a function in a Python file")],
    path: Annotated[str, typer.Argument(metavar="OUT.onnx", help="the file to write")],
    arguments: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ARGUMENT]...",
            help="for each parameter a spec like f32[?,64], or an example: a .npy or .npz file, or a literal",
        ),
    ] = None,
    exact: Annotated[
        bool, typer.Option("--exact", help="keep NaN, the sign of zero and all checks, at the price of more nodes")
    ] = False,
) -> None:
    """Write a function as an ONNX model, checked; with examples for all parameters, also compared with its results.

    Example: stepwell export program.py:predict predict.onnx "f32[?,64]"
    """
    import contextlib
    import os
    import sys

    import stepwell as sw

    from .errors import CommandError, users_program
    from .inputs import read_examples
    from .programs import load_function

    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(folder):
        raise CommandError(f"cannot write {path}: there is no folder {folder}")
    if os.path.isdir(path):
        raise CommandError(f"cannot write {path}: this is a folder")
    examples = read_examples(arguments or [])
    found = load_function(function)
    with contextlib.redirect_stdout(sys.stderr), users_program():
        try:
            sw.onnx.export(found, path, *examples, exact=exact)
        except OSError as error:
            raise CommandError(f"cannot write {path}: {(error.strerror or str(error)).lower()}") from None
    typer.echo(f"{path}: {os.path.getsize(path)} bytes", err=True)
