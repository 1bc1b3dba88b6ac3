"""Subscripts of RaggedTensors: rows, slices of rows, and what is in rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from .....dialects.debug import INVALID_INDEX
from .....dialects.diagnostics import InvalidArgumentError, InvalidIndexError, InvalidTypeError
from .....dialects.dtypes import INT64
from ...control_flow.values import add_check
from ...tracing.tracer import current_tracer
from ...values.dispatch import as_tensor, to_ssa
from ...values.tensor import Tensor, is_tensor, read
from ..arguments import shown, size_from
from ..index import range as counting
from ..logic import greater_equal, less, logical_and
from ..math import add, floordiv, maximum, minimum, subtract
from ..select import cast, where
from ..slicing import bounded
from . import splits as rows_
from .rows import pick_parts, pick_rows
from .shapes import expanded
from .tensor import RaggedTensor

_ALL = slice(None)


def getitem(x: RaggedTensor, key: Any) -> Any:
    """`x[key]`: numbers, slices, `...` and None, of which a number may not pick from rows of different lengths."""
    items = [read(item) for item in (key if isinstance(key, tuple) else (key,))]
    return _item(x, _without_ellipsis(x, items))


def _without_ellipsis(x: RaggedTensor, items: list[Any]) -> list[Any]:
    places = [index for index, item in enumerate(items) if item is Ellipsis]
    used = sum(item is not None and item is not Ellipsis for item in items)
    if used > x._rank:
        raise InvalidIndexError(f"subscript: expected at most {x._rank} indices, got {used}")
    if not places:
        return items
    if len(places) > 1:
        raise InvalidArgumentError("subscript: expected at most one `...`")
    [place] = places
    return [*items[:place], *[_ALL] * (x._rank - used), *items[place + 1 :]]


def _item(x: Any, items: list[Any]) -> Any:
    """What items for the first axes pick."""
    if not items or all(_is_all(item) for item in items):
        return x
    if not isinstance(x, RaggedTensor):
        return x[tuple(items)]
    first, *rest = items
    if first is None:
        return expanded(_item(x, rest), 0)
    if isinstance(first, slice):
        return _inner(_rows(x, first), rest)
    return _after_row(_row(x, first), rest)


def _is_all(item: Any) -> bool:
    return isinstance(item, slice) and item == _ALL


def _after_row(row: Any, rest: list[Any]) -> Any:
    return row if not rest else _item(row, rest)


def _row(x: RaggedTensor, index: Any) -> Any:
    """One row: a tensor, or a RaggedTensor of the rows that it is."""
    number = _scalar(index)
    count = rows_.scalar(rows_.count_of_rows(x.row_splits), INT64)
    place = where(less(number, np.int64(0)), add(number, count), number)
    inside = logical_and(greater_equal(place, np.int64(0)), less(place, count))
    _check_index(inside, number, count)
    if inside.is_symbolic:
        place = maximum(minimum(place, subtract(count, np.int64(1))), np.int64(0))  # for engines that check later
    start, end = x.row_splits[place], x.row_splits[add(place, np.int64(1))]
    return part(x.values, start, end)


def part(values: Any, start: Tensor, end: Tensor) -> Any:
    """The values, or rows, from one position up to another."""
    if not isinstance(values, RaggedTensor):
        rest = values.ndim - 1
        return bounded(values, [size_from(start), *[0] * rest], [size_from(end), *[None] * rest])
    splits = bounded(values.row_splits, [size_from(start)], [size_from(add(end, rows_.scalar(1, end)))])
    first, last = values.row_splits[start], values.row_splits[end]
    return RaggedTensor._of(part(values.values, first, last), subtract(splits, first), values._uniform)


def _check_index(inside: Tensor, number: Tensor, count: Tensor) -> None:
    tracer = current_tracer()
    text = "subscript: index {0} is out of range for {1} rows"
    if inside.is_symbolic and tracer is not None:
        add_check(tracer, to_ssa(inside), text, [to_ssa(number), to_ssa(count)], INVALID_INDEX)
    elif not inside:
        raise InvalidIndexError(text.format(number.numpy(), count.numpy()))


def _scalar(value: Any) -> Tensor:
    """An integer scalar, as int64."""
    known = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if known or is_tensor(value) or isinstance(value, np.ndarray):
        found = as_tensor(value, name="subscript: index")
        if not found.ndim and found.dtype.is_integer:
            return cast(found, INT64)
    raise InvalidTypeError(f"subscript: expected an integer, a slice, `...` or None, got {shown(value)}")


def _rows(x: RaggedTensor, key: slice) -> RaggedTensor:
    """A slice of the rows."""
    if _is_all(key):
        return x
    count = rows_.scalar(rows_.count_of_rows(x.row_splits), INT64)
    start, length, stride = _range(key, count)
    numbers = add(start, counting(np.int64(0), length, np.int64(1)) * stride)
    return pick_rows(x, numbers)


def _range(key: slice, sizes: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Where a slice begins in rows of these sizes, how long it is, and its stride, by Python's rules."""
    stride = 1 if key.step is None else key.step
    if not isinstance(stride, int | np.integer):
        stride = int(_scalar(stride))
    if stride == 0:
        raise InvalidArgumentError("subscript: a slice: expected a stride that is not 0")
    zero, step = np.int64(0), np.int64(abs(stride))
    low, high = (zero, sizes) if stride > 0 else (np.int64(-1), subtract(sizes, np.int64(1)))

    def bound(value: Any, otherwise: Any) -> Tensor:
        if value is None:
            return add(sizes * zero, otherwise)
        given = _scalar(read(value))
        return minimum(maximum(where(less(given, zero), add(given, sizes), given), low), high)

    start = bound(key.start, low if stride > 0 else high)
    end = bound(key.stop, high if stride > 0 else low)
    distance = subtract(end, start) if stride > 0 else subtract(start, end)
    length = floordiv(add(maximum(distance, zero), step - np.int64(1)), step)
    return start, length, as_tensor(np.int64(stride))


def _inner(x: RaggedTensor, items: list[Any]) -> Any:
    """What items for the axes within rows pick."""
    if not items or all(_is_all(item) for item in items):
        return x
    first, *rest = items
    if first is None:
        count = rows_.count_of_rows(x.row_splits)
        inner = _inner(x, rest)
        return RaggedTensor._of(inner, rows_.of_equal_length(1, count, x.row_splits.dtype), 1)
    if not isinstance(first, slice):
        return _picked(x, first, rest)
    if not _is_all(first):
        x = _cut(x, first)
    if not rest or all(_is_all(item) for item in rest):
        return x
    values = x.values
    found = _inner(values, rest) if isinstance(values, RaggedTensor) else values[(_ALL, *rest)]
    return RaggedTensor._of(found, x.row_splits, x._uniform)


def _cut(x: RaggedTensor, key: slice) -> RaggedTensor:
    """The same slice of each row."""
    dtype = x.row_splits.dtype
    start, length, stride = _range(key, cast(rows_.lengths_of(x.row_splits), INT64))
    starts = add(x.row_splits[:-1], cast(start, dtype))
    found = pick_parts(x.values, starts, cast(length, dtype), stride)
    if not isinstance(x._uniform, int):
        return found
    return RaggedTensor._of(found.values, found.row_splits, _length(key, x._uniform))


def _length(key: slice, size: int) -> int | None:
    """How long a slice of rows of one length is, where its bounds are known."""
    parts = (key.start, key.stop, key.step)
    return len(range(size)[key]) if all(part is None or isinstance(part, int) for part in parts) else None


def _picked(x: RaggedTensor, index: Any, rest: list[Any]) -> Any:
    """One value of each row, of rows of one length."""
    if x._uniform is None:
        raise InvalidArgumentError(
            "subscript: expected a slice of rows of different lengths, got an index: not all of them may have it"
        )
    number, size = _scalar(index), rows_.scalar(x._uniform, INT64)
    place = where(less(number, np.int64(0)), add(number, size), number)
    _check_index(logical_and(greater_equal(place, np.int64(0)), less(place, size)), number, size)
    found = pick_rows(x.values, add(x.row_splits[:-1], cast(place, x.row_splits.dtype)))
    return found if not rest else _inner(found, rest) if isinstance(found, RaggedTensor) else found[(_ALL, *rest)]
