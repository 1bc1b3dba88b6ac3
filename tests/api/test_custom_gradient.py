"""`custom_gradient` and `recompute_grad`, eager, in functions and in what these are made of."""

import numpy as np
import pytest

import stepwell as sw
from stepwell.compiler.interchange.mlir.text import parse_module, print_module

MODES = {
    "eager": lambda f: f,
    "native": sw.function,
    "nested, of unknown size": lambda f: sw.function(
        lambda x: sw.function(f)(x), input_signature=[sw.TensorSpec([None])], engine="interpreter"
    ),
    "onnx": lambda f: sw.function(f, engine="onnx"),
}
all_modes = pytest.mark.parametrize("compiled", MODES.values(), ids=MODES)
modes = pytest.mark.parametrize("compiled", list(MODES.values())[:3], ids=list(MODES)[:3])
two_modes = pytest.mark.parametrize("compiled", list(MODES.values())[:2], ids=list(MODES)[:2])


def scaled(factor, dy_factor):
    """A function that scales, with another factor in its gradient."""

    @sw.custom_gradient
    def f(x):
        return x * factor, lambda dy: dy * dy_factor * x

    return f


@all_modes
def test_the_gradient_is_the_functions_own(compiled):
    f = compiled(lambda x: sw.exp(scaled(2.0, 10.0)(x)) + x)
    x = sw.constant([0.1, 0.2])
    with sw.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    values = np.exp(2 * np.array([0.1, 0.2]))
    np.testing.assert_allclose(y.numpy(), values + np.array([0.1, 0.2]), rtol=1e-6)
    np.testing.assert_allclose(tape.gradient(y, x).numpy(), values * 10 * np.array([0.1, 0.2]) + 1, rtol=1e-6)


@modes
def test_second_derivatives_are_those_of_what_the_gradient_function_computes(compiled):
    f = compiled(scaled(2.0, 10.0))
    x = sw.constant([3.0])
    with sw.GradientTape() as outer:
        outer.watch(x)
        with sw.GradientTape() as inner:
            inner.watch(x)
            y = f(x)
        first = inner.gradient(y, x)
    assert first.numpy() == [30.0]
    assert outer.gradient(first, x).numpy() == [10.0]


@modes
def test_values_of_the_forward_part_are_used_and_differentiated(compiled):
    @sw.custom_gradient
    def f(x):
        e = sw.exp(x)
        return e, lambda dy: dy * e * e

    g = compiled(f)
    x = sw.constant([0.5])
    with sw.GradientTape() as outer:
        outer.watch(x)
        with sw.GradientTape() as inner:
            inner.watch(x)
            y = g(x)
        first = inner.gradient(y, x)
    np.testing.assert_allclose(first.numpy(), np.exp([1.0]), rtol=1e-6)
    np.testing.assert_allclose(outer.gradient(first, x).numpy(), 2 * np.exp([1.0]), rtol=1e-6)


@two_modes
def test_several_results_and_arguments(compiled):
    @sw.custom_gradient
    def f(x, y):
        def grad(da, db):
            return da * 3.0 + db * 5.0, None

        return {"b": x + y, "a": (x * y,)}, grad

    g = compiled(lambda x, y: f(x, y))
    x, y = sw.constant(2.0), sw.constant(7.0)
    with sw.GradientTape(persistent=True) as tape:
        tape.watch([x, y])
        both = g(x, y)
        total = both["a"][0] + 2.0 * both["b"]
    assert [float(both["a"][0]), float(both["b"])] == [14.0, 9.0]
    assert [None if d is None else float(d) for d in tape.gradient(total, [x, y])] == [13.0, None]
    assert float(tape.gradient(both["b"], x)) == 5.0


@two_modes
def test_variables_that_are_read_have_gradients_too(compiled):
    w, fixed = sw.Variable(3.0), sw.Variable(2.0, trainable=False)

    @sw.custom_gradient
    def f(x):
        def grad(dy, variables):
            assert [v is w for v in variables] == [True]
            return dy * 5.0, [dy * 7.0 * variables[0]]

        return x * w * fixed, grad

    g = compiled(lambda x: f(x) * 2.0)
    x = sw.constant(1.0)
    with sw.GradientTape() as outer, sw.GradientTape() as tape:
        tape.watch(x)
        y = g(x)
        with tape.stop_recording():
            grads = tape.gradient(y, [x, w])
    assert [float(y), *map(float, grads)] == [12.0, 10.0, 42.0]
    assert float(outer.gradient(grads[1], w)) == 14.0


def test_a_variable_among_the_arguments_needs_no_parameter():
    w = sw.Variable(3.0)
    f = scaled(2.0, 1.0)
    for g in (f, sw.function(lambda: f(w))):
        with sw.GradientTape() as tape:
            y = g(w) if g is f else g()
        assert float(tape.gradient(y, w)) == 3.0


@modes
def test_in_a_branch(compiled):
    def f(x):
        return scaled(2.0, 10.0)(x) if sw.reduce_sum(x) > 0.0 else x

    g = compiled(f)
    for value, expected in ((1.0, 10.0), (-1.0, 1.0)):
        x = sw.constant([value])
        with sw.GradientTape() as tape:
            tape.watch(x)
            y = g(x)
        assert tape.gradient(y, x).numpy() == [expected]


def test_a_tape_inside_of_a_function():
    @sw.function
    def f(x):
        with sw.GradientTape() as tape:
            tape.watch(x)
            y = scaled(2.0, 10.0)(x)
        return tape.gradient(y, x)

    assert float(f(sw.constant(3.0))) == 30.0
    module = parse_module(print_module(f.get_concrete_function(sw.TensorSpec([])).module), "x.mlir")
    module.verify()


def test_a_tape_inside_of_a_loop():
    @sw.function
    def f(x):
        for _ in sw.range(3):
            with sw.GradientTape() as tape:
                tape.watch(x)
                y = scaled(2.0, 10.0)(x)
            x = tape.gradient(y, x) / 10.0 + 1.0
        return x

    assert float(f(sw.constant(3.0))) == 6.0


def test_a_gradient_through_a_loop():
    @sw.function
    def f(x):
        for _ in sw.range(3):
            x = scaled(2.0, 10.0)(x)
        return x

    x = sw.constant(1.0)
    with sw.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    assert float(y) == 8.0
    assert float(tape.gradient(y, x)) == 10.0 * 10.0 * 2.0 * 10.0 * 4.0


@two_modes
def test_a_gradient_function_is_wrong_only_where_it_is_needed(compiled):
    @sw.custom_gradient
    def f(x):
        def grad(dy):
            raise NotImplementedError("no gradient here")

        return x * 2.0, grad

    g = compiled(lambda x: f(x))
    x = sw.constant(1.0)
    with sw.GradientTape() as tape:
        tape.watch(x)
        y = g(x)
    assert float(y) == 2.0
    with pytest.raises((NotImplementedError, sw.errors.ControlFlowGradientError), match="no gradient here"):
        tape.gradient(y, x)


def test_what_does_not_fit_is_refused():
    x, w = sw.constant(1.0), sw.Variable(1.0)

    def differentiate(f):
        with sw.GradientTape() as tape:
            tape.watch(x)
            y = f(x)
        return tape.gradient(y, x)

    with pytest.raises(ValueError, match="expected 1 gradients, got 2"):
        differentiate(sw.custom_gradient(lambda x: (x, lambda dy: (dy, dy))))
    with pytest.raises(TypeError, match="expected a parameter 'variables'"):
        differentiate(sw.custom_gradient(lambda x: (x * w, lambda dy: dy)))
    with pytest.raises(ValueError, match="a gradient for each of 1 variables, got 0"):
        differentiate(sw.custom_gradient(lambda x: (x * w, lambda dy, variables: (dy, []))))
    with pytest.raises(TypeError, match="expected \\(result, gradient function\\)"):
        differentiate(sw.custom_gradient(lambda x: x))


@modes
def test_recomputing_gives_the_same_gradients(compiled):
    w = sw.Variable(3.0)
    calls = []

    @sw.recompute_grad
    def f(x):
        calls.append(x)
        return sw.sin(x) * w * x

    g = compiled(lambda x: f(x) * 2.0)
    x = sw.constant([1.0])
    with sw.GradientTape() as outer:
        outer.watch(x)
        with sw.GradientTape() as tape:
            tape.watch(x)
            y = g(x)
        grads = tape.gradient(y, [x, w])
    np.testing.assert_allclose(grads[0].numpy(), 6 * (np.sin([1.0]) + np.cos([1.0])), rtol=1e-6)
    np.testing.assert_allclose(grads[1].numpy(), 2 * np.sin(1.0), rtol=1e-6)
    np.testing.assert_allclose(outer.gradient(grads[0], x).numpy(), 6 * (2 * np.cos([1.0]) - np.sin([1.0])), rtol=1e-5)
    assert len(calls) >= 2


def test_a_method_and_no_tape():
    class Layer:
        @sw.custom_gradient
        def call(self, x):
            return x * 2.0, lambda dy: (None, dy * 4.0)

    layer, x = Layer(), sw.constant(1.0)
    assert float(layer.call(x)) == 2.0
    with sw.GradientTape() as tape:
        tape.watch(x)
        y = layer.call(x)
    assert float(tape.gradient(y, x)) == 4.0
