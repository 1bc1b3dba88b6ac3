"""How images differ, and how rough they are."""

from __future__ import annotations

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError
from .....dialects.dtypes import FLOAT32
from .....dialects.public import public
from ...values.dispatch import as_tensor
from ...values.tensor import Tensor, TensorLike
from ..math import abs, add, divide, log, multiply, squared_difference, subtract
from ..movement import pad
from ..reduce import reduce_mean, reduce_sum
from ..select import cast
from .colors import convert_image_dtype
from .shapes import image_of


@public("image")
def psnr(a: TensorLike, b: TensorLike, max_val: TensorLike, name: str | None = None) -> Tensor:
    """The peak signal-to-noise ratio of pairs of images, in decibels; infinity for equal ones.

    Args:
        a, b: images, or batches of them.
        max_val: how far values can be apart: 1.0, or 255.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> float(sw.image.psnr(sw.zeros([2, 2, 1]), sw.ones([2, 2, 1]), 1.0))
        0.0
    """
    x, y = as_tensor(a, name="psnr: a"), as_tensor(b, name="psnr: b")
    most = cast(max_val, x.dtype)
    most, x, y = (convert_image_dtype(value, FLOAT32) for value in (most, x, y))
    if x.ndim < 3:
        raise InvalidArgumentError(f"psnr: a: expected 3 axes or more, got shape {x.shape}")
    error = reduce_mean(squared_difference(x, y), [-3, -2, -1])
    ten = log(as_tensor(np.float32(10)))
    signal = divide(multiply(log(most), np.float32(20)), ten)
    return subtract(signal, multiply(log(error), np.float32(10 / np.log(10))))


@public("image")
def total_variation(images: TensorLike, name: str | None = None) -> Tensor:
    """The sum of the distances of neighbours, one number for each image.

    Example:
        >>> import stepwell as sw
        >>> float(sw.image.total_variation([[[1.0], [3.0]], [[0.0], [0.0]]]))
        6.0
    """
    x = image_of("total_variation", images, "images")
    below = subtract(x[..., 1:, :, :], x[..., :-1, :, :])
    beside = subtract(x[..., 1:, :], x[..., :-1, :])
    axes = [-3, -2, -1]
    return add(reduce_sum(abs(below), axes), reduce_sum(abs(beside), axes))


@public("image")
def image_gradients(image: TensorLike) -> tuple[Tensor, Tensor]:
    """The differences to the next row, and to the next column; 0 in the last ones.

    Example:
        >>> import stepwell as sw
        >>> dy, dx = sw.image.image_gradients([[[[1.0], [3.0]]]])
        >>> dx[0, 0, :, 0].numpy().tolist()
        [2.0, 0.0]
    """
    x = as_tensor(image, name="image_gradients: image")
    if x.ndim != 4:
        raise InvalidArgumentError(f"image_gradients: image: expected 4 axes, got shape {x.shape}")
    below = pad(subtract(x[:, 1:], x[:, :-1]), [[0, 0], [0, 1], [0, 0], [0, 0]])
    return below, pad(subtract(x[:, :, 1:], x[:, :, :-1]), [[0, 0], [0, 0], [0, 1], [0, 0]])
