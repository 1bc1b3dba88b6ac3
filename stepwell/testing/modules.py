"""Strategies for whole modules, at every level and before every pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from xdsl.passes import ModulePass

from stepwell.compiler.pipeline.manager import PassManager
from stepwell.compiler.pipeline.named import STEPS
from stepwell.compiler.pipeline.pipelines import parse, steps_between
from stepwell.compiler.pipeline.registry import pass_class
from stepwell.dialects.context import make_context
from stepwell.dialects.hl.registry import OPS

from .generation.hl.body import HlProgram, Options
from .generation.hl.module import ModuleBody, run_main
from .generation.program import Case

__all__ = ["Case", "hl_modules", "modules_at", "modules_before"]


@st.composite
def hl_modules(
    draw: Any,
    ops: Sequence[str] | None = None,
    max_statements: int = 24,
    depth: int = 2,
    dynamic: bool = True,
    effects: bool = True,
    max_side: int = 4,
    special: bool = True,
    exact: bool = False,
    control_flow: int = 1,
) -> Case:
    """Well-typed modules at the `hl` level with inputs for them.

    Args:
        ops: names of the ops to draw from; by default all whose results do not depend on the bits of a NaN.
        max_statements: at most so many at the outermost level.
        depth: how deep branches and loops nest; 0 for straight lines.
        dynamic: whether sizes may be `?`.
        effects: whether Variables and prints occur.
        max_side: the largest size of a dimension that samples have.
        special: whether floats include NaN, infinities and extremes.
        exact: whether all results are the same to the last bit on every engine: floats without sums, products of many
            numbers, and functions that engines round differently.
        control_flow: how many times as often as by default there are branches, loops and calls.

    Example:
        >>> from hypothesis import given
        >>> @given(hl_modules())
        ... def is_valid(case):
        ...     case.module.verify()
        >>> is_valid()
    """
    drawn = [op for op in OPS.values() if not (op.READS_BITS or op.STRUCTURED or op.COMPLEX)]
    classes = [OPS[name] for name in ops] if ops else drawn
    if exact:
        classes = [op for op in classes if op.EXACT or any(dtype.is_integer for dtype in op.DTYPES)]
    program = HlProgram(draw, Options(classes, dynamic, effects, max_side, special, exact, control_flow))
    return run_main(program, ModuleBody, program.integer(1, max_statements), depth)


def _after(case: Case, pipeline: Sequence[ModulePass]) -> Case:
    module = case.module.clone()
    PassManager(make_context()).run(module, pipeline)
    return Case(module, case.inputs, case.ops)


def modules_at(level: str, **options: Any) -> st.SearchStrategy[Case]:
    """Modules at a level: those of `hl_modules(**options)`, taken down to it."""
    found = hl_modules(**options)
    if level == "hl":
        return found
    pipeline = (*parse(STEPS["hl"]), *parse(steps_between("hl", level)))
    return found.map(lambda case: _after(case, pipeline))


def modules_before(pass_name: str, **options: Any) -> st.SearchStrategy[Case]:
    """Modules as a pass meets them on the way to machine code, or may meet them in a pipeline of somebody else's.

    A pass on tensor operations is given programs as they are traced, which no other pass has simplified yet. Below
    them, every second program has gone through all passes that come before it, and the others through those only that
    lead to its level: what a pass makes simpler, the next one would hardly see otherwise.
    """
    level = getattr(pass_class(pass_name), "requires", None) or "hl"
    return taken_down(hl_modules(**options), level, pass_name)


def taken_down(programs: st.SearchStrategy[Case], level: str, pass_name: str = "") -> st.SearchStrategy[Case]:
    """Modules of `hl`, as a pass of a level meets them; a pass that no pipeline has meets them as `modules_at` does."""
    if level == "hl":
        return programs
    lowering = parse(steps_between("hl", "llvm"))
    names = [pass_.name for pass_ in lowering]
    if pass_name in names:
        before = lowering[: names.index(pass_name)]
        few = [pass_ for pass_ in before if not _keeps(pass_, level)]
    else:
        before = few = parse(steps_between("hl", level))
    every = (*parse(STEPS["hl"]), *before)
    drawn = st.tuples(programs, st.booleans())
    return drawn.map(lambda drawn: _after(drawn[0], few if drawn[1] and pass_name in names else every))


def lowered(case: Case, level: str, end: str, pass_name: str = "") -> Case:
    """A module of one level as a pass of a level below meets it, by those passes only that lead from level to level."""
    names = [pass_.name for pass_ in parse(steps_between(level, "llvm"))]
    steps = parse(steps_between(level, end if pass_name not in names else "llvm"))
    before = steps[: names.index(pass_name)] if pass_name in names else steps
    return _after(
        case, [pass_ for pass_ in before if getattr(pass_, "requires", None) != getattr(pass_, "ensures", None)]
    )


def _keeps(pass_: ModulePass, level: str) -> bool:
    """Whether a pass makes modules of a level from modules of that level."""
    return getattr(pass_, "requires", None) == getattr(pass_, "ensures", None) == level
