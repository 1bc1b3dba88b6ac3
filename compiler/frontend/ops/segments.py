"""Public functions that combine the parts of a tensor that have the same number: its segments."""

from __future__ import annotations

import numpy as np

from ....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ....dialects.dtypes import INT64, DType
from ....dialects.hl.division import FloordivOp
from ....dialects.public import public
from ..values.dispatch import apply, as_tensor
from ..values.tensor import Tensor, TensorLike
from .arguments import Size, check, indices_tensor, int64_of, plus, size_along, size_from, size_of, times
from .logic import equal, greater, less, less_equal, logical_and
from .math import abs, divide, maximum, multiply, sign, sqrt
from .movement import concat
from .reduce import reduce_all, reduce_max
from .scatter import scatter, scatter_add
from .select import cast, where
from .shape import expand_dims, fill, ones_like, reshape, zeros_like
from .slicing import bounded


def _flat(function: str, data: TensorLike, segment_ids: TensorLike) -> tuple[Tensor, Tensor]:
    """The parts of `data`, and their segments, along one axis."""
    x, ids = as_tensor(data, name=f"{function}: data"), indices_tensor(function, segment_ids, "segment_ids")
    wanted = x.shape[: ids.ndim]
    if len(wanted) < ids.ndim or any(a != b and None not in (a, b) for a, b in zip(wanted, ids.shape)):
        text = f"expected the first sizes of data, whose shape is {x.shape}"
        raise InvalidArgumentError(f"{function}: segment_ids: {text}, got shape {ids.shape}")
    count: Size = 1
    for axis in range(ids.ndim):
        own, other = size_along(x, axis), size_along(ids, axis)
        if not (isinstance(own, int) and isinstance(other, int)):
            text = f"{function}: segment_ids: axis {axis} has size {{0}}, expected {{1}}"
            check(equal(int64_of(own), int64_of(other)), text, int64_of(other), int64_of(own))
        count = times(count, own)
    rest = [size_along(x, axis) for axis in range(ids.ndim, x.ndim)]
    return reshape(x, [count, *rest]), cast(reshape(ids, [-1]), INT64)


def _combined(x: Tensor, ids: Tensor, count: Size, start: TensorLike, mode: str) -> Tensor:
    """`count` parts of `start`, each combined with the parts of its segment; those of a negative one are left out."""
    total = int64_of(count)
    places = where(less(ids, int64_of(0)), total, ids)
    rest = [size_along(x, axis) for axis in range(1, x.ndim)]
    initial = fill([plus(count, 1), *rest], as_tensor(start, x.dtype))
    if mode == "add":
        found = scatter_add(initial, expand_dims(places, 1), x)
    else:
        found = scatter(initial, expand_dims(places, 1), x, mode)
    return bounded(found, [0] * x.ndim, [count, *[None] * (x.ndim - 1)])


def _unsorted(function: str, data: TensorLike, segment_ids: TensorLike, num_segments: TensorLike, mode: str) -> Tensor:
    x, ids = _flat(function, data, segment_ids)
    count = _segments_of(function, ids, num_segments)
    return _combined(x, ids, count, _neutral(function, x.dtype, mode), mode)


def _segments_of(function: str, ids: Tensor, num_segments: TensorLike) -> Size:
    """How many segments there are, where no part has a greater number."""
    count = size_of(function, num_segments, "num_segments")
    if isinstance(count, int) and count < 0:
        raise InvalidArgumentError(f"{function}: num_segments: expected 0 or more, got {count}")
    last = reduce_max(concat([ids, int64_of(-1)[None]], 0))
    text = f"{function}: segment_ids: index {{0}} is out of range for {{1}} segments"
    check(less(last, int64_of(count)), text, last, int64_of(count))
    return count


def _neutral(function: str, dtype: DType, mode: str) -> TensorLike:
    """What a segment without parts has."""
    if not dtype.is_number:
        raise InvalidTypeError(f"{function}: data: expected numbers, got dtype {dtype.name}")
    if mode in ("add", "mul"):
        return np.array(mode == "mul", dtype)
    return np.array(dtype.max if mode == "min" else dtype.min, dtype)


def _counts(x: Tensor, ids: Tensor, count: Size) -> Tensor:
    """How many parts each segment has, as numbers that broadcast with the segments."""
    numbers = _combined(ones_like(ids, x.dtype), ids, count, np.array(0, x.dtype), "add")
    return reshape(numbers, [count, *[1] * (x.ndim - 1)])


@public("math")
def unsorted_segment_sum(
    data: TensorLike, segment_ids: TensorLike, num_segments: TensorLike, name: str | None = None
) -> Tensor:
    """For each segment the sum of the parts of `data` that belong to it; 0 if none does.

    Args:
        data: numbers.
        segment_ids: to which segment each part of `data` belongs; parts with a negative number are left out.
        num_segments: how many segments there are; a greater number in `segment_ids` is an error.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.math.unsorted_segment_sum([1, 2, 3, 4], [2, 0, 2, -1], 3).numpy().tolist()
        [2, 0, 4]
    """
    return _unsorted("unsorted_segment_sum", data, segment_ids, num_segments, "add")


@public("math")
def unsorted_segment_prod(
    data: TensorLike, segment_ids: TensorLike, num_segments: TensorLike, name: str | None = None
) -> Tensor:
    """For each segment the product of its parts; 1 if it has none. Arguments as those of `unsorted_segment_sum`.

    Example:
        >>> import stepwell as sw
        >>> sw.math.unsorted_segment_prod([2, 3, 4], [0, 2, 0], 3).numpy().tolist()
        [8, 1, 3]
    """
    return _unsorted("unsorted_segment_prod", data, segment_ids, num_segments, "mul")


@public("math")
def unsorted_segment_max(
    data: TensorLike, segment_ids: TensorLike, num_segments: TensorLike, name: str | None = None
) -> Tensor:
    """For each segment the greatest of its parts; the least number of the dtype if it has none.

    Arguments are as those of `unsorted_segment_sum`.

    Example:
        >>> import stepwell as sw
        >>> sw.math.unsorted_segment_max([1, 3, 2], [0, 0, 1], 2).numpy().tolist()
        [3, 2]
    """
    return _unsorted("unsorted_segment_max", data, segment_ids, num_segments, "max")


@public("math")
def unsorted_segment_min(
    data: TensorLike, segment_ids: TensorLike, num_segments: TensorLike, name: str | None = None
) -> Tensor:
    """For each segment the least of its parts; the greatest number of the dtype if it has none.

    Arguments are as those of `unsorted_segment_sum`.

    Example:
        >>> import stepwell as sw
        >>> sw.math.unsorted_segment_min([1, 3, 2], [0, 0, 1], 2).numpy().tolist()
        [1, 2]
    """
    return _unsorted("unsorted_segment_min", data, segment_ids, num_segments, "min")


@public("math")
def unsorted_segment_mean(
    data: TensorLike, segment_ids: TensorLike, num_segments: TensorLike, name: str | None = None
) -> Tensor:
    """For each segment the mean of its parts, as floats; 0 if it has none. Arguments as of `unsorted_segment_sum`.

    Example:
        >>> import stepwell as sw
        >>> sw.math.unsorted_segment_mean([1.0, 2.0, 4.0], [0, 1, 1], 3).numpy().tolist()
        [1.0, 3.0, 0.0]
    """
    total, number = _sums_and_counts("unsorted_segment_mean", data, segment_ids, num_segments)
    return divide(total, number)


@public("math")
def unsorted_segment_sqrt_n(
    data: TensorLike, segment_ids: TensorLike, num_segments: TensorLike, name: str | None = None
) -> Tensor:
    """For each segment the sum of its parts, divided by the square root of how many they are; 0 if it has none.

    Example:
        >>> import stepwell as sw
        >>> sw.math.unsorted_segment_sqrt_n([1.0, 2.0, 3.0, 4.0, 5.0], [0, 1, 1, 1, 1], 2).numpy().tolist()
        [1.0, 7.0]
    """
    total, number = _sums_and_counts("unsorted_segment_sqrt_n", data, segment_ids, num_segments)
    return divide(total, sqrt(number))


def _sums_and_counts(
    function: str, data: TensorLike, segment_ids: TensorLike, num_segments: TensorLike
) -> tuple[Tensor, Tensor]:
    """Sums, and the numbers of parts, where none counts as one; those of integers are divided as floats."""
    x, ids = _flat(function, data, segment_ids)
    count = _segments_of(function, ids, num_segments)
    total, number = _combined(x, ids, count, np.array(0, x.dtype), "add"), _counts(x, ids, count)
    number = maximum(number, ones_like(number))
    return cast(total, x.dtype.divides_in), cast(number, x.dtype.divides_in)


def _sorted(function: str, data: TensorLike, segment_ids: TensorLike) -> tuple[Tensor, Tensor, Size]:
    """The parts, their segments, and how many segments there are: the last number and one more."""
    x, ids = as_tensor(data, name=f"{function}: data"), indices_tensor(function, segment_ids, "segment_ids")
    if ids.ndim != 1:
        raise InvalidArgumentError(f"{function}: segment_ids: expected a vector, got shape {ids.shape}")
    x, ids = _flat(function, x, ids)
    grows = less_equal(bounded(ids, [0], [-1]), bounded(ids, [1], [None]))
    first = reduce_all(less_equal(int64_of(0), bounded(ids, [0], [1])))
    text = f"{function}: segment_ids: expected numbers of 0 or more in ascending order"
    check(logical_and(reduce_all(grows), first), text)
    last = reduce_max(concat([int64_of(-1)[None], ids], 0))
    return x, ids, plus(size_from(last), 1)


@public("math")
def segment_sum(data: TensorLike, segment_ids: TensorLike, name: str | None = None) -> Tensor:
    """For each segment the sum of the parts of `data` that belong to it; 0 if none does.

    Args:
        data: numbers.
        segment_ids: a vector that says to which segment each part of `data` belongs, in ascending order.
        name: not used.

    Returns:
        a tensor with as many parts as the last number, and one more; how many is known when the function runs.

    Example:
        >>> import stepwell as sw
        >>> sw.math.segment_sum([1, 2, 3], [0, 0, 2]).numpy().tolist()
        [3, 0, 3]
    """
    x, ids, count = _sorted("segment_sum", data, segment_ids)
    return _combined(x, ids, count, np.array(0, x.dtype), "add")


@public("math")
def segment_prod(data: TensorLike, segment_ids: TensorLike, name: str | None = None) -> Tensor:
    """For each segment the product of its parts; 1 if it has none. Arguments as those of `segment_sum`.

    Example:
        >>> import stepwell as sw
        >>> sw.math.segment_prod([2, 3, 4], [0, 0, 2]).numpy().tolist()
        [6, 1, 4]
    """
    x, ids, count = _sorted("segment_prod", data, segment_ids)
    return _combined(x, ids, count, np.array(1, x.dtype), "mul")


@public("math")
def segment_mean(data: TensorLike, segment_ids: TensorLike, name: str | None = None) -> Tensor:
    """For each segment the mean of its parts, of integers rounded towards 0; 0 if it has none. See `segment_sum`.

    Example:
        >>> import stepwell as sw
        >>> sw.math.segment_mean([1.0, 2.0, 3.0], [0, 0, 2]).numpy().tolist()
        [1.5, 0.0, 3.0]
    """
    x, ids, count = _sorted("segment_mean", data, segment_ids)
    total, number = _combined(x, ids, count, np.array(0, x.dtype), "add"), _counts(x, ids, count)
    divisor = maximum(number, ones_like(number))
    if x.dtype.is_floating:
        return divide(total, divisor)
    return multiply(sign(total), apply(FloordivOp, abs(total), divisor))


@public("math")
def segment_max(data: TensorLike, segment_ids: TensorLike, name: str | None = None) -> Tensor:
    """For each segment the greatest of its parts; 0 if it has none. Arguments as those of `segment_sum`.

    Example:
        >>> import stepwell as sw
        >>> sw.math.segment_max([1, 2, 3], [0, 0, 2]).numpy().tolist()
        [2, 0, 3]
    """
    return _extreme("segment_max", data, segment_ids, "max")


@public("math")
def segment_min(data: TensorLike, segment_ids: TensorLike, name: str | None = None) -> Tensor:
    """For each segment the least of its parts; 0 if it has none. Arguments as those of `segment_sum`.

    Example:
        >>> import stepwell as sw
        >>> sw.math.segment_min([1, 2, 3], [0, 0, 2]).numpy().tolist()
        [1, 0, 3]
    """
    return _extreme("segment_min", data, segment_ids, "min")


def _extreme(function: str, data: TensorLike, segment_ids: TensorLike, mode: str) -> Tensor:
    x, ids, count = _sorted(function, data, segment_ids)
    start = _neutral(function, x.dtype, mode)
    if x.dtype.is_floating:
        start = np.array(np.inf if mode == "min" else -np.inf, x.dtype)
    found, number = _combined(x, ids, count, start, mode), _counts(x, ids, count)
    return where(greater(number, zeros_like(number)), found, zeros_like(found))
