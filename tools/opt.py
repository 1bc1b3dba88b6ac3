"""`stepwell opt`: text in, passes, text out."""

from __future__ import annotations

import typer

from .command import with_options
from .opt_options import Options


@with_options(Options)
def opt(options: Options) -> None:
    """Run passes over the text of IR.

    Example: stepwell opt program.mlir -p canonicalize,cse --to loops
    """
    shown = _catalogue(options)
    if shown:
        typer.echo(shown, nl=False)
        return
    from .files import read_text, write_text
    from .opt_session import Session

    session = Session.of(options, read_text(options.file))
    try:
        result = session.run()
    finally:
        typer.echo(session.report(), nl=False, err=True)
    if result is not None:
        write_text(options.output, result)
    if session.code:
        raise typer.Exit(session.code)


def _catalogue(options: Options) -> str:
    """What was asked about passes and pipelines; empty where nothing was."""
    if not (options.list_passes or options.list_pipelines or options.list_targets or options.help_pass):
        return ""
    from .opt_catalogue import help_on, list_passes, list_pipelines, list_targets

    parts = []
    if options.list_passes:
        parts.append(list_passes())
    if options.list_pipelines:
        parts.append(list_pipelines())
    if options.list_targets:
        parts.append(list_targets())
    if options.help_pass:
        parts.append(help_on(options.help_pass))
    return "\n".join(parts)
