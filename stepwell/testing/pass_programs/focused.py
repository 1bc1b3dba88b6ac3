"""Programs in which patterns find what they look for: expressions of few ops, and whatever else patterns name."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from hypothesis import strategies as st

from stepwell.dialects.dtypes import ALL
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.hl.rules.base import HLOp

from ..generation.draws import NOTHING, Action, Kinds
from ..generation.hl.body import Options
from ..generation.hl.module import run_main
from ..generation.hl.values import Value
from ..generation.program import Case
from ..numbers import notable_array
from .expressions import Expression
from .focused_ops import FocusedOpBody, FocusedProgram, classes
from .interests import Interest


class FocusedBody(FocusedOpBody):
    """A body whose statements are for one pattern each."""

    def main_statements(self, count: int) -> None:
        """The statements of the program; every second program then prints its unused values, and fails."""
        self.statements(count)
        program = self.program
        if self.function.effects and program.boolean():
            self.shown(self.unused())
            named = classes([name for interest in program.interests for name in interest.ops])
            program.ops = [op for op in named if len(op.get_irdl_definition().operands) > 1] or program.ops
            program.choice([self.failing, self.stopped])()

    def weighted_kinds(self) -> Kinds:
        """Expressions and whatever else the next pattern names, mostly."""
        if self.program.integer(0, 3):
            self.program.turn()
        interest, possible = self.program.interest, [action for _, action in (NOTHING, *self.kinds())]
        statements = self._statements()
        wanted = [action for name in sorted(interest.others) for action in statements.get(name, ())]
        wanted = [action for action in dict.fromkeys(wanted) if action in possible]
        few = not interest.ops or (wanted and not interest.partners)
        only = bool(wanted) and not interest.ops  # nothing but other statements is named: half are these
        each = max(10, 60 // len(wanted)) if only else 10
        found: list[tuple[int, Action]] = [(40 if few else 80, self.expression), *((each, action) for action in wanted)]
        if not interest.ops and self.again in possible:
            found.append((20, self.again))
        if interest.ops and any(_has_dtype(op) for op in self.program.ops):
            found.append((60, self.every_dtype))
        return [*found, *((1, action) for action in possible)]

    def _statements(self) -> dict[str, tuple[Action, ...]]:
        """The statements in which ops of other dialects occur."""
        return {
            "scf.if": (self.branch, self.unreached),
            "scf.for": (self.counted, self.unreached),
            "scf.while": (self.repeated, self.unreached),
            "func.call": (self.called,),
            "state.read": (self.stateful,),
            "state.assign": (self.updated, self.reordered),
            "state.assign_add": (self.stateful,),
            "state.assign_sub": (self.stateful,),
            "debug.print": (self.printed,),
            "debug.assert": (self.failing,),
        }

    def expression(self) -> list[Value]:
        """An expression of the ops that a pattern names; the one that it names first is often the last one computed."""
        before = len(self.program.applied)
        leaves = self.leaves()
        found = Expression(self, leaves).drawn()
        return [*leaves, *found] if len(self.program.applied) > before else found

    def every_dtype(self) -> list[Value]:
        """A value in every dtype that an op makes of it."""
        program = self.program
        op = program.choice([op for op in program.ops if _has_dtype(op)])
        dtype, seed = program.choice(ALL), program.integer(0, 2**20)
        return self.every_dtype_of(op, self.leaf(notable_array(program.shape, dtype, seed)))

    def last_values(self) -> list[Value]:
        """All that nothing uses; in every second program much of the rest, too, so that what became of it is seen."""
        used = [value for value in self.values if value.ssa.first_use is not None]
        shown = [value for value in used if self.program.boolean()] if self.program.boolean() else []
        return [*self.unused(), *shown]


def _has_dtype(op: type[HLOp]) -> bool:
    """Whether an op's attributes say what dtype it gives."""
    return "dtype" in op.get_irdl_definition().properties


@st.composite
def focused_modules(
    draw: Any, interests: Sequence[Interest], statements: int = 16, depth: int = 1, effects: bool = True
) -> Case:
    """Well-typed `hl` modules for what patterns look for, with inputs for them.

    Args:
        interests: what the patterns look for; each statement is for one of them.
        statements: at most so many at the outermost level, and at least two thirds of them.
        depth: how deep branches and loops nest; one deeper for patterns that name such ops.
        effects: whether Variables and prints occur.
    """
    nests = any(name.startswith("scf.") for interest in interests for name in interest.others)
    source = Random(draw(st.integers(0, 2**64 - 1)))
    program = FocusedProgram(source, interests, Options([op for op in OPS.values() if not op.COMPLEX], effects=effects))
    return run_main(program, FocusedBody, program.integer(statements * 2 // 3, statements), depth + nests)
