"""Images of other sizes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from keras.src.backend.common.dtypes import result_type
from keras.src.backend.config import standardize_data_format

import stepwell as sw

from ..core import convert_to_tensor
from ..core import shape as shape_of
from .layout import channels_first, channels_last, check_choice, check_rank

RESIZE_INTERPOLATIONS = ("bilinear", "nearest", "lanczos3", "lanczos5", "bicubic", "area")

_KERNELS = {
    "linear": "linear",
    "bilinear": "linear",
    "trilinear": "linear",
    "cubic": "cubic",
    "bicubic": "cubic",
    "tricubic": "cubic",
    "lanczos3": "lanczos3",
    "lanczos5": "lanczos5",
}


def resize(
    images: Any,
    size: Sequence[int],
    interpolation: str = "bilinear",
    antialias: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    fill_mode: str = "constant",
    fill_value: float = 0.0,
    data_format: str | None = None,
) -> sw.Tensor:
    """Images of a size, cut or padded before if their proportions are to stay."""
    images = convert_to_tensor(images)
    data_format = standardize_data_format(data_format)
    check_choice("interpolation", interpolation, RESIZE_INTERPOLATIONS)
    if fill_mode != "constant":
        raise ValueError(
            f"Invalid value for argument `fill_mode`. Only `'constant'` is supported. Received: fill_mode={fill_mode}"
        )
    if pad_to_aspect_ratio and crop_to_aspect_ratio:
        raise ValueError("Only one of `pad_to_aspect_ratio` & `crop_to_aspect_ratio` can be `True`.")
    if len(size) != 2:
        raise ValueError(f"Argument `size` must be a tuple of two elements (height, width). Received: size={size}")
    check_rank(images)
    images = channels_last(images, data_format)
    if crop_to_aspect_ratio:
        images = _cropped(images, size)
    elif pad_to_aspect_ratio:
        images = _padded(images, size, fill_value)
    resized = sw.image.resize(images, tuple(size), method=interpolation, antialias=antialias)
    return channels_first(resized, data_format)


def _proportional(images: sw.Tensor, size: Sequence[int]) -> list[tuple[Any, Any]]:
    """For height and width what they are, and what they were by the other one and the proportions of `size`."""
    height, width = shape_of(images)[-3:-1]

    def scaled(length: Any, by: int, divided: int) -> Any:
        if isinstance(length, int):
            return int(np.float32(length * by) / np.float32(divided))
        return sw.cast(sw.cast(length * by, "float32") / divided, "int32")

    return [(height, scaled(width, size[0], size[1])), (width, scaled(height, size[1], size[0]))]


def _among(choose: Callable[..., Any], of_tensors: Callable[..., Any], a: Any, b: Any) -> Any:
    return choose(a, b) if isinstance(a, int) and isinstance(b, int) else of_tensors(a, b)


def _cropped(images: sw.Tensor, size: Sequence[int]) -> sw.Tensor:
    parts = []
    for length, wanted in _proportional(images, size):
        kept = _among(max, sw.maximum, _among(min, sw.minimum, length, wanted), 1)
        start = (length - kept) // 2
        parts.append(slice(start, start + kept))
    return images[..., parts[0], parts[1], :]


def _padded(images: sw.Tensor, size: Sequence[int], fill_value: float) -> sw.Tensor:
    amounts: list[Any] = [[0, 0]] * (len(images.shape) - 3)
    for length, wanted in _proportional(images, size):
        before = (_among(max, sw.maximum, length, wanted) - length) // 2
        amounts.append([before, before])
    return sw.pad(images, [*amounts, [0, 0]], constant_values=sw.cast(fill_value, images.dtype))


def scale_and_translate(
    images: Any,
    output_shape: Sequence[int],
    scale: Any,
    translation: Any,
    spatial_dims: Sequence[int],
    method: str,
    antialias: bool = True,
) -> sw.Tensor:
    """Images scaled and moved along axes: each is multiplied by a matrix of weights."""
    check_choice("method", method, set(_KERNELS))
    images, scale, translation = (convert_to_tensor(x) for x in (images, scale, translation))
    dtype = result_type(scale.dtype.name, translation.dtype.name)
    scale, translation = sw.cast(scale, dtype), sw.cast(translation, dtype)
    if not spatial_dims:
        return images
    result = images if images.dtype.is_floating else sw.cast(images, "float32")
    rank = len(images.shape)
    for i, axis in enumerate(spatial_dims):
        sizes = shape_of(images)[axis], output_shape[axis]
        weights = _weights(*sizes, scale[i], translation[i], _KERNELS[method], antialias)
        order = list(range(rank - 1))
        order.insert(axis % rank, rank - 1)
        result = sw.transpose(sw.tensordot(result, sw.cast(weights, result.dtype), [[axis % rank], [0]]), order)
    if images.dtype.is_floating:
        return result
    least, greatest = (sw.cast(reduce(images), result.dtype) for reduce in (sw.reduce_min, sw.reduce_max))
    return sw.cast(sw.clip_by_value(sw.round(result), least, greatest), images.dtype)


def _weights(size: Any, count: Any, scale: sw.Tensor, translation: sw.Tensor, kernel: str, smooth: bool) -> sw.Tensor:
    """How much of each element of an axis each element of the result is."""
    inverse = 1.0 / scale
    widened = sw.maximum(inverse, 1.0) if smooth else 1.0
    at = (sw.range(count, dtype=scale.dtype) + 0.5) * inverse - translation * inverse - 0.5
    distances = sw.abs(at - sw.expand_dims(sw.range(size, dtype=scale.dtype), 1)) / widened
    weights = _kernel(kernel, distances)
    total = sw.reduce_sum(weights, axis=0, keepdims=True)
    divisor = sw.where(total != 0, total, sw.ones_like(total))
    enough = sw.abs(total) > 1000 * float(np.finfo(np.float32).eps)
    inside = (at >= -0.5) & (at <= sw.cast(size, scale.dtype) - 0.5)
    return sw.where(enough & inside, weights / divisor, sw.zeros_like(weights))


def _kernel(name: str, x: sw.Tensor) -> sw.Tensor:
    """Weights by distances: a triangle, a cubic (Keys 1981), or a windowed sinc (Lanczos)."""
    zeros = sw.zeros_like(x)
    if name == "linear":
        return sw.maximum(zeros, 1 - x)
    if name == "cubic":
        near, far = ((1.5 * x - 2.5) * x) * x + 1, ((-0.5 * x + 2.5) * x - 4) * x + 2
        return sw.where(x >= 2, zeros, sw.where(x >= 1, far, near))
    radius = float(name.removeprefix("lanczos"))
    square = sw.where(x != 0, np.pi**2 * x * x, sw.ones_like(x))
    wave = radius * sw.sin(np.pi * x) * sw.sin(np.pi * x / radius) / square
    return sw.where(x > radius, zeros, sw.where(x > 1e-3, wave, sw.ones_like(x)))
