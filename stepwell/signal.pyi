# Written by `python -m stepwell.tools.public_api --write`.

from collections.abc import Callable
from typing import Any
from stepwell import Tensor
from stepwell.types import DTypeLike, ShapeLike, TensorLike

def dct(
    input: TensorLike,
    type: int = 2,
    n: TensorLike | None = None,
    axis: int = -1,
    norm: str | None = None,
    name: str | None = None,
) -> Tensor:
    """The discrete cosine transform along the last axis, whose size is known."""

def fft(input: TensorLike, name: str | None = None) -> Tensor:
    """The discrete Fourier transform of complex numbers along the last axis."""

def fft2d(input: TensorLike, name: str | None = None) -> Tensor:
    """The discrete Fourier transform of complex numbers along the last two axes."""

def fft3d(input: TensorLike, name: str | None = None) -> Tensor:
    """The discrete Fourier transform of complex numbers along the last three axes."""

def fftshift(
    x: TensorLike,
    axes: int | list[int] | tuple[int, ...] | None = None,
    name: str | None = None,
) -> Tensor:
    """`x` with its first element moved to the middle of each axis, or of `axes`."""

def frame(
    signal: TensorLike,
    frame_length: TensorLike,
    frame_step: TensorLike,
    pad_end: bool = False,
    pad_value: TensorLike = 0,
    axis: int = -1,
    name: str | None = None,
) -> Tensor:
    """Frames of `frame_length` elements along `axis`, each `frame_step` elements after the one before."""

def hamming_window(
    window_length: TensorLike,
    periodic: object = True,
    dtype: DTypeLike = ...,
    name: str | None = None,
) -> Tensor:
    """The Hamming window: `0.54 - 0.46 * cos(2 * pi * n / N)`; the arguments are those of `hann_window`."""

def hann_window(
    window_length: TensorLike,
    periodic: object = True,
    dtype: DTypeLike = ...,
    name: str | None = None,
) -> Tensor:
    """The Hann window: `0.5 - 0.5 * cos(2 * pi * n / N)`."""

def idct(
    input: TensorLike,
    type: int = 2,
    n: TensorLike | None = None,
    axis: int = -1,
    norm: str | None = None,
    name: str | None = None,
) -> Tensor:
    """What `dct` transforms into `input`, but for a factor unless `norm` is `"ortho"`; it has the arguments of `dct`."""

def ifft(input: TensorLike, name: str | None = None) -> Tensor:
    """What `fft` transforms into `input`, along the last axis."""

def ifft2d(input: TensorLike, name: str | None = None) -> Tensor:
    """What `fft2d` transforms into `input`."""

def ifft3d(input: TensorLike, name: str | None = None) -> Tensor:
    """What `fft3d` transforms into `input`."""

def ifftshift(
    x: TensorLike,
    axes: int | list[int] | tuple[int, ...] | None = None,
    name: str | None = None,
) -> Tensor:
    """What `fftshift` makes `x` of."""

def inverse_stft(
    stfts: TensorLike,
    frame_length: TensorLike,
    frame_step: TensorLike,
    fft_length: TensorLike | None = None,
    window_fn: Callable[..., Any] | None = ...,
    name: str | None = None,
) -> Tensor:
    """The sum of the frames that `irfft` makes of `stfts`, each element with a weight."""

def inverse_stft_window_fn(
    frame_step: TensorLike,
    forward_window_fn: Callable[..., Any] = ...,
    name: str | None = None,
) -> Callable[..., Any]:
    """The function that returns weights for `inverse_stft`, so that it undoes `stft` with `forward_window_fn`."""

def irfft(input_tensor: TensorLike, fft_length: ShapeLike | None = None, name: str | None = None) -> Tensor:
    """The real numbers that `rfft` transforms into `input_tensor`."""

def irfft2d(input_tensor: TensorLike, fft_length: ShapeLike | None = None, name: str | None = None) -> Tensor:
    """The real numbers that `rfft2d` transforms into `input_tensor`; `fft_length` has both sizes."""

def irfft3d(input_tensor: TensorLike, fft_length: ShapeLike | None = None, name: str | None = None) -> Tensor:
    """The real numbers that `rfft3d` transforms into `input_tensor`; `fft_length` has all three sizes."""

def kaiser_bessel_derived_window(
    window_length: TensorLike,
    beta: TensorLike = 12.0,
    dtype: DTypeLike = ...,
    name: str | None = None,
) -> Tensor:
    """The window whose squares are running sums of a Kaiser window; `window_length` is even."""

def kaiser_window(
    window_length: TensorLike,
    beta: TensorLike = 12.0,
    dtype: DTypeLike = ...,
    name: str | None = None,
) -> Tensor:
    """The Kaiser window, which is narrower for a larger `beta`."""

def linear_to_mel_weight_matrix(
    num_mel_bins: int = 20,
    num_spectrogram_bins: TensorLike = 129,
    sample_rate: TensorLike = 8000,
    lower_edge_hertz: TensorLike = 125.0,
    upper_edge_hertz: TensorLike = 3800.0,
    dtype: DTypeLike = ...,
    name: str | None = None,
) -> Tensor:
    """A matrix whose products with spectra have bands that are equally wide on the mel scale."""

def mfccs_from_log_mel_spectrograms(log_mel_spectrograms: TensorLike, name: str | None = None) -> Tensor:
    """The mel-frequency cepstral coefficients: cosine transforms of logarithms of spectra on the mel scale."""

def overlap_and_add(signal: TensorLike, frame_step: TensorLike, name: str | None = None) -> Tensor:
    """The sum of frames, each of which begins `frame_step` elements after the one before."""

def rfft(input_tensor: TensorLike, fft_length: ShapeLike | None = None, name: str | None = None) -> Tensor:
    """The discrete Fourier transform of real numbers along the last axis, of which the first half is returned."""

def rfft2d(input_tensor: TensorLike, fft_length: ShapeLike | None = None, name: str | None = None) -> Tensor:
    """`rfft` along the last axis, and `fft` along the one before it; `fft_length` has both sizes."""

def rfft3d(input_tensor: TensorLike, fft_length: ShapeLike | None = None, name: str | None = None) -> Tensor:
    """`rfft` along the last axis, and `fft` along the two before it; `fft_length` has all three sizes."""

def stft(
    signals: TensorLike,
    frame_length: TensorLike,
    frame_step: TensorLike,
    fft_length: TensorLike | None = None,
    window_fn: Callable[..., Any] | None = ...,
    pad_end: bool = False,
    name: str | None = None,
) -> Tensor:
    """The short-time Fourier transform: `rfft` of frames, of whose elements each has a weight."""

def vorbis_window(window_length: TensorLike, dtype: DTypeLike = ..., name: str | None = None) -> Tensor:
    """The window of the Vorbis format: `sin(pi / 2 * sin(pi * (n + 0.5) / N) ** 2)`."""
