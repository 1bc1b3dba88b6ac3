"""Draws whole modules op by op: well-typed programs over every op there is, with control flow, state and effects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import strategies as st
from xdsl.dialects import arith, func, scf, tensor
from xdsl.dialects.builtin import FileLineColLoc, IndexType, IntAttr, ModuleOp, StringAttr, TensorType, i1
from xdsl.ir import Attribute, Region, SSAValue

from stepwell.compiler.frontend.tracer import Tracer, tracing
from stepwell.dialects import debug, state
from stepwell.dialects.hl import OPS, counting, random
from stepwell.dialects.hl.base import HLOp, InferenceError
from stepwell.dialects.hl.elementwise_base import BinaryOp, ElementwiseOp, UnaryOp
from stepwell.dialects.hl.reduce_base import ReduceOp
from stepwell.dialects.state import VariableType
from stepwell.dialects.types import DYNAMIC, dtype_of, shape_of, tensor_type

from .sampling import GuidedSampler, HypothesisSampler

_SIZED_BY_VALUES = tuple(
    op for family in (counting, random) for op in vars(family).values() if isinstance(op, type) and issubclass(op, HLOp)
)
"""Ops whose integer operands say how large the result is: other values must not take their place."""

BOOL = np.dtype(np.bool_)


@dataclass(frozen=True)
class Case:
    """A generated module, and what to run it on.

    Attributes:
        module: at the level asked for; verified.
        inputs: arrays for its parameters; those of Variables are updated in place by a run.
        ops: how often each `hl` op stands in it (before lowering).
    """

    module: ModuleOp
    inputs: tuple[np.ndarray, ...]
    ops: Counter[str]

    def fresh_inputs(self) -> list[np.ndarray]:
        """The inputs for one more run."""
        return [np.array(array) for array in self.inputs]

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """For hypothesis, which would print every field, and so the whole IR."""
        printer.text(repr(self))

    def __repr__(self) -> str:
        return f"<module with {sum(self.ops.values())} hl ops and {len(self.inputs)} inputs>"


@dataclass(frozen=True, eq=False)
class Value:
    """A value of the program, with an array that it may hold: from it come concrete sizes."""

    ssa: SSAValue
    array: np.ndarray

    @property
    def kind(self) -> tuple[np.dtype, tuple[int, ...]]:
        """dtype and sizes."""
        return self.array.dtype, self.array.shape


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
    line: int = 0

    def run(self, size: int) -> Case:
        """A module of about `size` statements."""
        self.tracer.location = self._next_place()
        with tracing(self.tracer):
            values = self._statements([], size, self.depth)
            results = self._results(values) or [self._parameter(np.zeros((), np.float32))]
            with self._here():
                module = self.tracer.finish([value.ssa for value in results])
        for function in self.functions:
            module.body.block.add_op(function)
        module.verify()
        return Case(module, tuple(self.inputs), self.used)

    def _next_place(self) -> FileLineColLoc:
        """Each op has a line of its own, so that a lost one shows."""
        self.line += 1
        return FileLineColLoc(StringAttr("program.py"), IntAttr(self.line), IntAttr(0))

    def _here(self) -> Any:
        return self.tracer.at(self._next_place())

    def _results(self, values: Sequence[Value]) -> list[Value]:
        """What the program returns: mostly all that nothing else uses, so that little of it is dead."""
        unused = [value for value in values if value.ssa.first_use is None]
        return unused if unused and self.draw(st.integers(0, 3)) else self._some(values)

    def _recent(self, values: Sequence[Value]) -> Value:
        """One of the last few values."""
        return values[-1 - self.draw(st.integers(0, min(3, len(values) - 1)))]

    def _some(self, values: Sequence[Value]) -> list[Value]:
        """One to three of the values: one of the last ones, and any others."""
        if not values:
            return []
        count = self.draw(st.integers(0, min(2, len(values) - 1)))
        backwards = list(values)[::-1]
        return [self._recent(values), *(self.draw(st.sampled_from(backwards)) for _ in range(count))]

    def _parameter(self, array: np.ndarray) -> Value:
        """A new parameter of the function that is given `array`."""
        any_size = self.dynamic and self.draw(st.booleans())
        sizes = [None if any_size and size != 1 else size for size in array.shape]
        value = self.tracer.argument(tensor_type(sizes, array.dtype), "x")
        self.inputs.append(array)
        return Value(value, array)

    def _statements(self, outer: Sequence[Value], size: int, depth: int) -> list[Value]:
        values = list(outer)
        for _ in range(size):
            values += self._statement(values, depth)
        return values

    def _statement(self, values: Sequence[Value], depth: int) -> list[Value]:
        kinds: list[Callable[[], list[Value]]] = [lambda: self._apply(values)] * 6
        if values:
            kinds += [lambda: self._chained(values)] * 5 + [lambda: self._blurred(values)]
        if self.applied:
            kinds += [lambda: self._again(values)] * 2
        if depth and values:
            kinds += [lambda: self._branch(values, depth), lambda: self._counted(values, depth)]
            kinds += [lambda: self._while(values, depth), lambda: self._called(values, depth)]
        if self.effects:
            kinds += [lambda: self._state(values)] * 3 + [lambda: self._print(values)]
            if values and not self.closed and self.draw(st.integers(0, 9)) == 9:
                kinds += [lambda: self._failing(values)] * 3
        return self.draw(st.sampled_from(kinds))()

    def _apply(self, values: Sequence[Value]) -> list[Value]:
        """An op on values at hand where they fit, else on new parameters."""
        op = self.draw(st.sampled_from(list(self.ops)))
        offered = self._recent(values) if values and self.draw(st.integers(0, 3)) else None
        sample = op.sample(self._sampler(offered))
        arrays = list(sample.operands)
        chosen: list[Value | None] = []
        for number, array in enumerate(arrays):
            if offered is not None and array is offered.array:
                chosen.append(offered)
            else:
                chosen.append(self._fitting(values, array) if _is_data(op, number, array) else None)
        arrays = [array if value is None else value.array for array, value in zip(arrays, chosen, strict=True)]
        results = _evaluated(op, arrays, sample.attrs)
        if results is None:
            chosen = [None] * len(chosen)
            arrays = list(sample.operands)
            results = _evaluated(op, arrays, sample.attrs)
            assert results is not None, f"{op.name}: a sample without meaning"
        operands = [value or self._leaf(array) for array, value in zip(arrays, chosen, strict=True)]
        return self._emitted(op, operands, sample.attrs, results)

    def _again(self, values: Sequence[Value]) -> list[Value]:
        """An op that stands in the program already, on the same first operand; with the same attributes, or others."""
        inside = [applied for applied in self.applied if all(operand in values for operand in applied[1])]
        if not inside:
            return self._apply(values)
        op, operands, attrs = self.draw(st.sampled_from(inside))
        if operands and self.draw(st.booleans()):
            sample = op.sample(self._sampler(operands[0]))
            if len(sample.operands) != len(operands) or sample.operands[0] is not operands[0].array:
                return []
            others = zip(sample.operands[1:], operands[1:], strict=True)
            if any((a.shape, a.dtype) != (known.array.shape, known.array.dtype) for a, known in others):
                return []
            attrs = sample.attrs
        results = _evaluated(op, [operand.array for operand in operands], attrs)
        return [] if results is None else self._emitted(op, operands, attrs, results)

    def _sampler(self, offered: Value | None) -> HypothesisSampler:
        if offered is None:
            return HypothesisSampler(self.draw, self.special, self.max_side)
        return GuidedSampler(self.draw, offered.array, self.special, self.max_side)

    def _emitted(
        self, op: type[HLOp], operands: Sequence[Value], attrs: Any, results: Sequence[np.ndarray]
    ) -> list[Value]:
        try:
            with self._here():
                made = self.tracer.emit(op, [operand.ssa for operand in operands], attrs)
        except InferenceError:  # an operand of unknown size or value where the op needs to know it
            return []
        self.used[op.name] += 1
        self.applied.append((op, list(operands), attrs))
        return [Value(ssa, array) for ssa, array in zip(made.results, results, strict=True)]

    def _chained(self, values: Sequence[Value]) -> list[Value]:
        """An elementwise op on values at hand, so that chains grow that can be fused and simplified."""
        first = self._recent(values)
        options = [op for op in self.ops if issubclass(op, UnaryOp | BinaryOp) and first.array.dtype in op.DTYPES]
        if not options:
            return self._apply(values)
        op = self.draw(st.sampled_from(options))
        operands = [first]
        if issubclass(op, BinaryOp):
            partners = [value for value in values if _broadcasts(value, first)][::-1]
            second = self.draw(st.sampled_from([*partners, None, None])) or self._special_constant(first)
            operands = [first, second] if self.draw(st.booleans()) else [second, first]
        results = _evaluated(op, [operand.array for operand in operands], {})
        return [] if results is None else self._emitted(op, operands, {}, results)

    def _blurred(self, values: Sequence[Value]) -> list[Value]:
        """A value whose sizes the program no longer knows."""
        value = self._recent(values)
        assert isinstance(value.ssa.type, TensorType)
        type_ = tensor_type([None] * value.array.ndim, value.array.dtype)
        with self._here():
            return [Value(self._cast(value.ssa, type_), value.array)]

    def _called(self, values: Sequence[Value], depth: int) -> list[Value]:
        """A call of a function of its own, which sees nothing but its arguments."""
        given = self._some(values)
        self.calls += 1
        outer, self.tracer = self.tracer, Tracer(f"callee{self.calls}")
        with self._here(), tracing(self.tracer):
            inside = [Value(self.tracer.argument(value.ssa.type, "y"), value.array) for value in given]
            variables, inputs, effects = self.variables, self.inputs, self.effects
            self.variables, self.inputs, self.effects, self.closed = [], [], False, True
            ends = self._some(self._statements(inside, self.draw(st.integers(1, 2)), depth - 1))
            self.variables, self.inputs, self.effects, self.closed = variables, inputs, effects, outer.name != "main"
            module = self.tracer.finish([end.ssa for end in ends])
        name, self.tracer = self.tracer.name, outer
        function = module.body.block.first_op
        assert isinstance(function, func.FuncOp)
        function.detach()
        function.sym_visibility = StringAttr("private")
        self.functions.append(function)
        with self._here():
            call = func.CallOp(name, [value.ssa for value in given], [end.ssa.type for end in ends])
            made = self.tracer.add(call)
        return [Value(ssa, end.array) for ssa, end in zip(made.results, ends, strict=True)]

    def _special_constant(self, like: Value) -> Value:
        """A constant of one number for which ops have rules of their own, of the sizes of another value or of none."""
        dtype, shape = like.kind
        numbers = (0, 1) if dtype == BOOL else (0, 1, -1, 2) if dtype.kind in "iu" else (0.0, 1.0, -0.0, -1.0, 2.0)
        sizes = self.draw(st.sampled_from([(), shape, shape, (2, *shape)]))
        array = np.full(sizes, self.draw(st.sampled_from(numbers)), dtype)
        with self._here():
            return Value(self.tracer.constant(array), array)

    def _fitting(self, values: Sequence[Value], array: np.ndarray) -> Value | None:
        kind = (array.dtype, array.shape)
        options = [value for value in values if value.kind == kind][::-1]
        return self.draw(st.sampled_from([*options, None])) if options else None

    def _leaf(self, array: np.ndarray) -> Value:
        """A new parameter, or a constant."""
        if not self.closed and self.draw(st.booleans()):
            return self._parameter(array)
        with self._here():
            return Value(self.tracer.constant(array), array)

    def _truth(self, values: Sequence[Value]) -> Value:
        """A boolean scalar."""
        scalars = [value for value in values if value.kind == (BOOL, ())]
        return self.draw(st.sampled_from(scalars)) if scalars else self._leaf(np.array(self.draw(st.booleans())))

    def _branch(self, values: Sequence[Value], depth: int) -> list[Value]:
        test = self._truth(values)
        with self._here():
            condition = self.tracer.add(tensor.ExtractOp(test.ssa, [], i1)).result
        with self.tracer.region() as then:
            left = self._some(self._statements(values, self.draw(st.integers(0, 2)), depth - 1))
        with self.tracer.region() as otherwise:
            others = self._statements(values, self.draw(st.integers(0, 2)), depth - 1)
            right = self._like(left, others, of_any_size=self.draw(st.booleans()))
        types = [joined(a.ssa.type, b.ssa.type) for a, b in zip(left, right, strict=True)]
        for block, ends in ((then, left), (otherwise, right)):
            self._yield(block, ends, types)
        with self._here():
            made = self.tracer.add(scf.IfOp(condition, types, Region(then), Region(otherwise)))
        taken = left if test.array else right
        return [Value(ssa, end.array) for ssa, end in zip(made.results, taken, strict=True)]

    def _like(self, wanted: Sequence[Value], values: Sequence[Value], of_any_size: bool = False) -> list[Value]:
        """For each value another of its dtype and sizes, or of its dtype and rank."""

        def fits(other: Value, value: Value) -> bool:
            alike = other.array.dtype == value.array.dtype and other.array.ndim == value.array.ndim
            return alike and (of_any_size or other.array.shape == value.array.shape)

        found = []
        for value in wanted:
            options = [other for other in values if fits(other, value)][::-1]
            found.append(self.draw(st.sampled_from(options)) if options else self._leaf(np.zeros_like(value.array)))
        return found

    def _yield(
        self, block: Any, ends: Sequence[Value], types: Sequence[Attribute], leading: Sequence[Any] = ()
    ) -> None:
        """End a body with values cast to the types agreed on."""
        self.tracer._open.append(block)
        with self._here():
            casts = [self._cast(end.ssa, type_) for end, type_ in zip(ends, types, strict=True)]
            self.tracer.add(scf.YieldOp(*leading, *casts))
        self.tracer._open.pop()

    def _cast(self, value: SSAValue, type_: Attribute) -> SSAValue:
        return value if value.type == type_ else self.tracer.add(tensor.CastOp(value, type_)).dest  # pyright: ignore

    def _index(self, number: int) -> SSAValue:
        return self.tracer.add(arith.ConstantOp.from_int_and_width(number, IndexType())).result

    def _counted(self, values: Sequence[Value], depth: int) -> list[Value]:
        """`scf.for`, run 0 to 3 times."""
        carried, trips = self._some(values), self.draw(st.integers(0, 3))
        with self._here():
            low, high, step = (self._index(number) for number in (0, trips, 1))
        types = [value.ssa.type for value in carried]
        with self.tracer.region([IndexType(), *types]) as block:
            inside = [Value(a, v.array) for a, v in zip(block.args[1:], carried, strict=True)]
            ends = self._like(inside, self._statements([*values, *inside], self.draw(st.integers(1, 2)), depth - 1))
        self._yield(block, ends, types)
        with self._here():
            loop = scf.ForOp(low, high, step, [value.ssa for value in carried], Region(block))
            made = self.tracer.add(loop)
        arrays = [end.array if trips else start.array for start, end in zip(carried, ends, strict=True)]
        return [Value(ssa, array) for ssa, array in zip(made.results, arrays, strict=True)]

    def _while(self, values: Sequence[Value], depth: int) -> list[Value]:
        """`scf.while` that counts, since a generated program has to end."""
        carried, trips = self._some(values), self.draw(st.integers(0, 3))
        types = [value.ssa.type for value in carried]
        with self._here():
            first, limit, one = (self.tracer.constant(np.array(number, np.int32)) for number in (0, trips, 1))
        scalar = first.type
        with self.tracer.region([scalar, *types]) as before, self._here():
            test = self.tracer.emit(OPS["hl.less"], [before.args[0], limit], {}).results[0]
            condition = self.tracer.add(tensor.ExtractOp(test, [], i1)).result
            self.tracer.add(scf.ConditionOp(condition, *before.args))
        with self.tracer.region([scalar, *types]) as after:
            inside = [Value(a, v.array) for a, v in zip(after.args[1:], carried, strict=True)]
            ends = self._like(inside, self._statements([*values, *inside], self.draw(st.integers(1, 2)), depth - 1))
            with self._here():
                following = self.tracer.emit(OPS["hl.add"], [after.args[0], one], {}).results[0]
        self._yield(after, ends, types, [following])
        with self._here():
            starts = [first, *(value.ssa for value in carried)]
            made = self.tracer.add(scf.WhileOp(starts, [scalar, *types], Region(before), Region(after)))
        arrays = [end.array if trips else start.array for start, end in zip(carried, ends, strict=True)]
        return [Value(ssa, array) for ssa, array in zip(made.results[1:], arrays, strict=True)]

    def _state(self, values: Sequence[Value]) -> list[Value]:
        """A read of a Variable, or a write of a value that fits one; the first time, a new Variable."""
        if not self.variables or self.draw(st.integers(0, 3)) == 0:
            shape = self.draw(st.sampled_from([(), (3,), (2, 3)]))
            start = HypothesisSampler(self.draw, self.special).array(shape, np.dtype(np.float32))
            type_ = tensor_type(start.shape, start.dtype)
            self.variables.append(Value(self.tracer.argument(VariableType(type_), "v"), start))
            self.inputs.append(start)
        variable = self.draw(st.sampled_from(self.variables))
        if self.draw(st.booleans()):
            with self._here():
                return [Value(self.tracer.add(state.ReadOp(variable.ssa)).value, variable.array)]
        options = [value for value in values if value.kind == variable.kind][::-1]
        dtype, shape = variable.kind
        new = self.draw(st.sampled_from(options)) if options else self._leaf(self._sampler(None).array(shape, dtype))
        update = self.draw(st.sampled_from([state.AssignOp, state.AssignAddOp, state.AssignSubOp]))
        assert isinstance(variable.ssa.type, VariableType)
        with self._here():
            value = self._cast(new.ssa, variable.ssa.type.value_type)
            self.tracer.add(update(variable.ssa, value))
        return []

    def _failing(self, values: Sequence[Value]) -> list[Value]:
        """An op that stops the program: sizes that do not fit, or an index out of range; its result is printed."""
        value = self._recent(values)
        (known,) = self._blurred([value])
        if not value.array.ndim:
            return []
        if self.draw(st.booleans()):
            sizes = (value.array.shape[0] + 2, *value.array.shape[1:])
            (other,) = self._blurred([self._parameter(np.zeros(sizes, value.array.dtype))])
            op, operands, attrs = OPS["hl.select"], [self._leaf(np.array(True)), known, other], {}
        else:
            place = self.draw(st.sampled_from([-1, value.array.shape[0]]))
            op, operands = OPS["hl.gather"], [known, self._parameter(np.array([place], np.int32))]
            attrs = {"axis": 0, "batch_dims": 0}
        with self._here():
            made = self.tracer.emit(op, [operand.ssa for operand in operands], attrs)
            self.tracer.add(debug.PrintOp("after {0}", list(made.results)))
        return []

    def _print(self, values: Sequence[Value]) -> list[Value]:
        shown = self._some(values)[:1]
        with self._here():
            self.tracer.add(debug.PrintOp(f"at {self.line}:" + " {0}" * len(shown), [value.ssa for value in shown]))
        return []


def _broadcasts(a: Value, b: Value) -> bool:
    if a.array.dtype != b.array.dtype:
        return False
    try:
        np.broadcast_shapes(a.array.shape, b.array.shape)
    except ValueError:
        return False
    return True


def _is_data(op: type[HLOp], number: int, array: np.ndarray) -> bool:
    """Whether an operand may be any value of its dtype: it is no index, size or seed."""
    if op in _SIZED_BY_VALUES:
        return False
    return number == 0 or array.dtype.kind in "fb" or issubclass(op, ElementwiseOp | ReduceOp)


def _evaluated(op: type[HLOp], arrays: Sequence[np.ndarray], attrs: Any) -> tuple[np.ndarray, ...] | None:
    try:
        with np.errstate(all="ignore"):
            return op.evaluate(arrays, attrs)
    except (ValueError, IndexError, ArithmeticError):
        return None


def joined(a: Attribute, b: Attribute) -> TensorType[Attribute]:
    """The type of which both are instances: `?` where sizes differ."""
    assert isinstance(a, TensorType) and isinstance(b, TensorType)
    sizes = [x if x == y and x != DYNAMIC else None for x, y in zip(shape_of(a), shape_of(b), strict=True)]
    return tensor_type(sizes, dtype_of(a))
