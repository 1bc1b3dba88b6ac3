"""Elementary functions of floats; integers are made floats."""

from __future__ import annotations

import math
from typing import Any

import stepwell as sw

from ..core import convert_to_tensor
from .operands import as_floats, dtype_name, floating, floats_together, is_exact


def arccos(x: Any) -> sw.Tensor:
    """The angles in [0, pi] of cosines."""
    return sw.acos(as_floats(x))


def arccosh(x: Any) -> sw.Tensor:
    """The inverse of the hyperbolic cosine."""
    return sw.acosh(as_floats(x))


def arcsin(x: Any) -> sw.Tensor:
    """The angles in [-pi/2, pi/2] of sines."""
    return sw.asin(as_floats(x))


def arcsinh(x: Any) -> sw.Tensor:
    """The inverse of the hyperbolic sine."""
    return sw.asinh(as_floats(x))


def arctan(x: Any) -> sw.Tensor:
    """The angles in [-pi/2, pi/2] of tangents."""
    return sw.atan(as_floats(x))


def arctanh(x: Any) -> sw.Tensor:
    """The inverse of the hyperbolic tangent."""
    return sw.atanh(as_floats(x))


def ceil(x: Any) -> sw.Tensor:
    """The nearest integers that are not less."""
    return sw.ceil(as_floats(x))


def cos(x: Any) -> sw.Tensor:
    """The cosine."""
    return sw.cos(as_floats(x))


def cosh(x: Any) -> sw.Tensor:
    """The hyperbolic cosine."""
    return sw.cosh(as_floats(x))


def exp(x: Any) -> sw.Tensor:
    """e to the power of the elements."""
    return sw.exp(floating(x))


def expm1(x: Any) -> sw.Tensor:
    """e to the power of the elements, minus 1, exact near 0."""
    return sw.math.expm1(floating(x))


def floor(x: Any) -> sw.Tensor:
    """The nearest integers that are not greater."""
    return sw.floor(as_floats(x))


def log(x: Any) -> sw.Tensor:
    """The natural logarithm."""
    return sw.math.log(as_floats(x))


def log1p(x: Any) -> sw.Tensor:
    """The natural logarithm of 1 plus the elements, exact near 0."""
    return sw.math.log1p(as_floats(x))


def sin(x: Any) -> sw.Tensor:
    """The sine."""
    return sw.sin(as_floats(x))


def sinh(x: Any) -> sw.Tensor:
    """The hyperbolic sine."""
    return sw.sinh(as_floats(x))


def sqrt(x: Any) -> sw.Tensor:
    """The square root."""
    return sw.sqrt(as_floats(x))


def tan(x: Any) -> sw.Tensor:
    """The tangent."""
    return sw.tan(as_floats(x))


def tanh(x: Any) -> sw.Tensor:
    """The hyperbolic tangent."""
    return sw.tanh(as_floats(x))


def arctan2(x1: Any, x2: Any) -> sw.Tensor:
    """The angles of the points (x2, x1), in [-pi, pi]."""
    return sw.atan2(*floats_together(x1, x2))


def trunc(x: Any) -> sw.Tensor:
    """The nearest integers towards 0."""
    x = convert_to_tensor(x)
    return x if is_exact(x) else sw.where(sw.less(x, 0), sw.math.ceil(x), sw.floor(x))


def exp2(x: Any) -> sw.Tensor:
    """2 to the power of the elements."""
    x = floating(x)
    return sw.pow(sw.constant(2, x.dtype), x)


def log2(x: Any) -> sw.Tensor:
    """The logarithm of base 2."""
    return _scaled_log(x, math.log(2))


def log10(x: Any) -> sw.Tensor:
    """The logarithm of base 10."""
    return _scaled_log(x, math.log(10))


def _scaled_log(x: Any, divisor: float) -> sw.Tensor:
    """The natural logarithm divided by a number."""
    x = as_floats(x)
    return sw.math.log(x) / sw.constant(divisor, x.dtype)


def logaddexp(x1: Any, x2: Any) -> sw.Tensor:
    """The logarithm of the sum of the exponential functions, without overflow."""
    x1, x2 = floats_together(x1, x2)
    away = x1 - x2
    sums = sw.maximum(x1, x2) + sw.math.log1p(sw.exp(-sw.abs(away)))
    return sw.where(sw.math.is_nan(away), x1 + x2, sums)


def logaddexp2(x1: Any, x2: Any) -> sw.Tensor:
    """The logarithm of base 2 of the sum of powers of 2, without overflow."""
    x1, x2 = floats_together(x1, x2)
    away, base = x1 - x2, sw.constant(math.log(2), x1.dtype)
    sums = sw.maximum(x1, x2) + sw.math.log1p(sw.exp(-sw.abs(away) * base)) / base
    return sw.where(sw.math.is_nan(away), x1 + x2, sums)


def _wide(x: Any) -> sw.Tensor:
    """`x` as floats: float64 for int64."""
    x = convert_to_tensor(x)
    return sw.cast(x, "float64") if dtype_name(x) == "int64" else floating(x)


def cbrt(x: Any) -> sw.Tensor:
    """The cube root."""
    x = _wide(x)
    return sw.sign(x) * sw.pow(sw.abs(x), sw.constant(1 / 3, x.dtype))


def deg2rad(x: Any) -> sw.Tensor:
    """Degrees as radians."""
    x = _wide(x)
    return x * sw.constant(math.pi / 180, x.dtype)


def rad2deg(x: Any) -> sw.Tensor:
    """Radians as degrees."""
    x = _wide(x)
    return x * sw.constant(180 / math.pi, x.dtype)


def i0(x: Any) -> sw.Tensor:
    """The modified Bessel function of the first kind of order 0."""
    return sw.math.bessel_i0(_wide(x))


def sinc(x: Any) -> sw.Tensor:
    """sin(pi x) / (pi x), 1 at 0."""
    x = as_floats(x)
    is_zero = sw.equal(x, 0)
    turned = sw.where(is_zero, sw.ones([], x.dtype), x * sw.constant(math.pi, x.dtype))
    return sw.where(is_zero, sw.ones([], x.dtype), sw.sin(turned) / turned)
