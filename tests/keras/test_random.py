"""keras.random on stepwell: the numbers that Keras 3.15 draws on TensorFlow 2.21 for the same seeds."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

import stepwell as sw
from stepwell._keras_import import install

install()
keras = importlib.import_module("keras")
random = keras.src.backend.random

DRAWS = {
    "normal": (lambda: random.normal([3], seed=3), [-0.6715848, 1.6760504, -0.94424546]),
    "uniform": (lambda: random.uniform([3], 1.0, 2.0, seed=2**31 + 5), [1.7470788, 1.6721803, 1.0577796]),
    "truncated normal": (lambda: random.truncated_normal([3], seed=7), [-0.67417276, -0.35869256, -1.8795817]),
    "integers": (lambda: random.randint([4], 0, 100, seed=3), [88, 67, 32, 22]),
    "short integers": (lambda: random.randint([4], 0, 100, dtype="uint8", seed=3), [20, 44, 27, 43]),
    "dropout": (lambda: random.dropout(sw.ones([5]), 0.4, seed=3), [0.0, 5 / 3, 5 / 3, 5 / 3, 0.0]),
    "order": (lambda: random.shuffle(sw.range(10), seed=3), [7, 5, 4, 0, 6, 8, 2, 9, 3, 1]),
    "classes": (
        lambda: random.categorical(sw.math.log([[0.1, 0.9], [0.5, 0.5]]), 5, seed=3),
        [[1, 1, 1, 0, 1], [0, 0, 0, 0, 0]],
    ),
    "gamma": (
        lambda: random.gamma([2, 3], [1.0, 2.0, 3.0], seed=3),
        [[0.29867873, 1.746697, 1.6663355], [0.0235459, 0.13263619, 1.2802503]],
    ),
    "gamma in float16": (
        lambda: random.gamma([3], 0.2, dtype="float16", seed=1),
        [6.103515625e-05, 0.7470703125, 0.59423828125],
    ),
    "gamma in bfloat16": (lambda: random.gamma([3], 2.0, dtype="bfloat16", seed=1), [3.046875, 1.96875, 1.625]),
    "beta": (
        lambda: random.beta([2, 3], 1.0, 2.0, seed=4),
        [[0.12648635, 0.55145252, 0.39497277], [0.21099558, 0.63596183, 0.37084267]],
    ),
    "binomial": (lambda: random.binomial([5], 10.0, 0.3, seed=3), [2.0, 3.0, 4.0, 2.0, 3.0]),
}


@pytest.mark.parametrize("name", DRAWS)
def test_the_numbers_of_tensorflow(name):
    draw, expected = DRAWS[name]
    np.testing.assert_allclose(np.asarray(draw().numpy(), np.float64), expected, rtol=1e-6)
    np.testing.assert_array_equal(sw.function(draw)().numpy(), draw().numpy())


def test_a_generator_draws_other_numbers_in_each_call_of_a_compiled_function():
    eager, compiled = keras.random.SeedGenerator(5), keras.random.SeedGenerator(5)
    draw = sw.function(lambda: random.uniform([2], seed=compiled))
    for _ in range(3):
        np.testing.assert_array_equal(draw().numpy(), random.uniform([2], seed=eager).numpy())


def test_dropout_of_unknown_sizes_keeps_rows_together():
    drop = sw.function(
        lambda x: random.dropout(x, 0.5, noise_shape=(None, 1), seed=1),
        input_signature=[sw.TensorSpec([None, None])],
    )
    found = drop(np.ones((40, 3), np.float32)).numpy()
    assert set(found.ravel().tolist()) == {0.0, 2.0}
    assert (found == found[:, :1]).all()
    assert random.dropout(sw.ones([2]), 1.0).numpy().tolist() == [0, 0]
    assert random.dropout(sw.ones([2]), 0.0).numpy().tolist() == [1, 1]
