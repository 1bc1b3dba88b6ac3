"""Suppression of the boxes of several classes, in a batch of images."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError
from .....dialects.dtypes import FLOAT32, INT32, INT64
from .....dialects.public import public
from ...values.dispatch import as_tensor
from ...values.tensor import Tensor, TensorLike
from ..arguments import Size, check, flag_of, int64_of, minus, size_along, size_of, times
from ..control_flow import for_range
from ..index import gather
from ..index import range as counting
from ..logic import equal, greater, logical_and
from ..math import add, clip_by_value, divide, floordiv, maximum, minimum, multiply, subtract
from ..movement import pad
from ..reduce import argmax, reduce_max, reduce_sum
from ..select import cast, where
from ..shape import expand_dims, fill, ones_like, reshape, transpose, zeros_like
from ..slicing import bounded
from ..sort import argsort

_NONE = np.float32(-np.inf)
"""The score of a box that was taken, or is left out."""


@public("types")
class CombinedNonMaxSuppression(NamedTuple):
    """The result of `image.combined_non_max_suppression`.

    Attributes:
        nmsed_boxes: for each image the boxes that are left, then zeros.
        nmsed_scores: their scores.
        nmsed_classes: their classes, as floats.
        valid_detections: for each image how many boxes are left.
    """

    nmsed_boxes: Tensor
    nmsed_scores: Tensor
    nmsed_classes: Tensor
    valid_detections: Tensor


@public("image")
def combined_non_max_suppression(
    boxes: TensorLike,
    scores: TensorLike,
    max_output_size_per_class: TensorLike,
    max_total_size: TensorLike,
    iou_threshold: TensorLike = 0.5,
    score_threshold: TensorLike = float("-inf"),
    pad_per_class: bool = False,
    clip_boxes: bool = True,
    name: str | None = None,
) -> CombinedNonMaxSuppression:
    """The boxes with the highest scores in each image, without those that overlap a better one of the same class.

    Args:
        boxes: for each image boxes `y1, x1, y2, x2`, of shape `[images, boxes, classes, 4]`, with 1 in place of
            `classes` where boxes are those of all classes.
        scores: a number for each image, box and class.
        max_output_size_per_class: how many boxes of a class are left at most.
        max_total_size: how many boxes of an image are left at most.
        iou_threshold: a box is left out whose common area with a better one is more than this part of what both cover.
        score_threshold: boxes whose score is not above it are left out.
        pad_per_class: whether there are as many rows as boxes can be left of all classes, if those are fewer than
            `max_total_size`; else there are `max_total_size`.
        clip_boxes: whether boxes are cut at 0 and 1.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> boxes = [[[[0.0, 0.0, 1.0, 1.0]], [[0.0, 0.0, 1.0, 0.9]], [[0.0, 0.0, 0.1, 0.1]]]]
        >>> found = sw.image.combined_non_max_suppression(boxes, [[[0.5], [0.75], [0.25]]], 3, 2)
        >>> found.nmsed_scores.numpy().tolist(), found.valid_detections.numpy().tolist()
        ([[0.75, 0.25]], [2])
    """
    function = "combined_non_max_suppression"
    corners, values = (
        as_tensor(value, FLOAT32, f"{function}: {argument}")
        for value, argument in ((boxes, "boxes"), (scores, "scores"))
    )
    _check(function, corners, values)
    per_class = _size(function, max_output_size_per_class, "max_output_size_per_class")
    total = _size(function, max_total_size, "max_total_size")
    limit = _threshold(function, iou_threshold, "iou_threshold")
    least = as_tensor(score_threshold, FLOAT32, f"{function}: score_threshold")
    corners, values = transpose(corners, [0, 2, 1, 3]), transpose(values, [0, 2, 1])
    live = where(greater(values, least), values, _NONE)
    chosen, found = _of_each_class(corners, live, limit, per_class)
    rows = total
    if flag_of(function, pad_per_class, "pad_per_class"):
        rows = _least(total, times(per_class, size_along(values, 1)))
    result = _best(corners, chosen, found, rows)
    if not flag_of(function, clip_boxes, "clip_boxes"):
        return result
    return result._replace(nmsed_boxes=clip_by_value(result.nmsed_boxes, np.float32(0), np.float32(1)))


def _check(function: str, corners: Tensor, values: Tensor) -> None:
    if corners.ndim != 4 or values.ndim != 3 or corners.shape[3] not in (4, None):
        text = f"expected shapes [images, boxes, classes, 4] and [images, boxes, classes], got {corners.shape}"
        raise InvalidArgumentError(f"{function}: boxes and scores: {text} and {values.shape}")
    classes = corners.shape[2]
    pairs = [*zip(corners.shape[:2], values.shape[:2]), (1 if classes == 1 else classes, values.shape[2])]
    if any(a != b and None not in (a, b) for a, b in (pairs if classes != 1 else pairs[:2])):
        text = f"expected as many images, boxes and classes, got shapes {corners.shape} and {values.shape}"
        raise InvalidArgumentError(f"{function}: boxes and scores: {text}")


def _size(function: str, value: TensorLike, argument: str) -> Size:
    found = size_of(function, value if isinstance(value, int) else as_tensor(value), argument)
    if isinstance(found, int) and found < 1:
        raise InvalidArgumentError(f"{function}: {argument}: expected a number of 1 or more, got {found}")
    return found


def _threshold(function: str, value: TensorLike, argument: str) -> Tensor:
    found = as_tensor(value, FLOAT32, f"{function}: {argument}")
    text = f"{function}: {argument}: expected a number from 0 to 1, got {{0}}"
    check(equal(found, clip_by_value(found, np.float32(0), np.float32(1))), text, found)
    return found


def _least(first: Size, second: Size) -> Size:
    if isinstance(first, int) and isinstance(second, int):
        return min(first, second)
    return minimum(int64_of(first), int64_of(second))


def _of_each_class(corners: Tensor, live: Tensor, limit: Tensor, per_class: Size) -> tuple[Tensor, Tensor]:
    """For each image and class the indices and scores of boxes, the best first; the score of none is `_NONE`.

    In each step the best box is taken, and those that overlap it too much lose their scores.
    """
    count = size_along(live, 2)
    steps = _least(per_class, count)
    numbers, places = counting(int64_of(count)), counting(int64_of(steps))
    sizes = [size_along(live, 0), size_along(live, 1), steps]

    def body(step: Any, scores: Tensor, chosen: Tensor, found: Tensor) -> list[Tensor]:
        best, score = argmax(scores, 2), reduce_max(scores, 2)
        far = greater(_shares(corners, best), limit)
        taken = equal(numbers, expand_dims(best, 2))
        here = equal(places, cast(step, INT64))
        return [
            where(far, _NONE, where(taken, _NONE, scores)),
            where(here, expand_dims(best, 2), chosen),
            where(here, expand_dims(score, 2), found),
        ]

    start = [live, fill(sizes, np.int64(0)), fill(sizes, _NONE)]
    bound: Any = steps
    _, chosen, found = for_range(0, bound, 1, body, start)
    return chosen, found


def _shares(corners: Tensor, best: Tensor) -> Tensor:
    """The common areas of all boxes with one of each class, divided by those of both; 0 for a box without area."""
    images, classes = size_along(best, 0), size_along(best, 1)
    if corners.shape[1] == 1:  # boxes of all classes
        chosen = gather(corners[:, 0], best, axis=1, batch_dims=1)
    else:
        chosen = reshape(gather(corners, expand_dims(best, 2), axis=2, batch_dims=2), [images, classes, 4])
    one = expand_dims(chosen, 2)
    low, high = (f(corners[..., :2], corners[..., 2:]) for f in (minimum, maximum))
    first, last = (f(one[..., :2], one[..., 2:]) for f in (minimum, maximum))
    area, other = _area(subtract(high, low)), _area(subtract(last, first))
    sides = subtract(minimum(high, last), maximum(low, first))
    both = _area(maximum(sides, zeros_like(sides)))
    valid = logical_and(greater(area, np.float32(0)), greater(other, np.float32(0)))
    whole = subtract(add(area, other), both)
    return where(valid, divide(both, where(valid, whole, ones_like(whole))), np.float32(0))


def _area(sides: Tensor) -> Tensor:
    return multiply(sides[..., 0], sides[..., 1])


def _best(corners: Tensor, chosen: Tensor, found: Tensor, rows: Size) -> CombinedNonMaxSuppression:
    """The best boxes of all classes, the best first, and zeros."""
    images, classes, steps = (size_along(found, axis) for axis in range(3))
    scores = reshape(found, [images, times(classes, steps)])
    order = bounded(argsort(scores, 1, "DESCENDING", stable=True), [0, 0], [None, rows])
    order = cast(order, INT64)
    ranked = gather(scores, order, axis=1, batch_dims=1)
    valid = greater(ranked, _NONE)
    owners = floordiv(order, int64_of(steps))
    index = gather(reshape(chosen, [images, times(classes, steps)]), order, axis=1, batch_dims=1)
    flat = reshape(corners, [images, times(size_along(corners, 1), size_along(corners, 2)), 4])
    own = zeros_like(owners) if corners.shape[1] == 1 else owners
    places = add(index, multiply(own, int64_of(size_along(corners, 2))))
    boxes = where(expand_dims(valid, 2), gather(flat, places, axis=1, batch_dims=1), np.float32(0))
    missing = [[0, 0], [0, minus(rows, size_along(order, 1))]]
    return CombinedNonMaxSuppression(
        pad(boxes, [*missing, [0, 0]]),
        pad(where(valid, ranked, np.float32(0)), missing),
        pad(where(valid, cast(owners, FLOAT32), np.float32(0)), missing),
        reduce_sum(cast(valid, INT32), 1),
    )
