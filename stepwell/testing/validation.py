"""Translation validation: does a pass leave what programs mean as it was?

Example:
    >>> from stepwell.testing import validate
    >>> report = validate("cse", max_examples=5)
    >>> report.programs
    5
"""

from __future__ import annotations

import json
import secrets
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from xdsl.dialects.builtin import ModuleOp, UnknownLoc
from xdsl.passes import ModulePass
from xdsl.utils.exceptions import VerifyException

from stepwell.compiler.interchange.mlir.entries import find_entry
from stepwell.compiler.interchange.mlir.text import parse_module, print_module
from stepwell.compiler.pipeline.manager import PassManager
from stepwell.compiler.pipeline.pipelines import parse
from stepwell.compiler.rewriting import observe_rewrites
from stepwell.dialects.context import make_context
from stepwell.dialects.diagnostics import StepwellError
from stepwell.runtime.outcomes import Difference, Outcome, Tolerance, difference, observe, tolerance_after

from .arguments import require_count
from .case_reduction import reduced
from .inputs import packed_arrays, unpacked_arrays
from .modules import Case
from .needed import expected_beside
from .other_inputs import other_inputs
from .pass_programs.attention import Attention
from .pass_programs.mixture import programs_for
from .provider import register
from .rounding import BY_ELEMENT, adds_up, beyond_rounding, rounded_otherwise
from .signatures import Signature, expected_after, observe_after

Passes = str | ModulePass | Sequence[ModulePass]
"""A pipeline as text, a pass, or passes."""

MAX_OPS = 500_000
"""How many ops a program may take to run; generated ones take far less."""

MAX_OPS_REDUCED = 20_000
"""How many it may take while it is made smaller, by which a loop may lose its end."""

MAX_OPS_OTHERWISE = 5_000
"""How many it may take on other inputs than its own; on those a loop may run long."""

ROUND = 20
"""How many programs are drawn before it is looked which patterns rewrote rarely."""

_NEXT_SEED = 2**32
"""What is added to the seed for each round."""

_UNCHANGED = (
    "it changed none of {0} programs, so that nothing was checked; give a strategy that draws programs it is for, or "
    "allow_unchanged=True"
)


class ValidationError(AssertionError):
    """A pass that changed what a program means, or broke a promise.

    Attributes:
        passes: the pipeline, as text.
        problem: what is wrong.
        before, after: the program before and after it, as text; `after` is empty where the pass failed.
        inputs: what the program was run on.
        expected, got: the outcomes of the runs, if they differ.
        programs: how many programs were looked at, this one among them.
        replay_file: a file that `replay` runs again.

    Where nothing was changed there is no program to show: `case` is None, and `before` empty.
    """

    def __init__(
        self,
        passes: str,
        problem: str,
        case: Case | None = None,
        after: str = "",
        expected: Outcome | None = None,
        got: Outcome | None = None,
    ):
        self.passes, self.problem, self.case = passes, problem, case
        self.before = print_module(case.module) if case is not None else ""
        self.after, self.expected, self.got = after, expected, got
        self.inputs, self.programs = case.inputs if case is not None else (), 0
        self.replay_file: Path | None = None
        super().__init__(problem)

    def is_like(self, other: ValidationError) -> bool:
        """Whether it was noticed as another one was; of a program that fails itself when it is run only if that does.

        What a program shows before it fails is easier seen in one that does not fail.
        """
        (how, fails), (other_how, other_fails) = self._kind, other._kind
        return how == other_how and fails <= other_fails

    @property
    def _kind(self) -> tuple[tuple[str, bool], bool]:
        """How it was noticed, and whether the program itself fails when it is run."""
        if self.expected is None or self.got is None:
            return (self.problem.partition(":")[0], False), False
        return ("another outcome", self.got.undefined), self.expected.failure is not None

    def __str__(self) -> str:
        parts = [f"'{self.passes}' is not valid: {self.problem}"]
        if self.before:
            parts.append(f"before:\n{self.before}")
        if self.after:
            parts.append(f"after:\n{self.after}")
        parts += [f"input {n}: {a.dtype.name}{list(a.shape)} {a.tolist()}" for n, a in enumerate(self.inputs)]
        if self.expected is not None and self.got is not None:
            parts += [f"expected:\n{self.expected}", f"got:\n{self.got}"]
        if self.replay_file is not None:
            parts.append(f"replay it: stepwell.testing.replay({str(self.replay_file)!r})")
        return "\n".join(parts)


@dataclass
class Validation:
    """What a validation that found nothing has looked at.

    Attributes:
        passes: the pipeline, as text.
        programs: how many programs were run before and after.
        changed: how many of them the passes changed at all.
        failing: how many of them fail when they run, before and after alike.
        stopped: how many more were run that stop, afterwards, at a check which a pass is there to add.
        seed: the seed of the programs.
        ops: how often each op is in them.
    """

    passes: str
    programs: int = 0
    changed: int = 0
    failing: int = 0
    stopped: int = 0
    seed: int = 0
    ops: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        return (
            f"{self.passes}: {self.programs} programs, {self.changed} changed, {self.failing} failing alike, "
            + (f"{self.stopped} stopped by a check, " if self.stopped else "")
            + f"{len(self.ops)} ops"
        )


def validate(
    passes: Passes,
    strategy: st.SearchStrategy[Case] | None = None,
    *,
    rtol: float | None = None,
    max_examples: int = 100,
    shrink: bool = True,
    seed_: int | None = 0,
    allow_unchanged: bool = False,
) -> Validation:
    """Run programs before and after `passes` on the interpreter, and compare everything that can be observed.

    Each program that the passes changed is run on up to three sets of inputs: those that it was drawn with, and others.
    Checked are: results, Variables and prints, bit for bit unless a pass declares itself inexact, or that it takes sums
    in another order than numpy, as far as there are such sums; that the module verifies and is at the level the passes
    promise; that no op lost the user's line; that a pass which claims to be idempotent is, where it is alone.

    Args:
        passes: a pipeline as text, a `ModulePass` of anybody, or several.
        strategy: where programs come from (`hl_modules`, `modules_at`, or any strategy of `Case`); by default half of
            them grow from the first pass: from the ops and numbers that its patterns name, the *Before* in its
            docstring and its `.mlir` files. The others are programs of all ops, as it meets them on the way to machine
            code, and programs drawn at its level.
        rtol: how far floats may be off; by default not at all, unless a pass declares itself inexact.
        max_examples: how many programs.
        shrink: whether a failing program is made as small as the reducer makes it.
        seed_: the seed of the programs: the same seed generates the same programs; None for a new one.
        allow_unchanged: whether it is well that the passes change none of the programs.

    Raises:
        ValidationError: with the smallest failing program found, or because nothing was changed.
        TypeError, ValueError: where an argument is not what it should be.
    """
    _require_arguments(strategy, rtol, max_examples)
    chosen = _chosen(passes)
    report = Validation(",".join(str(pass_) for pass_ in chosen))
    tolerance = _tolerance(chosen, rtol)
    report.seed = secrets.randbits(32) if seed_ is None else seed_
    found = _first_of_all(chosen, strategy, tolerance, report, max_examples)
    if found is not None:
        error = _smallest(chosen, found, tolerance) if shrink else found
        error.programs = report.programs + 1
        error.replay_file = _write_replay(error)
        raise error.with_traceback(None) from None
    if not report.changed and not allow_unchanged:
        error = ValidationError(report.passes, _UNCHANGED.format(report.programs))
        error.programs = report.programs
        raise error
    return report


def _first_of_all(
    passes: Sequence[ModulePass],
    strategy: st.SearchStrategy[Case] | None,
    tolerance: Tolerance,
    report: Validation,
    max_examples: int,
) -> ValidationError | None:
    """The first failure, or None; programs that grow from the passes are drawn in rounds, each for what is rare."""
    if strategy is not None:
        return _first_failure(passes, strategy, tolerance, report, max_examples, report.seed)
    attention = Attention()
    with observe_rewrites(attention):
        for number, start in enumerate(range(0, max_examples, ROUND)):
            count, cases = min(ROUND, max_examples - start), programs_for(passes, attention)
            found = _first_failure(passes, cases, tolerance, report, count, report.seed + number * _NEXT_SEED)
            if found is not None:
                return found
    return None


def _first_failure(
    passes: Sequence[ModulePass],
    cases: st.SearchStrategy[Case],
    tolerance: Tolerance,
    report: Validation,
    max_examples: int,
    seed_: int,
) -> ValidationError | None:
    """The failure of the first of the programs on which there is one."""

    @seed(seed_)
    @settings(
        max_examples=max_examples,
        backend=register(),
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),  # pyright: ignore[reportArgumentType]
        print_blob=False,
        report_multiple_bugs=False,
    )
    @given(cases)
    def check(case: Case) -> None:
        check_case(passes, case, tolerance, report)

    try:
        check()
    except ValidationError as found:
        return found
    return None


def _smallest(passes: Sequence[ModulePass], error: ValidationError, tolerance: Tolerance) -> ValidationError:
    """The same failure, of a program as small as the reducer makes it."""

    assert error.case is not None

    def failure(case: Case) -> ValidationError | None:
        try:
            check_case(passes, case, tolerance, Validation(error.passes), MAX_OPS_REDUCED)
        except ValidationError as found:
            return found if found.is_like(error) else None
        return None

    smaller = failure(reduced(error.case, lambda case: failure(case) is not None))
    return smaller if smaller is not None else error


def _tolerance(passes: Sequence[ModulePass], rtol: float | None) -> Tolerance:
    """How far floats may be off; sums in generated programs are too short to be rounded otherwise in another order."""
    if rtol is not None:
        return Tolerance(rtol)
    return BY_ELEMENT if tolerance_after(passes, long_sums=False).rtol else Tolerance()


def _require_arguments(strategy: Any, rtol: float | None, max_examples: int) -> None:
    require_count("validate: max_examples", max_examples)
    if strategy is not None and not isinstance(strategy, st.SearchStrategy):
        raise TypeError(f"validate: strategy: expected a strategy of hypothesis, got {strategy!r}")
    if rtol is not None and not rtol >= 0:
        raise ValueError(f"validate: rtol: expected 0 or more, got {rtol}")


def _chosen(passes: Passes) -> tuple[ModulePass, ...]:
    if isinstance(passes, str):
        return parse(passes)
    found = tuple(passes) if isinstance(passes, Sequence) else (passes,)
    for one in found:
        if not isinstance(one, ModulePass):
            hint = f"; expected an instance: {one.__name__}()" if isinstance(one, type) else ""
            raise TypeError(f"validate: passes: expected a pipeline's text, a ModulePass or several, got {one!r}{hint}")
    return found


def check_case(
    passes: Sequence[ModulePass], case: Case, tolerance: Tolerance, report: Validation, max_ops: int = MAX_OPS
) -> None:
    """Check one program, on its inputs and on others; `report` is notified of it.

    A program that has not ended after `max_ops` ops is left out; after the passes it may take ten times as many.
    """
    name = report.passes
    after = case.module.clone()
    _apply(passes, after, case, name)

    def fail(problem: str, after: ModuleOp = after) -> None:
        raise ValidationError(name, problem, case, print_module(after))

    lost = _lost_location(case.module, after)
    if lost is not None:
        fail(f"'{lost}' has no location")
    expected = _same_outcome(passes, case, after, tolerance, report, max_ops)
    if expected is None:
        return
    if len(passes) == 1 and getattr(passes[0], "idempotent", False) and _keeps_level(passes[0]):
        again = after.clone()
        _apply(passes, again, case, name)
        if not _is_same(again, after):
            fail("it is not idempotent: 'after' is the result of applying it again", after=again)
    changed = not _is_same(after, case.module)
    report.programs += 1
    report.changed += changed
    report.failing += expected.failure is not None
    report.ops.update(case.ops)
    if changed and expected.failure is None:
        for inputs in other_inputs(case.inputs, moderate=adds_up(case.module)):
            _same_outcome(passes, replace(case, inputs=inputs), after, tolerance, None, MAX_OPS_OTHERWISE)


def _same_outcome(
    passes: Sequence[ModulePass],
    case: Case,
    after: ModuleOp,
    tolerance: Tolerance,
    report: Validation | None,
    max_ops: int,
) -> Outcome | None:
    """The outcome of a program, which that after the passes must not differ from.

    None for one that does not end, that stops at a check which the passes add, or, without a report, fails.
    """
    expected = observe(case.module, case.inputs, max_ops=max_ops, any_failure=True)
    if expected.unfinished or (report is None and expected.failure is not None):
        return None
    got = observe_after(after, None, case.inputs, 10 * max_ops)
    if report is None and got.unfinished:
        return None
    if _stops_as_told(passes, got):
        if report is not None:
            report.stopped += 1
        return None
    expected = expected_beside(got, expected, case.module, case.inputs, max_ops)
    old, new = (Signature.of(find_entry(module, "a program", None)) for module in (case.module, after))
    expected = expected_after(expected, old, new, case.inputs)
    found = difference(got, expected, tolerance)
    if found is not None and (tolerance.rtol or _adds_otherwise(passes, case.module)):
        found = _beyond_rounding(got, expected, case, (old, new), tolerance)
    if found is not None:
        name = ",".join(str(pass_) for pass_ in passes)
        raise ValidationError(name, str(found), case, print_module(after), expected, got)
    return expected


def _is_same(a: ModuleOp, b: ModuleOp) -> bool:
    """Whether two modules are the same but for names and locations.

    xDSL's comparison is quick, but takes values for different ones that are used in a block before that of their op.
    """
    if a.is_structurally_equivalent(b):
        return True
    in_order = all(len(region.blocks) <= 1 for op in a.walk() for region in op.regions)
    return not in_order and print_module(a) == print_module(b)


def _adds_otherwise(passes: Sequence[ModulePass], module: ModuleOp) -> bool:
    """Whether passes take sums in another order than numpy, which has one of its own on every machine."""
    return adds_up(module) and any(getattr(pass_, "reorders_sums", False) for pass_ in passes)


def _beyond_rounding(
    got: Outcome, expected: Outcome, case: Case, signatures: tuple[Signature, Signature], tolerance: Tolerance
) -> Difference | None:
    """How outcomes differ by more than where a program is rounded otherwise: its sums alone, after an exact pass."""
    runs = rounded_otherwise(case.module, case.inputs, arithmetic=bool(tolerance.rtol))
    runs = (expected_after(run, *signatures, case.inputs) for run in runs)
    return beyond_rounding(got, expected, runs, tolerance if tolerance.rtol else BY_ELEMENT)


def _stops_as_told(passes: Sequence[ModulePass], got: Outcome) -> bool:
    """Whether a run stops at a check that a pass is there to add."""
    return got.failed_op == "debug.assert" and any(getattr(pass_, "adds_checks", False) for pass_ in passes)


def _keeps_level(pass_: ModulePass) -> bool:
    return getattr(pass_, "requires", None) == getattr(pass_, "ensures", None)


def _apply(passes: Sequence[ModulePass], module: ModuleOp, case: Case, name: str) -> None:
    """Run the passes; a failure of theirs, or a module that does not verify, is a failed validation."""
    try:
        PassManager(make_context(), verify_each=True).run(module, passes)
    except (StepwellError, VerifyException) as error:
        raise ValidationError(name, f"{type(error).__name__}: {error}", case) from error


def _lost_location(before: ModuleOp, after: ModuleOp) -> str | None:
    """The name of an op without a location, in a module that had one on each op."""
    if any(isinstance(op.location, UnknownLoc) for op in before.walk()):
        return None
    return next((op.name for op in after.walk() if isinstance(op.location, UnknownLoc)), None)


def _write_replay(error: ValidationError) -> Path:
    assert error.case is not None
    header = {"passes": error.passes, "inputs": packed_arrays(error.inputs)}
    with tempfile.NamedTemporaryFile("w", prefix="stepwell-replay-", suffix=".mlir", delete=False) as file:
        file.write(f"// stepwell-replay: {json.dumps(header)}\n{print_module(error.case.module, locations=True)}\n")
    return Path(file.name)


def replay(path: str | Path, rtol: float | None = None) -> Validation:
    """Check the program of a replay file again; raises `ValidationError` while the failure is there."""
    text = Path(path).read_text()
    first, _, body = text.partition("\n")
    marker = "// stepwell-replay: "
    if not first.startswith(marker):
        raise ValueError(f"replay: path: expected a file that a failed validation wrote, got {path}")
    header: dict[str, Any] = json.loads(first.removeprefix(marker))
    passes = tuple(parse(header["passes"]))
    report = Validation(header["passes"])
    case = Case(parse_module(body, str(path)), tuple(unpacked_arrays(header["inputs"])), Counter())
    check_case(passes, case, _tolerance(passes, rtol), report)
    return report
