"""The `stepwell` command: a file a subcommand. Whatever is heavy is imported by the subcommand that needs it."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from .bisect import bisect
from .errors import BAD_INPUT, FAILED, explain
from .explore import explore
from .export import export
from .ir import INPUTS, ir
from .opt import opt
from .opt_options import OptCommand
from .reduce import reduce
from .run import run
from .saved_model import app as saved_model


class _Group(TyperGroup):
    """Runs a subcommand; whatever goes wrong becomes one message on standard error and an exit code."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        kwargs["standalone_mode"] = False
        try:
            code = super().main(*args, **kwargs)
            sys.stdout.flush()
            sys.exit(code or 0)
        except BrokenPipeError:  # whoever reads the output has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(FAILED)
        except Exception as error:
            if _shows_tracebacks:
                raise
            sys.exit(_tell(error))


_shows_tracebacks = False


def _tell(error: Exception) -> int:
    """Print what is wrong; the exit code."""
    if hasattr(error, "format_message"):  # the command line's own errors
        message = error.format_message()  # pyright: ignore[reportAttributeAccessIssue]
        if message:
            typer.echo(f"error: {message}", err=True)
        return BAD_INPUT
    if isinstance(error, typer.Abort):
        return FAILED
    told = explain(error)
    typer.echo(f"error: {told.message}", err=True)
    return told.code


app = typer.Typer(cls=_Group, add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def stepwell(
    traceback: Annotated[bool, typer.Option("--traceback", help="show Python's traceback of errors")] = False,
) -> None:
    """Compile, look at and run tensor programs, at every level."""
    global _shows_tracebacks
    _shows_tracebacks = traceback


@app.command()
def demo() -> None:
    """Train on handwritten digits, show a loop at every level, export, and compare the engines."""
    from .demo import run_demo

    run_demo()


app.command(context_settings=INPUTS)(ir)
app.command(cls=OptCommand)(opt)
app.command(context_settings=INPUTS)(run)
app.command(context_settings=INPUTS)(export)
app.command(context_settings=INPUTS)(explore)
app.command()(reduce)
app.command(context_settings=INPUTS)(bisect)
app.add_typer(saved_model, name="saved-model")
