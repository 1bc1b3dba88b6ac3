"""Bessel functions and integrals: beside values of TensorFlow, identities, and integrals computed in another way."""

import numpy as np
import pytest
from support.effort import by_turns
from support.every_engine import EveryEngine

import stepwell as sw

POINTS = [0.001, 0.3, 0.97, 1.7, 4.2, 11.0, 29.5, 30.5, 73.0, 250.0]
# fmt: off
TENSORFLOW = {
    "dawsn": [
        0.0009999993333336002, 0.28263166502131193, 0.5399389092638166, 0.37255934897407883, 0.12276081600652292,
        0.04564475216411602, 0.016958907469743476, 0.01640226817944745, 0.00684995789490616, 0.0020000160003840156,
    ],
    "expint": [
        -6.329539364025038, -0.30266853926582604, 1.813556940671536, 3.9209632013549047, 22.57740064778209,
        6071.406374098611, 227730606453.7837, 597996271221.4316, 7.018607129747795e+29, 1.504624712654748e+106,
    ],
    "fresnel_cos": [
        0.0009999999999997533, 0.2994009760520472, 0.7784948298173525, 0.32382687600390025, 0.5417192031634154,
        0.5289366617557965, 0.49587443030573236, 0.4960094672174812, 0.5043604093531059, 0.4999999935154354,
    ],
    "fresnel_sin": [
        5.235987755982066e-10, 0.014116998006576587, 0.40830254855442333, 0.5491959403215687, 0.5631988883966113,
        0.4999238837937511, 0.5099703195139875, 0.5096433300548732, 0.49999973954563093, 0.4987267604553639,
    ],
    "spence": [
        1.6370226052761176, 0.8893776242860388, 0.030228051617706857, -0.6051584023377057, -2.030415099021474,
        -4.198277886858104, -7.221078124389517, -7.338367515585407, -10.776029654656018, -16.862065259956704,
    ],
    "bessel_j0": [
        0.9999997500000155, 0.9776262465382962, 0.7782514325832501, 0.39798485944610945, -0.3765570543675676,
        -0.17119030040719624, -0.1331478582983983, -0.019389754517762273, -0.09329490734068475, -0.026053373425204113,
    ],
    "bessel_j1": [
        0.0004999999375000026, 0.148318816273104, 0.43015089969520653, 0.5777652315290233, -0.1386469421260462,
        -0.17678529895672165, -0.06430437809919254, -0.14349430015097098, 0.0034445700226230953, -0.04326903841033096,
    ],
    "bessel_y0": [
        -4.471416611375923, -0.8072735778045196, 0.06442529103398967, 0.45202700018163466, -0.09375120131443421,
        -0.16884732389207938, -0.062039385400005934, -0.14315731617410765, 0.004083450522127061, -0.04321684544036634,
    ],
    "bessel_y1": [
        -636.6221672311395, -2.2931051383885293, -0.8077035524239543, -0.2847262450640684, 0.3680128078541756,
        0.16370553741494268, 0.13211573506102564, 0.017046142883876316, 0.09332506260501557, 0.02596699218548423,
    ],
    "bessel_k0": [
        7.023688800562381, 1.3724600605442978, 0.43955221933039357, 0.16549631805699652, 0.00892745154154237,
        6.243020547653678e-06, 3.5452888679869415e-14, 1.2828522943058175e-14, 2.8984292041661438e-33,
        2.1147193716964606e-110,
    ],
    "bessel_k0e": [
        7.030716002378251, 1.8526273007720149, 1.159514341579433, 0.9059181385685512, 0.595338988851112,
        0.3737954970011082, 0.22979408372535615, 0.22602597602311958, 0.14644005248935266, 0.07922700148470398,
    ],
    "bessel_k1": [
        999.9962381560855, 3.055992033457325, 0.6336273378495082, 0.2093624882040826, 0.009938204735917083,
        6.520860674580887e-06, 3.604885682786712e-14, 1.3037156602334753e-14, 2.918214383760713e-33,
        2.1189445978139997e-110,
    ],
    "bessel_k1e": [
        1000.9967345590684, 4.12515776224447, 1.671473725175432, 1.1460392462302547, 0.6627424109718568,
        0.3904309361349165, 0.23365695525989472, 0.2297018962111706, 0.14743967764292734, 0.0793852976635577,
    ],
}
# fmt: on
"""What TensorFlow 2.21 returns for them, in float64."""
WAVES = ("bessel_j0", "bessel_j1", "bessel_y0", "bessel_y1")
EVEN, ODD = ("bessel_j0",), ("bessel_j1", "dawsn", "fresnel_cos", "fresnel_sin")
SPECIAL = sw.math.special


def _amplitude(name):
    """What errors are relative to: for functions that oscillate, not to the value."""
    values = np.abs(TENSORFLOW[name])
    return np.maximum(values, np.sqrt(2 / (np.pi * np.array(POINTS)))) if name in WAVES else values


@pytest.mark.parametrize("name", TENSORFLOW)
def test_values_are_those_of_tensorflow(name):
    found = getattr(SPECIAL, name)(sw.constant(POINTS, sw.float64)).numpy()
    errors = np.abs(found - TENSORFLOW[name]) / np.maximum(_amplitude(name), 1e-300)
    assert (errors < 1e-13).all()
    narrow = sw.constant(POINTS, sw.float32)
    wide = getattr(SPECIAL, name)(sw.cast(narrow, sw.float64)).numpy()
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(getattr(SPECIAL, name)(narrow).numpy(), wide.astype(np.float32))


@pytest.mark.parametrize("name", [*EVEN, *ODD])
def test_symmetries(name):
    x = np.array(POINTS)
    sign = 1 if name in EVEN else -1
    np.testing.assert_array_equal(getattr(SPECIAL, name)(-x), sign * getattr(SPECIAL, name)(x).numpy())


DENSE = np.concatenate([np.linspace(0.05, 32, 400), [50.0, 900.0]])


def test_products_of_bessel_functions():
    """Wronski's determinants, which have no value in common with how the functions are computed."""
    x = sw.constant(DENSE)
    j0, j1, y0, y1 = (getattr(SPECIAL, f"bessel_{name}")(x) for name in ("j0", "j1", "y0", "y1"))
    np.testing.assert_allclose((j1 * y0 - j0 * y1) * x, np.full_like(DENSE, 2 / np.pi), rtol=1e-12)
    i0, i1, k0, k1 = (getattr(SPECIAL, f"bessel_{name}e")(x) for name in ("i0", "i1", "k0", "k1"))
    np.testing.assert_allclose((i0 * k1 + i1 * k0) * x, np.ones_like(DENSE), rtol=1e-13)
    np.testing.assert_allclose(SPECIAL.bessel_k0(x), k0 * sw.exp(-x), rtol=1e-14)


def _integral(f, low, high, points=200):
    nodes, weights = np.polynomial.legendre.leggauss(points)
    return (high - low) / 2 * np.sum(weights * f((high - low) / 2 * nodes + (high + low) / 2))


@pytest.mark.parametrize("x", [0.2, 0.6, 1.4, 1.6, 3.0, 9.0])
def test_integrals(x):
    value = sw.constant(x, sw.float64)
    expected = {
        "dawsn": _integral(lambda t: np.exp(t * t - x * x), 0, x),
        "fresnel_cos": _integral(lambda t: np.cos(np.pi / 2 * t * t), 0, x),
        "fresnel_sin": _integral(lambda t: np.sin(np.pi / 2 * t * t), 0, x),
        "expint": np.euler_gamma + np.log(x) + _integral(lambda t: np.expm1(t) / t, 0, x),
        "spence": _integral(lambda t: -np.log1p(t) / t, 0, x - 1),
        "bessel_j0": _integral(lambda t: np.cos(x * np.sin(t)), 0, np.pi) / np.pi,
        "bessel_j1": _integral(lambda t: np.cos(t - x * np.sin(t)), 0, np.pi) / np.pi,
        "bessel_k0": _integral(lambda t: np.exp(-x * np.cosh(t)), 0, 9),
        "bessel_k1": _integral(lambda t: np.exp(-x * np.cosh(t)) * np.cosh(t), 0, 9),
    }
    for name, wanted in expected.items():
        np.testing.assert_allclose(getattr(SPECIAL, name)(value), wanted, rtol=1e-11, err_msg=name)


NAMES = [*TENSORFLOW, "bessel_i0", "bessel_i0e", "bessel_i1", "bessel_i1e"]


@pytest.mark.parametrize(("name", "engine"), by_turns(NAMES, ["native", "interpreter"]))
def test_gradients_are_differences_on_engines(name, engine):
    def slopes(x):
        with sw.GradientTape() as tape:
            tape.watch(x)
            y = getattr(SPECIAL, name)(x)
        return y, tape.gradient(y, x)

    x = np.array([0.4, 1.0, 2.5, 7.0])
    _, slope = EveryEngine(slopes, (1, np.float64), engines=[engine]).check(x)
    above, below = (getattr(SPECIAL, name)(x * (1 + step)).numpy() for step in (1e-6, -1e-6))
    np.testing.assert_allclose(slope, (above - below) / (2e-6 * x), rtol=1e-7, atol=1e-9)


def test_slopes_at_the_edges():
    found = {}
    for name, x in (("bessel_j1", 0.0), ("spence", 1.0), ("dawsn", 0.0), ("bessel_j0", 0.0), ("bessel_k0", 0.0)):
        value = sw.constant(x)
        with sw.GradientTape() as tape:
            tape.watch(value)
            y = getattr(SPECIAL, name)(value)
        found[name] = float(tape.gradient(y, value))
    assert found == {"bessel_j1": 0.5, "spence": -1.0, "dawsn": 1.0, "bessel_j0": 0.0, "bessel_k0": -np.inf}


def test_edges_are_those_of_tensorflow():
    x = sw.constant([0.0, -1.0, np.inf, np.nan])
    infinite, nan = np.inf, np.nan
    expected = {
        "bessel_y0": [-infinite, -infinite, nan, nan],
        "bessel_k1": [infinite, infinite, 0.0, nan],
        "bessel_k0e": [infinite, infinite, 0.0, nan],
        "expint": [-infinite, nan, nan, nan],
        "spence": [np.pi**2 / 6, nan, nan, nan],
        "dawsn": [0.0, -0.5380795069127684, 0.0, nan],
        "fresnel_cos": [0.0, -0.7798934003768228, 0.5, nan],
        "fresnel_sin": [0.0, -0.4382591473903548, 0.5, nan],
        "bessel_j1": [0.0, -0.4400505857449335, nan, nan],
    }
    for name, wanted in expected.items():
        np.testing.assert_allclose(getattr(SPECIAL, name)(x), np.float32(wanted), rtol=1e-6, err_msg=name)
    for call in (lambda: SPECIAL.dawsn(sw.constant([1])), lambda: SPECIAL.bessel_j0(sw.constant([1j]))):
        with pytest.raises(TypeError, match="expected one dtype of float32, float64"):
            call()
    assert SPECIAL.bessel_k0(np.zeros((0, 2))).shape == (0, 2)
