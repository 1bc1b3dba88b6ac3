"""`ragged.range`: rows of numbers in arithmetic progression."""

from __future__ import annotations

from typing import Any

from .....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from .....dialects.dtypes import INT64, DTypeLike
from .....dialects.public import public
from ...values.dispatch import as_tensor
from ...values.tensor import Tensor, TensorLike
from ..arguments import check, size_along, size_from
from ..index import gather
from ..logic import not_equal
from ..math import add, divide, floordiv, maximum, multiply, negative, subtract
from ..math import ceil as rounded_up
from ..reduce import reduce_all
from ..select import cast
from ..shape import broadcast_to, reshape
from . import splits as rows_
from .tensor import RaggedTensor


@public("ragged")
def range(
    starts: TensorLike,
    limits: TensorLike | None = None,
    deltas: TensorLike = 1,
    dtype: DTypeLike | None = None,
    name: str | None = None,
    row_splits_dtype: DTypeLike = INT64,
) -> RaggedTensor:
    """Rows of numbers from `starts` up to, and without, `limits`; with one argument from 0 up to that.

    Args:
        starts: the first number of each row, a vector, or a scalar for all rows.
        limits: where rows end, likewise.
        deltas: the difference of the numbers of a row, likewise.
        dtype: the dtype of the numbers.
        name: not used.
        row_splits_dtype: int32 or int64.

    Example:
        >>> import stepwell as sw
        >>> sw.ragged.range([3, 0, 2])
        <tf.RaggedTensor [[0, 1, 2], [], [0, 1]]>
        >>> sw.ragged.range(0, [3, 5], 2)
        <tf.RaggedTensor [[0, 2], [0, 2, 4]]>
    """
    if limits is None:
        starts, limits = 0, starts
    splits_dtype = rows_.splits_dtype("ragged.range", row_splits_dtype)
    parts = _rows_of_numbers([starts, limits, deltas], dtype)
    start, limit, delta = parts
    check(reduce_all(not_equal(delta, cast(0, delta.dtype))), "ragged.range: deltas: expected no 0, got {0}", delta)
    lengths = cast(_steps(subtract(limit, start), delta), splits_dtype)
    splits = rows_.from_lengths(maximum(lengths, cast(0, splits_dtype)))
    total = rows_.last(splits)
    count = size_from(total)
    ids = rows_.row_ids(splits, count)
    places = cast(rows_.places_in_rows(splits, count), delta.dtype)
    return RaggedTensor._of(add(gather(start, ids), multiply(places, gather(delta, ids))), splits)


def _steps(distance: Tensor, delta: Tensor) -> Tensor:
    """How many numbers there are, which is not greater than 0 if there are none."""
    if distance.dtype.is_floating:
        return rounded_up(divide(distance, delta))
    return negative(floordiv(negative(distance), delta))


_ORDER = ("int32", "int64", "float32", "float64")


def _rows_of_numbers(values: list[Any], dtype: DTypeLike | None) -> list[Tensor]:
    """Vectors of one dtype and length."""
    names = ("starts", "limits", "deltas")
    given = [as_tensor(value, name=f"ragged.range: {name}") for value, name in zip(values, names)]
    for each, name in zip(given, names):
        if each.ndim > 1:
            text = f"expected a vector or a scalar, got shape {each.shape}"
            raise InvalidArgumentError(f"ragged.range: {name}: {text}")
        if each.dtype.name not in _ORDER:
            raise InvalidTypeError(f"ragged.range: {name}: expected int32, int64 or floats, got {each.dtype.name}")
    target = max((each.dtype.name for each in given), key=_ORDER.index) if dtype is None else dtype
    given = [cast(each, target) for each in given]
    rows = next((each for each in given if each.ndim), None)
    if rows is None:
        return [reshape(each, [1]) for each in given]
    for each, name in zip(given, names):
        if each.ndim and None not in (each.shape[0], rows.shape[0]) and each.shape[0] != rows.shape[0]:
            text = f"expected {rows.shape[0]} elements, one for each row, got {each.shape[0]}"
            raise InvalidArgumentError(f"ragged.range: {name}: {text}")
    return [each if each.ndim else broadcast_to(each, [size_along(rows, 0)]) for each in given]
