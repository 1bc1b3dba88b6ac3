"""powf: `x**y = 2**(y log2(x))`.

The product is as large as the exponents of results, so its absolute error is the relative error of the result. For
float32 it is computed in float64. For float64 it is the sum of two floats, and so is the logarithm:
`log2(m) = 2 atanh(s) / ln 2` with `s = (m - 1) / (m + 1)`, the first two terms of whose series are taken with twice the
precision.

The arithmetic on pairs is that of error-free transformations: the exact sum of two floats is Dekker's Fast2Sum (A
floating-point technique for extending the available precision, 1971); the rounding error of a product is one fused
multiply-add, `fma(a, b, -a*b)`, called 2MultFMA by Muller et al. (Handbook of Floating-Point Arithmetic). Products and
quotients of pairs drop the terms below the square of the precision, as in Dekker's paper.
"""

from __future__ import annotations

import math as math_of_python

from xdsl.dialects import math

from . import coefficients
from .functions import expands
from .lanes import Value, fma, horner
from .logarithm import scaled_up, split

LARGEST_POWER = {32: 200.0, 64: 1100.0}
"""2 to a power beyond this is infinite, or 0."""

Pair = tuple[Value, Value]
"""A number as the sum of a float and a much smaller one."""

TWO_OVER_LN2 = (2.8853900817779268, 4.0710547481862066e-17)
"""The factor of `s`, in two parts."""
THIRD_OF_IT = (0.9617966939259756, 5.0577616648125907e-17)
"""The factor of `s³`, in two parts."""


@expands(math.PowFOp, 1.0, 1.5, "2**(y log2(x)) with twice the precision")
def powf(x: Value, y: Value) -> Value:
    """`x` to the power `y`, as C's `pow`: 1 for `y = 0` and `x = 1` whatever the other is."""
    f, size = x.format, abs(x)
    result = _single(size, y) if f.bits == 32 else _double(size, y)
    result = size.equals(1.0).where(1.0, result)
    half = y * 0.5
    whole, odd = y.floor().equals(y), half.floor().differs(half)
    sign = (whole & odd).where(x.bits & -(1 << (f.bits - 1)), 0)
    undefined = (x < 0.0) & (size < math_of_python.inf) & y.floor().differs(y)
    result = undefined.where(math_of_python.nan, (result.bits ^ sign).as_float)
    return y.equals(0.0).where(1.0, x.differs(x).where(x, result))


def _log2_at_ends(x: Value, log2: Value) -> Value:
    """`log2` for a finite positive `x`, and what it is at 0 and infinity."""
    return (x < math_of_python.inf).where(x.equals(0.0).where(-math_of_python.inf, log2), math_of_python.inf)


def _within(exponent: Value, limit: float) -> Value:
    """An exponent clamped to a range that fits into the low bits of a float."""
    return exponent.at_most(limit).at_least(-limit)


def _single(x: Value, y: Value) -> Value:
    """`x**y` for `x >= 0`, in float64, rounded."""
    # 1. log2(x) = n + log2(m), by the polynomial in s = (m - 1) / (m + 1).
    wide = x.widened()
    n, m = split(wide)
    s = (m - 1.0) / (m + 1.0)
    log2 = fma(s, horner(s * s, coefficients.LOG2_POW[32]), n.to_float())
    exponent = _within(y.widened() * _log2_at_ends(wide, log2), LARGEST_POWER[32])
    # 2. 2**exponent = 2**n * 2**rest: adding `rounder` rounds to an integer, which is then in the low bits, biased.
    f = wide.format
    rounder = f.rounder + f.bias
    shifted = exponent + rounder
    rest = exponent - (shifted - rounder)
    power = fma(horner(rest, coefficients.EXP2_POW[32]), rest, 1.0)
    return (power * (shifted.bits << f.mantissa).as_float).narrowed()


def _double(x: Value, y: Value) -> Value:
    """`x**y` for `x >= 0`."""
    # 1. log2(x) as a pair.
    high, low = _log2(x)
    high = _log2_at_ends(x, high)
    # 2. The product with y as a pair: rounded, and its rounding error by fma.
    exponent = y * high
    limit = LARGEST_POWER[64]
    rest = (abs(exponent) < limit).where(fma(y, low, fma(y, high, -exponent)), 0.0)
    # 3. 2**exponent = 2**n * 2**rest, as in `_single`; 2**n in two factors, since n may exceed the largest exponent.
    exponent = _within(exponent, limit)
    f = x.format
    rounder = f.rounder + 2 * f.bias
    shifted = exponent + rounder
    rest = (exponent - (shifted - rounder)) + rest
    power = fma(horner(rest, coefficients.EXP2[64]), rest, 1.0)
    n = shifted.bits
    half = n.shift_in_zeros(1)
    return power * (half << f.mantissa).as_float * ((n - half) << f.mantissa).as_float


def _sum(large: Value | float, small: Value) -> Pair:
    """The exact sum of two floats, the first of which is larger in magnitude: Fast2Sum."""
    total = large + small
    return total, (large - total) + small


def _log2(x: Value) -> Pair:
    """The logarithm of a finite positive float64, with an error of about 2**-64 of it."""
    # 1. x = 2**n m, and s = (m - 1) / (m + 1) and s² as pairs.
    scaled, by = scaled_up(x)
    n, m = split(scaled)
    s_high, s_low = _ratio(m)
    square_high = s_high * s_high
    square_low = fma(s_high, s_high, -square_high) + s_high * (s_low + s_low)
    # 2. log2(m) = s (2 / ln 2 + s² (2 / (3 ln 2) + s² p(s²))), from the inside out: p = the inner bracket,
    #    v = s² p, a = 2 / ln 2 + v, b = s a. Only s² p(s²) itself is computed with single precision.
    p_high, p_low = _sum(THIRD_OF_IT[0], square_high * horner(square_high, coefficients.LOG2_POW[64]))
    p_low = p_low + THIRD_OF_IT[1]
    v_high = square_high * p_high
    v_low = fma(square_high, p_high, -v_high) + fma(square_high, p_low, square_low * p_high)
    a_high, a_low = _sum(TWO_OVER_LN2[0], v_high)
    a_low = a_low + (v_low + TWO_OVER_LN2[1])
    b_high = s_high * a_high
    b_low = fma(s_high, a_high, -b_high) + fma(s_high, a_low, s_low * a_high)
    # 3. n + log2(m): n is larger, or 0.
    high, low = _sum(n.to_float() - by, b_high)
    return high, low + b_low


def _ratio(m: Value) -> Pair:
    """`(m - 1) / (m + 1)`: the rounded quotient, and its error from the remainder, which fma computes exactly."""
    top, bottom = m - 1.0, m + 1.0
    bottom_rest = m - (bottom - 1.0)
    inverse = 1.0 / bottom
    high = top * inverse
    return high, fma(-high, bottom_rest, fma(-high, bottom, top)) * inverse
