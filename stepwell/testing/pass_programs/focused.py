"""Programs for what one pattern looks for: expressions of few ops over few values, with the numbers that matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import strategies as st
from xdsl.ir import Operation, SSAValue

from stepwell.dialects.hl import OPS
from stepwell.dialects.hl.base import HLOp
from stepwell.dialects.hl.elementwise_base import BinaryOp, ElementwiseOp, UnaryOp
from stepwell.dialects.types import ALL

from ..module_builder import Builder, Statement
from ..module_control_flow import branch, called, counted, repeated, unreached
from ..module_effects import failing, printed, stateful, updated
from ..module_values import BOOL, Case, Value, evaluated
from ..numbers import notable_array, notable_numbers
from ..sampling import Palette
from .interests import Interest

_SHAPES = ((3,), (2, 3), (5,), (), (2,), (2, 2, 2), (4, 2), (3, 2), (1,), (1, 3), (2, 3, 2), (0,))
"""The sizes of most values."""

_MOST_ELEMENTS = 24
_LEVELS = (2, 2, 3, 1)
"""How deep expressions are."""

_STATEMENTS: dict[str, tuple[Statement, ...]] = {
    "scf.if": (branch, unreached),
    "scf.for": (counted, unreached),
    "scf.while": (repeated, unreached),
    "func.call": (called,),
    "state.read": (stateful,),
    "state.assign": (updated,),
    "state.assign_add": (stateful,),
    "state.assign_sub": (stateful,),
    "debug.print": (printed,),
    "debug.assert": (failing,),
}
"""The statements in which ops of other dialects occur."""


@dataclass
class FocusedBuilder(Builder):
    """Draws programs in which a pattern finds what it looks for.

    Attributes:
        interest: what it looks for.
        shape: the sizes of most values: they fit each other then.
        numbers: what most constants are.
        constants: those so far.
    """

    interest: Interest = field(default_factory=lambda: Interest(""))
    shape: tuple[int, ...] = ()
    numbers: list[float] = field(default_factory=list)
    constants: dict[SSAValue, Value] = field(default_factory=dict)

    def _few_ops(self) -> Sequence[type[HLOp]]:
        return self.ops

    def _palette(self) -> Palette:
        """One or two shapes and dtypes; those that the pattern names, where it names any."""
        named = [dtype for dtype in self.interest.dtypes if dtype in ALL]
        allowed = [dtype for dtype in ALL if any(dtype in getattr(op, "DTYPES", ()) for op in self.ops)]
        options = named if named and self.draw(st.booleans()) else allowed or list(ALL)
        first = self.draw(st.sampled_from(options))
        dtypes = [first, first, first, self.draw(st.sampled_from(options))]
        self.shape = self.draw(st.sampled_from(_SHAPES))
        seed = self.draw(st.integers(0, 2**20))
        self.numbers = notable_numbers(dtypes[0], seed, self.interest.numbers)
        sides = [self.draw(st.sampled_from((2, 3, 4, 1))) for _ in range(2)]
        sizes = [number for number in self.interest.numbers if number in range(2, 9)]
        return Palette((*sides, *([self.draw(st.sampled_from(sizes))] if sizes else [])), tuple(dtypes))

    def kinds(self, values: Sequence[Value], depth: int) -> list[Statement]:
        """Expressions, mostly; and what else the pattern names."""
        found: list[Statement] = [_expression] * (14 if self.interest.ops else 5)
        found += [_every_dtype] * (2 if any(_has_dtype(op) for op in self.ops) else 0)
        wanted = [statement for name in sorted(self.interest.others) for statement in _STATEMENTS.get(name, ())]
        possible = super().kinds(values, depth)
        found += [statement for statement in dict.fromkeys(wanted) if statement in possible for _ in range(4)]
        return [*found, *dict.fromkeys(possible)]

    def leaves(self, values: Sequence[Value]) -> list[Value]:
        """One to three values of one dtype, and of sizes that broadcast: some at hand, others new."""
        dtype = self.draw(st.sampled_from(self.palette.dtypes))
        shape = self.shape if self.draw(st.integers(0, 3)) else self.draw(st.sampled_from(_SHAPES))
        known = [value for value in values if value.array.dtype == dtype and value.array.size <= _MOST_ELEMENTS]
        found: list[Value] = []
        if known and self.draw(st.booleans()):
            found.append(self.related(known))
            shape = found[0].array.shape
        for _ in range(self.draw(st.sampled_from((2, 1, 3))) - len(found)):
            one = self.draw(st.integers(0, 7)) == 0
            sizes = tuple(1 if self.draw(st.booleans()) else size for size in shape) if one else shape
            found.append(self.leaf(self.notable(sizes, dtype)))
        return found

    def leaf(self, array: np.ndarray) -> Value:
        """A new parameter, or seldom a constant."""
        if not self.closed and self.draw(st.integers(0, 3)):
            return self.parameter(array)
        return super().leaf(array)

    def notable(self, shape: Sequence[int], dtype: np.dtype) -> np.ndarray:
        """An array of numbers that rules are often wrong about."""
        return notable_array(shape, dtype, self.draw(st.integers(0, 2**20)), self.interest.numbers)

    def constant_like(self, like: Value) -> Value:
        """A constant of one number, often one that the pattern names."""
        dtype, shape = like.kind
        below = self._constants_of(like)
        if below and self.draw(st.integers(0, 2)):
            return below[-1]
        sizes = self.draw(st.sampled_from([(), (), shape, shape, shape, (2, *shape)]))
        number = self.draw(st.sampled_from(self.numbers)) if self.draw(st.integers(0, 3)) else self.notable((), dtype)
        with np.errstate(all="ignore"):
            array = np.full(sizes, number).astype(dtype)
        with self.here():
            found = Value(self.tracer.constant(array), array)
        self.constants[found.ssa] = found
        return found

    def _constants_of(self, value: Value) -> list[Value]:
        """The constants of its dtype that a value was computed from directly."""
        owner = value.ssa.owner
        operands = owner.operands if isinstance(owner, Operation) else ()
        found = [self.constants[operand] for operand in operands if operand in self.constants]
        return [constant for constant in found if constant.array.dtype == value.array.dtype]

    _special_constant = constant_like

    def tree(self, leaves: Sequence[Value], levels: int, op: type[HLOp] | None = None) -> Value:
        """The value of an expression over the leaves, or of one of them, where ops do not fit."""
        if levels == 0 or (op is None and self.draw(st.integers(0, 3)) == 0):
            return self.draw(st.sampled_from(leaves))
        op = op or self._inner()
        first = self.tree(leaves, levels - 1, self._inner() if self.draw(st.integers(0, 2)) else None)
        if not issubclass(op, ElementwiseOp) or first.array.dtype not in op.DTYPES:
            made = self._applied(op, first)
            return self.draw(st.sampled_from(made)) if made else first
        operands = self._operands(op, first, leaves, levels)
        results = evaluated(op, [operand.array for operand in operands], {})
        made = [] if results is None else self._emitted(op, operands, {}, results)
        return made[0] if made else first

    def _inner(self) -> type[HLOp]:
        """An op below another one: often the one that the pattern names second."""
        options = list(self.ops)
        return (
            options[1]
            if len(options) > 1 and self.draw(st.integers(0, 3)) == 0
            else self.draw(st.sampled_from(options))
        )

    def _operands(self, op: type[HLOp], first: Value, leaves: Sequence[Value], levels: int) -> list[Value]:
        """The operands of an elementwise op, one of which is given."""
        if issubclass(op, UnaryOp):
            return [first]
        if not issubclass(op, BinaryOp):
            return self._chosen(first, leaves, levels)
        owner = OPS.get(first.ssa.owner.name) if isinstance(first.ssa.owner, Operation) else None
        twin = owner if self.draw(st.booleans()) else None
        constant = self.draw(st.integers(0, 5)) < (4 if self.interest.tells_numbers else 2)
        second = self.constant_like(first) if constant else self.tree(leaves, levels - 1, twin)
        if second.array.dtype != first.array.dtype:
            same = [leaf for leaf in leaves if leaf.array.dtype == first.array.dtype]
            second = self.draw(st.sampled_from(same)) if same else self.constant_like(first)
        return [second, first] if self.draw(st.integers(0, 6 if constant else 1)) == 0 else [first, second]

    def _chosen(self, first: Value, leaves: Sequence[Value], levels: int) -> list[Value]:
        """A condition and two values."""
        second = self.tree(leaves, levels - 1)
        if second.array.dtype != first.array.dtype:
            second = first
        conditions = [value for value in leaves if value.array.dtype == BOOL]
        if conditions and self.draw(st.booleans()):
            return [self.draw(st.sampled_from(conditions)), first, second]
        shape = self.draw(st.sampled_from([first.array.shape, ()]))
        return [self.leaf(self.notable(shape, BOOL)), first, second]

    def _applied(self, op: type[HLOp], value: Value) -> list[Value]:
        """The results of an op on a value and what its rule draws beside it."""
        outer, self.ops = self.ops, [op]
        try:
            return self.applied_to(value)
        finally:
            self.ops = outer


def _has_dtype(op: type[HLOp]) -> bool:
    """Whether an op's attributes say what dtype it gives."""
    return "dtype" in op.get_irdl_definition().properties


def _expression(b: Builder, values: Sequence[Value], depth: int) -> list[Value]:
    """An expression of the ops that a pattern names; the one that it names first is often the last one computed."""
    assert isinstance(b, FocusedBuilder)
    root = b.ops[0] if b.draw(st.booleans()) else b.draw(st.sampled_from(list(b.ops)))
    before = len(b.applied)
    leaves = b.leaves(values)
    found = b.tree(leaves, b.draw(st.sampled_from(_LEVELS)), root)
    return [*leaves, found] if len(b.applied) > before else [found]


def _every_dtype(b: Builder, values: Sequence[Value], depth: int) -> list[Value]:
    """A value in every dtype that an op makes of it."""
    assert isinstance(b, FocusedBuilder)
    op = b.draw(st.sampled_from([op for op in b.ops if _has_dtype(op)]))
    leaves = b.leaves(values)
    sample = b.sample(op, leaves[0])
    if len(sample.operands) != 1 or "dtype" not in sample.attrs:
        return []
    found: list[Value] = []
    for dtype in ALL:
        attrs = {**sample.attrs, "dtype": dtype}
        results = evaluated(op, [leaves[0].array], attrs)
        found += [] if results is None else b._emitted(op, leaves[:1], attrs, results)
    return found


@st.composite
def focused_modules(
    draw: Any, interest: Interest, max_statements: int = 12, depth: int = 1, effects: bool = True
) -> Case:
    """Well-typed `hl` modules for what a pattern looks for, with inputs for them.

    Args:
        interest: what the pattern looks for.
        max_statements: at most so many at the outermost level.
        depth: how deep branches and loops nest; one deeper for patterns that name such ops.
        effects: whether Variables and prints occur.
    """
    nests = any(name.startswith("scf.") for name in interest.others)
    classes = [OPS[name] for name in interest.ops] or list(OPS.values())
    builder = FocusedBuilder(draw, classes, True, depth + nests, effects, interest=interest)
    return builder.run(draw(st.integers(3, max_statements)))
