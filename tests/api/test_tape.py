"""Tapes: eager, in traces, through compiled calls, nested."""

import numpy as np
import pytest

import stepwell as sw


def test_simple_gradient():
    x = sw.constant(3.0)
    with sw.GradientTape() as tape:
        tape.watch(x)
        y = x * x + 2.0 * x
    assert float(tape.gradient(y, x)) == 8.0


def test_variables_are_watched_and_structures_kept():
    w, frozen = sw.Variable([1.0, 2.0]), sw.Variable(5.0, trainable=False)
    with sw.GradientTape() as tape:
        loss = sw.reduce_sum(w * w) * frozen
    grads = tape.gradient(loss, {"w": w, "frozen": frozen})
    assert grads["w"].numpy().tolist() == [10.0, 20.0]
    assert grads["frozen"] is None
    assert tape.watched_variables() == (w,)


def test_a_tape_gives_gradients_once_unless_persistent():
    x = sw.Variable(2.0)
    with sw.GradientTape() as tape:
        y = x * x
    tape.gradient(y, x)
    with pytest.raises(RuntimeError, match="only once"):
        tape.gradient(y, x)
    with sw.GradientTape(persistent=True) as tape:
        y = x * x
        z = y * x
    assert float(tape.gradient(y, x)) == 4.0
    assert float(tape.gradient(z, x)) == 12.0


def test_unconnected_and_output_gradients():
    x, other = sw.Variable([1.0, 2.0]), sw.Variable([1.0])
    with sw.GradientTape(persistent=True) as tape:
        y = x * 3.0
    assert tape.gradient(y, other) is None
    assert tape.gradient(y, other, unconnected_gradients="zero").numpy().tolist() == [0.0]
    assert tape.gradient(y, x, output_gradients=sw.constant([1.0, 10.0])).numpy().tolist() == [3.0, 30.0]
    with pytest.raises(ValueError, match="expected 'none' or 'zero', got 'nil'"):
        tape.gradient(y, x, unconnected_gradients="nil")


def test_nested_tapes():
    x = sw.constant(2.0)
    with sw.GradientTape() as outer:
        outer.watch(x)
        with sw.GradientTape() as inner:
            inner.watch(x)
            y = x * x * x
        first = inner.gradient(y, x)
    assert float(first) == 12.0
    assert float(outer.gradient(first, x)) == 12.0


@pytest.mark.parametrize("engine", ["native", "interpreter"])
def test_gradient_inside_a_function(engine):
    w = sw.Variable([[1.0], [2.0]])

    @sw.function(engine=engine)
    def gradient(x):
        with sw.GradientTape() as tape:
            loss = sw.reduce_mean(sw.tanh(sw.matmul(x, w)))
        return tape.gradient(loss, w)

    x = np.array([[0.5, -0.25], [1.0, 0.125]], np.float32)
    expected = (x.T @ ((1 - np.tanh(x @ w.numpy()) ** 2) / 2)).astype(np.float32)
    np.testing.assert_allclose(gradient(sw.constant(x)).numpy(), expected, rtol=1e-5)


@pytest.mark.parametrize("engine", ["native", "interpreter"])
def test_gradient_through_a_compiled_call(engine):
    w = sw.Variable(3.0)

    @sw.function(engine=engine)
    def f(x):
        return w * x * x, x + 1.0

    x = sw.constant([1.0, 2.0])
    with sw.GradientTape() as tape:
        tape.watch(x)
        product, _ = f(x)
        loss = sw.reduce_sum(product)
    dx, dw = tape.gradient(loss, [x, w])
    assert dx.numpy().tolist() == [6.0, 12.0]
    assert float(dw) == 5.0


def test_second_order_through_a_compiled_call():
    w = sw.Variable(3.0)

    @sw.function
    def f(x):
        return w * x * x * x

    x = sw.constant(2.0)
    with sw.GradientTape() as outer:
        outer.watch(x)
        with sw.GradientTape() as inner:
            inner.watch(x)
            y = f(x)
        first = inner.gradient(y, x)
    assert float(first) == 36.0
    assert float(outer.gradient(first, x)) == 36.0


def test_a_compiled_call_inside_a_traced_tape():
    @sw.function
    def square(x):
        return x * x

    @sw.function
    def gradient(x):
        with sw.GradientTape() as tape:
            tape.watch(x)
            y = square(square(x))
        return tape.gradient(y, x)

    assert float(gradient(sw.constant(2.0))) == 32.0


def test_gradients_in_loops_of_a_function():
    w = sw.Variable(1.0)

    @sw.function
    def train(steps):
        for _ in sw.range(steps):
            with sw.GradientTape() as tape:
                loss = (w - 5.0) * (w - 5.0)
            w.assign_sub(0.1 * tape.gradient(loss, w))
        return w.read_value()

    value = 1.0
    for _ in range(20):
        value -= 0.1 * 2 * (value - 5.0)
    assert abs(float(train(sw.constant(20))) - value) < 1e-5


def test_gradient_through_a_compiled_loop():
    @sw.function
    def power(x, n):
        y = x
        for _ in sw.range(n):
            y = y * x
        return y

    x = sw.constant(2.0)
    with sw.GradientTape() as tape:
        tape.watch(x)
        y = power(x, sw.constant(2))
    assert float(tape.gradient(y, x)) == 12.0


def test_what_is_watched():
    v, w, x = sw.Variable(2.0), sw.Variable(3.0), sw.constant(4.0)
    with sw.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(v)
        y = (v * v) * (w * w) + x * x
    assert [None if g is None else float(g) for g in tape.gradient(y, [v, w, x])] == [36.0, None, None]
    with sw.GradientTape() as tape:
        y = w * v * w
    assert tape.watched_variables() == (w, v)
    with pytest.raises(TypeError, match="watch: expected a tensor or Variable, got float"):
        tape.watch(1.0)


def test_parts_that_are_not_recorded():
    x = sw.constant(3.0)
    with sw.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x
        with tape.stop_recording():
            z = x * y
        u = sw.stop_gradient(y) * x
    assert tape.gradient(z, x) is None
    assert float(tape.gradient(u, x)) == 9.0
    assert float(tape.gradient(x, x)) == 1.0
    tape.reset()
    assert tape.gradient(y, x) is None


def test_a_tape_inside_of_its_own_block():
    x = sw.constant(3.0)
    with sw.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x * x
        dy = tape.gradient(y, x)
        z = dy * x
    assert float(tape.gradient(z, x)) == 27.0
    with pytest.raises(ValueError, match="this tape is already recording"), tape, tape:
        pass


def test_targets_in_structures_and_sources_that_are_used_twice():
    x, y = sw.constant([1.0, 2.0]), sw.constant(3.0)
    with sw.GradientTape() as tape:
        tape.watch({"x": x, "y": y})
        targets = {"a": x * y, "b": [y * y, sw.constant(5)]}
    found = tape.gradient(targets, (x, {"y": y}))
    assert found[0].numpy().tolist() == [3.0, 3.0]
    assert float(found[1]["y"]) == 3.0 + 6.0


@pytest.mark.parametrize("engine", ["native", "interpreter"])
def test_nested_tapes_inside_of_a_function(engine):
    @sw.function(engine=engine)
    def derivatives(x):
        with sw.GradientTape() as outer:
            outer.watch(x)
            with sw.GradientTape() as inner:
                inner.watch(x)
                y = sw.tanh(x) * x
            first = inner.gradient(y, x)
        return first, outer.gradient(first, x)

    x = np.array([0.5, -1.25, 3.0])
    t = np.tanh(x)
    first, second = derivatives(sw.constant(x))
    np.testing.assert_allclose(first, t + x * (1 - t**2), rtol=1e-12)
    np.testing.assert_allclose(second, 2 * (1 - t**2) * (1 - x * t), rtol=1e-12)


@pytest.mark.parametrize("engine", ["native", "interpreter"])
def test_a_persistent_tape_around_a_compiled_call(engine):
    w = sw.Variable([1.0, 2.0])

    @sw.function(engine=engine)
    def f(x):
        return {"sum": sw.reduce_sum(w * x), "squares": x * x}

    x = sw.constant([3.0, 4.0])
    with sw.GradientTape(persistent=True) as tape:
        tape.watch(x)
        out = f(x)
    assert tape.gradient(out["sum"], [x, w])[1].numpy().tolist() == [3.0, 4.0]
    assert tape.gradient(out["squares"], [x, w])[0].numpy().tolist() == [6.0, 8.0]
    zero = tape.gradient(out["squares"], w)
    assert zero is None or zero.numpy().tolist() == [0.0, 0.0]
