"""`a * b + c` rounded once, as IEEE 754 defines fusedMultiplyAdd; numpy has no such function."""

from __future__ import annotations

from fractions import Fraction
from math import isfinite

import numpy as np

from .values import Value


def fused_multiply_add(a: Value, b: Value, c: Value) -> Value:
    """`a * b + c` with one rounding, elementwise.

    Example:
        >>> x = np.float64(1 + 2**-52)
        >>> float(fused_multiply_add(x, x, np.float64(-1 - 2**-51))), float(x * x - 1 - 2**-51)
        (4.930380657631324e-32, 0.0)
    """
    if a.dtype == np.float64:
        return np.asarray(_elementwise(a, b, c)).astype(np.float64)[()]
    wide = _rounded_to_odd(a.astype(np.float64) * b.astype(np.float64), c.astype(np.float64))
    return wide.astype(a.dtype)


def _rounded_to_odd(product: Value, addend: Value) -> Value:
    """The sum; where it is inexact, the one of its two neighbours whose last bit is 1.

    The product of two narrower floats is exact in 64 bits. A sum rounded like this can be rounded again to the narrow
    type and is what it would be if rounded once (Boldo and Melquiond, "When double rounding is odd").
    """
    total = product + addend
    part = total - product
    error = (product - (total - part)) + (addend - part)
    inexact_and_even = np.isfinite(error) & (error != 0) & (np.asarray(total).view(np.int64) & 1 == 0)
    return np.where(inexact_and_even, np.nextafter(total, np.copysign(np.inf, error)), total)[()]


def _exactly(a: float, b: float, c: float) -> float:
    if not (isfinite(a) and isfinite(b) and isfinite(c)):
        return c if isfinite(a) and isfinite(b) else a * b + c
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    if exact == 0:
        return a * b + c if a == 0 or b == 0 else 0.0
    try:
        return float(exact)
    except OverflowError:
        return float("inf") if exact > 0 else float("-inf")


_elementwise = np.frompyfunc(_exactly, 3, 1)
