"""atan, atan2, asin and acos.

Polynomials for arguments from 0 to 1 (atan) and from 0 to a half (asin), in their squares; the rest by the identities
`atan(x) = pi / 2 - atan(1 / x)` and `asin(x) = pi / 2 - 2 asin(sqrt((1 - x) / 2))`, with pi / 2 in two parts.
"""

from __future__ import annotations

from xdsl.dialects import math

from . import coefficients
from .argument_reduction import HALF_PI
from .functions import expands
from .lanes import Value, fma, horner


def _half_pi_minus(x: Value, times: float = 1.0) -> Value:
    """`times pi / 2 - x`."""
    high, low, _ = HALF_PI[x.format.bits]
    return times * high - (x - times * low)


def _atan_up_to_one(t: Value) -> Value:
    u = t * t
    return fma(horner(u, coefficients.ATAN[t.format.bits]) * u, t, t)


@expands(math.AtanOp, 1.5, 2.0, "polynomial in x² up to 1, then pi / 2 - atan(1 / x)")
def atan(x: Value) -> Value:
    """The arc tangent of `|x|`, and the sign of `x`."""
    size = abs(x)
    large = size > 1.0
    found = _atan_up_to_one(large.where(1.0 / size, size))
    return large.where(_half_pi_minus(found), found).with_sign_of(x)


@expands(math.Atan2Op, 2.0, 2.0, "atan of the lesser divided by the greater, by octants")
def atan2(y: Value, x: Value) -> Value:
    """The angle from 0 to pi, and the sign of `y`. Of two zeros, or two infinities, the quotient is 0, or 1."""
    height, width = abs(y), abs(x)
    steep = height > width
    low, high = steep.where(width, height), steep.where(height, width)
    ratio = low.equals(high).where(high.equals(0.0).where(high, 1.0), low / high)
    angle = _atan_up_to_one(ratio)
    angle = steep.where(_half_pi_minus(angle), angle)
    return (x.bits < 0).where(_half_pi_minus(angle, 2.0), angle).with_sign_of(y)


def _asin_up_to_half(x: Value) -> tuple[Value, Value]:
    """Where `|x|` is more than a half; and the arc sine of `|x|`, or there of `sqrt((1 - |x|) / 2)`."""
    size = abs(x)
    large = size > 0.5
    u = large.where((1.0 - size) * 0.5, size * size)
    s = large.where(u.square_root(), size)
    return large, fma(horner(u, coefficients.ASIN[x.format.bits]) * u, s, s)


@expands(math.AsinOp, 2.5, 2.5, "polynomial in x² up to a half, then pi / 2 - 2 asin(sqrt((1 - x) / 2))")
def asin(x: Value) -> Value:
    """The arc sine of `|x|`, and the sign of `x`; NaN beyond 1."""
    large, found = _asin_up_to_half(x)
    return large.where(_half_pi_minus(found + found), found).with_sign_of(x)


@expands(math.AcosOp, 1.5, 1.5, "the same: pi / 2 - asin(x), 2 asin(sqrt((1 - x) / 2)) or pi minus that")
def acos(x: Value) -> Value:
    """From pi at -1 to 0 at 1; NaN beyond."""
    large, found = _asin_up_to_half(x)
    double = found + found
    at_end = (x < 0.0).where(_half_pi_minus(double, 2.0), double)
    return large.where(at_end, _half_pi_minus(found.with_sign_of(x)))
