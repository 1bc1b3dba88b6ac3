"""Tensors made of their own indices: ranges and one-hot vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from xdsl.dialects import arith, math, tensor
from xdsl.dialects.builtin import AnyFloat, IndexType, IntegerType, TensorType, f64, i64
from xdsl.dialects.linalg.ops import IndexOp
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def, var_operand_def

from ..debug import AssertOp
from ..dtypes import ALL, FLOAT64, FLOATS, INT64, INTS, DType, dtype_of
from ..emitter import Emitter
from ..types import DYNAMIC, MAX_BYTES, shape_of, tensor_type
from .rules.base import DTypeError, HLOp, InferenceError, Types, check_shape, not_differentiable
from .rules.batching import BatchCall, Results
from .rules.elementwise import is_float
from .rules.facets import Attrs, OnnxGraph, OpCall, Sample, Sampler
from .rules.linalg_builder import PARALLEL, dims, empty, generic, identity, projection, type_of
from .rules.movement_lowering import check_size
from .rules.onnx_checks import check_not_negative
from .rules.sizes.run_time import check_sizes, filled_in, indices_of, onnx_vector


@irdl_op_definition
class OneHotOp(HLOp):
    """Ones at the places along a new axis that `indices` name, zeros elsewhere; no one for an index out of range.

    C1: `axis` is an axis of the result; `depth`, the size of the new axis, is not negative.
    C2: `indices` is of int32 or int64; `dtype` is {dtypes}.
    C3: `sizes` has one int32 or int64 scalar if `depth` is `?`, else none.

    Definition: TensorFlow `one_hot` with on_value 1 and off_value 0.
    """

    name = "hl.one_hot"
    SIZED_BY_VALUES: ClassVar[bool] = True
    DTYPES: ClassVar[tuple[DType, ...]] = ALL

    indices = operand_def(TensorType[Attribute])
    sizes = var_operand_def(TensorType[Attribute])
    depth = prop_def(Attribute)
    axis = prop_def(Attribute)
    dtype = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    gradient = not_differentiable("its operands are integers")

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The sizes of `indices` with `depth` between them."""
        shape, depth, axis = shape_of(types[0]), attrs["depth"], attrs["axis"]
        if not 0 <= axis <= len(shape):
            raise InferenceError("C1", f"axis {axis} is not an axis of a result with {len(shape) + 1} axes")
        if depth < 0 and depth != DYNAMIC:
            raise InferenceError("C1", f"expected a depth of 0 or more, got {depth}")
        if dtype_of(types[0]) not in INTS:
            name = dtype_of(types[0]).name
            raise DTypeError("C2", f"expected indices of dtype int32 or int64, got {name}")
        if attrs["dtype"] not in cls.DTYPES:
            allowed = ", ".join(d.name for d in cls.DTYPES)
            raise DTypeError("C2", f"expected a dtype of {allowed}, got {attrs['dtype'].name}")
        check_sizes("C3", (depth,), types[1:])
        return [tensor_type((*shape[:axis], depth, *shape[axis:]), attrs["dtype"])]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """A comparison with a range."""
        (indices, *sizes), axis = operands, attrs["axis"]
        (depth,) = filled_in((attrs["depth"],), sizes)
        if depth < 0:
            raise InferenceError("C1", f"expected a depth of 0 or more, got {depth}")
        check_shape((*indices.shape, depth), attrs["dtype"])
        places = np.arange(depth).reshape([-1] + [1] * (indices.ndim - axis))
        return ((np.expand_dims(indices, axis) == places).astype(attrs["dtype"]),)

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """A `linalg.generic` that compares the index with its own place."""
        assert isinstance(op, OneHotOp)
        attrs, result = op.attrs(), type_of(op.result)
        axis, rank = attrs["axis"], result.get_num_dims()
        (depth,) = indices_of(e, (attrs["depth"],), op.sizes)
        if attrs["depth"] == DYNAMIC:
            check_size(e, depth, "one_hot: expected a depth of 0 or more, got {0}")
        own = dims(e, op.indices)
        init = empty(e, result, [*own[:axis], depth, *own[axis:]])

        def body(inner: Emitter, index: SSAValue, _: SSAValue) -> SSAValue:
            there = inner.value(arith.IndexCastOp(index, IndexType()))
            hit = inner.value(arith.CmpiOp(there, inner.value(IndexOp(axis)), "eq"))
            one, zero = (inner.constant(value, result.element_type) for value in (1, 0))
            return inner.value(arith.SelectOp(hit, one, zero))

        maps = [projection(rank, [a for a in range(rank) if a != axis]), identity(rank)]
        return generic(e, [op.indices], [init], maps, [PARALLEL] * rank, body)

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """A comparison with a `Range`: ONNX's `OneHot` counts negative indices from the end."""
        (indices, *sizes), axis = call.inputs, call.attrs["axis"]
        check_not_negative(g, sizes, "one_hot: expected a depth of 0 or more, got {0}")
        depth = onnx_vector(g, (call.attrs["depth"],), sizes)
        scalar = g.node("Squeeze", [depth, g.constant(np.array([0], np.int64))])
        places = g.node("Range", [g.constant(np.array(0, np.int64)), scalar, g.constant(np.array(1, np.int64))])
        behind = len(shape_of(call.input_types[0])) - axis
        if behind:
            places = g.node("Unsqueeze", [places, g.constant(np.arange(1, behind + 1))])
        wide = g.node("Unsqueeze", [g.cast(indices, INT64), g.constant(np.array([axis], np.int64))])
        hit = g.node("Equal", [wide, places])
        return [hit if call.attrs["dtype"].is_bool else g.cast(hit, call.attrs["dtype"])]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Indices some of which are out of range; a depth that may be known at run time only."""
        indices = s.array(s.shape(max_rank=2), s.choice(INTS), -2, 5)
        depth, axis, dtype = s.integer(0, 4), s.integer(0, indices.ndim), s.choice(ALL)
        if s.boolean():
            return Sample((indices, np.array(depth, s.choice(INTS))), {"depth": DYNAMIC, "axis": axis, "dtype": dtype})
        return Sample((indices,), {"depth": depth, "axis": axis, "dtype": dtype})

    @classmethod
    def batch(cls, b: BatchCall) -> Results:
        """The new axis is one further."""
        return None if any(b.batched[1:]) else b.apply(*b.operands, axis=b.attrs["axis"] + 1)


@irdl_op_definition
class RangeOp(HLOp):
    """`start`, `start + delta`, `start + 2·delta` … up to, and without, `limit`.

    There are `ceil((limit - start) / delta)` elements, none if that is negative. For integers the quotient is
    exact; for floats it is computed as they are, so that from 0.1 to 1.1 by 0.1 there are ten. Element `i` is
    `start + i·delta` in the dtype.

    C1: the operands are scalars of one dtype: {dtypes}.
    C2: `delta` is not 0, and the quotient of floats is between -2**62 and 2**62; checked at run time.

    Definition: TensorFlow `range`.
    """

    name = "hl.range"
    DTYPES: ClassVar[tuple[DType, ...]] = (*INTS, *FLOATS)
    SIZED_BY_VALUES: ClassVar[bool] = True

    start = operand_def(TensorType[Attribute])
    limit = operand_def(TensorType[Attribute])
    delta = operand_def(TensorType[Attribute])
    result = result_def(TensorType[Attribute])

    gradient = not_differentiable("its length jumps with its operands")

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """A vector of unknown length."""
        dtypes = {dtype_of(type_) for type_ in types}
        if len(dtypes) != 1 or not dtypes <= set(cls.DTYPES) or any(shape_of(type_) for type_ in types):
            allowed, got = ", ".join(d.name for d in cls.DTYPES), ", ".join(map(str, types))
            error = InferenceError if len(dtypes) == 1 and dtypes <= set(cls.DTYPES) else DTypeError
            raise error("C1", f"expected three scalars of one dtype of {allowed}, got {got}")
        return [tensor_type((None,), dtypes.pop())]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """Counting."""
        start, limit, delta = (operand[()] for operand in operands)
        if delta == 0:
            raise InferenceError("C2", "expected a delta other than 0")
        if dtype_of(start).is_integer:
            length = -((int(start) - int(limit)) // int(delta))
        else:
            with np.errstate(all="ignore"):
                quotient = np.ceil(np.float64((limit - start) / delta))
            if not abs(quotient) < 2.0**62:
                raise InferenceError("C2", f"a range from {start} to {limit} by {delta} has no length")
            length = int(quotient)
        check_shape((max(length, 0),), dtype_of(start))
        with np.errstate(all="ignore"):
            places = np.arange(max(length, 0)).astype(start.dtype)
            return ((start + places * delta).astype(start.dtype),)

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """A `linalg.generic` that counts."""
        assert isinstance(op, RangeOp)
        result = type_of(op.result)
        type_ = result.element_type
        start, limit, delta = (e.value(tensor.ExtractOp(operand, [], type_)) for operand in op.operands)
        count = _float_count if is_float(start) else _integer_count
        length = count(e, start, limit, delta)

        def body(inner: Emitter, _: SSAValue) -> SSAValue:
            place = inner.value(arith.IndexCastOp(inner.value(IndexOp(0)), i64))
            if isinstance(type_, AnyFloat):
                step = inner.value(arith.MulfOp(inner.value(arith.SIToFPOp(place, type_)), delta))
                return inner.value(arith.AddfOp(start, step))
            assert isinstance(type_, IntegerType)
            place = place if type_ == i64 else inner.value(arith.TruncIOp(place, type_))
            return inner.value(arith.AddiOp(start, inner.value(arith.MuliOp(place, delta))))

        return generic(e, [], [empty(e, result, [length])], [identity(1)], [PARALLEL], body)

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`Range` from 0 to the number of elements, scaled and moved."""
        dtype = dtype_of(call.input_types[0])
        if not g.exact and dtype.is_integer:
            return [g.node("Range", call.inputs)]
        start, limit, delta = call.inputs if dtype.is_floating else (g.cast(name, INT64) for name in call.inputs)
        zero, one = (g.constant(np.array(value, np.int64)) for value in (0, 1))
        if dtype.is_floating:
            quotient = g.cast(g.node("Div", [g.node("Sub", [limit, start]), delta]), FLOAT64)
            finite = g.node("Less", [g.node("Abs", [quotient]), g.constant(np.array(2.0**62))])
            g.check(finite, "range: from {0} to {1} by {2} there is no length")
            count = g.cast(g.node("Ceil", [quotient]), INT64)
        else:
            still = g.node("Equal", [delta, zero])
            g.check(g.node("Not", [still]), "range: expected a delta other than 0")
            delta = g.node("Where", [still, one, delta])
            span = g.node("Sub", [limit, start])
            rest = g.node("Mod", [span, delta])
            whole = g.node("Div", [g.node("Sub", [span, rest]), delta])
            uneven = g.cast(g.node("Not", [g.node("Equal", [rest, zero])]), INT64)
            count = g.node("Add", [whole, uneven])
            ends = [g.cast(name, FLOAT64) for name in (limit, start, delta)]
            about = g.node("Div", [g.node("Sub", ends[:2]), ends[2]])  # the difference itself may not fit 64 bits
            small = g.node("LessOrEqual", [about, g.constant(np.array(float(MAX_BYTES // dtype.size)))])
            g.check(small, f"range: a tensor of so many elements of {dtype.name} is too large")
            count = g.node("Where", [small, count, zero])
        places = g.cast(g.node("Range", [zero, g.node("Max", [count, zero]), one]), dtype)
        return [g.node("Add", [call.inputs[0], g.node("Mul", [places, call.inputs[2]])])]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Short ranges up and down; of floats also in tenths, of which most are not exact."""
        dtype = s.choice(cls.DTYPES)
        unit = 0.1 if dtype.is_floating and s.boolean() else 1
        start, limit = (s.integer(-6, 6) for _ in range(2))
        delta = s.choice([-3, -2, -1, 1, 2, 3])
        return Sample(tuple(np.array(number * unit, dtype) for number in (start, limit, delta)), {})


def _integer_count(e: Emitter, start: SSAValue, limit: SSAValue, delta: SSAValue) -> SSAValue:
    """The exact quotient rounded up, without sign: the difference of two of 64 bits fits 64 bits without sign."""
    if start.type != i64:
        start, limit, delta = (e.value(arith.ExtSIOp(value, i64)) for value in (start, limit, delta))
    zero, one = e.constant(0, i64), e.constant(1, i64)
    is_zero = e.value(arith.CmpiOp(delta, zero, "eq"))
    moves = e.value(arith.CmpiOp(delta, zero, "ne"))
    e.add(AssertOp(moves, "range: expected a delta other than 0"))
    step = e.value(arith.SelectOp(is_zero, one, delta))
    up = e.value(arith.CmpiOp(step, zero, "sgt"))
    forward = e.value(arith.SubiOp(limit, start))
    backward = e.value(arith.SubiOp(start, limit))
    span = e.value(arith.SelectOp(up, forward, backward))
    size = e.value(arith.SelectOp(up, step, e.value(arith.SubiOp(zero, step))))
    ahead = e.value(arith.CmpiOp(start, limit, "slt"))
    behind = e.value(arith.CmpiOp(limit, start, "slt"))
    some = e.value(arith.SelectOp(up, ahead, behind))
    rounded = e.value(arith.DivUIOp(e.value(arith.SubiOp(span, one)), size))
    count = e.value(arith.SelectOp(some, e.value(arith.AddiOp(rounded, one)), zero))
    return e.value(arith.IndexCastOp(count, IndexType()))


def _float_count(e: Emitter, start: SSAValue, limit: SSAValue, delta: SSAValue) -> SSAValue:
    """The quotient, rounded up."""
    quotient = e.value(arith.DivfOp(e.value(arith.SubfOp(limit, start)), delta))
    if start.type != f64:
        start, limit, delta, quotient = (e.value(arith.ExtFOp(each, f64)) for each in (start, limit, delta, quotient))
    largest = e.constant(2.0**62, f64)
    size = e.value(math.AbsFOp(quotient))
    finite = e.value(arith.CmpfOp(size, largest, "olt"))
    e.add(AssertOp(finite, "range: from {0} to {1} by {2} there is no length", [start, limit, delta]))
    safe = e.value(arith.SelectOp(finite, quotient, e.constant(0.0, f64)))
    count = e.value(arith.FPToSIOp(e.value(math.CeilOp(safe)), i64))
    return e.value(arith.MaxSIOp(e.value(arith.IndexCastOp(count, IndexType())), e.index(0)))
