"""The inverse trigonometric and hyperbolic functions of complex numbers, composed of real functions.

Kahan, "Branch cuts for complex elementary functions" (1987), so that they are continuous from the side that the sign of
a zero says.
"""

from __future__ import annotations

import numpy as np

from ....dialects.hl.complex import ComplexOp, ImagOp, RealOp
from ..values.dispatch import apply
from ..values.tensor import Tensor
from . import namespace
from .math import add, divide, log1p, multiply, negative, sqrt, square, subtract
from .select import where
from .trigonometry import asinh, atan2


def _parts(z: Tensor) -> tuple[Tensor, Tensor]:
    return apply(RealOp, z), apply(ImagOp, z)


def _root(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """The parts of the square root of `x + 1j * y`."""
    return _parts(sqrt(apply(ComplexOp, x, y)))


def _scaled(x: Tensor, factor: float) -> Tensor:
    return multiply(x, np.array(factor, x.dtype))


def _of_roots(z: Tensor) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """The parts of the roots of `1 - z` and of `1 + z`."""
    x, y = _parts(z)
    one = np.array(1, x.dtype)
    return _root(subtract(one, x), negative(y)), _root(add(one, x), y)


def complex_asin(z: Tensor) -> Tensor:
    """The inverse sine.

    Example:
        >>> import stepwell as sw
        >>> sw.asin(2j).numpy().round(4)
        np.complex128(1.4436j)
    """
    x, _ = _parts(z)
    (a, b), (c, d) = _of_roots(z)
    real = atan2(x, subtract(multiply(a, c), multiply(b, d)))
    return apply(ComplexOp, real, asinh(subtract(multiply(a, d), multiply(b, c))))


def complex_acos(z: Tensor) -> Tensor:
    """The inverse cosine.

    Example:
        >>> import stepwell as sw
        >>> sw.acos(sw.constant(2 + 0j)).numpy().round(4).imag.item()
        -1.317
    """
    (a, b), (c, d) = _of_roots(z)
    return apply(ComplexOp, _scaled(atan2(a, c), 2), asinh(subtract(multiply(c, b), multiply(d, a))))


def complex_acosh(z: Tensor) -> Tensor:
    """The inverse hyperbolic cosine.

    Example:
        >>> import stepwell as sw
        >>> sw.acosh(sw.constant(2 + 0j)).numpy().round(4).real.item()
        1.317
    """
    x, y = _parts(z)
    one = np.array(1, x.dtype)
    (a, b), (c, d) = _root(subtract(x, one), y), _root(add(x, one), y)
    return apply(ComplexOp, asinh(add(multiply(a, c), multiply(b, d))), _scaled(atan2(b, c), 2))


def complex_atanh(z: Tensor) -> Tensor:
    """The inverse hyperbolic tangent.

    Example:
        >>> import stepwell as sw
        >>> sw.atanh(sw.constant(2 + 0j)).numpy().round(4).tolist()
        (0.5493+1.5708j)
    """
    x, y = _parts(z)
    one = np.array(1, x.dtype)
    sign = where(namespace().less(x, np.array(0, x.dtype)), negative(one), one)
    size = multiply(sign, x)
    apart = add(square(subtract(one, size)), square(y))
    real = multiply(_scaled(sign, 0.25), log1p(divide(_scaled(size, 4), apart)))
    inner = subtract(multiply(subtract(one, x), add(one, x)), square(y))
    return apply(ComplexOp, real, _scaled(atan2(_scaled(y, 2), inner), 0.5))


def complex_asinh(z: Tensor) -> Tensor:
    """The inverse hyperbolic sine.

    Example:
        >>> import stepwell as sw
        >>> sw.asinh(sw.constant(2j)).numpy().round(4).tolist()
        (1.317+1.5708j)
    """
    return _turned_back(complex_asin(_turned(z)))


def complex_atan(z: Tensor) -> Tensor:
    """The inverse tangent.

    Example:
        >>> import stepwell as sw
        >>> sw.atan(sw.constant(2j)).numpy().round(4).tolist()
        (1.5708+0.5493j)
    """
    return _turned_back(complex_atanh(_turned(z)))


def _turned(z: Tensor) -> Tensor:
    """`1j * z`."""
    x, y = _parts(z)
    return apply(ComplexOp, negative(y), x)


def _turned_back(z: Tensor) -> Tensor:
    """`-1j * z`."""
    x, y = _parts(z)
    return apply(ComplexOp, y, negative(x))
