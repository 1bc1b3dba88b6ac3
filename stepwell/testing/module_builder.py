"""Draws whole modules op by op: well-typed programs over every op there is, with control flow, state and effects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from hypothesis import strategies as st
from xdsl.dialects import func, tensor
from xdsl.dialects.builtin import FileLineColLoc, IntAttr, StringAttr
from xdsl.ir import Attribute, SSAValue

from stepwell.compiler.frontend.tracing.tracer import Tracer, tracing
from stepwell.dialects.hl.rules.base import HLOp, InferenceError
from stepwell.dialects.hl.rules.elementwise import BinaryOp, UnaryOp
from stepwell.dialects.hl.rules.facets import Sample
from stepwell.dialects.types import ALL, tensor_type

from .module_control_flow import branch, called, counted, repeated, unreached
from .module_effects import failing, printed, stateful, updated
from .module_values import BOOL, Case, Value, broadcasts, evaluated, is_data
from .numbers import notable_numbers
from .sampling import GuidedSampler, HypothesisSampler, Palette

_T = TypeVar("_T")

FAILING = 5
"""One program in so many has statements that may stop it."""

FEW = 8
"""How many ops there are at most in a program of few ops."""

ELEMENTS_PER_SIDE = 64
"""Results have at most so many elements, for each one that the largest side may have: a level may run one by one."""


@dataclass
class Builder:
    """Draws a program op by op, and builds it as it goes.

    Attributes:
        draw: hypothesis' draw function.
        ops: the classes of ops to draw from, simplest first.
        dynamic: whether sizes of parameters may be `?`.
        depth: how deep branches and loops nest.
        effects: whether Variables and prints occur.
        max_side: the largest size of a dimension that samples have.
        special: whether floats include NaN, infinities and extremes.
        applied: the ops so far, with their operands and attributes.
        functions: private functions that the program calls.
        calls: how many of them there are, those still being built among them.
        closed: whether the function being built takes no more parameters.
        fails: whether there are statements that may stop the program.
        palette: the sizes and dtypes of most of its values.
    """

    draw: Any
    ops: Sequence[type[HLOp]]
    dynamic: bool
    depth: int
    effects: bool
    max_side: int = 4
    special: bool = True
    tracer: Tracer = field(default_factory=lambda: Tracer("main"))
    inputs: list[np.ndarray] = field(default_factory=list)
    used: Counter[str] = field(default_factory=Counter)
    variables: list[Value] = field(default_factory=list)
    applied: list[tuple[type[HLOp], list[Value], Any]] = field(default_factory=list)
    functions: list[func.FuncOp] = field(default_factory=list)
    calls: int = 0
    closed: bool = False
    fails: bool = False
    palette: Palette = field(default_factory=Palette)
    line: int = 0

    def run(self, size: int) -> Case:
        """A module of about `size` statements."""
        self.palette, self.ops = self._palette(), self._few_ops()
        self.fails = self.effects and self.integer(1, FAILING) == FAILING
        self.tracer.location = self._next_place()
        with tracing(self.tracer):
            values = self.statements([], size, self.depth)
            results = self._results(values) or [self.parameter(np.zeros((), np.float32))]
            with self.here():
                module = self.tracer.finish([value.ssa for value in results])
        for function in self.functions:
            module.body.block.add_op(function)
        module.verify()
        return Case(module, tuple(self.inputs), self.used)

    def _palette(self) -> Palette:
        """Few sizes and dtypes for most of the program: values that fit each other are many then."""
        sides = [self.integer(1, self.max_side) for _ in range(self.integer(1, 2))]
        dtypes = [self.choice(ALL) for _ in range(self.integer(1, 3))]
        return Palette(tuple(sides), tuple(dtypes))

    def _few_ops(self) -> Sequence[type[HLOp]]:
        """All ops, or for every second program a few, of which half are common ones: they meet each other then."""
        if len(self.ops) <= 2 * FEW or self.boolean():
            return self.ops
        common = [op for op in self.ops if op.COMMON] or list(self.ops)
        half = FEW // 2
        chosen = [self.choice(pool) for pool in (common, self.ops) for _ in range(self.integer(1, half))]
        return list(dict.fromkeys(chosen))

    def _next_place(self) -> FileLineColLoc:
        """Each op has a line of its own, so that a lost one shows."""
        self.line += 1
        return FileLineColLoc(StringAttr("program.py"), IntAttr(self.line), IntAttr(0))

    def here(self) -> Any:
        """Ops made inside the `with` block have the next line."""
        return self.tracer.at(self._next_place())

    def _results(self, values: Sequence[Value]) -> list[Value]:
        """What the program returns: mostly all that nothing else uses, so that little of it is dead, and some more.

        What else uses, such as a Variable that it is assigned to, may so be changed behind its back.
        """
        unused = [value for value in values if value.ssa.first_use is None]
        if unused and self.integer(0, 3):
            return [*unused, *(self.some(values) if self.boolean() else [])]
        return self.some(values)

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

    def parameter(self, array: np.ndarray) -> Value:
        """A new parameter of the function that is given `array`."""
        any_size = self.dynamic and self.boolean()
        sizes = [None if any_size and size != 1 else size for size in array.shape]
        value = self.tracer.argument(tensor_type(sizes, array.dtype), "x")
        self.inputs.append(array)
        return Value(value, array)

    def statements(self, outer: Sequence[Value], size: int, depth: int) -> list[Value]:
        """The values at hand after so many statements more."""
        values = list(outer)
        for _ in range(size):
            values += self.statement(values, depth)
        return values

    def statement(self, values: Sequence[Value], depth: int) -> list[Value]:
        """One more statement, which is a span of its own for hypothesis; the values it makes."""
        return self.draw(_one(self, values, depth))

    def integer(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included."""
        return self.draw(st.integers(low, high))

    def boolean(self) -> bool:
        """True or False."""
        return self.draw(st.booleans())

    def choice(self, options: Sequence[_T]) -> _T:
        """One of `options`."""
        return self.draw(st.sampled_from(options))

    def kinds(self, values: Sequence[Value], depth: int) -> list[Statement]:
        """The statements that are possible, each as often as it is to be likely; the simplest first."""
        found: list[Statement] = [_nothing, *[Builder._apply] * 6]
        if values:
            found += [Builder._chained] * 5 + [Builder._forgotten]
        if self.applied:
            found += [Builder._again] * 2
        if depth and values:
            found += [branch, counted, repeated, called]
        if depth and self.effects:
            found.append(unreached)
        if self.effects:
            found += [stateful] * 2 + [updated] * 2 + [printed]
        if self.fails and not self.closed:
            found += [failing] * 6
        return found

    def _apply(self, values: Sequence[Value], depth: int = 0) -> list[Value]:
        """An op on values at hand where they fit, else on new parameters."""
        op = self.choice(list(self.ops))
        guided = values and not op.SIZED_BY_VALUES and self.integer(0, 3)
        offered = self.recent(values) if guided else None
        sample = self.sample(op, offered)
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
        return self._emitted(op, operands, sample.attrs, results)

    def applied_to(self, value: Value) -> list[Value]:
        """The results of an op on a value, as far as there is one for it."""
        return self._apply([value])

    def _again(self, values: Sequence[Value], depth: int = 0) -> list[Value]:
        """An op that stands in the program already, on the same first operand; with the same attributes, or others."""
        inside = [applied for applied in self.applied if all(operand in values for operand in applied[1])]
        if not inside:
            return self._apply(values)
        op, operands, attrs = self.choice(inside)
        if operands and self.boolean():
            sample = self.sample(op, operands[0])
            if len(sample.operands) != len(operands) or sample.operands[0] is not operands[0].array:
                return []
            others = zip(sample.operands[1:], operands[1:], strict=True)
            if any((a.shape, a.dtype) != (known.array.shape, known.array.dtype) for a, known in others):
                return []
            attrs = sample.attrs
        results = evaluated(op, [operand.array for operand in operands], attrs)
        return [] if results is None else self._emitted(op, operands, attrs, results)

    def sample(self, op: type[HLOp], offered: Value | None) -> Sample:
        """Operands and attributes for an op; a value at hand among them, where it can."""
        with np.errstate(all="ignore"):
            return op.sample(self.sampler(offered))

    def sampler(self, offered: Value | None) -> HypothesisSampler:
        """Draws operands and attributes; those that are at hand, where it can."""
        if offered is None:
            return HypothesisSampler(self.draw, self.special, self.max_side, self.palette)
        return GuidedSampler(self.draw, offered.array, self.special, self.max_side, self.palette)

    def _emitted(
        self, op: type[HLOp], operands: Sequence[Value], attrs: Any, results: Sequence[np.ndarray]
    ) -> list[Value]:
        if any(result.size > ELEMENTS_PER_SIDE * self.max_side for result in results):
            return []
        try:
            with self.here():
                made = self.tracer.emit(op, [operand.ssa for operand in operands], attrs)
        except InferenceError:  # an operand of unknown size or value where the op needs to know it
            return []
        self.used[op.name] += 1
        self.applied.append((op, list(operands), attrs))
        return [Value(ssa, array) for ssa, array in zip(made.results, results, strict=True)]

    def _chained(self, values: Sequence[Value], depth: int = 0) -> list[Value]:
        """An elementwise op on values at hand, so that chains grow that can be fused and simplified."""
        first = self.recent(values)
        options = [op for op in self.ops if issubclass(op, UnaryOp | BinaryOp) and first.array.dtype in op.DTYPES]
        if not options:
            return self._apply(values)
        op = self.choice(options)
        operands = [first]
        if issubclass(op, BinaryOp):
            partners = [value for value in values if broadcasts(value, first)]
            constant = not partners or self.integer(0, 2) == 0
            second = self._special_constant(first) if constant else self._partner(first, partners)
            operands = [first, second] if self.boolean() else [second, first]
        results = evaluated(op, [operand.array for operand in operands], {})
        return [] if results is None else self._emitted(op, operands, {}, results)

    def _partner(self, first: Value, partners: Sequence[Value]) -> Value:
        """Another operand: as often another value than the same one."""
        others = [value for value in partners if value.ssa is not first.ssa]
        if self.boolean():
            return self.related(partners)
        return (
            self.related(others)
            if others
            else self.leaf(self.sampler(None).array(first.array.shape, first.array.dtype))
        )

    def _forgotten(self, values: Sequence[Value], depth: int = 0) -> list[Value]:
        """A value whose sizes the program no longer knows."""
        return [self.blurred(self.recent(values))]

    def blurred(self, value: Value) -> Value:
        """The value with `?` for its sizes."""
        type_ = tensor_type([None] * value.array.ndim, value.array.dtype)
        with self.here():
            return Value(self.cast(value.ssa, type_), value.array)

    def cast(self, value: SSAValue, type_: Attribute) -> SSAValue:
        """The value as one of another type that it has."""
        return value if value.type == type_ else self.tracer.add(tensor.CastOp(value, type_)).dest  # pyright: ignore

    def _special_constant(self, like: Value) -> Value:
        """A constant of one number for which ops have rules of their own, of the sizes of another value or of none."""
        dtype, shape = like.kind
        numbers = (
            [0, 1] if dtype == BOOL else [0, 1, 0, -1, 2] if dtype.kind in "iu" else [0.0, 1.0, -0.0, 0.0, -1.0, 2.0]
        )
        sizes = self.choice([(), shape, shape, (2, *shape)])
        if self.boolean():
            numbers = notable_numbers(dtype, self.integer(0, 2**16))
        array = np.full(sizes, self.choice(numbers), dtype)
        with self.here():
            return Value(self.tracer.constant(array), array)

    def _fitting(self, values: Sequence[Value], array: np.ndarray) -> Value | None:
        kind = (array.dtype, array.shape)
        options = [value for value in values if value.kind == kind][::-1]
        return self.choice([*options, None]) if options else None

    def leaf(self, array: np.ndarray) -> Value:
        """A new parameter, or a constant."""
        if not self.closed and self.boolean():
            return self.parameter(array)
        with self.here():
            return Value(self.tracer.constant(array), array)


Statement = Callable[[Builder, Sequence[Value], int], list[Value]]
"""Adds a statement to a program, given the values at hand and how deep it may nest; the values it makes."""


def _nothing(b: Builder, values: Sequence[Value], depth: int) -> list[Value]:
    """No statement: what hypothesis makes of one that a failure does not need."""
    return []


@st.composite
def _one(draw: Any, builder: Builder, values: Sequence[Value], depth: int) -> list[Value]:
    """One statement, all of whose choices belong together."""
    outer, builder.draw = builder.draw, draw
    try:
        return draw(st.sampled_from(builder.kinds(values, depth)))(builder, values, depth)
    finally:
        builder.draw = outer
