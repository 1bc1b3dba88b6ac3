"""One program on every engine and at every level, against the interpreter on the program as it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

from stepwell.compiler.interchange.mlir.text import print_module
from stepwell.dialects.diagnostics import UnsupportedError
from stepwell.runtime.engines.onnx import RefusedModelError
from stepwell.runtime.outcomes import RTOL, Outcome, Tolerance, observe
from stepwell.testing.case_reduction import reduced
from stepwell.testing.engines import ENGINES, WAYS, Descent
from stepwell.testing.modules import Case
from stepwell.testing.needed import expected_beside
from stepwell.testing.rounding import beyond_rounding, rounded_otherwise

from .prints import prints, without_prints
from .zeros import zeros_otherwise

COMPARED = tuple(WAYS)[1:]
"""The ways that are held against the first, which is the meaning."""

UNSUPPORTED = "unsupported"
"""The verdict on a program that an engine says it cannot run."""

MAX_OPS = 1_000_000
"""A generated program that takes more ops than this does not end."""

MAX_OPS_REDUCED = 20_000
"""How many it may take while it is made smaller, by which a loop may lose its end."""

MAX_CALLS = 200
"""How often a program is tried while it is made smaller."""

ONNX_ATOL = 2e-7
"""How far ONNX Runtime's results may be off besides: its sigmoid is exact to 5e-8 of 1, however small it is itself."""


@dataclass(frozen=True)
class Mismatch:
    """A program that comes to something else in one of the ways to run it.

    Attributes:
        way: an engine or a level.
        problem: how the outcomes differ, or why the program could not be compiled.
        program: its text.
    """

    way: str
    problem: str
    program: str

    @property
    def kind(self) -> str:
        """What is wrong, whatever the numbers are."""
        return " ".join(word for word in self.problem.partition("\n")[0].split() if word.isalpha())


Verdict = Mismatch | str | None
"""What comes of a program in one way: a mismatch, `UNSUPPORTED`, or `None` where all is well."""


def check(case: Case, ways: Sequence[str] = COMPARED, max_ops: int = MAX_OPS) -> dict[str, Verdict]:
    """What comes of a program in each way.

    Ways in which the same is wrong as in an earlier one are left out: what is wrong at a level is so below it.
    """
    expected = observe(case.module, case.inputs, max_ops=max_ops, any_failure=True)
    program = Descent(case.module, keep=False)
    if expected.unfinished:
        return {way: Mismatch(way, f"does not end: {expected.failure}", shown(case)) for way in ways[:1]}
    found: dict[str, Verdict] = {}
    problems: set[str] = set()
    for way in ways:
        verdict = _verdict(way, program, expected, case)
        if isinstance(verdict, Mismatch):
            if verdict.problem in problems:
                continue
            problems.add(verdict.problem)
        found[way] = verdict
    return found


def _verdict(way: str, program: Descent, expected: Outcome, case: Case) -> Verdict:
    try:
        problem = _problem(way, program, expected, case)
    except Exception as error:
        if isinstance(error, UnsupportedError) and way in ENGINES:
            return UNSUPPORTED
        problem = f"{type(error).__name__}: {error}"
    return None if problem is None else Mismatch(way, problem, shown(case))


def _problem(way: str, program: Descent, expected: Outcome, case: Case) -> str | None:
    """How a run differs from what is expected; ONNX, which cannot print, gives what would be printed."""
    if way == "onnx" and prints(case.module):
        program = Descent(without_prints(case.module))
        expected = observe(program.module, case.inputs, any_failure=True)
    try:
        got = program.observe(way, case.inputs)
    except RefusedModelError as error:  # that what it computes cannot be may be known before it runs
        got = Outcome((), failure=f"{type(error).__name__}: {error}")
    expected = expected_beside(got, expected, program.module, case.inputs)
    if way == "onnx" and expected.failure:  # its Variables are stored when all has gone well
        got, expected = got.without_effects(), expected.without_effects()
    zeros = zeros_otherwise(program.module) if way == "onnx" else ()
    runs = (observe(other, case.inputs, any_failure=True) for other in zeros)
    others = chain(rounded_otherwise(program.module, case.inputs), runs)
    found = beyond_rounding(got, expected, others, Tolerance(RTOL, ONNX_ATOL if way == "onnx" else 0.0))
    return None if found is None else str(found)


def smaller(case: Case, found: Mismatch, before: Callable[[Case], None] = lambda case: None) -> Mismatch:
    """The same mismatch of a program as small as the reducer makes it; `before` is told of each that is tried."""

    def again(candidate: Case) -> Mismatch | None:
        before(candidate)
        verdict = check(candidate, [found.way], MAX_OPS_REDUCED).get(found.way)
        return verdict if isinstance(verdict, Mismatch) and verdict.kind == found.kind else None

    least = again(reduced(case, lambda candidate: again(candidate) is not None, MAX_CALLS))
    return least or found


def shown(case: Case) -> str:
    """The text of a program, and its inputs."""
    inputs = [f"// input {n}: {a.dtype.name}{list(a.shape)} {a.tolist()}" for n, a in enumerate(case.inputs)]
    return "\n".join([print_module(case.module), *inputs])
