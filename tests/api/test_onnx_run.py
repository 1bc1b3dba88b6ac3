"""`sw.onnx.run`, and functions for the ONNX engine."""

import inspect
import os

import numpy as np
import onnxruntime
import pytest

import stepwell as sw
from stepwell.dialects.diagnostics import ExecutionError, UnsupportedError


@pytest.fixture
def model(tmp_path):
    """A file with two inputs whose last sizes must agree, and a Variable that is assigned."""
    calls = sw.Variable(0, name="calls")

    @sw.function
    def product(x, y):
        calls.assign_add(1)
        return sw.matmul(x, y)

    return sw.onnx.export(product, tmp_path / "m.onnx", sw.TensorSpec([2, None]), sw.TensorSpec([None, 3]))


def test_a_damaged_file_is_refused(model):
    whole, random, refused = model.read_bytes(), np.random.default_rng(0), 0
    for _ in range(150):
        data = bytearray(whole)
        for place in random.integers(0, len(data), random.integers(1, 9)):
            data[place] = random.integers(0, 256)
        model.write_bytes(data)
        try:
            sw.onnx.run(model, X, Y)
        except (UnsupportedError, ExecutionError, TypeError, ValueError) as error:
            assert not isinstance(error, UnicodeDecodeError)
            refused += 1
    assert refused > 100


X, Y = np.ones((2, 4), np.float32), np.ones((4, 3), np.float32)


class TestRun:
    def test_arrays_tensors_and_lists(self, model):
        for x in (X, sw.constant(X), sw.Variable(X), X.tolist()):
            product, calls = sw.onnx.run(model, x, Y)
            assert product.tolist() == [[4.0] * 3] * 2
            assert calls == 1

    @pytest.mark.parametrize(
        "arrays, error, message",
        [
            ((X,), TypeError, r"expected 2 inputs \(x, y\), got 1"),
            ((X, Y, Y), TypeError, r"expected 2 inputs \(x, y\), got 3"),
            ((X.astype(np.float64), Y), TypeError, "input x: expected dtype float32, got float64"),
            ((X, Y.astype(np.int32)), TypeError, "input y: expected dtype float32, got int32"),
            ((X[:1], Y), ValueError, r"input x: expected shape \(2, x_1\), got \(1, 4\)"),
            ((X[0], Y), ValueError, r"input x: expected shape \(2, x_1\), got \(4,\)"),
            ((X, Y[:2]), ValueError, "input y: axis 0 has size 2, but x_1 is 4 in input x"),
            ((X, [["a"]]), ValueError, "could not convert"),
        ],
    )
    def test_wrong_inputs(self, model, arrays, error, message):
        with pytest.raises(error, match=message) as caught:
            sw.onnx.run(model, *arrays)
        assert str(caught.value).startswith("onnx.run: ") or "convert" in message

    def test_wrong_state(self, model):
        with pytest.raises(TypeError, match=r"expected names of assigned Variables \(calls\), got 'count'"):
            sw.onnx.run(model, X, Y, state={"count": 1})
        with pytest.raises(ValueError, match=r"state calls: expected shape \(\), got \(1,\)"):
            sw.onnx.run(model, X, Y, state={"calls": [1]})

    def test_no_file(self, tmp_path):
        with pytest.raises(FileNotFoundError):
            sw.onnx.run(tmp_path / "none.onnx")

    def test_no_model(self, tmp_path):
        (tmp_path / "text.onnx").write_text("not a model")
        with pytest.raises(UnsupportedError, match="ONNX Runtime does not accept the model"):
            sw.onnx.run(tmp_path / "text.onnx")


@pytest.fixture
def sessions(monkeypatch):
    """Counts the sessions that are made."""
    made = []
    original = onnxruntime.InferenceSession

    def make(*args, **kwargs):
        made.append(args)
        return original(*args, **kwargs)

    monkeypatch.setattr(onnxruntime, "InferenceSession", make)
    return made


class TestSessions:
    def test_a_file_is_loaded_once(self, model, sessions):
        for _ in range(3):
            sw.onnx.run(model, X, Y)
        assert len(sessions) == 1

    def test_a_file_that_changed_is_loaded_again(self, model, sessions):
        before = sw.onnx.run(model, X, Y)[0]

        @sw.function
        def difference(x, y):
            return sw.matmul(x, y) * 2.0

        sw.onnx.export(difference, model, sw.TensorSpec([2, None]), sw.TensorSpec([None, 3]))
        assert sw.onnx.run(model, X, Y)[0].tolist() == (2 * before).tolist()
        assert len(sessions) == 2

    def test_a_function_is_loaded_once_for_each_trace(self, sessions):
        add = sw.function(lambda x, y: x + y, engine="onnx")
        for n in (2, 2, 3, 4, 5):
            assert add(np.ones(n, np.float32), np.ones(n, np.float32)).numpy().tolist() == [2.0] * n
        assert len(sessions) == 2  # for size 2, then for any size


class TestEngine:
    def test_variables_are_updated(self):
        total, seen = sw.Variable([1.0, 2.0]), sw.Variable(0)

        @sw.function(engine="onnx")
        def add(x):
            for i in sw.range(3):
                if i != 1:
                    total.assign_add(x)
                    seen.assign_add(i)
            return total * 10.0

        for times in (1, 2):
            assert add(sw.constant([1.0, 1.0])).numpy().tolist() == [10.0 + 20 * times, 20.0 + 20 * times]
            assert total.numpy().tolist() == [1.0 + 2 * times, 2.0 + 2 * times]
            assert int(seen) == 2 * times

    def test_what_was_read_before_an_assignment_stays(self):
        v = sw.Variable([1.0])

        @sw.function(engine="onnx")
        def swap(x):
            old = v + 0.0
            v.assign(x)
            return old, v + 0.0

        before = v.read_value()
        assert [value.numpy().tolist() for value in swap(sw.constant([2.0]))] == [[1.0], [2.0]]
        assert before.numpy().tolist() == [1.0]

    def test_a_failed_check_assigns_nothing(self):
        v = sw.Variable(1)

        @sw.function(engine="onnx")
        def bump(x):
            v.assign_add(1)
            sw.debugging.Assert(x > 0, [x])
            return x

        line = inspect.getsourcelines(bump.python_function)[1] + 3
        assert int(bump(sw.constant(1))) == 1
        with pytest.raises(ExecutionError, match="assertion failed") as caught:
            bump(sw.constant(0))
        assert str(caught.value).startswith(f"{__file__}:{line}:")
        assert int(v) == 2

    def test_a_check_that_always_fails_fails_where_it_runs(self):
        @sw.function(engine="onnx")
        def choose(x):
            if x < 0:
                sw.debugging.Assert(False, [x])
            return x

        assert int(choose(sw.constant(3))) == 3
        with pytest.raises(ExecutionError, match="assertion failed"):
            choose(sw.constant(-3))

    def test_a_check_in_a_loop_that_would_never_end(self):
        @sw.function(engine="onnx")
        def count(x):
            while x != 0:
                sw.debugging.Assert(x > 0, [x])
                x -= 1
            return x

        assert int(count(sw.constant(3))) == 0
        with pytest.raises(ExecutionError, match="assertion failed"):
            count(sw.constant(-1))

    def test_printing_is_an_error_when_it_is_compiled(self):
        @sw.function(engine="onnx")
        def shows(x):
            sw.print(x)
            return x

        line = inspect.getsourcelines(shows.python_function)[1] + 2
        with pytest.raises(UnsupportedError, match="a model cannot print") as caught:
            shows(sw.constant(1))
        assert str(caught.value).startswith(f"{__file__}:{line}:")

    def test_a_size_that_does_not_fit_a_variable(self):
        v = sw.Variable([1.0, 2.0])

        @sw.function(engine="onnx", input_signature=[sw.TensorSpec([None])])
        def store(x):
            v.assign(x)

        store([3.0, 4.0])
        assert v.numpy().tolist() == [3.0, 4.0]
        with pytest.raises(ExecutionError, match=r"expected shape \[2\]"):
            store([3.0])
        assert v.numpy().tolist() == [3.0, 4.0]

    def test_a_function_without_results(self):
        assert sw.function(lambda x: None, engine="onnx")(sw.constant(1)) is None

    def test_gradients(self):
        @sw.function(engine="onnx")
        def cube(x):
            return x * x * x

        x = sw.constant([1.0, 2.0])
        with sw.GradientTape() as tape:
            tape.watch(x)
            y = cube(x)
        assert tape.gradient(y, x).numpy().tolist() == [3.0, 12.0]

    def test_nothing_is_left_on_standard_error(self, capfd):
        guard = sw.function(lambda x: sw.gather(x, 5), engine="onnx")
        with pytest.raises(ExecutionError, match="gather: an index is out of range"):
            guard(sw.constant([1.0]))
        assert capfd.readouterr() == ("", "")
        assert os.environ  # the process is alive
