"""Generated calls of functions of complex numbers, of signals, and of special functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .recipes import Draw, array, choice, flag, shape, whole

Recipe = Callable[[Draw], tuple[list[Any], dict[str, Any]]]


def _numbers(draw: Draw, sizes: tuple[int, ...]) -> np.ndarray:
    kind = choice(draw, "float32", "float64")
    parts = [array(draw, kind, sizes, special=False) for _ in range(2)]
    return (parts[0] + 1j * parts[1]).astype("complex64" if kind == "float32" else "complex128")


def _complex(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [_numbers(draw, shape(draw))], {}


def _two_complex(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = _numbers(draw, shape(draw))
    return [x, x[..., ::-1] if x.ndim else x + x.dtype.type(1j)], {}


def _complex_ends(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    first = _numbers(draw, shape(draw))
    return [first, first * 2, whole(draw, 1, 5)], {}


def _parts(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    kind, sizes = choice(draw, "float32", "float64"), shape(draw)
    return [array(draw, kind, sizes, special=False) for _ in range(2)], {}


def _transform(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [_numbers(draw, tuple(whole(draw, 1, 5) for _ in range(whole(draw, 1, 3))))], {}


def _real_transform(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    sizes = tuple(whole(draw, 1, 6) for _ in range(whole(draw, 1, 3)))
    x = array(draw, choice(draw, "float32", "float64"), sizes, special=False)
    return [x], {"fft_length": [whole(draw, 1, 7)]} if flag(draw, 2) else {}


def _frames(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, choice(draw, "float32", "int32"), (whole(draw, 1, 3), whole(draw, 0, 9)), special=False)
    return [x, whole(draw, 1, 4), whole(draw, 1, 4)], {"pad_end": flag(draw, 2)}


def _window(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [whole(draw, 1, 9)], {"periodic": flag(draw, 2)}


def _positive(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    kind, sizes = choice(draw, "float32", "float64"), shape(draw)
    first, second = (np.abs(array(draw, kind, sizes, special=False)) + 1.25 for _ in range(2))
    return [first.astype(kind), second.astype(kind)], {}


def _bessel(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [array(draw, choice(draw, "float32", "float64"), shape(draw), special=False)], {}


def _signed(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, choice(draw, "float32", "float64"), shape(draw))
    return [np.asarray(x * x.dtype.type(choice(draw, 1, 1, 20)))], {}


def _from_0(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, choice(draw, "float32", "float64"), shape(draw), special=False)
    return [np.asarray(np.abs(x) * x.dtype.type(choice(draw, 1, 1, 20)))], {}


def _cube(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [_numbers(draw, tuple(whole(draw, 1, 4) for _ in range(whole(draw, 3, 4))))], {}


def _real_of_rank(rank: int) -> Recipe:
    def recipe(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
        sizes = tuple(whole(draw, 1, 5) for _ in range(whole(draw, rank, rank + 1)))
        x = array(draw, choice(draw, "float32", "float64"), sizes, special=False)
        return [x], {"fft_length": [whole(draw, 1, 6) for _ in range(rank)]} if flag(draw, 2) else {}

    return recipe


def _half_of_rank(rank: int) -> Recipe:
    """Transforms whose last size is at least what is read: TensorFlow's kernels differ in how they fill up others."""

    def recipe(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
        x = _numbers(draw, tuple(whole(draw, 2, 5) for _ in range(whole(draw, rank, rank + 1))))
        return [x], {"fft_length": [whole(draw, 1, 6) for _ in range(rank)]} if flag(draw, 2) else {}

    return recipe


_RANK_1, _RANK_2, _RANK_3 = (_real_of_rank(rank) for rank in (1, 2, 3))
_HALF_1, _HALF_2, _HALF_3 = (_half_of_rank(rank) for rank in (1, 2, 3))


def _added(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    sizes = (*shape(draw)[:1], whole(draw, 1, 4), whole(draw, 1, 5))
    return [array(draw, choice(draw, "float32", "float64", "int32"), sizes, special=False), whole(draw, 1, 6)], {}


def _short_time(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, choice(draw, "float32", "float64"), (*shape(draw)[:1], whole(draw, 4, 20)), special=False)
    length = whole(draw, 1, 6)
    options = {"fft_length": whole(draw, length, 8)} if flag(draw, 2) else {}
    return [x, length, whole(draw, 1, 6)], {**options, "pad_end": flag(draw, 2)}


def _short_time_back(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [_numbers(draw, (*shape(draw)[:1], whole(draw, 1, 4), 5)), whole(draw, 1, 8), whole(draw, 1, 6)], {
        "fft_length": 8
    }


def _shifted(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, choice(draw, "float32", "int32"), shape(draw, least=1))
    return [x], {"axes": choice(draw, None, 0, [-1])}


def _cosines(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, choice(draw, "float32", "float64"), (*shape(draw)[:1], whole(draw, 2, 6)), special=False)
    kind = whole(draw, 1, 4)
    return [x], {"type": kind, "norm": choice(draw, None, "ortho") if kind > 1 else None}


def _cosines_of_length(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    args, options = _cosines(draw)
    return args, {**options, "n": whole(draw, 2, 8)}


def _mel_weights(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [whole(draw, 1, 6), whole(draw, 2, 9), choice(draw, 8000, 16000.0), 125.0 * whole(draw, 0, 2)], {
        "upper_edge_hertz": choice(draw, 3800.0, 2000.0, 9000.0)
    }


def _mel_spectra(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [array(draw, choice(draw, "float32", "float64"), (*shape(draw)[:2], whole(draw, 1, 6)), special=False)], {}


def _kaiser(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [whole(draw, 1, 9)], {"beta": float(whole(draw, 0, 12))}


def _even_window(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [2 * whole(draw, 1, 5)], {}


RECIPES: dict[Recipe, str] = {
    _complex: "math.real math.imag math.conj math.angle abs exp sin cos sqrt square negative math.sign reduce_sum "
    "asin acos atan asinh acosh atanh math.reduce_std math.reduce_variance",
    _complex_ends: "linspace",
    _two_complex: "add subtract multiply math.divide_no_nan equal not_equal",
    _parts: "complex",
    _transform: "signal.fft signal.ifft signal.fft2d signal.ifft2d",
    _real_transform: "signal.rfft",
    _cube: "signal.fft3d signal.ifft3d",
    _RANK_1: "signal.rfft",
    _RANK_2: "signal.rfft2d",
    _RANK_3: "signal.rfft3d",
    _HALF_1: "signal.irfft",
    _HALF_2: "signal.irfft2d",
    _HALF_3: "signal.irfft3d",
    _added: "signal.overlap_and_add",
    _short_time: "signal.stft",
    _short_time_back: "signal.inverse_stft",
    _shifted: "signal.fftshift signal.ifftshift",
    _cosines: "signal.idct",
    _cosines_of_length: "signal.dct",
    _mel_weights: "signal.linear_to_mel_weight_matrix",
    _mel_spectra: "signal.mfccs_from_log_mel_spectrograms",
    _kaiser: "signal.kaiser_window",
    _even_window: "signal.vorbis_window signal.kaiser_bessel_derived_window",
    _frames: "signal.frame",
    _window: "signal.hann_window signal.hamming_window",
    _positive: "math.igamma math.igammac math.zeta",
    _bessel: "math.bessel_i0e math.bessel_i1e",
    _signed: "math.special.dawsn math.special.fresnel_cos math.special.fresnel_sin math.special.bessel_j0 "
    "math.special.bessel_j1 math.special.bessel_y0 math.special.bessel_y1 math.special.bessel_k0 "
    "math.special.bessel_k0e math.special.bessel_k1 math.special.bessel_k1e math.special.expint math.special.spence",
    _from_0: "math.special.expint math.special.spence math.special.bessel_y0 math.special.bessel_y1 "
    "math.special.bessel_k0 math.special.bessel_k0e math.special.bessel_k1 math.special.bessel_k1e",
}
"""The functions of each recipe."""
