"""Suppression of boxes by degrees."""

from __future__ import annotations

from typing import Any

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError
from .....dialects.dtypes import INT32
from .....dialects.public import public
from ...values.dispatch import as_tensor, scalar_like
from ...values.tensor import Tensor, TensorLike
from ..arguments import Size, int64_of, size_along
from ..control_flow import for_range
from ..index import gather
from ..index import range as counting
from ..logic import equal, greater, logical_and
from ..math import add, exp, minimum, multiply, square
from ..reduce import argmax, reduce_max
from ..select import cast, where
from ..shape import fill
from ..slicing import bounded
from .boxes import non_max_suppression, shares_of


@public("image")
def non_max_suppression_with_scores(
    boxes: TensorLike,
    scores: TensorLike,
    max_output_size: TensorLike,
    iou_threshold: float = 0.5,
    score_threshold: float = float("-inf"),
    soft_nms_sigma: float = 0.0,
    name: str | None = None,
) -> tuple[Tensor, Tensor]:
    """The indices of the boxes with the highest scores, and their scores, lowered by how much they overlap better ones.

    Args:
        boxes: rows of two opposite corners, `y1, x1, y2, x2`.
        scores: a number for each box.
        max_output_size: how many indices are returned at most.
        iou_threshold: a box is left out whose common area with a better one is more than this part of what both cover;
            not used where scores are lowered instead.
        score_threshold: boxes whose score is not above it are left out.
        soft_nms_sigma: how slowly scores fall with what boxes have in common (Bodla and others, 2017); 0 lowers none.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> boxes = [[0.0, 0.0, 1.0, 1.0], [0.0, 0.1, 1.0, 1.1], [0.0, 2.0, 1.0, 3.0]]
        >>> indices, scores = sw.image.non_max_suppression_with_scores(boxes, [0.75, 1.0, 0.5], 3)
        >>> indices.numpy().tolist(), scores.numpy().tolist()
        ([1, 2], [1.0, 0.5])
    """
    corners, values = as_tensor(boxes), as_tensor(scores)
    if not soft_nms_sigma:
        kept = non_max_suppression(corners, values, max_output_size, iou_threshold, score_threshold, name)
        return kept, gather(values, kept)
    if corners.ndim != 2 or values.ndim != 1:
        text = f"expected rows of 4 numbers and a score for each, got shapes {corners.shape} and {values.shape}"
        raise InvalidArgumentError(f"non_max_suppression_with_scores: {text}")
    shares = shares_of(corners)
    numbers = counting(int64_of(size_along(values, 0)))
    most = minimum(int64_of(size_along(values, 0)), cast(as_tensor(max_output_size), "int64"))

    def body(step: Any, live: Tensor, chosen: Tensor, found: Tensor, count: Tensor) -> list[Tensor]:
        best, score = argmax(live), reduce_max(live)
        take = greater(score, scalar_like(score_threshold, values))
        here = logical_and(equal(numbers, cast(step, "int64")), take)
        lowered = _lowered(live, gather(shares, best), soft_nms_sigma)
        return [
            where(take, where(equal(numbers, best), _none(values), lowered), live),
            where(here, best, chosen),
            where(here, score, found),
            add(count, cast(take, "int64")),
        ]

    size = size_along(values, 0)
    start = [values, fill([size], np.int64(0)), fill([size], as_tensor(np.zeros((), values.dtype))), np.int64(0)]
    steps: Any = int(most) if not most.is_symbolic else most
    _, chosen, found, count = for_range(0, steps, 1, body, [*start[:3], as_tensor(start[3])])
    end: Size = int(count) if not count.is_symbolic else count
    return cast(bounded(chosen, [0], [end]), INT32), bounded(found, [0], [end])


def _none(scores: Tensor) -> Tensor:
    """The score of a box that was taken, or is left out."""
    return scalar_like(-np.inf, scores)


def _lowered(scores: Tensor, share: Tensor, sigma: float) -> Tensor:
    """Scores of boxes of which `share` is in common with one that is taken."""
    weight = exp(multiply(scalar_like(-0.5 / sigma, scores), square(share)))
    return where(equal(scores, _none(scores)), scores, multiply(scores, weight))
