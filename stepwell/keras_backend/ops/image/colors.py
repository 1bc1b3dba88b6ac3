"""Colours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras.src.backend.common.dtypes import result_type
from keras.src.backend.config import standardize_data_format

import stepwell as sw

from ..core import convert_to_tensor
from .layout import channels_first, channels_last, check_rank


def rgb_to_grayscale(images: Any, data_format: str | None = None) -> sw.Tensor:
    """One channel of brightness."""
    images = convert_to_tensor(images)
    axis = -1 if standardize_data_format(data_format) == "channels_last" else -3
    check_rank(images)
    if images.shape[axis] not in (1, 3):
        raise ValueError(
            "Invalid channel size: expected 3 (RGB) or 1 (Grayscale). "
            f"Received input with shape: images.shape={images.shape}"
        )
    if images.shape[axis] == 1:
        return sw.identity(images)
    weights = sw.reshape(
        sw.constant([0.2989, 0.5870, 0.1140], result_type(images.dtype.name, float)), [3] + [1] * (-1 - axis)
    )
    gray = sw.reduce_sum(sw.cast(images, weights.dtype) * weights, axis=axis, keepdims=True)
    return sw.cast(gray, images.dtype)


def rgb_to_hsv(images: Any, data_format: str | None = None) -> sw.Tensor:
    """Hue, saturation and value of red, green and blue."""
    return _converted(sw.image.rgb_to_hsv, images, data_format)


def hsv_to_rgb(images: Any, data_format: str | None = None) -> sw.Tensor:
    """Red, green and blue of hue, saturation and value."""
    return _converted(sw.image.hsv_to_rgb, images, data_format)


def _converted(function: Callable[..., sw.Tensor], images: Any, data_format: str | None) -> sw.Tensor:
    images = convert_to_tensor(images)
    check_rank(images)
    if not images.dtype.is_floating:
        raise ValueError(f"Invalid images dtype: expected float dtype. Received: images.dtype={images.dtype.name}")
    data_format = standardize_data_format(data_format)
    return channels_first(function(channels_last(images, data_format)), data_format)
