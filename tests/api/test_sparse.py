"""Tensors of which some elements are stored; `make compare-tf` compares generated calls with TensorFlow."""

import numpy as np
import pytest

import stepwell as sw
from stepwell import sparse

ENGINES = [None, "native", "interpreter"]
DENSE = np.array([[0, 1.5, 0], [-2, 0, 4]], np.float32)


def _of(array):
    places = np.argwhere(array)
    return sw.SparseTensor(places, array[tuple(places.T)], array.shape)


def _compiled(function, engine, *signature):
    return function if engine is None else sw.function(function, engine=engine, input_signature=signature)


def test_its_parts():
    x = _of(DENSE)
    assert x.indices.numpy().tolist() == [[0, 1], [1, 0], [1, 2]] and x.indices.dtype == sw.int64
    assert x.values.numpy().tolist() == [1.5, -2, 4] and x.dtype == sw.float32
    assert x.dense_shape.numpy().tolist() == [2, 3] and x.dense_shape.dtype == sw.int64
    assert x.shape == (2, 3) == x.get_shape() and x.rank == 2
    assert sparse.SparseTensor is sw.SparseTensor


def test_it_is_written_as_in_tensorflow():
    text = (
        "SparseTensor(indices=tf.Tensor([[0 1]], shape=(1, 2), dtype=int64), "
        "values=tf.Tensor([5.], shape=(1,), dtype=float32), dense_shape=tf.Tensor([2 3], shape=(2,), dtype=int64))"
    )
    assert str(sw.SparseTensor([[0, 1]], [5.0], [2, 3])) == text == repr(sw.SparseTensor([[0, 1]], [5.0], [2, 3]))
    assert repr(sw.SparseTensorSpec([None, 3])) == "SparseTensorSpec(TensorShape([None, 3]), tf.float32)"


@pytest.mark.parametrize("engine", ENGINES)
def test_to_dense_and_back(engine):
    there = _compiled(sparse.to_dense, engine, sw.SparseTensorSpec([None, None]))
    back = _compiled(sparse.from_dense, engine, sw.TensorSpec([None, None]))
    for array in (DENSE, np.zeros((2, 2), np.float32), np.ones((1, 4), np.float32)):
        found = back(sw.constant(array))
        np.testing.assert_array_equal(found.indices, np.argwhere(array))
        np.testing.assert_array_equal(there(found), array)


def test_other_elements_are_a_default():
    assert sparse.to_dense(_of(DENSE > 2), True).numpy().all()
    words = sw.SparseTensor([[1]], ["a"], [3])
    assert sparse.to_dense(words).numpy().tolist() == [b"", b"a", b""]
    assert sparse.from_dense(sparse.to_dense(words)).values.numpy().tolist() == [b"a"]


@pytest.mark.parametrize("engine", ENGINES)
def test_reorder(engine):
    call = _compiled(sparse.reorder, engine, sw.SparseTensorSpec([None, None, None]))
    large = 2**40  # the sizes' product is no int64
    places = np.array([[5, 1, 7], [0, 9, 1], [5, 0, 8], [0, 9, 0], [5, 1, 6]])
    order = np.lexsort(places.T[::-1])
    found = call(sw.SparseTensor(places, np.arange(5, dtype=np.float32), [large] * 3))
    np.testing.assert_array_equal(found.indices, places[order])
    np.testing.assert_array_equal(found.values, order)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("adjoint", [False, True])
def test_products_and_their_gradients(adjoint, engine):
    def run(x, y):
        with sw.GradientTape() as tape:
            tape.watch([x.values, y])
            product = sparse.sparse_dense_matmul(x, y, adjoint_a=adjoint)
            total = sw.reduce_sum(product**2)
        return product, *tape.gradient(total, [x.values, y])

    call = _compiled(run, engine, sw.SparseTensorSpec([None, None]), sw.TensorSpec([None, None]))
    x, y = DENSE.T if adjoint else DENSE, np.array([[1, 2], [3, 4], [5, 6]], np.float32)
    product, values, right = call(_of(DENSE.T if adjoint else DENSE), sw.constant(y))
    whole = (x.T if adjoint else x) @ y
    slope = 2 * whole @ y.T
    np.testing.assert_allclose(product, whole)
    np.testing.assert_allclose(values, (slope.T if adjoint else slope)[tuple(np.argwhere(x).T)])
    np.testing.assert_allclose(right, 2 * (x if adjoint else x.T) @ whole)


def test_other_functions():
    x = _of(DENSE)
    assert sparse.reduce_sum(x).numpy() == 3.5
    assert sparse.reduce_sum(x, 0, keepdims=True).numpy().tolist() == [[-2, 1.5, 4]]
    assert sparse.reduce_sum(x, 1, output_is_sparse=True).values.numpy().tolist() == [1.5, 2]
    twice = sw.SparseTensor([[0], [0]], [1, 2], [2])
    assert sparse.reduce_sum(twice).numpy() == 3
    np.testing.assert_array_equal(sparse.to_dense(sparse.transpose(x)), DENSE.T)
    assert sparse.retain(x, x.values > 0).values.numpy().tolist() == [1.5, 4]
    np.testing.assert_array_equal(sparse.to_dense(sparse.eye(3, 2, sw.int32)), np.eye(3, 2))
    assert sparse.map_values(sw.maximum, x, 0.0).values.numpy().tolist() == [1.5, 0, 4]
    assert (x * 2).values.numpy().tolist() == [3, -4, 8] and (x / 2.0).values.numpy().tolist() == [0.75, -1, 2]
    assert (x * sw.constant([[1.0], [10.0]])).values.numpy().tolist() == [1.5, -20, 40]


def test_functions_take_and_return_it():
    @sw.function
    def doubled(pair):
        traced.append(pair["x"].rank)
        return {"y": pair["x"].with_values(pair["x"].values * 2)}

    traced = []
    for count in (1, 2, 3, 4):
        x = sw.SparseTensor([[index, index] for index in range(count)], [1.0] * count, [count, 9])
        assert doubled({"x": x})["y"].values.numpy().tolist() == [2.0] * count
    assert traced == [2, 2]  # the second trace is for any number of elements


@pytest.mark.parametrize("engine", ["native", "interpreter"])
def test_control_flow_carries_it(engine):
    @sw.function(engine=engine)
    def run(x, count):
        for _ in sw.range(count):
            x = x * 2.0
        if count > 2:
            x = sparse.retain(x, x.values > 20.0)
        return x

    assert run(_of(DENSE), sw.constant(3)).values.numpy().tolist() == [32]
    assert run(_of(DENSE), sw.constant(1)).values.numpy().tolist() == [3, -4, 8]


def test_specs():
    spec = sw.SparseTensorSpec.from_value(_of(DENSE))
    assert spec == sw.SparseTensorSpec([2, 3]) and spec.rank == 2 and hash(spec) == hash(sw.SparseTensorSpec([2, 3]))
    assert sw.SparseTensorSpec([None, 3]).is_compatible_with(_of(DENSE))
    assert not sw.SparseTensorSpec([None, 3], sw.int32).is_compatible_with(spec)
    f = sw.function(sparse.to_dense, input_signature=[sw.SparseTensorSpec([None, None])])
    with pytest.raises(TypeError, match="expected the structure of its input_signature"):
        f(sw.constant(DENSE))
    with pytest.raises(sw.errors.InvalidArgumentError, match="SparseTensorSpec: shape: expected a known number of"):
        sw.function(sparse.to_dense, input_signature=[sw.SparseTensorSpec()])(_of(DENSE))


REFUSED = {
    "SparseTensor: indices: expected shape": lambda: sw.SparseTensor([[1, 0]], [1.0, 2.0], [2, 3]),
    "SparseTensor: indices, values and dense_shape: expected": lambda: sw.SparseTensor([1], [1.0], [2]),
    "SparseTensor: indices: cannot convert": lambda: sw.SparseTensor([[0.5]], [1.0], [2]),
    "SparseTensor: indices: expected int64, got dtype int32": lambda: sw.SparseTensor(sw.constant([[1]]), [1.0], [2]),
    "SparseTensor: expected a tensor to multiply": lambda: _of(DENSE) * _of(DENSE),
    "sparse.to_dense: sp_input: expected a SparseTensor": lambda: sparse.to_dense(sw.constant(DENSE)),
    "sparse.to_dense: sp_input: expected indices in order": lambda: sparse.to_dense(
        sw.SparseTensor([[1], [0]], [1, 2], [2])
    ),
    "sparse.to_dense: sp_input: expected indices within shape": lambda: sparse.to_dense(
        sw.SparseTensor([[2]], [1], [2])
    ),
    "sparse.to_dense: default_value: expected a scalar": lambda: sparse.to_dense(_of(DENSE), [1.0]),
    "sparse.map_values: args: expected a SparseTensor": lambda: sparse.map_values(sw.abs, [1]),
    "sparse.transpose: perm: expected an order of 2 axes": lambda: sparse.transpose(_of(DENSE), [0, 0]),
    "sparse.sparse_dense_matmul: b: expected 3 rows, got 2": lambda: sparse.sparse_dense_matmul(
        _of(DENSE), sw.ones([2, 1])
    ),
    "sparse.sparse_dense_matmul: sp_a and b: expected two": lambda: sparse.sparse_dense_matmul(_of(DENSE), [1.0]),
    "add: x: cannot make a tensor of SparseTensor": lambda: sw.add(_of(DENSE), 1.0),
    "ctc_greedy_decoder: inputs: expected floats": lambda: sw.nn.ctc_greedy_decoder(sw.ones([1, 1, 1], sw.int32), [1]),
    "ctc_greedy_decoder: inputs: expected shape": lambda: sw.nn.ctc_greedy_decoder(sw.ones([1, 1]), [1]),
    "ctc_greedy_decoder: sequence_length: expected numbers from 0 to 1": lambda: sw.nn.ctc_greedy_decoder(
        sw.ones([1, 1, 1]), [2]
    ),
    "ctc_greedy_decoder: sequence_length: expected a number for each of 1": lambda: sw.nn.ctc_greedy_decoder(
        sw.ones([1, 1, 1]), [1, 1]
    ),
    "ctc_greedy_decoder: blank_index: expected one of 1 classes": lambda: sw.nn.ctc_greedy_decoder(
        sw.ones([1, 1, 1]), [1], blank_index=1
    ),
}


@pytest.mark.parametrize("message", REFUSED)
def test_errors(message):
    with pytest.raises(sw.errors.InvalidArgumentError, match=f"^{message}"):
        REFUSED[message]()


def _decoded(scores, length, merge, blank):
    found, before = [], None
    for step in range(length):
        best = int(scores[step].argmax())
        if best != blank and not (merge and best == before):
            found.append(best)
        before = best
    return found, -scores[:length].max(1).sum()


@pytest.mark.parametrize("engine", [*ENGINES, "onnx"])
@pytest.mark.parametrize(("merge", "blank"), [(True, None), (False, 0), (True, -2)])
def test_greedy_decoding(merge, blank, engine):
    def run(scores, lengths):
        return sw.nn.ctc_greedy_decoder(scores, lengths, merge, blank)

    call = _compiled(run, engine, sw.TensorSpec([None, None, 4]), sw.TensorSpec([None], sw.int32))
    scores = np.random.default_rng(3).normal(size=(9, 5, 4)).astype(np.float32)
    lengths = np.array([9, 0, 4, 1, 7], np.int32)
    [found], costs = call(sw.constant(scores), sw.constant(lengths))
    index = 3 if blank is None else blank % 4
    wanted = [_decoded(scores[:, each], lengths[each], merge, index) for each in range(5)]
    rows = [[] for _ in range(5)]
    for (row, column), value in zip(found.indices.numpy().tolist(), found.values.numpy().tolist(), strict=True):
        assert column == len(rows[row])
        rows[row].append(value)
    assert rows == [classes for classes, _ in wanted]
    assert found.dense_shape.numpy().tolist() == [5, max(map(len, rows))]
    np.testing.assert_allclose(costs, [[cost] for _, cost in wanted], rtol=1e-6, atol=1e-6)
