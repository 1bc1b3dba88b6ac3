"""Expressions in which the operands of an op are related: the same, computed from one another, or constants.

That is what rules of arithmetic look for: `x op x`, `f(x) op x`, `f(x) op f(y)`, `(x op y) op y`, `(x op 1) op 2`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xdsl.ir import Operation

from stepwell.dialects.hl.logical import LogicalNotOp
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.hl.rules.base import HLOp
from stepwell.dialects.hl.rules.elementwise import BinaryOp, ElementwiseOp, UnaryOp
from stepwell.dialects.hl.selection import SelectOp

from ..generation.hl.values import BOOL, Value
from .focused_ops import FocusedOpBody

_LEVELS = (2, 2, 3, 1)
"""How deep expressions are; at least 2 where a pattern names several ops."""

_LOW_LEVELS = (1, 1, 2)
"""The same of functions and of ops that are looked at alone: results of ops are seldom special arguments of others."""


@dataclass
class Expression:
    """Draws an expression of the ops that a pattern names.

    Attributes:
        b: where it stands.
        leaves: the values that it is of.
    """

    b: FocusedOpBody
    leaves: Sequence[Value]

    def drawn(self) -> list[Value]:
        """The value of an expression, and perhaps of others on the same operands.

        The op that the pattern names first, or an op of the table that it names first, is often the last one computed;
        where a variant is looked for, it is mostly one of its two ops, of leaves and of further ops.
        """
        ops, interest = list(self.b.program.ops), self.b.program.interest
        variant, first = interest.variant, [OPS[name] for name in (interest.groups or (interest.ops[:1],))[0]]
        root = self.b.program.choice(first if first and self.b.program.boolean() else ops)
        levels = _LEVELS[:3] if len(ops) > 1 else _LEVELS
        levels = _LOW_LEVELS if self.b.program.has_functions or interest.is_lowering else levels
        if variant.outer and self.b.program.integer(0, 4):
            found = self._tree(self.b.program.choice(levels), OPS[variant.outer], variant.inner)
        else:
            found = self._tree(self.b.program.choice(levels), root)
        return [found, *self._beside(found)]

    def _beside(self, value: Value) -> list[Value]:
        """Other ops on the operands of one: those of a table are mistaken for one another."""
        operands = self._operands_of(value, all_of_them=True)
        count = self.b.program.choice((0, 0, 1, 2))
        fitting = [op for op in self.b.program.ops if issubclass(op, UnaryOp if len(operands) == 1 else BinaryOp)]
        if not fitting or len(operands) not in (1, 2) or len({each.array.dtype for each in operands}) > 1:
            return []
        found = [self.b.on(self.b.program.choice(fitting), operands) for _ in range(count)]
        return [each for each in found if each is not None]

    def _tree(self, levels: int, op: type[HLOp], inner: str = "") -> Value:
        """The value of an op on expressions that are less deep; one of these, where the op does not fit.

        Args:
            levels: how deep they are at most.
            op: the op.
            inner: the name of the op whose result it is applied to, if that is settled.
        """
        first = self._tree(levels - 1, OPS[inner]) if inner else self._below(levels, op)
        if issubclass(op, ElementwiseOp) and first.array.dtype not in op.DTYPES:
            fitting = [leaf for leaf in self.leaves if leaf.array.dtype in op.DTYPES]
            first = self.b.program.choice(fitting) if fitting else first
        if not issubclass(op, ElementwiseOp) or first.array.dtype not in op.DTYPES:
            made = self.b.applied_among_others(op, first)
            return self.b.program.choice(made) if made else first
        if issubclass(op, UnaryOp):
            return self.b.on(op, [first]) or first
        if not issubclass(op, BinaryOp):
            return self.b.on(op, self._choice(first, levels)) or first
        second, is_constant = self._partner(op, first, levels)
        seldom = 6 if is_constant and op.COMMUTES else 1
        swapped = self.b.program.integer(0, seldom) == 0
        return self.b.on(op, [second, first] if swapped else [first, second]) or first

    def _below(self, levels: int, op: type[HLOp]) -> Value:
        """A leaf, or an expression below an op: of the same op, or of the one that the pattern names second, often."""
        if levels <= 1 or self.b.program.integer(0, 5) == 0:
            return self.b.program.choice(self.leaves)
        ops = list(self.b.program.ops)
        likely = [op, *ops[1:2], *ops[1:2]] if len(ops) <= 2 else [op, op, ops[1]]
        below = likely if self.b.program.boolean() else ops
        return self._tree(levels - 1, self.b.program.choice(below))

    def _partner(self, op: type[HLOp], first: Value, levels: int) -> tuple[Value, bool]:
        """A second operand of the first one's dtype, and whether it is a constant of one number."""
        if self.b.program.interest.same and self.b.program.boolean():
            return first, False
        if self.b.program.integer(0, 8) < (6 if self.b.program.interest.reads_constants else 1):
            return self.b.constant_like(first), True
        others = [leaf for leaf in self.leaves if leaf is not first and leaf.array.dtype == first.array.dtype]
        if others and self.b.program.has_functions and self.b.program.boolean():
            return self.b.program.choice(others), False
        related = [first, *self._operands_of(first) * 2]
        named = [each for each in self.b.program.ops if issubclass(each, UnaryOp) and first.array.dtype in each.DTYPES]
        kind = self.b.program.integer(0, 3)
        if kind == 0:
            return self.b.program.choice(related), False
        second = self._below(levels, self._owner(first) or op)
        if kind == 1 and named:
            source = self.b.program.choice([*related, *self.leaves])
            second = self.b.on(self.b.program.choice(named), [source]) or source
        fitting = [each for each in (second, *self.leaves, first) if each.array.dtype == first.array.dtype]
        return fitting[0], False

    def _choice(self, first: Value, levels: int) -> list[Value]:
        """A condition and two values, of which both may be constants."""
        b = self.b
        if b.program.interest.reads_constants and b.program.integer(0, 3) == 0:
            first = b.constant_like(first)
        second, _ = self._partner(SelectOp, first, levels)
        values = [second, first] if b.program.boolean() else [first, second]
        return [self._condition(values), *values]

    def _condition(self, values: Sequence[Value]) -> Value:
        """The condition of a choice: often that of a choice it chooses from, or the negation of one."""
        b = self.b
        if b.program.interest.reads_constants and b.program.integer(0, 2) == 0:
            return b.constant_of(b.program.choice([values[0].array.shape, ()]), BOOL)
        inner = [operand for value in values for operand in self._operands_of(value, all_of_them=True)]
        options = [value for value in (*inner, *inner, *self.leaves) if value.array.dtype == BOOL]
        if not options or b.program.integer(0, 3) == 0:
            return b.leaf(b.notable(b.program.choice([values[0].array.shape, ()]), BOOL))
        found = b.program.choice(options)
        return b.on(LogicalNotOp, [found]) or found if b.program.integer(0, 3) == 0 else found

    def _operands_of(self, value: Value, all_of_them: bool = False) -> list[Value]:
        """The values that one was computed from directly; those of its dtype, unless all are asked for."""
        owner = value.ssa.owner
        if not isinstance(owner, Operation) or not self.b.program.applied:
            return []
        known = {operand.ssa: operand for _, operands, _ in self.b.program.applied[-6:] for operand in operands}
        found = [known[operand] for operand in owner.operands if operand in known]
        return [each for each in found if all_of_them or each.array.dtype == value.array.dtype]

    @staticmethod
    def _owner(value: Value) -> type[HLOp] | None:
        return OPS.get(value.ssa.owner.name) if isinstance(value.ssa.owner, Operation) else None
