"""Conversions of elements, also to types that stepwell has no dtype of: 8-bit floats, 4-bit and 2-bit numbers."""

from __future__ import annotations

from dataclasses import dataclass

import ml_dtypes
import numpy as np
from onnx import TensorProto

from .....dialects.dtypes import FLOAT32, INT32, STRING, DType
from ....frontend.ops.strings.parts import as_string, to_number
from ....frontend.values.dispatch import as_tensor, scalar_like
from ....frontend.values.tensor import Tensor
from ..rules import Call, rule
from ..values import Narrow, NarrowType, Sizes, Value, code_of, dtype_of_code, known, m, tensor_of


@dataclass(frozen=True)
class FloatFormat:
    """How numbers of a narrow floating-point type are made.

    Attributes:
        mantissa: the bits of the mantissa.
        least: the least exponent of numbers that are not subnormal.
        largest: the largest finite number.
        has_infinity: whether there are infinities.
        has_nan: whether there is NaN.
        has_negative_zero: whether there are two zeros.
    """

    mantissa: int
    least: int
    largest: float
    has_infinity: bool
    has_nan: bool
    has_negative_zero: bool


def _format(dtype: type, has_infinity: bool, has_nan: bool, has_negative_zero: bool) -> FloatFormat:
    info = ml_dtypes.finfo(dtype)
    return FloatFormat(info.nmant, info.minexp, float(info.max), has_infinity, has_nan, has_negative_zero)


_FORMATS: dict[int, FloatFormat] = {
    TensorProto.FLOAT8E4M3FN: _format(ml_dtypes.float8_e4m3fn, False, True, True),
    TensorProto.FLOAT8E4M3FNUZ: _format(ml_dtypes.float8_e4m3fnuz, False, True, False),
    TensorProto.FLOAT8E5M2: _format(ml_dtypes.float8_e5m2, True, True, True),
    TensorProto.FLOAT8E5M2FNUZ: _format(ml_dtypes.float8_e5m2fnuz, False, True, False),
    TensorProto.FLOAT4E2M1: _format(ml_dtypes.float4_e2m1fn, False, False, True),
}
_INTEGER_BOUNDS: dict[int, tuple[int, int]] = {
    TensorProto.UINT4: (0, 15),
    TensorProto.INT4: (-8, 7),
    TensorProto.UINT2: (0, 3),
    TensorProto.INT2: (-2, 1),
}


def integer_bounds(code: int) -> tuple[int, int]:
    """The least and the largest number of an integer type."""
    if code in _INTEGER_BOUNDS:
        return _INTEGER_BOUNDS[code]
    dtype = dtype_of_code(code, "onnx.load")
    assert isinstance(dtype, DType)
    return int(dtype.min), int(dtype.max)


@rule("Cast", takes_values=True)
def _cast(call: Call, x: Value) -> Value:
    to = call.int("to") if call.version >= 6 else getattr(TensorProto, call.text("to"))
    return cast_value(x, to, bool(call.int("saturate", 1)), call.text("round_mode", "up"))


@rule("CastLike", takes_values=True)
def _cast_like(call: Call, x: Value, like: Value) -> Value:
    assert isinstance(like, Tensor | Narrow | Sizes)
    return cast_value(x, code_of(like), bool(call.int("saturate", 1)), call.text("round_mode", "up"))


def cast_value(x: Value, code: int, saturate: bool = True, round_mode: str = "up") -> Value:
    """A value with elements of another type."""
    wanted = dtype_of_code(code, "onnx.load")
    if isinstance(x, Sizes) and isinstance(wanted, DType) and wanted.is_integer and wanted.bits >= 32:
        return Sizes(x.items, wanted, x.is_scalar)
    tensor = tensor_of(x)
    if isinstance(wanted, DType):
        return _to_dtype(tensor, wanted)
    if isinstance(x, Narrow) and x.type is wanted:
        return x
    if tensor.dtype.is_string:
        tensor = _to_dtype(tensor, FLOAT32 if wanted.is_floating else INT32)
    if wanted.is_floating:
        return Narrow(to_narrow_float(m.cast(tensor, FLOAT32), code, saturate, round_mode), wanted)
    return Narrow(_to_narrow_integer(tensor, wanted), wanted)


def _to_dtype(x: Tensor, wanted: DType) -> Tensor:
    if wanted is STRING:
        return x if x.dtype is STRING else _text(x)
    if x.dtype is STRING:
        return _numbers(x, wanted)
    if x.dtype.is_inexact and wanted.is_bool:
        return m.not_equal(x, scalar_like(0, x))
    return m.cast(x, wanted)


def _text(x: Tensor) -> Tensor:
    """Numbers as text, in the shortest form from which they can be read again."""
    array = known(x)
    if array is not None:
        words = [str(item) for item in array.reshape(-1)]
        return as_tensor(np.array([word.encode() for word in words], object).reshape(array.shape))
    return as_string(x)


def _numbers(x: Tensor, wanted: DType) -> Tensor:
    if wanted.is_integer:
        return m.cast(to_number(x, np.int64 if wanted.bits == 64 else np.int32), wanted)
    return m.cast(to_number(x, np.float64 if wanted.bits == 64 else np.float32), wanted)


def _to_narrow_integer(x: Tensor, wanted: NarrowType) -> Tensor:
    """Integers keep their lowest bits; floats are rounded towards zero."""
    low, high = _INTEGER_BOUNDS[wanted.code]
    count = high - low + 1
    whole = m.cast(x, INT32)
    bits = m.bitwise_and(whole, scalar_like(count - 1, whole))
    if low < 0:
        bits = m.where(m.greater(bits, scalar_like(high, bits)), bits - scalar_like(count, bits), bits)
    return m.cast(bits, wanted.wide)


def to_narrow_float(x: Tensor, code: int, saturate: bool, round_mode: str = "up") -> Tensor:
    """The numbers of a narrow type that float32 numbers become, as float32."""
    if code == TensorProto.FLOAT8E8M0:
        return _to_power_of_two(x, saturate, round_mode)
    form = _FORMATS[code]
    magnitude = m.abs(x)
    exponent = m.maximum(_exponent(magnitude), np.int32(form.least))
    quantum = _power_of_two(exponent - np.int32(form.mantissa))
    rounded = m.round(magnitude / quantum) * quantum
    largest, nan = np.float32(form.largest), np.float32(np.nan)
    if saturate or not form.has_nan:
        found = m.minimum(rounded, largest)
    else:
        found = m.where(m.greater(rounded, largest), np.float32(np.inf) if form.has_infinity else nan, rounded)
    found = m.where(m.less(m.bitcast(x, INT32), np.int32(0)), -found, found)
    found = m.where(m.is_nan(x), nan if form.has_nan else np.float32(-0.0), found)
    return found if form.has_negative_zero else found + np.float32(0)


def _exponent(magnitude: Tensor) -> Tensor:
    """The exponents of float32 numbers that are not negative."""
    bits = m.bitcast(magnitude, INT32)
    return m.right_shift(bits, np.int32(23)) - np.int32(127)


def _power_of_two(exponent: Tensor) -> Tensor:
    """Powers of two that are no subnormal numbers of float32."""
    return m.bitcast(m.left_shift(exponent + np.int32(127), np.int32(23)), FLOAT32)


def _to_power_of_two(x: Tensor, saturate: bool, round_mode: str) -> Tensor:
    """The powers of two that the type for scales of blocks has, from 2**-127 to 2**127."""
    magnitude = m.abs(x)
    bits = m.bitcast(magnitude, INT32)
    exponent = m.right_shift(bits, np.int32(23))
    rest = m.bitwise_and(bits, np.int32(2**23 - 1))
    zero, half = np.int32(0), np.int32(2**22)
    if round_mode == "nearest":
        up = m.greater_equal(rest, half)
    else:
        up = m.greater(rest, zero) if round_mode == "up" else m.less(rest, zero)
    exponent = exponent + m.cast(up, INT32)
    top = np.int32(254)
    beyond = m.greater(exponent, top)
    exponent = m.minimum(exponent, top)
    least = np.float32(2.0**-127)
    found = m.where(m.equal(exponent, zero), least, m.bitcast(m.left_shift(exponent, np.int32(23)), FLOAT32))
    nan = np.float32(np.nan)
    if not saturate:
        found = m.where(beyond, nan, found)
    return m.where(m.is_nan(x), nan, found)
