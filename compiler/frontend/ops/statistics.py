"""Public reductions that are composed of others: variances, lengths, logarithms of sums."""

from __future__ import annotations

from ....dialects.diagnostics import InvalidTypeError
from ....dialects.public import public
from ..values.dispatch import as_tensor, scalar_like
from ..values.tensor import Axis, Tensor, TensorLike
from . import namespace
from .logic import is_finite
from .math import add, exp, log, multiply, sqrt, square, subtract
from .reduce import reduce_max, reduce_mean, reduce_sum
from .select import stop_gradient, where
from .shape import reshape_like


def _floats(function: str, value: TensorLike) -> Tensor:
    tensor = as_tensor(value, name=f"{function}: input_tensor")
    if not (tensor.dtype.is_floating or tensor.dtype.is_complex):
        raise InvalidTypeError(f"{function}: input_tensor: expected floats, got dtype {tensor.dtype.name}")
    return tensor


@public("math")
def reduce_variance(
    input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """The mean square of the distances from the mean along `axis`.

    Args:
        input_tensor: floats or complex numbers, whose distances are real.
        axis: an axis, several, or None for all; negative ones count from the last.
        keepdims: whether the axes stay, with size 1.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> float(sw.math.reduce_variance([1.0, 3.0]))
        1.0
    """
    x = _floats("reduce_variance", input_tensor)
    apart = subtract(x, reduce_mean(x, axis, True))
    if x.dtype.is_complex:
        real, imag = (getattr(namespace(), part)(apart) for part in ("real", "imag"))
        return reduce_mean(add(square(real), square(imag)), axis, keepdims)
    return reduce_mean(square(apart), axis, keepdims)


@public("math")
def reduce_std(input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """The square root of the variance along `axis`.

    Args:
        input_tensor: floats or complex numbers.
        axis: an axis, several, or None for all; negative ones count from the last.
        keepdims: whether the axes stay, with size 1.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> float(sw.math.reduce_std([1.0, 5.0]))
        2.0
    """
    return sqrt(reduce_variance(_floats("reduce_std", input_tensor), axis, keepdims))


@public("math")
def reduce_euclidean_norm(
    input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """The square root of the sum of the squares along `axis`.

    Args:
        input_tensor: floats or complex numbers.
        axis: an axis, several, or None for all; negative ones count from the last.
        keepdims: whether the axes stay, with size 1.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> float(sw.math.reduce_euclidean_norm([3.0, 4.0]))
        5.0
    """
    x = as_tensor(input_tensor, name="reduce_euclidean_norm: input_tensor")
    if x.dtype.is_complex:
        return sqrt(reduce_sum(multiply(x, namespace().conj(x)), axis, keepdims))
    return sqrt(reduce_sum(square(_floats("reduce_euclidean_norm", x)), axis, keepdims))


@public("math", top=True)
def reduce_logsumexp(
    input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """The logarithm of the sum of `exp(input_tensor)` along `axis`, of large numbers too.

    Args:
        input_tensor: floats.
        axis: an axis, several, or None for all; negative ones count from the last.
        keepdims: whether the axes stay, with size 1.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> float(sw.reduce_logsumexp([1000.0, -1000.0]))
        1000.0
    """
    x = _floats("reduce_logsumexp", input_tensor)
    greatest = stop_gradient(reduce_max(x, axis, True))
    # An infinity is no distance to measure from: infinity less itself is NaN.
    greatest = where(is_finite(greatest), greatest, scalar_like(0, x))
    total = log(reduce_sum(exp(subtract(x, greatest)), axis, keepdims))
    return add(total, greatest if keepdims else reshape_like(greatest, total))
