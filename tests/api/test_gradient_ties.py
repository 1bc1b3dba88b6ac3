"""Gradients where a function has no derivative: at ties, limits and kinks they are those of TensorFlow 2.21."""

import numpy as np
import pytest

import stepwell as sw

NAN = float("nan")


def clipped(x, low, high):
    return sw.clip_by_value(x, low, high)


CASES = {
    "maximum": (sw.maximum, [[1.0, 2.0, 3.0], [1.0, 3.0, 2.0]], [[1, 0, 1], [0, 1, 0]]),
    "minimum": (sw.minimum, [[1.0, 2.0, 3.0], [1.0, 3.0, 2.0]], [[1, 1, 0], [0, 0, 1]]),
    "maximum of zeros": (sw.maximum, [[0.0, -0.0], [-0.0, 0.0]], [[1, 1], [0, 0]]),
    "maximum of a scalar": (sw.maximum, [[1.0, 0.0, 2.0], 1.0], [[1, 0, 1], 1]),
    "minimum of NaN": (sw.minimum, [[NAN, 1.0, NAN], [1.0, NAN, NAN]], [[0, 0, 0], [1, 1, 1]]),
    "clip_by_value": (clipped, [[0.0, 0.5, 1.0, -1.0, 2.0], 0.0, 1.0], [[1, 1, 1, 0, 0], 1, 1]),
    "clip_by_value of numbers": (lambda x: clipped(x, 0.0, 1.0), [[0.0, 0.5, 1.0, -1.0, 2.0]], [[1, 1, 1, 0, 0]]),
    "clip_by_value, crossed": (clipped, [[0.0, 2.0, 5.0], 3.0, 1.0], [[0, 0, 0], 3, 0]),
    "relu": (sw.nn.relu, [[-1.0, 0.0, -0.0, 1.0]], [[0, 0, 0, 1]]),
    "relu6": (sw.nn.relu6, [[-1.0, 0.0, 3.0, 6.0, 7.0]], [[0, 0, 1, 0, 0]]),
    "leaky_relu": (sw.nn.leaky_relu, [[-1.0, 0.0, 1.0]], [[0.2, 0.2, 1]]),
    "elu": (sw.nn.elu, [[0.0, -0.0, 1.0]], [[1, 1, 1]]),
    "selu": (sw.nn.selu, [[0.0, -0.0, 1.0]], [[1.050701] * 3]),
    "abs": (sw.abs, [[-2.0, 0.0, 2.0]], [[-1, 0, 1]]),
    "sign": (sw.sign, [[-2.0, 0.0, 2.0]], [[0, 0, 0]]),
    "reduce_max": (sw.reduce_max, [[1.0, 3.0, 3.0]], [[0, 0.5, 0.5]]),
    "reduce_min": (lambda x: sw.reduce_min(x, 1), [[[1.0, 1.0], [1.0, 2.0]]], [[[0.5, 0.5], [1, 0]]]),
    "the infinity norm": (lambda x: sw.norm(x, ord=np.inf), [[1.0, -1.0]], [[0.5, -0.5]]),
    "reduce_prod": (sw.math.reduce_prod, [[0.0, 2.0, 3.0]], [[6, 0, 0]]),
    "pow": (sw.pow, [[0.0, 0.0, 0.0], [0.0, 1.0, 2.0]], [[0, 1, 0], [0, 0, 0]]),
    "max_pool2d": (
        lambda x: sw.nn.max_pool2d(x, 2, 2, "VALID"),
        [[[[[1.0], [3.0]], [[3.0], [3.0]]]]],
        [[[[[0], [1]], [[0], [0]]]]],
    ),
}
"""Functions, their arguments, and the gradients with respect to each."""


def _gradients(function, arguments):
    with sw.GradientTape() as tape:
        tape.watch(arguments)
        y = function(*arguments)
    return tape.gradient(y, arguments, unconnected_gradients="zero")


@pytest.mark.parametrize("way", [None, "native", "interpreter", "onnx"])
@pytest.mark.parametrize("case", CASES)
def test_gradients_at_ties_are_tensorflows(case, way):
    function, arguments, expected = CASES[case]
    ask = _gradients
    if way is not None:
        ask = sw.function(_gradients, engine=way, autograph=False)
    found = ask(function, [sw.constant(argument) for argument in arguments])
    for got, want in zip(found, expected, strict=True):
        np.testing.assert_allclose(got, np.array(want, np.float32), rtol=1e-6, atol=1e-7)


def test_a_least_value_above_the_greatest_one_wins():
    assert sw.clip_by_value([0.0, 2.0, 5.0], 3.0, 1.0).numpy().tolist() == [3.0, 3.0, 3.0]
