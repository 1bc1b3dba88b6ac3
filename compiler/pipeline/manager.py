"""Runs passes over a module, checks levels, and lets instruments watch."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass
from xdsl.utils.exceptions import DiagnosticException, VerifyException

from ...dialects.levels import LEVELS
from ..diagnostics import PassError, PipelineError, StepwellError
from .pipelines import parse


class Instrument(Protocol):
    """Watches a pipeline run."""

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
    """The highest level at which every op of `module` is legal."""
    for name, level in LEVELS.items():
        if next(level.illegal_ops(module), None) is None:
            return name
    return None


def check_level(module: ModuleOp, level: str, pass_name: str, when: str) -> None:
    """`PassError` naming the first op of `module` that is not legal at `level`, with its line."""
    op = next(LEVELS[level].illegal_ops(module), None)
    if op is not None:
        raise PassError(pass_name, f"'{op.name}' is not legal {when} (level {level})", location=op.location)


@dataclass
class PassManager:
    """Runs pipelines.

    Attributes:
        context: the dialects the passes may use.
        verify_each: verify the module, and check its level, after every pass; otherwise only what passes promise.
        instruments: told before and after each pass.
    """

    context: Context
    verify_each: bool = False
    instruments: Sequence[Instrument] = ()

    def run(self, module: ModuleOp, pipeline: str | Sequence[ModulePass]) -> None:
        """Run the passes of `pipeline` over `module`, in place."""
        passes = parse(pipeline) if isinstance(pipeline, str) else pipeline
        for pass_ in passes:
            self._run_one(module, pass_)

    def _run_one(self, module: ModuleOp, pass_: ModulePass) -> None:
        requires, ensures = getattr(pass_, "requires", None), getattr(pass_, "ensures", None)
        if requires is not None and self.verify_each:
            check_level(module, requires, pass_.name, "before it")
        for instrument in self.instruments:
            instrument.before(pass_, module)
        try:
            pass_.apply(self.context, module)
        except (StepwellError, DiagnosticException):
            raise
        except Exception as error:
            raise PassError(pass_.name, f"failed with {type(error).__name__}: {error}") from error
        if self.verify_each:
            self._verify(module, pass_)
        if ensures is not None:
            check_level(module, ensures, pass_.name, "after it")
        for instrument in self.instruments:
            instrument.after(pass_, module)

    def _verify(self, module: ModuleOp, pass_: ModulePass) -> None:
        try:
            module.verify()
        except VerifyException as error:
            raise PassError(pass_.name, f"leaves a module that is not valid: {error}") from error


def require_level(module: ModuleOp) -> str:
    """The level of `module`; `PipelineError` where it mixes levels."""
    level = level_of(module)
    if level is None:
        raise PipelineError("the module mixes ops of several levels")
    return level
