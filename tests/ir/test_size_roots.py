"""Sizes that agree in every run are found to: nothing is checked for them, and no second form of the code is made."""

import numpy as np
import pytest

import stepwell as sw
from stepwell.testing.engines import Descent, assert_close

ROWS = sw.TensorSpec([None, 3])
SIZES = (0, 1, 2, 5)


def layer(x):
    bias = sw.constant(np.arange(3, dtype=np.float32))
    return sw.nn.relu(x @ sw.constant(np.eye(3, dtype=np.float32)) + bias) - x


def squeezed(x):
    total = sw.reduce_sum(x, 1, keepdims=True)
    return sw.squeeze(total, [1]) + sw.reduce_max(sw.expand_dims(x, 0), [0, 2])


def carried(x):
    h = x * 2.0
    for _ in sw.range(4):
        h = sw.tanh(h) + 1.0
    return h * x


def filled(x):
    h = sw.zeros_like(x)
    for i in sw.range(3):
        h = h + sw.cast(i, sw.float32)
    return sw.ones_like(x) * h


def chosen(x):
    h = sw.cond(sw.reduce_sum(x) > 0.0, lambda: sw.exp(x), lambda: x + 1.0)
    return h - x


def gradients(x):
    with sw.GradientTape() as tape:
        tape.watch(x)
        y = sw.reduce_mean(sw.nn.softmax(layer(x)) * x)
    return tape.gradient(y, x)


KNOWN = [layer, squeezed, carried, filled, chosen, gradients]


@pytest.mark.parametrize("function", KNOWN, ids=lambda f: f.__name__)
def test_sizes_that_agree_are_not_checked(function):
    text = sw.ir(sw.function(function), ROWS, level="linalg")
    assert "debug.assert" not in text
    assert text.count("scf.if") == (function is chosen)


@pytest.mark.parametrize("function", KNOWN, ids=lambda f: f.__name__)
def test_programs_of_any_size_compute_what_eager_tensors_do(function):
    concrete = sw.function(function).get_concrete_function(ROWS)
    captures = [np.array(capture) for capture in concrete.captures]
    program = Descent(concrete.module)
    for way in program.ways:
        run = program.ready(way)
        for size in SIZES:
            x = np.random.default_rng(size).normal(size=(size, 3)).astype(np.float32)
            expected = np.asarray(function(sw.constant(x)))
            assert_close(run([x, *captures])[0], expected, f"{way}, {size} rows", rtol=1e-5, atol=1e-6)


def test_sizes_of_two_arguments_are_checked():
    text = sw.ir(sw.function(lambda x, y: x + y), ROWS, ROWS, level="linalg")
    assert "shapes do not broadcast" in text


def test_a_loop_that_changes_a_size_does_not_keep_its_root():
    @sw.function
    def grow(x):
        h = x
        for _ in sw.range(2):
            h = sw.concat([h, x], 0)
        return h + x

    text = sw.ir(grow, ROWS, level="linalg")
    assert "shapes do not broadcast" in text


def test_asking_for_a_size_does_not_keep_memory_from_being_written_over():
    @sw.function
    def f(x):
        h = x * 2.0
        for _ in sw.range(3):
            h = h + 1.0
        return h, sw.shape(h)[0]

    assert "memref.copy" not in sw.ir(f, ROWS, level="loops")
