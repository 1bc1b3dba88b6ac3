"""Boxes in images: the best of those that overlap, and the parts of images inside."""

from __future__ import annotations

from typing import Any

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError
from .....dialects.dtypes import BOOL, FLOAT32, INT64
from .....dialects.public import public
from ...values.dispatch import as_tensor
from ...values.tensor import ShapeLike, Tensor, TensorLike
from ..arguments import Size, indices_tensor, int64_of, size_along, size_from, sizes_of
from ..control_flow import for_range
from ..index import gather, gather_nd
from ..index import range as counting
from ..logic import equal, greater, greater_equal, less_equal, logical_and, logical_not, logical_or
from ..masks import nonzero
from ..math import add, ceil, divide, floor, maximum, minimum, multiply, subtract
from ..movement import stack
from ..reduce import reduce_any
from ..select import cast, where
from ..shape import broadcast_to, expand_dims, fill, ones_like, zeros_like
from ..slicing import bounded
from ..sort import argsort
from .shapes import image_of


@public("image")
def non_max_suppression(
    boxes: TensorLike,
    scores: TensorLike,
    max_output_size: TensorLike,
    iou_threshold: TensorLike = 0.5,
    score_threshold: TensorLike = float("-inf"),
    name: str | None = None,
) -> Tensor:
    """The indices of the boxes with the highest scores, without those that overlap a better one.

    Args:
        boxes: rows of two opposite corners, `y1, x1, y2, x2`.
        scores: a number for each box.
        max_output_size: how many indices are returned at most.
        iou_threshold: a box is left out whose common area with a better one is more than this part of what both cover.
        score_threshold: boxes whose score is not above it are left out.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> boxes = [[0.0, 0.0, 1.0, 1.0], [0.0, 0.1, 1.0, 1.1], [0.0, 2.0, 1.0, 3.0]]
        >>> sw.image.non_max_suppression(boxes, [0.8, 0.9, 0.7], 3).numpy().tolist()
        [1, 2]
    """
    corners, values = as_tensor(boxes, name="non_max_suppression: boxes"), as_tensor(scores)
    if corners.ndim != 2 or corners.shape[1] not in (4, None) or values.ndim != 1:
        text = f"expected rows of 4 numbers and a score for each, got shapes {corners.shape} and {values.shape}"
        raise InvalidArgumentError(f"non_max_suppression: {text}")
    order = argsort(values, direction="DESCENDING")
    overlaps = greater(shares_of(gather(corners, order)), cast(iou_threshold, corners.dtype))
    return _suppressed(values, order, overlaps, max_output_size, score_threshold)


@public("image")
def non_max_suppression_overlaps(
    overlaps: TensorLike,
    scores: TensorLike,
    max_output_size: TensorLike,
    overlap_threshold: TensorLike = 0.5,
    score_threshold: TensorLike = float("-inf"),
    name: str | None = None,
) -> Tensor:
    """The indices of what has the highest scores, without what overlaps something better.

    Args:
        overlaps: for each pair how much the first overlaps the second.
        scores: a number for each.
        max_output_size: how many indices are returned at most.
        overlap_threshold: what overlaps something better by more than this is left out.
        score_threshold: what has a score that is not above it is left out.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> overlaps = [[1.0, 0.9, 0.0], [0.9, 1.0, 0.0], [0.0, 0.0, 1.0]]
        >>> sw.image.non_max_suppression_overlaps(overlaps, [0.8, 0.9, 0.7], 3).numpy().tolist()
        [1, 2]
    """
    shares, values = as_tensor(overlaps, name="non_max_suppression_overlaps: overlaps"), as_tensor(scores)
    sizes = {*shares.shape, *values.shape} - {None}
    if shares.ndim != 2 or values.ndim != 1 or len(sizes) > 1:
        text = f"expected a square matrix and a score for each row, got shapes {shares.shape} and {values.shape}"
        raise InvalidArgumentError(f"non_max_suppression_overlaps: {text}")
    order = argsort(values, direction="DESCENDING")
    above = greater(gather(gather(shares, order), order, axis=1), cast(overlap_threshold, shares.dtype))
    return _suppressed(values, order, above, max_output_size, score_threshold)


def _suppressed(
    values: Tensor, order: Tensor, overlaps: Tensor, max_output_size: TensorLike, score_threshold: TensorLike
) -> Tensor:
    """The first ones in an order, of those that overlap none before that is taken."""
    numbers = counting(int64_of(size_along(values, 0)))

    def body(index: Any, kept: Tensor) -> list[Tensor]:
        worse = reduce_any(logical_and(kept, gather(overlaps, cast(index, INT64))))
        own = equal(numbers, cast(index, INT64))
        return [logical_or(kept, logical_and(own, logical_not(worse)))]

    bound: Any = size_along(values, 0)
    [kept] = for_range(0, bound, 1, body, [fill([size_along(values, 0)], as_tensor(np.array(False)))])
    ranked = gather(values, order)
    places = nonzero(logical_and(cast(kept, BOOL), greater(ranked, cast(score_threshold, values.dtype))))[:, 0]
    most = int64_of(max_output_size if isinstance(max_output_size, int) else as_tensor(max_output_size))
    return gather(order, bounded(places, [0], [size_from(most)]))


def shares_of(corners: Tensor) -> Tensor:
    """For each pair of boxes their common area, divided by that of both; 0 for a box without area."""
    first, second = corners[:, :2], corners[:, 2:]
    low, high = minimum(first, second), maximum(first, second)
    sides = subtract(high, low)
    area = multiply(sides[:, 0], sides[:, 1])
    begin = maximum(expand_dims(low, 0), expand_dims(low, 1))
    end = minimum(expand_dims(high, 0), expand_dims(high, 1))
    common = maximum(subtract(end, begin), zeros_like(begin))
    both = multiply(common[..., 0], common[..., 1])
    total = subtract(add(expand_dims(area, 0), expand_dims(area, 1)), both)
    some = greater(area, zeros_like(area))
    valid = logical_and(expand_dims(some, 0), expand_dims(some, 1))
    return where(valid, divide(both, where(valid, total, ones_like(total))), zeros_like(both))


@public("image")
def crop_and_resize(
    image: TensorLike,
    boxes: TensorLike,
    box_indices: TensorLike,
    crop_size: ShapeLike,
    method: str = "bilinear",
    extrapolation_value: float = 0.0,
    name: str | None = None,
) -> Tensor:
    """Parts of a batch of images, all made of one height and width.

    Args:
        image: the images.
        boxes: rows of two opposite corners, `y1, x1, y2, x2`, where 1 is the last row or column.
        box_indices: for each box the index of its image.
        crop_size: the height and width.
        method: `"bilinear"` or `"nearest"`.
        extrapolation_value: the elements of what is outside of an image.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> image = sw.reshape(sw.range(9.0), [1, 3, 3, 1])
        >>> sw.image.crop_and_resize(image, [[0.0, 0.0, 1.0, 1.0]], [0], [2, 2])[0, :, :, 0].numpy().tolist()
        [[0.0, 2.0], [6.0, 8.0]]
    """
    x, corners = cast(image_of("crop_and_resize", image), FLOAT32), cast(as_tensor(boxes), FLOAT32)
    owners = cast(indices_tensor("crop_and_resize", box_indices, "box_indices"), INT64)
    sizes = sizes_of("crop_and_resize", crop_size, "crop_size")
    if x.ndim != 4 or corners.ndim != 2 or len(sizes) != 2:
        text = f"expected images, rows of 4 numbers and 2 sizes, got shapes {x.shape} and {corners.shape}"
        raise InvalidArgumentError(f"crop_and_resize: {text}, and {len(sizes)} sizes")
    if method not in ("bilinear", "nearest"):
        raise InvalidArgumentError(f"crop_and_resize: method: expected bilinear or nearest, got {method!r}")
    rows, columns = (_samples(corners[:, n], corners[:, n + 2], size_along(x, n + 1), sizes[n]) for n in range(2))
    inside = logical_and(expand_dims(_inside(rows, x, 1), 2), expand_dims(_inside(columns, x, 2), 1))

    def read(row: Tensor, column: Tensor) -> Tensor:
        last = [subtract(int64_of(size_along(x, axis)), int64_of(1)) for axis in (1, 2)]
        parts = [
            expand_dims(expand_dims(owners, 1), 2),
            expand_dims(maximum(minimum(cast(row, INT64), last[0]), int64_of(0)), 2),
            expand_dims(maximum(minimum(cast(column, INT64), last[1]), int64_of(0)), 1),
        ]
        shape = [size_along(owners, 0), *sizes]
        return gather_nd(x, stack([broadcast_to(part, shape) for part in parts], -1))

    if method == "nearest":
        half = np.float32(0.5)
        found = read(floor(add(rows, half)), floor(add(columns, half)))
    else:
        found = _between(read, rows, columns)
    return where(expand_dims(inside, 3), found, np.float32(extrapolation_value))


def _samples(low: Tensor, high: Tensor, total: Size, count: Size) -> Tensor:
    """For each box the places, along one axis, of the elements of the part."""
    last = subtract(cast(int64_of(total), FLOAT32), np.float32(1))
    steps = subtract(cast(int64_of(count), FLOAT32), np.float32(1))
    several = greater(steps, np.float32(0))
    step = divide(multiply(subtract(high, low), last), where(several, steps, np.float32(1)))
    middle = multiply(multiply(add(low, high), last), np.float32(0.5))
    first = where(several, multiply(low, last), middle)
    numbers = cast(counting(int64_of(count)), FLOAT32)
    return add(expand_dims(first, 1), multiply(expand_dims(step, 1), numbers))


def _inside(places: Tensor, x: Tensor, axis: int) -> Tensor:
    last = subtract(cast(int64_of(size_along(x, axis)), FLOAT32), np.float32(1))
    return logical_and(greater_equal(places, np.float32(0)), less_equal(places, last))


def _between(read: Any, rows: Tensor, columns: Tensor) -> Tensor:
    """Between four neighbours, by the distances of rows and of columns."""
    top, left = floor(rows), floor(columns)
    down = expand_dims(expand_dims(subtract(rows, top), 2), 3)
    right = expand_dims(expand_dims(subtract(columns, left), 1), 3)

    def along(row: Tensor) -> Tensor:
        first, second = read(row, left), read(row, ceil(columns))
        return add(first, multiply(subtract(second, first), right))

    above, below = along(top), along(ceil(rows))
    return add(above, multiply(subtract(below, above), down))
