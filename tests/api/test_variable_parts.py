"""Parts of Variables: assigned through slices and indices; expected values are TensorFlow's or NumPy's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

import stepwell as sw

ENGINES = [None, "native", "interpreter", "onnx"]
CASES = [
    ([3], lambda v: v[1:], [5.0, 6.0], [0.0, 5.0, 6.0]),
    ([3], lambda v: v[0], 5.0, [5.0, 1.0, 2.0]),
    ([2, 2], lambda v: v[:, 1], [5.0, 6.0], [[0.0, 5.0], [2.0, 6.0]]),
    ([2, 2], lambda v: v[1], [5.0, 6.0], [[0.0, 1.0], [5.0, 6.0]]),
    ([2, 2], lambda v: v[..., 0], [9.0, 8.0], [[9.0, 1.0], [8.0, 3.0]]),
    ([4], lambda v: v[::2], [9.0, 8.0], [9.0, 1.0, 8.0, 3.0]),
    ([4], lambda v: v[::-1], [9.0, 8.0, 7.0, 6.0], [6.0, 7.0, 8.0, 9.0]),
    ([4], lambda v: v[-2:], [9.0, 8.0], [0.0, 1.0, 9.0, 8.0]),
    ([3], lambda v: v[1:], 5.0, [0.0, 5.0, 5.0]),
    ([3], lambda v: v[1:], [5.0], [0.0, 5.0, 5.0]),
    ([2, 2], lambda v: v[1, None], [[5.0, 6.0]], [[0.0, 1.0], [5.0, 6.0]]),
    ([3], lambda v: v[sw.constant(1)], 7.0, [0.0, 7.0, 2.0]),
    ([2, 3], lambda v: v[1, :2], [7.0, 8.0], [[0.0, 1.0, 2.0], [7.0, 8.0, 5.0]]),
]


def variable(shape):
    return sw.Variable(np.arange(np.prod(shape), dtype=np.float32).reshape(shape))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("shape", "part", "value", "expected"), CASES)
def test_slices_are_assigned(shape, part, value, expected, engine):
    v = variable(shape)

    def assign(x):
        part(v).assign(x)
        return v + 0.0

    run = assign if engine is None else sw.function(assign, engine=engine)
    assert run(sw.constant(value)).numpy().tolist() == expected
    assert v.numpy().tolist() == expected


@given(data=st.data())
@settings(max_examples=examples(40), deadline=None)
def test_any_slice_is_assigned_as_numpy_does(data):
    shape = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    part = st.one_of(
        *[st.integers(-size, size - 1) for size in shape[:1]],
        st.slices(shape[0]),
    )
    key = (data.draw(part), *[data.draw(st.slices(size)) for size in shape[1:]])
    v, expected = variable(shape), np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    written = np.float32(np.random.default_rng(0).normal(size=expected[key].shape))
    v[key].assign(written)
    staged = variable(shape)
    sw.function(lambda x: staged[key].assign(x), engine="interpreter")(sw.constant(written))
    expected[key] = written
    assert np.array_equal(v.numpy(), expected) and np.array_equal(staged.numpy(), expected)


@pytest.mark.parametrize("engine", ENGINES)
def test_an_index_may_be_known_at_run_time_only(engine):
    v = variable([3])

    def assign(i, x):
        v[i].assign(x)
        return v + 0.0

    run = assign if engine is None else sw.function(assign, engine=engine)
    for i, x in ((1, 9.0), (-1, 8.0)):
        run(sw.constant(i), sw.constant(x))
    assert v.numpy().tolist() == [0.0, 9.0, 8.0]
    with pytest.raises(sw.errors.InvalidArgumentError):
        run(sw.constant(3), sw.constant(1.0))


def test_only_parts_of_variables_are_assigned():
    v = variable([3])
    assert v[1:].assign([5.0, 6.0]) is v and v[0].assign(1.0, read_value=False) is None
    assert not hasattr(sw.constant(1.0), "assign")
    with pytest.raises(AttributeError, match=r"v\[1:\]\.assign"):
        _ = sw.constant([1.0])[0].assign
    with pytest.raises(TypeError):
        v[0] = 1.0
    with pytest.raises(ValueError):
        v[1:].assign([1.0, 2.0, 3.0])


def slices(values, indices):
    return sw.IndexedSlices(sw.constant(values), sw.constant(indices))


UPDATES = [
    (lambda v: v.scatter_nd_update([[0], [2]], [9.0, 8.0]), [9.0, 1.0, 8.0]),
    (lambda v: v.scatter_nd_add([[0], [0]], [9.0, 8.0]), [17.0, 1.0, 2.0]),
    (lambda v: v.scatter_nd_sub([[0], [2]], [9.0, 8.0]), [-9.0, 1.0, -6.0]),
    (lambda v: v.scatter_nd_max([[0], [2]], [9.0, 1.0]), [9.0, 1.0, 2.0]),
    (lambda v: v.scatter_nd_min([[0], [2]], [9.0, 1.0]), [0.0, 1.0, 1.0]),
    (lambda v: v.scatter_add(slices([1.0, 2.0], [0, 2])), [1.0, 1.0, 4.0]),
    (lambda v: v.scatter_sub(slices([1.0, 2.0], [0, 2])), [-1.0, 1.0, 0.0]),
    (lambda v: v.scatter_update(slices([7.0, 2.0], [0, 1])), [7.0, 2.0, 2.0]),
    (lambda v: v.scatter_mul(slices([4.0, 3.0], [1, 2])), [0.0, 4.0, 6.0]),
    (lambda v: v.scatter_div(slices([4.0, 2.0], [1, 2])), [0.0, 0.25, 1.0]),
    (lambda v: v.scatter_max(slices([4.0, 2.0], [0, 1])), [4.0, 2.0, 2.0]),
    (lambda v: v.scatter_min(slices([4.0, 1.0], [0, 2])), [0.0, 1.0, 1.0]),
]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("update", "expected"), UPDATES)
def test_updates_at_indices(update, expected, engine):
    v = variable([3])

    def run():
        update(v)
        return v + 0.0

    run = run if engine is None else sw.function(run, engine=engine)
    assert run().numpy().tolist() == expected == v.numpy().tolist()


def test_updates_of_batches_and_reads_at_indices():
    v = sw.Variable([[1.0, 2.0], [3.0, 4.0]])
    assert v.batch_scatter_update(slices([[9.0], [8.0]], [[0], [1]])) is v
    assert v.numpy().tolist() == [[9.0, 2.0], [3.0, 8.0]]
    assert v.sparse_read([1]).numpy().tolist() == [[3.0, 8.0]] and v.gather_nd([[1, 1]]).numpy().tolist() == [8.0]


@pytest.mark.parametrize("engine", [None, "native", "interpreter"])
def test_count_up_to(engine):
    v = sw.Variable(1)
    run = (lambda: v.count_up_to(3)) if engine is None else sw.function(lambda: v.count_up_to(3), engine=engine)
    assert [int(run()), int(run()), int(v)] == [1, 2, 3]
    with pytest.raises(sw.errors.OutOfRangeError):
        run()


@pytest.mark.parametrize(
    ("update", "error"),
    [
        (lambda v: v.scatter_nd_update([[5]], [9.0]), sw.errors.InvalidArgumentError),
        (lambda v: v.scatter_nd_update([[0]], [9.0, 8.0]), sw.errors.InvalidArgumentError),
        (lambda v: v.scatter_add([1.0]), TypeError),
    ],
)
def test_updates_refused(update, error):
    v = variable([3])
    with pytest.raises(error):
        update(v)
    assert v.numpy().tolist() == [0.0, 1.0, 2.0]


class TestIndexedSlices:
    def test_is_used_as_the_tensor(self):
        s = sw.IndexedSlices(sw.constant([[1.0, 2.0], [3.0, 4.0]]), sw.constant([2, 2]), sw.constant([3, 2]))
        assert sw.convert_to_tensor(s).numpy().tolist() == [[0.0, 0.0], [0.0, 0.0], [4.0, 6.0]]
        assert sw.multiply(s, 2.0).numpy()[2].tolist() == [8.0, 12.0]
        assert (s.shape, s.dtype == sw.float32) == ([3, 2], True)
        assert (-s).values.numpy().tolist() == [[-1.0, -2.0], [-3.0, -4.0]]
        assert str(s).startswith("IndexedSlices(indices=tf.Tensor([2 2], shape=(2,), dtype=int32), values=tf.Tensor(")

    def test_without_a_shape_it_is_none(self):
        s = slices([1.0], [0])
        assert s.shape.rank is None and s.dense_shape is None
        with pytest.raises(ValueError, match="dense_shape"):
            sw.convert_to_tensor(s)
