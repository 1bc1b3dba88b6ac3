"""Gradients through loops and branches with effects: what they draw, assign, print and call happens once."""

import numpy as np
import pytest

import stepwell as sw

w = sw.Variable(2.0, name="w")


def gradients(function, x):
    with sw.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
    return [y, *tape.gradient(y, [x, w], unconnected_gradients="zero")]


@pytest.fixture(params=["around", "inside"])
def differentiated(request):
    """The result and the gradients of a compiled function, from a tape around it or inside of it."""
    if request.param == "around":
        return lambda f, engine="interpreter": lambda x: gradients(sw.function(f, engine=engine), x)
    return lambda f, engine="interpreter": sw.function(lambda x: gradients(f, x), engine=engine)


def draws_in_a_loop(x):
    h = x
    for _ in sw.range(3):
        h = h * sw.random.normal([])
    return h


def draws_in_a_branch(x):
    if x > 1.0:
        return x * sw.random.normal([])
    return x


def draws_in_a_branch_of_a_loop(x):
    h = x
    for i in sw.range(4):
        if i % 2 == 0:
            h = h * sw.random.normal([])
    return h


@pytest.mark.parametrize("engine", ["interpreter", "native"])
@pytest.mark.parametrize(
    "program", [draws_in_a_loop, draws_in_a_branch, draws_in_a_branch_of_a_loop], ids=lambda program: program.__name__
)
def test_random_numbers_are_drawn_once(program, differentiated, engine):
    y, grad, _ = differentiated(program, engine)(sw.constant(2.0))
    np.testing.assert_allclose(float(grad), float(y) / 2.0, rtol=1e-5)


def assigns(x):
    w.assign(2.0)
    h = x
    for _ in sw.range(3):
        h = h * w
        w.assign(w * 0.5 + h)
    return h * w


def test_each_read_of_an_assigned_variable_counts(differentiated):
    """As TensorFlow has it: the value is that of the read, and nothing flows through an assignment."""
    y, dx, dw = differentiated(assigns)(sw.constant(1.5))
    after = float(w)
    sw.config.run_functions_eagerly(True)
    try:
        expected = gradients(assigns, sw.constant(1.5))
    finally:
        sw.config.run_functions_eagerly(False)
    np.testing.assert_allclose([float(each) for each in (y, dx, dw)], [float(each) for each in expected], rtol=1e-5)
    assert after == pytest.approx(float(w), rel=1e-6)


@pytest.mark.parametrize("engine", ["interpreter", "native"])
def test_a_loop_prints_once(differentiated, engine, capfd):
    def f(x):
        for i in sw.range(2):
            sw.print("step", i)
            x = x * x
        return x

    _, grad, _ = differentiated(f, engine)(sw.constant(2.0))
    assert float(grad) == 32.0
    assert capfd.readouterr().err == "step 0\nstep 1\n"


def test_python_functions_in_loops(differentiated):
    """Such a function runs again where its gradient is taken, by its own rule, and not where nothing asks for that."""
    calls = []

    def square(x):
        calls.append(float(x))
        return x * x

    def f(x):
        for _ in sw.range(2):
            x = sw.py_function(square, [x], sw.TensorSpec([], "float32"))
        return x

    y, grad, _ = differentiated(f)(sw.constant(2.0))
    assert (float(y), float(grad)) == (16.0, 32.0)
    assert calls == [2.0, 4.0, 4.0, 2.0]


def test_second_derivatives_have_effects_once(capfd):
    @sw.function(engine="interpreter")
    def f(x):
        for _ in sw.range(2):
            sw.print("once")
            x = x * x * sw.random.uniform([], 1.0, 1.5)
        return x

    x = sw.constant(2.0)
    with sw.GradientTape() as outer:
        outer.watch(x)
        with sw.GradientTape() as inner:
            inner.watch(x)
            y = f(x)
        grad = inner.gradient(y, x)
    second = outer.gradient(grad, x)
    np.testing.assert_allclose([float(grad), float(second)], [4 * float(y) / 2, 12 * float(y) / 4], rtol=1e-5)
    assert capfd.readouterr().err == "once\nonce\n"


def looped(x):
    h = x
    for i in sw.range(4):
        h = sw.exp(h * w) * 0.1 if i % 2 == 0 else h * h + x
    return h


def asks(x):
    """Derivatives by all functions that there are."""
    with sw.GradientTape(persistent=True) as outer:
        outer.watch(x)
        with sw.GradientTape(persistent=True) as tape:
            tape.watch(x)
            y = looped(x)
        first = tape.gradient(y, x)
    direction = sw.constant([1.0, 0.5])
    with sw.autodiff.ForwardAccumulator(x, direction) as forward:
        with sw.GradientTape() as inner:
            inner.watch(x)
            z = looped(x)
        again = inner.gradient(z, x)
    return [
        first,
        tape.gradient(y, w),
        tape.jacobian(y, x),
        tape.jacobian(y, w, experimental_use_pfor=False),
        outer.jacobian(first, x),
        forward.jvp(z),
        forward.jvp(again),
    ]


def test_jacobians_hessians_and_forward_mode():
    w.assign(1.5)
    x = sw.constant([0.3, 0.7])
    found = sw.function(asks, engine="interpreter")(x)
    sw.config.run_functions_eagerly(True)
    try:
        expected = asks(x)
    finally:
        sw.config.run_functions_eagerly(False)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one.numpy(), other.numpy(), rtol=1e-4)


def test_gradients_without_a_tape_know_loops():
    """Another tape that has recorded the loop knows what `gradients` keeps of it."""
    w.assign(1.5)

    @sw.function(engine="interpreter")
    def f(x):
        with sw.GradientTape() as tape:
            tape.watch(x)
            y = looped(x)
            first = sw.gradients(y, [x, w])
        return [*first, sw.hessians(sw.reduce_sum(y), x)[0], tape.gradient(first[0], x)]

    dx, dw, hessian, second = f(sw.constant([0.3, 0.7]))
    expected = sw.function(asks, engine="interpreter")(sw.constant([0.3, 0.7]))
    for one, other in zip([dx, dw, hessian], [expected[0], expected[1], expected[4]], strict=True):
        np.testing.assert_allclose(one.numpy(), other.numpy(), rtol=1e-4)
    np.testing.assert_allclose(second.numpy(), np.diag(hessian.numpy()), rtol=1e-4)


def test_stop_gradients_are_constants_of_gradients():
    @sw.function(engine="interpreter")
    def f(x):
        y = x * x
        z = y * x
        return sw.gradients(z, x), sw.gradients(z, x, stop_gradients=[y])

    (whole,), (part,) = f(sw.constant(3.0))
    assert (float(whole), float(part)) == (27.0, 9.0)
