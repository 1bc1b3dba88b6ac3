"""Public functions that count: elements, their values, and pairs of them."""

from __future__ import annotations

import numpy as np

from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.dtypes import BOOL, FLOAT32, FLOAT64, INT32, INT64, DType, DTypeLike, dtype_named
from ....dialects.public import public
from ..values.dispatch import as_tensor, as_tensors
from ..values.tensor import Axis, Tensor, TensorLike
from .arguments import check, indices_tensor, int64_of, size_along, size_from, size_of
from .index import gather
from .index import range as counting
from .logic import greater, greater_equal, is_finite, is_nan, less, logical_and, logical_not, not_equal
from .math import add, clip_by_value, divide, floor, maximum, minimum, multiply, subtract
from .movement import concat, stack
from .reduce import reduce_all, reduce_any, reduce_max, reduce_sum
from .scatter import scatter_nd
from .segments import unsorted_segment_sum
from .select import cast, where
from .shape import expand_dims, ones_like, reshape, size, squeeze, zeros_like


@public("math")
def count_nonzero(
    input: TensorLike,
    axis: Axis = None,
    keepdims: bool = False,
    dtype: DTypeLike = INT64,
    name: str | None = None,
) -> Tensor:
    """How many elements along `axis` are not 0.

    Example:
        >>> import stepwell as sw
        >>> sw.math.count_nonzero([[0, 1, 0], [1, 1, 0]], axis=1).numpy().tolist()
        [1, 2]
    """
    x = as_tensor(input, name="count_nonzero: input")
    found = x if x.dtype == BOOL else not_equal(x, zeros_like(x))
    return cast(reduce_sum(cast(found, INT64), axis, keepdims), dtype_named(dtype, "count_nonzero: dtype"))


@public("math", "nn")
def zero_fraction(value: TensorLike, name: str | None = None) -> Tensor:
    """Which part of the elements is 0; NaN of nothing.

    Example:
        >>> import stepwell as sw
        >>> float(sw.math.zero_fraction([0, 1, 0, 2]))
        0.5
    """
    x = as_tensor(value, name="zero_fraction: value")
    total = size(x, INT64)
    return divide(cast(subtract(total, count_nonzero(x)), FLOAT32), cast(total, FLOAT32))


@public("math")
def bincount(
    arr: TensorLike,
    weights: TensorLike | None = None,
    minlength: TensorLike | None = None,
    maxlength: TensorLike | None = None,
    dtype: DTypeLike = INT32,
    name: str | None = None,
    axis: int | None = None,
    binary_output: bool = False,
) -> Tensor:
    """How often each of the integers 0, 1, 2 … occurs.

    Args:
        arr: integers of 0 or more.
        weights: what each of them counts; 1 if not given.
        minlength: how many numbers the result has at least.
        maxlength: how many it has at most; greater integers are left out.
        dtype: of the result, if there are no weights.
        name: not used.
        axis: -1 to count in each row by itself; all elements if not given, or 0.
        binary_output: whether to return 1 for each integer that occurs, instead of how often.

    Example:
        >>> import stepwell as sw
        >>> sw.math.bincount([1, 1, 3]).numpy().tolist()
        [0, 2, 0, 1]
    """
    numbers = cast(indices_tensor("bincount", arr, "arr"), INT64)
    if axis not in (None, 0, -1):
        raise InvalidArgumentError(f"bincount: axis: expected 0, -1 or None, got {axis!r}")
    if binary_output and weights is not None:
        raise InvalidArgumentError("bincount: weights: expected none where binary_output is set")
    given = ones_like(numbers, dtype) if weights is None else as_tensor(weights, name="bincount: weights")
    bins = _bins(numbers, minlength, maxlength)
    kept = where(less(numbers, bins), numbers, int64_of(-1))
    if axis == -1 and numbers.ndim > 1:
        rows = size_along(numbers, 0)
        first = multiply(reshape(counting(int64_of(rows)), [-1, *[1] * (numbers.ndim - 1)]), bins)
        kept = where(less(kept, int64_of(0)), kept, add(kept, first))
        total = unsorted_segment_sum(given, kept, multiply(int64_of(rows), bins))
        total = reshape(total, [rows, size_from(bins)])
    else:
        total = unsorted_segment_sum(given, kept, bins)
    return cast(greater(total, zeros_like(total)), total.dtype) if binary_output else total


def _bins(numbers: Tensor, minlength: TensorLike | None, maxlength: TensorLike | None) -> Tensor:
    """How many integers are counted: as many as the greatest one says, within limits."""
    flat = concat([reshape(numbers, [-1]), int64_of(-1)[None]], 0)
    check(
        reduce_all(greater_equal(reshape(numbers, [-1]), int64_of(0))), "bincount: arr: expected integers of 0 or more"
    )
    bins = add(reduce_max(flat), int64_of(1))
    if minlength is not None:
        bins = maximum(bins, cast(minlength, INT64))
    return bins if maxlength is None else minimum(bins, cast(maxlength, INT64))


@public(top=True)
def histogram_fixed_width_bins(
    values: TensorLike,
    value_range: TensorLike,
    nbins: TensorLike = 100,
    dtype: DTypeLike = INT32,
    name: str | None = None,
) -> Tensor:
    """For each value in which of `nbins` equal parts of a range it is; below and above it the first and the last one.

    Example:
        >>> import stepwell as sw
        >>> sw.histogram_fixed_width_bins([-1.0, 0.0, 1.5, 2.0, 5.0, 15.0], [0.0, 5.0], 5).numpy().tolist()
        [0, 0, 1, 2, 4, 4]
    """
    x, low, high = _ranged("histogram_fixed_width_bins", values, value_range)
    count = cast(int64_of(size_of("histogram_fixed_width_bins", nbins, "nbins")), _real(x.dtype))
    scaled = divide(subtract(x, low), subtract(high, low))
    found = floor(multiply(count, scaled))
    last = subtract(count, np.array(1, count.dtype))
    return cast(clip_by_value(found, np.array(0, count.dtype), last), INT32)


@public(top=True)
def histogram_fixed_width(
    values: TensorLike,
    value_range: TensorLike,
    nbins: TensorLike = 100,
    dtype: DTypeLike = INT32,
    name: str | None = None,
) -> Tensor:
    """How many values are in each of `nbins` equal parts of a range; those outside count to the first or last one.

    Args:
        values: numbers, none of them NaN.
        value_range: the least and the greatest value of the range.
        nbins: how many parts.
        dtype: of the result.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.histogram_fixed_width([-1.0, 0.0, 1.5, 2.0, 5.0, 15.0], [0.0, 5.0], 5).numpy().tolist()
        [2, 1, 1, 0, 2]
    """
    x, low, high = _ranged("histogram_fixed_width", values, value_range)
    if x.dtype.is_floating:
        check(logical_not(reduce_any(is_nan(x))), "histogram_fixed_width: values: expected numbers, got NaN")
    bins = size_of("histogram_fixed_width", nbins, "nbins")
    if isinstance(bins, int) and bins <= 0:
        raise InvalidArgumentError(f"histogram_fixed_width: nbins: expected 1 or more, got {bins}")
    count = cast(int64_of(bins), FLOAT64)
    step = divide(cast(subtract(high, low), FLOAT64), count)
    above = cast(subtract(maximum(x, low), low), FLOAT64)
    found = cast(minimum(divide(above, step), subtract(count, np.float64(1))), INT64)
    return unsorted_segment_sum(ones_like(found, dtype), found, bins)


def _ranged(function: str, values: TensorLike, value_range: TensorLike) -> tuple[Tensor, Tensor, Tensor]:
    """The values, and the ends of the range."""
    x, ends = as_tensors(function, values, value_range)
    if ends.ndim != 1 or ends.shape[0] not in (None, 2):
        raise InvalidArgumentError(f"{function}: value_range: expected two numbers, got shape {ends.shape}")
    low, high = ends[0], ends[1]
    check(
        less(low, high), f"{function}: value_range: expected a number and a greater one, got {{0}} and {{1}}", low, high
    )
    return x, low, high


def _real(dtype: DType) -> DType:
    return dtype if dtype.is_floating else FLOAT64


@public("math")
def confusion_matrix(
    labels: TensorLike,
    predictions: TensorLike,
    num_classes: TensorLike | None = None,
    weights: TensorLike | None = None,
    dtype: DTypeLike = INT32,
    name: str | None = None,
) -> Tensor:
    """How often each class, a row, was taken for each other one, a column.

    Args:
        labels: the classes, a vector of numbers from 0.
        predictions: what they were taken for.
        num_classes: how many classes there are; as many as the greatest number says if not given.
        weights: what each pair counts; 1 if not given.
        dtype: of the result.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.math.confusion_matrix([1, 2, 0], [2, 2, 0]).numpy().tolist()
        [[1, 0, 0], [0, 0, 1], [0, 0, 1]]
    """
    pairs = [
        indices_tensor("confusion_matrix", value, what)
        for value, what in ((labels, "labels"), (predictions, "predictions"))
    ]
    ranks = [numbers.ndim for numbers in pairs]
    rows, columns = (
        cast(squeeze(numbers, -1) if numbers.ndim == min(ranks) + 1 else numbers, INT64) for numbers in pairs
    )
    wanted = dtype_named(dtype, "confusion_matrix: dtype")
    for numbers, what in ((rows, "labels"), (columns, "predictions")):
        check(
            reduce_all(greater_equal(numbers, int64_of(0))), f"confusion_matrix: {what}: expected numbers of 0 or more"
        )
    if num_classes is None:
        last = reduce_max(concat([reshape(rows, [-1]), reshape(columns, [-1]), int64_of(-1)[None]], 0))
        count = size_from(add(last, int64_of(1)))
    else:
        count = size_of("confusion_matrix", num_classes, "num_classes")
        for numbers, what in ((rows, "labels"), (columns, "predictions")):
            text = f"confusion_matrix: {what}: expected numbers below {{0}}"
            check(reduce_all(less(numbers, int64_of(count))), text, int64_of(count))
    counted = ones_like(rows, wanted) if weights is None else cast(as_tensor(weights), wanted)
    return scatter_nd(stack([rows, columns], -1), counted, [count, count])


@public("math", "nn")
def in_top_k(targets: TensorLike, predictions: TensorLike, k: TensorLike, name: str | None = None) -> Tensor:
    """Whether fewer than `k` numbers of a row are greater than the one that its target names.

    Args:
        targets: for each row the index of an element; none that is out of range is among the first.
        predictions: rows of floats; of one with an infinity or NaN nothing is among the first.
        k: how many of each row count.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.math.in_top_k([0, 1], [[0.1, 0.2, 0.2], [0.5, 0.4, 0.1]], k=2).numpy().tolist()
        [False, True]
    """
    rows = as_tensor(predictions, name="in_top_k: predictions")
    places = cast(indices_tensor("in_top_k", targets, "targets"), INT64)
    if rows.ndim != 2 or places.ndim != 1:
        text = f"expected a vector of targets and rows of predictions, got shapes {places.shape} and {rows.shape}"
        raise InvalidArgumentError(f"in_top_k: {text}")
    total = int64_of(size_along(rows, 1))
    inside = logical_and(greater_equal(places, int64_of(0)), less(places, total))
    own = gather(rows, expand_dims(where(inside, places, zeros_like(places)), 1), axis=1, batch_dims=1)
    greater_ones = reduce_sum(cast(greater(rows, own), INT64), 1)
    finite = reduce_all(is_finite(rows), 1)
    return logical_and(logical_and(inside, finite), less(greater_ones, cast(k, INT64)))
