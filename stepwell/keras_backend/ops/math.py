"""`keras.ops.math`: segments, top k, Fourier transforms and special functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import stepwell as sw

from .core import convert_to_tensor


def segment_sum(data: Any, segment_ids: Any, num_segments: Any = None, sorted: bool = False) -> sw.Tensor:
    """Sums of the elements of each segment."""
    return _segments(sw.math.unsorted_segment_sum, data, segment_ids, num_segments, sorted)


def segment_max(data: Any, segment_ids: Any, num_segments: Any = None, sorted: bool = False) -> sw.Tensor:
    """The greatest elements of each segment."""
    return _extremes(sw.math.unsorted_segment_max, float("-inf"), data, segment_ids, num_segments, sorted)


def segment_min(data: Any, segment_ids: Any, num_segments: Any = None, sorted: bool = False) -> sw.Tensor:
    """The least elements of each segment."""
    return _extremes(sw.math.unsorted_segment_min, float("inf"), data, segment_ids, num_segments, sorted)


def segment_prod(data: Any, segment_ids: Any, num_segments: Any = None, sorted: bool = False) -> sw.Tensor:
    """Products of the elements of each segment."""
    return _segments(sw.math.unsorted_segment_prod, data, segment_ids, num_segments, sorted)


def _segments(
    function: Callable[..., sw.Tensor], data: Any, segment_ids: Any, num_segments: Any, sorted: bool
) -> sw.Tensor:
    """What a function makes of each segment; negative ids are of none."""
    del sorted
    data, ids = convert_to_tensor(data), convert_to_tensor(segment_ids)
    if num_segments is None:
        num_segments = sw.cast(sw.reduce_max(ids) + 1, "int32")
    return function(data, ids, num_segments)


def _extremes(
    function: Callable[..., sw.Tensor], empty: float, data: Any, segment_ids: Any, num_segments: Any, sorted: bool
) -> sw.Tensor:
    """Of floats, with an infinity for segments without elements."""
    data = convert_to_tensor(data)
    found = _segments(function, data, segment_ids, num_segments, sorted)
    if not data.dtype.is_floating:
        return found
    ids = convert_to_tensor(segment_ids)
    counts = sw.math.unsorted_segment_sum(sw.ones_like(ids), ids, sw.shape(found)[0])
    counts = sw.reshape(counts, [-1] + [1] * (len(found.shape) - 1))
    return sw.where(counts == 0, sw.constant(empty, data.dtype), found)


def top_k(x: Any, k: Any, sorted: bool = True) -> Any:
    """The `k` greatest elements along the last axis, and their indices."""
    return sw.math.top_k(convert_to_tensor(x), k, sorted=sorted)


def in_top_k(targets: Any, predictions: Any, k: int) -> sw.Tensor:
    """Whether the class of each example is among the `k` that are predicted most."""
    return sw.math.in_top_k(convert_to_tensor(targets), convert_to_tensor(predictions), k)


def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> sw.Tensor:
    """The logarithm of the sum of `exp(x)`."""
    return sw.math.reduce_logsumexp(convert_to_tensor(x), axis=axis, keepdims=keepdims)


def cdist(x: Any, y: Any) -> sw.Tensor:
    """The distances of all pairs of points."""
    x, y = convert_to_tensor(x), convert_to_tensor(y)
    if len(x.shape) < 2 or len(y.shape) < 2:
        raise ValueError("`cdist` inputs must have rank >= 2")
    if x.shape[-1] != y.shape[-1]:
        raise ValueError("Last dimension of inputs to `cdist` must match")
    difference = sw.expand_dims(x, -2) - sw.expand_dims(y, -3)
    return sw.sqrt(sw.reduce_sum(sw.square(difference), axis=-1))


def extract_sequences(x: Any, sequence_length: int, sequence_stride: int) -> sw.Tensor:
    """Windows along the last axis."""
    return sw.signal.frame(convert_to_tensor(x), sequence_length, sequence_stride, pad_end=False)


def _get_complex_tensor_from_tuple(x: Any) -> sw.Tensor:
    """Complex numbers, of two tensors."""
    if not isinstance(x, tuple | list) or len(x) != 2:
        raise ValueError(f"Input `x` should be a tuple of two tensors - real and imaginary. Received: x={x}")
    real, imaginary = (convert_to_tensor(part) for part in x)
    if real.shape != imaginary.shape:
        raise ValueError(
            "Input `x` should be a tuple of two tensors - real and imaginary. Both the real and imaginary parts should "
            f"have the same shape. Received: x[0].shape = {real.shape}, x[1].shape = {imaginary.shape}"
        )
    if not real.dtype.is_floating or not imaginary.dtype.is_floating:
        raise ValueError(f"At least one tensor in input `x` is not of type float. Received: x={x}.")
    return sw.complex(real, imaginary)


def _parts(x: sw.Tensor) -> tuple[sw.Tensor, sw.Tensor]:
    return sw.math.real(x), sw.math.imag(x)


def fft(x: Any) -> tuple[sw.Tensor, sw.Tensor]:
    """The Fourier transform along the last axis."""
    return _parts(sw.signal.fft(_get_complex_tensor_from_tuple(x)))


def fft2(x: Any) -> tuple[sw.Tensor, sw.Tensor]:
    """The Fourier transform along the last two axes."""
    return _parts(sw.signal.fft2d(_get_complex_tensor_from_tuple(x)))


def ifft2(x: Any) -> tuple[sw.Tensor, sw.Tensor]:
    """The inverse of `fft2`."""
    return _parts(sw.signal.ifft2d(_get_complex_tensor_from_tuple(x)))


def rfft(x: Any, fft_length: int | None = None) -> tuple[sw.Tensor, sw.Tensor]:
    """The first half of the Fourier transform of real numbers; the rest mirrors it."""
    return _parts(sw.signal.rfft(convert_to_tensor(x), None if fft_length is None else [fft_length]))


def irfft(x: Any, fft_length: int | None = None) -> sw.Tensor:
    """The inverse of `rfft`."""
    return sw.signal.irfft(_get_complex_tensor_from_tuple(x), None if fft_length is None else [fft_length])


def _window(window: Any, sequence_length: int, fft_length: int, dtype: Any) -> sw.Tensor | None:
    """What windows are multiplied by, in the middle of `fft_length` elements."""
    if window is None:
        return None
    if isinstance(window, str):
        makes = {"hann": sw.signal.hann_window, "hamming": sw.signal.hamming_window}
        if window not in makes:
            raise ValueError(
                f'If a string is passed to `window`, it must be one of `"hann"`, `"hamming"`. Received: window={window}'
            )
        window = makes[window](sequence_length, periodic=True, dtype=dtype)
    window = convert_to_tensor(window, dtype.name)
    if len(window.shape) != 1 or window.shape[0] != sequence_length:
        raise ValueError(
            f"The shape of `window` must be equal to [sequence_length]. Received: window shape={window.shape}"
        )
    before = (fft_length - sequence_length) // 2
    return sw.pad(window, [[before, fft_length - sequence_length - before]])


def stft(
    x: Any, sequence_length: int, sequence_stride: int, fft_length: int, window: Any = "hann", center: bool = True
) -> tuple[sw.Tensor, sw.Tensor]:
    """The Fourier transforms of windows along the last axis."""
    x = convert_to_tensor(x)
    if x.dtype not in (sw.float32, sw.float64):
        raise TypeError(f"Invalid input type. Expected `float32` or `float64`. Received: input type={x.dtype.name}")
    if fft_length < sequence_length:
        raise ValueError(
            "`fft_length` must equal or larger than `sequence_length`. "
            f"Received: sequence_length={sequence_length}, fft_length={fft_length}"
        )
    shape = _window(window, sequence_length, fft_length, x.dtype)
    if center:
        around: Sequence[Sequence[int]] = [[0, 0]] * (len(x.shape) - 1) + [[fft_length // 2] * 2]
        x = sw.pad(x, around, mode="REFLECT")
    window_fn = None if shape is None else (lambda length, dtype: shape)
    return _parts(sw.signal.stft(x, fft_length, sequence_stride, fft_length, window_fn))


def istft(
    x: Any,
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    length: int | None = None,
    window: Any = "hann",
    center: bool = True,
) -> sw.Tensor:
    """The inverse of `stft`."""
    transforms = _get_complex_tensor_from_tuple(x)
    shape = _window(window, sequence_length, fft_length, sw.math.real(transforms).dtype)
    window_fn: Any = None
    if shape is not None:
        window_fn = sw.signal.inverse_stft_window_fn(sequence_stride, lambda length, dtype: shape)
    signal = sw.signal.inverse_stft(transforms, fft_length, sequence_stride, fft_length, window_fn)
    start = fft_length // 2 if center else 0
    if length is not None:
        return signal[..., start : start + length]
    return signal[..., start:-start] if start else signal


def rsqrt(x: Any) -> sw.Tensor:
    """1 divided by the square root."""
    return sw.math.rsqrt(convert_to_tensor(x))


def erf(x: Any) -> sw.Tensor:
    """The error function."""
    return sw.math.erf(convert_to_tensor(x))


def erfc(x: Any) -> sw.Tensor:
    """1 minus the error function."""
    return sw.math.erfc(convert_to_tensor(x))


def erfinv(x: Any) -> sw.Tensor:
    """The inverse of the error function; of 16-bit floats by way of float32."""
    x = convert_to_tensor(x)
    if x.dtype in (sw.float16, sw.bfloat16):
        return sw.cast(sw.math.erfinv(sw.cast(x, sw.float32)), x.dtype)
    return sw.math.erfinv(x)


def logdet(x: Any) -> sw.Tensor:
    """The logarithm of the determinant of positive definite matrices."""
    return sw.linalg.logdet(convert_to_tensor(x))
