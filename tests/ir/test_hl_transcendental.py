"""Exponentials, logarithms, roots, trigonometry, rounding: each rule of each op."""

import math

import numpy as np
import pytest

import stepwell as sw
from stepwell.dialects.hl import OPS
from stepwell.dialects.hl.rules.facets import Sample
from stepwell.testing.op_checks import check_onnx, check_samples


def _erf(x):
    return np.asarray(np.vectorize(math.erf, otypes=[np.float64])(x)).astype(x.dtype)


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
    "floor": np.floor,
    "ceil": np.ceil,
    "round": np.round,
    "isnan": np.isnan,
}


@pytest.mark.parametrize("name", REFERENCES)
def test_rules(name):
    check_samples(OPS[f"hl.{name}"], REFERENCES[name], examples=12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", REFERENCES)
def test_onnx_at_special_values_and_along_a_line(name, dtype):
    special = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 0.5, 1.5, 2.5, -0.5]
    if name in ("sin", "cos"):
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
    with pytest.raises(TypeError, match=r"exp: expected a dtype of float32, float64, got int32"):
        sw.exp([1])
