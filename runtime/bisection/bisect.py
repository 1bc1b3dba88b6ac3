"""The bisection: after each pass, then each rewrite of the guilty pass, then each op."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from xdsl.dialects.builtin import LocationAttr, ModuleOp
from xdsl.ir import Operation
from xdsl.passes import ModulePass

from ...compiler.interchange.mlir.text import print_module
from ...compiler.pipeline.manager import PassManager, require_level
from ...compiler.pipeline.named import PIPELINES, STEPS
from ...compiler.pipeline.pipelines import parse, steps_between
from ...compiler.pipeline.verification import first_invalid
from ...compiler.reducer.edits import remove_dead
from ...dialects.context import make_context
from ...dialects.diagnostics import PassError, StepwellError
from ...dialects.public import public
from ..outcomes import RTOL, Outcome, Tolerance, difference, tolerance_after
from .culprit import Culprit, FoundRewrite
from .oracle import Oracle, oracle_of
from .program import Program, program_of
from .rewrites import find_rewrite
from .runs import ENGINES, Interpreted, Run
from .slices import find_op
from .values import Record, first_mismatch, recorded

Passes = str | ModulePass | Sequence[ModulePass]
"""A pipeline as text, a pass, or passes."""

TIMEOUT = 120.0
"""How many seconds a run may take: what is wrong may also be that a loop does not end."""


@public("debugging")
def bisect(
    f: Callable[..., object] | ModuleOp,
    *args: object,
    oracle: str | os.PathLike[str] | Callable[..., object] = "interpreter",
    engine: str | None = None,
    pipeline: Passes | None = None,
    rtol: float = RTOL,
    timeout: float | None = TIMEOUT,
) -> Culprit:
    """Find the first pass, rewrite, op and line of the user's at which the results of `f` become wrong.

    The function is run on the interpreter as traced, and again after each pass of its lowering; then on the engine.
    The first step whose results differ from those of the step before is the guilty one. If it is a pass that works by
    patterns, it is run again, stopped after so many rewrites, until the rewrite is found; then the program is cut off
    behind one op after the other. After a pass, results have to be the same bit for bit, unless it declares itself
    inexact.

    Args:
        f: a function, a `sw.function`, a concrete function, or a module.
        args: its arguments, small ones: the interpreter is slow. For a module arrays for all of its parameters.
        oracle: what is right: `"interpreter"` (the program as traced), another engine, the path of an ONNX file, or a
            function that is called with `args`.
        engine: whose lowering is checked: `"native"`, `"onnx"`, or `"interpreter"` for no passes at all. By default the
            function's own; with a `pipeline`, none after it.
        pipeline: the passes to check, instead of the engine's.
        rtol: how far floats may be off after a pass that is not exact, on an engine, and from the oracle.
        timeout: how many seconds one run on the interpreter may take; a longer one has failed. None: any number.

    Returns the culprit, which is false when nothing differs.

    Example:
        >>> import stepwell as sw
        >>> @sw.function
        ... def double(x):
        ...     return x + x
        >>> print(bisect(double, sw.constant(2.0), pipeline="canonicalize,cse"))
        nothing differs (2 passes, 1 runs)
    """
    program = program_of(f, args)
    engine = engine or ("interpreter" if pipeline is not None else program.engine)
    if engine != "interpreter" and engine not in ENGINES:
        raise ValueError(f"bisect: engine: expected one of interpreter, {', '.join(ENGINES)}, got {engine!r}")
    passes = _passes(engine, program.module) if pipeline is None else _chosen(pipeline)
    search = _Search(program, passes, engine, rtol, Interpreted(timeout))
    return search.run(oracle_of(oracle, program, args))


def _chosen(pipeline: Passes) -> tuple[ModulePass, ...]:
    if isinstance(pipeline, str):
        return parse(pipeline)
    return (pipeline,) if isinstance(pipeline, ModulePass) else tuple(pipeline)


def _passes(engine: str, module: ModuleOp) -> tuple[ModulePass, ...]:
    """The passes that take a module from the level it is at to an engine."""
    if engine == "interpreter":
        return ()
    level = require_level(module, "hl" if engine == "onnx" else None)
    if engine == "onnx":
        return parse(PIPELINES["export-onnx"])
    simplify = parse(STEPS["hl"]) if level == "hl" else ()
    return (*simplify, *parse(steps_between(level, "llvm")))


@dataclass
class _Search:
    """A bisection that is going on.

    Attributes:
        program: what is bisected.
        passes: the passes on the way.
        engine: what runs the module after them.
        rtol: for what need not be exact.
        interpreted: runs modules on the interpreter.
        runs: how many runs there were.
    """

    program: Program
    passes: tuple[ModulePass, ...]
    engine: str
    rtol: float
    interpreted: Interpreted
    runs: int = 0
    _manager: PassManager = field(default_factory=lambda: PassManager(make_context(), verify_each=True))

    def run(self, oracle: Oracle) -> Culprit:
        """The first step that is wrong."""
        module = self.program.module.clone()
        outcome = self._outcome(module)
        culprit = self._against(oracle, outcome) or self._walk(module, outcome)
        return replace(culprit, runs=self.runs, steps=len(self.passes))

    def _outcome(self, module: ModuleOp, run: Run | None = None) -> Outcome:
        self.runs += 1
        return (run or self.interpreted)(module, self.program.inputs())

    def _against(self, oracle: Oracle, outcome: Outcome) -> Culprit | None:
        """The trace, if it is not what the oracle says."""
        if oracle.expected is None:
            return None
        found = difference(outcome.without_effects(), oracle.expected, Tolerance(self.rtol))
        if found is None:
            return None
        culprit = Culprit(
            "trace", oracle.name, difference=found, exact=False, failure=_failure(outcome, oracle.expected)
        )
        values = oracle.values()
        if not values:
            return replace(culprit, notes=("the oracle has no source lines: the op that differs is unknown",))
        mismatch = first_mismatch(self._values(self.program.module.clone()), values, Tolerance(self.rtol))
        if mismatch is None:
            return replace(culprit, notes=("no single op differs from the node of its line",))
        error = mismatch.difference.error
        note = f"there, {mismatch.expected.op} and {mismatch.got.op} of the oracle differ by {error:.3g}"
        return replace(culprit, op=mismatch.expected.op, location=mismatch.expected.location, notes=(note,))

    def _values(self, module: ModuleOp) -> list[Record]:
        """The values of a module's ops, except unused ones."""
        remove_dead(module)
        self.runs += 1
        return recorded(module, self.program.inputs(), self.interpreted.timeout)

    def _walk(self, module: ModuleOp, outcome: Outcome) -> Culprit:
        """The first pass, or the engine, that is wrong."""
        text = print_module(module)
        for number, pass_ in enumerate(self.passes, 1):
            after = module.clone()
            try:
                self._manager.run(after, [pass_])
            except StepwellError as error:
                return self._failed(module, pass_, number, error)
            new_text = print_module(after)
            if new_text != text:
                got = self._outcome(after)
                if difference(got, outcome, self._tolerance(pass_)) is not None:
                    return self._blame_pass(module, number, got, outcome)
                outcome = got
            module, text = after, new_text
        return self._last(module, outcome)

    def _tolerance(self, pass_: ModulePass) -> Tolerance:
        return tolerance_after([pass_], self.rtol)

    def _last(self, module: ModuleOp, outcome: Outcome) -> Culprit:
        """The engine, if it does not agree with the interpreter on the same module."""
        notes = () if outcome.failure is None else (f"the program fails, on the interpreter too: {outcome.failure}",)
        if self.engine == "interpreter":
            return Culprit("none", notes=notes)
        run = ENGINES[self.engine]
        got = self._outcome(module, run)
        found = difference(got, outcome, Tolerance(self.rtol))
        if found is None:
            return Culprit("none", notes=notes)
        op = find_op(self.program.module, found, lambda cut: self._engine_is_wrong(cut, run))
        name, location = _where(op) if op is not None else _failed_op(got, outcome)
        failure = _failure(got, outcome)
        culprit = Culprit("engine", self.engine, difference=found, failure=failure, exact=False)
        return replace(culprit, op=name, location=location)

    def _engine_is_wrong(self, cut: ModuleOp, run: Run) -> bool:
        try:
            self._manager.run(cut, self.passes)
        except StepwellError:
            return False
        return _results_differ(self._outcome(cut, run), self._outcome(cut), Tolerance(self.rtol))

    def _failed(self, before: ModuleOp, pass_: ModulePass, number: int, error: StepwellError) -> Culprit:
        """A pass that failed, or left a module that is not valid."""
        op, location = (error.op if isinstance(error, PassError) else None), error.location
        culprit = Culprit("pass", pass_.name, number, op=op, location=location, failure=error.message)
        if error.__cause__ is not None or not isinstance(error, PassError):
            return culprit
        found = find_rewrite(before, lambda module: self._apply(pass_, module), _is_invalid)
        return _with_rewrite(culprit, found)

    def _apply(self, pass_: ModulePass, module: ModuleOp) -> None:
        pass_.apply(self._manager.context, module)

    def _blame_pass(self, before: ModuleOp, number: int, got: Outcome, expected: Outcome) -> Culprit:
        """Which rewrite of the pass it was, and which op."""
        pass_ = self.passes[number - 1]
        tolerance = self._tolerance(pass_)

        def judge(module: ModuleOp) -> bool | None:
            if first_invalid(module) is not None:
                return None
            return difference(self._outcome(module), expected, tolerance) is not None

        found, failure = difference(got, expected, tolerance), _failure(got, expected)
        culprit = Culprit("pass", pass_.name, number, difference=found, failure=failure, exact=not tolerance.rtol)
        culprit = _with_rewrite(culprit, find_rewrite(before, lambda module: self._apply(pass_, module), judge))
        if culprit.op is not None:
            return culprit
        assert found is not None
        cut_off = find_op(self.program.module, found, lambda cut: self._pass_is_wrong(cut, number))
        op, location = _where(cut_off)
        if op is None:
            op, location = _failed_op(got, expected)
        if op is None:
            op, location = self._op_with_other_values(before, pass_)
        return replace(culprit, op=op, location=location)

    def _pass_is_wrong(self, cut: ModuleOp, number: int) -> bool:
        """Whether a pass changes what a program that is cut off comes to."""
        pass_ = self.passes[number - 1]
        try:
            self._manager.run(cut, self.passes[: number - 1])
            expected = self._outcome(cut)
            self._manager.run(cut, [pass_])
        except StepwellError:
            return False
        return _results_differ(self._outcome(cut), expected, self._tolerance(pass_))

    def _op_with_other_values(self, before: ModuleOp, pass_: ModulePass) -> tuple[str | None, LocationAttr | None]:
        """The first op that gives something that no op of its line gives after the pass."""
        after = before.clone()
        self._manager.run(after, [pass_])
        values = [self._values(module) for module in (before.clone(), after)]
        mismatch = first_mismatch(values[0], values[1], self._tolerance(pass_))
        return (mismatch.expected.op, mismatch.expected.location) if mismatch is not None else (None, None)


def _results_differ(got: Outcome, expected: Outcome, tolerance: Tolerance) -> bool:
    """Whether the results differ; what else the runs did does not count."""
    return difference(got.without_effects(), expected.without_effects(), tolerance) is not None


def _where(op: Operation | None) -> tuple[str | None, LocationAttr | None]:
    return (op.name, op.location) if op is not None else (None, None)


def _failure(got: Outcome, expected: Outcome) -> str | None:
    """Why a run failed that was not to fail, or not that way."""
    wrong = expected.failure is None or (got.undefined and not expected.undefined)
    return got.failure if wrong else None


def _failed_op(got: Outcome, expected: Outcome) -> tuple[str | None, LocationAttr | None]:
    """The op at which the run failed that was not to fail, or did not fail that was to."""
    failed = got if got.failure is not None else expected
    return failed.failed_op, failed.failed_at


def _is_invalid(module: ModuleOp) -> bool:
    return first_invalid(module) is not None


def _with_rewrite(culprit: Culprit, found: FoundRewrite | str) -> Culprit:
    if isinstance(found, str):
        return replace(culprit, notes=(*culprit.notes, found))
    rewrite = found.rewrite
    return replace(culprit, rewrite=found, op=rewrite.op, location=rewrite.location)
