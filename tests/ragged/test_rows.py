"""RaggedTensors against nested lists of Python's."""

from itertools import accumulate

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from support.effort import examples

import stepwell as sw

VALUES = st.integers(-9, 9)
ROWS = st.lists(st.lists(VALUES, max_size=4), max_size=4)
NESTED = st.lists(ROWS, max_size=3)
BOUNDS = st.none() | st.integers(-5, 5)
SLICES = st.builds(slice, BOUNDS, BOUNDS, st.none() | st.sampled_from([-3, -2, -1, 1, 2, 3]))


def ragged(rows, rank=1):
    return sw.ragged.constant(rows, sw.int32, ragged_rank=rank)


def listed(value):
    return value.to_list() if isinstance(value, sw.RaggedTensor) else value.numpy().tolist()


def ends_of(rows):
    return [0, *accumulate(map(len, rows))]


@settings(max_examples=examples(60), deadline=None)
@given(rows=ROWS, extra=st.integers(0, 2))
def test_partitions(rows, extra):
    flat = np.array([item for row in rows for item in row], np.int32)
    lengths, ends = [len(row) for row in rows], ends_of(rows)
    ids = np.array([index for index, row in enumerate(rows) for _ in row], np.int64)
    make = sw.RaggedTensor
    found = {
        "splits": make.from_row_splits(flat, ends),
        "lengths": make.from_row_lengths(flat, np.array(lengths, np.int64)),
        "ids": make.from_value_rowids(flat, ids, len(rows)),
        "starts": make.from_row_starts(flat, np.array(ends[:-1], np.int64)),
        "limits": make.from_row_limits(flat, np.array(ends[1:], np.int64)),
    }
    if not rows:
        del found["starts"], found["limits"]
    for name, each in found.items():
        assert each.to_list() == rows, name
        assert each.row_lengths().numpy().tolist() == lengths
        assert each.value_rowids().numpy().tolist() == ids.tolist()
        assert each.row_starts().numpy().tolist() == ends[:-1] and each.row_limits().numpy().tolist() == ends[1:]
        assert each.nrows().numpy() == len(rows) and each.shape.as_list() == [len(rows), None]
    assert make.from_value_rowids(flat, ids, len(rows) + extra).to_list() == rows + [[]] * extra


@settings(max_examples=examples(60), deadline=None)
@given(rows=NESTED, default=VALUES)
def test_dense_and_back(rows, default):
    x = ragged(rows, 2)
    width = max((len(row) for row in rows), default=0)
    depth = max((len(cell) for row in rows for cell in row), default=0)
    filled = [[cell + [default] * (depth - len(cell)) for cell in row] for row in rows]
    filled = [row + [[default] * depth] * (width - len(row)) for row in filled]
    dense = x.to_tensor(default)
    assert dense.shape == (len(rows), width, depth) and dense.numpy().tolist() == filled
    assert x.to_list() == rows and x.bounding_shape().numpy().tolist() == [len(rows), width, depth]
    sparse = x.to_sparse()
    places = [[i, j, k] for i, row in enumerate(rows) for j, cell in enumerate(row) for k in range(len(cell))]
    assert sparse.indices.numpy().tolist() == places and sparse.dense_shape.numpy().tolist() == list(dense.shape)
    lengths = [[len(row) for row in rows], [len(cell) for row in rows for cell in row]]
    again = sw.RaggedTensor.from_tensor(dense, [np.array(each, np.int64) for each in lengths])
    assert again.to_list() == rows


@settings(max_examples=examples(60), deadline=None)
@given(rows=ROWS, size=st.tuples(st.none() | st.integers(0, 5), st.none() | st.integers(0, 5)))
def test_dense_of_a_given_shape(rows, size):
    height = len(rows) if size[0] is None else size[0]
    width = max(map(len, rows), default=0) if size[1] is None else size[1]
    wanted = [(row + [0] * width)[:width] for row in (rows + [[]] * height)[:height]]
    found = ragged(rows).to_tensor(shape=size)
    assert found.shape == (height, width) and found.numpy().tolist() == wanted


@settings(max_examples=examples(60), deadline=None)
@given(rows=ROWS)
def test_sparse_and_padded_and_back(rows):
    x = ragged(rows)
    assert sw.RaggedTensor.from_sparse(x.to_sparse()).to_list() == rows
    assert sw.RaggedTensor.from_tensor(x.to_tensor(77), padding=77).to_list() == rows
    lengths = np.array([len(row) for row in rows], np.int64)
    assert sw.RaggedTensor.from_tensor(x.to_tensor(), lengths=lengths).to_list() == rows


@settings(max_examples=examples(120), deadline=None)
@given(rows=NESTED, keys=st.tuples(SLICES, SLICES, SLICES), count=st.integers(1, 3))
def test_slices(rows, keys, count):
    first, second, third = [*keys[:count], slice(None), slice(None)][:3]
    wanted = [[cell[third] for cell in row[second]] for row in rows[first]]
    assert listed(ragged(rows, 2)[keys[:count]]) == wanted


@settings(max_examples=examples(60), deadline=None)
@given(rows=NESTED, data=st.data())
def test_rows_by_their_numbers(rows, data):
    x = ragged(rows, 2)
    index = data.draw(st.integers(-4, 3))
    if not -len(rows) <= index < len(rows):
        with pytest.raises(IndexError):
            x[index]
        return
    assert listed(x[index]) == rows[index] and listed(x[sw.constant(index)]) == rows[index]
    inner = data.draw(st.integers(-4, 3))
    if -len(rows[index]) <= inner < len(rows[index]):
        assert listed(x[index, inner]) == rows[index][inner]


@settings(max_examples=examples(60), deadline=None)
@given(rows=NESTED, outer=st.integers(0, 2), inner=st.integers(0, 2))
def test_merged_axes(rows, outer, inner):
    x = ragged(rows, 2)
    if outer > inner:
        with pytest.raises(ValueError):
            x.merge_dims(outer, inner)
        return
    if (outer, inner) == (0, 2):
        wanted = [item for row in rows for cell in row for item in cell]
    elif (outer, inner) == (0, 1):
        wanted = [cell for row in rows for cell in row]
    elif (outer, inner) == (1, 2):
        wanted = [[item for cell in row for item in cell] for row in rows]
    else:
        wanted = rows
    assert listed(x.merge_dims(outer, inner)) == wanted
