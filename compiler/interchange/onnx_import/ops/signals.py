"""Fourier transforms."""

from __future__ import annotations

from typing import Any

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError
from .....dialects.dtypes import COMPLEX64, COMPLEX128, FLOAT32, FLOAT64
from ....frontend.ops.arguments import Size
from ....frontend.values.dispatch import as_tensor, scalar_like
from ....frontend.values.tensor import Tensor
from ..rules import Call, axis_in, rule
from ..values import Value, m
from .casts import cast_value


def _complex(x: Tensor) -> Tensor:
    """Numbers whose real and imaginary parts are along the last axis, of size 1 or 2."""
    dtype = FLOAT64 if x.dtype.bits == 64 else FLOAT32
    x = m.cast(x, dtype)
    if x.shape[-1] == 1:
        return m.cast(x[..., 0], COMPLEX128 if dtype is FLOAT64 else COMPLEX64)
    if x.shape[-1] != 2:
        raise InvalidArgumentError(f"expected a last axis of size 1 or 2, got shape {x.shape}")
    return m.complex(x[..., 0], x[..., 1])


def _parts(z: Tensor, like: Tensor) -> Tensor:
    return m.cast(m.stack([m.real(z), m.imag(z)], -1), like.dtype)


def _fitted(z: Tensor, length: Size) -> Tensor:
    """The first elements along the last axis, zeros behind them."""
    own = z.shape[-1]
    if isinstance(length, int) and own == length:
        return z
    short = m.bounded(z, [None] * z.ndim, [*[None] * (z.ndim - 1), length])
    more = m.minus(length, m.size_along(short, -1))
    return m.pad(short, [*[(0, 0)] * (z.ndim - 1), (0, more)], constant_values=scalar_like(0, z))


@rule("DFT", since=20)
def _dft(call: Call, x: Tensor, length: Tensor | None = None, axis: Tensor | None = None) -> Tensor:
    chosen = -2 if axis is None else call.known_ints(2, "axis")[0]
    return _transform(call, x, axis_in(chosen, x.ndim))


@rule("DFT", since=17)
def _old_dft(call: Call, x: Tensor, length: Tensor | None = None) -> Tensor:
    return _transform(call, x, axis_in(call.int("axis", 1), x.ndim))


def _transform(call: Call, x: Tensor, axis: int) -> Tensor:
    inverse, half = call.int("inverse", 0), call.int("onesided", 0)
    z = _complex(x)
    order = [*(each for each in range(z.ndim) if each != axis), axis]
    z = m.transpose(z, order)
    back = [order.index(each) for each in range(z.ndim)]
    size: Size = call.sizes(1, "dft_length")[0] if call.value(1) is not None else m.size_along(z, -1)
    if inverse and half:
        return _whole_inverse(call, z, size, back, x)
    z = _fitted(z, size)
    found = m.ifft(z) if inverse else m.fft(z)
    if half:
        found = found[..., : _half(size)]
    return _parts(m.transpose(found, back), x)


def _whole_inverse(call: Call, z: Tensor, size: Size, back: list[int], like: Tensor) -> Tensor:
    """The real signal whose transform has this first half."""
    if call.value(1) is None:
        size = m.times(m.plus(size, -1), 2)
    if not isinstance(size, int):
        raise call.not_known(1, "input dft_length has to be known before the model runs")
    found = m.irfft(_fitted(z, size // 2 + 1), [size])
    return m.cast(m.expand_dims(m.transpose(found, back), -1), like.dtype)


def _half(size: Size) -> Size:
    return size // 2 + 1 if isinstance(size, int) else m.floordiv(size, scalar_like(2, size)) + scalar_like(1, size)


@rule("STFT")
def _stft(call: Call, x: Tensor, step: Tensor, window: Tensor | None = None, length: Tensor | None = None) -> Tensor:
    stride = call.known_ints(1, "frame_step")[0]
    if length is not None:
        size = call.known_ints(3, "frame_length")[0]
    elif window is not None and window.shape[0] is not None:
        size = int(window.shape[0])
    else:
        raise InvalidArgumentError("expected a window or a frame_length, got none")
    z = _complex(x) if x.ndim == 3 else _complex(m.expand_dims(x, -1))
    frames = m.frame(z, size, stride, axis=1)
    if window is not None:
        frames = frames * m.cast(window, frames.dtype)
    found = m.fft(frames)
    if call.int("onesided", 1):
        found = found[..., : size // 2 + 1]
    return _parts(found, x)


@rule("MelWeightMatrix")
def _mel_weights(call: Call, *inputs: Tensor) -> Value:
    """Triangles between frequencies that are equally far apart on the mel scale."""
    names = ("num_mel_bins", "dft_length", "sample_rate", "lower_edge_hertz", "upper_edge_hertz")
    bins, size, rate, low, high = (call.fixed(index, name).reshape(-1)[0] for index, name in enumerate(names))
    if not 0 < int(bins) < 2**15 or not 0 < int(size) < 2**20:
        raise InvalidArgumentError(f"expected numbers of bins and a length, got {bins} and {size}")
    edges = _mel(float(low)) + np.arange(int(bins) + 2) * (_mel(float(high)) - _mel(float(low))) / (int(bins) + 2)
    hertz = 700 * (10 ** (edges / 2595) - 1)
    places = np.floor((int(size) + 1) * hertz / int(rate)).astype(np.int64)
    found = np.zeros((int(size) // 2 + 1, int(bins)), np.float64)
    for each in range(int(bins)):
        first, middle, last = places[each : each + 3]
        if middle == first:
            found[middle, each] = 1
        else:
            found[first : middle + 1, each] = (np.arange(first, middle + 1) - first) / (middle - first)
        if last > middle:
            found[middle:last, each] = (last - np.arange(middle, last)) / (last - middle)
    return cast_value(as_tensor(found), call.int("output_datatype", 1))


def _mel(hertz: float) -> Any:
    return 2595 * np.log10(1 + hertz / 700)
