"""Pools."""

from __future__ import annotations

import numpy as np

from ......dialects.diagnostics import InvalidArgumentError
from ......dialects.hl.patches import ExtractPatchesOp
from ......dialects.hl.pooling import AvgPoolOp, MaxPoolOp
from .....frontend.values.dispatch import apply, scalar_like
from .....frontend.values.tensor import Tensor
from ...rules import Call, rule
from ...values import counted, m, shape_items
from .windows import Windows, channels_first, channels_last, padded, windows_of


def _least(x: Tensor) -> Tensor:
    return scalar_like(-np.inf if x.dtype.is_floating else x.dtype.min, x)


def _windows(call: Call, x: Tensor) -> Windows:
    window = call.ints("kernel_shape")
    if x.ndim < 3 or window is None:
        raise InvalidArgumentError(f"expected a window and an image, got shape {x.shape}")
    return windows_of(call, x, window)


def _patches(x: Tensor, windows: Windows, value: Tensor) -> Tensor:
    """What windows look at, `[n, places, looks, c]`, of a tensor with its channels last."""
    found = apply(ExtractPatchesOp, x, value, window=windows.window, **windows.attrs)
    items, rank = shape_items(found), len(windows.window)
    return m.reshape(found, [*items[: 1 + rank], int(np.prod(windows.window)), items[-1]])


@rule("MaxPool")
def _max_pool(call: Call, x: Tensor) -> Tensor | tuple[Tensor, Tensor]:
    windows, image = _windows(call, x), channels_last(x)
    if call.wants(1):
        return _max_and_places(call, x, windows)
    if set(windows.dilations) == {1} and x.ndim <= 5:
        found = apply(MaxPoolOp, image, window=windows.window, strides=windows.strides, padding=windows.padding)
    else:
        found = m.reduce_max(_patches(image, windows, _least(x)), -2)
    return channels_first(found)


def _max_and_places(call: Call, x: Tensor, windows: Windows) -> tuple[Tensor, Tensor]:
    """The greatest elements and their indices in the flat tensor."""
    image = channels_last(x)
    looks = _patches(image, windows, _least(x))
    best = m.argmax(looks, -2)
    n, channels, *sizes = shape_items(x)
    total = m.product(sizes)
    order = list(range(len(sizes)))
    if call.int("storage_order", 0):
        order = order[::-1]
    flat = m.reshape(counted(total), [sizes[axis] for axis in order])
    flat = m.transpose(flat, [order.index(axis) for axis in range(len(sizes))])
    places = _patches(m.reshape(flat, [1, *sizes, 1]), windows, scalar_like(0, flat))
    looked = counted(int(np.prod(windows.window)))
    chosen = m.equal(m.expand_dims(best, -2), m.reshape(looked, [-1, 1]))
    index = m.reduce_sum(m.where(chosen, places, scalar_like(0, places)), -2)
    whole = m.int64_of(total)
    first = m.reshape(counted(n) * m.int64_of(channels) * whole, [-1, *[1] * len(sizes), 1])
    index = index + first + counted(channels) * whole
    return channels_first(m.reduce_max(looks, -2)), channels_first(index)


@rule("AveragePool")
def _average_pool(call: Call, x: Tensor) -> Tensor:
    windows, image = _windows(call, x), channels_last(x)
    if call.int("count_include_pad", 0) and any(map(any, windows.pads)):
        image = padded(image, windows.pads)
        windows = Windows(
            windows.window, windows.strides, windows.dilations, ((0, 0),) * len(windows.pads), windows.extra
        )
    if set(windows.dilations) == {1} and x.ndim <= 5:
        found = apply(AvgPoolOp, image, window=windows.window, strides=windows.strides, padding=windows.padding)
        return channels_first(found)
    zero = scalar_like(0, x)
    counts = _patches(m.ones_like(image[:1, ..., :1]), windows, zero)
    return channels_first(m.reduce_sum(_patches(image, windows, zero), -2) / m.reduce_sum(counts, -2))


@rule("LpPool")
def _lp_pool(call: Call, x: Tensor) -> Tensor:
    power = call.int("p", 2)
    looks = m.abs(_patches(channels_last(x), _windows(call, x), scalar_like(0, x)))
    return channels_first(_root(m.reduce_sum(m.pow(looks, scalar_like(power, x)), -2), power))


def _root(x: Tensor, power: int) -> Tensor:
    return m.sqrt(x) if power == 2 else m.pow(x, scalar_like(1 / power, x))


def _spatial(x: Tensor) -> list[int]:
    return list(range(2, x.ndim))


@rule("GlobalAveragePool")
def _global_average(call: Call, x: Tensor) -> Tensor:
    return m.reduce_mean(x, _spatial(x), True)


@rule("GlobalMaxPool")
def _global_max(call: Call, x: Tensor) -> Tensor:
    return m.reduce_max(x, _spatial(x), True)


@rule("GlobalLpPool")
def _global_lp(call: Call, x: Tensor) -> Tensor:
    power = call.int("p", 2)
    return _root(m.reduce_sum(m.pow(m.abs(x), scalar_like(power, x)), _spatial(x), True), power)


@rule("MaxUnpool")
def _max_unpool(call: Call, x: Tensor, places: Tensor, shape: Tensor | None = None) -> Tensor:
    """Elements at the places that a pool took them from, zeros elsewhere."""
    n, channels, *sizes = shape_items(x)
    rank = len(sizes)
    window, strides = call.ints("kernel_shape"), call.ints("strides", [1] * rank)
    pads = call.ints("pads", [0] * 2 * rank)
    own = [
        m.plus(m.times(m.plus(size, -1), stride), span - pads[axis] - pads[axis + rank])
        for axis, (size, stride, span) in enumerate(zip(sizes, strides, window))
    ]
    flat = m.scatter_nd(m.reshape(places, [-1, 1]), m.reshape(x, [-1]), [m.product([n, channels, *own])])
    found = m.reshape(flat, [n, channels, *own])
    if shape is None:
        return found
    wanted = call.sizes(2, "output_shape")
    return m.pad(found, [(0, 0), (0, 0), *((0, m.minus(size, less)) for size, less in zip(wanted[2:], own))])
