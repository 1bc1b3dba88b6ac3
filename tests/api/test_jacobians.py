"""Jacobians, Hessians, derivatives along directions, and gradients without a tape."""

import warnings

import numpy as np
import pytest

import stepwell as sw

M = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], np.float32)
MODES = {
    "eager": lambda f: f,
    "static": sw.function,
    "unknown sizes": lambda f: sw.function(f, input_signature=[sw.TensorSpec([None, 2])], engine="interpreter"),
}
modes = pytest.mark.parametrize("compiled", MODES.values(), ids=MODES)


def jacobian(f, x, method="jacobian", **options):
    with sw.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return getattr(tape, method)(y, x, **options)


@modes
@pytest.mark.parametrize("at_once", [True, False])
def test_a_jacobian_has_the_axes_of_the_target_and_of_the_source(compiled, at_once):
    def f(x):
        return jacobian(lambda x: sw.reduce_sum(x * x, 1), x, experimental_use_pfor=at_once)

    expected = np.zeros((3, 3, 2), np.float32)
    for i in range(3):
        expected[i, i] = 2 * M[i]
    np.testing.assert_allclose(compiled(f)(M if compiled is not MODES["eager"] else sw.constant(M)).numpy(), expected)


@modes
def test_limits(compiled):
    x = sw.constant(M)
    assert compiled(lambda x: jacobian(lambda x: x[:0] * 2.0, x))(x).shape == (0, 2, 3, 2)
    assert compiled(lambda x: jacobian(lambda x: sw.reduce_sum(x * x), x))(x).numpy().tolist() == (2 * M).tolist()
    assert compiled(lambda x: jacobian(lambda x: sw.constant([1.0]), x))(x) is None
    zeros = compiled(lambda x: jacobian(lambda x: sw.constant([1.0]), x, unconnected_gradients="zero"))(x)
    assert zeros.numpy().tolist() == np.zeros((1, 3, 2)).tolist()


@modes
def test_a_batch_jacobian_is_that_of_each_example(compiled):
    def f(x):
        return jacobian(lambda x: sw.concat([x * x, x[:, :1]], 1), x, "batch_jacobian", parallel_iterations=2)

    expected = [[[2 * a, 0], [0, 2 * b], [1, 0]] for a, b in M]
    assert compiled(f)(sw.constant(M)).numpy().tolist() == expected
    none = compiled(lambda x: jacobian(lambda x: sw.ones([3, 4]), x, "batch_jacobian"))
    assert none(sw.constant(M)).numpy().tolist() == np.zeros((3, 4, 2)).tolist()


def test_what_is_no_batch_is_refused():
    x = sw.constant(M)
    with pytest.raises(ValueError, match="as many examples in target and source, got shapes"):
        jacobian(lambda x: x[:1], x, "batch_jacobian")
    with pytest.raises(ValueError, match="target: expected an axis of examples"):
        jacobian(sw.reduce_sum, x, "batch_jacobian")
    with sw.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    tape.jacobian(y, x)
    with pytest.raises(RuntimeError, match="only once"):
        tape.jacobian(y, x)


def test_structures_and_variables_and_compiled_functions():
    w, b = sw.Variable(np.eye(2, dtype="f")), sw.Variable([1.0, 2.0])
    f = sw.function(lambda x: sw.tanh(sw.matmul(x, w) + b))
    x = sw.constant(M)
    with sw.GradientTape(persistent=True) as tape:
        y = f(x)
    found = tape.jacobian(y, {"w": w, "b": (b,)})
    slope = 1 - y.numpy() ** 2
    np.testing.assert_allclose(found["b"][0].numpy(), slope[:, :, None] * np.eye(2), rtol=1e-5)
    np.testing.assert_allclose(
        found["w"].numpy(), slope[:, :, None, None] * M[:, None, :, None] * np.eye(2)[None, :, None, :], rtol=1e-5
    )


@modes
def test_a_hessian_is_the_jacobian_of_a_gradient(compiled):
    def f(x):
        with sw.GradientTape() as outer:
            outer.watch(x)
            with sw.GradientTape() as inner:
                inner.watch(x)
                y = sw.reduce_sum(x**3.0)
            first = inner.gradient(y, x)
        return outer.jacobian(first, x)

    hessian = compiled(f)(sw.constant(M)).numpy().reshape(6, 6)
    np.testing.assert_allclose(hessian, np.diag(6 * M.reshape(-1)), rtol=1e-6)


def test_a_network_needs_no_loop():
    rng = np.random.default_rng(0)
    x, k = rng.normal(size=(3, 6, 6, 2)).astype("f"), sw.Variable(rng.normal(size=(3, 3, 2, 3)).astype("f"))

    def of_example(x):
        with sw.GradientTape() as tape:
            y = sw.nn.max_pool2d(sw.nn.relu(sw.nn.conv2d(x[None], k, 1, "SAME")), 2, 2, "VALID")
            loss = sw.reduce_mean(sw.nn.softmax(sw.reshape(y, [1, -1])) ** 2.0)
        return tape.gradient(loss, k)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = sw.function(lambda x: sw.vectorized_map(of_example, x))(x)
    expected = np.stack([of_example(sw.constant(each)).numpy() for each in x])
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("compiled", [lambda f: f, sw.function])
def test_what_needs_a_loop_says_so(compiled):
    def branch(x):
        return sw.cond(x[0] > 2.0, lambda: x * 2.0, lambda: x)

    with pytest.warns(UserWarning, match="vectorized_map: 'tensor.extract' at .*test_jacobians.py.* in a loop"):
        found = compiled(lambda x: sw.vectorized_map(branch, x))(sw.constant(M))
    assert found.numpy().tolist() == [[1, 2], [6, 8], [10, 12]]
    with pytest.raises(ValueError, match="cannot be computed for all parts at once"):
        sw.vectorized_map(branch, M, fallback_to_while_loop=False)


def test_arguments_of_vectorized_map():
    found = sw.vectorized_map(lambda p: {"a": p[0] + p[1], "b": 1}, (M, M[:1]))
    assert found["a"].numpy().tolist() == (M + M[:1]).tolist() and found["b"].numpy().tolist() == [1, 1, 1]
    with pytest.raises(ValueError, match=r"expected one size of first axes, got \[2, 3\]"):
        sw.vectorized_map(lambda p: p[0], (M, M[:2]))
    with pytest.raises(ValueError, match="got a scalar"):
        sw.vectorized_map(lambda p: p, 1.0)
    assert sw.vectorized_map(lambda p: p[:, None], np.zeros((0, 2))).shape == (0, 2, 1)


@pytest.mark.parametrize("compiled", [lambda f: f, sw.function])
def test_derivatives_along_a_direction(compiled):
    @compiled
    def f(x, v):
        with sw.autodiff.ForwardAccumulator(x, v) as acc:
            y = sw.sin(x) * x
            z = sw.ones([2])
        return acc.jvp(y), acc.jvp(z), acc.jvp({"z": z}, "zero"), acc.jvp(x)

    x, v = np.array([1.0, 2.0], "f"), np.array([3.0, -1.0], "f")
    y, none, zero, same = f(sw.constant(x), sw.constant(v))
    np.testing.assert_allclose(y.numpy(), (np.sin(x) + x * np.cos(x)) * v, rtol=1e-6)
    assert none is None and zero["z"].numpy().tolist() == [0, 0] and same.numpy().tolist() == v.tolist()
    with pytest.raises(ValueError, match="tangents: expected shape"):
        sw.autodiff.ForwardAccumulator(sw.constant(x), sw.constant(1.0))


def test_a_tape_that_does_not_record_stays_so():
    x = sw.constant(2.0)
    with sw.autodiff.ForwardAccumulator(x, x) as acc:
        y = x * x
        with pytest.raises(RuntimeError, match="not recording"), sw.GradientTape().stop_recording():
            pass
    acc.jvp(y)
    v = sw.Variable([1.0, 2.0])
    held = v._memory
    with sw.GradientTape() as tape:
        tape.watch(x)
    assert not tape.watched_variables() and held is v._memory
    v[0].assign(5.0)
    assert not acc._tape.watched_variables()


def test_gradients_without_a_tape():
    w = sw.Variable(3.0)

    @sw.function
    def f(x):
        a = sw.exp(x)
        y = a * x * w
        if x > 0.0:
            y = y + x * x
        return (
            sw.gradients(y, [x, w]),
            sw.gradients([y, a], a, grad_ys=[y, None]),
            sw.gradients(y, [x], stop_gradients=[a]),
            sw.gradients(y, sw.constant(1.0)),
            sw.hessians(sw.exp(2.0 * x), x)[0],
        )

    (dx, dw), (da,), (kept,), none, second = f(sw.constant(1.0))
    e = np.exp(1.0)
    np.testing.assert_allclose([dx, dw], [6 * e + 2, e], rtol=1e-6)
    np.testing.assert_allclose([da, kept, second], [3 * (3 * e + 1) + 1, 3 * e + 2, 4 * e**2], rtol=1e-6)
    assert none == [None]
    with pytest.raises(RuntimeError, match=r"use sw\.GradientTape"):
        sw.gradients(sw.constant(1.0), sw.constant(1.0))


@pytest.mark.parametrize("outside", [True, False])
def test_gradients_with_respect_to_what_is_computed_on_the_way(outside):
    x, s = sw.constant([1.0, 2.0]), sw.constant(3.0)

    def f(x, s):
        a = x * 2.0
        b = a * a
        c = b * a * s
        return (
            sw.gradients(c, [a, b, x]),
            sw.gradients(c, [a], stop_gradients=[b]),
            sw.gradients(sw.gradients(c, x)[0], [x, s]),
            sw.hessians(sw.reduce_sum(c), x),
            sw.gradients(b, c),
        )

    found = sw.function(lambda: f(x, s))() if outside else sw.function(f)(x, s)
    *found, none = found
    expected = [[36, 144], [6, 12], [72, 288]], [[12, 48]], [[144, 288], 120], [[[144, 0], [0, 288]]]
    for got, want in zip(found, expected, strict=True):
        for one, other in zip(got, want, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-6)
    assert none == [None]


def test_results_that_are_none_or_named():
    assert sw.vectorized_map(lambda x: None, M) is None
    found = sw.vectorized_map(lambda x: sw.math.top_k(x, 1), M)
    assert found.values.numpy().tolist() == [[2], [4], [6]] and found.indices.numpy().tolist() == [[1], [1], [1]]
