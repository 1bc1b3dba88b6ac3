"""Parts of images, images with room around them, and images turned and mirrored."""

from __future__ import annotations

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError
from .....dialects.dtypes import FLOAT64, INT64
from .....dialects.public import public
from ...values.tensor import Tensor, TensorLike
from ..arguments import Size, check, int64_of, minus, plus, size_along, size_from, size_of
from ..logic import greater_equal, less_equal, logical_and
from ..math import floordiv, maximum, minimum, multiply, subtract
from ..movement import pad, reverse
from ..select import cast
from ..shape import transpose
from ..slicing import slice as sliced
from .shapes import image_of


@public("image")
def flip_left_right(image: TensorLike) -> Tensor:
    """An image, or several, with the columns in reverse order.

    Example:
        >>> import stepwell as sw
        >>> sw.image.flip_left_right([[[1], [2]]])[0, :, 0].numpy().tolist()
        [2, 1]
    """
    x = image_of("flip_left_right", image)
    return reverse(x, [x.ndim - 2])


@public("image")
def flip_up_down(image: TensorLike) -> Tensor:
    """An image, or several, with the rows in reverse order.

    Example:
        >>> import stepwell as sw
        >>> sw.image.flip_up_down([[[1]], [[2]]])[:, 0, 0].numpy().tolist()
        [2, 1]
    """
    x = image_of("flip_up_down", image)
    return reverse(x, [x.ndim - 3])


@public(aliases=("image.transpose",))
def transpose_image(image: TensorLike, name: str | None = None) -> Tensor:
    """An image, or several, with rows and columns exchanged.

    Example:
        >>> import stepwell as sw
        >>> sw.image.transpose(sw.zeros([2, 3, 1])).shape.as_list()
        [3, 2, 1]
    """
    x = image_of("image.transpose", image)
    return transpose(x, [*range(x.ndim - 3), x.ndim - 2, x.ndim - 3, x.ndim - 1])


@public("image")
def rot90(image: TensorLike, k: int = 1, name: str | None = None) -> Tensor:
    """An image, or several, turned to the left by `k` right angles.

    Example:
        >>> import stepwell as sw
        >>> sw.image.rot90([[[1], [2]], [[3], [4]]])[:, :, 0].numpy().tolist()
        [[2, 4], [1, 3]]
    """
    x, turns = image_of("rot90", image), size_of("rot90", k, "k")
    if not isinstance(turns, int):
        raise InvalidArgumentError("rot90: k: expected a number that is known before the function runs")
    match turns % 4:
        case 1:
            return flip_up_down(transpose_image(x))
        case 2:
            return flip_up_down(flip_left_right(x))
        case 3:
            return transpose_image(flip_up_down(x))
    return x


def _sizes(x: Tensor) -> tuple[Size, Size]:
    return size_along(x, x.ndim - 3), size_along(x, x.ndim - 2)


@public("image")
def crop_to_bounding_box(
    image: TensorLike,
    offset_height: TensorLike,
    offset_width: TensorLike,
    target_height: TensorLike,
    target_width: TensorLike,
) -> Tensor:
    """The part of an image, or of several, of a height and a width, from a row and a column on.

    Example:
        >>> import stepwell as sw
        >>> sw.image.crop_to_bounding_box([[[1], [2], [3]]], 0, 1, 1, 2)[0, :, 0].numpy().tolist()
        [2, 3]
    """
    x = image_of("crop_to_bounding_box", image)
    box = _box("crop_to_bounding_box", offset_height, offset_width, target_height, target_width)
    for (offset, size), own, what in zip(box, _sizes(x), ("height", "width")):
        begins, length, total = int64_of(offset), int64_of(size), int64_of(own)
        inside = logical_and(greater_equal(begins, int64_of(0)), greater_equal(length, int64_of(1)))
        inside = logical_and(inside, less_equal(length, subtract(total, begins)))
        text = f"crop_to_bounding_box: expected a part of a {what} of {{2}}, got offset {{0}} and size {{1}}"
        check(inside, text, begins, length, total)
    (top, height), (left, width) = box
    lead, rest = [0] * (x.ndim - 3), [-1] * (x.ndim - 3)
    return sliced(x, [*lead, top, left, 0], [*rest, height, width, -1])


def _box(function: str, *values: TensorLike) -> tuple[tuple[Size, Size], tuple[Size, Size]]:
    """Offset and size, of rows and of columns."""
    names = ("offset_height", "offset_width", "target_height", "target_width")
    top, left, height, width = (size_of(function, value, what) for value, what in zip(values, names))
    return (top, height), (left, width)


@public("image")
def pad_to_bounding_box(
    image: TensorLike,
    offset_height: TensorLike,
    offset_width: TensorLike,
    target_height: TensorLike,
    target_width: TensorLike,
) -> Tensor:
    """An image, or several, from a row and a column of a larger one on, with zeros around it.

    Example:
        >>> import stepwell as sw
        >>> sw.image.pad_to_bounding_box([[[1]]], 0, 1, 1, 3)[0, :, 0].numpy().tolist()
        [0, 1, 0]
    """
    x = image_of("pad_to_bounding_box", image)
    box = _box("pad_to_bounding_box", offset_height, offset_width, target_height, target_width)
    amounts: list[list[Size]] = [[0, 0] for _ in range(x.ndim - 3)]
    for (offset, size), own, what in zip(box, _sizes(x), ("height", "width")):
        begins, total, length = int64_of(offset), int64_of(size), int64_of(own)
        fits = logical_and(greater_equal(begins, int64_of(0)), less_equal(length, subtract(total, begins)))
        text = f"pad_to_bounding_box: expected room for a {what} of {{2}}, got offset {{0}} and size {{1}}"
        check(fits, text, begins, total, length)
        amounts.append([offset, minus(minus(size, offset), own)])
    return pad(x, [*amounts, [0, 0]])  # pyright: ignore[reportArgumentType]


@public("image")
def central_crop(image: TensorLike, central_fraction: float) -> Tensor:
    """The middle of an image, or of several, of a part of its height and width.

    Example:
        >>> import stepwell as sw
        >>> sw.image.central_crop(sw.zeros([4, 8, 1]), 0.5).shape.as_list()
        [2, 4, 1]
    """
    x, fraction = image_of("central_crop", image), float(central_fraction)
    if not 0 < fraction <= 1:
        raise InvalidArgumentError(f"central_crop: central_fraction: expected above 0 and at most 1, got {fraction}")
    box = []
    for size in _sizes(x):
        if isinstance(size, int):
            offset: Size = int((size - size * fraction) / 2)
        else:
            wide = cast(size, FLOAT64)
            offset = cast(multiply(subtract(wide, multiply(wide, np.float64(fraction))), np.float64(0.5)), INT64)
        box.append((offset, minus(size, plus(offset, offset))))
    return crop_to_bounding_box(x, box[0][0], box[1][0], box[0][1], box[1][1])


@public("image")
def resize_with_crop_or_pad(image: TensorLike, target_height: TensorLike, target_width: TensorLike) -> Tensor:
    """The middle of an image, or of several, where that is too large; zeros around it where it is too small.

    Example:
        >>> import stepwell as sw
        >>> sw.image.resize_with_crop_or_pad([[[1], [2], [3]]], 3, 1)[:, :, 0].numpy().tolist()
        [[0], [2], [0]]
    """
    x = image_of("resize_with_crop_or_pad", image)
    given = (target_height, "target_height"), (target_width, "target_width")
    wanted = [size_of("resize_with_crop_or_pad", value, what) for value, what in given]
    crops, kept, pads = [], [], []
    for new, own in zip(wanted, _sizes(x)):
        missing = int64_of(minus(new, own))
        crops.append(size_from(maximum(floordiv(subtract(int64_of(0), missing), int64_of(2)), int64_of(0))))
        pads.append(size_from(maximum(floordiv(missing, int64_of(2)), int64_of(0))))
        kept.append(size_from(minimum(int64_of(new), int64_of(own))))
    return pad_to_bounding_box(crop_to_bounding_box(x, *crops, *kept), *pads, *wanted)
