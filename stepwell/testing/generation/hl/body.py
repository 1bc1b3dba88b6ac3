"""Draws `hl` modules op by op: well-typed programs over every op there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
from xdsl.dialects import tensor
from xdsl.ir import Attribute, SSAValue

from stepwell.compiler.frontend.tracing.tracer import Tracer
from stepwell.dialects.dtypes import ALL, dtype_of
from stepwell.dialects.hl.rules.base import HLOp, InferenceError
from stepwell.dialects.hl.rules.elementwise import BinaryOp, UnaryOp
from stepwell.dialects.hl.rules.facets import Sample
from stepwell.dialects.types import tensor_type

from ...numbers import notable_numbers
from ...sampling import GuidedSampler, HypothesisSampler, Palette, by_use
from ..program import Body, Program
from .values import BOOL, Value, broadcasts, evaluated, is_data

FAILING = 5
"""One program in so many has statements that may stop it."""

FEW = 8
"""How many ops there are at most in a program of few ops."""

ELEMENTS_PER_SIDE = 64
"""Results have at most so many elements, for each one that the largest side may have: a level may run one by one."""


@dataclass(frozen=True)
class Options:
    """What `hl_modules` is asked for.

    Attributes:
        ops: the classes of ops to draw from, simplest first.
        dynamic: whether sizes of parameters may be `?`.
        effects: whether Variables and prints occur.
        max_side: the largest size of a dimension that samples have.
        special: whether floats include NaN, infinities and extremes.
        exact: whether floats come from ops only that every engine computes to the last bit.
        control_flow: how many times as often as by default there are branches, loops and calls.
    """

    ops: Sequence[type[HLOp]]
    dynamic: bool = True
    effects: bool = True
    max_side: int = 4
    special: bool = True
    exact: bool = False
    control_flow: int = 1


@dataclass
class Function:
    """A function under construction.

    Attributes:
        tracer: builds it.
        open: whether it may still get parameters.
        effects: whether Variables and prints occur in it.
        variables: those that it has.
    """

    tracer: Tracer
    open: bool
    effects: bool
    variables: list[Value] = field(default_factory=list)


class HlProgram(Program):
    """An `hl` module that is drawn op by op.

    Attributes:
        options: what is asked for.
        ops: the classes of ops to draw from.
        applied: the ops so far, with their operands and attributes.
        used: how often each op is in it so far.
        fails: whether there are statements that may stop the program.
        palette: the sizes and dtypes of most of its values.
    """

    FILE: ClassVar = "program.py", 0

    def __init__(self, draw: Any, options: Options):
        super().__init__(draw)
        self.options, self.ops = options, options.ops
        self.applied: list[tuple[type[HLOp], list[Value], Any]] = []
        self.used: Counter[str] = Counter()
        self.fails = False
        self.palette = Palette()

    def settle(self) -> None:
        """Decide what is true of the whole program."""
        self.palette, self.ops = self._palette(), self._few_ops()
        self.fails = self.options.effects and self.integer(1, FAILING) == FAILING

    def _palette(self) -> Palette:
        """Few sizes and dtypes for most of the program: values that fit each other are many then."""
        sides = [self.integer(1, self.options.max_side) for _ in range(self.integer(1, 2))]
        dtypes = [self.choice(by_use(ALL)) for _ in range(self.integer(1, 3))]
        return Palette(tuple(sides), tuple(dtypes))

    def _few_ops(self) -> Sequence[type[HLOp]]:
        """All ops, or for every second program a few, of which half are common ones: they meet each other then."""
        if len(self.ops) <= 2 * FEW or self.boolean():
            return self.ops
        common = [op for op in self.ops if op.COMMON] or list(self.ops)
        half = FEW // 2
        chosen = [self.choice(pool) for pool in (common, self.ops) for _ in range(self.integer(1, half))]
        return list(dict.fromkeys(chosen))

    def sampler(self, offered: Value | None) -> HypothesisSampler:
        """Draws operands and attributes; those that are at hand, where it can."""
        options = self.options.special, self.options.max_side, self.palette
        if offered is None:
            return HypothesisSampler(self._draw, *options)
        return GuidedSampler(self._draw, offered.array, *options)

    def sample(self, op: type[HLOp], offered: Value | None) -> Sample:
        """Operands and attributes for an op; a value at hand among them, where it can."""
        with np.errstate(all="ignore"):
            return op.sample(self.sampler(offered))

    def recent(self, values: Sequence[Value]) -> Value:
        """One of the last few values."""
        return values[-1 - self.integer(0, min(3, len(values) - 1))]

    def related(self, values: Sequence[Value]) -> Value:
        """One of the last few values, or any one: two that were computed from one another are often put together."""
        return self.recent(values) if self.boolean() else self.choice(values)

    def some(self, values: Sequence[Value]) -> list[Value]:
        """One to three of the values: one of the last ones, and any others."""
        if not values:
            return []
        count = self.integer(0, min(2, len(values) - 1))
        backwards = list(values)[::-1]
        return [self.recent(values), *(self.choice(backwards) for _ in range(count))]


class OpBody(Body[HlProgram, Function, Value]):
    """A body that computes; statements return the values that they make."""

    def inner(self, values: Sequence[Value] = ()) -> Self:
        """The body of a nested block, which sees what is at hand here."""
        return type(self)(self.program, self.function, [*self.values, *values], self.depth - 1)

    @property
    def tracer(self) -> Tracer:
        """What builds the function."""
        return self.function.tracer

    def here(self) -> AbstractContextManager[None]:
        """Ops made inside the `with` block have the next line."""
        return self.tracer.at(self.program.place())

    def parameter(self, array: np.ndarray) -> Value:
        """A new parameter of the function that is given `array`."""
        any_size = self.program.options.dynamic and self.program.boolean()
        sizes = [None if any_size and size != 1 else size for size in array.shape]
        value = self.tracer.argument(tensor_type(sizes, array.dtype), "x")
        self.program.inputs.append(array)
        return Value(value, array)

    def apply(self) -> list[Value]:
        """An op on values at hand where they fit, else on new parameters."""
        return self.applied(self.values)

    def applied(self, values: Sequence[Value]) -> list[Value]:
        """The results of an op on some of the values, as far as there is one for them."""
        op = self.program.choice(list(self.program.ops))
        guided = values and not op.SIZED_BY_VALUES and self.program.integer(0, 3)
        offered = self.program.recent(values) if guided else None
        sample = self.program.sample(op, offered)
        arrays = list(sample.operands)
        chosen: list[Value | None] = []
        for number, array in enumerate(arrays):
            if offered is not None and array is offered.array:
                chosen.append(offered)
            else:
                chosen.append(self._fitting(values, array) if is_data(op, number, arrays) else None)
        arrays = [array if value is None else value.array for array, value in zip(arrays, chosen, strict=True)]
        results = evaluated(op, arrays, sample.attrs)
        if results is None:
            chosen = [None] * len(chosen)
            arrays = list(sample.operands)
            results = evaluated(op, arrays, sample.attrs)
            assert results is not None, f"{op.name}: a sample without meaning"
        operands = [value or self.leaf(array) for array, value in zip(arrays, chosen, strict=True)]
        return self.emitted(op, operands, sample.attrs, results)

    def again(self) -> list[Value]:
        """An op of the program once more, on the same first operand; with the same attributes, or others."""
        inside = [applied for applied in self.program.applied if all(operand in self.values for operand in applied[1])]
        if not inside:
            return self.apply()
        op, operands, attrs = self.program.choice(inside)
        if operands and self.program.boolean():
            sample = self.program.sample(op, operands[0])
            if len(sample.operands) != len(operands) or sample.operands[0] is not operands[0].array:
                return []
            others = zip(sample.operands[1:], operands[1:], strict=True)
            if any((a.shape, a.dtype) != (known.array.shape, known.array.dtype) for a, known in others):
                return []
            attrs = sample.attrs
        results = evaluated(op, [operand.array for operand in operands], attrs)
        return [] if results is None else self.emitted(op, operands, attrs, results)

    def emitted(
        self, op: type[HLOp], operands: Sequence[Value], attrs: Any, results: Sequence[np.ndarray]
    ) -> list[Value]:
        """The results of an op on values, which are known; none where it does not fit after all."""
        if any(result.size > ELEMENTS_PER_SIDE * self.program.options.max_side for result in results):
            return []
        if self.program.options.exact and not op.EXACT and any(dtype_of(result).is_floating for result in results):
            return []
        try:
            with self.here():
                made = self.tracer.emit(op, [operand.ssa for operand in operands], attrs)
        except InferenceError:  # an operand of unknown size or value where the op needs to know it
            return []
        self.program.used[op.name] += 1
        self.program.applied.append((op, list(operands), attrs))
        return [Value(ssa, array) for ssa, array in zip(made.results, results, strict=True)]

    def chained(self) -> list[Value]:
        """An elementwise op on values at hand, so that chains grow that can be fused and simplified."""
        first = self.program.recent(self.values)
        options = [
            op for op in self.program.ops if issubclass(op, UnaryOp | BinaryOp) and first.array.dtype in op.DTYPES
        ]
        if not options:
            return self.apply()
        op = self.program.choice(options)
        operands = [first]
        if issubclass(op, BinaryOp):
            partners = [value for value in self.values if broadcasts(value, first)]
            constant = not partners or self.program.integer(0, 2) == 0
            second = self.special_constant(first) if constant else self._partner(first, partners)
            operands = [first, second] if self.program.boolean() else [second, first]
        results = evaluated(op, [operand.array for operand in operands], {})
        return [] if results is None else self.emitted(op, operands, {}, results)

    def _partner(self, first: Value, partners: Sequence[Value]) -> Value:
        """Another operand: as often another value than the same one."""
        others = [value for value in partners if value.ssa is not first.ssa]
        if self.program.boolean():
            return self.program.related(partners)
        return (
            self.program.related(others)
            if others
            else self.leaf(self.program.sampler(None).array(first.array.shape, dtype_of(first.array)))
        )

    def forgotten(self) -> list[Value]:
        """A value whose sizes the program no longer knows."""
        return [self.blurred(self.program.recent(self.values))]

    def blurred(self, value: Value) -> Value:
        """The value with `?` for its sizes."""
        type_ = tensor_type([None] * value.array.ndim, value.array.dtype)
        with self.here():
            return Value(self.cast(value.ssa, type_), value.array)

    def cast(self, value: SSAValue, type_: Attribute) -> SSAValue:
        """The value as one of another type that it has."""
        return value if value.type == type_ else self.tracer.add(tensor.CastOp(value, type_)).dest  # pyright: ignore

    def special_constant(self, like: Value) -> Value:
        """A constant of one number for which ops have rules of their own, of the sizes of another value or of none."""
        dtype, shape = like.kind
        numbers = (
            [0, 1] if dtype == BOOL else [0, 1, 0, -1, 2] if dtype.is_integer else [0.0, 1.0, -0.0, 0.0, -1.0, 2.0]
        )
        sizes = self.program.choice([(), shape, shape, (2, *shape)])
        if self.program.boolean():
            numbers = notable_numbers(dtype, self.program.integer(0, 2**16))
        array = np.full(sizes, np.array(self.program.choice(numbers)).astype(dtype))
        with self.here():
            return Value(self.tracer.constant(array), array)

    def _fitting(self, values: Sequence[Value], array: np.ndarray) -> Value | None:
        kind = (dtype_of(array), array.shape)
        options = [value for value in values if value.kind == kind][::-1]
        return self.program.choice([*options, None]) if options else None

    def leaf(self, array: np.ndarray) -> Value:
        """A new parameter, or a constant."""
        if self.function.open and self.program.boolean():
            return self.parameter(array)
        with self.here():
            return Value(self.tracer.constant(array), array)
