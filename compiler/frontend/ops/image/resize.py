"""Images of other sizes: by the nearest elements, by interpolation between them, by averages."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError
from .....dialects.dtypes import FLOAT32, FLOAT64, INT64
from .....dialects.public import public
from ...values.tensor import ShapeLike, Tensor, TensorLike
from ..arguments import Size, int64_of, size_along, size_from, size_of, sizes_of
from ..einsum import einsum
from ..index import gather
from ..index import range as counting
from ..logic import greater, less
from ..math import abs, add, ceil, divide, exp, floor, maximum, minimum, multiply, round, sin, square, subtract
from ..reduce import reduce_sum
from ..select import cast, where
from ..shape import expand_dims, ones_like, reshape, zeros_like
from .crops import pad_to_bounding_box
from .shapes import as_batch, image_of, like


@public("image")
class ResizeMethod:
    """The methods of `resize`, by name."""

    BILINEAR = "bilinear"
    NEAREST_NEIGHBOR = "nearest"
    BICUBIC = "bicubic"
    AREA = "area"
    LANCZOS3 = "lanczos3"
    LANCZOS5 = "lanczos5"
    GAUSSIAN = "gaussian"
    MITCHELLCUBIC = "mitchellcubic"


@public("image")
def resize(
    images: TensorLike,
    size: ShapeLike,
    method: str = ResizeMethod.BILINEAR,
    preserve_aspect_ratio: bool = False,
    antialias: bool = False,
    name: str | None = None,
) -> Tensor:
    """Images of another height and width.

    Args:
        images: an image of height, width and channels, or a batch of such.
        size: the new height and width.
        method: `"bilinear"`, `"nearest"`, `"bicubic"`, `"area"`, `"lanczos3"`, `"lanczos5"`, `"gaussian"` or
            `"mitchellcubic"`.
        preserve_aspect_ratio: whether the image is made no wider and no higher than `size`, of its own proportions.
        antialias: whether what becomes smaller is smoothed; the nearest elements, and averages of areas, never are.
        name: not used.

    Returns:
        float32 images; for the nearest elements images of the same dtype.

    Example:
        >>> import stepwell as sw
        >>> sw.image.resize([[[0.0], [2.0]]], [1, 4])[0, :, 0].numpy().tolist()
        [0.0, 0.5, 1.5, 2.0]
    """
    x = image_of("resize", images, "images")
    known = [value for key, value in vars(ResizeMethod).items() if key.isupper()]
    if method not in known:
        raise InvalidArgumentError(f"resize: method: expected one of {', '.join(known)}, got {method!r}")
    batch = as_batch(x)
    sizes = sizes_of("resize", size, "size")
    if len(sizes) != 2:
        raise InvalidArgumentError(f"resize: size: expected a height and a width, got {len(sizes)} sizes")
    if any(isinstance(one, int) and one <= 0 for one in sizes):
        raise InvalidArgumentError(f"resize: size: expected numbers above 0, got {sizes}")
    if preserve_aspect_ratio:
        sizes = _in_proportion(batch, sizes)
    if method == ResizeMethod.NEAREST_NEIGHBOR:
        return like(x, _nearest(_nearest(batch, 1, sizes[0]), 2, sizes[1]))
    floats = cast(batch, FLOAT32)
    if method == ResizeMethod.BILINEAR and not antialias:
        return like(x, _linear(_linear(floats, 2, sizes[1]), 1, sizes[0]))
    weights = [_weights(method, antialias, size_along(floats, axis), new) for axis, new in zip((1, 2), sizes)]
    return like(x, einsum("pw,bowc->bopc", weights[1], einsum("oh,bhwc->bowc", weights[0], floats)))


def _in_proportion(batch: Tensor, sizes: list[Size]) -> list[Size]:
    own = [size_along(batch, axis) for axis in (1, 2)]
    olds = [cast(int64_of(one), FLOAT32) for one in own]
    height, width = (divide(cast(int64_of(new), FLOAT32), old) for new, old in zip(sizes, olds))
    scaled = [cast(round(multiply(minimum(height, width), old)), INT64) for old in olds]
    return [size_from(one) for one in scaled]


def _positions(x: Tensor, axis: int, size: Size) -> tuple[Tensor, Tensor]:
    """Where the middles of new elements are between the old ones, in sizes of these; and their ratio."""
    scale = divide(cast(int64_of(size_along(x, axis)), FLOAT32), cast(int64_of(size), FLOAT32))
    return multiply(add(cast(counting(int64_of(size)), FLOAT32), np.float32(0.5)), scale), scale


def _bounded(positions: Tensor, x: Tensor, axis: int) -> Tensor:
    last = subtract(int64_of(size_along(x, axis)), int64_of(1))
    return maximum(minimum(cast(positions, INT64), last), int64_of(0))


def _nearest(x: Tensor, axis: int, size: Size) -> Tensor:
    positions, _ = _positions(x, axis, size)
    return gather(x, _bounded(floor(positions), x, axis), axis=axis)


def _linear(x: Tensor, axis: int, size: Size) -> Tensor:
    """Between two neighbours, by their distances."""
    positions = subtract(_positions(x, axis, size)[0], np.float32(0.5))
    before = floor(positions)
    share = reshape(subtract(positions, before), [-1, *[1] * (x.ndim - 1 - axis)])
    low = gather(x, _bounded(before, x, axis), axis=axis)
    high = gather(x, _bounded(ceil(positions), x, axis), axis=axis)
    return add(low, multiply(subtract(high, low), share))


def _weights(method: str, antialias: bool, old: Size, new: Size) -> Tensor:
    """A row for each new element: what each old one adds to it."""
    numbers = cast(expand_dims(counting(int64_of(old)), 0), FLOAT32)
    targets = cast(expand_dims(counting(int64_of(new)), 1), FLOAT32)
    ratio = divide(cast(int64_of(old), FLOAT32), cast(int64_of(new), FLOAT32))
    half, one = np.float32(0.5), np.float32(1)
    if method == ResizeMethod.AREA:
        begin, end = multiply(targets, ratio), multiply(add(targets, one), ratio)
        common = subtract(minimum(add(numbers, one), end), maximum(numbers, begin))
        return divide(maximum(common, np.float32(0)), ratio)
    middles = multiply(add(targets, half), ratio)
    if method == ResizeMethod.BICUBIC and not antialias:
        places = subtract(middles, half)
        steps = divide(round(multiply(subtract(places, floor(places)), np.float32(1024))), np.float32(1024))
        weights = _cubic(abs(subtract(subtract(numbers, floor(places)), steps)))
    else:
        scale = maximum(ratio, one) if antialias else ones_like(ratio)
        weights = KERNELS[method](abs(divide(subtract(add(numbers, half), middles), scale)))
    return divide(weights, reduce_sum(weights, 1, True))


def _polynomial(x: Tensor, *coefficients: float) -> Tensor:
    total = np.float32(coefficients[0]) * ones_like(x)
    for coefficient in coefficients[1:]:
        total = add(multiply(total, x), np.float32(coefficient))
    return total


def _pieces(x: Tensor, inner: tuple[float, ...], outer: tuple[float, ...]) -> Tensor:
    """A polynomial below 1, another one below 2, and 0."""
    near, far = _polynomial(x, *inner), _polynomial(x, *outer)
    return where(less(x, np.float32(1)), near, where(less(x, np.float32(2)), far, zeros_like(x)))


def _cubic(x: Tensor) -> Tensor:
    """Keys' cubic convolution (1981)."""
    return _pieces(x, (1.5, -2.5, 0, 1), (-0.5, 2.5, -4, 2))


def _mitchell(x: Tensor) -> Tensor:
    """Mitchell and Netravali's cubic (1988), with both parameters 1/3."""
    return _pieces(x, (7 / 6, -2, 0, 8 / 9), (-7 / 18, 2, -10 / 3, 16 / 9))


def _triangle(x: Tensor) -> Tensor:
    return maximum(subtract(np.float32(1), x), np.float32(0))


def _gaussian(x: Tensor) -> Tensor:
    """With a standard deviation of 1/2, up to three of them."""
    return where(less(x, np.float32(1.5)), exp(multiply(square(x), np.float32(-2))), zeros_like(x))


def _lanczos(radius: float) -> Callable[[Tensor], Tensor]:
    def kernel(x: Tensor) -> Tensor:
        """The product of two sines, each divided by its angle."""
        small = less(x, np.float32(1e-3))
        safe = where(small, ones_like(x), x)
        angle = multiply(safe, np.float32(np.pi))
        waves = multiply(sin(angle), sin(divide(angle, np.float32(radius))))
        value = divide(multiply(waves, np.float32(radius)), square(angle))
        value = where(greater(x, np.float32(radius)), zeros_like(x), value)
        return where(small, ones_like(x), value)

    return kernel


KERNELS: dict[str, Callable[[Tensor], Tensor]] = {
    ResizeMethod.BILINEAR: _triangle,
    ResizeMethod.BICUBIC: _cubic,
    ResizeMethod.LANCZOS3: _lanczos(3),
    ResizeMethod.LANCZOS5: _lanczos(5),
    ResizeMethod.GAUSSIAN: _gaussian,
    ResizeMethod.MITCHELLCUBIC: _mitchell,
}
"""The weight of an element at a distance, by method."""


@public("image")
def resize_with_pad(
    image: TensorLike,
    target_height: TensorLike,
    target_width: TensorLike,
    method: str = ResizeMethod.BILINEAR,
    antialias: bool = False,
) -> Tensor:
    """An image of its own proportions in the middle of one of another size, with zeros around it.

    Example:
        >>> import stepwell as sw
        >>> sw.image.resize_with_pad(sw.ones([1, 2, 1]), 2, 4)[:, :, 0].numpy().tolist()
        [[1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0]]
    """
    x = image_of("resize_with_pad", image)
    first = x.ndim - 3
    own = [cast(int64_of(size_along(x, axis)), FLOAT64) for axis in (first, first + 1)]
    given = (target_height, "target_height"), (target_width, "target_width")
    wanted = [size_of("resize_with_pad", value, what) for value, what in given]
    height, width = (divide(old, cast(int64_of(new), FLOAT64)) for old, new in zip(own, wanted))
    ratio = maximum(height, width)
    sizes = [cast(floor(divide(old, ratio)), INT64) for old in own]
    offsets = []
    for new, size in zip(wanted, sizes):
        room = divide(subtract(cast(int64_of(new), FLOAT64), cast(size, FLOAT64)), np.float64(2))
        offsets.append(maximum(cast(floor(room), INT64), int64_of(0)))
    known = [[size_from(one) for one in pair] for pair in (sizes, offsets)]
    resized = resize(x, known[0], method, antialias=antialias)
    return pad_to_bounding_box(resized, *known[1], *wanted)
