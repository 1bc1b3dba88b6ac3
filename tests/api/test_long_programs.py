"""Programs without loops that are long: they compile, and to the right values."""

from __future__ import annotations

import numpy as np
import pytest

import stepwell as sw


def _matrix(seed: int, size: int = 4) -> np.ndarray:
    return (np.random.default_rng(seed).standard_normal((size, size)) / size).astype(np.float32)


def test_a_training_step_of_many_equal_layers_compiles():
    weights = [sw.Variable(_matrix(number)) for number in range(48)]
    expected = [sw.Variable(weight) for weight in weights]

    def step(variables, x):
        with sw.GradientTape() as tape:
            h = x
            for weight in variables:
                h = sw.nn.relu(sw.matmul(h, weight) + x)
            loss = sw.reduce_sum(h)
        for weight, gradient in zip(variables, tape.gradient(loss, variables), strict=True):
            weight.assign_sub(0.1 * gradient)
        return loss

    x = sw.constant(_matrix(99))
    compiled = sw.function(lambda x: step(weights, x))
    np.testing.assert_allclose(compiled(x), step(expected, x), rtol=1e-5)
    for ours, theirs in zip(weights, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("engine", ["native", "onnx"])
def test_a_recurrence_of_many_steps_compiles(engine):
    weight = sw.constant(_matrix(1))

    def steps(x):
        h = x
        for _ in range(120):
            h = sw.tanh(sw.matmul(h, weight) + x)
        return h

    x = sw.constant(_matrix(2))
    np.testing.assert_allclose(sw.function(steps, engine=engine)(x), steps(x), rtol=1e-5, atol=1e-6)


def test_a_chain_of_many_elementwise_ops_compiles():
    def steps(x):
        h = x
        for number in range(200):
            h = sw.maximum(h * 1.01 + 0.5, x) if number % 2 else sw.abs(h) - x
        return h

    x = sw.constant(_matrix(3))
    np.testing.assert_allclose(sw.function(steps)(x), steps(x), rtol=1e-5)
