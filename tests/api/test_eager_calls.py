"""Eager calls that were checked before: they are told from those that only look the same."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.effort import examples

import stepwell as sw
from stepwell.compiler.frontend.values import evaluation
from stepwell.compiler.frontend.values.dispatch import apply
from stepwell.dialects.hl.registry import OPS
from stepwell.testing.sampling import samples

PURE = [op for op in OPS.values() if not op.ON_HOST]


@settings(max_examples=examples(300), deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(st.data())
def test_a_second_call_answers_as_the_first(data):
    op = data.draw(st.sampled_from(PURE))
    sample = data.draw(samples(op))
    evaluation._known.clear()
    first, second = (evaluation.evaluated(op, sample.operands, sample.attrs) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other))
        assert np.asarray(one).dtype == np.asarray(other).dtype


@pytest.mark.parametrize(
    ("accepted", "refused"),
    [
        (lambda: sw.ones([2]) + sw.ones([3, 1]), lambda: sw.ones([2]) + sw.ones([3])),
        (lambda: sw.abs(sw.ones([2])), lambda: sw.abs(sw.constant([True, False]))),
        (lambda: sw.reduce_sum(sw.ones([2, 2]), axis=1), lambda: sw.reduce_sum(sw.ones([2]), axis=1)),
        (lambda: sw.gather([1, 2], [1]), lambda: sw.gather([1, 2], [2])),
        (lambda: sw.reshape(sw.ones([4]), [2, 2]), lambda: sw.reshape(sw.ones([4]), [3, 2])),
    ],
)
def test_what_is_refused_is_refused_after_calls_that_look_like_it(accepted, refused):
    for _ in range(2):
        accepted()
        with pytest.raises((ValueError, TypeError)):
            refused()


def test_true_and_1_are_different_attributes():
    op, x = OPS["hl.reverse"], [np.ones(2, np.float32)]
    keys = {evaluation._call_key(op, x, {"axes": axes}) for axes in ((1,), (True,), (1.0,))}
    assert len(keys) == 3
    assert len({evaluation._call_key(op, x, {"axis": axis}) for axis in (1, True, 1.0)}) == 3


def test_large_results_are_asked_for_memory_each_time():
    large = np.broadcast_to(np.float32(1), (2**20,))
    evaluation._known.clear()
    evaluation.evaluated(OPS["hl.neg"], [large], {})
    assert not evaluation._known


def test_only_so_many_calls_are_remembered(monkeypatch):
    monkeypatch.setattr(evaluation, "_KNOWN_CALLS", 10)
    evaluation._known.clear()
    for size in range(25):
        sw.zeros([size]) + 1.0
    assert 0 < len(evaluation._known) <= 10


def test_narrow_floats_are_computed_widened_in_every_call():
    x = sw.constant([1.0, 2.0**-9], sw.bfloat16)
    for _ in range(2):
        assert apply(OPS["hl.sum"], x, axes=(0,), keepdims=False).dtype == sw.bfloat16
