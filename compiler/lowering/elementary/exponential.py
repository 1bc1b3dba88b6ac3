"""exp, expm1 and tanh.

`x = n ln 2 + r` with an integer `n` and `|r| <= ln 2 / 2`, by subtracting `n` times ln 2 in two parts with fused
multiply-adds; then `exp(x) = 2**n exp(r)`. Adding `Format.rounder` rounds `x / ln 2` to the integer `n` and leaves `n`
in the low bits of the sum, from where it is shifted into the place of the exponent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from xdsl.dialects import math

from . import coefficients
from .functions import expands
from .lanes import Format, Value, fma, horner


@dataclass(frozen=True)
class _Constants:
    """What depends on the format.

    Attributes:
        low, high: below, exp is 0 and expm1 is -1; above, both are infinity.
        minus_one: below, expm1 is -1.
        tanh_one: from here on, tanh is 1.
        tiny: below, expm1(x) is x.
    """

    low: float
    high: float
    minus_one: float
    tanh_one: float
    tiny: float


LOG2_E = 1.4426950408889634
LN2 = 0.6931471805599453
LN2_REST = 2.3190468138462996e-17
"""What is missing in `LN2`."""


def ln2_of(f: Format) -> tuple[float, float]:
    """ln 2 in two parts of a format."""
    single = float(np.float32(LN2))
    return (single, LN2 - single) if f.bits == 32 else (LN2, LN2_REST)


_CONSTANTS = {
    32: _Constants(-104.0, 89.0, -18.0, 10.0, 2.0**-26),
    64: _Constants(-746.0, 710.0, -40.0, 20.0, 2.0**-55),
}


def remainder(x: Value, n: Value) -> Value:
    """`x - n ln 2`."""
    high, low = ln2_of(x.format)
    return fma(n, -low, fma(n, -high, x))


@expands(math.ExpOp, 1.0, 1.0, "x = n ln 2 + r, polynomial in r, 2**n in two factors")
def exp(x: Value) -> Value:
    """`e` to the power `x`. `2**n` is applied in two halves, neither of which overflows; the second rounds once."""
    f, c = x.format, _CONSTANTS[x.format.bits]
    x = x.at_most(c.high).at_least(c.low)
    rounder = f.rounder + 2 * f.bias
    shifted = fma(x, LOG2_E, rounder)
    r = remainder(x, shifted - rounder)
    power = fma(fma(horner(r, coefficients.EXP[f.bits]), r, 1.0), r, 1.0)
    n = shifted.bits
    half = n.shift_in_zeros(1)
    return power * (half << f.mantissa).as_float * ((n - half) << f.mantissa).as_float


@expands(math.ExpM1Op, 2.0, 2.0, "the same, 2**n (exp(r) - 1) + (2**n - 1)")
def expm1(x: Value) -> Value:
    """`exp(x) - 1`: `2**n (exp(r) - 1) + (2**n - 1)`; all halved, so that nothing overflows too early."""
    f, c = x.format, _CONSTANTS[x.format.bits]
    clamped = x.at_most(c.high).at_least(c.minus_one)
    rounder = f.rounder + f.bias - 1
    shifted = fma(clamped, LOG2_E, rounder)
    r = remainder(clamped, shifted - rounder)
    rest = fma(horner(r, coefficients.EXP[f.bits]) * r, r, r)
    half = (shifted.bits << f.mantissa).as_float
    result = fma(half, rest, half - 0.5)
    return (abs(x) < c.tiny).where(x, result + result)


@expands(math.TanhOp, 2.0, 2.0, "from expm1(2 |x|)")
def tanh(x: Value) -> Value:
    """`h / (h + 1)` with `h = (exp(2 |x|) - 1) / 2`, and the sign of `x`.

    `n` is rounded down from three quarters on rather than from a half, so that `exp(r) - 1` is never far below 0, where
    `2**n - 1` would cancel most of it and leave its error. For small `x` the rounding of `h + 1` is the largest error:
    there the result is written as `h - h (h / (h + 1))`.
    """
    f = x.format
    size = abs(x).at_most(_CONSTANTS[f.bits].tanh_one)
    rounder = f.rounder + f.bias - 1
    double = size + size
    shifted = fma(double, LOG2_E, -0.25) + rounder
    r = remainder(double, shifted - rounder)
    rest = fma(horner(r, coefficients.EXPM1[f.bits]) * r, r, r)
    half = (shifted.bits << f.mantissa).as_float
    h = fma(half, rest, half - 0.5)
    ratio = h / (h + 1.0)
    return (size < 0.26).where(fma(-h, ratio, h), ratio).with_sign_of(x)
