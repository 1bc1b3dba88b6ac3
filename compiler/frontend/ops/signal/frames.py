"""Public functions that cut signals into frames, add frames up, and transform them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError
from .....dialects.dtypes import FLOAT32, DTypeLike
from .....dialects.public import public
from ...values.dispatch import as_tensor
from ...values.tensor import Tensor, TensorLike
from .. import namespace
from ..arguments import Size, axes_of, axis_of, int64_of, minus, plus, size_along, size_of, times
from ..math import divide, floordiv, maximum, multiply, square
from ..movement import pad, tile
from ..reduce import reduce_sum
from ..sequences import roll
from ..shape import reshape, transpose
from .fourier import irfft, rfft
from .windows import hann_window

Window = Callable[..., Any]
"""Called with a length and `dtype`, returns weights."""


def _number(function: str, value: object, argument: str) -> int:
    """A number that has to be known, of 1 or more."""
    size = size_of(function, value, argument)
    if not isinstance(size, int) or size < 1:
        raise InvalidArgumentError(
            f"{function}: {argument}: expected a number of 1 or more that is known, got {value!r}"
        )
    return size


def _edges(rank: int, axis: int, behind: Size) -> list[Any]:
    edges: list[Any] = [[0, 0] for _ in range(rank)]
    edges[axis][1] = behind
    return edges


@public("signal")
def frame(
    signal: TensorLike,
    frame_length: TensorLike,
    frame_step: TensorLike,
    pad_end: bool = False,
    pad_value: TensorLike = 0,
    axis: int = -1,
    name: str | None = None,
) -> Tensor:
    """Frames of `frame_length` elements along `axis`, each `frame_step` elements after the one before.

    Args:
        signal: a tensor with an axis or more.
        frame_length, frame_step: numbers of 1 or more that are known.
        pad_end: whether frames that go beyond the end are returned, too, with `pad_value` there.
        pad_value: that value.
        axis: the axis, which the result has two for: one for the frames, one for their elements.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.signal.frame([1, 2, 3, 4, 5], 3, 2).numpy().tolist()
        [[1, 2, 3], [3, 4, 5]]
    """
    x = as_tensor(signal, name="frame: signal")
    if not x.ndim:
        raise InvalidArgumentError("frame: signal: expected an axis or more, got a scalar")
    length, step = _number("frame", frame_length, "frame_length"), _number("frame", frame_step, "frame_step")
    axis = axis_of("frame", axis, x.ndim)
    size = size_along(x, axis)
    if pad_end:
        count = _divided(plus(size, step - 1), step)
        missing = _at_least_0(minus(plus(times(minus(count, 1), step), length), size))
        x = pad(x, _edges(x.ndim, axis, missing), constant_values=pad_value)
    else:
        count = _at_least_0(plus(_divided(minus(size, length), step), 1))
    places = namespace().range(int64_of(count))
    indices = places[:, None] * np.int64(step) + np.arange(length, dtype=np.int64)
    return namespace().gather(x, indices, axis=axis)


def _divided(size: Size, by: int) -> Size:
    return size // by if isinstance(size, int) else floordiv(size, np.int64(by))


def _at_least_0(size: Size) -> Size:
    return max(size, 0) if isinstance(size, int) else maximum(size, np.int64(0))


@public("signal")
def overlap_and_add(signal: TensorLike, frame_step: TensorLike, name: str | None = None) -> Tensor:
    """The sum of frames, each of which begins `frame_step` elements after the one before.

    Args:
        signal: frames along the last axis but one, whose elements are along the last one, which has a known size.
        frame_step: a number of 1 or more that is known.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.signal.overlap_and_add([[1, 1, 1], [10, 10, 10]], 2).numpy().tolist()
        [1, 1, 11, 10, 10]
    """
    x = as_tensor(signal, name="overlap_and_add: signal")
    if x.ndim < 2:
        raise InvalidArgumentError(f"overlap_and_add: signal: expected 2 axes or more, got shape {x.shape}")
    step, length = _number("overlap_and_add", frame_step, "frame_step"), x.shape[-1]
    if length is None:
        raise InvalidArgumentError(f"overlap_and_add: signal: expected frames of known length, got shape {x.shape}")
    lead, frames = [size_along(x, axis) for axis in range(x.ndim - 2)], size_along(x, x.ndim - 2)
    parts = max(-(-length // step), 1)
    x = pad(x, [*[[0, 0]] * len(lead), [0, parts], [0, parts * step - length]])
    rows, rank = plus(frames, parts), len(lead)
    x = reshape(x, [*lead, rows, parts, step])
    x = transpose(x, [*range(rank), rank + 1, rank, rank + 2])
    x = reshape(x, [*lead, times(rows, parts), step])
    kept = minus(rows, 1)
    x = x[(..., slice(times(kept, parts)), slice(None))]
    total = reduce_sum(reshape(x, [*lead, parts, kept, step]), -3)
    total = reshape(total, [*lead, times(kept, step)])
    return total[..., : _at_least_0(plus(times(minus(frames, 1), step), length))]


def _fft_length(function: str, fft_length: object, frame_length: int) -> int:
    if fft_length is None:
        return 1 << (frame_length - 1).bit_length()
    return _number(function, fft_length, "fft_length")


@public("signal")
def stft(
    signals: TensorLike,
    frame_length: TensorLike,
    frame_step: TensorLike,
    fft_length: TensorLike | None = None,
    window_fn: Window | None = hann_window,
    pad_end: bool = False,
    name: str | None = None,
) -> Tensor:
    """The short-time Fourier transform: `rfft` of frames, of whose elements each has a weight.

    Args:
        signals: floats.
        frame_length, frame_step: see `frame`.
        fft_length: the size of the transforms; by default the next power of 2.
        window_fn: a function that returns the weights, such as `hann_window`; None for none.
        pad_end: whether frames that go beyond the end are padded with zeros.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.signal.stft(sw.ones([8]), frame_length=4, frame_step=2).shape
        TensorShape([3, 3])
    """
    length = _number("stft", frame_length, "frame_length")
    frames = frame(as_tensor(signals, name="stft: signals"), length, frame_step, pad_end)
    if window_fn is not None:
        frames = multiply(frames, window_fn(length, dtype=frames.dtype))
    return rfft(frames, [_fft_length("stft", fft_length, length)])


@public("signal")
def inverse_stft(
    stfts: TensorLike,
    frame_length: TensorLike,
    frame_step: TensorLike,
    fft_length: TensorLike | None = None,
    window_fn: Window | None = hann_window,
    name: str | None = None,
) -> Tensor:
    """The sum of the frames that `irfft` makes of `stfts`, each element with a weight.

    For a signal that `stft` has transformed, `window_fn` is what `inverse_stft_window_fn` returns.

    Example:
        >>> import stepwell as sw
        >>> transformed = sw.signal.stft(sw.ones([8]), frame_length=4, frame_step=2)
        >>> window = sw.signal.inverse_stft_window_fn(2)
        >>> sw.signal.inverse_stft(transformed, 4, 2, window_fn=window).numpy()[2:6].tolist()
        [1.0, 1.0, 1.0, 1.0]
    """
    length = _number("inverse_stft", frame_length, "frame_length")
    size = _fft_length("inverse_stft", fft_length, length)
    frames = irfft(stfts, [size])
    if size > length:
        frames = frames[..., :length]
    elif size < length:
        frames = pad(frames, _edges(frames.ndim, -1, length - size))
    if window_fn is not None:
        frames = multiply(frames, window_fn(length, dtype=frames.dtype))
    return overlap_and_add(frames, frame_step)


@public("signal")
def inverse_stft_window_fn(
    frame_step: TensorLike, forward_window_fn: Window = hann_window, name: str | None = None
) -> Window:
    """The function that returns weights for `inverse_stft`, so that it undoes `stft` with `forward_window_fn`.

    Example:
        >>> import stepwell as sw
        >>> sw.signal.inverse_stft_window_fn(2)(4, dtype=sw.float32).numpy().tolist()
        [0.0, 1.0, 1.0, 1.0]
    """
    step = _number("inverse_stft_window_fn", frame_step, "frame_step")

    def inverse_window(frame_length: TensorLike, dtype: DTypeLike = FLOAT32) -> Tensor:
        length = _number("inverse_stft_window_fn", frame_length, "frame_length")
        weights = forward_window_fn(length, dtype=dtype)
        overlaps = -(-length // step)
        squares = pad(square(weights), [[0, overlaps * step - length]])
        sums = tile(reduce_sum(reshape(squares, [overlaps, step]), 0, True), [overlaps, 1])
        return divide(weights, reshape(sums, [overlaps * step])[:length])

    return inverse_window


def _shifted(function: str, x: TensorLike, axes: object, sign: int) -> Tensor:
    value = as_tensor(x, name=f"{function}: x")
    places = list(range(value.ndim)) if axes is None else list(axes_of(function, axes, value.ndim, "axes"))
    for axis in places:
        half = _divided(size_along(value, axis), 2)
        value = roll(value, half * sign if isinstance(half, int) else multiply(half, np.int64(sign)), axis)
    return value


@public("signal")
def fftshift(x: TensorLike, axes: int | list[int] | tuple[int, ...] | None = None, name: str | None = None) -> Tensor:
    """`x` with its first element moved to the middle of each axis, or of `axes`.

    Example:
        >>> import stepwell as sw
        >>> sw.signal.fftshift([0, 1, 2, -2, -1]).numpy().tolist()
        [-2, -1, 0, 1, 2]
    """
    return _shifted("fftshift", x, axes, 1)


@public("signal")
def ifftshift(x: TensorLike, axes: int | list[int] | tuple[int, ...] | None = None, name: str | None = None) -> Tensor:
    """What `fftshift` makes `x` of.

    Example:
        >>> import stepwell as sw
        >>> sw.signal.ifftshift([-2, -1, 0, 1, 2]).numpy().tolist()
        [0, 1, 2, -2, -1]
    """
    return _shifted("ifftshift", x, axes, -1)
