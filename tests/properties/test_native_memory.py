"""Machine code writes what it is to write, and nothing behind it: vectors end where arrays do."""

import os
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

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
@settings(max_examples=examples(20), deadline=None)
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


@sw.function
def _with_temporaries(x, w, n):
    """Temporaries of more than a kilobyte: of known size, so that they share the arena, in a loop, and in a branch."""
    first = sw.matmul(x, w)
    second = sw.matmul(first, sw.transpose(w))
    for _ in sw.range(n):
        second = sw.matmul(second, w) + first
        second = sw.matmul(second, sw.transpose(w))
    if sw.reduce_sum(second) > 0.0:
        second = sw.matmul(sw.reverse(second, [0]), w)
    else:
        second = sw.matmul(second, w) - 1.0
    return first, sw.concat([first, second], 0), sw.reduce_max(second, 1)


def _by_numpy(x, w, n):
    first = x @ w
    second = first @ w.T
    for _ in range(n):
        second = (second @ w + first) @ w.T
    second = second[::-1] @ w if second.sum() > 0 else second @ w - 1
    return first, np.concatenate([first, second]), second.max(1)


@pytest.mark.parametrize("sizes", ["known", "?"])
def test_300_calls_with_large_temporaries_are_right_and_leave_nothing_behind(sizes):
    random = np.random.default_rng(0)
    f = _with_temporaries
    if sizes == "?":
        specs = [sw.TensorSpec([None, None], sw.float64)] * 2 + [sw.TensorSpec([], sw.int32)]
        f = sw.function(_with_temporaries.python_function, input_signature=specs)
    given = [(random.normal(size=(96, 64)), random.normal(size=(64, 64)) / 8, np.int32(n)) for n in (0, 1, 3, 2, 1)]
    kept, memory = [], []
    for call in range(300):
        kept = [*kept[-20:], (call, f(*given[call % len(given)]))]
        if call in (60, 299):
            memory.append(_resident())
    assert memory[1] - memory[0] < 8 * 2**20, "240 calls with 150 KB of temporaries each"
    for call, results in kept:
        for got, expected in zip(results, _by_numpy(*given[call % len(given)]), strict=True):
            np.testing.assert_allclose(got, expected, rtol=1e-9)


def _resident():
    """How much memory the process has, where the system tells."""
    path = Path("/proc/self/statm")
    return int(path.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if path.exists() else 0
