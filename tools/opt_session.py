"""One call of `stepwell opt`: what watches the passes, and what is done to the text, part by part."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import typer
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from ..compiler.interchange.mlir.text import parse_module, print_module
from ..compiler.pipeline.instruments import PrintIR, Refusals, Statistics, TimeTree, VerifyPatterns
from ..compiler.pipeline.instruments import pattern_verification as patterns
from ..compiler.pipeline.instruments.printing import NOTHING
from ..compiler.pipeline.instruments.selection import Selection
from ..compiler.pipeline.manager import Instrument, PassManager, require_level
from ..compiler.pipeline.pipelines import for_target, parse, pipeline_text, steps_between
from ..compiler.pipeline.reproducer import Reproducer, configured_path, parse_reproducer
from ..compiler.targets import HOST, find_target
from ..dialects.context import make_context
from ..dialects.diagnostics import StepwellError
from .errors import FAILED, CommandError, explain
from .opt_diagnostics import Diagnostic, expected_diagnostics, mismatches
from .opt_options import Options

if TYPE_CHECKING:
    from stepwell.testing.translation import TranslationValidation

_SPLIT = re.compile(r"^// -----[ \t]*\n", re.MULTILINE)
"""The line between two parts of a file, MLIR's."""
_VALIDATE = "validate"
"""What a reproducer calls the inputs on which a pass changes results."""

_UNCHANGED = "--validate: no pass changed the program, so that nothing was validated; --allow-unchanged to accept that"


@dataclass
class _RanPasses:
    """An instrument that notes which passes were started."""

    passes: list[ModulePass] = field(default_factory=list)

    def before(self, pass_: ModulePass, module: ModuleOp) -> None:
        self.passes.append(pass_)

    def after(self, pass_: ModulePass, module: ModuleOp) -> None:
        pass


@dataclass
class Session:
    """What is to be done, and what came of it.

    Attributes:
        options: what was asked for.
        text: the text, of all parts.
        name: the name of its file.
        passes: the passes to run.
        replayed: the reproducer that is replayed, if any.
        times, statistics: watch the passes of all parts, where that was asked for.
        code: the exit code, where that is not told by an error.
    """

    options: Options
    text: str
    name: str
    passes: Sequence[ModulePass]
    replayed: Reproducer | None
    times: TimeTree | None
    statistics: Statistics | None
    code: int = 0

    @staticmethod
    def of(options: Options, text: str) -> Session:
        """What was asked for, checked."""
        name = "<stdin>" if options.file == "-" else options.file
        replayed = parse_reproducer(text, name) if options.run_reproducer else None
        if options.target != HOST:
            find_target(options.target)
        passes = parse(replayed.pipeline if replayed else ",".join(options.pipeline or []))
        if options.why_not and not passes and options.end is None:
            passes = parse(",".join(options.why_not))
        passes = for_target(passes, options.target)
        times = TimeTree() if options.timing else None
        statistics = Statistics() if options.stats else None
        return Session(options, text, name, passes, replayed, times, statistics)

    def run(self) -> str | None:
        """The text of all parts after the passes; None where there is none to show.

        Without `--split-input-file` an error is raised; with it the other parts are still run, and the error is shown.
        """
        parts = _split(self.text) if self.options.split_input_file else [self.text]
        if self.options.verify_diagnostics:
            for part in parts:
                self._check_diagnostics(part)
            return None
        if not self.options.split_input_file:
            return _Part(self, self.text).run()
        results = [self._run_part(part) for part in parts]
        done = [result for result in results if result is not None]
        return "// -----\n".join(done) if done and (len(done) == len(parts) or self.options.output is None) else None

    def _run_part(self, text: str) -> str | None:
        try:
            return _Part(self, text).run()
        except (StepwellError, CommandError) as error:
            told = explain(error)
            typer.echo(f"error: {told.message}", err=True)
            self.code = max(self.code, told.code)
            return None

    def _check_diagnostics(self, text: str) -> None:
        part, found = _Part(self, text), []
        try:
            part.run()
        except StepwellError as error:
            message = f"{error.message}; {error.remedy}" if error.remedy else error.message
            found.append(Diagnostic.of("error", error.location, message, self.name))
        for remark in part.refusals.remarks if part.refusals is not None else ():
            found.append(Diagnostic.of("remark", remark.location, remark.message, self.name))
        for message in mismatches(expected_diagnostics(text), found, self.name):
            typer.echo(message, err=True)
            self.code = FAILED

    def report(self) -> str:
        """What is printed at the end."""
        tables = [watched.table() for watched in (self.statistics, self.times) if watched is not None]
        return "\n".join(tables)


class _Part:
    """A text that is one module."""

    def __init__(self, session: Session, text: str):
        self.session, self.text, self.options = session, text, session.options
        self.refusals = Refusals(Selection.of(self.options.why_not)) if self.options.why_not else None
        self._ran = _RanPasses()
        self._checks = session.replayed.checks if session.replayed is not None else {}
        self._validation = self._make_validation()

    def run(self) -> str:
        """The text after the passes."""
        options, times = self.options, self.session.times
        if times is not None:
            times.start_module()
        with times.phase("parse") if times is not None else nullcontext():
            module = parse_module(self.text, self.session.name)
        if options.start is not None:
            require_level(module, options.start)
        try:
            self._run_passes(module)
        finally:
            if options.dump_pipeline:
                typer.echo(f"builtin.module({pipeline_text(self._ran.passes)})", err=True)
            if self.refusals is not None and not options.verify_diagnostics:
                typer.echo("".join(f"{remark}\n" for remark in self.refusals.remarks), nl=False, err=True)
        self._check_refusals()
        with times.phase("print") if times is not None else nullcontext():
            return print_module(module, locations=options.locations)

    def _run_passes(self, module: ModuleOp) -> None:
        options = self.options
        verify_each = options.verify_each or options.validate
        reproducer = options.crash_reproducer or configured_path()
        manager = PassManager(make_context(), verify_each, list(self._instruments()), reproducer)
        manager.run(module, self.session.passes)
        if options.end is not None:
            level = None if self.session.passes else options.start
            down = parse(steps_between(require_level(module, level), options.end))
            manager.run(module, for_target(down, options.target))
        if self._validation is not None:
            if options.validate and not (self._validation.changed or options.allow_unchanged):
                raise CommandError(_UNCHANGED)
            typer.echo(self._validation.summary(), nl=False, err=True)

    def _check_refusals(self) -> None:
        if self.refusals is None:
            return
        names = ", ".join(f"'{name}'" for name in self.options.why_not or ())
        if not self.refusals.runs:
            raise CommandError(f"--why-not: {names} is not among the passes that ran")
        if not self.refusals.remarks and not self.options.verify_diagnostics:
            typer.echo(f"remark: {names} gave no reason to leave anything", err=True)

    def _instruments(self) -> Iterator[Instrument]:
        """What watches the passes; what checks them comes last, so that what is printed is what it complains of."""
        watching = (self._ran, self.session.times, self.session.statistics, self.refusals)
        yield from (instrument for instrument in watching if instrument is not None)
        yield from self._printing()
        if self.options.verify_each_pattern or patterns.OPTION in self._checks:
            yield VerifyPatterns()
        if self._validation is not None:
            yield self._validation

    def _make_validation(self) -> TranslationValidation | None:
        options = self.options
        if not options.validate and (options.inputs or options.runs is not None):
            raise CommandError("--input and --runs say what to --validate on, which is not asked for")
        if not options.validate and _VALIDATE not in self._checks:
            return None
        from stepwell.testing.translation import RUNS, TranslationValidation, unpacked

        from ..runtime.text_inputs import arrays_for, read_inputs

        if _VALIDATE in self._checks:
            return unpacked(self._checks[_VALIDATE])
        given = read_inputs(options.inputs) if options.inputs else None
        runs = RUNS if options.runs is None else options.runs
        return TranslationValidation(None if given is None else lambda entry: arrays_for(entry, given), runs=runs)

    def _printing(self) -> Iterator[PrintIR]:
        options = self.options
        after = options.print_ir_after
        if options.print_ir_after_change and after is None:
            after = [""]
        if options.print_ir_before is not None or after is not None:
            yield PrintIR(
                lambda text: typer.echo(text, nl=False, err=True),
                NOTHING if options.print_ir_before is None else Selection.of(options.print_ir_before),
                NOTHING if after is None else Selection.of(after),
                options.print_ir_after_change,
                options.locations,
            )


def _split(text: str) -> list[str]:
    """The parts of a text between lines of `// -----`, each on the lines that it has in the whole text."""
    parts, start = [], 0
    for end, following in [*((m.start(), m.end()) for m in _SPLIT.finditer(text)), (len(text), len(text))]:
        if text[start:end].strip():
            parts.append("\n" * text.count("\n", 0, start) + text[start:end])
        start = following
    return parts
