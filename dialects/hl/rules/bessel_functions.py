"""Bessel functions on NumPy, in float64: series, recurrences, integrals and asymptotic expansions, of arrays.

Errors are about 1e-14, relative to the result or, near the zeros of functions that oscillate, to their amplitude.
"""

from __future__ import annotations

from collections.abc import Callable
from math import factorial

import numpy as np

_FAR = 30.0
"""Where functions are computed by their asymptotic series, whose least term is about `exp(-2 * x)`."""
_POINTS = 128
"""How many points the integrals of `I` have: the error of the rule is below 1e-16 up to `_FAR`."""
_START = 100
"""The order from which orders are computed downwards: `J` of it is below 1e-30 up to `_FAR`."""


def _asymptotic(order: int, x: np.ndarray) -> list[np.ndarray]:
    """The terms of Hankel's expansions: Abramowitz and Stegun, 9.2 and 9.7."""
    terms = [np.ones_like(x)]
    for k in range(1, 20):
        terms.append(terms[-1] * (4 * order**2 - (2 * k - 1) ** 2) / (8 * k * x))
    return terms


def _added(terms: list[np.ndarray], signs: tuple[int, ...]) -> np.ndarray:
    """The sum of terms with signs, which are repeated."""
    return sum((term * signs[k % len(signs)] for k, term in enumerate(terms)), np.zeros_like(terms[0]))


def _split(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The size of `x` where it is not far, where it is, and which is which."""
    size = np.abs(x)
    far = size > _FAR
    return np.where(far, 0.0, size), np.where(far, size, _FAR), far


def _modified(order: int) -> Callable[[np.ndarray], np.ndarray]:
    """`exp(-abs(x)) * I(x)`, by the integral of `exp(x * (cos(t) - 1)) * cos(order * t)`."""

    def function(x: np.ndarray) -> np.ndarray:
        near, large, far = _split(x)
        total = np.zeros_like(near)
        for t in 2 * np.pi * np.arange(_POINTS) / _POINTS:
            total += np.exp(near * (np.cos(t) - 1)) * np.cos(order * t)
        series = _added(_asymptotic(order, large), (1, -1))
        found = np.where(far, series / np.sqrt(2 * np.pi * large), total / _POINTS)
        found = np.where(np.abs(x) < 1, _power_series(order, near, 1) * np.exp(-near), found)
        return np.where(np.isnan(x), x, found * (np.sign(x) if order else 1.0))

    return function


def _power_series(order: int, x: np.ndarray, sign: int) -> np.ndarray:
    """`I(x)`, or `J(x)` if `sign` is -1, up to 1: Abramowitz and Stegun, 9.1.10 and 9.6.10."""
    terms = (sign**k * (x / 2) ** (2 * k + order) / (factorial(k) * factorial(k + order)) for k in range(12))
    return sum(terms, np.zeros_like(x))


bessel_i0e, bessel_i1e = _modified(0), _modified(1)


def bessel_i0(x: np.ndarray) -> np.ndarray:
    """The modified Bessel function of the first kind, of order 0."""
    return bessel_i0e(x) * np.exp(np.abs(x))


def bessel_i1(x: np.ndarray) -> np.ndarray:
    """The modified Bessel function of the first kind, of order 1."""
    return bessel_i1e(x) * np.exp(np.abs(x))


def _digamma(n: int) -> float:
    return -np.euler_gamma + sum(1 / k for k in range(1, n))


def _logarithmic(order: int, x: np.ndarray, sign: int) -> np.ndarray:
    """What is added to `log(x / 2)` times the function of the first kind, up to 1: the same, 9.1.11 and 9.6.11.

    Without the term `1 / x`, of order 1.
    """
    total = np.zeros_like(x)
    for k in range(12):
        weight = (_digamma(k + 1) + _digamma(k + order + 1)) / 2
        total += weight * sign**k * (x / 2) ** (2 * k + order) / (factorial(k) * factorial(k + order))
    return total


def _orders(x: np.ndarray) -> list[np.ndarray]:
    """`J` of all orders from 0 on, between 1 and `_FAR`: Miller's algorithm, the same, 9.12."""
    found = [np.zeros_like(x), np.full_like(x, 1e-280)]
    for order in range(_START, 0, -1):
        found.append(2 * order / x * found[-1] - found[-2])
    found.reverse()
    total = found[0] + 2 * sum(found[2::2])
    return [value / total for value in found]


def _second_of_orders(order: int, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`J` and `Y` between 1 and `_FAR`, the latter by Neumann's series: NIST handbook, 10.23.17."""
    first = _orders(x)
    log = np.log(x / 2) - _digamma(order + 1)
    terms = ((-1) ** k * (order + 2 * k) / (k * (order + k)) * first[order + 2 * k] for k in range(1, _START // 2 - 1))
    total = 2 / np.pi * (log * first[order] - sum(terms, np.zeros_like(x)))
    return first[order], total - (2 / (np.pi * x) * first[0] if order else 0)


def _waves(order: int, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`J` and `Y` above `_FAR`."""
    terms = _asymptotic(order, x)
    even, odd = _added(terms[::2], (1, -1)), _added(terms[1::2], (1, -1))
    cosine, sine = np.cos(x), np.sin(x)
    if order:
        cosine, sine = sine, -cosine
    ahead, behind = cosine + sine, sine - cosine  # of the angle less pi / 4, times the root of 2
    scale = 1 / np.sqrt(np.pi * x)
    return scale * (even * ahead - odd * behind), scale * (even * behind + odd * ahead)


def _first_kind(order: int) -> Callable[[np.ndarray], np.ndarray]:
    """`J(x)`; NaN for infinities, as in TensorFlow."""

    def function(x: np.ndarray) -> np.ndarray:
        near, large, far = _split(x)
        middle = _orders(np.clip(near, 1.0, _FAR))[order]
        found = np.where(far, _waves(order, large)[0], middle)
        found = np.where(near < 1, np.where(far, found, _power_series(order, np.minimum(near, 1), -1)), found)
        return np.where(np.isfinite(x), np.copysign(1.0, x) * found if order else found, np.nan)

    return function


def _second_kind(order: int) -> Callable[[np.ndarray], np.ndarray]:
    """`Y(x)`; minus infinity for numbers that are not positive, NaN for infinity, as in TensorFlow."""

    def function(x: np.ndarray) -> np.ndarray:
        near, large, far = _split(x)
        low = np.where((near > 0) & (near < 1), near, 1.0)
        small = 2 / np.pi * (np.log(low / 2) * _power_series(order, low, -1) - _logarithmic(order, low, -1))
        small = small - (2 / (np.pi * low) if order else 0)
        found = np.where(far, _waves(order, large)[1], _second_of_orders(order, np.clip(near, 1.0, _FAR))[1])
        found = np.where(~far & (near < 1), small, found)
        return np.where(np.isnan(x) | (x == np.inf), np.nan, np.where(x > 0, found, -np.inf))

    return function


bessel_j0, bessel_j1 = _first_kind(0), _first_kind(1)
bessel_y0, bessel_y1 = _second_kind(0), _second_kind(1)

_STEP, _END = 0.125, 7.5
"""The step and the end of the integrals of `K`: the error is below 1e-16 between 1 and `_FAR`."""


def _modified_second(order: int, scaled: bool) -> Callable[[np.ndarray], np.ndarray]:
    """`K(x)`, times `exp(x)` if `scaled`, by the integral of `exp(-x * cosh(t)) * cosh(order * t)`.

    Infinity for numbers that are not positive, as in TensorFlow.
    """

    def function(x: np.ndarray) -> np.ndarray:
        near, large, far = _split(x)
        middle, total = np.clip(near, 1.0, _FAR), np.zeros_like(near)
        for t in np.arange(0, _END, _STEP):
            total += np.exp(-middle * (np.cosh(t) - 1)) * np.cosh(order * t) * (0.5 if t == 0 else 1.0)
        series = _added(_asymptotic(order, large), (1,)) * np.sqrt(np.pi / (2 * large))
        found = np.where(far, series, total * _STEP)
        low = np.where((near > 0) & (near < 1), near, 1.0)
        sign = -1 if order == 0 else 1
        small = sign * (np.log(low / 2) * _power_series(order, low, 1) - _logarithmic(order, low, 1))
        small = (small + (1 / low if order else 0)) * np.exp(low)
        found = np.where(~far & (near < 1), small, found)
        if not scaled:
            found = found * np.exp(-np.abs(x))
        return np.where(np.isnan(x), np.nan, np.where(x > 0, found, np.inf))

    return function


bessel_k0, bessel_k0e = _modified_second(0, False), _modified_second(0, True)
bessel_k1, bessel_k1e = _modified_second(1, False), _modified_second(1, True)
