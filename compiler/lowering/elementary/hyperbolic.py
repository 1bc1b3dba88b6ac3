"""sinh, cosh and their inverses, asinh, acosh and atanh."""

from __future__ import annotations

import math as math_of_python

from xdsl.dialects import math

from . import coefficients
from .exponential import LN2, LOG2_E, remainder
from .functions import expands
from .lanes import Value, fma, horner
from .logarithm import log1p

INFINITE = {32: 89.5, 64: 710.5}
"""From here on sinh and cosh are infinite; fourths of the powers are not."""

LARGE = {32: 2.0**30, 64: 2.0**60}
"""From here on `x² + 1` is `x²` to the last bit, and `x + 1` is `x` for a logarithm."""


def _reduced(x: Value) -> tuple[Value, Value, Value]:
    """`|x| = n ln 2 + r` as a fourth of `2**n`, `r`, and `exp(r) - 1`."""
    f = x.format
    size = abs(x).at_most(INFINITE[f.bits])
    rounder = f.rounder + f.bias - 2
    shifted = fma(size, LOG2_E, rounder)
    r = remainder(size, shifted - rounder)
    return (shifted.bits << f.mantissa).as_float, r, fma(horner(r, coefficients.EXP[f.bits]) * r, r, r)


@expands(math.SinhOp, 3.0, 3.0, "(h + h / (h + 1)) / 2 with h = expm1(|x|)")
def sinh(x: Value) -> Value:
    """Of `|x|`, by fourths, which do not overflow; with the sign of `x`."""
    quarter, _, rest = _reduced(x)
    fourth = fma(quarter, rest, quarter - 0.25)
    half = fourth + fourth
    result = half + fourth / (half + 0.5)
    return (abs(x) < 2.0 ** -(x.format.mantissa // 2 + 2)).where(x, result.with_sign_of(x))


@expands(math.CoshOp, 2.0, 2.0, "h + 1 / (4 h) with h = exp(|x|) / 2")
def cosh(x: Value) -> Value:
    """By fourths, which do not overflow."""
    quarter, _, rest = _reduced(x)
    fourth = fma(quarter, rest, quarter)
    half = fourth + fourth
    return half + 0.25 / half


@expands(math.AsinhOp, 2.0, 2.0, "log1p(|x| + x² / (1 + sqrt(x² + 1)))")
def asinh(x: Value) -> Value:
    """Of `|x|`, with the sign of `x`; where `x²` might overflow, `log(2 |x|)`."""
    size = abs(x)
    large = size > LARGE[x.format.bits]
    square = size * size
    sum_ = size + square / ((square + 1.0).square_root() + 1.0)
    found = log1p(large.where(size, sum_))
    return large.where(found + LN2, found).with_sign_of(x)


@expands(math.AcoshOp, 2.5, 2.5, "log1p(t + sqrt(2 t + t²)) with t = x - 1")
def acosh(x: Value) -> Value:
    """NaN below 1; where `t²` might overflow, `log(2 x)`."""
    t = x - 1.0
    large = x > LARGE[x.format.bits]
    found = log1p(large.where(x, t + fma(t, t, t + t).square_root()))
    return (x < 1.0).where(math_of_python.nan, large.where(found + LN2, found))


@expands(math.AtanhOp, 2.5, 2.5, "log1p(2 |x| / (1 - |x|)) / 2")
def atanh(x: Value) -> Value:
    """Of `|x|`, with the sign of `x`; an infinity at 1, NaN beyond."""
    size = abs(x)
    return (log1p((size + size) / (1.0 - size)) * 0.5).with_sign_of(x)
