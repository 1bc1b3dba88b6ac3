"""`stepwell opt`: text in, passes, text out.

What watches the passes is an instrument of the pass manager and comes with the `Request`; what is done to a text as a
whole stands in `transformed`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from xdsl.passes import ModulePass

    from ..compiler.pipeline.manager import Instrument
    from ..compiler.pipeline.reproducer import Reproducer


def opt(
    file: Annotated[str, typer.Argument(metavar="[FILE]", help="IR of any level; - is standard input")] = "-",
    pipeline: Annotated[
        list[str] | None,
        typer.Option("--pipeline", "-p", metavar="PASSES", help="passes and named pipelines: a,b{option=1},O1"),
    ] = None,
    start: Annotated[str | None, typer.Option("--from", metavar="LEVEL", help="the level the text is at")] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="LEVEL", help="then go down to this level")] = None,
    output: Annotated[str | None, typer.Option("--output", "-o", metavar="FILE", help="write to a file")] = None,
    locations: Annotated[bool, typer.Option("--locations", help="show the location of each op")] = False,
    verify_each: Annotated[bool, typer.Option("--verify-each", help="verify after every pass")] = False,
    timing: Annotated[bool, typer.Option("--timing", help="tell the seconds of each pass, on standard error")] = False,
    list_passes: Annotated[bool, typer.Option("--list-passes", help="what passes there are")] = False,
    list_pipelines: Annotated[bool, typer.Option("--list-pipelines", help="what named pipelines there are")] = False,
    help_pass: Annotated[str | None, typer.Option("--help-pass", metavar="PASS", help="all about a pass")] = None,
    crash_reproducer: Annotated[
        str | None,
        typer.Option("--crash-reproducer", metavar="FILE", help="where a pass that fails leaves what shows it again"),
    ] = None,
    run_reproducer: Annotated[bool, typer.Option("--run-reproducer", help="replay a file left so")] = False,
) -> None:
    """Run passes over the text of IR.

    Example: stepwell opt program.mlir -p canonicalize,cse --to loops
    """
    if list_passes or list_pipelines or help_pass:
        typer.echo(_catalogue(list_passes, list_pipelines, help_pass), nl=False)
        return
    from ..compiler.pipeline.manager import Timing
    from ..compiler.pipeline.pipelines import parse
    from .files import read_text, write_text

    text, timer = read_text(file), Timing() if timing else None
    replayed = _replayed(text, file) if run_reproducer else None
    passes = parse(replayed.pipeline if replayed else ",".join(pipeline or []))
    verify_each = verify_each or (replayed is not None and replayed.verify_each)
    watching = [timer] if timer else []
    request = Request(passes, start, end, locations, verify_each, watching, crash_reproducer)
    try:
        result = transformed(text, _named(file), request)
    finally:
        if timer is not None:
            typer.echo(_timing_table(timer.seconds), err=True)
    write_text(output, result)


def _named(file: str) -> str:
    """The name of a file in locations."""
    return "<stdin>" if file == "-" else file


def _replayed(text: str, file: str) -> Reproducer:
    from ..compiler.pipeline.reproducer import parse_reproducer

    return parse_reproducer(text, _named(file))


@dataclass(frozen=True)
class Request:
    """What to do with a text.

    Attributes:
        passes: the passes to run.
        start: the level the text is at; None: see for yourself.
        end: the level to go down to after the passes; None: stay.
        locations: whether the result shows the location of each op.
        verify_each: whether the module is verified after every pass.
        instruments: what watches the passes.
        crash_reproducer: where a pass that fails leaves what shows it again; None: where the configuration says.
    """

    passes: Sequence[ModulePass]
    start: str | None
    end: str | None
    locations: bool
    verify_each: bool
    instruments: Sequence[Instrument]
    crash_reproducer: str | None = None


def transformed(text: str, name: str, request: Request) -> str:
    """The text of the module after the passes."""
    from ..compiler.interchange.mlir_text import parse_module, print_module
    from ..compiler.pipeline.manager import PassManager, require_level
    from ..compiler.pipeline.pipelines import steps_between
    from ..compiler.pipeline.reproducer import configured_path
    from ..dialects.context import make_context

    module = parse_module(text, name)
    if request.start is not None:
        require_level(module, request.start)
    reproducer = request.crash_reproducer or configured_path()
    manager = PassManager(make_context(), request.verify_each, request.instruments, reproducer)
    manager.run(module, request.passes)
    if request.end is not None:
        level = None if request.passes else request.start
        manager.run(module, steps_between(require_level(module, level), request.end))
    return print_module(module, locations=request.locations)


def _catalogue(passes: bool, pipelines: bool, pass_name: str | None) -> str:
    """What `--list-passes`, `--list-pipelines` and `--help-pass` print."""
    from ..compiler.pipeline.documentation import help_text, summary
    from ..compiler.pipeline.pipelines import PIPELINES, STEPS
    from ..compiler.pipeline.registry import pass_class, pass_names

    parts = []
    if passes:
        parts.append(_table([(name, summary(pass_class(name))) for name in pass_names()]))
    if pipelines:
        steps = [(f"to {level}", text) for level, text in STEPS.items()]
        parts.append(_table([*((name, text or "(no pass)") for name, text in PIPELINES.items()), *steps]))
    if pass_name:
        parts.append(help_text(pass_class(pass_name)))
    return "\n".join(parts)


def _timing_table(seconds: Mapping[str, float]) -> str:
    rows = [(name, f"{spent * 1000:10.2f} ms") for name, spent in seconds.items()]
    return _table([*rows, ("total", f"{sum(seconds.values()) * 1000:10.2f} ms")]).rstrip()


def _table(rows: Sequence[tuple[str, str]]) -> str:
    width = max(len(name) for name, _ in rows)
    return "".join(f"{name:{width}}  {text}\n" for name, text in rows)
