"""Random numbers with parameters: the gamma, Poisson and binomial distributions, as TensorFlow 2.21 draws of them."""

import numpy as np
import pytest

import stepwell as sw
from stepwell import random

ENGINES = ["native", "interpreter"]

STATELESS = {
    "gamma": [
        [0.0057749091647565365, 1.8935091495513916, 3.7823472023010254, 40.64799499511719],
        [0.31249719858169556, 0.22994834184646606, 2.4927735328674316, 38.40386962890625],
        [0.027091871947050095, 1.1978732347488403, 3.4828941822052, 32.692222595214844],
    ],
    "poisson": [[1, 6, 13, 410], [2, 4, 12, 398], [1, 7, 8, 391]],
    "binomial": [[3, 18, 25, 592], [1, 16, 25, 601], [2, 18, 20, 607]],
}
"""What TensorFlow's functions give for the seed 1, 2 and `PARAMETERS`."""

PARAMETERS = {
    "gamma": ([0.3, 1.0, 2.5, 40.0],),
    "poisson": ([0.3, 4.0, 12.5, 400.0],),
    "binomial": ([3.0, 20.0, 100.0, 1000.0], [0.3, 0.9, 0.25, 0.6]),
}
FUNCTIONS = {name: getattr(random, f"stateless_{name}") for name in PARAMETERS}


def _same(found, expected):
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-6)


@pytest.mark.parametrize("name", STATELESS)
def test_stateless_numbers_are_those_of_tensorflow(name):
    found = FUNCTIONS[name]([3, 4], [1, 2], *PARAMETERS[name])
    assert found.dtype == (np.float32 if name == "gamma" else np.int32)
    _same(found, STATELESS[name])


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", STATELESS)
def test_stateless_numbers_of_unknown_sizes(name, engine):
    parameters = [np.float32(value) for value in PARAMETERS[name]]
    signature = [sw.TensorSpec([], sw.int32), *(sw.TensorSpec([None]) for _ in parameters)]

    @sw.function(engine=engine, input_signature=signature)
    def draw(count, *parameters):
        return FUNCTIONS[name]([count, sw.shape(parameters[0])[0]], [1, 2], *parameters)

    _same(draw(np.int32(3), *parameters), STATELESS[name])


def test_gamma_of_float16():
    expected = [[0.005779266357421875, 2.7890625], [0.3125, 2.8359375], [0.0271148681640625, 1.9697265625]]
    assert random.stateless_gamma([3, 2], [1, 2], [0.3, 2.5], dtype=sw.float16).numpy().tolist() == expected


def test_parameters_are_broadcast():
    expected = [
        [[1.7497211694717407, 0.5621837973594666], [1.1309962272644043, 0.7804603576660156]],
        [[0.8596546649932861, 0.4733772873878479], [0.7475347518920898, 0.4886432886123657]],
    ]
    _same(random.stateless_gamma([2, 2, 2], [1, 2], [[1.0], [2.0]], [2.0, 4.0]), expected)
    g = random.Generator.from_seed(3)
    expected = [[2, 27], [3, 30], [3, 38], [4, 26], [5, 27]]
    assert g.binomial([5, 2], [10.0, 100.0], 0.3).numpy().tolist() == expected
    assert g.state.numpy().tolist() == [204803, 0, 0]
    assert g.binomial([7], 10.0, 0.3).numpy().tolist() == [4, 1, 3, 4, 4, 3, 1]
    assert g.state.numpy().tolist() == [332803, 0, 0]


GAMMA = [
    [[2.69366717338562, 1.7685554027557373], [2.094008684158325, 0.7081953287124634]],
    [[0.1569226235151291, 1.1146491765975952], [1.091552972793579, 6.675802707672119]],
    [[3.3650856018066406, 2.686328172683716], [2.0073416233062744, 3.288524627685547]],
]
POISSON = [[[3.0, 30.0], [3.0, 32.0]], [[1.0, 30.0], [4.0, 35.0]], [[0.0, 29.0], [2.0, 24.0]]]
"""What TensorFlow's functions give after `set_seed(42)`: without a seed of their own, and twice with 4."""


@pytest.mark.parametrize(("function", "of", "expected"), [("gamma", 3.0, GAMMA), ("poisson", 30.0, POISSON)])
def test_numbers_after_set_seed_are_those_of_tensorflow(function, of, expected):
    random.set_seed(42)
    for seed, numbers in zip((None, 4, 4), expected, strict=True):
        _same(getattr(random, function)([2], [2.0, of], seed=seed), numbers)


@pytest.mark.parametrize("engine", ENGINES)
def test_functions_draw_as_tensorflow_functions(engine):
    draw = sw.function(lambda: (random.gamma([2], [2.0, 3.0]), random.poisson([2], [2.0, 30.0])), engine=engine)
    random.set_seed(42)
    expected = [
        ([[3.0047316551208496, 1.758209228515625], [2.9719624519348145, 2.1799190044403076]], [[1, 30], [1, 34]]),
        ([[1.5365180969238281, 0.8564751744270325], [3.295290470123291, 2.240917921066284]], [[5, 30], [3, 35]]),
    ]
    for gamma, poisson in expected:
        found = draw()
        _same(found[0], gamma)
        _same(found[1], poisson)


def test_parameters_at_the_edges():
    nan, inf = np.nan, np.inf
    found = random.stateless_binomial([2, 4], [1, 2], [3.0, 0.0, 5.0, -1.0], [1.5, 0.5, 0.0, 0.5])
    assert found.numpy().tolist() == [[3, 0, 0, 0]] * 2
    found = random.stateless_binomial([3], [1, 2], [nan, 5.0, inf], [0.5, nan, 0.5], np.float32)
    assert np.isnan(found.numpy()).all()
    assert np.isnan(random.poisson([2], [-1.0, nan, inf]).numpy()).all()
    assert np.isnan(random.gamma([2], [-1.0, 0.0, nan, inf]).numpy()).all()
    assert (random.stateless_gamma([50], [1, 2], 1e-6).numpy() >= np.finfo(np.float32).tiny).all()
    assert random.gamma([0], [1.0, 2.0]).shape == (0, 2)
    assert random.poisson([3], np.zeros(0, np.float32)).shape == (3, 0)
    assert random.poisson([2], 2.0, np.int64).dtype == np.int64


def test_numbers_have_a_gradient_by_the_scale():
    beta = sw.Variable([2.0, 4.0])
    with sw.GradientTape() as tape:
        y = random.stateless_gamma([3, 2], [1, 2], 2.5, beta)
    expected = -(y.numpy() / beta.numpy()).sum(0)
    np.testing.assert_allclose(tape.gradient(y, beta).numpy(), expected, rtol=1e-5)
    rate = sw.Variable([2.0, 4.0])
    with sw.GradientTape() as tape:
        y = random.poisson([3], rate) * rate
    np.testing.assert_allclose(tape.gradient(y, rate).numpy(), (y.numpy() / rate.numpy()).sum(0), rtol=1e-5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: random.stateless_gamma([2], [1, 2], [1.0, 2.0, 3.0]), r"ends with \[3\].*got \[2\]"),
        (lambda: random.stateless_poisson([], [1, 2], [1.0]), r"ends with \[1\].*got \[\]"),
        (lambda: random.gamma([2], 2.0, dtype=np.int32), "dtype: expected one of float16, float32, float64, got int32"),
        (lambda: random.poisson([2], 2.0, dtype=bool), "dtype: expected one of .*, got bool"),
        (lambda: random.stateless_binomial([2], [1, 2], 10, 1), "probs: expected floats, got dtype int32"),
    ],
)
def test_wrong_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call()
