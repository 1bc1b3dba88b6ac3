"""Public quantiles: inverses of distribution functions."""

from __future__ import annotations

import numpy as np

from ....dialects.diagnostics import InvalidTypeError
from ....dialects.public import public
from ..values.dispatch import as_tensor, scalar_like
from ..values.tensor import Tensor, TensorLike
from . import namespace
from .logic import equal, less_equal
from .math import abs, divide, log, minimum, multiply, negative, sqrt, subtract
from .polynomials import polyval
from .select import cast, where

_CENTER = (
    [2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457],
    [13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608],
    [5226.495278852854561, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867],
    [5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1.0],
)
_MIDDLE = (
    [7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258],
    [3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734],
    [1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459],
    [0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1.0],
)
_FAR = (
    [2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.2426609473880784386e-3, 0.026532189526576123093],
    [0.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772],
    [2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4],
    [0.0148753612908506148525, 0.13692988092273580531, 0.59983220655588793769, 1.0],
)
"""Coefficients, the highest first, of three quotients: two rows of the numerator, two of the denominator."""


def _quotient(rows: tuple[list[float], ...], r: Tensor) -> Tensor:
    a, b, c, d = ([np.array(number, r.dtype) for number in row] for row in rows)
    above, below = a + b, c + d
    return divide(polyval(above, r), polyval(below, r))


@public("math")
def ndtri(x: TensorLike, name: str | None = None) -> Tensor:
    """The quantiles of the standard normal distribution: infinite at 0 and 1, NaN beyond, elementwise.

    Computed as in Wichura, "Algorithm AS 241: The percentage points of the normal distribution" (1988).

    Example:
        >>> import stepwell as sw
        >>> round(float(sw.math.ndtri(0.975)), 4)
        1.96
    """
    p = as_tensor(x, name="ndtri: x")
    if not p.dtype.is_floating:
        raise InvalidTypeError(f"ndtri: x: expected floats, got dtype {p.dtype.name}")
    if p.dtype.accumulates_in != p.dtype:  # which has no room for the coefficients
        return cast(ndtri(cast(p, p.dtype.accumulates_in)), p.dtype)
    half, one = np.array(0.5, p.dtype), scalar_like(1, p)
    q = subtract(p, half)
    is_near = less_equal(abs(q), np.array(0.425, p.dtype))
    near = where(is_near, q, namespace().zeros_like(q))
    center = multiply(near, _quotient(_CENTER, subtract(np.array(0.180625, p.dtype), multiply(near, near))))
    tail = minimum(p, subtract(one, p))
    inside = namespace().greater(tail, 0) & ~is_near
    r = sqrt(negative(log(where(inside, tail, np.array(0.05, p.dtype)))))
    middle = _quotient(_MIDDLE, subtract(r, np.array(1.6, p.dtype)))
    far = _quotient(_FAR, subtract(r, np.array(5, p.dtype)))
    size = where(less_equal(r, np.array(5, p.dtype)), middle, far)
    edge = where(equal(tail, 0), np.array(np.inf, p.dtype), np.array(np.nan, p.dtype))
    size = where(inside, size, edge)
    return where(is_near, center, where(namespace().less(q, 0), negative(size), size))


@public("math")
def erfcinv(x: TensorLike, name: str | None = None) -> Tensor:
    """The inverse of `erfc`, elementwise, exact for a small `x`, too.

    Example:
        >>> import stepwell as sw
        >>> round(float(sw.math.erfcinv(0.5)), 4)
        0.4769
    """
    value = as_tensor(x, name="erfcinv: x")
    found = ndtri(multiply(value, np.array(0.5, value.dtype)))
    return multiply(found, np.array(-np.sqrt(0.5), value.dtype))
