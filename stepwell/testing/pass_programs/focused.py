"""Programs for what one pattern looks for: expressions of few ops over few values, with the numbers that matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

import numpy as np
from hypothesis import strategies as st
from xdsl.ir import Operation, SSAValue

from stepwell.dialects.hl import OPS
from stepwell.dialects.hl.rules.base import HLOp
from stepwell.dialects.hl.rules.elementwise import ElementwiseOp
from stepwell.dialects.types import ALL

from ..module_builder import Builder, Statement
from ..module_control_flow import branch, called, counted, repeated, stopped, unreached
from ..module_effects import failing, printed, stateful, updated
from ..module_values import Case, Value, evaluated
from ..numbers import notable_array, notable_numbers, partly_equal, whole_array
from ..sampling import GuidedQuickSampler, Palette, QuickSampler
from .expressions import Expression
from .interests import Interest

_T = TypeVar("_T")

_SHAPES = ((3,), (2, 3), (5,), (), (2,), (2, 2, 2), (4, 2), (3, 2), (1,), (1, 3), (2, 3, 2), (0,))
"""The sizes of most values."""

_RICH_SHAPES = (
    (2, 3),
    (3, 2),
    (2, 3, 2),
    (2, 2),
    (4, 2),
    (1, 3),
    (3, 1, 2),
    (2, 1, 1),
    (2, 2, 2),
    (1, 1),
    (0, 2),
    (3,),
)
"""The sizes of most values for ops that look at axes."""

_MOST_ELEMENTS = 24
_TRIES = 4
"""How often an op's rule is asked for operands with a value among them."""

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
    """Draws programs in which patterns find what they look for: each statement is for one of them.

    Attributes:
        interests: what the patterns look for.
        source: where all comes from: such programs are made smaller afterwards, not drawn again.
        interest: what the one looks for that the statement being drawn is for.
        shape: the sizes of most values: they fit each other then.
        numbers: what most constants are.
        constants: those so far.
    """

    interests: Sequence[Interest] = (Interest(""),)
    source: Random = field(default_factory=Random)
    interest: Interest = field(default_factory=lambda: Interest(""))
    shape: tuple[int, ...] = ()
    numbers: list[float] = field(default_factory=list)
    constants: dict[SSAValue, Value] = field(default_factory=dict)

    @property
    def is_elementwise(self) -> bool:
        """Whether the pattern names elementwise ops only."""
        return all(issubclass(op, ElementwiseOp) for op in self.ops)

    def integer(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included."""
        return self.source.randint(low, high)

    def boolean(self) -> bool:
        """True or False."""
        return self.source.random() < 0.5

    def choice(self, options: Sequence[_T]) -> _T:
        """One of `options`."""
        return self.source.choice(options)

    def statement(self, values: Sequence[Value], depth: int) -> list[Value]:
        """One more statement."""
        return self.choice(self.kinds(values, depth))(self, values, depth)

    def sampler(self, offered: Value | None) -> QuickSampler:
        """Draws operands and attributes; those that are at hand, where it can."""
        if offered is None:
            return QuickSampler(self.source, self.special, self.max_side, self.palette)
        return GuidedQuickSampler(self.source, offered.array, self.special, self.max_side, self.palette)

    def _few_ops(self) -> Sequence[type[HLOp]]:
        return self.ops

    def _palette(self) -> Palette:
        self.shape = self.choice(_SHAPES)
        return self._turned(self.choice(self.interests))

    def _turned(self, interest: Interest) -> Palette:
        """One or two sizes and dtypes for what a pattern looks for: those that it names, where it names any."""
        beside = [self.choice(interest.partners)] if interest.partners else []
        self.interest, self.ops = interest, _classes((*interest.ops, *beside))
        named = [dtype for dtype in interest.dtypes if dtype in ALL]
        allowed = [dtype for dtype in ALL if any(dtype in getattr(op, "DTYPES", ()) for op in self.ops)]
        options = named if named and self.boolean() else allowed or list(ALL)
        first = interest.variant.dtype or self.choice(options)
        dtypes = [first, first, first, self.choice(options)]
        self.numbers = notable_numbers(first, self.integer(0, 2**20), interest.numbers)
        sides = [self.choice((2, 3, 4, 1)) for _ in range(2)]
        sizes = [int(number) for number in interest.numbers if number in range(2, 9)]
        return Palette((*sides, *([self.choice(sizes)] if sizes else [])), tuple(dtypes))

    def statements(self, outer: Sequence[Value], size: int, depth: int) -> list[Value]:
        """The values at hand after so many statements; at the end of most programs is one that fails."""
        values = super().statements(outer, size, depth)
        if not outer and self.effects and not self.closed and self.integer(0, 2):
            named = _classes([name for interest in self.interests for name in interest.ops])
            self.ops = [op for op in named if len(op.get_irdl_definition().operands) > 1] or self.ops
            self.choice([failing, stopped])(self, values, depth)
        return values

    def kinds(self, values: Sequence[Value], depth: int) -> list[Statement]:
        """Expressions and whatever else the next pattern names, mostly."""
        if self.integer(0, 3):
            self.palette = self._turned(self.choice(self.interests))
        possible = super().kinds(values, depth)
        wanted = [statement for name in sorted(self.interest.others) for statement in _STATEMENTS.get(name, ())]
        wanted = [statement for statement in dict.fromkeys(wanted) if statement in possible]
        few = not self.interest.ops or (wanted and not self.interest.partners)
        only = bool(wanted) and not self.interest.ops  # nothing but other statements is named: half are these
        found: list[Statement] = [_expression] * (40 if few else 80)
        found += [statement for statement in wanted for _ in range(max(10, 60 // len(wanted)) if only else 10)]
        found += [Builder._again] * (0 if self.interest.ops or Builder._again not in possible else 20)
        found += [_every_dtype] * (60 if any(_has_dtype(op) for op in self.ops) and self.interest.ops else 0)
        return [*found, *dict.fromkeys(possible)]

    def leaves(self, values: Sequence[Value]) -> list[Value]:
        """One to three values of one dtype, and of sizes that broadcast: some at hand, others new."""
        dtype = self.choice(self.palette.dtypes)
        shape = self.shape if self.integer(0, 3) else self.choice(_SHAPES)
        if not self.is_elementwise and self.integer(0, 3):
            shape = self.choice(_RICH_SHAPES)
        known = [value for value in values if value.array.dtype == dtype and value.array.size <= _MOST_ELEMENTS]
        found: list[Value] = []
        if known and self.boolean():
            found.append(self.related(known))
            shape = found[0].array.shape
        for _ in range(self.choice((2, 1, 3)) - len(found)):
            one = self.integer(0, 7) == 0
            sizes = tuple(1 if self.boolean() else size for size in shape) if one else shape
            array = self.notable(sizes, dtype)
            if found and found[0].kind == (dtype, sizes) and self.boolean():
                array = partly_equal(array, found[0].array, self.integer(0, 2**20))
            found.append(self.leaf(array))
        return found

    def leaf(self, array: np.ndarray) -> Value:
        """A new parameter, or seldom a constant."""
        if not self.closed and self.integer(0, 3):
            return self.parameter(array)
        return super().leaf(array)

    def notable(self, shape: Sequence[int], dtype: np.dtype) -> np.ndarray:
        """An array of numbers that rules are often wrong about; for ops that may add up, often of small whole ones.

        For others every fourth array of floats has a NaN, which is in the way of what compares or chooses.
        """
        seed = self.integer(0, 2**20)
        if seed % 2 and not self.is_elementwise:
            return whole_array(shape, dtype, seed)
        array = notable_array(shape, dtype, seed, self.interest.numbers)
        if dtype.kind == "f" and array.size and self.is_elementwise and self.integer(0, 3) == 0:
            array.flat[self.integer(0, array.size - 1)] = np.nan
        return array

    def constant_like(self, like: Value) -> Value:
        """A constant of one number, often one that the pattern names."""
        dtype, shape = like.kind
        below = self._constants_of(like)
        if below and self.integer(0, 2) == 0:
            return below[-1]
        sizes = self.choice([(), (), shape, shape, shape, (2, *shape)])
        number = self.choice(self.numbers) if self.integer(0, 3) else self.notable((), dtype)
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

    def on(self, op: type[ElementwiseOp], operands: Sequence[Value]) -> Value | None:
        """The result of an elementwise op, where it has one."""
        arrays = [operand.array for operand in operands]
        results = evaluated(op, arrays, {}) if arrays[-1].dtype in op.DTYPES else None
        made = [] if results is None else self._emitted(op, operands, {}, results)
        return made[0] if made else None

    def applied_among_others(self, op: type[HLOp], value: Value) -> list[Value]:
        """The results of an op on a value and what the op's rule draws beside it."""
        sample = self.sample(op, value)
        for _ in range(_TRIES):
            if any(array is value.array for array in sample.operands):
                break
            sample = self.sample(op, value)
        operands = [value if array is value.array else self.leaf(array) for array in sample.operands]
        alike = self._attrs_of_owner(value, sample.attrs) if len(operands) == 1 else sample.attrs
        for attrs in (alike, sample.attrs):
            results = evaluated(op, sample.operands, attrs)
            if results is not None:
                return self._emitted(op, operands, attrs, results)
        return []

    def _attrs_of_owner(self, value: Value, attrs: Any) -> Any:
        """An op's attributes; some of them, often, those of the op that made its operand."""
        owner = value.ssa.owner
        if not isinstance(owner, HLOp) or len(owner.operands) != 1 or self.integer(0, 2):
            return attrs
        return {**attrs, **{name: other for name, other in owner.attrs().items() if name in attrs}}

    def every_dtype_of(self, op: type[HLOp], value: Value) -> list[Value]:
        """The results of an op whose attributes name the result's dtype: one for each dtype, and so on for each."""
        sample = self.sample(op, value)
        if len(sample.operands) != 1 or "dtype" not in sample.attrs:
            return []
        found = self._in_every_dtype(op, value, sample.attrs)
        return [*found, *(other for each in found for other in self._in_every_dtype(op, each, sample.attrs))]

    def _in_every_dtype(self, op: type[HLOp], value: Value, attrs: Any) -> list[Value]:
        found: list[Value] = []
        for dtype in ALL:
            changed = {**attrs, "dtype": dtype}
            results = evaluated(op, [value.array], changed)
            found += [] if results is None else self._emitted(op, [value], changed, results)
        return found

    def _results(self, values: Sequence[Value]) -> list[Value]:
        """All that nothing uses; in every second program much of the rest, too, so that what became of it is seen."""
        unused = [value for value in values if value.ssa.first_use is None]
        used = [value for value in values if value.ssa.first_use is not None]
        shown = [value for value in used if self.boolean()] if self.boolean() else []
        return [*unused, *shown]


def _classes(names: Sequence[str]) -> list[type[HLOp]]:
    """The ops of these names; all ops, where there are none."""
    return [OPS[name] for name in names] or list(OPS.values())


def _has_dtype(op: type[HLOp]) -> bool:
    """Whether an op's attributes say what dtype it gives."""
    return "dtype" in op.get_irdl_definition().properties


def _expression(b: Builder, values: Sequence[Value], depth: int) -> list[Value]:
    """An expression of the ops that a pattern names; the one that it names first is often the last one computed."""
    assert isinstance(b, FocusedBuilder)
    before = len(b.applied)
    leaves = b.leaves(values)
    found = Expression(b, leaves).drawn()
    return [*leaves, *found] if len(b.applied) > before else found


def _every_dtype(b: Builder, values: Sequence[Value], depth: int) -> list[Value]:
    """A value in every dtype that an op makes of it."""
    assert isinstance(b, FocusedBuilder)
    op = b.choice([op for op in b.ops if _has_dtype(op)])
    dtype, seed = b.choice(ALL), b.integer(0, 2**20)
    return b.every_dtype_of(op, b.leaf(notable_array(b.shape, dtype, seed)))


@st.composite
def focused_modules(
    draw: Any, interests: Sequence[Interest], statements: int = 16, depth: int = 1, effects: bool = True
) -> Case:
    """Well-typed `hl` modules for what patterns look for, with inputs for them.

    Args:
        interests: what the patterns look for; each statement is for one of them.
        statements: at most so many at the outermost level, and at least half of them.
        depth: how deep branches and loops nest; one deeper for patterns that name such ops.
        effects: whether Variables and prints occur.
    """
    nests = any(name.startswith("scf.") for interest in interests for name in interest.others)
    source = Random(draw(st.integers(0, 2**64 - 1)))
    builder = FocusedBuilder(draw, list(OPS.values()), True, depth + nests, effects, interests=interests, source=source)
    return builder.run(builder.integer(statements // 2, statements))
