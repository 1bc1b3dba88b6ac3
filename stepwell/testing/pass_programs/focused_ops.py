"""Programs for what one pattern looks for: values of few sizes and dtypes, and the numbers that matter."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import numpy as np
from xdsl.ir import Operation, SSAValue

from stepwell.dialects.dtypes import ALL, DType
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.hl.rules.base import HLOp
from stepwell.dialects.hl.rules.elementwise import ElementwiseOp

from ..generation.draws import QuickDraws
from ..generation.hl.body import HlProgram, Options
from ..generation.hl.module import ModuleBody
from ..generation.hl.values import Value, evaluated
from ..numbers import arguments, notable_array, notable_numbers, partly_equal, whole_array
from ..sampling import GuidedQuickSampler, Palette, QuickSampler, by_use
from .interests import Interest

_SHAPES = ((3,), (2, 3), (5,), (), (2,), (2, 2, 2), (4, 2), (3, 2), (1,), (1, 3), (2, 3, 2), (0,), (19,))
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

_LONG_SHAPES = ((19,), (2, 19), (37,), (19, 2))
"""Sizes for passes that look at loops: axes of more elements than the widest vectors have lanes."""

_LONG = 16
"""How many arguments of a function show most of what is special about it."""

_MOST_ELEMENTS = 38
_FEW_DTYPES = 2
"""To how many dtypes the results of an op that was applied for each dtype are taken on: all pairs occur by and by."""

_TRIES = 4
"""How often an op's rule is asked for operands with a value among them."""


class FocusedProgram(QuickDraws, HlProgram):
    """An `hl` module in which patterns find what they look for: each statement is for one of them.

    Such programs are made smaller afterwards, not drawn again.

    Attributes:
        interests: what the patterns look for.
        interest: what the one looks for that the statement being drawn is for.
        shape: the sizes of most values: they fit each other then.
        numbers: what most constants are.
        constants: those so far.
    """

    def __init__(self, source: Random, interests: Sequence[Interest], options: Options):
        HlProgram.__init__(self, None, options)
        self.source, self.interests, self.interest = source, interests, Interest("")
        self.shape: tuple[int, ...] = ()
        self.numbers: list[float] = []
        self.constants: dict[SSAValue, Value] = {}

    @property
    def is_elementwise(self) -> bool:
        """Whether the pattern names elementwise ops only."""
        return all(issubclass(op, ElementwiseOp) for op in self.ops)

    @property
    def has_functions(self) -> bool:
        """Whether half of the ops that the pattern names, or more, are functions that engines may round."""
        return 2 * sum(op.EXACT for op in self.ops) <= len(self.ops)

    def sampler(self, offered: Value | None) -> QuickSampler:
        """Draws operands and attributes; those that are at hand, where it can."""
        options = self.options.special, self.options.max_side, self.palette
        if offered is None:
            return QuickSampler(self.source, *options)
        return GuidedQuickSampler(self.source, offered.array, *options)

    def turn(self) -> None:
        """Begin a statement, for any one of the patterns."""
        self.palette = self._turned(self.choice(self.interests))

    def _few_ops(self) -> Sequence[type[HLOp]]:
        return self.ops

    def _palette(self) -> Palette:
        self.shape = self.choice(_SHAPES)
        return self._turned(self.choice(self.interests))

    def _turned(self, interest: Interest) -> Palette:
        """One or two sizes and dtypes for what a pattern looks for: those that it names, where it names any."""
        beside = [self.choice(interest.partners)] if interest.partners else []
        self.interest, self.ops = interest, classes((*interest.ops, *beside))
        named = [dtype for dtype in interest.dtypes if dtype in ALL]
        allowed = [dtype for op in self.ops for dtype in getattr(op, "DTYPES", ())]
        allowed += [dtype for dtype in allowed if dtype.is_floating]
        options = by_use(named if named and self.boolean() else allowed or ALL)
        first = interest.variant.dtype or self.choice(options)
        dtypes = [first, first, first, self.choice(options)]
        self.numbers = notable_numbers(first, self.integer(0, 2**20), interest.numbers)
        sides = [self.choice((2, 3, 4, 1)) for _ in range(2)]
        sizes = [int(number) for number in interest.numbers if number in range(2, 9)]
        return Palette((*sides, *([self.choice(sizes)] if sizes else [])), tuple(dtypes))


class FocusedOpBody(ModuleBody):
    """A body that makes values which fit each other."""

    program: FocusedProgram

    def leaves(self) -> list[Value]:
        """One to three values of one dtype, and of sizes that broadcast: some at hand, others new."""
        dtype = self.program.choice(self.program.palette.dtypes)
        shape = self.program.shape if self.program.integer(0, 3) else self.program.choice(_SHAPES)
        if not self.program.is_elementwise and self.program.integer(0, 3):
            long = "scf.for" in self.program.interest.others and self.program.boolean()
            shape = self.program.choice(_LONG_SHAPES if long else _RICH_SHAPES)
        elif self.program.has_functions:
            shape = (_LONG,)
        known = [value for value in self.values if value.array.dtype == dtype and value.array.size <= _MOST_ELEMENTS]
        found: list[Value] = []
        if known and self.program.boolean():
            found.append(self.program.related(known))
            shape = found[0].array.shape
        for _ in range(self.program.choice((2, 1, 3)) - len(found)):
            one = self.program.integer(0, 7) == 0
            sizes = tuple(1 if self.program.boolean() else size for size in shape) if one else shape
            array = self.notable(sizes, dtype)
            if found and found[0].kind == (dtype, sizes) and self.program.boolean():
                array = partly_equal(array, found[0].array, self.program.integer(0, 2**20))
            found.append(self.leaf(array))
        return found

    def leaf(self, array: np.ndarray) -> Value:
        """A new parameter, or seldom a constant."""
        if self.function.open and self.program.integer(0, 3):
            return self.parameter(array)
        return super().leaf(array)

    def notable(self, shape: Sequence[int], dtype: DType) -> np.ndarray:
        """An array of numbers that rules are often wrong about; for ops that may add up, often of small whole ones.

        For others half of the arrays of floats have one that is in the way of what compares, chooses or negates.
        """
        seed = self.program.integer(0, 2**20)
        if seed % 2 and not self.program.is_elementwise:
            return whole_array(shape, dtype, seed)
        if dtype.is_floating and self.program.has_functions and self.program.integer(0, 3):
            return arguments(shape, dtype, seed)
        array = notable_array(shape, dtype, seed, self.program.interest.numbers)
        if dtype.is_floating and array.size and self.program.is_elementwise and self.program.boolean():
            array.flat[self.program.integer(0, array.size - 1)] = self.program.choice((np.nan, np.nan, 0.0, -0.0))
        return array

    def constant_like(self, like: Value) -> Value:
        """A constant of one number, often one that the pattern names."""
        dtype, shape = like.kind
        below = self._constants_of(like)
        if below and self.program.integer(0, 2) == 0:
            return below[-1]
        return self.constant_of(self.program.choice([(), (), shape, shape, shape, (2, *shape)]), dtype)

    def constant_of(self, sizes: Sequence[int], dtype: DType) -> Value:
        """A constant of one number, of these sizes."""
        number = self.program.choice(self.program.numbers) if self.program.integer(0, 3) else self.notable((), dtype)
        with np.errstate(all="ignore"):
            array = np.full(sizes, number).astype(dtype)
        with self.here():
            found = Value(self.tracer.constant(array), array)
        self.program.constants[found.ssa] = found
        return found

    def _constants_of(self, value: Value) -> list[Value]:
        """The constants of its dtype that a value was computed from directly."""
        owner = value.ssa.owner
        operands = owner.operands if isinstance(owner, Operation) else ()
        found = [self.program.constants[operand] for operand in operands if operand in self.program.constants]
        return [constant for constant in found if constant.array.dtype == value.array.dtype]

    special_constant = constant_like

    def on(self, op: type[ElementwiseOp], operands: Sequence[Value]) -> Value | None:
        """The result of an elementwise op, where it has one."""
        arrays = [operand.array for operand in operands]
        results = evaluated(op, arrays, {}) if arrays[-1].dtype in op.DTYPES else None
        made = [] if results is None else self.emitted(op, operands, {}, results)
        return made[0] if made else None

    def applied_among_others(self, op: type[HLOp], value: Value) -> list[Value]:
        """The results of an op on a value and what the op's rule draws beside it."""
        sample = self.program.sample(op, value)
        for _ in range(_TRIES):
            if any(array is value.array for array in sample.operands):
                break
            sample = self.program.sample(op, value)
        operands = [value if array is value.array else self.leaf(array) for array in sample.operands]
        alike = self._attrs_of_owner(value, sample.attrs) if len(operands) == 1 else sample.attrs
        for attrs in (alike, sample.attrs):
            results = evaluated(op, sample.operands, attrs)
            if results is not None:
                return self.emitted(op, operands, attrs, results)
        return []

    def _attrs_of_owner(self, value: Value, attrs: Any) -> Any:
        """An op's attributes; some of them, often, those of the op that made its operand."""
        owner = value.ssa.owner
        if not isinstance(owner, HLOp) or len(owner.operands) != 1 or self.program.integer(0, 2):
            return attrs
        return {**attrs, **{name: other for name, other in owner.attrs().items() if name in attrs}}

    def every_dtype_of(self, op: type[HLOp], value: Value) -> list[Value]:
        """The results of an op whose attributes name the result's dtype: one for each dtype, and a few of each."""
        sample = self.program.sample(op, value)
        if len(sample.operands) != 1 or "dtype" not in sample.attrs:
            return []
        found = self._in_dtypes(ALL, op, value, sample.attrs)
        return [*found, *(other for each in found for other in self._in_dtypes(self._few(), op, each, sample.attrs))]

    def _few(self) -> list[DType]:
        return [self.program.choice(ALL) for _ in range(_FEW_DTYPES)]

    def _in_dtypes(self, dtypes: Sequence[DType], op: type[HLOp], value: Value, attrs: Any) -> list[Value]:
        found: list[Value] = []
        for dtype in dtypes:
            changed = {**attrs, "dtype": dtype}
            results = evaluated(op, [value.array], changed)
            found += [] if results is None else self.emitted(op, [value], changed, results)
        return found


def classes(names: Sequence[str]) -> list[type[HLOp]]:
    """The ops of these names; all ops, where there are none."""
    return [OPS[name] for name in names] or [op for op in OPS.values() if not op.COMPLEX]
