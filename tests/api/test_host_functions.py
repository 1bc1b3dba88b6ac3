"""`py_function` and `numpy_function`: calls of functions that stay Python."""

import traceback

import numpy as np
import pytest

import stepwell as sw

ENGINES = ["native", "interpreter"]
engines = pytest.mark.parametrize("engine", ENGINES)
X = np.array([1.0, -2.0, 3.0], np.float32)


@engines
def test_a_function_runs_once_in_each_call(engine):
    seen = []

    def square(x):
        seen.append(x.numpy().tolist())
        return x * x

    f = sw.function(lambda x: sw.py_function(square, [x], sw.float32) + 1.0, engine=engine)
    for values in ([1.0, 2.0], [1.0, 2.0], [3.0, 4.0], [1.0, 2.0, 3.0]):
        assert f(sw.constant(values)).numpy().tolist() == [v * v + 1 for v in values]
    assert seen == [[1.0, 2.0], [1.0, 2.0], [3.0, 4.0], [1.0, 2.0, 3.0]]


@engines
def test_sizes_are_those_of_the_result(engine):
    f = sw.function(
        lambda x: sw.reduce_sum(sw.numpy_function(lambda a: a[a > 0], [x], sw.TensorSpec([None], sw.float32)) * 2.0),
        engine=engine,
        input_signature=[sw.TensorSpec([None])],
    )
    assert float(f(X)) == 8.0
    assert float(f(X[:0])) == 0.0


@engines
def test_several_results_and_none(engine):
    said = []

    @sw.function(engine=engine, input_signature=[sw.TensorSpec([None])])
    def f(x):
        a, b = sw.py_function(lambda x: (x[:, None], len(x)), [x], [sw.float32, sw.int32])
        a.set_shape([None, 1])
        b = sw.ensure_shape(b, [])
        for i in sw.range(2):
            sw.print("now", output_stream="file:///dev/null")
            assert sw.py_function(lambda i, b: said.append((int(i), int(b))), [i, b], []) == []
        return a * 2.0, b

    a, b = f(X)
    assert a.numpy().tolist() == [[2.0], [-4.0], [6.0]] and int(b) == 3
    assert said == [(0, 3), (1, 3)]


@pytest.mark.parametrize("compiled", [lambda f: f, sw.function, lambda f: sw.function(f, engine="interpreter")])
def test_gradients_to_any_order(compiled):
    f = compiled(lambda x, n: sw.py_function(lambda x, n: x**3 * float(n), [x, n], sw.float32) * 2.0)
    x, n = sw.constant([1.0, 2.0]), sw.constant(5)
    with sw.GradientTape() as outer:
        outer.watch(x)
        with sw.GradientTape() as inner:
            inner.watch(x)
            y = f(x, n)
        first = inner.gradient(y, x)
    assert first.numpy().tolist() == [30.0, 120.0]
    assert outer.gradient(first, x).numpy().tolist() == [60.0, 120.0]


def test_a_tape_inside_of_a_function():
    @sw.function
    def f(x):
        with sw.GradientTape() as tape:
            tape.watch(x)
            y = sw.py_function(lambda x: x * x, [x], sw.float32)
        return tape.gradient(y, x)

    assert f(X).numpy().tolist() == [2.0, -4.0, 6.0]


@pytest.mark.parametrize("compiled", [lambda f: f, sw.function])
def test_numpy_functions_have_no_gradient(compiled):
    f = compiled(lambda x: sw.numpy_function(lambda a: a * 2, [x], sw.float32) + 1.0)
    x = sw.constant([1.0, 2.0])
    with sw.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    assert y.numpy().tolist() == [3.0, 5.0] and tape.gradient(y, x) is None


@engines
def test_exceptions_are_those_of_the_function(engine):
    def broken(x):
        return {}["key"]

    @sw.function(engine=engine)
    def f(x):
        return sw.py_function(broken, [x], sw.TensorSpec([], sw.float32))

    with pytest.raises(KeyError, match="key") as caught:
        f(X)
    assert traceback.extract_tb(caught.value.__traceback__)[-1].line == 'return {}["key"]'


@engines
def test_in_branches_and_loops(engine):
    @sw.function(engine=engine, input_signature=[sw.TensorSpec([None]), sw.TensorSpec([], sw.int32)])
    def f(x, n):
        for _ in sw.range(n):
            if sw.reduce_sum(x) > 0.0:
                x = sw.py_function(lambda x: x - 1.0, [x], sw.TensorSpec([None], sw.float32))
        return x

    assert f(X, 1).numpy().tolist() == (X - 1).tolist()
    assert f(X, 5).numpy().tolist() == (X - 1).tolist()


def test_what_does_not_fit_is_refused():
    x = sw.constant([1.0])
    whole = [lambda f: f, sw.function]
    for compiled in whole:
        with pytest.raises(ValueError, match="expected a tensor of dtype int32, got float32"):
            compiled(lambda x: sw.py_function(lambda x: x, [x], sw.int32))(x)
        with pytest.raises(ValueError, match="expected 1 results, got 0"):
            compiled(lambda x: sw.py_function(lambda x: None, [x], sw.float32))(x)
    with pytest.raises(ValueError, match="expected a result of dtype float32, got float64"):
        sw.function(lambda x: sw.numpy_function(lambda x: x.astype(float), [x], sw.float32))(x)
    with pytest.raises(TypeError, match="func: expected a function"):
        sw.py_function(3, [x], sw.float32)
    with pytest.raises(ValueError, match="expected rank 0, as when it was traced, got shape \\(1,\\)"):
        sw.function(lambda x: sw.py_function(lambda x: x, [x], sw.TensorSpec([], sw.float32)))(x)
    with pytest.raises(ValueError, match="expected 2 elements along axis 0, got 1"):
        sw.function(lambda x: sw.py_function(lambda x: x, [x], sw.TensorSpec([2], sw.float32)))(x)
    with pytest.raises(sw.errors.UnsupportedError, match=r"cannot call the Python function 'named'; write it"):
        sw.function(lambda x: sw.py_function(lambda x: x, [x], sw.float32, name="named"), engine="onnx")(x)


def test_a_rank_that_nothing_says_is_an_error_where_it_is_needed():
    @sw.function(input_signature=[sw.TensorSpec([None])])
    def f(x):
        y = sw.py_function(lambda x: x, [x], sw.float32, name="same")
        assert y.shape.rank is None and y.dtype == sw.float32
        return y + 1.0

    with pytest.raises(ValueError, match=r"rank of a result of the Python function 'same' is not known .* set_shape"):
        f.get_concrete_function()


def test_eager_results():
    x = sw.constant([1.0, 2.0])
    assert sw.py_function(lambda a: 3, [x], sw.float32).dtype == sw.float32
    assert [t.numpy().tolist() for t in sw.py_function(lambda a: (a, a.shape[0]), [x], [sw.float32, sw.int32])] == [
        [1.0, 2.0],
        2,
    ]
    assert len(sw.py_function(lambda a: a, [x], [sw.float32])) == 1
    assert sw.numpy_function(lambda a: a[::-1], [x], sw.float32).numpy().tolist() == [2.0, 1.0]
    assert sw.numpy_function(lambda a: None, [x], []) is None


def test_the_results_of_a_call_are_fetched_at_one_place():
    f = sw.function(lambda x: sw.numpy_function(lambda x: (x, x + 1, x.sum()), [x], 3 * [sw.float32]))
    text = sw.ir(f, np.float32([1, 2]), level="linalg")
    assert (text.count('callee = "python.call"'), text.count('callee = "python.results"')) == (1, 1)
    assert [part.numpy().tolist() for part in f(np.float32([1, 2]))] == [[1, 2], [2, 3], 3]
