"""`keras.ops.math`: segments, top k, Fourier transforms and special functions."""

from __future__ import annotations

from typing import Any

import stepwell as sw

from .core import convert_to_tensor


def rsqrt(x: Any) -> sw.Tensor:
    """1 divided by the square root."""
    return sw.math.rsqrt(convert_to_tensor(x))
