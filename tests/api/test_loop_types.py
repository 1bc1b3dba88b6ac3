"""What a loop carries is found by tracing its body until the types are stable, as the example of its module shows."""

import numpy as np
import pytest

import stepwell as sw
from stepwell.compiler.frontend.control_flow.loop import LoopState


@pytest.fixture
def starts(monkeypatch):
    """The types of variables at the start of each attempt, noted when it ends."""
    found = []
    widen = LoopState.widen

    def noted(state, ends):
        types = {v.name: [str(s.type) if s.type else s.value for s in v.slots] for v in state.variables}
        found.append((types, sorted(v.name for v in state.variables if v.maybe_unset)))
        return widen(state, ends)

    monkeypatch.setattr(LoopState, "widen", noted)
    return found


def test_types_are_widened_from_attempt_to_attempt(starts):
    @sw.function
    def example(n):
        i, x, k = 0, 1, 3
        while i < n:
            x = x * 0.5
            last = i
            i += 1
            k = 3
        return x, last, k

    results = example(sw.constant(5))
    assert [float(value) for value in results] == [0.5**5, 4, 3]
    assert starts == [
        ({"i": [0], "x": [1], "k": [3], "last": []}, ["last"]),
        ({"i": ["int32"], "x": ["float32"], "k": [3], "last": [0]}, ["last"]),
        ({"i": ["int32"], "x": ["float32"], "k": [3], "last": ["int32"]}, ["last"]),
    ]
    with pytest.raises(UnboundLocalError, match="last"):
        example(sw.constant(0))


def test_a_chain_of_assignments_takes_an_attempt_for_each_link(starts):
    @sw.function
    def chain(n):
        a, b, c, i = 0, 0, 0, 0
        while i < n:
            a, b, c = b, c, i
            i += 1
        return a, b, c

    np.testing.assert_array_equal([int(value) for value in chain(sw.constant(5))], [2, 3, 4])
    assert len(starts) == 5
