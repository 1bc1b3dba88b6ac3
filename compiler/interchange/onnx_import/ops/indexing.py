"""Reading and replacing elements by index."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError
from .....dialects.dtypes import INT32, INT64
from ....frontend.ops.arguments import Size
from ....frontend.values.dispatch import as_tensor, scalar_like
from ....frontend.values.tensor import Tensor
from ..rules import Call, axis_in, rule
from ..values import Sizes, Value, as_sizes, counted, known, m, shape_items, tensor_of
from .shapes import like

_FAR = 2**31 - 1
"""Bounds of slices from here on mean the end, whatever the dtype they are given in."""


def from_start(indices: Tensor, size: Size) -> Tensor:
    """Indices, of which negative ones count from the end, as such from the start."""
    array = known(indices)
    if array is not None and array.size and array.min() >= 0:
        return indices
    if array is not None and isinstance(size, int):
        return as_tensor(np.where(array < 0, array + size, array).astype(array.dtype))
    whole = m.cast(m.int64_of(size), indices.dtype)
    return m.where(m.less(indices, scalar_like(0, indices)), indices + whole, indices)


@rule("Gather", takes_values=True)
def _gather(call: Call, x: Value, indices: Value) -> Value:
    chosen = known(indices)
    if isinstance(x, Sizes) and not x.is_scalar and chosen is not None and chosen.ndim <= 1:
        places = chosen.reshape(-1)
        count = len(x.items)
        if all(-count <= place < count for place in places):
            return as_sizes([x.items[int(place)] for place in places], x.dtype, chosen.ndim == 0)
    tensor = tensor_of(x)
    axis = axis_in(call.int("axis", 0), tensor.ndim)
    return like(x, m.gather(tensor, from_start(tensor_of(indices), m.size_along(tensor, axis)), axis=axis))


@rule("GatherND", takes_values=True)
def _gather_nd(call: Call, x: Value, indices: Value) -> Value:
    tensor, places = tensor_of(x), tensor_of(indices)
    batch = call.int("batch_dims", 0)
    return like(x, m.gather_nd(tensor, _all_from_start(tensor, places, batch), batch))


def _all_from_start(x: Tensor, places: Tensor, batch: int) -> Tensor:
    """Index tuples along the last axis, of which negative indices count from the end."""
    count = places.shape[-1]
    if count is None:
        raise NotImplementedError("the number of indices of each element is known only when the model runs")
    array = known(places)
    if array is not None and array.size and array.min() >= 0:
        return places
    sizes = m.stack([m.cast(m.int64_of(m.size_along(x, batch + axis)), places.dtype) for axis in range(count)])
    return m.where(m.less(places, scalar_like(0, places)), places + sizes, places)


def _element_places(x: Tensor, indices: Tensor, axis: int) -> Tensor:
    """For each element of `indices` the index tuple of the element of `x` that it is about."""
    indices = m.cast(from_start(indices, m.size_along(x, axis)), INT64)
    sizes = shape_items(indices)
    columns = []
    for each in range(indices.ndim):
        if each == axis:
            columns.append(indices)
            continue
        own = m.reshape(counted(sizes[each]), [-1 if each == other else 1 for other in range(indices.ndim)])
        columns.append(m.broadcast_to(own, sizes))
    return m.stack(columns, axis=-1)


@rule("GatherElements", takes_values=True)
def _gather_elements(call: Call, x: Value, indices: Value) -> Value:
    tensor, places = tensor_of(x), tensor_of(indices)
    axis = axis_in(call.int("axis", 0), tensor.ndim)
    return like(x, m.gather_nd(tensor, _element_places(tensor, places, axis)))


@rule("ScatterElements", "Scatter")
def _scatter_elements(call: Call, x: Tensor, indices: Tensor, updates: Tensor) -> Tensor:
    axis = axis_in(call.int("axis", 0), x.ndim)
    return _scattered(call, x, _element_places(x, indices, axis), updates)


@rule("ScatterND")
def _scatter_nd(call: Call, x: Tensor, indices: Tensor, updates: Tensor) -> Tensor:
    return _scattered(call, x, _all_from_start(x, indices, 0), updates)


def _scattered(call: Call, x: Tensor, places: Tensor, updates: Tensor) -> Tensor:
    kind = call.text("reduction", "none")
    functions = {
        "none": m.tensor_scatter_nd_update,
        "add": m.tensor_scatter_nd_add,
        "max": m.tensor_scatter_nd_max,
        "min": m.tensor_scatter_nd_min,
    }
    if kind in functions:
        return functions[kind](x, places, updates)
    if kind != "mul":
        raise InvalidArgumentError(f"attribute reduction: expected none, add, mul, max or min, got {kind!r}")
    return _scatter_products(x, places, updates)


def _scatter_products(x: Tensor, places: Tensor, updates: Tensor) -> Tensor:
    """Each element times all updates of it: products of segments of the updates."""
    depth = places.shape[-1]
    assert depth is not None
    sizes = shape_items(x)
    head, tail = sizes[:depth], sizes[depth:]
    strides = [m.product(sizes[axis + 1 : depth]) for axis in range(depth)]
    weights = m.stack([m.cast(m.int64_of(each), places.dtype) for each in strides])
    flat = m.reshape(m.reduce_sum(places * weights, -1), [-1])
    rows = m.reshape(updates, [m.product(shape_items(flat)), *tail])
    products = m.unsorted_segment_prod(rows, flat, m.product(head))
    return x * m.reshape(products, sizes)


@rule("Slice", since=10, takes_values=True)
def _slice(call: Call, x: Value, *_: Value) -> Value:
    starts, ends = call.sizes(1, "starts"), call.sizes(2, "ends")
    steps = call.known_ints(4, "steps") if call.value(4) is not None else [1] * len(starts)
    if isinstance(x, Sizes) and not x.is_scalar and len(starts) == 1:
        bounds = [*starts, *ends]
        if all(isinstance(each, int) for each in bounds):
            return as_sizes(x.items[starts[0] : ends[0] : steps[0]], x.dtype)  # pyright: ignore[reportArgumentType]
    tensor = tensor_of(x)
    axes = call.axes(3, tensor.ndim) or list(range(len(starts)))
    return like(x, _sliced(tensor, starts, ends, axes, steps))


@rule("Slice")
def _old_slice(call: Call, x: Tensor) -> Tensor:
    starts, ends = call.ints("starts"), call.ints("ends")
    axes = [axis_in(axis, x.ndim) for axis in call.ints("axes", list(range(len(starts))))]
    return _sliced(x, starts, ends, axes, [1] * len(starts))


def _sliced(x: Tensor, starts: Sequence[Size], ends: Sequence[Size], axes: list[int], steps: list[int]) -> Tensor:
    if not len(starts) == len(ends) == len(axes) == len(steps):
        raise InvalidArgumentError(f"expected {len(axes)} starts, ends and steps, got {len(starts)}, {len(ends)}")
    begin: list[Size | None] = [None] * x.ndim
    end: list[Size | None] = [None] * x.ndim
    strides = [1] * x.ndim
    for axis, first, last, step in zip(axes, starts, ends, steps):
        if step == 0:
            raise InvalidArgumentError("steps: expected other numbers than 0")
        begin[axis], end[axis], strides[axis] = first, last, max(min(step, _FAR), -_FAR)
        if isinstance(first, int):
            begin[axis] = max(min(first, _FAR), -_FAR)
        if isinstance(last, int):
            end[axis] = _last(last, step)
    return m.bounded(x, begin, end, strides)


def _last(bound: int, step: int) -> int | None:
    """A bound of a slice; None for one that is beyond the first or last element."""
    if step > 0:
        return None if bound >= _FAR else bound
    return None if bound <= -_FAR else bound


@rule("OneHot")
def _one_hot(call: Call, indices: Tensor, depth: Tensor, values: Tensor) -> Tensor:
    """Indices count from the end where they are negative; others that are out of range give no hot element."""
    count = int(call.fixed(1, "depth").reshape(()))
    whole = m.cast(indices, INT64)
    whole = m.where(m.less(whole, np.int64(0)), whole + np.int64(count), whole)
    rank = indices.ndim + 1
    axis = axis_in(call.int("axis", -1), rank)
    return m.one_hot(whole, count, values[1], values[0], axis)


@rule("TopK", since=10)
def _top_k(call: Call, x: Tensor, k: Tensor) -> tuple[Tensor, ...]:
    [count] = call.sizes(1, "K")
    return _best(x, count, axis_in(call.int("axis", -1), x.ndim), bool(call.int("largest", 1)))


@rule("TopK")
def _old_top_k(call: Call, x: Tensor) -> tuple[Tensor, ...]:
    return _best(x, call.int("k"), axis_in(call.int("axis", -1), x.ndim), True)


def _best(x: Tensor, count: Size, axis: int, largest: bool) -> tuple[Tensor, ...]:
    moved = [each for each in range(x.ndim) if each != axis] + [axis]
    back = [moved.index(each) for each in range(x.ndim)]
    rows = m.transpose(x, moved) if axis != x.ndim - 1 else x
    order = m.argsort(rows, -1, "DESCENDING" if largest else "ASCENDING", stable=True)
    first: list[Size | None] = [None] * x.ndim
    last = [*first[:-1], count]
    order = m.bounded(order, first, last)
    values = m.gather(rows, order, axis=-1, batch_dims=x.ndim - 1)
    found = values, m.cast(order, INT64)
    return tuple(m.transpose(each, back) if axis != x.ndim - 1 else each for each in found)


@rule("NonZero")
def _nonzero(call: Call, x: Tensor) -> Tensor:
    if x.ndim == 0:
        return m.transpose(m.cast(m.where(m.expand_dims(m.not_equal(x, scalar_like(0, x)), 0)), INT64))[:0]
    truth = x if x.dtype.is_bool else m.not_equal(x, scalar_like(0, x))
    return m.transpose(m.cast(m.where(truth), INT64))


@rule("Compress", takes_values=True)
def _compress(call: Call, x: Value, condition: Value) -> Value:
    tensor, mask = tensor_of(x), tensor_of(condition)
    if not call.has("axis"):
        tensor, axis = m.reshape(tensor, [-1]), 0
    else:
        axis = axis_in(call.int("axis"), tensor.ndim)
    places = m.reshape(m.where(mask), [-1])
    return like(x, m.gather(tensor, places, axis=axis))


@rule("ReverseSequence")
def _reverse_sequence(call: Call, x: Tensor, lengths: Tensor) -> Tensor:
    time, batch = call.int("time_axis", 0), call.int("batch_axis", 1)
    return m.reverse_sequence(x, lengths, seq_axis=time, batch_axis=batch)


@rule("Trilu", takes_values=True)
def _trilu(call: Call, x: Value, *_: Value) -> Value:
    tensor = tensor_of(x)
    [shift] = call.sizes(1, "k") if call.value(1) is not None else [0]
    rows, columns = (counted(m.size_along(tensor, axis)) for axis in (tensor.ndim - 2, tensor.ndim - 1))
    row, column = m.expand_dims(rows, 1), m.expand_dims(columns, 0)
    edge = row + m.int64_of(shift)
    kept = m.greater_equal(column, edge) if call.int("upper", 1) else m.less_equal(column, edge)
    return like(x, m.where(kept, tensor, scalar_like(False if tensor.dtype.is_bool else 0, tensor)))


@rule("Unique")
def _unique(call: Call, x: Tensor) -> tuple[Tensor, ...]:
    if call.has("axis"):
        return _unique_parts(call, x, axis_in(call.int("axis"), x.ndim))
    return _unique_numbers(m.reshape(x, [-1]), bool(call.int("sorted", 1)))


def _unique_numbers(x: Tensor, is_sorted: bool) -> tuple[Tensor, ...]:
    """The different elements of a vector, where each is first, which each element is, and how often each is there."""
    values, which, counts = m.unique_with_counts(x, INT64)
    return _ordered(x, values, which, counts, m.argsort(values, stable=True) if is_sorted else None)


def _ordered(x: Tensor, values: Tensor, which: Tensor, counts: Tensor, order: Tensor | None) -> tuple[Tensor, ...]:
    places = counted(m.size_along(x, 0))
    firsts = m.unsorted_segment_min(places, which, m.size_along(values, 0))
    if order is None:
        return values, firsts, which, counts
    rank = m.cast(m.invert_permutation(m.cast(order, INT32)), INT64)
    return m.gather(values, order), m.gather(firsts, order), m.gather(rank, which), m.gather(counts, order)


def _unique_parts(call: Call, x: Tensor, axis: int) -> tuple[Tensor, ...]:
    """The different slices along an axis: they are compared with one another."""
    moved = [axis, *(each for each in range(x.ndim) if each != axis)]
    rows = m.transpose(x, moved)
    flat = m.reshape(rows, [m.size_along(rows, 0), m.product(shape_items(rows)[1:])])
    ranks = m.cast(_row_ranks(flat), INT64)
    values, which, counts = m.unique_with_counts(ranks, INT64)
    order = m.argsort(values, stable=True) if call.int("sorted", 1) else None
    _, firsts, which, counts = _ordered(ranks, values, which, counts, order)
    back = [moved.index(each) for each in range(x.ndim)]
    return m.transpose(m.gather(rows, firsts), back), firsts, which, counts


def _row_ranks(rows: Tensor) -> Tensor:
    """For each row of a matrix the number of rows that are before it in lexicographic order."""
    a, b = m.expand_dims(rows, 0), m.expand_dims(rows, 1)
    differs = m.not_equal(a, b)
    first = m.argmax(m.cast(differs, INT32), -1)
    less = m.gather(m.cast(m.less(a, b), INT32), m.expand_dims(first, -1), axis=2, batch_dims=2)
    return m.reduce_sum(m.squeeze(less, [-1]), 1)


@rule("TensorScatter")
def _tensor_scatter(call: Call, past: Tensor, update: Tensor, starts: Tensor | None = None) -> Tensor:
    """Writes a run of elements along an axis, at an own place for each example."""
    axis = axis_in(call.int("axis", -2), past.ndim)
    size = m.int64_of(m.size_along(past, axis))
    batch = m.size_along(past, 0)
    first = m.zeros([batch], INT64) if starts is None else m.cast(starts, INT64)
    places = m.expand_dims(first, 1) + m.expand_dims(counted(m.size_along(update, axis)), 0)
    if call.text("mode", "linear") == "circular":
        places = m.floormod(places, size)
    moved = [0, axis, *(each for each in range(past.ndim) if each not in (0, axis))]
    back = [moved.index(each) for each in range(past.ndim)]
    rows = m.broadcast_to(m.expand_dims(counted(batch), 1), shape_items(places))
    index = m.stack([rows, places], axis=-1)
    found = m.tensor_scatter_nd_update(m.transpose(past, moved), index, m.transpose(update, moved))
    return m.transpose(found, back)
