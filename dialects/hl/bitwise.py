"""Elementwise operations on the bits of integers in two's complement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from xdsl.dialects import arith, math, tensor
from xdsl.dialects.builtin import TensorType, i32, i64
from xdsl.dialects.linalg.ops import IndexOp
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def

from ..dtypes import INTS, UINT64, DType, dtype_of
from ..emitter import Emitter
from ..types import DYNAMIC, shape_of, tensor_type
from .rules.adapters import by_numpy, emits
from .rules.base import DTypeError, HLOp, InferenceError, Types, not_differentiable, not_exportable
from .rules.batching import leading
from .rules.elementwise import BinaryOp, UnaryOp, shape_text, undone_by_itself
from .rules.facets import Attrs, OnnxGraph, OpCall, Sample, Sampler
from .rules.linalg_builder import PARALLEL, dims, elementwise, empty, generic, identity, type_of
from .rules.movement_lowering import check_equal


@irdl_op_definition
class BitwiseAndOp(BinaryOp):
    """The bits set in both `x` and `y`, elementwise.

    Definition: NumPy `bitwise_and`.
    """

    name = "hl.bitwise_and"
    DTYPES: ClassVar[tuple[DType, ...]] = INTS
    ONNX: ClassVar[str] = "BitwiseAnd"
    COMMUTES: ClassVar[bool] = True

    compute = by_numpy(np.bitwise_and)
    scalar = emits(arith.AndIOp)
    gradient = not_differentiable("its values are integers")


@irdl_op_definition
class BitwiseOrOp(BinaryOp):
    """The bits set in `x` or `y`, elementwise.

    Definition: NumPy `bitwise_or`.
    """

    name = "hl.bitwise_or"
    DTYPES: ClassVar[tuple[DType, ...]] = INTS
    ONNX: ClassVar[str] = "BitwiseOr"
    COMMUTES: ClassVar[bool] = True

    compute = by_numpy(np.bitwise_or)
    scalar = emits(arith.OrIOp)
    gradient = not_differentiable("its values are integers")


@irdl_op_definition
class BitwiseXorOp(BinaryOp):
    """The bits set in exactly one of `x` and `y`, elementwise.

    Definition: NumPy `bitwise_xor`.
    """

    name = "hl.bitwise_xor"
    DTYPES: ClassVar[tuple[DType, ...]] = INTS
    ONNX: ClassVar[str] = "BitwiseXor"
    COMMUTES: ClassVar[bool] = True

    compute = by_numpy(np.bitwise_xor)
    scalar = emits(arith.XOrIOp)
    gradient = not_differentiable("its values are integers")


@irdl_op_definition
class BitwiseNotOp(UnaryOp):
    """`x` with all bits the other way, elementwise.

    Definition: NumPy `bitwise_not`.
    """

    name = "hl.bitwise_not"
    DTYPES: ClassVar[tuple[DType, ...]] = INTS
    ONNX: ClassVar[str] = "BitwiseNot"

    compute = by_numpy(np.bitwise_not)
    gradient = not_differentiable("its values are integers")

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue) -> SSAValue:
        """`arith.xori` with all bits."""
        return e.value(arith.XOrIOp(x, e.constant(-1, x.type)))


BitwiseNotOp.CANONICALIZATIONS = (undone_by_itself(BitwiseNotOp),)


def _in_range(e: Emitter, y: SSAValue) -> tuple[SSAValue, int]:
    """Whether an amount is one that shifts know, and the width."""
    width = 8 * dtype_of(y.type).size
    return e.value(arith.CmpiOp(y, e.constant(width, y.type), "ult")), width


def _onnx_in_range(g: OnnxGraph, y: str, dtype: DType) -> tuple[str, int]:
    """`_in_range` in ONNX."""
    width = 8 * dtype.size
    low = g.node("GreaterOrEqual", [y, g.constant(np.array(0, dtype))])
    return g.node("And", [low, g.node("Less", [y, g.constant(np.array(width, dtype))])]), width


class _ShiftOp(BinaryOp):
    """A shift; samples have amounts in and out of range."""

    DTYPES: ClassVar[tuple[DType, ...]] = INTS

    gradient = not_differentiable("its values are integers")

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Any integers, by -70 to 70."""
        first, second = s.broadcastable(2)
        dtype = s.choice(cls.DTYPES)
        return Sample((s.array(first, dtype), s.array(second, dtype, -70, 70)), {})


@irdl_op_definition
class LeftShiftOp(_ShiftOp):
    """The bits of `x`, `y` places up, elementwise; 0 where `y` is negative, or the width or more.

    Definition: NumPy `left_shift`.
    """

    name = "hl.left_shift"

    compute = by_numpy(np.left_shift)

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue, y: SSAValue) -> SSAValue:
        """`arith.shli` by an amount that is in range."""
        zero = e.constant(0, x.type)
        fits, _ = _in_range(e, y)
        shifted = e.value(arith.ShLIOp(x, e.value(arith.SelectOp(fits, y, zero))))
        return e.value(arith.SelectOp(fits, shifted, zero))

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`BitShift` of unsigned integers."""
        (x, y), dtype = call.inputs, dtype_of(call.input_types[0])
        fits, _ = _onnx_in_range(g, y, dtype)
        zero = g.constant(np.array(0, dtype))
        amount = g.cast(g.node("Where", [fits, y, zero]), UINT64)
        shifted = g.cast(g.node("BitShift", [g.cast(x, UINT64), amount], direction="LEFT"), dtype)
        return [g.node("Where", [fits, shifted, zero])]


@irdl_op_definition
class RightShiftOp(_ShiftOp):
    """The bits of `x`, `y` places down, elementwise, with copies of the sign above.

    Where `y` is negative, or the width or more, only the sign is left: 0 or -1.

    Definition: NumPy `right_shift`.
    """

    name = "hl.right_shift"

    compute = by_numpy(np.right_shift)

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue, y: SSAValue) -> SSAValue:
        """`arith.shrsi` by an amount that is in range."""
        fits, width = _in_range(e, y)
        return e.value(arith.ShRSIOp(x, e.value(arith.SelectOp(fits, y, e.constant(width - 1, y.type)))))

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`BitShift` of what is not negative: a negative number's complement, complemented again."""
        (x, y), dtype = call.inputs, dtype_of(call.input_types[0])
        fits, width = _onnx_in_range(g, y, dtype)
        amount = g.cast(g.node("Where", [fits, y, g.constant(np.array(width - 1, dtype))]), UINT64)
        negative = g.node("Less", [x, g.constant(np.array(0, dtype))])
        bits = g.cast(g.node("Where", [negative, g.node("BitwiseNot", [x]), x]), UINT64)
        shifted = g.cast(g.node("BitShift", [bits, amount], direction="RIGHT"), dtype)
        return [g.node("Where", [negative, g.node("BitwiseNot", [shifted]), shifted])]


@irdl_op_definition
class PopulationCountOp(UnaryOp):
    """How many bits of `x` are set, elementwise, in two's complement.

    Definition: NumPy `bitwise_count` of the bits without a sign, in the dtype of `x`.
    """

    name = "hl.population_count"
    DTYPES: ClassVar[tuple[DType, ...]] = INTS

    gradient = not_differentiable("its values are integers")
    compute = by_numpy(lambda x: np.bitwise_count(x.view(f"u{x.dtype.itemsize}")))
    scalar = emits(math.CtPopOp)

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """Sums of neighbouring bits, pairs, fours … side by side (Warren, Hacker's Delight, 5-1)."""
        dtype = dtype_of(call.input_types[0])
        bits = g.cast(call.inputs[0], UINT64)
        if dtype.size == 4:
            bits = g.node("BitwiseAnd", [bits, g.constant(np.array(2**32 - 1, np.uint64))])
        for width in (1, 2, 4, 8, 16, 32):
            mask = g.constant(np.array((2**64 - 1) // (2**width + 1), np.uint64))
            high = g.node("BitShift", [bits, g.constant(np.array(width, np.uint64))], direction="RIGHT")
            bits = g.node("Add", [g.node("BitwiseAnd", [part, mask]) for part in (bits, high)])
        return [g.cast(bits, dtype)]


@irdl_op_definition
class BitcastOp(HLOp):
    """The bits of `x` read as another dtype: of half the width as two elements along a new last axis, low bits first.

    C1: `dtype` is {dtypes}, as is that of `x`.
    C2: where `dtype` has twice the width, the last axis of `x`, which goes, has size 2; checked at run time where
        unknown before.

    Definition: TensorFlow `bitcast` on a little-endian machine.
    """

    name = "hl.bitcast"
    READS_BITS: ClassVar[bool] = True

    x = operand_def(TensorType[Attribute])
    dtype = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    gradient = not_differentiable("bits are no numbers")
    onnx = not_exportable("ONNX has no operator that reads bits as another dtype")

    batch = leading

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The shape, with an axis of 2 more or less where the width changes."""
        shape, source, target = shape_of(types[0]), dtype_of(types[0]), attrs["dtype"]
        for dtype in (source, target):
            if dtype not in cls.DTYPES:
                raise DTypeError("C1", f"expected a dtype of {', '.join(d.name for d in cls.DTYPES)}, got {dtype.name}")
        if target.size > source.size and (not shape or shape[-1] not in (2, DYNAMIC)):
            raise InferenceError("C2", f"expected a last axis of size 2, got shape {shape_text(shape)}")
        change = target.size - source.size
        return [tensor_type(shape[:-1] if change > 0 else (*shape, 2) if change < 0 else shape, target)]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """NumPy's view."""
        (x,), dtype = operands, attrs["dtype"]
        if dtype.size > x.dtype.itemsize:
            if x.shape[-1] != 2:
                raise InferenceError("C2", f"expected a last axis of size 2, got shape {shape_text(x.shape)}")
            return (np.array(np.ascontiguousarray(x).view(dtype)[..., 0]),)
        return (np.array((x[..., None] if dtype.size < x.dtype.itemsize else x).copy().view(dtype)),)

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """`arith.bitcast`; of another width with shifts by 32 bits."""
        (x,), result = op.operands, type_of(op.results[0])
        source, target = type_of(x).element_type, result.element_type
        narrows = dtype_of(source).size - dtype_of(target).size
        if not narrows:
            return [elementwise(e, [x], result, lambda inner, value: _bits_as(inner, value, target))]
        if narrows > 0:
            sizes = [*dims(e, x), e.index(2)]
        else:
            *sizes, last = dims(e, x)
            if shape_of(type_of(x))[-1] == DYNAMIC:
                check_equal(e, last, e.index(2), "bitcast: the last axis has size {0}, expected {1}")

        def body(inner: Emitter, _: SSAValue) -> SSAValue:
            here = [inner.value(IndexOp(axis)) for axis in range(result.get_num_dims())]
            if narrows > 0:
                bits = _bits_as(inner, inner.value(tensor.ExtractOp(x, here[:-1], source)), i64)
                place = inner.value(arith.IndexCastOp(here[-1], i64))
                distance = inner.value(arith.MuliOp(place, inner.constant(32, i64)))
                half = inner.value(arith.TruncIOp(inner.value(arith.ShRUIOp(bits, distance)), i32))
                return _bits_as(inner, half, target)
            low, high = (
                inner.value(arith.ExtUIOp(_bits_as(inner, inner.value(tensor.ExtractOp(x, place, source)), i32), i64))
                for place in ([*here, inner.index(0)], [*here, inner.index(1)])
            )
            moved = inner.value(arith.ShLIOp(high, inner.constant(32, i64)))
            return _bits_as(inner, inner.value(arith.OrIOp(low, moved)), target)

        rank = result.get_num_dims()
        return generic(e, [], [empty(e, result, sizes)], [identity(rank)], [PARALLEL] * rank, body)

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Any two dtypes; a last axis of size 2 where there has to be one."""
        source, target = s.choice(cls.DTYPES), s.choice(cls.DTYPES)
        shape = (*s.shape(), 2) if target.size > source.size else s.shape()
        return Sample((s.array(shape, source),), {"dtype": target})


def _bits_as(e: Emitter, value: SSAValue, type_: Attribute) -> SSAValue:
    return value if value.type == type_ else e.value(arith.BitcastOp(value, type_))
