"""One program on every engine and at every level, against the interpreter on the program as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from xdsl.dialects.builtin import ModuleOp

from stepwell.compiler.diagnostics import UnsupportedError
from stepwell.compiler.pipeline.manager import PassManager
from stepwell.compiler.pipeline.pipelines import STEPS, steps_between
from stepwell.dialects.context import make_context
from stepwell.dialects.levels import LEVELS
from stepwell.runtime.engines import Executable, compile_for
from stepwell.runtime.engines.native.executable import compile_module
from stepwell.runtime.outcomes import RTOL, Outcome, Tolerance, difference, observe, observe_run

from ..modules import Case

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


Runner = Callable[[], Outcome]


def _runners(case: Case) -> Iterator[tuple[str, Runner]]:
    """Each way to run a program besides interpreting it as it is; it walks down the levels once."""
    module, manager, above = case.module.clone(), PassManager(make_context()), "hl"
    manager.run(module, STEPS["hl"])
    for level in list(LEVELS)[1:]:
        manager.run(module, steps_between(above, level))
        above = level
        yield level, lambda: observe(module, case.inputs)
    yield "native", lambda: _executed(compile_module(module), case)
    yield "onnx", lambda: _executed(compile_for("onnx", case.module), case)


def _executed(executable: Executable, case: Case) -> Outcome:
    return observe_run(lambda arrays: executable.run(*arrays), case.inputs)


WAYS = (*list(LEVELS)[1:], "native", "onnx")
"""The names of the ways."""


def check(case: Case) -> dict[str, Mismatch | str | None]:
    """What comes of a program in each way: a mismatch, `UNSUPPORTED`, or `None` where all is well."""
    expected = observe(case.module, case.inputs)
    found: dict[str, Mismatch | str | None] = {}
    try:
        for way, run in _runners(case):
            found[way] = _verdict(way, run, expected, case)
    except Exception as error:
        lowest = next(name for name in WAYS if name not in found)
        found[lowest] = Mismatch(lowest, f"{type(error).__name__}: {error}", _text(case.module))
    return found


def _verdict(way: str, run: Runner, expected: Outcome, case: Case) -> Mismatch | str | None:
    try:
        found = difference(run(), expected, Tolerance(RTOL))
        problem = None if found is None else str(found)
    except UnsupportedError:
        return UNSUPPORTED
    except Exception as error:
        problem = f"{type(error).__name__}: {error}"
    return None if problem is None else Mismatch(way, problem, _text(case.module))


def _text(module: ModuleOp) -> str:
    from stepwell.compiler.interchange.mlir_text import print_module

    return print_module(module)
