"""erf."""

from __future__ import annotations

from xdsl.dialects import math

from . import coefficients
from .functions import expands
from .lanes import Value, fma, horner

ONE_FROM = {32: 3.95, 64: 5.95}
"""From here on `erf` is 1 to the last bit."""


def power_of_two(y: Value) -> tuple[Value, Value]:
    """`2**y` for `y` whose power has a full mantissa, in two factors: the second a power of 2, the first next to 1."""
    f = y.format
    rounder = f.rounder + f.bias
    shifted = y + rounder
    rest = y - (shifted - rounder)
    return fma(horner(rest, coefficients.EXP2[f.bits]), rest, 1.0), (shifted.bits << f.mantissa).as_float


@expands(math.ErfOp, 1.5, 1.5, "polynomial in x² up to 1, then 1 - 2**q(x)")
def erf(x: Value) -> Value:
    """The error function: up to 1 a polynomial in `x²`, beyond `1 - 2**q(|x|)` with a polynomial `q`."""
    f, size = x.format, abs(x)
    small = fma(horner(x * x, coefficients.ERF_SMALL[f.bits]), x, x)
    power, scale = power_of_two(horner(size.at_most(ONE_FROM[f.bits]), coefficients.ERF_LARGE[f.bits]))
    large = fma(-power, scale, 1.0).with_sign_of(x)
    return (size < 1.0).where(small, large)
