"""Loops over tensors in memory: the program takes elements by their index, and asks Python for none."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

import stepwell as sw

Dataset = sw.data.Dataset

STEPS = {
    "batch": lambda d: d.batch(4),
    "whole batches": lambda d: d.batch(3, drop_remainder=True),
    "shuffle": lambda d: d.shuffle(5, seed=3),
    "shuffle all": lambda d: d.shuffle(100, seed=4),
    "in one order": lambda d: d.shuffle(4, seed=2, reshuffle_each_iteration=False),
    "prefetch": lambda d: d.prefetch(2),
    "cache": lambda d: d.cache(),
}


def pipeline(names, x, y):
    dataset = Dataset.from_tensor_slices({"x": x, "y": (y,)})
    for name in names:
        dataset = STEPS[name](dataset)
    return dataset


def code(element):
    """A number that depends on all values of an element and their order."""
    row, label = sw.reshape(element["x"], [-1]), sw.reshape(element["y"][0], [-1])
    weights = sw.cast(sw.range(1, sw.size(row) + 1), sw.float64)
    return sw.reduce_sum(row * weights) + 0.5 * sw.reduce_sum(sw.cast(label, sw.float64) * weights[: sw.size(label)])


@sw.function
def codes(dataset):
    found = sw.TensorArray(sw.float64, size=0, dynamic_size=True, element_shape=[])
    for element in dataset:
        found = found.write(found.size(), code(element))
    return found.stack()


def data(count):
    random = np.random.default_rng(count)
    return random.standard_normal((count, 2)), random.integers(0, 9, count).astype(np.int8)


@settings(max_examples=examples(16), deadline=None)
@given(names=st.lists(st.sampled_from(sorted(STEPS)), max_size=3), count=st.integers(1, 13))
def test_elements_are_those_of_an_iteration_in_python(names, count):
    x, y = data(count)
    if len({"batch", "whole batches"} & set(names)) and [n for n in names if "batch" in n] != names[-1:]:
        names = [name for name in names if "batch" not in name]
    one, other = pipeline(names, x, y), pipeline(names, x, y)
    for _ in range(2):  # another order, if there is one
        expected = [float(code(element)) for element in one]
        np.testing.assert_allclose(codes(other).numpy(), expected, rtol=1e-12)


@pytest.mark.parametrize(("names", "calls"), [(["batch", "prefetch"], 0), (["cache"], 0), (["shuffle", "batch"], 2)])
def test_a_loop_calls_python_for_the_order_only(names, calls):
    dataset = pipeline(names, *data(10))

    @sw.function
    def total():
        found = sw.constant(0.0, sw.float64)
        for element in dataset:
            found += code(element)
        return found

    concrete: Any = total.get_concrete_function()
    assert concrete.executable.host_calls == calls


def test_tensors_of_the_program():
    @sw.function
    def last_rows(x):
        found = sw.zeros([2, 3])
        for rows in Dataset.from_tensor_slices(x).batch(2, drop_remainder=True):
            found = rows
            if rows[0, 0] > 10:
                break
        return found

    x = np.array([[i, 0, i] for i in range(7)], np.float32)
    assert last_rows(sw.constant(x)).numpy().tolist() == x[4:6].tolist()
    x[2, 0] = 11
    assert last_rows(sw.constant(x)).numpy().tolist() == x[2:4].tolist()


def test_a_loop_over_rows_has_a_gradient():
    x = np.array([[1, 2], [3, 4], [5, 6]], np.float32)
    w = sw.Variable(np.array([0.5, 2], np.float32))

    @sw.function
    def slope():
        with sw.GradientTape() as tape:
            loss = sw.constant(0.0)
            for row in Dataset.from_tensor_slices(x):
                loss += sw.reduce_sum(row * w) ** 2
        return tape.gradient(loss, w)

    expected = sum(2 * (row @ w.numpy()) * row for row in x)
    np.testing.assert_allclose(slope().numpy(), expected, rtol=1e-5)


def test_empty_tensors():
    assert codes(Dataset.from_tensor_slices({"x": np.zeros((0, 2)), "y": (np.zeros(0, np.int8),)})).numpy().size == 0
