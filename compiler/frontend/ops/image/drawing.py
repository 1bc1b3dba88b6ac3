"""Boxes drawn into images, and the best of those that overlap in a result of a fixed size."""

from __future__ import annotations

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from .....dialects.dtypes import FLOAT16, FLOAT32, INT32, INT64
from .....dialects.errors import UnimplementedError
from .....dialects.public import public
from ...values.dispatch import as_tensor, scalar_like
from ...values.tensor import Tensor, TensorLike
from ..arguments import flag_of, int64_of, minus, size_along
from ..index import gather
from ..index import range as counting
from ..logic import equal, greater, greater_equal, less, less_equal, logical_and, logical_or
from ..math import floormod, maximum, minimum, multiply, subtract
from ..movement import pad, stack
from ..reduce import reduce_any, reduce_max
from ..select import cast, where
from ..shape import expand_dims, reshape
from .boxes import non_max_suppression

_COLORS = np.array(
    [
        *([1, 1, 0, 1], [0, 0, 1, 1], [1, 0, 0, 1], [0, 1, 0, 1], [0.5, 0, 0.5, 1]),
        *([0.5, 0.5, 0, 1], [0.5, 0, 0, 1], [0, 0, 0.5, 1], [0, 1, 1, 1], [1, 0, 1, 1]),
    ],
    np.float32,
)
"""Yellow, blue, red, lime, purple, olive, maroon, navy, aqua, fuchsia."""


@public("image")
def draw_bounding_boxes(
    images: TensorLike, boxes: TensorLike, colors: TensorLike | None, name: str | None = None
) -> Tensor:
    """Images with frames of boxes, one pixel wide; a later box is drawn over earlier ones.

    Args:
        images: a batch of images, of float32 or float16, with 1, 3 or 4 channels.
        boxes: for each image rows of `y1, x1, y2, x2`, from 0 to 1; what is outside of the image is not drawn.
        colors: rows with a number for each channel, taken in turn; None for ten colors.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> image = sw.image.draw_bounding_boxes(sw.zeros([1, 3, 3, 1]), [[[0.0, 0.0, 1.0, 1.0]]], None)
        >>> image.numpy()[0, :, :, 0].tolist()
        [[1.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 1.0]]
    """
    x, corners = as_tensor(images, name="draw_bounding_boxes: images"), as_tensor(boxes, FLOAT32)
    if x.dtype not in (FLOAT32, FLOAT16):
        raise InvalidTypeError(f"draw_bounding_boxes: images: expected float32 or float16, got {x.dtype.name}")
    if x.ndim != 4 or x.shape[3] not in (1, 3, 4):
        text = f"expected a batch of images with 1, 3 or 4 channels, got shape {x.shape}"
        raise InvalidArgumentError(f"draw_bounding_boxes: images: {text}")
    alike = corners.ndim == 3 and (corners.shape[0] == x.shape[0] or None in (corners.shape[0], x.shape[0]))
    if not alike or corners.shape[2] not in (4, None):
        text = f"expected rows of 4 numbers for each image, got shape {corners.shape} for images of {x.shape}"
        raise InvalidArgumentError(f"draw_bounding_boxes: boxes: {text}")
    channels = x.shape[3]
    table = _table(colors, channels)
    last = _last_frames(corners, x)
    count = int64_of(size_along(table, 0))
    found = gather(table, floormod(maximum(last, np.int64(0)), count))
    return where(expand_dims(greater_equal(last, np.int64(0)), -1), cast(found, x.dtype), x)


def _table(colors: TensorLike | None, channels: int) -> Tensor:
    """Rows of colors with as many channels as images have."""
    if colors is None:
        table = as_tensor(np.ones((1, 1), np.float32) if channels == 1 else _COLORS)
    else:
        table = as_tensor(colors, FLOAT32)
        if table.ndim != 2 or (table.shape[1] is not None and table.shape[1] < channels):
            text = f"expected rows of {channels} numbers, got shape {table.shape}"
            raise InvalidArgumentError(f"draw_bounding_boxes: colors: {text}")
    return table[:, :channels]


def _last_frames(boxes: Tensor, images: Tensor) -> Tensor:
    """For each pixel the index of the last box whose frame it is part of, or -1."""
    within, edges, drawn = [], [], []
    for axis in range(2):
        size = size_along(images, axis + 1)
        scale = cast(int64_of(minus(size, 1)), FLOAT32)
        first, last = (cast(multiply(boxes[..., axis + end], scale), INT64) for end in (0, 2))
        drawn.append(logical_and(less_equal(first, last), logical_and(less(first, int64_of(size)), last >= 0)))
        first, last = (expand_dims(place, -1) for place in (first, last))
        places = counting(int64_of(size))
        within.append(logical_and(greater_equal(places, first), less_equal(places, last)))
        edges.append(logical_or(equal(places, first), equal(places, last)))
    rows, columns = (expand_dims(part, -1) for part in (within[0], edges[0])), (within[1], edges[1])
    (inner_row, edge_row), (inner_column, edge_column) = rows, (expand_dims(part, -2) for part in columns)
    frame = logical_or(logical_and(edge_row, inner_column), logical_and(inner_row, edge_column))
    shown = expand_dims(expand_dims(logical_and(*drawn), -1), -1)
    numbers = reshape(counting(int64_of(size_along(boxes, 1))), [-1, 1, 1])
    chosen = where(logical_and(frame, shown), numbers, np.int64(-1))
    return maximum(reduce_max(chosen, 1), np.int64(-1))


@public("image")
def non_max_suppression_padded(
    boxes: TensorLike,
    scores: TensorLike,
    max_output_size: TensorLike,
    iou_threshold: TensorLike = 0.5,
    score_threshold: TensorLike = float("-inf"),
    pad_to_max_output_size: bool = False,
    name: str | None = None,
    sorted_input: bool = False,
    canonicalized_coordinates: bool = False,
    tile_size: int = 512,
) -> tuple[Tensor, Tensor]:
    """The indices that `non_max_suppression` returns, filled up with zeros, and how many they are, as int32.

    Args:
        boxes: rows of two opposite corners, `y1, x1, y2, x2`; with axes before for several images, whose sizes are
            known. Boxes without a number above 0 are left out.
        scores: a number for each box.
        max_output_size: how many indices there are at most.
        iou_threshold: see `non_max_suppression`.
        score_threshold: likewise.
        pad_to_max_output_size: whether zeros are added up to `max_output_size`; needed for several images.
        name, sorted_input, canonicalized_coordinates, tile_size: not used.

    Example:
        >>> import stepwell as sw
        >>> boxes = [[0.0, 0.0, 1.0, 1.0], [0.0, 0.1, 1.0, 1.1], [0.0, 2.0, 1.0, 3.0]]
        >>> found = sw.image.non_max_suppression_padded(boxes, [0.8, 0.9, 0.7], 4, pad_to_max_output_size=True)
        >>> found[0].numpy().tolist(), int(found[1])
        ([1, 2, 0, 0], 2)
    """
    corners, values = as_tensor(boxes, FLOAT32), as_tensor(scores, FLOAT32)
    pads = flag_of("non_max_suppression_padded", pad_to_max_output_size, "pad_to_max_output_size")
    if corners.ndim < 2 or values.ndim != corners.ndim - 1:
        text = f"expected rows of 4 numbers and a score for each, got shapes {corners.shape} and {values.shape}"
        raise InvalidArgumentError(f"non_max_suppression_padded: {text}")
    if corners.ndim > 2 and not pads:
        raise InvalidArgumentError("non_max_suppression_padded: pad_to_max_output_size: expected True for a batch")
    limits = (max_output_size, iou_threshold, score_threshold)
    if corners.ndim == 2:
        return _suppressed(corners, values, limits, pads)
    lead = corners.shape[:-2]
    if None in lead:
        raise UnimplementedError(f"non_max_suppression_padded: expected batches of known sizes, got {corners.shape}")
    flat, ratings = reshape(corners, [-1, *corners.shape[-2:]]), reshape(values, [-1, values.shape[-1]])  # pyright: ignore
    count = int(np.prod(lead))  # pyright: ignore[reportArgumentType]
    parts = [_suppressed(flat[place], ratings[place], limits, True) for place in range(count)]
    indices, counts = (stack(list(part)) for part in zip(*parts, strict=True))
    return reshape(indices, [*lead, -1]), reshape(counts, list(lead))


def _suppressed(
    boxes: Tensor, scores: Tensor, limits: tuple[TensorLike, TensorLike, TensorLike], pads: bool
) -> tuple[Tensor, Tensor]:
    """For one image."""
    is_box = reduce_any(greater(boxes, scalar_like(0, boxes)), -1)
    ratings = where(is_box, scores, scalar_like(-np.inf, scores))
    found = non_max_suppression(boxes, ratings, *limits)
    count = int64_of(size_along(found, 0))
    if pads:
        size = cast(as_tensor(limits[0]), INT64)
        found = pad(found, stack([stack([np.int64(0), subtract(size, minimum(count, size))])]))
        found = reshape(found, [limits[0] if isinstance(limits[0], int) else -1])
    return found, cast(count, INT32)
