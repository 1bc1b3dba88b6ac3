"""Order: sorting, searching, and elements that differ."""

from __future__ import annotations

import functools
import operator
from typing import Any

import stepwell as sw

from ..core import convert_to_tensor, shape
from .operands import common_dtype, dtype_name, flat_or, operand, rank
from .shapes import moveaxis


def sort(x: Any, axis: int | None = -1) -> sw.Tensor:
    """The elements along an axis in ascending order."""
    x = convert_to_tensor(x)
    if rank(x) == 0:
        return x
    values, along = flat_or(x, axis)
    if dtype_name(x) == "bool":
        return sw.cast(sw.sort(sw.cast(values, "int8"), axis=along), "bool")
    return sw.sort(values, axis=along)


def argsort(x: Any, axis: int | None = -1) -> sw.Tensor:
    """The indices that put the elements along an axis in ascending order, equal ones in theirs."""
    x = convert_to_tensor(x)
    if rank(x) == 0:
        return sw.zeros([1], "int32")
    values, along = flat_or(x, axis)
    if dtype_name(x) == "bool":
        values = sw.cast(values, "int8")
    return sw.argsort(values, axis=along, stable=True)


def argpartition(x: Any, kth: int, axis: int | None = -1) -> sw.Tensor:
    """Indices with which no element before place `kth` is greater than it, and none after it less."""
    return argsort(x, axis)


def searchsorted(sorted_sequence: Any, values: Any, side: str = "left") -> sw.Tensor:
    """Where in an ascending sequence values have their place."""
    sequence, values = operand(sorted_sequence), operand(values)
    dtype = common_dtype([sequence, values])
    sequence, values = convert_to_tensor(sequence, dtype), convert_to_tensor(values, dtype)
    if rank(sequence) != 1:
        raise ValueError(
            "`searchsorted` only supports 1-D sorted sequences. You can use `keras.ops.vectorized_map` "
            f"to extend it to N-D sequences. Received: sorted_sequence.shape={sequence.shape}"
        )
    if dtype == "bool":
        sequence, values = sw.cast(sequence, "int32"), sw.cast(values, "int32")
    return sw.reshape(sw.searchsorted(sequence, sw.reshape(values, [-1]), side=side), shape(values))


def digitize(x: Any, bins: Any) -> sw.Tensor:
    """The numbers of the bins, whose boundaries are given, in which elements are."""
    x = convert_to_tensor(x)
    dtype = "float64" if dtype_name(x) in ("float64", "int64", "uint32", "uint64") else "float32"
    return searchsorted(convert_to_tensor(bins, dtype), sw.cast(x, dtype), side="right")


def unique(
    x: Any,
    sorted: bool = True,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    size: int | None = None,
    fill_value: Any = None,
) -> Any:
    """The elements that differ, or the parts along an axis, in ascending order.

    With them, if asked for, where each is first, which one each element is, and how often each occurs. With `size`
    there are so many: those at the end are left out, or `fill_value` added.
    """
    x = convert_to_tensor(x)
    values, along = flat_or(x, axis)
    values = moveaxis(values, along, 0)
    numbers, first, counts = _groups(values)
    kept = sw.gather(values, first)
    if size is not None:
        kept = _resized(kept, size, sw.gather(values, first[:1]) if fill_value is None else fill_value)
        first, counts = _resized(first, size, first[:1]), _resized(counts, size, 0)
    results = [moveaxis(kept, 0, along)]
    if return_index:
        results.append(first)
    if return_inverse:
        results.append(sw.reshape(numbers, shape(x)) if axis is None else numbers)
    if return_counts:
        results.append(counts)
    return tuple(results) if len(results) > 1 else results[0]


def _groups(values: sw.Tensor) -> tuple[sw.Tensor, sw.Tensor, sw.Tensor]:
    """Which group of equal parts each is in, which part of each group is the first, and how many there are.

    Groups have the order of their parts.
    """
    order = _lexical_order(values)
    ordered = sw.gather(values, order)
    ordered = _rows(ordered)
    changes = sw.reduce_any(sw.not_equal(ordered[1:], ordered[:-1]), axis=1)
    starts = sw.concat([sw.ones_like(order[:1], "bool"), changes], 0)
    number = sw.cumsum(sw.cast(starts, "int32")) - 1
    at = sw.cast(sw.where(starts)[:, 0], "int32")
    ends = sw.concat([at[1:], sw.shape(order)], 0)
    return sw.scatter_nd(sw.expand_dims(order, 1), number, sw.shape(order)), sw.gather(order, at), ends - at


def _lexical_order(values: sw.Tensor) -> sw.Tensor:
    """The indices that put parts in order, by their first elements, then their second ones, and so on."""
    if rank(values) == 1:
        return argsort(values, 0)
    columns = _rows(values)

    def step(i: sw.Tensor, order: sw.Tensor) -> tuple[sw.Tensor, sw.Tensor]:
        return i - 1, sw.gather(order, argsort(sw.gather(sw.gather(columns, i, axis=1), order), 0))

    start = sw.shape(columns)[1] - 1, sw.range(shape(columns)[0])
    return sw.while_loop(lambda i, _: sw.greater_equal(i, 0), step, start)[1]


def _rows(x: sw.Tensor) -> sw.Tensor:
    """The elements of each part along the first axis in a row."""
    sizes = shape(x)
    return sw.reshape(x, [sizes[0], functools.reduce(operator.mul, sizes[1:], 1)])


def _resized(x: sw.Tensor, size: int, fill: Any) -> sw.Tensor:
    """The first `size` elements, with others added where there are fewer."""
    x = x[:size]
    missing = [size - shape(x)[0], *shape(x)[1:]]
    return sw.ensure_shape(
        sw.concat([x, sw.broadcast_to(convert_to_tensor(fill, x.dtype), missing)], 0), [size, *x.shape[1:]]
    )
