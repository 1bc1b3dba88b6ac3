"""Blurs and edges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras.src.backend.config import standardize_data_format

import stepwell as sw

from ..core import convert_to_tensor
from .layout import channels_first, channels_last, check_rank, of_batch


def gaussian_blur(
    images: Any, kernel_size: Sequence[Any] = (3, 3), sigma: Any = (1.0, 1.0), data_format: str | None = None
) -> sw.Tensor:
    """Images whose elements are means of neighbours, weighted by a normal distribution."""
    images = convert_to_tensor(images)
    data_format = standardize_data_format(data_format)
    check_rank(images)
    sigma = convert_to_tensor(sigma, images.dtype.name)
    # Keras's backends give the first size and deviation to the columns.
    columns, rows = (_bell(kernel_size[i], sigma[i]) for i in (0, 1))
    kernel = sw.reshape(sw.expand_dims(rows, 1) * columns, [*kernel_size, 1, 1])

    def blurred(images: sw.Tensor) -> sw.Tensor:
        batch = channels_last(images, data_format)
        filters = sw.tile(kernel, [1, 1, batch.shape[-1], 1])
        return channels_first(sw.nn.depthwise_conv2d(batch, filters, [1, 1, 1, 1], "SAME"), data_format)

    return of_batch(blurred, images)


def _bell(size: Any, sigma: sw.Tensor) -> sw.Tensor:
    """Weights of a normal distribution, of sum 1."""
    x = sw.range(size, dtype=sigma.dtype) - (sw.cast(size, sigma.dtype) - 1) / 2
    weights = sw.exp(-0.5 * (x / sigma) ** 2)
    return weights / sw.reduce_sum(weights)


def sobel_edges(images: Any, data_format: str | None = None) -> sw.Tensor:
    """How fast images change along rows and columns (Sobel)."""
    images = channels_last(convert_to_tensor(images), data_format)
    edges = sw.image.sobel_edges(images)
    return sw.transpose(edges, [0, 3, 1, 2, 4]) if data_format == "channels_first" else edges
