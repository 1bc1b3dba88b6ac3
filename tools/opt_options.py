"""The options of `stepwell opt`, as data: one field an option."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import typer
from typer.core import TyperCommand


def _flag(name: str, help_text: str, panel: str | None = None) -> Any:
    return typer.Option(name, help=help_text, rich_help_panel=panel)


def _value(name: str, metavar: str, help_text: str, panel: str | None = None) -> Any:
    return typer.Option(name, metavar=metavar, help=help_text, rich_help_panel=panel)


_WATCH = "Watching the passes (on standard error)"
_CHECK = "Checking the passes"
_TEXT = "The text as a whole"
_ABOUT = "What there is"


@dataclass(frozen=True, kw_only=True)
class Options:
    """What `stepwell opt` is asked to do; the help of each option says what it is."""

    file: Annotated[str, typer.Argument(metavar="[FILE]", help="IR of any level; - is standard input")] = "-"
    pipeline: Annotated[
        list[str] | None,
        typer.Option(
            "--pipeline",
            "--pass-pipeline",
            "-p",
            metavar="PASSES",
            help="passes and named pipelines: a,b{option=1},O1,func.func(c,d)",
        ),
    ] = None
    start: Annotated[str | None, _value("--from", "LEVEL", "the level the text is at")] = None
    end: Annotated[str | None, _value("--to", "LEVEL", "then lower to this level")] = None
    target: Annotated[
        str, _value("--target", "CPU", "the CPU that vectors and tiles are for, where a pass names none")
    ] = "host"
    output: Annotated[str | None, typer.Option("--output", "-o", metavar="FILE", help="write to a file")] = None
    locations: Annotated[bool, _flag("--locations", "show the location of each op")] = False

    print_ir_before: Annotated[
        list[str] | None, _value("--print-ir-before", "[=PASS,…]", "print the IR before each pass, or these", _WATCH)
    ] = None
    print_ir_after: Annotated[
        list[str] | None, _value("--print-ir-after", "[=PASS,…]", "print the IR after each pass, or these", _WATCH)
    ] = None
    print_ir_after_change: Annotated[
        bool, _flag("--print-ir-after-change", "print it after a pass only if the pass changed it", _WATCH)
    ] = False
    timing: Annotated[bool, _flag("--timing", "print the time of each pass and pattern", _WATCH)] = False
    stats: Annotated[bool, _flag("--stats", "print op counts, and how often patterns rewrote", _WATCH)] = False
    why_not: Annotated[
        list[str] | None, _value("--why-not", "PASS", "print each match that a pass refused, and why", _WATCH)
    ] = None
    dump_pipeline: Annotated[
        bool, _flag("--dump-pass-pipeline", "print the passes that ran, as a pipeline", _WATCH)
    ] = False

    verify_each: Annotated[
        bool, _flag("--verify-each/--no-verify-each", "verify after every pass, or not at all", _CHECK)
    ] = True
    verify_each_pattern: Annotated[
        bool, _flag("--verify-each-pattern", "verify after every rewrite by a pattern, too", _CHECK)
    ] = False
    validate: Annotated[
        bool, _flag("--validate", "run the program before and after every pass, and compare", _CHECK)
    ] = False
    inputs: Annotated[
        list[str] | None,
        _value("--input", "VALUE", "validate on this input, as for `stepwell run`; once for each parameter", _CHECK),
    ] = None
    allow_unchanged: Annotated[
        bool, _flag("--allow-unchanged", "--validate succeeds where no pass changes the program", _CHECK)
    ] = False
    runs: Annotated[int | None, _value("--runs", "N", "validate on N sets of generated inputs", _CHECK)] = None
    crash_reproducer: Annotated[
        str | None, _value("--crash-reproducer", "FILE", "write a reproducer here if a pass fails", _CHECK)
    ] = None
    run_reproducer: Annotated[bool, _flag("--run-reproducer", "run a reproducer again", _CHECK)] = False

    split_input_file: Annotated[
        bool, _flag("--split-input-file", "process parts between lines of // ----- separately", _TEXT)
    ] = False
    verify_diagnostics: Annotated[
        bool, _flag("--verify-diagnostics", "check that errors are those of // expected-error {{…}}", _TEXT)
    ] = False

    list_passes: Annotated[bool, _flag("--list-passes", "list all passes", _ABOUT)] = False
    list_pipelines: Annotated[bool, _flag("--list-pipelines", "list all named pipelines", _ABOUT)] = False
    list_targets: Annotated[bool, _flag("--list-targets", "what CPUs code can be made for", _ABOUT)] = False
    help_pass: Annotated[
        str | None,
        _value("--help-pass", "PASS", "document a pass or a named pipeline; also: --help PASS", _ABOUT),
    ] = None


class OptCommand(TyperCommand):
    """The command line of `opt`: values of some options may be left out, and `--help` may be followed by a pass."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Typer's, after `--help PASS` has become `--help-pass PASS`, and an option without a value an empty one."""
        if "--help" in args:
            at = args.index("--help")
            if at + 1 < len(args) and not args[at + 1].startswith("-"):
                args = [*args[:at], "--help-pass", *args[at + 1 :]]
        optional = ("--print-ir-before", "--print-ir-after")
        return super().parse_args(ctx, [f"{arg}=" if arg in optional else arg for arg in args])
