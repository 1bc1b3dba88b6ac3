"""Exports with weights of eight bits: what they compute, what they leave alone, how far they are from the function."""

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

import stepwell as sw
from stepwell.dialects.diagnostics import UnsupportedError


def _eight_bits(w, axis):
    """The weight that is stored: integers from -127 to 127 times a scale for each channel, in float64."""
    w = np.moveaxis(np.asarray(w, np.float64), axis, 0)
    scales = np.abs(w.reshape(len(w), -1)).max(1) / 127
    scales[scales == 0] = 1
    shaped = scales.reshape(-1, *[1] * (w.ndim - 1))
    return np.moveaxis(np.rint(w / shaped) * shaped, 0, axis)


def _activation(x):
    """What `DynamicQuantizeLinear` keeps of an input, after ONNX's text, in float64."""
    low, high = min(0.0, float(x.min())), max(0.0, float(x.max()))
    scale = np.float32((high - low) / 255) or np.float32(1)
    zero = np.clip(np.rint(-low / scale), 0, 255)
    return (np.clip(np.rint(x / scale) + zero, 0, 255) - zero) * np.float64(scale)


def _exported(tmp_path, function, *specs):
    path = tmp_path / "model.onnx"
    sw.onnx.export(function, path, *specs, quantize="int8")
    return path, onnx.load(path)


def _ops(graph):
    for node in graph.node:
        yield node.op_type
        for attribute in node.attribute:
            yield from _ops(attribute.g)


@settings(max_examples=examples(12), deadline=None)
@given(data=st.data())
def test_products_are_of_integers(tmp_path_factory, data):
    rows, depth, columns = (data.draw(st.integers(low, high)) for low, high in ((1, 9), (16, 90), (64, 90)))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    w = rng.normal(size=(depth, columns)).astype("f4") * np.float32(data.draw(st.sampled_from([1e-6, 1, 1e6])))
    w[:, data.draw(st.integers(0, columns - 1))] = 0
    b = rng.normal(size=columns).astype("f4")
    x = (rng.normal(size=(rows, depth)) + data.draw(st.sampled_from([-3, 0, 3]))).astype("f4")
    variable, biased = sw.Variable(w), data.draw(st.booleans())
    function = sw.function(lambda v: v @ variable + b if biased else v @ variable)
    path, model = _exported(tmp_path_factory.mktemp("q"), function, sw.TensorSpec([None, depth]))
    assert "MatMulInteger" in set(_ops(model.graph)) and not {"MatMul", "Gemm"} & set(_ops(model.graph))
    want = _activation(x) @ _eight_bits(w, 1) + (b if biased else 0)
    tolerance = {"rtol": 1e-4, "atol": 1e-4 * np.abs(want).max()}
    np.testing.assert_allclose(sw.onnx.run(path, x)[0], want, **tolerance)


@settings(max_examples=examples(8), deadline=None)
@given(data=st.data())
def test_filters_and_tables_are_stored_as_integers(tmp_path_factory, data):
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    filters = rng.normal(size=(3, 3, 8, data.draw(st.integers(16, 20)))).astype("f4")
    table = rng.normal(size=(data.draw(st.integers(130, 150)), 8)).astype("f4")
    f, t = sw.Variable(filters), sw.Variable(table)

    @sw.function
    def both(ids):
        return sw.nn.conv2d(sw.gather(t, ids), f, 1, "SAME")

    ids = rng.integers(0, len(table), size=(2, 5, 6)).astype("i4")
    path, model = _exported(tmp_path_factory.mktemp("q"), both, sw.TensorSpec([2, 5, 6], "int32"))
    stored = {tensor.data_type for tensor in model.graph.initializer if np.prod(tensor.dims) >= 1024}
    assert stored == {onnx.TensorProto.INT8}
    rows, kernel = _eight_bits(table, 0)[ids], _eight_bits(filters, 3)
    wide = np.pad(rows, ((0, 0), (1, 1), (1, 1), (0, 0)))
    want = sum(wide[:, i : i + 5, j : j + 6] @ kernel[i, j] for i in range(3) for j in range(3))
    np.testing.assert_allclose(sw.onnx.run(path, ids)[0], want, rtol=1e-4, atol=1e-3)


def test_a_loop_multiplies_integers(tmp_path):
    rng = np.random.default_rng(1)
    w, u = (sw.Variable(rng.normal(size=size).astype("f4") / 6) for size in ((32, 32), (32, 32)))

    @sw.function
    def rnn(xs):
        h = sw.zeros([4, 32])
        for t in sw.range(sw.shape(xs)[0]):
            h = sw.tanh(xs[t] @ w + h @ u)
        return h

    path, model = _exported(tmp_path, rnn, sw.TensorSpec([None, 4, 32]))
    assert list(_ops(model.graph)).count("MatMulInteger") == 2 and "Loop" in set(_ops(model.graph))
    plain = sw.onnx.export(rnn, tmp_path / "plain.onnx", sw.TensorSpec([None, 4, 32]))
    assert path.stat().st_size < 0.6 * plain.stat().st_size
    xs = rng.normal(size=(7, 4, 32)).astype("f4")
    (found,) = sw.onnx.compare(path, rnn, xs)
    assert 0 < found.largest < 0.05 and found.mean < 0.01
    np.testing.assert_allclose(sw.onnx.load(path)(xs), sw.onnx.run(path, xs)[0], rtol=1e-4, atol=1e-4)
    (found,) = sw.onnx.compare(plain, rnn, xs)
    assert found.largest < 1e-5 and found.same_argmax == 1


def test_what_has_no_weight_is_refused(tmp_path):
    small = sw.function(lambda x: x @ np.ones((4, 4), "f4"))
    with pytest.raises(UnsupportedError, match="no weight to give eight bits"):
        sw.onnx.export(small, tmp_path / "small.onnx", sw.TensorSpec([2, 4]), quantize="int8")
    with pytest.raises(ValueError, match=r"quantize: expected 'int8' or None, got 'int4'"):
        sw.onnx.export(small, tmp_path / "small.onnx", sw.TensorSpec([2, 4]), quantize="int4")
    assert not list(tmp_path.iterdir())


def test_assigned_variables_stay(tmp_path):
    w, total = sw.Variable(np.ones((40, 40), "f4")), sw.Variable(np.ones((40, 40), "f4"))

    @sw.function
    def step(x):
        total.assign_add(w)
        return x @ w @ total

    _, model = _exported(tmp_path, step, sw.TensorSpec([2, 40]))
    ops = list(_ops(model.graph))
    assert ops.count("MatMulInteger") == 1 and ops.count("MatMul") == 1


@pytest.mark.parametrize(
    "got, want, largest, same",
    [
        ([1.0, 2.0], [1.0, 4.0], 0.5, 1.0),
        ([np.nan, 1.0], [np.nan, 1.0], 0.0, 1.0),
        ([np.inf, 1.0], [3.0, 1.0], np.inf, 1.0),
        ([[3.0, 1.0], [1.0, 2.0]], [[2.0, 4.0], [1.0, 2.0]], 0.75, 0.5),
        ([], [], 0.0, 1.0),
    ],
)
def test_differences_are_in_proportion(tmp_path, got, want, largest, same):
    got, want = np.array(got, "f4"), np.array(want, "f4")
    path = sw.onnx.export(sw.function(lambda x: x * 0 + got), tmp_path / "m.onnx", sw.TensorSpec([]))
    (found,) = sw.onnx.compare(path, sw.function(lambda x: x * 0 + want), np.float32(0))
    assert (found.largest, found.same_argmax) == (pytest.approx(largest), same)
