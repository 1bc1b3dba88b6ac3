"""Functions whose results have sizes that values decide: masks, different elements, parts; on all engines."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from support.effort import examples
from support.every_engine import EveryEngine

import stepwell as sw
from stepwell.errors import InvalidArgumentError
from stepwell.runtime.engines import ENGINES

SLOW = settings(max_examples=examples(8), deadline=None)


def _masked(axis):
    def masked(x, mask):
        with sw.GradientTape() as tape:
            tape.watch(x)
            chosen = sw.boolean_mask(x, mask, axis)
            total = sw.reduce_sum(chosen * chosen)
        return chosen, tape.gradient(total, x)

    return masked


MASKS = {
    (axis, count): EveryEngine(_masked(axis), 3, (count, np.bool_)) for axis, count in [(0, 1), (0, 3), (1, 2), (2, 1)]
}


@pytest.mark.parametrize(("axis", "count"), MASKS)
@SLOW
@given(shape=st.tuples(*[st.integers(0, 3)] * 3), data=st.data())
def test_boolean_mask(axis, count, shape, data):
    x = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    mask = data.draw(hnp.arrays(np.bool_, shape[axis : axis + count]))
    chosen, slope = MASKS[axis, count].check(x, mask)
    np.testing.assert_array_equal(chosen, x[(slice(None),) * axis + (mask,)])
    whole = mask.reshape([1] * axis + list(mask.shape) + [1] * (3 - axis - count))
    np.testing.assert_array_equal(slope, np.where(whole, 2 * x, 0))


UNIQUE = {dtype: EveryEngine(sw.unique_with_counts, (1, dtype)) for dtype in ("float32", "int64", "bool")}


@settings(SLOW, max_examples=examples(20))
@given(
    x=st.one_of(
        hnp.arrays(np.float32, st.integers(0, 9), elements=st.sampled_from([0.0, -0.0, 1.5, np.nan, np.inf])),
        hnp.arrays(np.int64, st.integers(0, 9), elements=st.integers(-2, 2)),
        hnp.arrays(np.bool_, st.integers(0, 4)),
    )
)
def test_unique(x):
    found, places = [], []
    for item in x.tolist():
        same = [number for number, other in enumerate(found) if other == item]
        places.append(same[0] if same else len(found))
        found += [] if same else [item]
    y, idx, count = UNIQUE[x.dtype.name].check(x)
    np.testing.assert_array_equal(y, np.array(found, x.dtype))
    assert idx.numpy().tolist() == places and count.numpy().tolist() == [places.count(n) for n in range(len(found))]
    assert (y.dtype, idx.dtype, count.dtype) == (x.dtype, np.int32, np.int32)
    assert sw.unique(x, sw.int64).idx.dtype == np.int64


def test_a_loop_over_what_a_mask_chooses():
    def chosen(x):
        places = sw.where(x > 0)[:, 0]
        total = sw.constant(0, sw.int64)
        for place in places:
            total += place
        return total, sw.shape(places)[0]

    found = EveryEngine(chosen, 1).check(np.array([1, -1, 2, 3], np.float32))
    assert [int(n) for n in found] == [5, 3]


def test_sizes_meet_again_when_the_function_runs():
    def total(x):
        low, high = sw.boolean_mask(x, x < 2), sw.boolean_mask(x, x >= 2)
        return low + high, sw.matmul(low[:, None], high[None, :]), sw.concat([low, high], 0)

    sums = EveryEngine(total, 1)
    sums.check(np.array([0, 3, 1, 2], np.float32))
    sums.refuses(np.array([0, 1, 1, 2, 3], np.float32))


def test_a_mask_of_another_size_is_an_error():
    masked = EveryEngine(sw.boolean_mask, 1, (1, np.bool_))
    for size in (1, 3):
        masked.refuses(np.zeros(2, np.float32), np.ones(size, np.bool_))


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (([1, 2], True), "expected at least one axis, got a scalar"),
        (([1, 2], [[True]]), r"expected shape \(2,\), got \(1, 1\)"),
        ((1, [True]), r"expected shape \(\), got \(1,\)"),
        (([1, 2], [True, False], 1), "axis: expected an axis of 1 axes, got 1"),
    ],
)
def test_masks_that_do_not_fit_are_errors(args, message):
    with pytest.raises(InvalidArgumentError, match=message):
        sw.boolean_mask(*args)


def test_only_vectors_have_different_elements():
    with pytest.raises(InvalidArgumentError, match="unique: x: expected a vector"):
        sw.unique([[1]])
    with pytest.raises(InvalidArgumentError, match="out_idx: expected int32 or int64, got int16"):
        sw.unique([1], sw.int16)


def test_parts_of_an_axis_of_unknown_size():
    parts = EveryEngine(lambda x: (sw.split(x, 2, 1), sw.unstack(x, 3), sw.split(x, [1, -1])), 2)
    for size in (0, 2, 6):
        parts.check(np.arange(3 * size, dtype=np.float32).reshape(3, size))
    parts.refuses(np.zeros((3, 1), np.float32))
    parts.refuses(np.zeros((2, 2), np.float32))


def test_parts_of_sizes_given_at_run_time():
    parts = EveryEngine(lambda x, sizes: sw.split(x, sizes, num=3), 1, (1, np.int32))
    for sizes in ([1, 0, 3], [0, 0, 0], [2, -1, 1]):
        x = np.arange(max(sum(sizes), 4) if -1 in sizes else sum(sizes), dtype=np.float32)
        parts.check(x, np.array(sizes, np.int32))
    for sizes in ([1, 1], [1, 1, 1], [1, 1, 2, 0], [5, -1, 0]):
        parts.refuses(np.zeros(4, np.float32), np.array(sizes, np.int32))


@pytest.mark.parametrize("engine", ENGINES)
def test_errors_of_parts_say_what_does_not_fit(engine):
    function = sw.function(lambda x: sw.split(x, 3), engine=engine, input_signature=[sw.TensorSpec([None])])
    with pytest.raises(InvalidArgumentError, match="expected a divisor of"):
        function(np.zeros(4, np.float32))
    with pytest.raises(InvalidArgumentError, match="expected 2 sizes, got 3"):
        sw.split([1, 2, 3, 4], [1, 1, 2], num=2)
