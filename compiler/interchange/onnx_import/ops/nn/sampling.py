"""Reading images between their elements: grids, regions of interest."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from itertools import product
from typing import Any

import numpy as np

from ......dialects.diagnostics import InvalidArgumentError
from ......dialects.dtypes import INT64
from .....frontend.values.dispatch import scalar_like
from .....frontend.values.tensor import Tensor
from ...rules import MOST_UNROLLED, Call, rule
from ...values import m, shape_items

Find = Callable[[list[Tensor]], Tensor]


def reader(images: Tensor) -> tuple[list[Tensor], Find]:
    """The sizes of images `[n, c, …]`, and what reads them at places `[n, p]`, an index for each axis: `[n, c, p]`."""
    n, channels, *sizes = shape_items(images)
    rows = m.reshape(m.transpose(images, [0, *range(2, images.ndim), 1]), [n, m.product(sizes), channels])
    whole = [m.int64_of(size) for size in sizes]

    def find(places: list[Tensor]) -> Tensor:
        flat = reduce(lambda total, pair: total * pair[1] + pair[0], zip(places, whole), m.zeros_like(places[0]))
        return m.transpose(m.gather(rows, flat, axis=1, batch_dims=1), [0, 2, 1])

    return whole, find


def bilinear_at(images: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """Images `[n, c, h, w]` at places `[n, p]`, zeros outside: `[n, c, p]`."""
    return _linear(images, [y, x], "zeros", False)


def _weighted(find: Find, whole: list[Tensor], places: list[Tensor], weight: Tensor, zeros: bool) -> Tensor:
    """What is at places, times a weight; nothing where a place is outside."""
    inside = [m.minimum(m.maximum(p, scalar_like(0, p)), size - np.int64(1)) for p, size in zip(places, whole)]
    if zeros:
        fits = [m.equal(place, bound) for place, bound in zip(places, inside)]
        weight = m.where(reduce(m.logical_and, fits), weight, scalar_like(0, weight))
    return find(inside) * m.expand_dims(weight, 1)


def _linear(images: Tensor, places: list[Tensor], padding: str, align: bool) -> Tensor:
    whole, find = reader(images)
    places = [_moved_inside(place, size, padding, align) for place, size in zip(places, whole)]
    floors = [m.floor(place) for place in places]
    rests = [place - low for place, low in zip(places, floors)]
    lows = [m.cast(low, INT64) for low in floors]
    total = None
    for corner in product((0, 1), repeat=len(places)):
        at = [low + np.int64(step) for low, step in zip(lows, corner)]
        weights = [rest if step else scalar_like(1, rest) - rest for rest, step in zip(rests, corner)]
        part = _weighted(find, whole, at, reduce(m.multiply, weights), padding == "zeros")
        total = part if total is None else total + part
    assert total is not None
    return total


def _nearest(images: Tensor, places: list[Tensor], padding: str, align: bool) -> Tensor:
    whole, find = reader(images)
    places = [_moved_inside(m.round(p), size, padding, align) for p, size in zip(places, whole)]
    at = [m.cast(m.round(place), INT64) for place in places]
    return _weighted(find, whole, at, m.ones_like(places[0]), padding == "zeros")


def _cubic(images: Tensor, places: list[Tensor], padding: str, align: bool) -> Tensor:
    whole, find = reader(images)
    floors = [m.floor(place) for place in places]
    rests = [place - low for place, low in zip(places, floors)]
    total = None
    for steps in product((-1, 0, 1, 2), repeat=len(places)):
        moved = [low + scalar_like(step, low) for low, step in zip(floors, steps)]
        moved = [_moved_inside(place, size, padding, align) for place, size in zip(moved, whole)]
        weights = [_keys(m.abs(rest - scalar_like(step, rest))) for rest, step in zip(rests, steps)]
        at = [m.cast(m.round(place), INT64) for place in moved]
        part = _weighted(find, whole, at, reduce(m.multiply, weights), padding == "zeros")
        total = part if total is None else total + part
    assert total is not None
    return total


def _keys(x: Tensor, a: float = -0.75) -> Tensor:
    """The weights of elements at a distance by the convolution of Keys, 1981."""
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
    return m.where(m.less_equal(x, scalar_like(1, x)), near, m.where(m.less(x, scalar_like(2, x)), far, 0 * x))


def _moved_inside(place: Tensor, size: Tensor, padding: str, align: bool) -> Tensor:
    """A place as it is for zeros outside; at the edge, or mirrored there."""
    if padding == "zeros":
        return place
    wide = m.cast(size, place.dtype)
    one = scalar_like(1, wide)
    if padding == "border":
        return m.minimum(m.maximum(place, scalar_like(0, place)), wide - one)
    low = scalar_like(0 if align else -0.5, place)
    span = m.maximum(wide - one if align else wide, one)
    rest = m.floormod(place - low, span + span)
    found = m.where(m.greater(rest, span), span + span - rest, rest) + low
    return m.minimum(m.maximum(found, scalar_like(0, found)), wide - one)


_MODES = {
    "linear": _linear,
    "bilinear": _linear,
    "nearest": _nearest,
    "cubic": _cubic,
    "bicubic": _cubic,
}


@rule("GridSample")
def _grid_sample(call: Call, x: Tensor, grid: Tensor) -> Tensor:
    """The last axis of the grid has places from -1 to 1, those along the last axis of the image first."""
    mode, padding = call.text("mode", "linear"), call.text("padding_mode", "zeros")
    if mode not in _MODES or padding not in ("zeros", "border", "reflection"):
        raise InvalidArgumentError(f"mode {mode!r} and padding_mode {padding!r}")
    align, rank = bool(call.int("align_corners", 0)), x.ndim - 2
    n, *places, _ = shape_items(grid)
    flat = m.reshape(grid, [n, m.product(places), rank])
    columns = [flat[:, :, rank - 1 - axis] for axis in range(rank)]
    found = [_from_unit(place, m.size_along(x, 2 + axis), align) for axis, place in enumerate(columns)]
    looked = _MODES[mode](x, found, padding, align)
    return m.reshape(looked, [n, m.size_along(x, 1), *places])


def _from_unit(place: Tensor, size: Any, align: bool) -> Tensor:
    wide, one = m.cast(m.int64_of(size), place.dtype), scalar_like(1, place)
    half = scalar_like(0.5, place)
    return (place + one) * half * (wide - one) if align else ((place + one) * wide - one) * half


@rule("RoiAlign")
def _roi_align(call: Call, x: Tensor, regions: Tensor, batches: Tensor) -> Tensor:
    """The mean, or the greatest, of samples in each cell of regions of the image."""
    rows, columns = call.int("output_height", 1), call.int("output_width", 1)
    mode = call.text("coordinate_transformation_mode", "half_pixel" if call.version >= 16 else "output_half_pixel")
    half = mode == "half_pixel"
    moved = regions * scalar_like(call.float("spatial_scale", 1.0), regions)
    moved = moved - scalar_like(0.5 if half else 0.0, moved)
    left, top, right, bottom = (moved[:, index] for index in range(4))
    high, wide = bottom - top, right - left
    if not half:
        high, wide = (m.maximum(each, scalar_like(1, each)) for each in (high, wide))
    images = m.gather(x, m.cast(batches, INT64), axis=0)
    ratio = call.int("sampling_ratio", 0)
    if ratio > 0:
        return _aligned(call, images, (top, left), (high, wide), (rows, columns), (ratio, ratio))
    known = call.fixed(1, "rois") * np.float32(call.float("spatial_scale", 1.0))
    results = []
    for index, (x1, y1, x2, y2) in enumerate(known):
        spans = [max(float(s), 0.0 if half else 1.0) for s in (y2 - y1, x2 - x1)]
        ratios = [max(int(np.ceil(span / count)), 1) for span, count in zip(spans, (rows, columns))]
        one = slice(index, index + 1)
        parts = [images[one], (top[one], left[one]), (high[one], wide[one])]
        results.append(_aligned(call, *parts, (rows, columns), (ratios[0], ratios[1])))  # pyright: ignore
    return m.concat(results, 0)


def _aligned(
    call: Call,
    images: Tensor,
    starts: tuple[Tensor, Tensor],
    spans: tuple[Tensor, Tensor],
    counts: tuple[int, int],
    ratios: tuple[int, int],
) -> Tensor:
    n, channels, *_ = shape_items(images)
    along = []
    for start, span, count, ratio in zip(starts, spans, counts, ratios):
        steps = (np.arange(count * ratio) // ratio + (np.arange(count * ratio) % ratio + 0.5) / ratio) / count
        along.append(m.expand_dims(start, 1) + m.expand_dims(span, 1) * m.cast(m.constant(steps), start.dtype))
    total = [count * ratio for count, ratio in zip(counts, ratios)]
    y = m.reshape(m.broadcast_to(m.expand_dims(along[0], 2), [n, *total]), [n, -1])
    x = m.reshape(m.broadcast_to(m.expand_dims(along[1], 1), [n, *total]), [n, -1])
    greatest = call.text("mode", "avg") == "max"
    looked = _clipped_corners(images, [y, x], m.maximum if greatest else m.add)
    cells = m.reshape(looked, [n, channels, counts[0], ratios[0], counts[1], ratios[1]])
    return m.reduce_max(cells, [3, 5]) if greatest else m.reduce_mean(cells, [3, 5])


def _clipped_corners(images: Tensor, places: list[Tensor], combine: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """The weighted corners around places, combined; nothing for places more than 1 outside."""
    whole, find = reader(images)
    fits, lows, highs, rests = [], [], [], []
    for place, size in zip(places, whole):
        wide = m.cast(size, place.dtype)
        fits.append(m.logical_and(m.greater_equal(place, scalar_like(-1, place)), m.less_equal(place, wide)))
        place = m.minimum(m.maximum(place, scalar_like(0, place)), wide - scalar_like(1, wide))
        low = m.floor(place)
        lows.append(m.cast(low, INT64))
        highs.append(m.minimum(m.cast(low, INT64) + np.int64(1), size - np.int64(1)))
        rests.append(place - low)
    inside = m.cast(reduce(m.logical_and, fits), rests[0].dtype)
    parts = []
    for corner in product((0, 1), repeat=len(places)):
        at = [high if step else low for low, high, step in zip(lows, highs, corner)]
        weights = [rest if step else scalar_like(1, rest) - rest for rest, step in zip(rests, corner)]
        parts.append(find(at) * m.expand_dims(reduce(m.multiply, weights) * inside, 1))
    return reduce(combine, parts)


@rule("NonMaxSuppression")
def _non_max_suppression(
    call: Call,
    boxes: Tensor,
    scores: Tensor,
    most: Tensor | None = None,
    overlap: Tensor | None = None,
    least: Tensor | None = None,
) -> Tensor:
    """For each image and class the boxes with the best scores that do not overlap: rows of image, class, box."""
    batch, classes = scores.shape[:2]
    if batch is None or classes is None:
        raise call.not_known(1, "the numbers of images and classes have to be known", by_shape=True)
    if most is None:
        return m.zeros([0, 3], INT64)
    if batch * classes > MOST_UNROLLED:
        raise NotImplementedError(f"{batch} images and {classes} classes; their product is at most {MOST_UNROLLED}")
    count = m.cast(m.reshape(most, []), np.int32)
    threshold = scalar_like(0, boxes) if overlap is None else m.reshape(overlap, [])
    lowest = scalar_like(-np.inf, scores) if least is None else m.reshape(least, [])
    if call.int("center_point_box", 0):
        x, y, wide, high = (boxes[..., index] for index in range(4))
        half = scalar_like(0.5, boxes)
        boxes = m.stack([y - high * half, x - wide * half, y + high * half, x + wide * half], -1)
    found = []
    for image in range(batch):
        for each in range(classes):
            chosen = m.cast(m.non_max_suppression(boxes[image], scores[image, each], count, threshold, lowest), INT64)
            first = m.zeros_like(chosen)
            found.append(m.stack([first + np.int64(image), first + np.int64(each), chosen], -1))
    return m.concat(found, 0)


@rule("MaxRoiPool")
def _max_roi_pool(call: Call, x: Tensor, regions: Tensor) -> Tensor:
    """The greatest elements in each cell of regions, whose bounds have to be known."""
    rows, columns = call.ints("pooled_shape")
    known = call.fixed(1, "rois")
    scale, results = call.float("spatial_scale", 1.0), []
    high, wide = x.shape[2:]
    for batch, *bounds in known:
        x1, y1, x2, y2 = (int(np.floor(bound * scale + 0.5)) for bound in bounds)
        image = x[int(batch)]
        cells = []
        for row, column in product(range(rows), range(columns)):
            ys = _cell(y1, y2, row, rows, high)
            xs = _cell(x1, x2, column, columns, wide)
            empty = ys[0] >= ys[1] or xs[0] >= xs[1]
            cells.append(
                m.zeros_like(image[:, 0, 0]) if empty else m.reduce_max(image[:, slice(*ys), slice(*xs)], [1, 2])
            )
        results.append(m.reshape(m.stack(cells, -1), [-1, rows, columns]))
    return m.stack(results)


def _cell(low: int, high: int, index: int, count: int, size: int | None) -> tuple[int, int]:
    span = max(high - low + 1, 1) / count
    first, last = int(np.floor(index * span)) + low, int(np.ceil((index + 1) * span)) + low
    return min(max(first, 0), size or 0), min(max(last, 0), size or 0)
