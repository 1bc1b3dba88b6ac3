"""log and log1p.

`x = 2**n (1 + r)` with `1 + r` between the roots of a half and of 2, so that `log(x) = n ln 2 + log(1 + r)`. In float32
`log(1 + r)` is a polynomial in `r`; in float64 one in `s = r / (2 + r)`, since `log(1 + r) = 2 atanh(s)`, whose leading
term is written as `2 s = r - s r` with the exact `r`.
"""

from __future__ import annotations

import math as math_of_python

from xdsl.dialects import math

from . import coefficients
from .exponential import ln2_of
from .functions import expands
from .lanes import Value, fma, horner

ROOT_OF_HALF = {32: 0x3F3504F3, 64: 0x3FE6A09E667F3BCD}
"""The bits of the square root of a half."""


def split(x: Value) -> tuple[Value, Value]:
    """`n` as an integer and `m`, such that `x = 2**n m`, and `m` lies between the roots of a half and of 2.

    `x` must be positive and have a full mantissa.
    """
    f, bits = x.format, x.bits
    n = (bits - ROOT_OF_HALF[f.bits]) >> f.mantissa
    return n, (bits - (n << f.mantissa)).as_float


def scaled_up(x: Value) -> tuple[Value, Value]:
    """Numbers too small for a full mantissa times a power of 2, others as they are; and the exponent of that power."""
    f = x.format
    small = x < f.smallest_normal
    return small.where(x * 2.0 ** (f.mantissa + 2), x), small.where(x.constant(f.mantissa + 2.0), 0.0)


def _combined(n: Value, r: Value) -> Value:
    """`n ln 2 + log(1 + r)`."""
    high, low = ln2_of(r.format)
    if r.format.bits == 32:
        rest = fma(r * r, fma(horner(r, coefficients.LOG[32]), r, -0.5), n * low)
    else:
        s = r / (r + 2.0)
        square = s * s
        rest = fma(-s, r - horner(square, coefficients.ATANH[64]) * square, n * low)
    return fma(n, high, r + rest)


def _at_ends(x: Value, zero: float, result: Value) -> Value:
    """`result` for finite `x > zero`; otherwise -inf at `zero`, NaN below it, infinity and NaN as they are."""
    special = x.equals(zero).where(x.constant(-math_of_python.inf), math_of_python.nan)
    return (x < math_of_python.inf).where((x > zero).where(result, special), x)


@expands(math.LogOp, 1.0, 1.0, "x = 2**n (1 + r), polynomial in r or in r / (2 + r)")
def log(x: Value) -> Value:
    """The natural logarithm."""
    scaled, by = scaled_up(x)
    n, m = split(scaled)
    return _at_ends(x, 0.0, _combined(n.to_float() - by, m - 1.0))


@expands(math.Log1pOp, 2.0, 2.0, "the same of 1 + x, with what rounding it leaves out")
def log1p(x: Value) -> Value:
    """The logarithm of `1 + x`: of the rounded sum, with what rounding left out added to `r`.

    Where `n` is so large that its power of 2 has no reciprocal, what is left out does not matter.
    """
    f = x.format
    total = x + 1.0
    one = total - x
    left_out = (x - (total - one)) + (1.0 - one)
    n, m = split(total)
    within = (n < f.bias).where(n, f.bias - 1)
    scale = (f.one - (within << f.mantissa)).as_float
    result = _combined(n.to_float(), fma(left_out, scale, m - 1.0))
    return (abs(x) < 2.0 ** -(f.mantissa + 3)).where(x, _at_ends(x, -1.0, result))
