"""Counts and crossed features that are SparseTensors; values of `cross_hashed` are TensorFlow's."""

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.effort import examples

import stepwell as sw

ROWS = st.lists(st.lists(st.integers(0, 5), max_size=4), min_size=1, max_size=4)


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(ROWS, st.none() | st.integers(0, 8), st.none() | st.integers(1, 8), st.booleans())
def test_rows_are_counted(rows, minlength, maxlength, binary):
    ragged = sw.ragged.constant(rows, dtype=sw.int64, ragged_rank=1)
    counts = sw.sparse.bincount(ragged, axis=-1, minlength=minlength, maxlength=maxlength, binary_output=binary)
    bins = max([-1, *(n for row in rows for n in row)]) + 1
    bins = max(bins, minlength or 0) if minlength is not None else bins
    bins = min(bins, maxlength) if maxlength is not None else bins
    expected = [np.bincount(np.array([n for n in row if n < bins], int), minlength=bins)[:bins] for row in rows]
    expected = np.array(expected).reshape(len(rows), bins)
    expected = np.minimum(expected, 1) if binary else expected
    assert counts.dense_shape.numpy().tolist() == [len(rows), bins] and counts.dtype == sw.int64
    assert counts.indices.numpy().tolist() == np.argwhere(expected).tolist()
    assert counts.values.numpy().tolist() == expected[expected > 0].tolist()
    dense = sw.math.bincount(ragged, None, minlength, maxlength, axis=-1, binary_output=binary)
    np.testing.assert_array_equal(dense, expected.astype(np.int32), strict=True)


def test_kinds_of_values_and_weights():
    dense = sw.constant([[1, 1, 3], [0, 0, 0]])
    for function in (sw.sparse.bincount, sw.function(sw.sparse.bincount)):
        counts = function(dense, weights=sw.constant([[0.5, 1, 2], [1, 1, 1]]), axis=-1)
        assert sw.sparse.to_dense(counts).numpy().tolist() == [[0, 1.5, 0, 2], [3, 0, 0, 0]]
    assert sw.sparse.to_dense(sw.sparse.bincount(dense)).numpy().tolist() == [3, 2, 0, 1]
    sparse = sw.sparse.SparseTensor([[0, 0], [0, 2], [1, 1]], sw.constant([2, 2, 0]), [2, 3])
    assert sw.sparse.to_dense(sw.sparse.bincount(sparse, axis=-1)).numpy().tolist() == [[0, 0, 2], [1, 0, 0]]
    with pytest.raises(ValueError, match=r"sparse\.bincount: axis: expected 0, -1 or None, got 1"):
        sw.sparse.bincount(dense, axis=1)
    with pytest.raises(ValueError, match="expected integers of 0 or more"):
        sw.sparse.bincount([-1])
    with pytest.raises(ValueError, match="weights: expected none where binary_output is set"):
        sw.sparse.bincount([1], [1.0], binary_output=True)


CROSSED = [  # recorded from TensorFlow 2.21
    [1484974617627318892, 3920818148696658747, 194339337503152553, 6571367263544129360],
    [2212269421006233460, 4963761704568777585, 1162820126533639634, 6632535204640422935],
]


@pytest.mark.parametrize("compiled", [False, True])
def test_features_are_crossed_as_in_tensorflow(compiled):
    def cross(*columns, buckets=0):
        return sw.sparse.to_dense(sw.sparse.cross_hashed(columns, buckets))

    cross = sw.function(cross) if compiled else cross
    assert (
        cross(sw.constant([["a", "c"], ["b", "d"]]), sw.constant([["x", "y"], ["z", ""]])).numpy().tolist() == CROSSED
    )
    assert cross(sw.constant([["a"], ["b"]]), sw.constant([[1], [2]]), buckets=100).numpy().tolist() == [[85], [57]]


def test_what_cannot_be_crossed():
    with pytest.raises(ValueError, match="expected matrices of strings or integers, got float32"):
        sw.sparse.cross_hashed([[[1.0]]])
    with pytest.raises(ValueError, match="expected matrices of strings or integers, got int32 of shape"):
        sw.sparse.cross_hashed([[1]])
    with pytest.raises(ValueError, match="num_buckets: expected 0 or more, got -1"):
        sw.sparse.cross_hashed([[[1]]], -1)
    with pytest.raises(ValueError, match="expected one matrix or more, got none"):
        sw.sparse.cross_hashed([])
    with pytest.raises(sw.errors.UnsupportedError, match="rows have as many features"):
        sw.sparse.cross_hashed([sw.sparse.from_dense([[1]])])


@pytest.mark.parametrize("axis", [None, 0, 1, 2, -1, -2, -3])
def test_axes_are_added(axis):
    dense = np.array([[0, 5, 0], [7, 0, 0]])
    found = sw.sparse.expand_dims(sw.sparse.from_dense(dense), axis)
    np.testing.assert_array_equal(sw.sparse.to_dense(found), np.expand_dims(dense, -1 if axis is None else axis))
    with pytest.raises(ValueError, match=r"sparse\.expand_dims: axis: expected -3 to 2, got 3"):
        sw.sparse.expand_dims(sw.sparse.from_dense(dense), 3)


def test_elements_are_cast_and_sizes_are_known():
    x: Any = sw.sparse.from_dense([[0, 5, 0]])
    found: Any = sw.cast(x, sw.float32)
    assert found.values.numpy().tolist() == [5.0] and found.dtype == sw.float32
    assert sw.shape(x).numpy().tolist() == [1, 3] and sw.shape(x).dtype == sw.int32


@settings(max_examples=examples(20), suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 4), st.integers(0, 3), st.integers(0, 3)), min_size=1))
def test_paddings_make_whole_blocks(axes):
    sizes, blocks, before, after = map(list, zip(*axes, strict=True))
    base = np.stack([before, after], 1)
    paddings, crops = (part.numpy() for part in sw.required_space_to_batch_paddings(sizes, blocks, base))
    extra = paddings - base
    assert (extra[:, 0] == 0).all() and (extra[:, 1] < blocks).all() and (extra[:, 1] >= 0).all()
    assert ((np.array(sizes) + paddings.sum(1)) % blocks == 0).all()
    assert crops[:, 0].tolist() == [0] * len(axes) and crops[:, 1].tolist() == extra[:, 1].tolist()
