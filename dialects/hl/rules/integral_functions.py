"""Functions that are integrals, on NumPy, in float64: Dawson's, Fresnel's, the exponential one, the dilogarithm.

Errors are about 1e-14, relative to the result, but near the zero of the exponential integral, where they are absolute.
"""

from __future__ import annotations

from math import factorial

import numpy as np

_TINY = 1e-300


def dawsn(x: np.ndarray) -> np.ndarray:
    """Dawson's integral: Press et al., "Numerical Recipes", 6.10, after Rybicki; a series for small numbers."""
    size, step = np.minimum(np.abs(x), 1e8), 0.25
    middle = 2 * np.round(size / (2 * step))
    rest, total = size - middle * step, np.zeros_like(size)
    for n in range(-51, 52, 2):
        total += np.exp(-((rest - n * step) ** 2)) / (middle + n)
    found = total / np.sqrt(np.pi)
    low = np.minimum(size, 0.5)
    term = series = low
    for k in range(1, 14):
        term = term * -2 * low**2 / (2 * k + 1)
        series = series + term
    found = np.where(size < 0.5, series, found)
    large = np.maximum(np.abs(x), 1e7)
    return np.copysign(np.where(np.abs(x) > 1e7, 0.5 / large, found), x) + 0 * np.where(np.isnan(x), x, 0)


def expint(x: np.ndarray) -> np.ndarray:
    """The exponential integral, of positive numbers; NaN for infinity, as in TensorFlow, and for negative ones.

    Abramowitz and Stegun, 5.1.10 and, for large numbers, 5.1.51.
    """
    valid = (x > 0) & np.isfinite(x)
    low, large = np.where(valid & (x < 40), x, 1.0), np.where(valid & (x >= 40), x, 40.0)
    term = series = low
    for k in range(2, 180):
        term = term * low / k
        series = series + term / k
    near = np.euler_gamma + np.log(low) + series
    part = np.ones_like(large)
    far = part
    for k in range(1, 40):
        part = part * k / large
        far = far + part
    with np.errstate(all="ignore"):
        found = np.where(x < 40, near, np.exp(large) / large * far)
    return np.where(x == 0, -np.inf, np.where(valid, found, np.nan))


_FRESNEL_SERIES = 1.5


def _fresnel(x: np.ndarray) -> np.ndarray:
    """`C(x) + 1j * S(x)`: Press et al., "Numerical Recipes", 6.8: series, and a continued fraction."""
    size = np.abs(x)
    low = np.minimum(size, _FRESNEL_SERIES)
    term, series = low.astype(complex), low.astype(complex)
    for k in range(1, 40):
        term = term * (0.5j * np.pi * low**2) / k
        series = series + term / (2 * k + 1)
    high = np.clip(size, _FRESNEL_SERIES, 36974.0)
    square = np.pi * high**2
    b, c = 1 - 1j * square, np.full_like(high, 1 / _TINY, complex)
    d = fraction = 1 / b
    for n in range(1, 400, 2):
        factor = -n * (n + 1)
        b = b + 4
        d = 1 / (factor * d + b)
        c = b + factor / c
        fraction = fraction * c * d
        if np.all(np.abs(c * d - 1) < 1e-16 * 4):
            break
    wave = np.exp(0.5j * np.pi * np.fmod(high**2, 4))
    far = (0.5 + 0.5j) * (1 - wave * high * (1 - 1j) * fraction)
    far = np.where(size > 36974, 0.5 + 0.5j, far)  # the rest is below 1e-5, and its angle is not exact
    return np.where(size < _FRESNEL_SERIES, series, far)


def fresnel_cos(x: np.ndarray) -> np.ndarray:
    """Fresnel's integral of `cos(pi * t * t / 2)`."""
    return np.where(np.isnan(x), x, np.copysign(np.real(_fresnel(np.where(np.isnan(x), 0.0, x))), x))


def fresnel_sin(x: np.ndarray) -> np.ndarray:
    """Fresnel's integral of `sin(pi * t * t / 2)`."""
    low = np.minimum(np.abs(x), 0.5)
    half = (np.pi / 2 * low**2) ** 2
    terms = ((-half) ** k / (factorial(2 * k + 1) * (4 * k + 3)) for k in range(8))
    series = np.pi / 2 * low**3 * sum(terms, np.zeros_like(low))
    found = np.where(np.abs(x) < 0.5, series, np.imag(_fresnel(np.where(np.isnan(x), 0.0, x))))
    return np.where(np.isnan(x), x, np.copysign(found, x))


def spence(x: np.ndarray) -> np.ndarray:
    """The integral of `-log(t) / (t - 1)` from 1; NaN for negative numbers and infinity, as in TensorFlow.

    Lewin, "Polylogarithms and Associated Functions", 1.
    """
    valid = (x >= 0) & np.isfinite(x)
    y = np.where(valid, x, 1.0)
    inverted = np.where(y > 1.5, 1 / np.maximum(y, 1.0), y)
    turned = inverted < 0.5
    z = np.where(turned, inverted, 1 - inverted)
    series, power = np.zeros_like(z), np.ones_like(z)
    for k in range(1, 60):
        power = power * z
        series = series + power / k**2
    safe = np.where(inverted > 0, inverted, 1.0)
    log = np.where(inverted > 0, np.log(safe) * np.log1p(-np.where(turned, inverted, 0.0)), 0.0)
    found = np.where(turned, np.pi**2 / 6 - log - series, series)
    found = np.where(y > 1.5, -0.5 * np.log(np.maximum(y, 1.0)) ** 2 - found, found)
    return np.where(valid, found, np.nan)
