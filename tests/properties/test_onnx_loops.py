"""Loops that write a `TensorArray`, as ONNX loops: what they collect is what they would have carried."""

import numpy as np
import onnx
import pytest
from support.onnx_models import nodes

import stepwell as sw
from stepwell.compiler.frontend.ops.slicing import dynamic_update_slice
from stepwell.dialects.diagnostics import ExecutionError


def fixed(x):
    ta = sw.TensorArray(sw.float32, size=sw.shape(x)[0])
    h = sw.zeros([3])
    for i in sw.range(sw.shape(x)[0]):
        h = sw.tanh(h + x[i])
        ta = ta.write(i, h)
    return ta.stack(), h


def shape_of_the_first_write(x):
    """Rows whose size is known at run time only."""
    ta = sw.TensorArray(sw.float32, size=sw.shape(x)[0])
    wide = sw.concat([x, x], 1)
    part = sw.range(sw.shape(x)[0])
    for i in sw.range(sw.shape(x)[0]):
        ta = ta.write(i, sw.cast(part, sw.float32) * wide[i, 1])
    return ta.stack()


def grows(x):
    ta = sw.TensorArray(sw.float32, size=0, dynamic_size=True)
    for i in sw.range(sw.shape(x)[0]):
        ta = ta.write(i, x[i] * 2.0)
    return ta.stack(), ta.size()


def counts_by_itself(x):
    ta, i = sw.TensorArray(sw.float32, size=0, dynamic_size=True), 0
    for row in x:
        ta = ta.write(i, row)
        i += 1
    return ta.stack(), i


def by_while(x):
    n = sw.shape(x)[0]
    ta, i = sw.TensorArray(sw.float32, size=n), 0
    while i < n:
        ta = ta.write(i, x[i] + 1.0)
        i += 1
    return ta.stack()


def stops_early(x):
    n = sw.shape(x)[0]
    ta = sw.TensorArray(sw.float32, size=n)
    for i in sw.range(n):
        if x[i, 0] > 1.0:
            break
        ta = ta.write(i, x[i])
    return ta.stack()


def stops_after_writing(x):
    n = sw.shape(x)[0]
    ta = sw.TensorArray(sw.float32, size=n)
    for i in sw.range(n):
        ta = ta.write(i, x[i])
        if x[i, 0] > 0.5:
            break
    return ta.stack()


def leaves_rows(x):
    n = sw.shape(x)[0]
    ta = sw.TensorArray(sw.float32, size=n + 2)
    for i in sw.range(n):
        ta = ta.write(i, x[i])
    return ta.stack()


def leaves_rows_of_unknown_size(x):
    n = sw.shape(x)[0]
    ta = sw.TensorArray(sw.float32, size=n + 1)
    for i in sw.range(n):
        ta = ta.write(i, sw.cast(sw.range(n), sw.float32))
    return ta.stack()


def two_arrays(x):
    n = sw.shape(x)[0]
    a, b = sw.TensorArray(sw.float32, size=n), sw.TensorArray(sw.int32, size=n)
    for i in sw.range(n):
        b = b.write(i, i * i)
        a = a.write(i, x[i])
    return a.stack(), b.stack()


def nested(x):
    n = sw.shape(x)[0]
    outer = sw.TensorArray(sw.float32, size=n, element_shape=[3])
    for i in sw.range(n):
        inner = sw.TensorArray(sw.float32, size=3)
        for j in sw.range(3):
            inner = inner.write(j, x[i, j] * 2.0)
        outer = outer.write(i, inner.stack())
    return outer.stack()


def reads_an_array(x):
    n = sw.shape(x)[0]
    source = sw.TensorArray(sw.float32, size=n).unstack(x)
    ta, h = sw.TensorArray(sw.float32, size=n), sw.zeros([3])
    for i in sw.range(n):
        h = h + source.read(i)
        ta = ta.write(i, h)
    return ta.stack()


COLLECTED = [
    fixed,
    shape_of_the_first_write,
    grows,
    counts_by_itself,
    by_while,
    stops_after_writing,
    leaves_rows,
    leaves_rows_of_unknown_size,
    two_arrays,
    nested,
    reads_an_array,
]


def backwards(x):
    n = sw.shape(x)[0]
    ta = sw.TensorArray(sw.float32, size=n)
    for i in sw.range(n):
        ta = ta.write(n - 1 - i, x[i])
    return ta.stack()


def after_the_first(x):
    n = sw.shape(x)[0]
    ta = sw.TensorArray(sw.float32, size=n + 1)
    for i in sw.range(n):
        ta = ta.write(i + 1, x[i])
    return ta.stack()


def sometimes(x):
    n = sw.shape(x)[0]
    ta = sw.TensorArray(sw.float32, size=n, element_shape=[3])
    for i in sw.range(n):
        if i % 2 == 0:
            ta = ta.write(i, x[i])
    return ta.stack()


def twice(x):
    n = sw.shape(x)[0]
    ta = sw.TensorArray(sw.float32, size=n + 1, clear_after_read=False)
    for i in sw.range(n):
        ta = ta.write(i + 1, x[i] * 3.0)
        ta = ta.write(i, x[i])
    return ta.stack()


def reads_what_it_writes(x):
    n = sw.shape(x)[0]
    ta = sw.TensorArray(sw.float32, size=n + 1, element_shape=[3], clear_after_read=False)
    ta = ta.write(0, sw.zeros([3]))
    for i in sw.range(n):
        ta = ta.write(i + 1, ta.read(i) + x[i])
    return ta.stack()


def by_twos(x):
    n = sw.shape(x)[0]
    ta = sw.TensorArray(sw.float32, size=n)
    for i in sw.range(0, n, 2):
        ta = ta.write(i, x[i])
    return ta.stack()


def goes_on_after_the_loop(x):
    n = sw.shape(x)[0]
    ta = sw.TensorArray(sw.float32, size=n + 1)
    for i in sw.range(n):
        ta = ta.write(i, x[i])
    ta = ta.write(n, sw.zeros([3]))
    return ta.stack()


def writes_a_scalar(x):
    last = sw.zeros([])
    for i in sw.range(sw.shape(x)[0]):
        last = dynamic_update_slice(last, x[i, 0], [])
    return last


OTHERS = [
    stops_early,
    backwards,
    after_the_first,
    sometimes,
    twice,
    reads_what_it_writes,
    by_twos,
    goes_on_after_the_loop,
    writes_a_scalar,
]


def data(n):
    return np.random.default_rng(n).normal(size=(n, 3)).astype(np.float32)


def as_arrays(results):
    return [np.asarray(result) for result in (results if isinstance(results, tuple) else (results,))]


@pytest.mark.parametrize("f", COLLECTED + OTHERS, ids=lambda f: f.__name__)
def test_what_a_loop_writes_is_what_the_interpreter_writes(f, tmp_path):
    path, spec = tmp_path / "loop.onnx", sw.TensorSpec([None, 3])
    oracle, engine = (sw.function(f, engine=name, input_signature=[spec]) for name in ("interpreter", "onnx"))
    sw.onnx.export(sw.function(f), path, spec)
    for n in (0, 1, 4):
        x = sw.constant(data(n))
        expected = as_arrays(oracle(x))
        for results in (as_arrays(engine(x)), sw.onnx.run(path, data(n))):
            for got, want in zip(results, expected, strict=True):
                assert (got.dtype, got.shape) == (want.dtype, want.shape)
                np.testing.assert_allclose(got, want, rtol=1e-6)


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("f", COLLECTED, ids=lambda f: f.__name__)
def test_rows_are_collected_and_not_replaced(f, exact, tmp_path):
    path = tmp_path / "loop.onnx"
    sw.onnx.export(sw.function(f), path, sw.TensorSpec([None, 3]), exact=exact)
    assert "ScatterND" not in {node.op_type for node in nodes(onnx.load(path).graph)}


def test_a_recurrent_network_is_a_short_loop(tmp_path):
    wx, wh, b = (sw.constant(data(n)[:, : min(n, 3)]) for n in (5, 3, 1))

    @sw.function
    def f(x):
        h = sw.zeros([sw.shape(x)[1], 3])
        ta = sw.TensorArray(sw.float32, size=sw.shape(x)[0])
        for t in sw.range(sw.shape(x)[0]):
            h = sw.tanh(sw.matmul(x[t], wx) + sw.matmul(h, wh) + b[0, 0])
            ta = ta.write(t, h)
        return ta.stack(), h

    path = tmp_path / "rnn.onnx"
    sw.onnx.export(f, path, sw.TensorSpec([None, None, 5]))
    shapes = {
        v.name: [d.dim_param or d.dim_value for d in v.type.tensor_type.shape.dim] for v in onnx.load(path).graph.output
    }
    assert shapes == {"output_0": ["x_0", "x_1", 3], "output_1": ["x_1", 3]}
    (loop,) = [node for node in onnx.load(path).graph.node if node.op_type == "Loop"]
    body = next(attribute.g for attribute in loop.attribute if attribute.name == "body")
    found = sorted(node.op_type for node in body.node if node.op_type != "Identity")
    assert found == ["Add", "Add", "Gather", "MatMul", "MatMul", "Tanh"]
    oracle = sw.function(f.python_function, engine="interpreter")
    for steps, batch in ((4, 2), (1, 1), (0, 2), (3, 0)):
        x = np.random.default_rng(0).normal(size=(steps, batch, 5)).astype(np.float32)
        for got, want in zip(sw.onnx.run(path, x), oracle(sw.constant(x)), strict=True):
            want = want.numpy()
            assert got.shape == want.shape
            np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-6)


def too_many_rows(x):
    ta = sw.TensorArray(sw.float32, size=2)
    for i in sw.range(sw.shape(x)[0]):
        ta = ta.write(i, x[i])
    return ta.stack()


def rows_of_several_shapes(x):
    n = sw.shape(x)[0]
    ta = sw.TensorArray(sw.float32, size=n)
    for i in sw.range(n):
        ta = ta.write(i, sw.cast(sw.range(i + 1), sw.float32))
    return ta.stack()


WRONG = {too_many_rows: "Tried to write to index", rows_of_several_shapes: "written before have another shape"}


@pytest.mark.parametrize("f", WRONG, ids=lambda f: f.__name__)
def test_what_cannot_be_written_is_an_error(f, tmp_path):
    path, spec = tmp_path / "loop.onnx", sw.TensorSpec([None, 3])
    sw.onnx.export(sw.function(f), path, spec)
    engine = sw.function(f, engine="onnx", input_signature=[spec])
    with pytest.raises(ExecutionError, match=WRONG[f]):
        engine(sw.constant(data(4)))
    with pytest.raises(ExecutionError, match=WRONG[f]):
        sw.onnx.run(path, data(4))


def test_sizes_that_change_in_a_loop_have_names_of_their_own(tmp_path):
    @sw.function
    def f(x):
        kept, grown = x * 1.0, x
        for _ in sw.range(sw.shape(x)[1]):
            grown = sw.concat([grown, x[:1]], 0)
            kept = kept + 1.0
        if sw.reduce_sum(x) > 0.0:
            y = x
        else:
            y = grown
        return kept, grown, y

    path = tmp_path / "grow.onnx"
    sw.onnx.export(f, path, sw.TensorSpec(["n", "m"]))
    outputs = onnx.load(path).graph.output
    found = [[d.dim_param for d in v.type.tensor_type.shape.dim] for v in outputs]
    assert found == [["n", "m"], ["output_1_0", "m"], ["output_2_0", "m"]]
    x = np.ones((2, 3), np.float32)
    assert [array.shape for array in sw.onnx.run(path, x)] == [(2, 3), (5, 3), (2, 3)]
