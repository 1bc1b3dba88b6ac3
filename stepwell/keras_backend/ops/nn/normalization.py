"""Means and variances, and normalisation by them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import stepwell as sw

from ..core import convert_to_tensor


def moments(
    x: Any, axes: int | Sequence[int], keepdims: bool = False, synchronized: bool = False
) -> tuple[sw.Tensor, sw.Tensor]:
    """The mean and the variance, of 16-bit floats by way of float32."""
    del synchronized
    x = convert_to_tensor(x)
    if x.dtype not in (sw.float16, sw.bfloat16):
        return sw.nn.moments(x, axes, keepdims=keepdims)
    mean, variance = sw.nn.moments(sw.cast(x, sw.float32), axes, keepdims=keepdims)
    return sw.saturate_cast(mean, x.dtype), sw.saturate_cast(variance, x.dtype)


def batch_normalization(
    x: Any, mean: Any, variance: Any, axis: int, offset: Any = None, scale: Any = None, epsilon: float = 1e-3
) -> sw.Tensor:
    """`x` less a mean, divided by a deviation, scaled and moved; the statistics are along an axis."""
    x = convert_to_tensor(x)
    shape = [1] * len(x.shape)
    shape[axis] = -1

    def along(statistic: Any) -> Any:
        return None if statistic is None else sw.reshape(convert_to_tensor(statistic, x.dtype.name), shape)

    return sw.nn.batch_normalization(x, along(mean), along(variance), along(offset), along(scale), epsilon)
