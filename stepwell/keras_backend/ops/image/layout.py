"""Where channels are, and what all functions of images check."""

from __future__ import annotations

from collections.abc import Callable, Collection

import stepwell as sw


def check_rank(images: sw.Tensor) -> None:
    """Refuse what is no image and no batch of images."""
    if len(images.shape) not in (3, 4):
        raise ValueError(
            "Invalid images rank: expected rank 3 (single image) or rank 4 (batch of images). "
            f"Received input with shape: images.shape={images.shape}"
        )


def channels_last(images: sw.Tensor, data_format: str | None) -> sw.Tensor:
    """Images of a format with the channels last."""
    if data_format != "channels_first":
        return images
    return sw.transpose(images, [1, 2, 0] if len(images.shape) == 3 else [0, 2, 3, 1])


def channels_first(images: sw.Tensor, data_format: str | None) -> sw.Tensor:
    """Images with the channels last in a format."""
    if data_format != "channels_first":
        return images
    return sw.transpose(images, [2, 0, 1] if len(images.shape) == 3 else [0, 3, 1, 2])


def of_batch(function: Callable[[sw.Tensor], sw.Tensor], images: sw.Tensor) -> sw.Tensor:
    """What a function of batches makes of one, or of one image."""
    return sw.squeeze(function(sw.expand_dims(images, 0)), 0) if len(images.shape) == 3 else function(images)


def check_choice(argument: str, value: object, choices: Collection[object]) -> None:
    """Refuse a value that is none of those that an argument may have."""
    if value not in choices:
        raise ValueError(
            f"Invalid value for argument `{argument}`. Expected of one {choices}. Received: {argument}={value}"
        )
