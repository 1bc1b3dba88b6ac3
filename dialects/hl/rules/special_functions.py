"""Special functions on NumPy, in float64: series, continued fractions and integrals, each of arrays of one shape.

Errors are about 1e-13, relative to the result, where nothing else is said.
"""

from __future__ import annotations

from collections.abc import Callable
from math import factorial

import numpy as np

from . import bessel_functions, float_formulas, integral_functions
from .formula import on_arrays

_TINY = 1e-300
_EXACT = 1e-16
_STEPS = 20_000
"""After as many terms a series is taken as it is: for arguments of 1e7 some 10,000 are added."""

_lgamma = on_arrays(float_formulas.lgamma).__func__


def _log_scale(a: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The logarithm of `x ** a * exp(-x) / gamma(a)`."""
    return a * np.log(x) - x - _lgamma(a)


def igamma(a: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The lower incomplete gamma function, divided by the gamma function of `a`."""
    return _incomplete_gamma(a, x)[0]


def igammac(a: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The upper incomplete gamma function, divided by the gamma function of `a`."""
    return _incomplete_gamma(a, x)[1]


def _incomplete_gamma(a: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Press et al., "Numerical Recipes", 6.2: a series below `a + 1`, a continued fraction above."""
    valid = (a > 0) & (x >= 0) & np.isfinite(a)
    at, ax = np.where(valid, a, 1.0), np.where(valid & (x > 0) & np.isfinite(x), x, 1.0)
    scale, is_low = np.exp(_log_scale(at, ax)), ax < at + 1
    low = scale * _gamma_series(at, np.where(is_low, ax, 0.5))
    high = scale * _gamma_fraction(at, np.where(is_low, at + 2, ax))
    lower, upper = np.where(is_low, low, 1 - high), np.where(is_low, 1 - low, high)
    lower, upper = np.where(x == 0, 0.0, lower), np.where(x == 0, 1.0, upper)
    lower, upper = np.where(x == np.inf, 1.0, lower), np.where(x == np.inf, 0.0, upper)
    return np.where(valid, lower, np.nan), np.where(valid, upper, np.nan)


def _gamma_series(a: np.ndarray, x: np.ndarray) -> np.ndarray:
    term = 1 / a
    total = term
    for step in range(1, _STEPS):
        term = term * x / (a + step)
        total = total + term
        if np.all(np.abs(term) <= _EXACT * np.abs(total)):
            break
    return total


def _gamma_fraction(a: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Lentz's method."""
    b = x + 1 - a
    c, d = np.full_like(x, 1 / _TINY), 1 / b
    found = d
    for step in range(1, _STEPS):
        factor = -step * (step - a)
        b = b + 2
        d = 1 / _not_0(factor * d + b)
        c = _not_0(b + factor / c)
        found = found * d * c
        if np.all(np.abs(d * c - 1) <= _EXACT * 4):
            break
    return found


def _not_0(x: np.ndarray) -> np.ndarray:
    return np.where(np.abs(x) < _TINY, _TINY, x)


def igamma_slope(a: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The derivative of `igamma` with respect to `a`, from differences: to about 1e-9."""
    step = 1e-3 * np.minimum(a, 1.0) + 1e-4 * np.sqrt(np.maximum(a, 1.0))
    near = igamma(a + step, x) - igamma(a - step, x)
    far = igamma(a + 2 * step, x) - igamma(a - 2 * step, x)
    farther = igamma(a + 3 * step, x) - igamma(a - 3 * step, x)
    return (45 * near - 9 * far + farther) / (60 * step)


def betainc(a: np.ndarray, b: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The regularized incomplete beta function. Press et al., "Numerical Recipes", 6.4."""
    valid = (a > 0) & (b > 0) & (x >= 0) & (x <= 1)
    ga, gb, gx = np.where(valid, a, 1.0), np.where(valid, b, 1.0), np.where(valid & (x > 0) & (x < 1), x, 0.5)
    turned = gx > (ga + 1) / (ga + gb + 2)
    p, q, y = np.where(turned, gb, ga), np.where(turned, ga, gb), np.where(turned, 1 - gx, gx)
    log = _lgamma(p + q) - _lgamma(p) - _lgamma(q) + p * np.log(y) + q * np.log1p(-y)
    found = np.exp(log) * _beta_fraction(p, q, y) / p
    found = np.where(turned, 1 - found, found)
    return np.where(valid, np.where(x == 0, 0.0, np.where(x == 1, 1.0, found)), np.nan)


def _beta_fraction(a: np.ndarray, b: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Lentz's method."""
    c, d = np.ones_like(x), 1 / _not_0(1 - (a + b) * x / (a + 1))
    found = d
    for step in range(1, _STEPS):
        even = step * (b - step) * x / ((a + 2 * step - 1) * (a + 2 * step))
        odd = -(a + step) * (a + b + step) * x / ((a + 2 * step) * (a + 2 * step + 1))
        for factor in (even, odd):
            d = 1 / _not_0(1 + factor * d)
            c = _not_0(1 + factor / c)
            found = found * d * c
        if np.all(np.abs(d * c - 1) <= _EXACT * 4):
            break
    return found


_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)
"""The Bernoulli numbers of even index, from 2 on."""


def zeta(x: np.ndarray, q: np.ndarray) -> np.ndarray:
    """The Hurwitz zeta function, by the Euler-Maclaurin formula; infinite for `q` of 0, -1, -2 …."""
    pole = (q <= 0) & (q == np.floor(q))
    valid = (x > 1) & ((q > 0) | (x == np.floor(x)))
    s, start = np.where(valid & ~pole, x, 2.0), np.where(valid & ~pole, q, 1.0)
    terms = 12
    total = sum(((start + n) ** -s for n in range(terms)), np.zeros_like(s))
    last = np.abs(start + terms)
    while np.any(start + terms < 12):  # negative `q`, of which few are far from 0
        more = start + terms < 12
        total = total + np.where(more, (start + terms) ** -s, 0.0)
        start = np.where(more, start + 1, start)
        last = np.abs(start + terms)
    total = total + last ** (1 - s) / (s - 1) + 0.5 * last**-s
    rising, power = s, last ** (-s - 1)
    for index, number in enumerate(_BERNOULLI, 1):
        total = total + number / factorial(2 * index) * rising * power
        rising = rising * (s + 2 * index - 1) * (s + 2 * index)
        power = power / last**2
    found = np.where(pole, np.inf, np.where(valid, total, np.nan))
    return np.where(x == 1, np.inf, np.where(x < 1, np.nan, found))


_NAMES = (
    *("bessel_i0", "bessel_i0e", "bessel_i1", "bessel_i1e", "bessel_j0", "bessel_j1", "bessel_y0", "bessel_y1"),
    *("bessel_k0", "bessel_k0e", "bessel_k1", "bessel_k1e"),
)
FUNCTIONS: dict[str, Callable[..., np.ndarray]] = {
    "igamma": igamma,
    "igammac": igammac,
    "igamma_slope": igamma_slope,
    "betainc": betainc,
    "zeta": zeta,
    **{name: getattr(bessel_functions, name) for name in _NAMES},
    "dawsn": integral_functions.dawsn,
    "expint": integral_functions.expint,
    "fresnel_cos": integral_functions.fresnel_cos,
    "fresnel_sin": integral_functions.fresnel_sin,
    "spence": integral_functions.spence,
}
"""The functions by name."""
