"""Elementwise operations on the bits of integers in two's complement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from xdsl.dialects import arith
from xdsl.ir import SSAValue
from xdsl.irdl import irdl_op_definition

from ..emitter import Emitter
from ..types import INTS, dtype_of
from .rules.adapters import by_numpy, emits
from .rules.base import not_differentiable
from .rules.elementwise import BinaryOp, UnaryOp, undone_by_itself
from .rules.facets import OnnxGraph, OpCall, Sample, Sampler

_UINT64 = np.dtype(np.uint64)


@irdl_op_definition
class BitwiseAndOp(BinaryOp):
    """The bits set in both `x` and `y`, elementwise.

    Definition: NumPy `bitwise_and`.
    """

    name = "hl.bitwise_and"
    DTYPES: ClassVar[tuple[np.dtype, ...]] = INTS
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
    DTYPES: ClassVar[tuple[np.dtype, ...]] = INTS
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
    DTYPES: ClassVar[tuple[np.dtype, ...]] = INTS
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
    DTYPES: ClassVar[tuple[np.dtype, ...]] = INTS
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
    width = 8 * dtype_of(y.type).itemsize
    return e.value(arith.CmpiOp(y, e.constant(width, y.type), "ult")), width


def _onnx_in_range(g: OnnxGraph, y: str, dtype: np.dtype) -> tuple[str, int]:
    """`_in_range` in ONNX."""
    width = 8 * dtype.itemsize
    low = g.node("GreaterOrEqual", [y, g.constant(np.array(0, dtype))])
    return g.node("And", [low, g.node("Less", [y, g.constant(np.array(width, dtype))])]), width


class _ShiftOp(BinaryOp):
    """A shift; samples have amounts in and out of range."""

    DTYPES: ClassVar[tuple[np.dtype, ...]] = INTS

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
        amount = g.cast(g.node("Where", [fits, y, zero]), _UINT64)
        shifted = g.cast(g.node("BitShift", [g.cast(x, _UINT64), amount], direction="LEFT"), dtype)
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
        amount = g.cast(g.node("Where", [fits, y, g.constant(np.array(width - 1, dtype))]), _UINT64)
        negative = g.node("Less", [x, g.constant(np.array(0, dtype))])
        bits = g.cast(g.node("Where", [negative, g.node("BitwiseNot", [x]), x]), _UINT64)
        shifted = g.cast(g.node("BitShift", [bits, amount], direction="RIGHT"), dtype)
        return [g.node("Where", [negative, g.node("BitwiseNot", [shifted]), shifted])]
