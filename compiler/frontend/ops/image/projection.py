"""Images seen through projective transforms."""

from __future__ import annotations

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError
from .....dialects.dtypes import BFLOAT16, FLOAT16, FLOAT32, INT64, INTS, UINT8, WIDE_FLOATS
from .....dialects.public import public
from ...values.dispatch import as_tensor
from ...values.tensor import ShapeLike, Tensor, TensorLike
from ..arguments import Size, choice_of, int64_of, size_along, sizes_of, times
from ..index import gather
from ..index import range as counting
from ..logic import equal, greater, greater_equal, less, logical_and, logical_not
from ..math import abs as absolute
from ..math import add, divide, floor, maximum, minimum, multiply, negative, sign, subtract
from ..select import cast, where
from ..shape import broadcast_to, expand_dims, reshape

_DTYPES = (UINT8, *INTS, FLOAT16, BFLOAT16, *WIDE_FLOATS)
_MODES = ("CONSTANT", "REFLECT", "WRAP", "NEAREST")


@public("raw_ops")
def ImageProjectiveTransformV3(
    *,
    images: TensorLike,
    transforms: TensorLike,
    output_shape: ShapeLike,
    fill_value: TensorLike,
    interpolation: str,
    fill_mode: str = "CONSTANT",
    name: str | None = None,
) -> Tensor:
    """Images of which each pixel is read where a projective transform of its column and row points to.

    The gradient with respect to `images` is exact; TensorFlow's is that of the inverse transform, which is the same
    where pixels are read once each.

    Args:
        images: a batch of images.
        transforms: a row of 8 numbers for each image, or one for all. Column `x` and row `y` of the output are read at
            `(a0 x + a1 y + a2) / k` and `(b0 x + b1 y + b2) / k`, where `k` is `c0 x + c1 y + 1`.
        output_shape: the height and width of the output.
        fill_value: the pixels outside of an image with the mode `"CONSTANT"`.
        interpolation: `"NEAREST"` or `"BILINEAR"`.
        fill_mode: what is outside of an image: `"CONSTANT"`, `fill_value`; `"NEAREST"`, the pixels of the edge;
            `"REFLECT"`, the image in a mirror; `"WRAP"`, the image again.
        name: accepted as in TensorFlow; unused.

    Example:
        >>> import stepwell as sw
        >>> found = sw.raw_ops.ImageProjectiveTransformV3(
        ...     images=sw.reshape(sw.range(4.0), [1, 2, 2, 1]),
        ...     transforms=[[1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0]],
        ...     output_shape=[2, 2],
        ...     fill_value=9.0,
        ...     interpolation="NEAREST",
        ... )
        >>> found[0, :, :, 0].numpy().tolist()
        [[1.0, 9.0], [3.0, 9.0]]
    """
    del name
    function = "ImageProjectiveTransformV3"
    method = choice_of(function, interpolation, "interpolation", ("NEAREST", "BILINEAR"))
    mode = choice_of(function, fill_mode, "fill_mode", _MODES)
    x, rows = as_tensor(images, name=f"{function}: images"), as_tensor(transforms, FLOAT32, f"{function}: transforms")
    sizes = sizes_of(function, output_shape, "output_shape")
    _check(function, x, rows, sizes)
    parts = [reshape(rows[:, index], [-1, 1, 1]) for index in range(8)]
    across = reshape(cast(counting(int64_of(sizes[1])), FLOAT32), [1, 1, -1])
    down = reshape(cast(counting(int64_of(sizes[0])), FLOAT32), [1, -1, 1])

    def along(first: Tensor, second: Tensor, last: Tensor | np.float32) -> Tensor:
        return add(add(multiply(first, across), multiply(second, down)), last)

    scale = along(parts[6], parts[7], np.float32(1))
    finite = logical_not(equal(scale, np.float32(0)))
    scale = where(finite, scale, np.float32(1))
    shape = [size_along(x, 0), *sizes]
    columns, lines = (
        broadcast_to(_mapped(divide(along(*parts[first : first + 3]), scale), size_along(x, axis), mode), shape)
        for first, axis in ((0, 2), (3, 1))
    )
    outside = cast(as_tensor(fill_value, FLOAT32, f"{function}: fill_value"), x.dtype)
    found = (_nearest if method == "NEAREST" else _bilinear)(x, lines, columns, outside)
    return where(expand_dims(broadcast_to(finite, shape), 3), found, outside)


def _check(function: str, x: Tensor, rows: Tensor, sizes: list[Size]) -> None:
    if x.dtype not in _DTYPES:
        names = ", ".join(dtype.name for dtype in _DTYPES)
        raise InvalidArgumentError(f"{function}: images: expected a dtype of {names}, got {x.dtype.name}")
    if x.ndim != 4:
        raise InvalidArgumentError(f"{function}: images: expected 4 axes, got shape {x.shape}")
    if rows.ndim != 2 or rows.shape[1] not in (8, None):
        raise InvalidArgumentError(f"{function}: transforms: expected rows of 8 numbers, got shape {rows.shape}")
    if rows.shape[0] not in (1, None, x.shape[0]) and x.shape[0] is not None:
        raise InvalidArgumentError(f"{function}: transforms: expected 1 or {x.shape[0]} rows, got {rows.shape[0]}")
    if len(sizes) != 2:
        raise InvalidArgumentError(f"{function}: output_shape: expected a height and a width, got {len(sizes)} sizes")
    if any(isinstance(size, int) and size < 1 for size in sizes):
        raise InvalidArgumentError(f"{function}: output_shape: expected sizes of 1 or more, got {sizes}")


def _mapped(place: Tensor, size: Size, mode: str) -> Tensor:
    """Where a place on an axis is read by the mode of what is outside."""
    if mode == "CONSTANT":
        return place
    total = cast(int64_of(size), FLOAT32)
    last = subtract(total, np.float32(1))
    if mode == "REFLECT":
        place = _reflected(place, total)
    elif mode == "WRAP":
        place = _wrapped(place, total, last)
    return maximum(minimum(place, last), np.float32(0))


def _reflected(place: Tensor, total: Tensor) -> Tensor:
    twice = multiply(total, np.float32(2))
    low = add(place, multiply(twice, floor(divide(negative(minimum(place, np.float32(0))), twice))))
    low = where(less(low, negative(total)), add(low, twice), subtract(negative(low), np.float32(1)))
    high = subtract(place, multiply(twice, floor(divide(maximum(place, np.float32(0)), twice))))
    high = where(greater_equal(high, total), subtract(subtract(twice, high), np.float32(1)), high)
    return where(less(place, np.float32(0)), low, high)


def _wrapped(place: Tensor, total: Tensor, last: Tensor) -> Tensor:
    """TensorFlow counts the periods in units of `last`, and takes as many of `total`; an axis of one has one place."""
    unit = maximum(last, np.float32(1))
    periods = floor(divide(absolute(place), unit))
    low = add(place, multiply(total, add(periods, np.float32(1))))
    high = where(greater(place, last), subtract(place, multiply(total, periods)), place)
    return where(less(place, np.float32(0)), low, high)


def _read(x: Tensor, line: Tensor, column: Tensor, outside: Tensor) -> Tensor:
    """The pixels at whole places; `outside` for those that are in no image."""
    height, width = (cast(int64_of(size_along(x, axis)), FLOAT32) for axis in (1, 2))
    inside = logical_and(greater_equal(line, np.float32(0)), less(line, height))
    inside = logical_and(inside, logical_and(greater_equal(column, np.float32(0)), less(column, width)))
    places = (cast(where(inside, place, np.float32(0)), INT64) for place in (line, column))
    row, offset = places
    flat = reshape(x, [size_along(x, 0), times(size_along(x, 1), size_along(x, 2)), size_along(x, 3)])
    index = add(multiply(row, int64_of(size_along(x, 2))), offset)
    return where(expand_dims(inside, 3), gather(flat, index, axis=1, batch_dims=1), outside)


def _nearest(x: Tensor, lines: Tensor, columns: Tensor, outside: Tensor) -> Tensor:
    return _read(x, _rounded(lines), _rounded(columns), outside)


def _rounded(place: Tensor) -> Tensor:
    """The nearest whole number; of two the one farther from 0."""
    size = absolute(place)
    whole = floor(size)
    up = greater_equal(subtract(size, whole), np.float32(0.5))
    return multiply(sign(place), where(up, add(whole, np.float32(1)), whole))


def _bilinear(x: Tensor, lines: Tensor, columns: Tensor, outside: Tensor) -> Tensor:
    top, left = floor(lines), floor(columns)
    low, right = add(top, np.float32(1)), add(left, np.float32(1))

    def between(line: Tensor) -> Tensor:
        first, second = (cast(_read(x, line, column, outside), FLOAT32) for column in (left, right))
        return add(
            multiply(expand_dims(subtract(right, columns), 3), first),
            multiply(expand_dims(subtract(columns, left), 3), second),
        )

    above = multiply(expand_dims(subtract(low, lines), 3), between(top))
    below = multiply(expand_dims(subtract(lines, top), 3), between(low))
    return cast(add(above, below), x.dtype)
