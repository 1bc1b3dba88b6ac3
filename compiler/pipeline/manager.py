"""Runs passes over a module, checks levels, and lets instruments watch."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from ...dialects.diagnostics import PassError, PipelineError, StepwellError
from ...dialects.garbage import uncollected
from ...dialects.levels import LEVELS, Level
from ...dialects.plugins import all_levels, find_stage
from ...dialects.recursion import deep_recursion
from ..rewriting import RewriteObserver, observe_rewrites
from .failure import pass_error
from .pipelines import parse
from .reproducer import configured_path, reproducer_of_failure
from .verification import first_invalid


class Instrument(Protocol):
    """Watches a pipeline run. One that is a `RewriteObserver` too is notified of the patterns of each pass."""

    def before(self, pass_: ModulePass, module: ModuleOp) -> None:
        """Called before a pass runs."""
        ...

    def after(self, pass_: ModulePass, module: ModuleOp) -> None:
        """Called after a pass ran and its result was checked."""
        ...


@dataclass
class Timing:
    """An instrument that adds up the seconds of each pass."""

    seconds: dict[str, float] = field(default_factory=dict)
    _started: float = 0.0

    def before(self, pass_: ModulePass, module: ModuleOp) -> None:
        """Start the clock."""
        self._started = time.perf_counter()

    def after(self, pass_: ModulePass, module: ModuleOp) -> None:
        """Stop it."""
        spent = time.perf_counter() - self._started
        self.seconds[pass_.name] = self.seconds.get(pass_.name, 0.0) + spent


def level_of(module: ModuleOp) -> str | None:
    """The highest level at which every op of `module` is legal; levels of plug-ins come after stepwell's own."""

    def fits(level: Level) -> bool:
        return next(level.illegal_ops(module), None) is None

    found = next((name for name, level in LEVELS.items() if fits(level)), None)
    return found or next((name for name, level in all_levels().items() if fits(level)), None)


@dataclass
class PassManager:
    """Runs pipelines.

    The level of the module is checked where it changes: before a pass that requires another level than the one known so
    far, and after a pass that leads to another one.

    Attributes:
        context: the dialects the passes may use.
        verify_each: verify the module, and check its level, after every pass.
        instruments: told before and after each pass.
        crash_reproducer: where the module before a pass that fails is written, with what replays it; None: nowhere.
    """

    context: Context
    verify_each: bool = False
    instruments: Sequence[Instrument] = ()
    crash_reproducer: str | None = field(default_factory=configured_path)

    @uncollected()
    @deep_recursion()
    def run(self, module: ModuleOp, pipeline: str | Sequence[ModulePass]) -> None:
        """Run the passes of `pipeline` over `module`, in place.

        Raises PipelineError where the module is not at the level a pass requires, PassError where a pass fails or
        leaves a module that is not valid or not at the level it promised.
        """
        passes = parse(pipeline) if isinstance(pipeline, str) else pipeline
        level: str | None = None
        for pass_ in passes:
            with reproducer_of_failure(self.crash_reproducer, module, [pass_], self.verify_each):
                level = self._run_one(module, pass_, level)

    def _run_one(self, module: ModuleOp, pass_: ModulePass, level: str | None) -> str | None:
        """Run a pass on a module known to be at `level`; the level it is at afterwards."""
        requires, ensures = getattr(pass_, "requires", None), getattr(pass_, "ensures", None)
        if requires is not None and requires != level:
            _require(module, requires, pass_)
            level = requires
        for instrument in self.instruments:
            instrument.before(pass_, module)
        self._apply(module, pass_)
        after = ensures or level
        if self.verify_each:
            _verify(module, pass_)
        if after is not None and (after != level or self.verify_each):
            _check_left(module, after, pass_)
        for instrument in self.instruments:
            instrument.after(pass_, module)
        return after

    def _apply(self, module: ModuleOp, pass_: ModulePass) -> None:
        observers = [instrument for instrument in self.instruments if isinstance(instrument, RewriteObserver)]
        try:
            with observe_rewrites(*observers):
                pass_.apply(self.context, module)
        except StepwellError as error:
            error.__dict__.pop("__notes__", None)  # xDSL's rewriter adds the whole module to what patterns raise
            raise
        except (Exception, SystemExit) as error:
            raise pass_error(pass_, error) from error


def _stage(name: str, pass_: ModulePass) -> Level:
    found = find_stage(name)
    if found is None:
        raise PipelineError(f"pass '{pass_.name}' names a level that does not exist: '{name}'")
    return found


def _require(module: ModuleOp, level: str, pass_: ModulePass) -> None:
    op = next(_stage(level, pass_).illegal_ops(module), None)
    if op is not None:
        raise PipelineError(
            f"pass '{pass_.name}' needs a module at level {level}, which '{op.name}' is not of", location=op.location
        )


def _check_left(module: ModuleOp, level: str, pass_: ModulePass) -> None:
    op = next(_stage(level, pass_).illegal_ops(module), None)
    if op is not None:
        what = f"leaves '{op.name}', which is not of level {level}"
        raise PassError(pass_.name, what, location=op.location, op=op.name)


def _verify(module: ModuleOp, pass_: ModulePass) -> None:
    wrong = first_invalid(module)
    if wrong is not None:
        what = f"leaves a '{wrong.op.name}' that is not valid: {wrong.message}"
        raise PassError(pass_.name, what, location=wrong.op.location, op=wrong.op.name)


def require_level(module: ModuleOp, level: str | None = None) -> str:
    """The level of `module`, or `level` where that is given and fits.

    Raises PipelineError naming the first op that is not of the level, or that keeps the module from being of any.
    """
    found = level_of(module) if level is None else level
    if found is None:
        nearest = max(all_levels().values(), key=lambda known: sum(map(known.allows, module.walk())))
        op = next(nearest.illegal_ops(module))
        raise PipelineError(
            f"the module is at no one level: most of it is of level {nearest.name}, '{op.name}' is not",
            location=op.location,
        )
    known = LEVELS if found in LEVELS else all_levels()
    if found not in known:
        raise PipelineError(f"there is no level '{found}'", remedy=f"levels are {', '.join(known)}")
    op = next(known[found].illegal_ops(module), None)
    if op is not None:
        raise PipelineError(f"'{op.name}' is not of level {found}", location=op.location)
    return found
