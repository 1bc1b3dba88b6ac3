"""Inverse functions of complex numbers, and statistics of them: as NumPy has them, on all engines."""

import numpy as np
import pytest
from support.effort import by_turns
from support.every_engine import EveryEngine

import stepwell as sw
from stepwell.runtime.engines import ENGINES

RANDOM = np.random.default_rng(2)
ARCS = {
    "asin": (np.arcsin, lambda z: 1 / np.sqrt(1 - z * z)),
    "acos": (np.arccos, lambda z: -1 / np.sqrt(1 - z * z)),
    "atan": (np.arctan, lambda z: 1 / (1 + z * z)),
    "asinh": (np.arcsinh, lambda z: 1 / np.sqrt(1 + z * z)),
    "acosh": (np.arccosh, lambda z: 1 / (np.sqrt(z - 1) * np.sqrt(z + 1))),
    "atanh": (np.arctanh, lambda z: 1 / (1 - z * z)),
}
"""What NumPy computes, and the derivatives."""
CUTS = [0j, 2 + 0j, -2 + 0j, 2j, -2j, 1j, complex(2, -0.0), complex(-2, -0.0), complex(-0.0, 2), 0.5 + 0j, -0.25j]


def _numbers(kind):
    spread = RANDOM.normal(size=20) + 1j * RANDOM.normal(size=20)
    return np.concatenate([spread, spread * 1e-6, spread * 1e6, CUTS]).astype(kind)


@pytest.mark.parametrize("name", ARCS)
def test_values(name):
    z = _numbers(np.complex128)
    with np.errstate(all="ignore"):
        found, expected = getattr(sw.math, name)(z).numpy(), ARCS[name][0](z)
    np.testing.assert_allclose(found.real, expected.real, rtol=1e-13, atol=1e-30)
    np.testing.assert_allclose(found.imag, expected.imag, rtol=1e-13, atol=1e-30)


@pytest.mark.parametrize(("name", "engine"), by_turns(ARCS, ENGINES))
def test_engines(name, engine):
    z = (RANDOM.normal(size=12) + 1j * RANDOM.normal(size=12)).astype(np.complex64)

    def slope(x):
        with sw.GradientTape() as tape:
            tape.watch(x)
            y = getattr(sw.math, name)(x)
        return y, tape.gradient(y, x)

    value, gradient = EveryEngine(slope, (1, np.complex64), engines=[engine]).check(z, rtol=2e-5, atol=2e-5)
    np.testing.assert_allclose(value, ARCS[name][0](z), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(gradient, np.conj(ARCS[name][1](z)), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ["reduce_variance", "reduce_std"])
@pytest.mark.parametrize("axis", [None, 0])
def test_variances_are_real(name, axis):
    z = (RANDOM.normal(size=(3, 4)) + 1j * RANDOM.normal(size=(3, 4))).astype(np.complex64)
    found = EveryEngine(lambda x: getattr(sw.math, name)(x, axis), (2, np.complex64)).check(z, rtol=1e-5)
    assert found.dtype == sw.float32
    np.testing.assert_allclose(found, getattr(np, name.replace("reduce_", "").replace("iance", ""))(z, axis), rtol=1e-5)


def test_spaces_between_complex_numbers():
    ends = np.array([0.5j, -1]), np.array([2 + 1j, 3j])
    engines = EveryEngine(lambda a, b: sw.linspace(a, b, 4), (1, np.complex128), (1, np.complex128))
    np.testing.assert_allclose(engines.check(*ends, rtol=1e-12), np.linspace(*ends, 4))
    np.testing.assert_allclose(sw.linspace(0j, 1 + 1j, 3), [0, 0.5 + 0.5j, 1 + 1j])
