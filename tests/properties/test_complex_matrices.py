"""Decompositions of complex matrices: as NumPy has them on all engines, gradients as differences of both parts."""

import numpy as np
import pytest
from support.effort import by_turns, some
from support.every_engine import EveryEngine

import stepwell as sw

RANDOM = np.random.default_rng(5)


def _numbers(*shape):
    return (RANDOM.integers(-6, 7, shape) + 1j * RANDOM.integers(-6, 7, shape)) / 4


SQUARE = _numbers(2, 3, 3) + np.array([5, 7, 9]) * np.eye(3)
POSITIVE = SQUARE @ SQUARE.swapaxes(-1, -2).conj()
TALL = _numbers(3, 2) + np.array([[4, 0], [0, 2], [0, 0]])
SIDES = _numbers(2, 3, 2)
WEIGHTS = [_numbers(4, 4) for _ in range(2)]


def _adjoint(x):
    return x.swapaxes(-1, -2).conj()


def _product(s, u, v):
    return u * sw.expand_dims(sw.cast(s, u.dtype), -2) @ sw.linalg.adjoint(v)


VALUES = {
    "cholesky": (sw.linalg.cholesky, np.linalg.cholesky, POSITIVE),
    "inv": (sw.linalg.inv, np.linalg.inv, SQUARE),
    "adjoint inv": (lambda x: sw.linalg.inv(x, adjoint=True), lambda x: np.linalg.inv(_adjoint(x)), SQUARE),
    "det": (sw.linalg.det, np.linalg.det, SQUARE),
    "logdet": (sw.linalg.logdet, lambda x: np.linalg.slogdet(x)[1], POSITIVE),
    "slogdet": (lambda x: sw.stack(sw.linalg.slogdet(x)), lambda x: np.stack(np.linalg.slogdet(x)), SQUARE),
    "solve": (sw.linalg.solve, np.linalg.solve, SQUARE, SIDES),
    "adjoint solve": (
        lambda x, b: sw.linalg.solve(x, b, adjoint=True),
        lambda x, b: np.linalg.solve(_adjoint(x), b),
        SQUARE,
        SIDES,
    ),
    "triangular_solve": (
        lambda x, b: sw.linalg.triangular_solve(x, b, lower=False, adjoint=True),
        lambda x, b: np.linalg.solve(_adjoint(np.triu(x)), b),
        SQUARE,
        SIDES,
    ),
    "cholesky_solve": (
        lambda x, b: sw.linalg.cholesky_solve(sw.linalg.cholesky(x), b),
        np.linalg.solve,
        POSITIVE,
        SIDES,
    ),
    "lstsq": (sw.linalg.lstsq, lambda x, b: np.linalg.lstsq(x, b)[0], TALL, SIDES[0]),
    "singular values": (
        lambda x: sw.linalg.svd(x, compute_uv=False),
        lambda x: np.linalg.svd(x, compute_uv=False),
        TALL,
    ),
    "svd": (lambda x: _product(*sw.linalg.svd(x)), lambda x: x, TALL),
    "qr": (lambda x: sw.matmul(*sw.linalg.qr(x)), lambda x: x, TALL),
    "triangular factor": (lambda x: sw.linalg.qr(x).r, lambda x: np.linalg.qr(x)[1], TALL),
    "lu": (lambda x: sw.linalg.lu_reconstruct(*sw.linalg.lu(x)), lambda x: x, SQUARE),
    "lu_solve": (lambda x, b: sw.linalg.lu_solve(*sw.linalg.lu(x), b), np.linalg.solve, SQUARE, SIDES),
    "lu_matrix_inverse": (lambda x: sw.linalg.lu_matrix_inverse(*sw.linalg.lu(x)), np.linalg.inv, SQUARE),
    "eigvalsh": (sw.linalg.eigvalsh, lambda x: np.linalg.eigvalsh(x).astype(x.dtype), POSITIVE),
}
"""Functions, what NumPy computes, and operands."""


@pytest.mark.parametrize(("name", "dtype"), some(by_turns(VALUES, [np.complex64, np.complex128]), 12))
def test_values(name, dtype):
    function, expected, *arrays = VALUES[name]
    arrays = [array.astype(dtype) for array in arrays]
    engines = EveryEngine(
        function, *[(x.shape if name == "lstsq" else x.ndim, dtype) for x in arrays], engines=("native", "interpreter")
    )
    rounding = 1e-3 if dtype == np.complex64 else 1e-10
    found = engines.check(*arrays, rtol=rounding, atol=rounding)
    wanted = expected(*arrays)
    assert found.numpy().dtype == wanted.dtype
    np.testing.assert_allclose(found, wanted, rtol=rounding, atol=rounding)


def _weighted(x, number=0):
    """A real number that depends on all parts of `x`."""
    x = sw.cast(x, sw.complex128)
    return sw.reduce_sum(sw.math.real(x * np.resize(WEIGHTS[number], x.shape)))


def _lengths(x):
    """The same for vectors, which may be multiplied by any number of length 1."""
    return sw.reduce_sum(sw.abs(x) * np.resize(WEIGHTS[0].real, x.shape))


SLOPES = {
    "cholesky": (lambda x: _weighted(sw.linalg.cholesky(x + sw.linalg.adjoint(x))), POSITIVE),
    "inv": (lambda x: _weighted(sw.linalg.inv(x)), SQUARE),
    "det": (lambda x: _weighted(sw.linalg.det(x)), SQUARE),
    "logdet": (lambda x: _weighted(sw.linalg.logdet(x + sw.linalg.adjoint(x))), POSITIVE),
    "solve": (lambda x, b: _weighted(sw.linalg.solve(x, b)), SQUARE, SIDES),
    "adjoint solve": (lambda x, b: _weighted(sw.linalg.solve(x, b, adjoint=True)), SQUARE, SIDES),
    "triangular_solve": (lambda x, b: _weighted(sw.linalg.triangular_solve(x, b)), SQUARE, SIDES),
    "upper": (lambda x, b: _weighted(sw.linalg.triangular_solve(x, b, False, True)), SQUARE, SIDES),
    "qr": (lambda x: sum(_weighted(part, number) for number, part in enumerate(sw.linalg.qr(x))), TALL),
    "wide qr": (lambda x: sum(_weighted(part, number) for number, part in enumerate(sw.linalg.qr(x))), TALL.T.copy()),
    "singular values": (lambda x: _weighted(sw.linalg.svd(x, compute_uv=False)), TALL),
    "left vectors": (lambda x: _lengths(sw.linalg.svd(x)[1]), TALL),
    "right vectors": (lambda x: _lengths(sw.linalg.svd(x)[2]), TALL),
    "both vectors": (lambda x: _weighted(_product(sw.ones([2]), *sw.linalg.svd(x)[1:])), TALL),
    "eigh": (lambda x: _lengths(sw.linalg.eigh(x + sw.linalg.adjoint(x))[1]), POSITIVE),
    "eigvalsh": (lambda x: _weighted(sw.linalg.eigvalsh(x + sw.linalg.adjoint(x))), POSITIVE),
    "lu": (lambda x: _weighted(sw.linalg.lu(x).lu), SQUARE),
    "lstsq": (lambda x, b: _weighted(sw.linalg.lstsq(x, b)), TALL, SIDES[0]),
}


@pytest.mark.parametrize("name", some(SLOPES, 6))
def test_slopes(name):
    function, *arrays = SLOPES[name]

    def slopes(*tensors):
        with sw.GradientTape() as tape:
            tape.watch(tensors)
            total = function(*tensors)
        return tape.gradient(total, tensors)

    found = slopes(*map(sw.constant, arrays))
    for number, (own, compiled) in enumerate(zip(found, sw.function(slopes)(*arrays), strict=True)):
        np.testing.assert_allclose(compiled, own, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(own, _differences(function, arrays, number), rtol=1e-5, atol=1e-6)


def _differences(function, arrays, number, step=1e-5):
    """The derivatives with respect to real parts, and `1j` times those with respect to imaginary ones."""
    found = np.zeros_like(arrays[number])
    for place in np.ndindex(found.shape):
        for unit in (1, 1j):
            moved = [array.copy() for array in arrays]
            moved[number][place] += unit * step
            above = float(function(*map(sw.constant, moved)))
            moved[number][place] -= 2 * unit * step
            found[place] += unit * (above - float(function(*map(sw.constant, moved)))) / (2 * step)
    return found
