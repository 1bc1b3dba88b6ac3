"""One program on every engine and at every level, against the interpreter on the program as it is."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.dialects.builtin import ModuleOp

from stepwell.compiler.diagnostics import UnsupportedError
from stepwell.runtime.outcomes import RTOL, Outcome, Tolerance, difference, observe

from ..engines import ENGINES, WAYS, Descent
from ..modules import Case

COMPARED = tuple(WAYS)[1:]
"""The ways that are held against the first, which is the meaning."""

UNSUPPORTED = "unsupported"
"""The verdict on a program that an engine says it cannot run, such as one that prints in ONNX."""


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


def check(case: Case) -> dict[str, Mismatch | str | None]:
    """What comes of a program in each way: a mismatch, `UNSUPPORTED`, or `None` where all is well.

    Ways in which the same is wrong as in an earlier one are left out: what is wrong at a level is so below it.
    """
    expected, program = observe(case.module, case.inputs), Descent(case.module)
    found: dict[str, Mismatch | str | None] = {}
    problems: set[str] = set()
    for way in COMPARED:
        verdict = _verdict(way, program, expected, case)
        if isinstance(verdict, Mismatch):
            if verdict.problem in problems:
                continue
            problems.add(verdict.problem)
        found[way] = verdict
    return found


def _verdict(way: str, program: Descent, expected: Outcome, case: Case) -> Mismatch | str | None:
    try:
        found = difference(program.observe(way, case.inputs), expected, Tolerance(RTOL))
        problem = None if found is None else str(found)
    except Exception as error:
        if isinstance(error, UnsupportedError) and way in ENGINES:
            return UNSUPPORTED
        problem = f"{type(error).__name__}: {error}"
    return None if problem is None else Mismatch(way, problem, _text(case.module))


def _text(module: ModuleOp) -> str:
    from stepwell.compiler.interchange.mlir_text import print_module

    return print_module(module)
