"""keras.ops.linalg on stepwell, against NumPy."""

from __future__ import annotations

import importlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

import stepwell as sw
from stepwell._keras_import import install

install()
keras = importlib.import_module("keras")
linalg = keras.src.backend.linalg


LU = sw.function(linalg.lu_factor, input_signature=[sw.TensorSpec([None, None, None], "float64")])


@given(st.integers(1, 5), st.integers(1, 5))
@settings(max_examples=examples(12), deadline=None)
def test_lu_factors_of_any_matrix(rows, columns):
    x = np.random.default_rng(rows * 7 + columns).normal(size=(2, rows, columns))
    for factors, swaps in (linalg.lu_factor(x), LU(x)):
        for matrix, both, order in zip(x, factors.numpy(), swaps.numpy(), strict=True):
            count = min(rows, columns)
            lower = np.tril(both[:, :count], -1) + np.eye(rows, count)
            assert (abs(lower) <= 1).all()
            product = lower @ np.triu(both[:count])
            for i, j in reversed(list(enumerate(order))):
                product[[i, j]] = product[[j, i]]
            np.testing.assert_allclose(product, matrix, atol=1e-12)


NORMS = [
    *((axis, ord) for axis in (0, -1) for ord in (None, 1, 2, 3, 0, -1, np.inf, -np.inf)),
    *((axis, ord) for axis in ((0, 1), (2, 0)) for ord in (None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)),
]


@pytest.mark.parametrize("keepdims", [False, True])
def test_norms(keepdims):
    x = np.random.default_rng(0).normal(size=(3, 4, 5)).astype(np.float32)
    for axis, ord in NORMS:
        expected = np.linalg.norm(x, ord=ord, axis=axis, keepdims=keepdims)
        found = linalg.norm(x, ord=ord, axis=axis, keepdims=keepdims)
        np.testing.assert_allclose(found.numpy(), expected, rtol=1e-4, err_msg=f"axis={axis}, ord={ord}")
    assert linalg.norm(np.array([3, 4])).numpy() == 5
    with pytest.raises(ValueError, match="Invalid `ord`"):
        linalg.norm(x, "fro", axis=0)
    with pytest.raises(ValueError, match="range"):
        linalg.norm(x, axis=3)


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 4)])
def test_least_squares(shape):
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=shape), rng.normal(size=(shape[0], 2))
    a[:, 0] = a[:, 1]
    expected = np.linalg.lstsq(a, b, rcond=None)[0]
    np.testing.assert_allclose(linalg.lstsq(a, b).numpy(), expected, rtol=1e-6)
    np.testing.assert_allclose(linalg.lstsq(a, b[:, 0]).numpy(), expected[:, 0], rtol=1e-6)


def test_equations():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 4, 4)), rng.normal(size=(2, 4))
    np.testing.assert_allclose(linalg.solve(a, b).numpy(), np.linalg.solve(a, b[..., None])[..., 0])
    triangular = np.tril(a)
    expected = np.linalg.solve(triangular, b[..., None])[..., 0]
    np.testing.assert_allclose(linalg.solve_triangular(a, b, lower=True).numpy(), expected)
    positive = a @ a.transpose(0, 2, 1) + 4 * np.eye(4)
    for upper in (False, True):
        root = linalg.cholesky(positive, upper)
        np.testing.assert_allclose(linalg.cholesky_inverse(root, upper).numpy(), np.linalg.inv(positive))
    u, s, v = linalg.svd(a, full_matrices=False)
    np.testing.assert_allclose((u * s[:, None] @ v).numpy(), a)
    with pytest.raises(sw.errors.InvalidArgumentError):
        linalg.cholesky(-positive)


def test_derivatives_in_a_direction():
    value, tangent, aux = linalg.jvp(lambda x, y: (x * x * y, x + y), (3.0, 5.0), (1.0, 2.0), has_aux=True)
    assert (float(value), float(tangent), float(aux)) == (45.0, 48.0, 8.0)
