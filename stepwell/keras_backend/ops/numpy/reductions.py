"""Sums, means, extrema and the like along axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import stepwell as sw

from ..core import convert_to_tensor
from .operands import as_floats, axes_of, dtype_name, flat_or, floating, floats_together, numbers, rank, summands

Axis = int | tuple[int, ...] | list[int] | None


def sum(x: Any, axis: Axis = None, keepdims: bool = False) -> sw.Tensor:
    """The sums along axes."""
    return sw.reduce_sum(summands(x), axis=axis, keepdims=keepdims)


def prod(x: Any, axis: Axis = None, keepdims: bool = False, dtype: Any = None) -> sw.Tensor:
    """The products along axes."""
    x = summands(x) if dtype is None else convert_to_tensor(x, dtype)
    return sw.reduce_prod(x, axis=axis, keepdims=keepdims)


def mean(x: Any, axis: Axis = None, keepdims: bool = False) -> sw.Tensor:
    """The means along axes."""
    return sw.reduce_mean(floating(x), axis=axis, keepdims=keepdims)


def var(x: Any, axis: Axis = None, keepdims: bool = False) -> sw.Tensor:
    """The variances along axes."""
    return _spread(sw.math.reduce_variance, as_floats(x), axis, keepdims)


def std(x: Any, axis: Axis = None, keepdims: bool = False) -> sw.Tensor:
    """The standard deviations along axes."""
    return _spread(sw.math.reduce_std, floating(x), axis, keepdims)


def _spread(measure: Callable[..., sw.Tensor], x: sw.Tensor, axis: Axis, keepdims: bool) -> sw.Tensor:
    """What `measure` returns, computed in at least 32 bits, as floats of 16 bits have no room for squares."""
    if x.dtype.size > 2:
        return measure(x, axis=axis, keepdims=keepdims)
    return sw.cast(measure(sw.cast(x, "float32"), axis=axis, keepdims=keepdims), x.dtype)


def average(x: Any, axis: Axis = None, weights: Any = None) -> sw.Tensor:
    """The means along an axis, weighted if there are weights."""
    if weights is None:
        return mean(x, axis)
    x, weights = floats_together(x, weights)
    if axis is not None and rank(weights) != rank(x):
        (along,) = axes_of(x, axis)
        weights = _along(weights, along, rank(x))
        return sw.reduce_sum(x * weights, axis) / sw.reduce_sum(weights)
    return sw.reduce_sum(x * weights, axis) / sw.reduce_sum(weights, axis)


def max(x: Any, axis: Axis = None, keepdims: bool = False, initial: Any = None) -> sw.Tensor:
    """The largest elements along axes, and `initial`."""
    x = _with_elements("max", x, initial)
    of_booleans = dtype_name(x) == "bool"
    reduce, combine = (sw.reduce_any, sw.logical_or) if of_booleans else (sw.reduce_max, sw.maximum)
    return _combined(combine, reduce(x, axis=axis, keepdims=keepdims), initial)


def min(x: Any, axis: Axis = None, keepdims: bool = False, initial: Any = None) -> sw.Tensor:
    """The smallest elements along axes, and `initial`."""
    x = _with_elements("min", x, initial)
    of_booleans = dtype_name(x) == "bool"
    reduce, combine = (sw.reduce_all, sw.logical_and) if of_booleans else (sw.reduce_min, sw.minimum)
    return _combined(combine, reduce(x, axis=axis, keepdims=keepdims), initial)


def _with_elements(function: str, x: Any, initial: Any) -> sw.Tensor:
    """`x` as a tensor; one without elements is refused if there is no initial value."""
    x = convert_to_tensor(x)
    if initial is None and 0 in x.shape.as_list():
        raise ValueError(f"Cannot compute the {function} of an empty tensor.")
    return x


def _combined(combine: Callable[..., sw.Tensor], x: sw.Tensor, initial: Any) -> sw.Tensor:
    """`x` and an initial value combined, if there is one."""
    return x if initial is None else combine(x, convert_to_tensor(initial, x.dtype))


def amax(x: Any, axis: Axis = None, keepdims: bool = False) -> sw.Tensor:
    """The largest elements along axes."""
    return max(x, axis, keepdims)


def amin(x: Any, axis: Axis = None, keepdims: bool = False) -> sw.Tensor:
    """The smallest elements along axes."""
    return min(x, axis, keepdims)


def ptp(x: Any, axis: Axis = None, keepdims: bool = False) -> sw.Tensor:
    """The differences of the largest and smallest elements along axes."""
    x = convert_to_tensor(x)
    return sw.reduce_max(x, axis=axis, keepdims=keepdims) - sw.reduce_min(x, axis=axis, keepdims=keepdims)


def all(x: Any, axis: Axis = None, keepdims: bool = False) -> sw.Tensor:
    """Whether all elements along axes are True."""
    return sw.reduce_all(convert_to_tensor(x, "bool"), axis=axis, keepdims=keepdims)


def any(x: Any, axis: Axis = None, keepdims: bool = False) -> sw.Tensor:
    """Whether one of the elements along axes is True."""
    return sw.reduce_any(convert_to_tensor(x, "bool"), axis=axis, keepdims=keepdims)


def count_nonzero(x: Any, axis: Axis = None) -> sw.Tensor:
    """The numbers of elements along axes that are not 0."""
    return sw.reduce_sum(sw.cast(convert_to_tensor(x, "bool"), "int32"), axis=axis)


def argmax(x: Any, axis: int | None = None, keepdims: bool = False) -> sw.Tensor:
    """The indices of the largest elements along an axis, or of all."""
    return _position(sw.argmax, x, axis, keepdims)


def argmin(x: Any, axis: int | None = None, keepdims: bool = False) -> sw.Tensor:
    """The indices of the smallest elements along an axis, or of all."""
    return _position(sw.argmin, x, axis, keepdims)


def _position(find: Callable[..., sw.Tensor], x: Any, axis: int | None, keepdims: bool) -> sw.Tensor:
    """What `find` returns, of one axis or of all elements."""
    x = numbers(x)
    flat, along = flat_or(x, axis)
    result = find(flat, axis=along, output_type="int32")
    if not keepdims:
        return result
    return sw.reshape(result, [1] * rank(x)) if axis is None else sw.expand_dims(result, along)


def cumsum(x: Any, axis: int | None = None, dtype: Any = None) -> sw.Tensor:
    """The sums of the elements up to each along an axis."""
    return sw.cumsum(*flat_or(numbers(convert_to_tensor(x, dtype)), axis))


def cumprod(x: Any, axis: int | None = None, dtype: Any = None) -> sw.Tensor:
    """The products of the elements up to each along an axis."""
    return sw.math.cumprod(*flat_or(numbers(convert_to_tensor(x, dtype)), axis))


def size(x: Any) -> Any:
    """The number of elements."""
    return sw.size(convert_to_tensor(x))


def ndim(x: Any) -> int:
    """The number of axes."""
    return rank(convert_to_tensor(x))


def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> sw.Tensor:
    """The integral along an axis by the trapezoidal rule."""
    y = as_floats(y)
    (along,) = axes_of(y, axis)
    heights = _neighbours(y, along)
    if x is None:
        widths = convert_to_tensor(dx, y.dtype)
    else:
        x = convert_to_tensor(x, y.dtype)
        left, right = _neighbours(x, 0 if rank(x) == 1 else along)
        widths = right - left
        if rank(x) == 1:
            widths = _along(widths, along, rank(y))
    return sw.reduce_sum((heights[0] + heights[1]) * widths, along) * sw.constant(0.5, y.dtype)


def diff(a: Any, n: int = 1, axis: int = -1) -> sw.Tensor:
    """The differences of neighbours along an axis, `n` times."""
    a = convert_to_tensor(a)
    if n < 0:
        raise ValueError(f"Order `n` must be non-negative. Received n={n}")
    if rank(a) == 0:
        raise ValueError(f"`diff` requires input that is at least one dimensional. Received: a={a}")
    (along,) = axes_of(a, axis)
    for _ in range(n):
        left, right = _neighbours(a, along)
        a = sw.not_equal(right, left) if dtype_name(a) == "bool" else sw.subtract(right, left)
    return a


def _along(vector: sw.Tensor, axis: int, count: int) -> sw.Tensor:
    """A vector as a tensor of so many axes, of which all but one have size 1."""
    return sw.reshape(vector, [-1 if i == axis else 1 for i in range(count)])


def _neighbours(x: sw.Tensor, axis: int) -> tuple[sw.Tensor, sw.Tensor]:
    """All elements along an axis but the last, and all but the first."""
    before = (slice(None),) * axis
    return x[(*before, slice(None, -1))], x[(*before, slice(1, None))]
