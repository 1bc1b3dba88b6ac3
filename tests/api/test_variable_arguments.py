"""Variables as arguments: one trace serves all of a shape and dtype; what is one Variable twice is another kind."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import stepwell as sw


def count(function):
    return len(function.explain().events)


def test_one_trace_for_variables_of_one_kind(engine):
    total = sw.function(lambda v, x: sw.reduce_sum(v) * x, engine=engine)
    for value in range(5):
        v = sw.Variable([float(value), 1.0])
        assert float(total(v, sw.constant(2.0))) == 2 * (value + 1)
        v.assign([5.0, 5.0])
        assert float(total(v, sw.constant(2.0))) == 20.0
    assert count(total) == 1
    assert float(total(sw.Variable([1.0]), sw.constant(2.0))) == 2.0
    assert int(sw.function(sw.reduce_sum)(sw.Variable([1, 2]))) == 3
    assert count(total) == 2
    assert "v: was a Variable of shape (2,) and dtype float32, now a Variable of shape (1,)" in str(total.explain())


def test_assignments_go_to_the_variable_that_is_given(engine):
    @sw.function(engine=engine)
    def swap(pair, step):
        a, b = pair["a"], pair["b"]
        old = a.read_value()
        a.assign(b * step)
        b.assign_add(old)
        return a + b

    for value in (1.0, 2.0, 3.0):
        a, b = sw.Variable(value), sw.Variable(10.0)
        assert float(swap({"a": a, "b": b}, sw.constant(2.0))) == 30.0 + value
        assert (float(a), float(b)) == (20.0, 10.0 + value)
    assert count(swap) == 1


def test_one_variable_twice_is_one_variable(engine):
    @sw.function(engine=engine)
    def both(a, b):
        a.assign_add(1.0)
        b.assign_add(a * 10.0)
        return a * 1.0

    for value in (0.0, 5.0):
        a, b = sw.Variable(value), sw.Variable(1.0)
        assert float(both(a, b)) == value + 1.0
        assert (float(a), float(b)) == (value + 1.0, 1.0 + 10.0 * (value + 1.0))
        one = sw.Variable(value)
        assert float(both(one, one)) == 11.0 * (value + 1.0)
        assert float(one) == 11.0 * (value + 1.0)
    assert count(both) == 2
    assert "which arguments are one Variable is part of the trace" in str(both.explain())


def test_a_variable_that_is_captured_too_is_one_variable(engine):
    w = sw.Variable(1.0)

    @sw.function(engine=engine)
    def f(v):
        v.assign_add(1.0)
        w.assign_add(v * 10.0)
        return v * 1.0

    other = sw.Variable(4.0)
    assert float(f(other)) == 5.0
    assert float(w) == 51.0
    assert float(f(w)) == 52.0 * 11.0
    assert float(w) == 52.0 * 11.0
    assert float(f(other)) == 6.0
    assert "pass it or capture it, not both" in str(f.explain())


def test_gradients_of_variables_that_are_arguments(engine):
    square = sw.function(lambda v: v * v, engine=engine)
    step = sw.function(lambda v: _gradient(square, v), engine=engine)
    for value in (1.0, 2.0):
        v = sw.Variable(value)
        assert float(_gradient(square, v)) == 2.0 * value
        assert float(step(v)) == 2.0 * value
        v.assign(7.0)
        assert float(_gradient(square, v)) == 14.0
    assert count(square) == count(step) == 1


def _gradient(function, v):
    with sw.GradientTape() as tape:
        y = function(v)
    return tape.gradient(y, v)


def test_many_threads_with_variables_of_their_own_make_one_trace():
    total = sw.function(lambda v: sw.reduce_sum(v * 2.0))

    def work(number):
        v = sw.Variable(np.full(4, float(number), np.float32))
        return [float(total(v)) for _ in range(5)]

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(work, range(64))) == [[8.0 * number] * 5 for number in range(64)]
    assert count(total) == 1


def test_a_variable_that_was_an_argument_is_garbage_when_it_goes():
    import gc
    import weakref

    total = sw.function(lambda v: sw.reduce_sum(v))
    total(sw.Variable([1.0]))
    v = sw.Variable([2.0])
    total(v)
    gone = weakref.ref(v)
    del v
    gc.collect()
    assert gone() is None
    assert float(total(sw.Variable([3.0]))) == 3.0


@pytest.mark.parametrize("trainable", [True, False])
def test_what_is_trainable_stays_so(trainable):
    square = sw.function(lambda v: v * v)
    v = sw.Variable(3.0, trainable=trainable)
    assert (_gradient(square, v) is None) == (not trainable)
