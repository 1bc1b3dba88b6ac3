"""Cumulative sums, products and maxima along an axis."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

import numpy as np
from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def

from ..dtypes import INT64, dtype_of
from ..emitter import Emitter
from ..types import DYNAMIC, shape_of, tensor_type
from .reduce import MaxOp, ProdOp, SumOp
from .rules.adapters import by_numpy
from .rules.base import DTypeError, HLOp, InferenceError, Types
from .rules.batching import shifted
from .rules.elementwise import shape_text
from .rules.facets import Attrs, OnnxGraph, OpCall, Sample, Sampler
from .rules.functions import Functions, Gradients, Value
from .rules.index_lowering import loops
from .rules.linalg_builder import dims, empty, type_of
from .rules.pairs import by_parts, product_of_parts


class _ScanOp(HLOp):
    """Each element combined with all before it along `axis`. A subclass names the reduction: `OF`, and `compute`."""

    CONSTRAINTS: ClassVar[Mapping[str, str]] = {
        "C1": "`axis` is an axis of `x`; with `exclusive` the element itself is left out, with `reverse` those before "
        "it\n    are those after it.",
        "C2": "the dtype is {dtypes}.",
    }
    OF: ClassVar[type[SumOp | ProdOp | MaxOp]]

    x = operand_def(TensorType[Attribute])
    axis = prop_def(Attribute)
    exclusive = prop_def(Attribute)
    reverse = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    batch = shifted("axis")

    @classmethod
    def compute(cls, x: np.ndarray, axis: int) -> np.ndarray:
        """The cumulative values along an axis, in the dtype of `x`."""
        raise TypeError(f"{cls.name} does not say its meaning")

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The operand's type."""
        shape, dtype, axis = shape_of(types[0]), dtype_of(types[0]), attrs["axis"]
        if not cls.takes(dtype):
            raise DTypeError("C2", f"expected a dtype of {', '.join(d.name for d in cls.accepted())}, got {dtype.name}")
        if not 0 <= axis < len(shape):
            raise InferenceError("C1", f"axis {axis} is not an axis of shape {shape_text(shape)}")
        return [tensor_type(shape, dtype)]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """`compute`, of the elements in reverse and moved by one where that is asked for."""
        (x,), axis = operands, attrs["axis"]
        if attrs["reverse"]:
            x = np.flip(x, axis)
        if attrs["exclusive"] and x.shape[axis]:
            first = np.full_like(np.take(x, [0], axis), cls.OF.start(dtype_of(x)))
            x = np.concatenate([first, np.take(x, range(x.shape[axis] - 1), axis)], axis)
        with np.errstate(all="ignore"):
            found = np.asarray(cls.compute(x, axis), x.dtype)
        return (np.ascontiguousarray(np.flip(found, axis) if attrs["reverse"] else found),)

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """Loops over the elements, in order, that combine each with the result before it."""
        attrs = op.attrs()  # pyright: ignore[reportAttributeAccessIssue]
        (x,), axis = op.operands, attrs["axis"]
        sizes, type_ = dims(e, x), type_of(x).element_type
        start, zero, one = e.constant(cls.OF.start(dtype_of(x.type)), type_), e.index(0), e.index(1)
        last = e.value(arith.SubiOp(sizes[axis], one))

        def body(inner: Emitter, here: list[SSAValue], total: SSAValue) -> SSAValue:
            step = here[axis]

            def at(place: SSAValue) -> list[SSAValue]:
                place = inner.value(arith.SubiOp(last, place)) if attrs["reverse"] else place
                return [*here[:axis], place, *here[axis + 1 :]]

            is_first = inner.value(arith.CmpiOp(step, zero, "eq"))
            before = at(inner.value(arith.SelectOp(is_first, zero, inner.value(arith.SubiOp(step, one)))))
            so_far = inner.value(tensor.ExtractOp(total, before, type_))
            so_far = inner.value(arith.SelectOp(is_first, start, so_far))
            item = inner.value(tensor.ExtractOp(x, before if attrs["exclusive"] else at(step), type_))
            new = cls.OF.combine(inner, so_far, item)
            new = inner.value(arith.SelectOp(is_first, start, new)) if attrs["exclusive"] else new
            return inner.value(tensor.InsertOp(new, total, at(step)))

        return [loops(e, sizes, empty(e, type_of(op.results[0]), sizes), body)]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Any axis, both ways."""
        shape, dtype = s.shape(min_rank=1), s.choice(cls.DTYPES)
        attrs = {"axis": s.integer(0, len(shape) - 1), "exclusive": s.boolean(), "reverse": s.boolean()}
        return Sample((cls.OF.sample_array(s, shape, dtype),), attrs)


@irdl_op_definition
class CumsumOp(_ScanOp):
    """The sums of the elements along `axis` up to each one; integers wrap around.

    Definition: TensorFlow `cumsum`: NumPy `cumsum` in the dtype of `x`, one element after the other, from 0 on: the sum
    of -0 is 0.
    """

    name = "hl.cumsum"
    decompose = by_parts
    EXACT: ClassVar[bool] = False
    ADDS: ClassVar[str] = "terms"
    OF: ClassVar[type[SumOp | ProdOp | MaxOp]] = SumOp

    compute = by_numpy(lambda x, axis: np.cumsum(x, axis, dtype=x.dtype) + x.dtype.type(0))

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """The sums of `dy` from the other end."""
        attrs = call.attrs
        return [m.cumsum(dy, attrs["axis"], attrs["exclusive"], not attrs["reverse"])]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`CumSum`."""
        attrs = call.attrs
        names = [call.inputs[0], g.constant(np.array(attrs["axis"], np.int64))]
        return [g.node("CumSum", names, exclusive=int(attrs["exclusive"]), reverse=int(attrs["reverse"]))]


@irdl_op_definition
class CumprodOp(_ScanOp):
    """The products of the elements along `axis` up to each one; integers wrap around.

    The gradient is TensorFlow's, which is 0 with respect to an element that is 0.

    Definition: TensorFlow `math.cumprod`: NumPy `cumprod` in the dtype of `x`, one element after the other.
    """

    name = "hl.cumprod"
    decompose = product_of_parts
    EXACT: ClassVar[bool] = False
    OF: ClassVar[type[SumOp | ProdOp | MaxOp]] = ProdOp

    compute = by_numpy(lambda x, axis: np.cumprod(x, axis, dtype=x.dtype))

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """The sums of `dy` times the products, from the other end, divided by the elements."""
        attrs = call.attrs
        total = m.cumsum(m.multiply(call.outputs[0], dy), attrs["axis"], attrs["exclusive"], not attrs["reverse"])
        return [m.divide_no_nan(total, call.inputs[0])]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """Products with what is 1, 2, 4, … elements before."""
        return [_doubled(g, call, 1, lambda a, b: g.node("Mul", [a, b]))]


@irdl_op_definition
class CummaxOp(_ScanOp):
    """The greatest of the elements along `axis` up to each one; from a NaN on, NaN.

    The gradient goes to the greatest element, of equal ones to the nearest.

    C3: `exclusive` is false.

    Definition: NumPy `maximum.accumulate`, with 0 greater than -0.
    """

    name = "hl.cummax"
    CHOOSES: ClassVar[bool] = True
    OF: ClassVar[type[SumOp | ProdOp | MaxOp]] = MaxOp

    compute = by_numpy(lambda x, axis: _running_maximum(x, axis))

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The operand's type."""
        if attrs["exclusive"]:
            raise InferenceError("C3", "expected exclusive to be false: there is no maximum of nothing")
        return super().infer(types, attrs)

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Any axis, both ways; the element itself is never left out."""
        sample = super().sample(s)
        return Sample(sample.operands, {**sample.attrs, "exclusive": False})

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """`dy` added up at the places of the greatest elements."""
        (x,), (y,), axis, reverse = call.inputs, call.outputs, call.attrs["axis"], call.attrs["reverse"]
        place = m.cumsum(m.ones_like(m.cast(x, INT64)), axis, True)
        found = m.where(m.equal(x, y), m.negative(place) if reverse else place, np.int64(-(2**62)))
        found = m.cummax(found, axis, reverse)
        found = m.maximum(m.negative(found) if reverse else found, np.int64(0))
        rank = len(x.shape)
        order = [*(a for a in range(rank) if a != axis), axis]
        moved = [m.transpose(value, order) for value in (m.zeros_like(x), found, dy)]
        total = m.scatter_add(moved[0], m.batch_indices(moved[1], rank - 1), moved[2])
        return [m.transpose(total, [order.index(a) for a in range(rank)])]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """Greater ones of each and what is 1, 2, 4, … elements before."""
        dtype = dtype_of(call.input_types[0])

        def greater(a: str, b: str) -> str:
            found = g.node("Max", [a, b])
            if not g.exact or not dtype.is_floating:
                return found
            is_nan = g.node("Or", [g.node("IsNaN", [a]), g.node("IsNaN", [b])])
            return g.node("Where", [is_nan, g.node("Add", [a, b]), found])

        return [_doubled(g, call, MaxOp.start(dtype), greater)]


def _running_maximum(x: np.ndarray, axis: int) -> np.ndarray:
    found = np.maximum.accumulate(x, axis)
    if not dtype_of(x).is_floating:
        return found
    positive = np.maximum.accumulate((x == 0) & ~np.signbit(x), axis)
    return np.where((found == 0) & positive, np.abs(found), found)


def _doubled(g: OnnxGraph, call: OpCall, start: float, combine: Callable[[str, str], str]) -> str:
    """A scan in a number of steps that grows with the logarithm of the size (Hillis and Steele)."""
    (x,), (type_,), axis = call.inputs, call.input_types, call.attrs["axis"]
    shape, rank = shape_of(type_), len(shape_of(type_))
    axes, fill = g.constant(np.array([axis], np.int64)), g.constant(np.array(start, dtype_of(type_)))
    size = g.node("Shape", [x], start=axis, end=axis + 1)
    zeros = [g.constant(np.zeros(count, np.int64)) for count in (axis, rank)]
    zero = g.constant(np.array([0], np.int64))

    def moved(value: str, by: int) -> str:
        amount = g.node("Min", [g.constant(np.array([by], np.int64)), size])
        after = g.constant(np.zeros(rank - axis - 1, np.int64))
        pads = g.node("Concat", [zeros[0], amount, after, zeros[1]], axis=0)
        return g.node("Slice", [g.node("Pad", [value, pads, fill], mode="constant"), zero, size, axes])

    def turned(value: str) -> str:
        ends = (g.constant(np.array([n], np.int64)) for n in (-1, -(2**62)))
        back = g.constant(np.array([-1], np.int64))
        return g.node("Slice", [value, *ends, axes, back]) if call.attrs["reverse"] else value

    x = turned(x)
    if call.attrs["exclusive"]:
        x = moved(x, 1)
    for step in range(31 if shape[axis] == DYNAMIC else max(shape[axis] - 1, 0).bit_length()):
        x = combine(moved(x, 1 << step), x)
    return turned(x)
