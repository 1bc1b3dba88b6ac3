"""Images changed at random, as training data are augmented."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError
from .....dialects.dtypes import FLOAT32, INT32
from .....dialects.public import public
from ...values.dispatch import as_tensor
from ...values.tensor import ShapeLike, Tensor, TensorLike
from ..arguments import check, int64_of, size_along, size_from, sizes_of
from ..logic import greater_equal, less
from ..math import add, floormod, subtract
from ..random.stateful import uniform
from ..random.stateless import stateless_uniform
from ..select import where
from ..shape import reshape
from ..slicing import slice as sliced
from .colors import adjust_brightness, adjust_contrast, adjust_hue, adjust_saturation
from .crops import flip_left_right, flip_up_down
from .shapes import image_of

Draw = Callable[..., Tensor]
"""Random numbers of a shape between two limits."""


def _seeded(seed: int | None) -> Draw:
    return lambda shape, low, high, dtype=FLOAT32: uniform(shape, low, high, dtype, seed)


def _stateless(seed: TensorLike | None) -> Draw:
    if seed is None:
        raise InvalidArgumentError("stateless_random: seed: expected two integers, got None")
    return lambda shape, low, high, dtype=FLOAT32: stateless_uniform(shape, seed, low, high, dtype)


def _flipped(function: str, image: TensorLike, flip: Callable[[Tensor], Tensor], draw: Draw) -> Tensor:
    """One image flipped where a number is below 1/2; of a batch those for which it is not."""
    x = image_of(function, image)
    if x.ndim == 3:
        return where(less(draw([], 0, 1), np.float32(0.5)), flip(x), x)
    chances = reshape(draw([size_along(x, 0)], 0, 1), [-1, 1, 1, 1])
    return where(greater_equal(chances, np.float32(0.5)), flip(x), x)


@public("image")
def random_flip_left_right(image: TensorLike, seed: int | None = None) -> Tensor:
    """An image, or each of several, with its columns in reverse order in one of two cases.

    Example:
        >>> import stepwell as sw
        >>> sw.image.random_flip_left_right(sw.zeros([2, 3, 1]), seed=1).shape.as_list()
        [2, 3, 1]
    """
    return _flipped("random_flip_left_right", image, flip_left_right, _seeded(seed))


@public("image")
def random_flip_up_down(image: TensorLike, seed: int | None = None) -> Tensor:
    """An image, or each of several, with its rows in reverse order in one of two cases."""
    return _flipped("random_flip_up_down", image, flip_up_down, _seeded(seed))


@public("image")
def stateless_random_flip_left_right(image: TensorLike, seed: TensorLike) -> Tensor:
    """What `random_flip_left_right` returns, decided by two integers."""
    return _flipped("stateless_random_flip_left_right", image, flip_left_right, _stateless(seed))


@public("image")
def stateless_random_flip_up_down(image: TensorLike, seed: TensorLike) -> Tensor:
    """What `random_flip_up_down` returns, decided by two integers."""
    return _flipped("stateless_random_flip_up_down", image, flip_up_down, _stateless(seed))


def _cropped(function: str, value: TensorLike, size: ShapeLike, draw: Draw) -> Tensor:
    x, sizes = as_tensor(value, name=f"{function}: value"), sizes_of(function, size, "size")
    if len(sizes) != x.ndim:
        raise InvalidArgumentError(f"{function}: size: expected a size for each axis of {x.shape}, got {len(sizes)}")
    offsets = draw([x.ndim], 0, np.iinfo(np.int32).max, INT32)
    begin = []
    for axis, one in enumerate(sizes):
        own, part = int64_of(size_along(x, axis)), int64_of(one)
        check(greater_equal(own, part), f"{function}: size: axis {axis} has {{0}} elements, expected {{1}}", own, part)
        limit = add(subtract(own, part), int64_of(1))
        offset = floormod(int64_of(offsets[axis]), limit)
        begin.append(size_from(offset))
    return sliced(x, begin, sizes)  # pyright: ignore[reportArgumentType]


@public("image")
def random_crop(value: TensorLike, size: ShapeLike, seed: int | None = None, name: str | None = None) -> Tensor:
    """A part of a tensor, of a size, from anywhere in it.

    Example:
        >>> import stepwell as sw
        >>> sw.image.random_crop(sw.zeros([4, 5, 3]), [2, 2, 3], seed=1).shape.as_list()
        [2, 2, 3]
    """
    return _cropped("random_crop", value, size, _seeded(seed))


@public("image")
def stateless_random_crop(value: TensorLike, size: ShapeLike, seed: TensorLike, name: str | None = None) -> Tensor:
    """What `random_crop` returns, decided by two integers."""
    return _cropped("stateless_random_crop", value, size, _stateless(seed))


def _between(function: str, low: float, high: float, draw: Draw) -> Tensor:
    if not 0 <= low < high:
        raise InvalidArgumentError(
            f"{function}: expected a lower limit from 0 to below the upper one, got {low} and {high}"
        )
    return draw([], low, high)


def _around_zero(function: str, max_delta: float, draw: Draw, limit: float = np.inf) -> Tensor:
    if not 0 <= max_delta <= limit:
        wanted = "0 or more" if limit == np.inf else f"from 0 to {limit}"
        raise InvalidArgumentError(f"{function}: max_delta: expected {wanted}, got {max_delta}")
    return draw([], -max_delta, max_delta)


@public("image")
def random_brightness(image: TensorLike, max_delta: float, seed: int | None = None) -> Tensor:
    """What `adjust_brightness` returns for a number between `-max_delta` and `max_delta`."""
    return adjust_brightness(image, _around_zero("random_brightness", max_delta, _seeded(seed)))


@public("image")
def stateless_random_brightness(image: TensorLike, max_delta: float, seed: TensorLike) -> Tensor:
    """What `random_brightness` returns, decided by two integers.

    Example:
        >>> import stepwell as sw
        >>> image = sw.image.stateless_random_brightness(sw.zeros([2, 2, 3]), 0.5, seed=[3, 5])
        >>> round(float(image[0, 0, 0]), 4)
        -0.1913
    """
    return adjust_brightness(image, _around_zero("stateless_random_brightness", max_delta, _stateless(seed)))


@public("image")
def random_contrast(image: TensorLike, lower: float, upper: float, seed: int | None = None) -> Tensor:
    """What `adjust_contrast` returns for a number between two limits."""
    return adjust_contrast(image, _between("random_contrast", lower, upper, _seeded(seed)))


@public("image")
def stateless_random_contrast(image: TensorLike, lower: float, upper: float, seed: TensorLike) -> Tensor:
    """What `random_contrast` returns, decided by two integers."""
    return adjust_contrast(image, _between("stateless_random_contrast", lower, upper, _stateless(seed)))


@public("image")
def random_saturation(image: TensorLike, lower: float, upper: float, seed: int | None = None) -> Tensor:
    """What `adjust_saturation` returns for a number between two limits."""
    return adjust_saturation(image, _between("random_saturation", lower, upper, _seeded(seed)))


@public("image")
def stateless_random_saturation(
    image: TensorLike, lower: float, upper: float, seed: TensorLike | None = None
) -> Tensor:
    """What `random_saturation` returns, decided by two integers."""
    return adjust_saturation(image, _between("stateless_random_saturation", lower, upper, _stateless(seed)))


@public("image")
def random_hue(image: TensorLike, max_delta: float, seed: int | None = None) -> Tensor:
    """What `adjust_hue` returns for a number between `-max_delta` and `max_delta`, at most 1/2."""
    return adjust_hue(image, _around_zero("random_hue", max_delta, _seeded(seed), limit=0.5))


@public("image")
def stateless_random_hue(image: TensorLike, max_delta: float, seed: TensorLike) -> Tensor:
    """What `random_hue` returns, decided by two integers."""
    return adjust_hue(image, _around_zero("stateless_random_hue", max_delta, _stateless(seed), limit=0.5))
