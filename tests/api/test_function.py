"""`function`: traces, signatures, generalisation and its explanation."""

import numpy as np
import pytest

import stepwell as sw

ENGINES = ["native", "interpreter", "onnx"]


@pytest.mark.parametrize("engine", ENGINES)
def test_engines_agree(engine):
    @sw.function(engine=engine)
    def f(x, y):
        return x * y + 1.0, {"sum": x + y, "constant": 3, "none": None}

    x, y = sw.constant([1.0, 2.0]), sw.constant([3.0, 4.0])
    product, rest = f(x, y)
    assert product.numpy().tolist() == [4.0, 9.0]
    assert rest["sum"].numpy().tolist() == [4.0, 6.0]
    assert int(rest["constant"]) == 3
    assert rest["none"] is None


def test_python_runs_once_per_trace():
    calls = []

    @sw.function
    def f(x, flag=True):
        calls.append(flag)
        return x + 1.0 if flag else x - 1.0

    one = sw.constant(1.0)
    assert float(f(one)) == 2.0
    assert float(f(one)) == 2.0
    assert float(f(one, flag=False)) == 0.0
    assert float(f(one, False)) == 0.0
    assert float(f(one, True)) == 2.0
    assert calls == [True, False]


def test_python_numbers_specialise_and_tensors_do_not():
    @sw.function
    def f(x):
        return x * 2

    assert int(f(3)) == 6
    assert int(f(4)) == 8
    assert len(f.explain().events) == 2
    assert "pass a tensor instead" in str(f.explain())
    for n in range(3):
        assert int(f(sw.constant(n))) == 2 * n
    assert len(f.explain().events) == 3


def test_a_changing_size_is_generalised():
    @sw.function
    def f(x):
        return x + x

    for n in (3, 4, 5, 0, 1):
        x = np.arange(n, dtype=np.float32)
        np.testing.assert_array_equal(f(sw.constant(x, "float32")).numpy(), x + x)
    events = f.explain().events
    assert len(events) == 2
    assert "for any size" in events[1].reason
    (change,) = events[1].changes
    assert change.argument == "x"
    assert "TensorSpec(shape=(None,), dtype=tf.float32, name=None)" in change.remedy
    assert events[1].call_site.file == __file__


def test_without_generalisation_each_size_is_traced():
    @sw.function(reduce_retracing=False)
    def f(x):
        return x + x

    for n in (3, 4, 5):
        f(sw.constant(np.zeros(n, np.float32)))
    assert len(f.explain().events) == 3


@pytest.mark.parametrize("engine", ENGINES)
def test_input_signature(engine):
    @sw.function(input_signature=[sw.TensorSpec([None, 2]), sw.TensorSpec([], "int32")], engine=engine)
    def f(rows, n):
        return rows * 2.0, n + 1

    for count in (0, 1, 5):
        rows, n = f(np.ones((count, 2), np.float32), 4)
        assert rows.shape == (count, 2)
        assert int(n) == 5
    assert len(f.explain().events) == 1


@pytest.mark.parametrize(
    ("args", "error", "text"),
    [
        (([[1.0, 2.0, 3.0]],), ValueError, r"f: argument x: expected shape \(\?, 2\), got \(1, 3\)"),
        ((np.ones((1, 2)),), TypeError, r"f: argument x: expected dtype float32, got float64"),
        ((), TypeError, r"f: missing a required argument: 'x'"),
        ((1, 2), TypeError, r"f: too many positional arguments"),
    ],
)
def test_arguments_that_do_not_fit_the_signature(args, error, text):
    @sw.function(input_signature=[sw.TensorSpec([None, 2])])
    def f(x):
        return x

    with pytest.raises(error, match=text):
        f(*[sw.constant(a) if isinstance(a, np.ndarray) else a for a in args])


def test_structures_methods_and_keywords():
    class Scaler:
        def __init__(self, factor):
            self.factor = factor

        @sw.function
        def scale(self, tree, *rest, offset=0.0):
            return {key: value * self.factor + offset for key, value in tree.items()}, len(rest)

    scaler = Scaler(2.0)
    out, count = scaler.scale({"a": sw.constant(1.0), "b": sw.constant([1.0, 2.0])}, 1, 2, offset=1.0)
    assert float(out["a"]) == 3.0
    assert out["b"].numpy().tolist() == [3.0, 5.0]
    assert int(count) == 2


def test_concrete_functions():
    @sw.function
    def f(x, scale=2.0):
        return x * scale

    concrete = f.get_concrete_function(sw.TensorSpec([None]))
    assert concrete(sw.constant([1.0, 2.0])).numpy().tolist() == [2.0, 4.0]
    with pytest.raises(ValueError, match=r"argument x: expected shape \(\?,\), got \(1, 1\)"):
        concrete(sw.constant([[1.0]]))


def test_calls_inside_functions_are_inlined():
    @sw.function
    def square(x):
        return x * x

    @sw.function
    def f(x):
        return square(x) + square(x + 1.0)

    assert float(f(sw.constant(2.0))) == 13.0


def test_recursion_is_refused():
    @sw.function
    def f(x):
        return f(x) + 1.0

    with pytest.raises(RecursionError, match="f calls itself"):
        f(sw.constant(1.0))


def test_symbolic_tensors_do_not_leak():
    leaked = []

    @sw.function
    def f(x):
        leaked.append(x + 1.0)
        return x

    f(sw.constant(1.0))
    with pytest.raises(TypeError, match="symbolic"):
        leaked[0].numpy()

    @sw.function
    def g(x):
        return x + leaked[0]

    with pytest.raises(Exception, match="belongs to another function's trace"):
        g(sw.constant(1.0))


def test_large_captured_tensors_are_not_copied_into_the_program():
    big = sw.constant(np.ones((300, 300), np.float32))

    @sw.function
    def f(x):
        return x + big

    x = sw.constant(np.ones((300, 300), np.float32))
    assert float(f(x)[0, 0]) == 2.0
    assert len(sw.ir(f, x)) < 5000


def test_eager_debugging():
    seen = []

    @sw.function
    def f(x):
        seen.append(float(x))
        return x

    sw.config.run_functions_eagerly(True)
    try:
        f(sw.constant(1.0))
        f(sw.constant(2.0))
    finally:
        sw.config.run_functions_eagerly(False)
    assert seen == [1.0, 2.0]


def test_an_unknown_engine_is_refused():
    with pytest.raises(ValueError, match="expected one of native, interpreter, onnx, got 'gpu'"):
        sw.function(lambda x: x, engine="gpu")


@pytest.mark.parametrize("level", ["hl", "linalg", "loops", "cfg", "llvm"])
def test_every_op_at_every_level_has_the_users_line(level):
    @sw.function
    def f(x, n):
        y = sw.tanh(x)
        i = 0
        while i < n:
            if sw.reduce_sum(y) > 0.0:
                y = y - 1.0
            else:
                y = y * 2.0
            i += 1
        return y, sw.matmul(sw.reshape(y, [2, 2]), sw.ones([2, 3]))

    text = sw.ir(f, sw.TensorSpec([4]), sw.TensorSpec([], "int32"), level=level, locations=True)
    assert "loc(unknown)" not in text
    assert "test_function.py" in text
