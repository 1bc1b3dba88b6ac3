"""Machine code writes what it is to write, and nothing behind it: vectors end where arrays do."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stepwell as sw
from stepwell.runtime.engines.native.single_lanes import without_single_lanes
from stepwell.testing.engines import Descent

DTYPES = ("int32", "int64", "float32", "float64", "bool")


def _cast(x, y, dtype):
    return sw.cast(x, dtype)


def _less(x, y, dtype):
    return x < y


def _negative(x, y, dtype):
    return x - 3 < 0


def _chosen(x, y, dtype):
    return sw.cast(sw.where(x < y, x, y), dtype)


@pytest.mark.parametrize("rows", [1, 2])
@pytest.mark.parametrize("compute", [_cast, _less, _negative, _chosen])
@settings(max_examples=20, deadline=None)
@given(
    size=st.integers(1, 40) | st.sampled_from([9, 17, 33]),
    kinds=st.tuples(st.sampled_from(DTYPES[:4]), st.sampled_from(DTYPES)),
)
def test_nothing_is_written_behind_an_array(compute, rows, size, kinds):
    source, target = kinds if compute in (_cast, _chosen) else (kinds[0], "bool")
    shape = (rows, size)
    x, y = (np.arange(rows * size).astype(source).reshape(shape) % n for n in (7, 5))
    held = sw.Variable(np.zeros(shape, target))

    @sw.function
    def assigns(x, y):
        held.assign(compute(x, sw.reverse(y, [0]), target))

    module = assigns.get_concrete_function(x, y).module
    ran = Descent(module).observe("native", [x, y, np.ones(shape, target)])
    assert ran.failure is None
    expected = np.asarray(compute(sw.constant(x), sw.constant(y[::-1].copy()), target))
    np.testing.assert_array_equal(ran.variables[2], expected)


LOAD = (
    "  %b = call <4 x i8> @llvm.masked.load.v4i8.p0(ptr nonnull align 2 %p, "
    "<4 x i1> <i1 true, i1 false, i1 false, i1 false>, <4 x i8> zeroinitializer)\n"
)
STORE = (
    "  tail call void @llvm.masked.store.v4i8.p0(<4 x i8> <i8 1, i8 2, i8 3, i8 4>, ptr %p, "
    "<4 x i1> <i1 false, i1 true, i1 false, i1 false>) #3\n"
)


def test_masks_of_one_lane_go():
    changed = without_single_lanes(LOAD + STORE)
    assert "masked" not in changed
    assert "load i8, ptr %lane1.at, align 2" in changed
    assert "getelementptr i8, ptr %p, i64 1" in changed
    assert "extractelement <4 x i8> <i8 1, i8 2, i8 3, i8 4>, i64 1" in changed


@pytest.mark.parametrize("text", [LOAD, STORE])
def test_other_masks_stay(text):
    several = re.sub(r"<i1 .*?>", "<i1 true, i1 true, i1 false, i1 false>", text, count=1)
    assert "true, i1 true" in several and without_single_lanes(several) == several
    unknown = re.sub(r"<i1 .*?>", "%mask", text, count=1)
    assert "%mask" in unknown and without_single_lanes(unknown) == unknown
