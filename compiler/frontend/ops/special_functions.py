"""Public special functions: incomplete gamma and beta functions, zeta."""

from __future__ import annotations

import numpy as np

from ....dialects.hl.special_functions import SpecialFunctionOp
from ....dialects.public import public
from ..values.dispatch import apply, as_tensors, scalar_like
from ..values.tensor import Tensor, TensorLike
from . import namespace
from .logic import equal
from .math import add, exp, multiply, negative
from .select import where
from .shape import broadcast_like
from .trigonometry import digamma, lgamma


def special_function(name: str, *values: Tensor) -> Tensor:
    """A function of tensors of one shape, by its name."""
    return apply(SpecialFunctionOp, *values, function=name)


def _broadcast(name: str, *values: TensorLike) -> Tensor:
    tensors = as_tensors(name, *values)
    if len({tensor.shape for tensor in tensors}) > 1 or any(None in tensor.shape for tensor in tensors[1:]):
        like = namespace().zeros_like(tensors[0])
        for tensor in tensors[1:]:
            like = add(like, namespace().zeros_like(tensor))
        tensors = [broadcast_like(tensor, like) for tensor in tensors]
    return special_function(name, *tensors)


@public("math")
def igamma(a: TensorLike, x: TensorLike, name: str | None = None) -> Tensor:
    """The lower incomplete gamma function of `x`, divided by the gamma function of `a`, elementwise.

    Example:
        >>> import stepwell as sw
        >>> round(float(sw.math.igamma(1.0, 2.0)), 4)
        0.8647
    """
    return _broadcast("igamma", a, x)


@public("math")
def igammac(a: TensorLike, x: TensorLike, name: str | None = None) -> Tensor:
    """`1 - igamma(a, x)`, elementwise, exact where that is small, too.

    Example:
        >>> import stepwell as sw
        >>> round(float(sw.math.igammac(1.0, 2.0)), 4)
        0.1353
    """
    return _broadcast("igammac", a, x)


@public("math")
def betainc(a: TensorLike, b: TensorLike, x: TensorLike, name: str | None = None) -> Tensor:
    """The regularized incomplete beta function of `x`, elementwise. Its gradient is that with respect to `x` only.

    Example:
        >>> import stepwell as sw
        >>> round(float(sw.math.betainc(2.0, 3.0, 0.5)), 4)
        0.6875
    """
    return _broadcast("betainc", a, b, x)


@public("math")
def zeta(x: TensorLike, q: TensorLike, name: str | None = None) -> Tensor:
    """Hurwitz' zeta function, the sum of `(q + n) ** -x`, elementwise. Its gradient is that with respect to `q` only.

    Example:
        >>> import stepwell as sw
        >>> round(float(sw.math.zeta(2.0, 1.0)), 4)
        1.6449
    """
    return _broadcast("zeta", x, q)


@public("math")
def polygamma(a: TensorLike, x: TensorLike, name: str | None = None) -> Tensor:
    """The derivative of order `a` of `digamma`, elementwise, for orders of 0, 1, 2 …; NaN for others.

    Example:
        >>> import stepwell as sw
        >>> round(float(sw.math.polygamma(1.0, 1.0)), 4)
        1.6449
    """
    order, value = as_tensors("polygamma", a, x)
    one = scalar_like(1, order)
    whole = equal(order, namespace().floor(order)) & namespace().greater_equal(order, 0)
    none = equal(order, 0)
    safe = namespace().stop_gradient(where(none, one, order))
    next_ = add(safe, one)
    sign = where(equal(namespace().floormod(safe, 2), 0), negative(one), one)
    found = multiply(multiply(sign, exp(lgamma(next_))), zeta(next_, value))
    nan = scalar_like(np.nan, order)
    return where(whole, where(none, digamma(value), found), nan)
