"""Public functions that return windows: weights of the elements of a frame."""

from __future__ import annotations

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from .....dialects.dtypes import FLOAT32, DType, DTypeLike, dtype_named
from .....dialects.public import public
from ...values.dispatch import as_tensor
from ...values.tensor import Tensor, TensorLike


def _known_length(function: str, window_length: object, dtype: DTypeLike) -> tuple[int, DType]:
    """The number of weights, which has to be known when a function is traced, and their dtype."""
    target = dtype_named(dtype, f"{function}: dtype")
    if not target.is_floating:
        raise InvalidArgumentError(f"{function}: dtype: expected a floating-point dtype, got {target.name}")
    length = as_tensor(window_length, name=f"{function}: window_length")
    if length.is_symbolic:
        raise InvalidArgumentError(f"{function}: window_length: expected a number that is known, got {length!r}")
    if length.ndim or not length.dtype.is_integer:
        raise InvalidTypeError(f"{function}: window_length: expected an integer scalar, got {window_length!r}")
    if int(length) < 0:
        raise InvalidArgumentError(f"{function}: window_length: expected 0 or more, got {int(length)}")
    return int(length), target


def _made(weights: np.ndarray, dtype: DType) -> Tensor:
    return as_tensor(np.asarray(weights).astype(dtype.dtype))


def _raised_cosine(length: int, periodic: object, dtype: DType, low: float, high: float) -> Tensor:
    if length == 1:
        return _made(np.ones(1), dtype)
    span = length - 1 + (1 - length % 2) * bool(periodic)
    return _made(low - high * np.cos(2 * np.pi * np.arange(length) / max(span, 1)), dtype)


@public("signal")
def hann_window(
    window_length: TensorLike, periodic: object = True, dtype: DTypeLike = FLOAT32, name: str | None = None
) -> Tensor:
    """The Hann window: `0.5 - 0.5 * cos(2 * pi * n / N)`.

    Args:
        window_length: the number of weights.
        periodic: whether `N` is the length, if that is even; otherwise it is one less, and the window is symmetric.
        dtype: a floating-point dtype.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.signal.hann_window(4).numpy().tolist()
        [0.0, 0.5, 1.0, 0.5]
    """
    return _raised_cosine(*_spread("hann_window", window_length, periodic, dtype), 0.5, 0.5)


@public("signal")
def hamming_window(
    window_length: TensorLike, periodic: object = True, dtype: DTypeLike = FLOAT32, name: str | None = None
) -> Tensor:
    """The Hamming window: `0.54 - 0.46 * cos(2 * pi * n / N)`; the arguments are those of `hann_window`.

    Example:
        >>> import stepwell as sw
        >>> sw.signal.hamming_window(4).numpy().round(2).tolist()
        [0.07999999821186066, 0.5400000214576721, 1.0, 0.5400000214576721]
    """
    return _raised_cosine(*_spread("hamming_window", window_length, periodic, dtype), 0.54, 0.46)


def _spread(function: str, window_length: object, periodic: object, dtype: DTypeLike) -> tuple[int, object, DType]:
    length, target = _known_length(function, window_length, dtype)
    return length, periodic, target


@public("signal")
def kaiser_window(
    window_length: TensorLike, beta: TensorLike = 12.0, dtype: DTypeLike = FLOAT32, name: str | None = None
) -> Tensor:
    """The Kaiser window, which is narrower for a larger `beta`.

    Example:
        >>> import stepwell as sw
        >>> sw.signal.kaiser_window(3, beta=0.0).numpy().tolist()
        [1.0, 1.0, 1.0]
    """
    length, target = _known_length("kaiser_window", window_length, dtype)
    return _made(np.kaiser(length, float(np.asarray(beta))), target)


@public("signal")
def kaiser_bessel_derived_window(
    window_length: TensorLike, beta: TensorLike = 12.0, dtype: DTypeLike = FLOAT32, name: str | None = None
) -> Tensor:
    """The window whose squares are running sums of a Kaiser window; `window_length` is even.

    Example:
        >>> import stepwell as sw
        >>> sw.signal.kaiser_bessel_derived_window(2).numpy().round(3).tolist()
        [0.7070000171661377, 0.7070000171661377]
    """
    length, target = _known_length("kaiser_bessel_derived_window", window_length, dtype)
    sums = np.cumsum(np.kaiser(length // 2 + 1, float(np.asarray(beta))))
    half = np.sqrt(sums[:-1] / sums[-1])
    return _made(np.concatenate([half, half[::-1]]), target)


@public("signal")
def vorbis_window(window_length: TensorLike, dtype: DTypeLike = FLOAT32, name: str | None = None) -> Tensor:
    """The window of the Vorbis format: `sin(pi / 2 * sin(pi * (n + 0.5) / N) ** 2)`.

    Example:
        >>> import stepwell as sw
        >>> sw.signal.vorbis_window(2).numpy().round(3).tolist()
        [0.7070000171661377, 0.7070000171661377]
    """
    length, target = _known_length("vorbis_window", window_length, dtype)
    angles = np.pi * (np.arange(length) + 0.5) / max(length, 1)
    return _made(np.sin(np.pi / 2 * np.sin(angles) ** 2), target)
