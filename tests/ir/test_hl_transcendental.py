"""Exponentials, logarithms, roots, trigonometry, rounding: each rule of each op."""

import math

import numpy as np
import pytest
from support.op_checks import check_onnx, check_samples

import stepwell as sw
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.hl.rules.facets import Sample


def _erf(x):
    return np.asarray(np.vectorize(math.erf, otypes=[np.float64])(x)).astype(x.dtype)


def _by_python(function):
    return lambda x: np.vectorize(function, otypes=[np.float64])(x.astype(np.float64)).astype(x.dtype)


def _lgamma(x):
    poles = x == -math.inf or (x <= 0 and x == math.floor(x))
    return math.inf if poles else math.lgamma(x)


def _erfinv(x):
    """By bisection of `erf`, or of `erfc` where that is small."""
    low, high = np.zeros(x.shape), np.full(x.shape, 6.0)
    size = np.abs(x.astype(np.float64))
    for _ in range(64):
        middle = (low + high) / 2
        above = np.where(size < 0.5, _erf(middle) > size, _by_python(math.erfc)(middle) < 1 - size)
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    found = np.where(size == 1, np.copysign(np.inf, x), np.where(size < 1, np.copysign(high, x), np.nan))
    return np.where(size < 1e-8, x * np.float64(math.sqrt(math.pi) / 2), found).astype(x.dtype)


@np.errstate(all="ignore")
def _digamma(x):
    """By the recurrence up to 20 and the asymptotic series there; by reflection below 0."""
    wide = x.astype(np.float64)
    z = np.where(wide < 0.5, 1 - wide, wide)
    total = np.zeros(x.shape)
    for _ in range(20):
        total, z = np.where(z < 20, total - 1 / z, total), np.where(z < 20, z + 1, z)
    u = 1 / (z * z)
    total += np.log(z) - 0.5 / z - u * (1 / 12 - u * (1 / 120 - u * (1 / 252 - u / 240)))
    beyond = np.where(np.abs(wide) < 2.0**52, wide - np.floor(wide + 0.5), 0)
    mirrored = np.where(beyond == 0, np.nan, total - np.pi / np.tan(np.pi * beyond))
    return np.where(wide < 0.5, mirrored, total).astype(x.dtype)


def _relu(x):
    return np.where(np.isnan(x), x, np.where(x > 0, x, np.zeros_like(x)))


REFERENCES = {
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "log1p": np.log1p,
    "sqrt": np.sqrt,
    "rsqrt": lambda x: (1 / np.sqrt(x)).astype(x.dtype),
    "tanh": np.tanh,
    "sigmoid": lambda x: (1 / (1 + np.exp(-x))).astype(x.dtype),
    "relu": _relu,
    "sin": np.sin,
    "cos": np.cos,
    "erf": _erf,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "erfc": _by_python(math.erfc),
    "erfinv": _erfinv,
    "lgamma": _by_python(_lgamma),
    "digamma": _digamma,
    "floor": np.floor,
    "ceil": np.ceil,
    "round": np.round,
    "isnan": np.isnan,
}


RTOL = {"erfc": 1e-6, "erfinv": 1e-6, "lgamma": 1e-6, "digamma": 1e-6}
"""Where the meaning is a formula of our own: as far as a float32 is rounded after it."""


@pytest.mark.parametrize("name", REFERENCES)
def test_rules(name):
    check_samples(OPS[f"hl.{name}"], REFERENCES[name], examples=12, rtol=RTOL.get(name, 0))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", REFERENCES)
def test_onnx_at_special_values_and_along_a_line(name, dtype):
    special = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 0.5, 1.5, 2.5, -0.5]
    if name in ("sin", "cos", "tan"):
        special = special[3:]
    line = np.concatenate([np.linspace(-8, 8, 161), np.geomspace(1e-12, 1e-1, 23), -np.geomspace(1e-12, 1e-1, 23)])
    x = np.concatenate([special, line]).astype(dtype)
    check_onnx(OPS[f"hl.{name}"], Sample((x,), {}), dynamic=True)


def test_small_arguments_keep_their_digits():
    x = np.float64([1e-10, -1e-10])
    for name in ("expm1", "log1p"):
        (found,) = OPS[f"hl.{name}"].evaluate([x], {})
        np.testing.assert_allclose(found, x, rtol=1e-9)


def test_halves_round_to_even():
    assert sw.round(sw.constant([0.5, 1.5, 2.5, -0.5])).numpy().tolist() == [0.0, 2.0, 2.0, -0.0]
    assert sw.round(sw.constant([3])).numpy().tolist() == [3]


def test_public_functions_refuse_integers():
    with pytest.raises(TypeError, match=r"exp: expected a dtype of float16, bfloat16, .*, complex128, got int32"):
        sw.exp([1])


def test_special_functions_in_float64():
    x = np.concatenate([np.linspace(-0.999, 0.999, 101), 1 - np.geomspace(1e-15, 1e-3, 30), [0.0, 1.0, -1.0]])
    np.testing.assert_allclose(OPS["hl.erfinv"].evaluate([x], {})[0], _erfinv(x), rtol=4e-15)
    x = np.concatenate([np.linspace(-7, 26, 331), np.geomspace(1e-300, 1, 30)])
    np.testing.assert_allclose(OPS["hl.erfc"].evaluate([x], {})[0], _by_python(math.erfc)(x), rtol=1e-15)
    x = np.concatenate([np.linspace(-20.3, 30, 301), np.geomspace(1e-300, 1e300, 100)])
    np.testing.assert_allclose(OPS["hl.lgamma"].evaluate([x], {})[0], _by_python(_lgamma)(x), rtol=4e-14, atol=1e-14)
    np.testing.assert_allclose(OPS["hl.digamma"].evaluate([x], {})[0], _digamma(x), rtol=4e-14, atol=2e-14)


def test_angles_of_points():
    ends = [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 1e-300, 3e300]
    y, x = (np.array(side).ravel() for side in np.meshgrid(ends, ends))
    check_onnx(OPS["hl.atan2"], Sample((y, x), {}), dynamic=True)
    check_samples(OPS["hl.atan2"], np.arctan2, examples=12, lowering=True)
    found = sw.atan2([1.0, -1.0], [-0.0, -1.0]).numpy()
    np.testing.assert_allclose(found, [np.pi / 2, -0.75 * np.pi], rtol=1e-6)
