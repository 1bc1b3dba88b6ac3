"""Where rows begin and end: vectors of row splits made of lengths, starts, limits or row numbers, and checked.

Splits `[0, 2, 2, 5]` say that there are three rows, of two, none and three values.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from .....dialects.dtypes import INT32, INT64, DType, DTypeLike, dtype_named, dtype_of
from ...values.dispatch import as_tensor
from ...values.tensor import Tensor, read
from ..arguments import Size, check, int64_of, minus, plus, shown, size_along
from ..index import gather
from ..index import range as counting
from ..logic import equal, greater_equal, less_equal
from ..math import multiply, subtract
from ..movement import concat
from ..reduce import reduce_all, reduce_max
from ..scan import cumsum
from ..search import searchsorted
from ..select import cast
from ..shape import reshape
from ..slicing import bounded


def partition(function: str, value: object, argument: str) -> Tensor:
    """A vector of integers: Python's become int64, those of tensors and arrays stay int32 or int64."""
    where = f"RaggedTensor.{function}: {argument}"
    value = read(value)
    if isinstance(value, np.ndarray) and not value.size and dtype_of(value).is_floating:
        value = value.astype(np.int64)
    typed = isinstance(value, Tensor) or (isinstance(value, np.ndarray) and value.dtype == np.int32)
    if isinstance(value, np.ndarray) and not typed and dtype_of(value).is_integer:
        value = value.astype(np.int64)
    found = as_tensor(value, None if typed or isinstance(value, np.ndarray) else INT64, where)
    if found.dtype not in (INT32, INT64):
        raise InvalidTypeError(f"{where}: expected int32 or int64, got dtype {found.dtype.name}")
    if found.ndim != 1:
        raise InvalidArgumentError(f"{where}: expected a vector, got shape {found.shape}")
    return found


def splits_dtype(function: str, dtype: DTypeLike, argument: str = "row_splits_dtype") -> DType:
    """The dtype of row splits. InvalidArgumentError for another one than int32 and int64."""
    found = dtype_named(dtype, f"{function}: {argument}")
    if found not in (INT32, INT64):
        raise InvalidArgumentError(f"{function}: {argument}: expected int32 or int64, got {found.name}")
    return found


def scalar(value: Size, like: Tensor | DType) -> Tensor:
    """A size as a scalar of the dtype of splits."""
    return cast(int64_of(value), like if isinstance(like, DType) else like.dtype)


def last(vector: Tensor) -> Tensor:
    """The last element of a vector that has some."""
    return reshape(bounded(vector, [-1], [None]), [])


def count_of_rows(splits: Tensor) -> Size:
    """How many rows there are, an int where it is known."""
    size = splits.shape[0]
    return minus(size_along(splits, 0), 1) if size is None else size - 1


def lengths_of(splits: Tensor) -> Tensor:
    """The length of each row."""
    return subtract(bounded(splits, [1], [None]), bounded(splits, [0], [-1]))


def row_ids(splits: Tensor, values: Size) -> Tensor:
    """For each value the number of its row."""
    places = counting(scalar(0, splits), scalar(values, splits), scalar(1, splits))
    return searchsorted(bounded(splits, [1], [None]), places, "right", splits.dtype)


def places_in_rows(splits: Tensor, values: Size) -> Tensor:
    """For each value its position in its row."""
    places = counting(scalar(0, splits), scalar(values, splits), scalar(1, splits))
    return subtract(places, gather(splits, row_ids(splits, values)))


def from_lengths(lengths: Tensor) -> Tensor:
    """The splits of rows of these lengths."""
    return concat([scalar(0, lengths)[None], cumsum(lengths)], 0)


def from_row_ids(ids: Tensor, rows: Size) -> Tensor:
    """The splits of rows, of which the numbers of the values' rows are given, in ascending order."""
    bounds = counting(scalar(0, ids), scalar(plus(rows, 1), ids), scalar(1, ids))
    return searchsorted(ids, bounds, "left", ids.dtype)


def of_equal_length(length: Size, rows: Size, dtype: DType) -> Tensor:
    """The splits of rows of one length."""
    return multiply(counting(scalar(0, dtype), scalar(plus(rows, 1), dtype), scalar(1, dtype)), scalar(length, dtype))


def ascending(vector: Tensor) -> Tensor:
    """Whether no element is less than the one before it."""
    return reduce_all(less_equal(bounded(vector, [0], [-1]), bounded(vector, [1], [None])))


def check_splits(function: str, splits: Tensor, values: Size, argument: str = "row_splits") -> None:
    """Raise InvalidArgumentError unless splits begin with 0, ascend, and end with the number of values."""
    what = f"RaggedTensor.{function}: {argument}"
    first = reshape(bounded(splits, [0], [1]), [])
    check(equal(first, scalar(0, splits)), f"{what}: expected 0 first, got {{0}}", first)
    check(ascending(splits), f"{what}: expected integers in ascending order, got {{0}}", splits)
    end, total = last(splits), scalar(values, splits)
    check(
        equal(end, total), f"{what}: expected as many values as {{0}}, the end of the last row, got {{1}}", end, total
    )


def check_not_negative(function: str, vector: Tensor, argument: str) -> None:
    """Raise InvalidArgumentError for an element below 0."""
    least = reduce_all(greater_equal(vector, scalar(0, vector)))
    check(least, f"RaggedTensor.{function}: {argument}: expected integers of 0 or more, got {{0}}", vector)


def greatest(vector: Tensor, least: int = 0) -> Tensor:
    """The greatest element of a vector, and `least` if all are less, or if there is none."""
    return reduce_max(concat([scalar(least, vector)[None], vector], 0))


def known(value: object, function: str, argument: str) -> Size:
    """A size of 0 or more that a user gives, as an int where it is known."""
    given: Any = read(value)
    if isinstance(given, Tensor) and given.is_symbolic:
        if given.ndim or not given.dtype.is_integer:
            raise InvalidTypeError(f"RaggedTensor.{function}: {argument}: expected an integer, got {shown(value)}")
        return given
    number = np.asarray(given)
    if number.ndim or not dtype_of(number).is_integer:
        raise InvalidTypeError(f"RaggedTensor.{function}: {argument}: expected an integer, got {shown(value)}")
    if number < 0:
        raise InvalidArgumentError(f"RaggedTensor.{function}: {argument}: expected 0 or more, got {number}")
    return int(number)
