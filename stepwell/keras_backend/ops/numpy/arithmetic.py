"""Sums, differences, products, quotients, powers and extrema, elementwise."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

import stepwell as sw

from ..core import convert_to_tensor
from .operands import (
    as_floats,
    dtype_name,
    floating,
    floats_together,
    is_complex,
    is_exact,
    numbers,
    numbers_together,
    together,
)


def add(x1: Any, x2: Any) -> sw.Tensor:
    """The sums; of booleans, whether one is True."""
    return _by_dtype(sw.logical_or, sw.add, x1, x2)


def _by_dtype(
    of_booleans: Callable[..., sw.Tensor], of_numbers: Callable[..., sw.Tensor], x1: Any, x2: Any
) -> sw.Tensor:
    """What a function of booleans or one of numbers returns for both, as their common dtype asks."""
    x1, x2 = together(x1, x2)
    return of_booleans(x1, x2) if dtype_name(x1) == "bool" else of_numbers(x1, x2)


def subtract(x1: Any, x2: Any) -> sw.Tensor:
    """The differences."""
    return sw.subtract(*together(x1, x2))


def multiply(x1: Any, x2: Any) -> sw.Tensor:
    """The products; of booleans, whether both are True."""
    return _by_dtype(sw.logical_and, sw.multiply, x1, x2)


def divide(x1: Any, x2: Any) -> sw.Tensor:
    """The quotients."""
    return sw.divide(*floats_together(x1, x2))


def true_divide(x1: Any, x2: Any) -> sw.Tensor:
    """The quotients."""
    return divide(x1, x2)


def divide_no_nan(x1: Any, x2: Any) -> sw.Tensor:
    """The quotients, 0 where the divisor is 0."""
    return sw.math.divide_no_nan(*floats_together(x1, x2))


def floor_divide(x1: Any, x2: Any) -> sw.Tensor:
    """The quotients, rounded down."""
    return sw.math.floordiv(*numbers_together(x1, x2))


def mod(x1: Any, x2: Any) -> sw.Tensor:
    """The remainders of division rounded down, which have the sign of the divisor."""
    return sw.math.floormod(*numbers_together(x1, x2))


def fmod(x1: Any, x2: Any) -> sw.Tensor:
    """The remainders of division rounded towards 0, which have the sign of the dividend."""
    x1, x2 = numbers_together(x1, x2)
    return sw.sign(x1) * sw.math.floormod(sw.abs(x1), sw.abs(x2))


def power(x1: Any, x2: Any) -> sw.Tensor:
    """The powers."""
    return sw.pow(*numbers_together(x1, x2))


def maximum(x1: Any, x2: Any) -> sw.Tensor:
    """The larger ones; NaN where one is NaN."""
    return _by_dtype(sw.logical_or, sw.maximum, x1, x2)


def minimum(x1: Any, x2: Any) -> sw.Tensor:
    """The smaller ones; NaN where one is NaN."""
    return _by_dtype(sw.logical_and, sw.minimum, x1, x2)


def fmax(x1: Any, x2: Any) -> sw.Tensor:
    """The larger ones; NaN where both are NaN."""
    return maximum(*_without_nan(x1, x2))


def fmin(x1: Any, x2: Any) -> sw.Tensor:
    """The smaller ones; NaN where both are NaN."""
    return minimum(*_without_nan(x1, x2))


def _without_nan(x1: Any, x2: Any) -> tuple[sw.Tensor, sw.Tensor]:
    """Both, with the other one in place of NaN."""
    x1, x2 = together(x1, x2)
    if is_exact(x1):
        return x1, x2
    return sw.where(sw.math.is_nan(x1), x2, x1), sw.where(sw.math.is_nan(x2), x1, x2)


def clip(x: Any, x_min: Any, x_max: Any) -> sw.Tensor:
    """`x`, the bounds in place of what is beyond them."""
    x = numbers(x)
    return sw.clip_by_value(x, convert_to_tensor(x_min, x.dtype), convert_to_tensor(x_max, x.dtype))


def negative(x: Any) -> sw.Tensor:
    """The elements with the other sign."""
    return sw.negative(convert_to_tensor(x))


def absolute(x: Any) -> sw.Tensor:
    """The absolute values."""
    x = convert_to_tensor(x)
    return x if dtype_name(x).startswith(("uint", "bool")) else sw.abs(x)


def abs(x: Any) -> sw.Tensor:
    """The absolute values."""
    return absolute(x)


def fabs(x: Any) -> sw.Tensor:
    """The absolute values, as floats."""
    return sw.abs(floating(x))


def sign(x: Any) -> sw.Tensor:
    """-1, 0 or 1."""
    return sw.sign(convert_to_tensor(x))


def signbit(x: Any) -> sw.Tensor:
    """Whether the sign is negative, also that of -0.0."""
    x = convert_to_tensor(x)
    if dtype_name(x) == "bool":
        return sw.zeros_like(x)
    if is_exact(x):
        return sw.less(x, sw.zeros([], x.dtype))
    return sw.less(sw.bitcast(sw.cast(x, "float32"), "int32"), 0)


def square(x: Any) -> sw.Tensor:
    """The squares."""
    return sw.square(numbers(x))


def reciprocal(x: Any) -> sw.Tensor:
    """1 divided by the elements."""
    return sw.math.reciprocal(floating(x))


def heaviside(x1: Any, x2: Any) -> sw.Tensor:
    """0 where `x1` is negative, 1 where it is positive, `x2` where it is 0."""
    x1, x2 = _wide_floats(x1, x2)
    steps = sw.where(sw.less(x1, 0), sw.zeros([], x1.dtype), sw.ones([], x1.dtype))
    return sw.where(sw.equal(x1, 0), x2, sw.where(sw.math.is_nan(x1), x1, steps))


def hypot(x1: Any, x2: Any) -> sw.Tensor:
    """The lengths of the hypotenuses of right triangles, without overflow on the way."""
    x1, x2 = (sw.abs(x) for x in _wide_floats(x1, x2))
    longer = sw.maximum(x1, x2)
    return longer * sw.sqrt(1 + sw.square(sw.math.divide_no_nan(sw.minimum(x1, x2), longer)))


def _wide_floats(x1: Any, x2: Any) -> tuple[sw.Tensor, sw.Tensor]:
    """Both as floats of a common dtype: float64 for int64."""
    x1, x2 = together(x1, x2)
    if dtype_name(x1) == "int64":
        return sw.cast(x1, "float64"), sw.cast(x2, "float64")
    return as_floats(x1), as_floats(x2)


def ldexp(x1: Any, x2: Any) -> sw.Tensor:
    """`x1` times 2 to the power of the integers `x2`."""
    x1, x2 = convert_to_tensor(x1), convert_to_tensor(x2)
    if not is_exact(x2) or dtype_name(x2) == "bool":
        raise TypeError(f"ldexp exponent must be an integer type. Received: x2 dtype={x2.dtype}")
    x1, x2 = floats_together(x1, x2)
    return sw.where(sw.math.is_inf(x1) | sw.equal(x1, 0), x1, x1 * sw.pow(sw.constant(2, x1.dtype), x2))


def nextafter(x1: Any, x2: Any) -> sw.Tensor:
    """The next representable numbers from `x1` towards `x2`."""
    x1, x2 = floats_together(x1, x2)
    if x1.dtype.size == 2:
        return _next_half(x1, x2)
    return sw.math.nextafter(x1, x2)


def _next_half(x1: sw.Tensor, x2: sw.Tensor) -> sw.Tensor:
    """The next numbers of 16 bits: one more or less of their bits, which are a sign and a magnitude."""
    x1, x2 = x1 + sw.zeros_like(x2), x2 + sw.zeros_like(x1)
    bits = sw.bitcast(x1, "int16")
    away = sw.equal(sw.less(x1, x2), sw.greater_equal(bits, sw.constant(0, "int16")))
    smallest = sw.where(sw.less(x2, 0), sw.constant(-32767, "int16"), sw.constant(1, "int16"))
    moved = bits + sw.where(away, sw.constant(1, "int16"), sw.constant(-1, "int16"))
    result = sw.bitcast(sw.where(sw.equal(x1, 0), smallest, moved), x1.dtype)
    return sw.where(sw.equal(x1, x2), x2, sw.where(sw.math.is_nan(x1 + x2), x1 + x2, result))


def angle(x: Any) -> sw.Tensor:
    """The angles of complex numbers; pi for negative real ones."""
    return sw.math.angle(as_floats(x))


def real(x: Any) -> sw.Tensor:
    """The real parts."""
    return sw.math.real(convert_to_tensor(x))


def imag(x: Any) -> sw.Tensor:
    """The imaginary parts."""
    x = convert_to_tensor(x)
    return sw.math.imag(x) if is_complex(x) else sw.zeros_like(x)


def conjugate(x: Any) -> sw.Tensor:
    """The complex conjugates."""
    return sw.math.conj(convert_to_tensor(x))


def conj(x: Any) -> sw.Tensor:
    """The complex conjugates."""
    return conjugate(x)


def round(x: Any, decimals: int = 0) -> sw.Tensor:
    """The nearest numbers of so many decimals, ties to even."""
    x = convert_to_tensor(x)
    if decimals == 0:
        return x if is_exact(x) else sw.round(x)
    if is_exact(x) and decimals > 0:
        return x
    floats = as_floats(x)
    factor = sw.constant(10.0 ** builtins.abs(decimals), floats.dtype)
    if decimals > 0:
        return sw.round(floats * factor) / factor
    return sw.cast(sw.round(floats / factor) * factor, x.dtype)
