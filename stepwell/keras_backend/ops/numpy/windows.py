"""Windows of signals: weights that fall towards both ends."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from keras.src.backend.config import floatx

import stepwell as sw

from ..core import convert_to_tensor


def _window(x: Any, weight: Callable[[sw.Tensor], sw.Tensor]) -> sw.Tensor:
    """The weights of `x` places from 0 to 1; a single one is 1."""
    count = convert_to_tensor(x, "int32")
    steps = sw.cast(sw.maximum(count - 1, 1), floatx())
    return sw.where(sw.equal(count, 1), sw.ones([], floatx()), weight(sw.cast(sw.range(count), floatx()) / steps))


def bartlett(x: Any) -> sw.Tensor:
    """A triangle."""
    return _window(x, lambda t: 1 - sw.abs(2 * t - 1))


def hamming(x: Any) -> sw.Tensor:
    """Hamming's window, a cosine on a base."""
    return _window(x, lambda t: 0.54 - 0.46 * sw.cos(2 * math.pi * t))


def hanning(x: Any) -> sw.Tensor:
    """Hann's window, a cosine."""
    return _window(x, lambda t: 0.5 - 0.5 * sw.cos(2 * math.pi * t))


def blackman(x: Any) -> sw.Tensor:
    """Blackman's window, two cosines."""
    return _window(x, lambda t: 0.42 - 0.5 * sw.cos(2 * math.pi * t) + 0.08 * sw.cos(4 * math.pi * t))


def kaiser(x: Any, beta: Any) -> sw.Tensor:
    """Kaiser's window: Bessel functions whose steepness is `beta`."""
    beta = convert_to_tensor(beta, floatx())

    def weight(t: sw.Tensor) -> sw.Tensor:
        inside = sw.maximum(1 - sw.square(2 * t - 1), 0.0)
        return sw.math.bessel_i0(beta * sw.sqrt(inside)) / sw.math.bessel_i0(beta)

    return _window(x, weight)
