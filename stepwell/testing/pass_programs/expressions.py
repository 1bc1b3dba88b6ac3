"""Expressions in which the operands of an op are related: the same, computed from one another, or constants.

That is what rules of arithmetic look for: `x op x`, `f(x) op x`, `f(x) op f(y)`, `(x op y) op y`, `(x op 1) op 2`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypothesis import strategies as st
from xdsl.ir import Operation

from stepwell.dialects.hl import OPS
from stepwell.dialects.hl.logical import LogicalNotOp
from stepwell.dialects.hl.rules.base import HLOp
from stepwell.dialects.hl.rules.elementwise import BinaryOp, ElementwiseOp, UnaryOp
from stepwell.dialects.hl.selection import SelectOp

from ..module_values import BOOL, Value

if TYPE_CHECKING:
    from .focused import FocusedBuilder

_LEVELS = (2, 2, 3, 1)
"""How deep expressions are; at least 2 where a pattern names several ops."""


@dataclass
class Expression:
    """Draws an expression of the ops that a pattern names.

    Attributes:
        b: the program's builder.
        leaves: the values that it is of.
    """

    b: FocusedBuilder
    leaves: Sequence[Value]

    def drawn(self) -> Value:
        """The value of an expression; the op that the pattern names first is often the last one computed."""
        ops = list(self.b.ops)
        named = bool(self.b.interest.ops) and self.b.draw(st.booleans())
        root = ops[0] if named else self.b.draw(st.sampled_from(ops))
        levels = _LEVELS[:3] if len(ops) > 1 else _LEVELS
        return self._tree(self.b.draw(st.sampled_from(levels)), root)

    def _tree(self, levels: int, op: type[HLOp]) -> Value:
        """The value of an op on expressions that are less deep; one of these, where the op does not fit."""
        first = self._below(levels, op)
        if not issubclass(op, ElementwiseOp) or first.array.dtype not in op.DTYPES:
            made = self.b.applied_among_others(op, first)
            return self.b.draw(st.sampled_from(made)) if made else first
        if issubclass(op, UnaryOp):
            return self.b.on(op, [first]) or first
        if not issubclass(op, BinaryOp):
            return self.b.on(op, self._choice(first, levels)) or first
        second, is_constant = self._partner(op, first, levels)
        seldom = 6 if is_constant and op.COMMUTES else 2
        swapped = self.b.draw(st.integers(0, seldom)) == 0
        return self.b.on(op, [second, first] if swapped else [first, second]) or first

    def _below(self, levels: int, op: type[HLOp]) -> Value:
        """A leaf, or an expression below an op: of the same op, or of the one that the pattern names second, often."""
        if levels <= 1 or self.b.draw(st.integers(0, 5)) == 0:
            return self.b.draw(st.sampled_from(self.leaves))
        ops = list(self.b.ops)
        likely = [op, *ops[1:2], *ops[1:2]] if len(ops) <= 2 else [op, op, ops[1]]
        below = likely if self.b.draw(st.booleans()) else ops
        return self._tree(levels - 1, self.b.draw(st.sampled_from(below)))

    def _partner(self, op: type[HLOp], first: Value, levels: int) -> tuple[Value, bool]:
        """A second operand of the first one's dtype, and whether it is a constant of one number."""
        if self.b.draw(st.integers(0, 8)) < (5 if self.b.interest.reads_constants else 1):
            return self.b.constant_like(first), True
        related = [first, *self._operands_of(first) * 2]
        named = [each for each in self.b.ops if issubclass(each, UnaryOp) and first.array.dtype in each.DTYPES]
        kind = self.b.draw(st.integers(0, 3))
        if kind == 0:
            return self.b.draw(st.sampled_from(related)), False
        second = self._below(levels, self._owner(first) or op)
        if kind == 1 and named:
            source = self.b.draw(st.sampled_from([*related, *self.leaves]))
            second = self.b.on(self.b.draw(st.sampled_from(named)), [source]) or source
        fitting = [each for each in (second, *self.leaves, first) if each.array.dtype == first.array.dtype]
        return fitting[0], False

    def _choice(self, first: Value, levels: int) -> list[Value]:
        """A condition and two values, of which both may be constants."""
        b = self.b
        if b.interest.reads_constants and b.draw(st.integers(0, 3)) == 0:
            first = b.constant_like(first)
        second, _ = self._partner(SelectOp, first, levels)
        values = [second, first] if b.draw(st.booleans()) else [first, second]
        return [self._condition(values), *values]

    def _condition(self, values: Sequence[Value]) -> Value:
        """The condition of a choice: often that of a choice it chooses from, or the negation of one."""
        b, inner = self.b, [operand for value in values for operand in self._operands_of(value, all_of_them=True)]
        options = [value for value in (*inner, *inner, *self.leaves) if value.array.dtype == BOOL]
        if not options or b.draw(st.integers(0, 3)) == 0:
            return b.leaf(b.notable(b.draw(st.sampled_from([values[0].array.shape, ()])), BOOL))
        found = b.draw(st.sampled_from(options))
        return b.on(LogicalNotOp, [found]) or found if b.draw(st.integers(0, 3)) == 0 else found

    def _operands_of(self, value: Value, all_of_them: bool = False) -> list[Value]:
        """The values that one was computed from directly; those of its dtype, unless all are asked for."""
        owner = value.ssa.owner
        if not isinstance(owner, Operation) or not self.b.applied:
            return []
        known = {operand.ssa: operand for _, operands, _ in self.b.applied[-6:] for operand in operands}
        found = [known[operand] for operand in owner.operands if operand in known]
        return [each for each in found if all_of_them or each.array.dtype == value.array.dtype]

    @staticmethod
    def _owner(value: Value) -> type[HLOp] | None:
        return OPS.get(value.ssa.owner.name) if isinstance(value.ssa.owner, Operation) else None
