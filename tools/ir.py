"""`stepwell ir`: the text of a function of a program, at any level."""

from __future__ import annotations

from typing import Annotated

import typer

INPUTS = {"ignore_unknown_options": True}
"""Settings of commands that take inputs: `-1.0` is one."""


def ir(
    function: Annotated[str, typer.Argument(metavar="PROGRAM.py:FUNCTION", help="a function in a Python file")],
    arguments: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ARGUMENT]...", help="for each parameter a spec like f32[?,64], a .npy or .npz file, or a literal"
        ),
    ] = None,
    level: Annotated[
        str,
        typer.Option(
            "--level",
            "-l",
            help="the level: hl, linalg, loops, cfg, llvm, a plug-in's level, or asm, which is machine code",
        ),
    ] = "hl",
    target: Annotated[
        str, typer.Option("--target", metavar="CPU", help="the CPU that vectors and machine code are for")
    ] = "host",
    locations: Annotated[bool, typer.Option("--locations", help="show the Python line of each op")] = False,
    output: Annotated[str | None, typer.Option("--output", "-o", metavar="FILE", help="write to a file")] = None,
) -> None:
    """Print the IR of a function for arguments like these.

    Example: stepwell ir program.py:collatz 27 --level loops
    """
    import contextlib
    import sys

    import stepwell as sw

    from .errors import users_program
    from .files import write_text
    from .inputs import read_examples
    from .programs import load_function

    examples = read_examples(arguments or [])
    found = load_function(function)
    with contextlib.redirect_stdout(sys.stderr), users_program():
        text = sw.ir(found, *examples, level=level, locations=locations, target=target)
    write_text(output, text)
