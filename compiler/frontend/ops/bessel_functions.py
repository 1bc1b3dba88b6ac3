"""Public Bessel functions, and functions that are integrals, of one operand."""

from __future__ import annotations

from ....dialects.public import public
from ..values.dispatch import as_tensor
from ..values.tensor import Tensor, TensorLike
from .special_functions import special_function


@public("math", "math.special")
def bessel_i0(x: TensorLike, name: str | None = None) -> Tensor:
    """The modified Bessel function of the first kind of order 0, elementwise.

    Example:
        >>> import stepwell as sw
        >>> round(float(sw.math.bessel_i0(1.0)), 4)
        1.2661
    """
    return special_function("bessel_i0", as_tensor(x, name="bessel_i0: x"))


@public("math", "math.special")
def bessel_i0e(x: TensorLike, name: str | None = None) -> Tensor:
    """`bessel_i0(x) * exp(-abs(x))`, elementwise.

    Example:
        >>> import stepwell as sw
        >>> round(float(sw.math.bessel_i0e(1.0)), 4)
        0.4658
    """
    return special_function("bessel_i0e", as_tensor(x, name="bessel_i0e: x"))


@public("math", "math.special")
def bessel_i1(x: TensorLike, name: str | None = None) -> Tensor:
    """The modified Bessel function of the first kind of order 1, elementwise.

    Example:
        >>> import stepwell as sw
        >>> round(float(sw.math.bessel_i1(1.0)), 4)
        0.5652
    """
    return special_function("bessel_i1", as_tensor(x, name="bessel_i1: x"))


@public("math", "math.special")
def bessel_i1e(x: TensorLike, name: str | None = None) -> Tensor:
    """`bessel_i1(x) * exp(-abs(x))`, elementwise.

    Example:
        >>> import stepwell as sw
        >>> round(float(sw.math.bessel_i1e(1.0)), 4)
        0.2079
    """
    return special_function("bessel_i1e", as_tensor(x, name="bessel_i1e: x"))


@public("math.special")
def bessel_j0(x: TensorLike, name: str | None = None) -> Tensor:
    """The Bessel function of the first kind of order 0, elementwise.

    Example:
        >>> import stepwell as sw
        >>> round(float(sw.math.special.bessel_j0(1.0)), 4)
        0.7652
    """
    return special_function("bessel_j0", as_tensor(x, name="bessel_j0: x"))


@public("math.special")
def bessel_j1(x: TensorLike, name: str | None = None) -> Tensor:
    """The Bessel function of the first kind of order 1, elementwise.

    Example:
        >>> import stepwell as sw
        >>> round(float(sw.math.special.bessel_j1(1.0)), 4)
        0.4401
    """
    return special_function("bessel_j1", as_tensor(x, name="bessel_j1: x"))


@public("math.special")
def bessel_y0(x: TensorLike, name: str | None = None) -> Tensor:
    """The Bessel function of the second kind of order 0, of positive numbers, elementwise.

    Example:
        >>> import stepwell as sw
        >>> round(float(sw.math.special.bessel_y0(1.0)), 4)
        0.0883
    """
    return special_function("bessel_y0", as_tensor(x, name="bessel_y0: x"))


@public("math.special")
def bessel_y1(x: TensorLike, name: str | None = None) -> Tensor:
    """The Bessel function of the second kind of order 1, of positive numbers, elementwise.

    Example:
        >>> import stepwell as sw
        >>> round(float(sw.math.special.bessel_y1(1.0)), 4)
        -0.7812
    """
    return special_function("bessel_y1", as_tensor(x, name="bessel_y1: x"))


@public("math.special")
def bessel_k0(x: TensorLike, name: str | None = None) -> Tensor:
    """The modified Bessel function of the second kind of order 0, of positive numbers, elementwise.

    Example:
        >>> import stepwell as sw
        >>> round(float(sw.math.special.bessel_k0(1.0)), 4)
        0.421
    """
    return special_function("bessel_k0", as_tensor(x, name="bessel_k0: x"))


@public("math.special")
def bessel_k0e(x: TensorLike, name: str | None = None) -> Tensor:
    """`bessel_k0(x) * exp(x)`, elementwise.

    Example:
        >>> import stepwell as sw
        >>> round(float(sw.math.special.bessel_k0e(1.0)), 4)
        1.1445
    """
    return special_function("bessel_k0e", as_tensor(x, name="bessel_k0e: x"))


@public("math.special")
def bessel_k1(x: TensorLike, name: str | None = None) -> Tensor:
    """The modified Bessel function of the second kind of order 1, of positive numbers, elementwise.

    Example:
        >>> import stepwell as sw
        >>> round(float(sw.math.special.bessel_k1(1.0)), 4)
        0.6019
    """
    return special_function("bessel_k1", as_tensor(x, name="bessel_k1: x"))


@public("math.special")
def bessel_k1e(x: TensorLike, name: str | None = None) -> Tensor:
    """`bessel_k1(x) * exp(x)`, elementwise.

    Example:
        >>> import stepwell as sw
        >>> round(float(sw.math.special.bessel_k1e(1.0)), 4)
        1.6362
    """
    return special_function("bessel_k1e", as_tensor(x, name="bessel_k1e: x"))


@public("math.special")
def dawsn(x: TensorLike, name: str | None = None) -> Tensor:
    """Dawson's integral, `exp(-x * x)` times the integral of `exp(t * t)` from 0 to `x`, elementwise.

    Example:
        >>> import stepwell as sw
        >>> round(float(sw.math.special.dawsn(1.0)), 4)
        0.5381
    """
    return special_function("dawsn", as_tensor(x, name="dawsn: x"))


@public("math.special")
def expint(x: TensorLike, name: str | None = None) -> Tensor:
    """The exponential integral, that of `exp(t) / t` up to `x`, of positive numbers, elementwise.

    Example:
        >>> import stepwell as sw
        >>> round(float(sw.math.special.expint(1.0)), 4)
        1.8951
    """
    return special_function("expint", as_tensor(x, name="expint: x"))


@public("math.special")
def fresnel_cos(x: TensorLike, name: str | None = None) -> Tensor:
    """Fresnel's integral of `cos(pi * t * t / 2)` from 0 to `x`, elementwise.

    Example:
        >>> import stepwell as sw
        >>> round(float(sw.math.special.fresnel_cos(1.0)), 4)
        0.7799
    """
    return special_function("fresnel_cos", as_tensor(x, name="fresnel_cos: x"))


@public("math.special")
def fresnel_sin(x: TensorLike, name: str | None = None) -> Tensor:
    """Fresnel's integral of `sin(pi * t * t / 2)` from 0 to `x`, elementwise.

    Example:
        >>> import stepwell as sw
        >>> round(float(sw.math.special.fresnel_sin(1.0)), 4)
        0.4383
    """
    return special_function("fresnel_sin", as_tensor(x, name="fresnel_sin: x"))


@public("math.special")
def spence(x: TensorLike, name: str | None = None) -> Tensor:
    """The dilogarithm of `1 - x`, that is the integral of `-log(t) / (t - 1)` from 1 to `x`, elementwise.

    Example:
        >>> import stepwell as sw
        >>> round(float(sw.math.special.spence(0.0)), 4)
        1.6449
    """
    return special_function("spence", as_tensor(x, name="spence: x"))
