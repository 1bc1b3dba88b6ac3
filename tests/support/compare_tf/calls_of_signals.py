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


RECIPES: dict[Recipe, str] = {
    _complex: "math.real math.imag math.conj math.angle abs exp sin cos sqrt square negative math.sign reduce_sum "
    "asin acos atan asinh acosh atanh math.reduce_std math.reduce_variance",
    _complex_ends: "linspace",
    _two_complex: "add subtract multiply math.divide_no_nan equal not_equal",
    _parts: "complex",
    _transform: "signal.fft signal.ifft signal.fft2d signal.ifft2d",
    _real_transform: "signal.rfft",
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
