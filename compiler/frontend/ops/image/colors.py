"""The colours of images, along the last axis: conversions and adjustments."""

from __future__ import annotations

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError
from .....dialects.dtypes import FLOAT16, FLOAT32, FLOAT64, DType, DTypeLike, dtype_named
from .....dialects.public import public
from ...values.dispatch import as_tensor
from ...values.tensor import Tensor, TensorLike
from ..arguments import size_along, times
from ..linalg import tensordot
from ..logic import equal, greater, less
from ..math import abs, add, clip_by_value, divide, floordiv, floormod, maximum, multiply, pow, rsqrt, subtract
from ..movement import concat, stack, unstack
from ..reduce import reduce_max, reduce_mean, reduce_min, reduce_sum
from ..select import cast, where
from ..shape import ones_like, zeros_like
from ..statistics import reduce_std
from .shapes import image_of

_FLOATS = (FLOAT16, FLOAT32, FLOAT64)


def _is_float(dtype: DType) -> bool:
    return dtype in _FLOATS


@public("image")
def convert_image_dtype(image: TensorLike, dtype: DTypeLike, saturate: bool = False, name: str | None = None) -> Tensor:
    """Images in another dtype: floats lie between 0 and 1, integers between 0 and the greatest one.

    Args:
        image: a tensor of any shape.
        dtype: the dtype of the result.
        saturate: whether what is out of range becomes the least or greatest integer.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.image.convert_image_dtype([0.0, 0.5], sw.int32).numpy().tolist()
        [0, 1073741824]
    """
    x, target = as_tensor(image, name="convert_image_dtype: image"), dtype_named(dtype, "convert_image_dtype: dtype")
    if x.dtype == target:
        return x
    if _is_float(x.dtype) and _is_float(target):
        return cast(x, target)
    if _is_float(target):
        return multiply(cast(x, target), np.array(1 / np.iinfo(x.dtype).max, target))
    most = int(np.iinfo(target).max)
    if _is_float(x.dtype):
        return _cast(multiply(x, np.array(most + 0.5, x.dtype)), target, saturate)
    own = int(np.iinfo(x.dtype).max)
    if own > most:
        return _cast(floordiv(x, np.array((own + 1) // (most + 1), x.dtype)), target, saturate)
    return multiply(cast(x, target), np.array((most + 1) // (own + 1), target))


def _cast(x: Tensor, target: DType, saturate: bool) -> Tensor:
    if saturate:
        limits = np.iinfo(target)
        low, high = np.array(limits.min, x.dtype), np.array(limits.max, x.dtype)
        if _is_float(x.dtype) and float(high) > limits.max:
            high = np.nextafter(high, low)
        x = clip_by_value(x, low, high)
    return cast(x, target)


def _rgb(function: str, images: TensorLike) -> Tensor:
    x = as_tensor(images, name=f"{function}: images")
    if not x.ndim or x.shape[-1] not in (3, None):
        raise InvalidArgumentError(f"{function}: images: expected 3 channels along the last axis, got shape {x.shape}")
    return x


def _mixed(function: str, images: TensorLike, kernel: list[list[float]]) -> Tensor:
    x = _rgb(function, images)
    return tensordot(x, np.array(kernel, x.dtype), [[x.ndim - 1], [0]])


@public("image")
def rgb_to_grayscale(images: TensorLike, name: str | None = None) -> Tensor:
    """The brightness of colours: one channel of three.

    Example:
        >>> import stepwell as sw
        >>> sw.image.rgb_to_grayscale(sw.ones([1, 1, 3])).shape.as_list()
        [1, 1, 1]
    """
    x = _rgb("rgb_to_grayscale", images)
    floats = convert_image_dtype(x, FLOAT32)
    weights = np.array([0.2989, 0.5870, 0.1140], FLOAT32)
    return convert_image_dtype(reduce_sum(multiply(floats, weights), -1, True), x.dtype)


@public("image")
def grayscale_to_rgb(images: TensorLike, name: str | None = None) -> Tensor:
    """Colours of one brightness: three equal channels of one.

    Example:
        >>> import stepwell as sw
        >>> sw.image.grayscale_to_rgb([[[5]]]).numpy().tolist()
        [[[5, 5, 5]]]
    """
    x = as_tensor(images, name="grayscale_to_rgb: images")
    if not x.ndim or x.shape[-1] not in (1, None):
        raise InvalidArgumentError(f"grayscale_to_rgb: images: expected 1 channel, got shape {x.shape}")
    return concat([x, x, x], -1)


@public("image")
def rgb_to_hsv(images: TensorLike, name: str | None = None) -> Tensor:
    """Red, green and blue as hue, saturation and value, all between 0 and 1.

    Example:
        >>> import stepwell as sw
        >>> sw.image.rgb_to_hsv([[[1.0, 0.0, 0.0]]]).numpy().tolist()
        [[[0.0, 1.0, 1.0]]]
    """
    x = _rgb("rgb_to_hsv", images)
    red, green, blue = unstack(x, 3, -1)
    value = reduce_max(x, -1)
    span = subtract(value, reduce_min(x, -1))
    zero, one = zeros_like(value), ones_like(value)
    saturation = where(greater(value, zero), divide(span, where(greater(value, zero), value, one)), zero)
    wide = multiply(where(greater(span, zero), span, one), np.array(6, x.dtype))
    third = np.array(1 / 3, x.dtype)
    of_green = add(divide(subtract(blue, red), wide), third)
    of_blue = add(divide(subtract(red, green), wide), np.array(2 / 3, x.dtype))
    hue = where(equal(red, value), divide(subtract(green, blue), wide), where(equal(green, value), of_green, of_blue))
    hue = where(greater(span, zero), hue, zero)
    return stack([where(less(hue, zero), add(hue, one), hue), saturation, value], -1)


@public("image")
def hsv_to_rgb(images: TensorLike, name: str | None = None) -> Tensor:
    """Hue, saturation and value as red, green and blue.

    Example:
        >>> import stepwell as sw
        >>> sw.image.hsv_to_rgb([[[0.0, 1.0, 1.0]]]).numpy().tolist()
        [[[1.0, 0.0, 0.0]]]
    """
    x = _rgb("hsv_to_rgb", images)
    hue, saturation, value = unstack(x, 3, -1)
    angle, low, high = multiply(hue, np.array(6, x.dtype)), np.array(0, x.dtype), np.array(1, x.dtype)

    def channel(share: Tensor) -> Tensor:
        clipped = multiply(saturation, clip_by_value(share, low, high))
        return multiply(add(subtract(high, saturation), clipped), value)

    def distance(place: int) -> Tensor:
        return abs(subtract(angle, np.array(place, x.dtype)))

    two = np.array(2, x.dtype)
    shares = [subtract(distance(3), high), subtract(two, distance(2)), subtract(two, distance(4))]
    return stack([channel(share) for share in shares], -1)


@public("image")
def rgb_to_yuv(images: TensorLike) -> Tensor:
    """Red, green and blue as brightness and two differences of colour."""
    kernel = [
        [0.299, -0.14714119, 0.61497538],
        [0.587, -0.28886916, -0.51496512],
        [0.114, 0.43601035, -0.10001026],
    ]
    return _mixed("rgb_to_yuv", images, kernel)


@public("image")
def yuv_to_rgb(images: TensorLike) -> Tensor:
    """Brightness and two differences of colour as red, green and blue."""
    kernel = [[1, 1, 1], [0, -0.394642334, 2.03206185], [1.13988303, -0.58062185, 0]]
    return _mixed("yuv_to_rgb", images, kernel)


@public("image")
def rgb_to_yiq(images: TensorLike) -> Tensor:
    """Red, green and blue as brightness, in-phase and quadrature."""
    kernel = [
        [0.299, 0.59590059, 0.2115],
        [0.587, -0.27455667, -0.52273617],
        [0.114, -0.32134392, 0.31119955],
    ]
    return _mixed("rgb_to_yiq", images, kernel)


@public("image")
def yiq_to_rgb(images: TensorLike) -> Tensor:
    """Brightness, in-phase and quadrature as red, green and blue."""
    kernel = [[1, 1, 1], [0.95598634, -0.27201283, -1.10674021], [0.6208248, -0.64720424, 1.70423049]]
    return _mixed("yiq_to_rgb", images, kernel)


def _floats(x: Tensor) -> Tensor:
    return x if _is_float(x.dtype) else convert_image_dtype(x, FLOAT32)


@public("image")
def adjust_brightness(image: TensorLike, delta: TensorLike) -> Tensor:
    """Images with `delta` added, which is relative to the greatest value of their dtype.

    Example:
        >>> import stepwell as sw
        >>> sw.image.adjust_brightness([0.5], 0.25).numpy().tolist()
        [0.75]
    """
    x = as_tensor(image, name="adjust_brightness: image")
    floats = _floats(x)
    return convert_image_dtype(add(floats, cast(delta, floats.dtype)), x.dtype, saturate=True)


@public("image")
def adjust_contrast(images: TensorLike, contrast_factor: TensorLike) -> Tensor:
    """Images whose distances from the mean of each channel are multiplied.

    Example:
        >>> import stepwell as sw
        >>> sw.image.adjust_contrast([[[1.0], [3.0]]], 2.0)[0, :, 0].numpy().tolist()
        [0.0, 4.0]
    """
    x = as_tensor(images, name="adjust_contrast: images")
    if x.ndim < 3:
        raise InvalidArgumentError(f"adjust_contrast: images: expected 3 axes or more, got shape {x.shape}")
    floats = _floats(x)
    mean = reduce_mean(floats, [-3, -2], True)
    moved = add(multiply(subtract(floats, mean), cast(contrast_factor, floats.dtype)), mean)
    return convert_image_dtype(moved, x.dtype, saturate=True)


@public("image")
def adjust_gamma(image: TensorLike, gamma: TensorLike = 1, gain: TensorLike = 1) -> Tensor:
    """Images to the power of `gamma`, multiplied by `gain`.

    Example:
        >>> import stepwell as sw
        >>> sw.image.adjust_gamma([0.5], 2.0).numpy().tolist()
        [0.25]
    """
    x = as_tensor(image, name="adjust_gamma: image")
    if isinstance(gamma, int | float) and gamma < 0:
        raise InvalidArgumentError(f"adjust_gamma: gamma: expected 0 or more, got {gamma}")
    floats = _floats(x)
    moved = multiply(cast(gain, floats.dtype), pow(floats, cast(gamma, floats.dtype)))
    return convert_image_dtype(moved, x.dtype, saturate=True)


@public("image")
def adjust_saturation(image: TensorLike, saturation_factor: TensorLike, name: str | None = None) -> Tensor:
    """Images whose saturation is multiplied, and at most 1.

    Example:
        >>> import stepwell as sw
        >>> sw.image.adjust_saturation([[[1.0, 0.0, 0.0]]], 0.5).numpy().tolist()
        [[[1.0, 0.5, 0.5]]]
    """
    x = _rgb("adjust_saturation", image)
    hue, saturation, value = unstack(rgb_to_hsv(_floats(x)), 3, -1)
    zero, one = (np.array(limit, saturation.dtype) for limit in (0, 1))
    moved = clip_by_value(multiply(saturation, cast(saturation_factor, saturation.dtype)), zero, one)
    return convert_image_dtype(hsv_to_rgb(stack([hue, moved, value], -1)), x.dtype)


@public("image")
def adjust_hue(image: TensorLike, delta: TensorLike, name: str | None = None) -> Tensor:
    """Images whose hue is turned by `delta`, a part of the whole circle.

    Example:
        >>> import stepwell as sw
        >>> sw.image.adjust_hue([[[1.0, 0.0, 0.0]]], 0.5).numpy().tolist()
        [[[0.0, 1.0, 1.0]]]
    """
    x = _rgb("adjust_hue", image)
    if isinstance(delta, int | float) and not -1 <= delta <= 1:
        raise InvalidArgumentError(f"adjust_hue: delta: expected from -1 to 1, got {delta}")
    hue, saturation, value = unstack(rgb_to_hsv(_floats(x)), 3, -1)
    turned = floormod(add(hue, cast(delta, hue.dtype)), np.array(1, hue.dtype))
    return convert_image_dtype(hsv_to_rgb(stack([turned, saturation, value], -1)), x.dtype)


@public("image")
def per_image_standardization(image: TensorLike) -> Tensor:
    """Each image less its mean, divided by its standard deviation, which counts as that of one element at least.

    Example:
        >>> import stepwell as sw
        >>> sw.image.per_image_standardization([[[1.0], [3.0]]])[0, :, 0].numpy().tolist()
        [-1.0, 1.0]
    """
    x = image_of("per_image_standardization", image)
    floats = _floats(x)
    count = times(times(size_along(x, x.ndim - 3), size_along(x, x.ndim - 2)), size_along(x, x.ndim - 1))
    axes = [-3, -2, -1]
    least = rsqrt(cast(count, floats.dtype))
    deviation = maximum(reduce_std(floats, axes, True), least)
    return divide(subtract(floats, reduce_mean(floats, axes, True)), deviation)
