"""Public functions of spectra: cosine transforms, and the mel scale."""

from __future__ import annotations

from typing import Any

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError
from .....dialects.dtypes import FLOAT32, DTypeLike, dtype_named
from .....dialects.errors import UnimplementedError
from .....dialects.public import public
from ...values.dispatch import as_tensor
from ...values.tensor import Tensor, TensorLike
from ..arguments import size_of
from ..complex import complex, real
from ..math import multiply
from ..movement import concat
from .fourier import _fitted, irfft, rfft


def _cosine_input(function: str, input: TensorLike, type: int, n: object, axis: int, norm: str | None) -> Tensor:
    x = as_tensor(input, name=f"{function}: input")
    if axis != -1:
        raise UnimplementedError(f"{function}: axis: expected -1, got {axis}")
    if type not in (1, 2, 3, 4):
        raise InvalidArgumentError(f"{function}: type: expected 1, 2, 3 or 4, got {type!r}")
    if norm not in (None, "ortho"):
        raise InvalidArgumentError(f"{function}: norm: expected None or 'ortho', got {norm!r}")
    if type == 1 and norm == "ortho":
        raise InvalidArgumentError(f"{function}: norm: expected None for type 1, got 'ortho'")
    if n is not None:
        size = size_of(function, n, "n")
        if not isinstance(size, int) or size < 1:
            raise InvalidArgumentError(f"{function}: n: expected a number of 1 or more that is known, got {n!r}")
        x = _fitted(x, [size])
    if not x.ndim or x.shape[-1] is None:
        raise InvalidArgumentError(f"{function}: input: expected a last axis of known size, got shape {x.shape}")
    if type == 1 and (x.shape[-1] or 0) < 2:
        raise InvalidArgumentError(f"{function}: input: expected 2 elements or more for type 1, got shape {x.shape}")
    return x


@public("signal")
def dct(
    input: TensorLike,
    type: int = 2,
    n: TensorLike | None = None,
    axis: int = -1,
    norm: str | None = None,
    name: str | None = None,
) -> Tensor:
    """The discrete cosine transform along the last axis, whose size is known.

    Args:
        input: floats.
        type: 1, 2, 3 or 4.
        n: the size to which the axis is cut, or padded with zeros, first.
        axis: -1.
        norm: `"ortho"` for transforms that keep lengths, or None.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.signal.dct([1.0, 2.0, 3.0]).numpy().round(3).tolist()
        [12.0, -3.4639999866485596, 0.0]
    """
    return _cosine(_cosine_input("dct", input, type, n, axis, norm), type, norm)


@public("signal")
def idct(
    input: TensorLike,
    type: int = 2,
    n: TensorLike | None = None,
    axis: int = -1,
    norm: str | None = None,
    name: str | None = None,
) -> Tensor:
    """What `dct` transforms into `input`, but for a factor unless `norm` is `"ortho"`; it has the arguments of `dct`.

    Example:
        >>> import stepwell as sw
        >>> sw.signal.idct(sw.signal.dct([1.0, 2.0], norm="ortho"), norm="ortho").numpy().round(3).tolist()
        [1.0, 2.0]
    """
    inverse = {1: 1, 2: 3, 3: 2, 4: 4}
    return _cosine(_cosine_input("idct", input, type, n, axis, norm), inverse[type], norm)


def _cosine(x: Tensor, type: int, norm: str | None) -> Tensor:
    """Makhoul, "A fast cosine transform in one and two dimensions" (1980), without its folding."""
    size, dtype = x.shape[-1] or 0, x.dtype
    if type == 1:
        return real(rfft(concat([x, x[..., -2:0:-1]], -1)))
    if type == 4:
        whole = _cosine(_fitted(x, [2 * size]), 2, None)[..., 1::2]
        return whole if norm is None else multiply(whole, np.array(np.sqrt(0.5 / size), dtype))
    turns = np.exp(-0.5j * np.pi * np.arange(size) / size)
    if type == 2:
        scale = 2 * turns
        if norm is not None:
            scale = scale * np.where(np.arange(size) == 0, 0.5, np.sqrt(0.5)) / np.sqrt(size)
        return real(multiply(rfft(x, [2 * size])[..., :size], scale.astype(dtype.complex_dtype)))
    weights = np.full(size, float(size))
    if norm is not None:
        weights = np.where(np.arange(size) == 0, 1, np.sqrt(0.5)) * np.sqrt(size)
    scale = 2 * weights * turns.conj()
    whole = multiply(complex(x, multiply(x, np.array(0, dtype))), scale.astype(dtype.complex_dtype))
    return irfft(whole, [2 * size])[..., :size]


def _mel(hertz: object) -> Any:
    return 1127.0 * np.log1p(np.asarray(hertz) / 700.0)


@public("signal")
def linear_to_mel_weight_matrix(
    num_mel_bins: int = 20,
    num_spectrogram_bins: TensorLike = 129,
    sample_rate: TensorLike = 8000,
    lower_edge_hertz: TensorLike = 125.0,
    upper_edge_hertz: TensorLike = 3800.0,
    dtype: DTypeLike = FLOAT32,
    name: str | None = None,
) -> Tensor:
    """A matrix whose products with spectra have bands that are equally wide on the mel scale.

    Args:
        num_mel_bins: the number of bands.
        num_spectrogram_bins: the number of frequencies of a spectrum, from 0 to half of `sample_rate`.
        sample_rate: the number of samples in a second.
        lower_edge_hertz: the frequency at which the bands begin.
        upper_edge_hertz: the one at which they end.
        dtype: a floating-point dtype.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.signal.linear_to_mel_weight_matrix(4, 9).shape
        TensorShape([9, 4])
    """
    function, target = "linear_to_mel_weight_matrix", dtype_named(dtype, "linear_to_mel_weight_matrix: dtype")
    bins, rate = int(np.asarray(num_spectrogram_bins)), float(np.asarray(sample_rate))
    low, high = float(np.asarray(lower_edge_hertz)), float(np.asarray(upper_edge_hertz))
    wrong = {
        "num_mel_bins: expected 1 or more": num_mel_bins < 1,
        "lower_edge_hertz: expected 0 or more": low < 0,
        "upper_edge_hertz: expected more than lower_edge_hertz": low >= high,
        "sample_rate: expected more than 0": rate <= 0,
        "upper_edge_hertz: expected half of sample_rate at most": high > rate / 2,
        "dtype: expected a floating-point dtype": not target.is_floating,
    }
    for message, applies in wrong.items():
        if applies:
            raise InvalidArgumentError(f"{function}: {message}")
    place = _mel(np.linspace(0, rate / 2, bins)[1:])[:, None]
    edges = np.linspace(_mel(low), _mel(high), num_mel_bins + 2)
    rising = (place - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - place) / (edges[2:] - edges[1:-1])
    weights = np.maximum(0, np.minimum(rising, falling))
    return as_tensor(np.pad(weights, [[1, 0], [0, 0]]).astype(target.dtype))


@public("signal")
def mfccs_from_log_mel_spectrograms(log_mel_spectrograms: TensorLike, name: str | None = None) -> Tensor:
    """The mel-frequency cepstral coefficients: cosine transforms of logarithms of spectra on the mel scale.

    Example:
        >>> import stepwell as sw
        >>> sw.signal.mfccs_from_log_mel_spectrograms([1.0, 1.0]).numpy().round(3).tolist()
        [2.0, 0.0]
    """
    x = as_tensor(log_mel_spectrograms, name="mfccs_from_log_mel_spectrograms: log_mel_spectrograms")
    count = x.shape[-1] if x.ndim else None
    if not count:
        raise InvalidArgumentError(
            f"mfccs_from_log_mel_spectrograms: expected a last axis of known size, 1 or more, got shape {x.shape}"
        )
    return multiply(dct(x), np.array(1 / np.sqrt(2 * count), x.dtype))
