"""Special functions: beside sums and integrals that are computed in another way, and values of TensorFlow."""

import numpy as np
import pytest

import stepwell as sw

RANDOM = np.random.default_rng(7)


def integral(f, low, high, points=400):
    """Gauss and Legendre's, of a smooth function."""
    nodes, weights = np.polynomial.legendre.leggauss(points)
    x = (high - low) / 2 * nodes + (high + low) / 2
    return (high - low) / 2 * np.sum(weights * f(x))


@pytest.mark.parametrize("a,x", [(1.5, 0.3), (1.5, 4.0), (7.0, 3.0), (7.0, 20.0), (40.0, 41.0)])
def test_incomplete_gamma_functions_are_integrals(a, x):
    def density(t):
        return np.exp(-t + (a - 1) * np.log(t) - sw.math.lgamma(np.float64(a)).numpy())

    # t = s * s: the density is smooth in s
    expected = integral(lambda s: density(s * s) * 2 * s, 0.0, np.sqrt(x))
    a, x = sw.constant(a, sw.float64), sw.constant(x, sw.float64)
    np.testing.assert_allclose(sw.math.igamma(a, x).numpy(), expected, rtol=1e-9)
    np.testing.assert_allclose(sw.math.igammac(a, x).numpy(), 1 - expected, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("a,b,x", [(2.0, 3.0, 0.4), (5.0, 2.0, 0.9), (8.0, 9.0, 0.1)])
def test_the_incomplete_beta_function_is_an_integral(a, b, x):
    def density(t):
        return t ** (a - 1) * (1 - t) ** (b - 1)

    expected = integral(density, 0, x) / integral(density, 0, 1)
    np.testing.assert_allclose(
        sw.math.betainc(np.float64(a), np.float64(b), np.float64(x)).numpy(), expected, rtol=1e-9
    )


@pytest.mark.parametrize("order", [0, 1])
def test_bessel_functions_are_integrals(order):
    x = np.array([-50.0, -3.0, -1e-6, 0.0, 0.5, 1.0, 29.0, 31.0, 400.0])
    expected = [
        integral(lambda t, v=v: np.exp(abs(v) * (np.cos(t) - 1)) * np.cos(order * t), 0, np.pi) / np.pi for v in x
    ]
    expected = np.array(expected) * (np.sign(x) if order else 1)
    scaled = sw.math.bessel_i1e(x) if order else sw.math.bessel_i0e(x)
    np.testing.assert_allclose(scaled.numpy(), expected, rtol=1e-10, atol=1e-15)
    plain = sw.math.bessel_i1(x[:8]) if order else sw.math.bessel_i0(x[:8])
    np.testing.assert_allclose(plain.numpy(), (expected * np.exp(np.abs(x)))[:8], rtol=1e-9, atol=1e-15)


def test_zeta_and_polygamma_are_sums():
    n = np.arange(200_000)
    for s, q in [(4.0, 1.0), (6.0, 2.5), (9.0, 0.25)]:
        np.testing.assert_allclose(sw.math.zeta(np.float64(s), np.float64(q)).numpy(), np.sum((q + n) ** -s), rtol=1e-9)
    x = np.array([0.5, 2.0, 9.0])
    np.testing.assert_allclose(
        sw.math.polygamma(np.float64(3), x).numpy(), [6 * np.sum((v + n) ** -4.0) for v in x], rtol=1e-9
    )
    np.testing.assert_allclose(sw.math.polygamma(np.float64(0), x).numpy(), sw.math.digamma(x).numpy())


def test_quantiles_undo_the_distribution():
    p = np.array([1e-300, 1e-30, 1e-8, 0.02, 0.07, 0.08, 0.4, 0.5, 0.9, 1 - 1e-9])
    x = sw.math.ndtri(p)
    back = 0.5 * sw.math.erfc(-x.numpy() / np.sqrt(2)).numpy()
    np.testing.assert_allclose(back[1:], p[1:], rtol=1e-9)
    np.testing.assert_allclose(x.numpy()[0], -37.0470962993612, rtol=1e-9)
    assert sw.math.ndtri([0.0, 1.0]).numpy().tolist() == [-np.inf, np.inf]
    assert np.isnan(sw.math.ndtri([-0.1, 1.1])).all()
    np.testing.assert_allclose(sw.math.erfcinv(np.float64(1e-20)).numpy(), 6.601580622355142, rtol=1e-12)


CASES = {
    "igamma": (sw.math.igamma, [2.0, 3.0], [1.0, 5.0]),
    "igammac": (sw.math.igammac, [2.0, 3.0], [1.0, 5.0]),
    "betainc": (sw.math.betainc, [2.0, 3.0], [1.5, 4.0], [0.2, 0.7]),
    "zeta": (sw.math.zeta, [2.0, 3.0], [1.5, 4.0]),
    "polygamma": (sw.math.polygamma, [1.0, 2.0], [1.5, 4.0]),
    "bessel_i0": (sw.math.bessel_i0, [0.0, -2.0]),
    "bessel_i0e": (sw.math.bessel_i0e, [1.0, -2.0]),
    "bessel_i1": (sw.math.bessel_i1, [0.0, -2.0]),
    "bessel_i1e": (sw.math.bessel_i1e, [1.0, -2.0]),
    "ndtri": (sw.math.ndtri, [0.3, 0.01]),
    "digamma": (sw.math.digamma, [0.3, 2.0]),
}
WITHOUT = {"betainc": (0, 1), "zeta": (0,), "polygamma": (0,)}
"""Operands with respect to which TensorFlow has no gradient."""


@pytest.mark.parametrize("name", CASES)
def test_gradients_are_differences(name):
    f, *operands = CASES[name]
    values = [sw.constant(operand, sw.float64) for operand in operands]
    with sw.GradientTape() as tape:
        tape.watch(values)
        y = f(*values)
    for place, grad in enumerate(tape.gradient(y, values)):
        if place in WITHOUT.get(name, ()):
            assert grad is None
            continue
        step = [np.array(operand) for operand in operands]
        above = f(*[v + 1e-5 * (n == place) for n, v in enumerate(step)]).numpy()
        below = f(*[v - 1e-5 * (n == place) for n, v in enumerate(step)]).numpy()
        np.testing.assert_allclose(grad.numpy(), (above - below) / 2e-5, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("name", ["igammac", "betainc", "polygamma", "bessel_i1e", "ndtri"])
@pytest.mark.parametrize("engine", ["native", "interpreter"])
def test_compiled_functions_agree_and_operands_broadcast(name, engine):
    f, *operands = CASES[name]
    given = [np.array(operand, np.float32) for operand in operands]
    given[-1] = given[-1][:, None] * np.ones(1, np.float32)
    unknown = [sw.TensorSpec([None] * operand.ndim, sw.float32) for operand in given]
    expected = f(*map(sw.constant, given)).numpy()
    assert expected.shape == np.broadcast_shapes(*(operand.shape for operand in given))
    got = sw.function(f, engine=engine, input_signature=unknown)(*given).numpy()
    np.testing.assert_allclose(got, expected, rtol=1e-5)


def test_edges_are_those_of_tensorflow():
    a, x = [1.0, 1.0, 1.0, 0.0, -1.0], [0.0, np.inf, -1.0, 1.0, 1.0]
    np.testing.assert_array_equal(sw.math.igamma(a, x).numpy(), [0, 1, np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(sw.math.igammac(a, x).numpy(), [1, 0, np.nan, np.nan, np.nan])
    found = sw.math.zeta([1.0, 2.0, 2.0, 0.5], [1.0, 0.0, -1.0, 1.0]).numpy()
    np.testing.assert_array_equal(found, [np.inf, np.inf, np.inf, np.nan])
    assert sw.math.igamma(np.zeros((0, 2)), 1.0).shape == (0, 2)
    with pytest.raises(TypeError):
        sw.math.bessel_i0([1])
