"""Parts of Variables are written in their memory, and who has read it before keeps what it was."""

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stepwell as sw

N = 64


def variable():
    return sw.Variable(np.arange(N, dtype="f"))


WRITES = {
    "slice": lambda v: v[3:5].assign([-1.0, -2.0]),
    "number": lambda v: v[3].assign(-1.0),
    "nd": lambda v: v.scatter_nd_update([[3], [4]], [-1.0, -2.0]),
    "add": lambda v: v.scatter_nd_add([[3], [3]], [-1.0, -2.0]),
    "sub": lambda v: v.scatter_nd_sub([[3], [3]], [-1.0, -2.0]),
    "min": lambda v: v.scatter_nd_min([[3], [4]], [-1.0, 9.0]),
    "rows": lambda v: v.scatter_max(sw.IndexedSlices(sw.constant([-1.0, 9.0]), sw.constant([3, 4]))),
}
writes = pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)


@writes
def test_memory_is_kept_where_nobody_else_refers_to_it(write):
    v = variable()
    write(v)
    before = v._memory.ctypes.data
    write(v)
    assert v._memory.ctypes.data == before


@writes
@pytest.mark.parametrize("look", [lambda v: v.read_value(), np.asarray, lambda v: v[:7], lambda v: v[3:5], sw.identity])
def test_what_was_read_before_stays(write, look):
    v = variable()
    write(v)
    seen = look(v)
    kept = np.array(seen)
    write(v)
    v[:].assign(sw.zeros([N]))
    np.testing.assert_array_equal(np.asarray(seen), kept)
    assert not v.numpy().any()


def test_a_part_can_be_assigned_from_the_variable_itself():
    v = variable()
    v[1:].assign(v[:-1])
    assert v.numpy().tolist() == [0.0, *range(N - 1)]
    v[::-1].assign(v)
    assert v.numpy().tolist() == [*reversed(range(N - 1)), 0.0]


def test_a_part_that_does_not_fit_changes_nothing():
    v = variable()
    kept = v.numpy()
    with pytest.raises(ValueError, match=r"expected a shape that broadcasts to \[2\], got \[3\]"):
        v[3:5].assign([1.0, 2.0, 3.0])
    with pytest.raises(IndexError):
        v.scatter_nd_update([[1], [N]], [1.0, 2.0])
    with pytest.raises(ValueError, match="expected updates of shape"):
        v.scatter_nd_update([[1], [2]], [1.0, 2.0, 3.0])
    np.testing.assert_array_equal(v.numpy(), kept)


KEYS = [
    (slice(1, 3),),
    (0,),
    (-1, slice(None, None, 2)),
    (Ellipsis, 1),
    (slice(None), None, slice(1, None)),
    (slice(-1, 0, -1),),
    (Ellipsis,),
]


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(KEYS), st.booleans(), st.integers(0, 3))
def test_compiled_parts_are_numpys(key, scalar, seed):
    start = np.random.default_rng(seed).normal(size=(4, 3)).astype("f")
    expected = start.copy()
    part = expected[key]
    value = np.float32(7) if scalar else np.random.default_rng(seed + 1).normal(size=part.shape).astype("f")
    expected[key] = value
    for engine in ("eager", "native", "interpreter"):
        v = sw.Variable(start)

        def write(x, v=v):
            v[key].assign(x)

        (write if engine == "eager" else sw.function(write, engine=engine))(sw.constant(value))
        np.testing.assert_array_equal(v.numpy(), expected)


@pytest.mark.parametrize("engine", ["native", "interpreter", "onnx"])
def test_indices_and_bounds_that_a_call_knows(engine):
    v = sw.Variable(np.zeros((4, 3), "f"))

    @sw.function(engine=engine, input_signature=[sw.TensorSpec([], sw.int32), sw.TensorSpec([None])])
    def write(k, x):
        v[k].assign(x)
        v[2 - k :, 0].assign(x[0])
        return v[k]

    assert write(1, [1.0, 2.0, 3.0]).numpy().tolist() == [1.0, 2.0, 3.0]
    assert v.numpy()[:, 0].tolist() == [0.0, 1.0, 1.0, 1.0]
    assert write(-1, [5.0, 6.0, 7.0]).numpy().tolist() == [5.0, 6.0, 7.0]
    kept = v.numpy()
    for index in (4, -5):
        with pytest.raises(IndexError):
            write(index, [1.0, 2.0, 3.0])
    np.testing.assert_array_equal(v.numpy(), kept)


def test_a_compiled_part_copies_nothing():
    v = sw.Variable(np.zeros(1000, "f"))
    f = sw.function(lambda x: (v[3:5].assign(x), None)[1])
    text = sw.ir(f, sw.constant([1.0, 2.0]), level="loops")
    assert "memref<1000xf32>, memref<1000xf32>" not in text and "alloc" not in text


def test_eager_parts_and_compiled_calls_take_turns():
    v = variable()
    f = sw.function(lambda: (v.assign_add(sw.ones([N])), None)[1])
    f()
    v[0].assign(0.0)
    f()
    v.scatter_nd_add([[0]], [5.0])
    assert v.numpy()[:2].tolist() == [6.0, 3.0]

    def inside(x):
        v[0].assign(x)
        return x

    g = sw.function(lambda x: (v.assign_add(sw.ones([N]) * sw.py_function(inside, [x], sw.TensorSpec([]))), None)[1])
    g(sw.constant(2.0))
    assert v.numpy()[1] == 5.0


def test_readers_in_other_threads_see_whole_writes():
    v = sw.Variable(np.zeros(2000, "f"))
    stop, torn = threading.Event(), []

    def look():
        while not stop.is_set():
            seen = v.read_value().numpy()
            if seen.min() != seen.max():
                torn.append(seen)

    thread = threading.Thread(target=look)
    thread.start()
    for number in range(300):
        v[:].assign(np.float32(number))
    stop.set()
    thread.join()
    assert not torn
