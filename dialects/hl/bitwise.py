"""Elementwise operations on the bits of integers in two's complement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from xdsl.dialects import arith, math, tensor
from xdsl.dialects.builtin import IntegerType, TensorType
from xdsl.dialects.linalg.ops import IndexOp
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def

from ..dtypes import INTEGERS, UINT64, DType, dtype_of
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
    DTYPES: ClassVar[tuple[DType, ...]] = INTEGERS
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
    DTYPES: ClassVar[tuple[DType, ...]] = INTEGERS
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
    DTYPES: ClassVar[tuple[DType, ...]] = INTEGERS
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
    DTYPES: ClassVar[tuple[DType, ...]] = INTEGERS
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

    DTYPES: ClassVar[tuple[DType, ...]] = INTEGERS

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

    Where `y` is negative, or the width or more, only the sign is left: 0 or -1; of unsigned integers 0.

    Definition: NumPy `right_shift`.
    """

    name = "hl.right_shift"

    compute = by_numpy(np.right_shift)

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue, y: SSAValue) -> SSAValue:
        """`arith.shrsi` by an amount that is in range; nothing is left of an unsigned integer otherwise."""
        fits, width = _in_range(e, y)
        if dtype_of(x.type).is_unsigned:
            zero = e.constant(0, x.type)
            shifted = e.value(arith.ShRUIOp(x, e.value(arith.SelectOp(fits, y, zero))))
            return e.value(arith.SelectOp(fits, shifted, zero))
        return e.value(arith.ShRSIOp(x, e.value(arith.SelectOp(fits, y, e.constant(width - 1, y.type)))))

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`BitShift` of what is not negative: a negative number's complement, complemented again."""
        (x, y), dtype = call.inputs, dtype_of(call.input_types[0])
        fits, width = _onnx_in_range(g, y, dtype)
        if dtype.is_unsigned:
            zero = g.constant(np.array(0, dtype))
            amount = g.cast(g.node("Where", [fits, y, zero]), UINT64)
            shifted = g.cast(g.node("BitShift", [g.cast(x, UINT64), amount], direction="RIGHT"), dtype)
            return [g.node("Where", [fits, shifted, zero])]
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
    DTYPES: ClassVar[tuple[DType, ...]] = INTEGERS

    gradient = not_differentiable("its values are integers")
    compute = by_numpy(lambda x: np.bitwise_count(x.view(f"u{x.dtype.itemsize}")))
    scalar = emits(math.CtPopOp)

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """Sums of neighbouring bits, pairs, fours … side by side (Warren, Hacker's Delight, 5-1)."""
        dtype = dtype_of(call.input_types[0])
        bits = g.cast(call.inputs[0], UINT64)
        if dtype.size < UINT64.size:
            bits = g.node("BitwiseAnd", [bits, g.constant(np.array(2**dtype.bits - 1, np.uint64))])
        for width in (1, 2, 4, 8, 16, 32):
            mask = g.constant(np.array((2**64 - 1) // (2**width + 1), np.uint64))
            high = g.node("BitShift", [bits, g.constant(np.array(width, np.uint64))], direction="RIGHT")
            bits = g.node("Add", [g.node("BitwiseAnd", [part, mask]) for part in (bits, high)])
        return [g.cast(bits, dtype)]


@irdl_op_definition
class BitcastOp(HLOp):
    """The bits of `x` read as another dtype: of less width as elements along a new last axis, low bits first.

    C1: `dtype` is {dtypes}, as is that of `x`.
    C2: where `dtype` is wider, the last axis of `x`, which goes, has as many elements as make one of it; checked at run
        time where unknown before.

    Definition: TensorFlow `bitcast` on a little-endian machine.
    """

    name = "hl.bitcast"
    READS_BITS: ClassVar[bool] = True
    WIDENS: ClassVar[bool] = False

    x = operand_def(TensorType[Attribute])
    dtype = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    gradient = not_differentiable("bits are no numbers")
    onnx = not_exportable("ONNX has no operator that reads bits as another dtype")

    batch = leading

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The shape, with an axis more or less where the width changes."""
        shape, source, target = shape_of(types[0]), dtype_of(types[0]), attrs["dtype"]
        for dtype in (source, target):
            if dtype not in cls.DTYPES:
                raise DTypeError("C1", f"expected a dtype of {', '.join(d.name for d in cls.DTYPES)}, got {dtype.name}")
        if target.size > source.size:
            _check_last(shape, target.size // source.size)
            return [tensor_type(shape[:-1], target)]
        return [tensor_type(shape if target.size == source.size else (*shape, source.size // target.size), target)]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """NumPy's view."""
        (x,), dtype = operands, attrs["dtype"]
        if dtype.size > x.dtype.itemsize:
            _check_last(x.shape, dtype.size // x.dtype.itemsize)
            return (np.array(np.ascontiguousarray(x).view(dtype)[..., 0]),)
        return (np.array((x[..., None] if dtype.size < x.dtype.itemsize else x).copy().view(dtype)),)

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """`arith.bitcast`; of another width with shifts."""
        (x,), result = op.operands, type_of(op.results[0])
        source, target = type_of(x).element_type, result.element_type
        old, new = (dtype_of(type_).size for type_ in (source, target))
        if old == new:
            return [elementwise(e, [x], result, lambda inner, value: _bits_as(inner, value, target))]
        if old > new:
            sizes = [*dims(e, x), e.index(old // new)]
        else:
            *sizes, last = dims(e, x)
            if shape_of(type_of(x))[-1] == DYNAMIC:
                message = f"bitcast: the last axis has size {{0}}, expected {new // old}"
                check_equal(e, last, e.index(new // old), message)

        def body(inner: Emitter, _: SSAValue) -> SSAValue:
            here = [inner.value(IndexOp(axis)) for axis in range(result.get_num_dims())]
            if old > new:
                bits = inner.value(tensor.ExtractOp(x, here[:-1], source))
                return _part(inner, bits, here[-1], old, target)
            places = ([*here, inner.index(place)] for place in range(new // old))
            return _joined(inner, [inner.value(tensor.ExtractOp(x, place, source)) for place in places], old, target)

        rank = result.get_num_dims()
        return generic(e, [], [empty(e, result, sizes)], [identity(rank)], [PARALLEL] * rank, body)

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Any two dtypes; a last axis of the right size where there has to be one."""
        source, target = s.choice(cls.DTYPES), s.choice(cls.DTYPES)
        shape = (*s.shape(), target.size // source.size) if target.size > source.size else s.shape()
        return Sample((s.array(shape, source),), {"dtype": target})


def _check_last(shape: Sequence[int], expected: int) -> None:
    if not shape or shape[-1] not in (expected, DYNAMIC):
        raise InferenceError("C2", f"expected a last axis of size {expected}, got shape {shape_text(shape)}")


def _part(e: Emitter, x: SSAValue, place: SSAValue, size: int, target: Attribute) -> SSAValue:
    """An element's `place`-th part, of the width of `target`."""
    whole = IntegerType(8 * size)
    width = 8 * dtype_of(target).size
    count = e.value(arith.IndexCastOp(place, whole))
    distance = e.value(arith.MuliOp(count, e.constant(width, whole)))
    moved = e.value(arith.ShRUIOp(_bits_as(e, x, whole), distance))
    return _bits_as(e, e.value(arith.TruncIOp(moved, IntegerType(width))), target)


def _joined(e: Emitter, parts: Sequence[SSAValue], size: int, target: Attribute) -> SSAValue:
    """One element whose bits are those of `parts`, the lowest first."""
    part, whole = IntegerType(8 * size), IntegerType(8 * size * len(parts))
    total: SSAValue | None = None
    for number, x in enumerate(parts):
        bits = e.value(arith.ExtUIOp(_bits_as(e, x, part), whole))
        moved = e.value(arith.ShLIOp(bits, e.constant(8 * size * number, whole)))
        total = moved if total is None else e.value(arith.OrIOp(total, moved))
    assert total is not None
    return _bits_as(e, total, target)


def _bits_as(e: Emitter, value: SSAValue, type_: Attribute) -> SSAValue:
    return value if value.type == type_ else e.value(arith.BitcastOp(value, type_))
