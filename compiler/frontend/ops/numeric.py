"""Functions of numbers that programs need now and then, made of others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ....dialects.dtypes import FLOAT32, FLOAT64, INT32, INT64, DTypeLike, dtype_named
from ....dialects.public import public
from ..values.dispatch import as_tensor, as_tensors, scalar_like
from ..values.tensor import Tensor, TensorLike
from .arguments import axis_of, check, flag_of, size_along
from .arithmetic import add_n
from .logic import bitcast, equal, greater, is_nan, less, logical_and, logical_or
from .math import abs, add, exp, floordiv, floormod, log1p, maximum, minimum, multiply, sign, subtract
from .movement import concat, reverse, stack
from .reduce import reduce_all
from .select import cast, stop_gradient, where
from .shape import fill, shape, zeros_like


@public("math")
def cumulative_logsumexp(
    x: TensorLike, axis: int = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Tensor:
    """The logarithm of the sum of the exponentials of the elements along `axis` up to each one.

    Args:
        x: floats, whose count along `axis` is known.
        axis: an axis; negative ones count from the end.
        exclusive: whether the element itself is left out; the first result is then the logarithm of 0.
        reverse: whether sums are from the end.
        name: accepted as in TensorFlow; unused.

    Sums are taken over twice as many elements in each step (Hillis and Steele, 1986), each relative to its largest
    term, so that small prefixes of large sums are exact.

    Example:
        >>> import stepwell as sw
        >>> sw.math.cumulative_logsumexp([0.0, 0.0, 1000.0]).numpy().round(3).tolist()
        [0.0, 0.6930000185966492, 1000.0]
    """
    del name
    function = "cumulative_logsumexp"
    value = as_tensor(x, name=f"{function}: x")
    if not value.dtype.is_floating:
        raise InvalidTypeError(f"{function}: x: expected floats, got dtype {value.dtype.name}")
    place = axis_of(function, axis, value.ndim)
    count = size_along(value, place)
    if isinstance(count, Tensor):
        raise InvalidArgumentError(f"{function}: x: the number of elements along axis {place} has to be known")
    turned = flag_of(function, reverse, "reverse")
    value = _reversed(value, place) if turned else value
    if exclusive and count:
        value = _moved(value, place, 1)
    step = 1
    while step < count:
        value = _log_add(value, _moved(value, place, step))
        step *= 2
    return _reversed(value, place) if turned else value


def _reversed(x: Tensor, axis: int) -> Tensor:
    return reverse(x, [axis])


def _moved(x: Tensor, axis: int, by: int) -> Tensor:
    """`x` moved along an axis, with the logarithm of 0 before it."""
    sizes = [size_along(x, each) for each in range(x.ndim)]
    first = fill([*sizes[:axis], by, *sizes[axis + 1 :]], scalar_like(-np.inf, x))
    rest = x[(*[slice(None)] * axis, slice(None, -by))]
    return concat([first, rest], axis)


def _log_add(x: Tensor, y: Tensor) -> Tensor:
    """`log(exp(x) + exp(y))`, whose gradient is that of its larger term where the other is the logarithm of 0."""
    most, least = maximum(x, y), minimum(x, y)
    infinite = equal(abs(most), scalar_like(np.inf, x))
    gap = where(infinite, zeros_like(x), subtract(least, most))
    return where(infinite, most, add(most, log1p(exp(gap))))


@public(top=True)
def unravel_index(indices: TensorLike, dims: TensorLike, name: str | None = None) -> Tensor:
    """The indices along each axis, of a tensor of sizes `dims`, of elements that are counted in row-major order.

    Args:
        indices: int32 or int64.
        dims: the sizes, a vector whose length is known.
        name: accepted as in TensorFlow; unused.

    Raises InvalidArgumentError for an index that is out of range.

    Example:
        >>> import stepwell as sw
        >>> sw.unravel_index([2, 5, 7], [3, 3]).numpy().tolist()
        [[0, 1, 2], [2, 2, 1]]
    """
    del name
    rest, sizes = as_tensors("unravel_index", indices, dims)
    if rest.dtype not in (INT32, INT64):
        raise InvalidTypeError(f"unravel_index: indices: expected int32 or int64, got dtype {rest.dtype.name}")
    if sizes.ndim != 1 or sizes.shape[0] is None:
        raise InvalidArgumentError(f"unravel_index: dims: expected a vector of known length, got shape {sizes.shape}")
    parts: list[Tensor] = []
    zero = as_tensor(np.zeros((), rest.dtype))
    inside = reduce_all(logical_or(equal(rest, zero), greater(rest, zero)))
    for axis in reversed(range(sizes.shape[0])):
        parts.append(floormod(rest, sizes[axis]))
        rest = floordiv(rest, sizes[axis])
    valid = logical_and(inside, reduce_all(equal(rest, zero)))
    check(valid, "unravel_index: indices: expected indices of elements that are there")
    return stack(parts[::-1], 0)


@public("dtypes", top=True)
def saturate_cast(value: TensorLike, dtype: DTypeLike, name: str | None = None) -> Tensor:
    """`value` in another dtype; what that cannot hold is its least or greatest value.

    Example:
        >>> import stepwell as sw
        >>> sw.saturate_cast([-3.5, -1e20], sw.int64).numpy().tolist()
        [-3, -9223372036854775808]
    """
    del name
    x, target = as_tensor(value, name="saturate_cast: value"), dtype_named(dtype, "saturate_cast: dtype")
    own = x.dtype
    if own.is_bool or target.is_bool or (own.is_floating and target.is_floating and own.bits <= target.bits):
        return cast(x, target)
    for limit, bound in ((target.min, maximum), (target.max, minimum)):
        limited = _within(limit, own, target)
        if limited is not None:
            x = bound(x, as_tensor(np.array(limited, own)))
    return cast(x, target)


def _within(limit: Any, own: Any, target: Any) -> Any:
    """A limit of a dtype, in another one from which nothing beyond it is converted; None where there is no need."""
    if own.is_integer:
        return None if not own.min <= limit <= own.max else limit
    if target.is_floating:
        return limit
    found = np.array(limit, own)
    if not np.isfinite(found):
        return None
    beyond = int(found) > target.max if limit > 0 else int(found) < target.min
    return np.nextafter(found, np.array(0, own)) if beyond and own in (FLOAT32, FLOAT64) else found


@public("math")
def nextafter(x1: TensorLike, x2: TensorLike, name: str | None = None) -> Tensor:
    """The floating-point number next to `x1` in the direction of `x2`, elementwise.

    Args:
        x1, x2: float32 or float64.
        name: accepted as in TensorFlow; unused.

    Example:
        >>> import stepwell as sw
        >>> float(sw.math.nextafter(1.0, 2.0)) - 1.0
        1.1920928955078125e-07
    """
    del name
    x, y = as_tensors("nextafter", x1, x2)
    if x.dtype not in (FLOAT32, FLOAT64):
        raise InvalidTypeError(f"nextafter: x1: expected float32 or float64, got dtype {x.dtype.name}")
    bits = INT32 if x.dtype == FLOAT32 else INT64
    zero, one = as_tensor(np.zeros((), x.dtype)), as_tensor(np.ones((), bits))
    origin, goal = stop_gradient(x), stop_gradient(y)
    up = where(greater(goal, origin), one, multiply(one, as_tensor(np.array(-1, bits))))
    away = where(less(origin, zero), subtract(zeros_like(one), up), up)
    moved = bitcast(add(bitcast(add(origin, zeros_like(goal)), bits), away), x.dtype)
    least = bitcast(one, x.dtype)
    moved = where(equal(origin, zero), multiply(least, sign(goal)), moved)
    nan = logical_or(is_nan(origin), is_nan(goal))
    return where(nan, add(origin, goal), where(equal(origin, goal), add(goal, zeros_like(origin)), moved))


@public("math")
def accumulate_n(
    inputs: Sequence[TensorLike], shape: object = None, tensor_dtype: DTypeLike | None = None, name: str | None = None
) -> Tensor:
    """The sum of tensors of one shape and dtype, as `add_n`.

    Example:
        >>> import stepwell as sw
        >>> sw.math.accumulate_n([[1, 2], [3, 4]]).numpy().tolist()
        [4, 6]
    """
    del shape, name
    total = add_n(inputs)
    if tensor_dtype is not None and total.dtype != (wanted := dtype_named(tensor_dtype, "accumulate_n: tensor_dtype")):
        raise InvalidTypeError(f"accumulate_n: inputs: expected dtype {wanted.name}, got {total.dtype.name}")
    return total


@public(top=True)
def shape_n(input: Sequence[TensorLike], out_type: DTypeLike = INT32, name: str | None = None) -> list[Tensor]:
    """The sizes of each of some tensors.

    Example:
        >>> import stepwell as sw
        >>> [each.numpy().tolist() for each in sw.shape_n([sw.zeros([2, 3]), sw.zeros([4])])]
        [[2, 3], [4]]
    """
    del name
    return [shape(each, out_type) for each in input]
