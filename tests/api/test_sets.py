"""Sets of elements; the oracle is Python's sets, classes of errors are recorded from TensorFlow 2.21."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

import stepwell as sw

sets = sw.sets
DTYPES = {"int32": np.int32, "int8": np.int8, "uint16": np.uint16, "int64": np.int64, "string": object}


def sparse_of(rows, outer, dtype):
    """A SparseTensor of rows of any length, and the same rows."""
    places = [(*np.unravel_index(n, outer), k) for n, row in enumerate(rows) for k in range(len(row))]
    shape = [*outer, max(map(len, rows)) + 1]
    values = np.array([value for row in rows for value in row], dtype)
    return sw.SparseTensor(np.array(places, np.int64).reshape(-1, len(shape)), values, shape)


@st.composite
def operands(draw):
    outer = draw(st.sampled_from([(1,), (3,), (2, 2)]))
    kind = draw(st.sampled_from(list(DTYPES)))
    elements = st.sampled_from([b"", b"a", b"\xff", b"ab"]) if kind == "string" else st.integers(0, 5)
    found = []
    for _ in range(2):
        size = draw(st.integers(0, 4))
        is_sparse = draw(st.booleans())
        lengths = st.integers(0, 4) if is_sparse else st.just(size)
        rows = [
            draw(lengths.flatmap(lambda n: st.lists(elements, min_size=n, max_size=n))) for _ in range(np.prod(outer))
        ]
        dense = None if is_sparse else np.array(rows, DTYPES[kind]).reshape(*outer, size)
        tensor = sparse_of(rows, outer, DTYPES[kind]) if dense is None else sw.constant(dense, dtype=kind)
        found.append((tensor, [set(row) for row in rows]))
    return outer, found


@settings(max_examples=examples(60), deadline=None)
@given(operands())
def test_combinations(drawn):
    outer, ((a, sets_a), (b, sets_b)) = drawn
    for function, expected in (
        (sets.union, [x | y for x, y in zip(sets_a, sets_b, strict=True)]),
        (sets.intersection, [x & y for x, y in zip(sets_a, sets_b, strict=True)]),
        (sets.difference, [x - y for x, y in zip(sets_a, sets_b, strict=True)]),
        (lambda a, b: sets.difference(a, b, aminusb=False), [y - x for x, y in zip(sets_a, sets_b, strict=True)]),
    ):
        found = function(a, b)
        assert found.dtype == a.dtype and found.values.numpy().tolist() == [v for row in expected for v in sorted(row)]
        places = [(*np.unravel_index(n, outer), k) for n, row in enumerate(expected) for k in range(len(row))]
        assert [tuple(each) for each in found.indices.numpy().tolist()] == places
        assert found.dense_shape.numpy().tolist() == [*outer, max(map(len, expected))]
        assert sets.size(found).numpy().tolist() == np.reshape(list(map(len, expected)), outer).tolist()


def test_in_a_function():
    @sw.function(input_signature=[sw.TensorSpec([None, None], sw.int32)] * 2)
    def both(a, b):
        found = sets.intersection(a, b)
        return sw.sparse.to_dense(found), sets.size(found)

    dense, sizes = both([[1, 2, 2, 5], [3, 3, 1, 9]], [[2, 5, 7], [1, 4, 4]])
    assert dense.numpy().tolist() == [[2, 5], [1, 0]] and sizes.numpy().tolist() == [2, 1]


def test_repeated_elements_count_once():
    assert sets.size(sparse_of([[5], [3, 3], []], (3,), np.int32)).numpy().tolist() == [1, 1, 0]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: sets.union([1, 2], [2, 3]), ValueError, "at least two axes, got 1"),
        (lambda: sets.union([[1, 2]], [[2, 3], [4, 5]]), ValueError, r"same sizes but the last, got \(1,\) and \(2,\)"),
        (lambda: sets.union([[1.0]], [[2.0]]), TypeError, "expected integers of up to 64 bits or strings, got float32"),
        (lambda: sets.union([[1]], sw.constant([[1]], sw.int64)), TypeError, "of one dtype, got int32 and int64"),
        (lambda: sets.size(sw.constant([[1]])), TypeError, "expected a SparseTensor"),
        (lambda: sets.size(sw.SparseTensor([[0, 1], [0, 0]], [1, 2], [1, 2])), ValueError, "indices .* in order"),
        (lambda: sets.size(sw.SparseTensor([[3, 1]], [1], [1, 2])), ValueError, "indices inside of"),
    ],
)
def test_refusals(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_indices_in_another_order():
    given = sw.SparseTensor([[0, 1], [0, 0]], [2, 1], [1, 2])
    assert sets.union(given, [[3]], validate_indices=False).values.numpy().tolist() == [1, 2, 3]
