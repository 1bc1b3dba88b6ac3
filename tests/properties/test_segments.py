"""Segments, scatters and positions in sorted rows: eagerly as NumPy and TensorFlow say, and on all engines."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from support.effort import examples
from support.every_engine import EveryEngine

import stepwell as sw
from stepwell.testing.gradient_checks import check_gradients

SLOW = settings(max_examples=examples(8), deadline=None)
LEAST, MOST = np.finfo(np.float32).min, np.finfo(np.float32).max
EMPTY = {"sum": 0, "prod": 1, "max": LEAST, "min": MOST, "mean": 0}
"""What a segment without parts has, when segments need not be in order."""


def _segments(data, ids, count, how, empty):
    result = np.full((count, *data.shape[ids.ndim :]), empty, data.dtype)
    for segment in range(count):
        if (ids == segment).any():
            result[segment] = getattr(np, how)(data[ids == segment], axis=0)
    return result


def _with_slope(how):
    def combined(data, ids, count):
        with sw.GradientTape() as tape:
            tape.watch(data)
            result = getattr(sw.math, f"unsorted_segment_{how}")(data, ids, count)
            total = sw.reduce_sum(result * result)
        return result, tape.gradient(total, data)

    return combined


UNSORTED = {how: EveryEngine(_with_slope(how), 3, (2, np.int32), ((), np.int32)) for how in EMPTY}


@pytest.mark.parametrize("how", EMPTY)
@SLOW
@given(shape=st.tuples(*[st.integers(0, 3)] * 3), count=st.integers(1, 4), data=st.data())
def test_segments_in_any_order(how, shape, count, data):
    ids = data.draw(hnp.arrays(np.int32, shape[:2], elements=st.integers(-2, count - 1)))
    x = np.random.default_rng(1).permutation(np.arange(1, np.prod(shape) + 1)).astype(np.float32).reshape(shape)
    found, slope = UNSORTED[how].check(x, ids, np.array(count, np.int32), rtol=1e-5)
    expected = _segments(x, ids, count, how, EMPTY[how])
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    if how == "sum":
        np.testing.assert_array_equal(slope, np.where((ids >= 0)[..., None], 2 * expected[np.maximum(ids, 0)], 0))


def test_slopes_of_products_with_zeros_and_of_equal_extremes():
    def slope(how, x, ids, count):
        with sw.GradientTape() as tape:
            tape.watch(x := sw.constant(x))
            total = sw.reduce_sum(getattr(sw.math, f"unsorted_segment_{how}")(x, ids, count))
        return tape.gradient(total, x).numpy().tolist()

    assert slope("prod", [2.0, 0.0, 3.0, 0.0, 0.0], [0, 0, 0, 1, 1], 2) == [0, 6, 0, 0, 0]
    assert slope("max", [2.0, 2.0, 1.0, 5.0], [0, 0, 0, -1], 2) == [0.5, 0.5, 0, 0]
    check_gradients(lambda x: sw.math.unsorted_segment_mean(x, [1, 0, 1], 2), [1.0, 2.0, 3.0])


def test_segments_out_of_range_are_errors():
    engines = EveryEngine(sw.math.unsorted_segment_sum, 1, (1, np.int32), ((), np.int32))
    ones = np.ones(3, np.float32)
    engines.refuses(ones, np.array([0, 3, 1], np.int32), np.array(3, np.int32))
    engines.refuses(ones, np.array([0, 1], np.int32), np.array(3, np.int32))
    with pytest.raises(sw.errors.InvalidArgumentError, match="num_segments: expected 0 or more, got -1"):
        sw.math.unsorted_segment_sum(ones, [0, 0, 0], -1)


SORTED = {
    how: EveryEngine(getattr(sw.math, f"segment_{how}"), 2, (1, np.int64))
    for how in ("sum", "prod", "max", "min", "mean")
}


@pytest.mark.parametrize("how", SORTED)
@SLOW
@given(ids=st.lists(st.integers(0, 4), max_size=5).map(sorted))
def test_segments_in_order(how, ids):
    ids = np.array(ids, np.int64)
    x = np.arange(1, 2 * len(ids) + 1, dtype=np.float32).reshape(-1, 2)
    empty = 1 if how == "prod" else 0
    expected = _segments(x, ids, int(ids.max(initial=-1)) + 1, how, empty)
    np.testing.assert_allclose(SORTED[how].check(x, ids, rtol=1e-5), expected, rtol=1e-5)


def test_segments_in_no_order_are_errors():
    for ids in ([1, 0], [-1, 0], [0]):
        SORTED["sum"].refuses(np.ones((2, 2), np.float32), np.array(ids, np.int64))
    assert sw.math.segment_mean([1, 2, 3], [0, 0, 2]).numpy().tolist() == [1, 0, 3]


SCATTERS = {
    "update": lambda old, new: new,
    "add": lambda old, new: old + new,
    "sub": lambda old, new: old - new,
    "min": lambda old, new: min(old, new),
    "max": lambda old, new: max(old, new),
}


def _scattered(how):
    def scattered(x, indices, updates):
        with sw.GradientTape() as tape:
            tape.watch([x, updates])
            result = getattr(sw, f"tensor_scatter_nd_{how}")(x, sw.expand_dims(indices, 1), updates)
            total = sw.reduce_sum(result * result)
        return result, tape.gradient(total, [x, updates])

    return scattered


SCATTERED = {how: EveryEngine(_scattered(how), 1, (1, np.int32), 1) for how in SCATTERS}


@pytest.mark.parametrize("how", SCATTERS)
@SLOW
@given(places=st.lists(st.integers(0, 4), max_size=6, unique=True), seed=st.integers(0, 99))
def test_scatters(how, places, seed):
    random = np.random.default_rng(seed)
    x, updates = random.permutation(5).astype(np.float32), random.integers(0, 5, len(places)).astype(np.float32)
    expected = x.copy()
    for place, update in zip(places, updates, strict=True):
        expected[place] = SCATTERS[how](expected[place], update)
    found, _ = SCATTERED[how].check(x, np.array(places, np.int32), updates)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("how", SCATTERS)
def test_scatters_out_of_range_are_errors(how):
    for place in (-1, 3):
        SCATTERED[how].refuses(np.ones(3, np.float32), np.array([place], np.int32), np.ones(1, np.float32))


def test_slopes_of_scatters_are_shared_by_equal_extremes():
    x, updates = sw.constant([1.0, 2.0, 5.0]), sw.constant([2.0, 4.0, 2.0])
    with sw.GradientTape() as tape:
        tape.watch([x, updates])
        total = sw.reduce_sum(sw.tensor_scatter_nd_max(x, [[1], [2], [1]], updates) * [1.0, 3.0, 1.0])
    assert [slope.numpy().tolist() for slope in tape.gradient(total, [x, updates])] == [[1, 1, 1], [1, 0, 1]]
    assert sw.tensor_scatter_nd_update([True, False], [[1]], [True]).numpy().tolist() == [True, True]


SEARCHED = {
    side: EveryEngine(lambda x, v, side=side: sw.searchsorted(x, v, side, sw.int64), 1, 1) for side in ("left", "right")
}


@pytest.mark.parametrize("side", SEARCHED)
@SLOW
@given(
    x=hnp.arrays(np.float32, st.integers(0, 9), elements=st.integers(-3, 3)),
    values=hnp.arrays(np.float32, st.integers(0, 5), elements=st.integers(-4, 4)),
)
def test_searchsorted(side, x, values):
    x = np.sort(x)
    found = SEARCHED[side].check(x, values)
    np.testing.assert_array_equal(found, np.searchsorted(x, values, side))
    assert found.dtype == np.int64


def test_rows_that_are_searched():
    assert sw.searchsorted([[1, 3], [2, 4]], [[3, 0], [3, 5]]).numpy().tolist() == [[1, 0], [1, 2]]
    rows = EveryEngine(sw.searchsorted, 2, 2)
    rows.check(np.float32([[1, 3], [2, 4]]), np.float32([[3, 0, np.nan], [3, 5, 2]]))
    rows.refuses(np.float32([[1, 3]]), np.float32([[3], [3]]))
    with pytest.raises(sw.errors.InvalidArgumentError, match="side: expected left or right, got 'x'"):
        sw.searchsorted([1], [1], side="x")


REPEATED = EveryEngine(lambda x, counts: sw.repeat(x, counts, 1), 2, (1, np.int32))


@SLOW
@given(counts=st.lists(st.integers(0, 3), min_size=1, max_size=4))
def test_parts_repeated_as_often_as_run_time_says(counts):
    x = np.arange(2 * len(counts), dtype=np.float32).reshape(2, -1)
    np.testing.assert_array_equal(REPEATED.check(x, np.array(counts, np.int32)), np.repeat(x, counts, 1))


def test_parts_repeated_less_than_never_are_errors():
    REPEATED.refuses(np.ones((2, 2), np.float32), np.array([1, -1], np.int32))
    REPEATED.refuses(np.ones((2, 2), np.float32), np.array([1, 1, 1], np.int32))
