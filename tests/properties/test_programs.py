"""Generated programs with control flow: every engine and every level, static and dynamic, against numpy."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.programs import arguments, meaning, programs, to_module

from stepwell.testing.engines import WAYS, assert_close


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(program=programs(), seed=st.integers(0, 2**16), dynamic=st.booleans())
def test_program_means_what_numpy_says(way, program, seed, dynamic):
    inputs = arguments(program, seed)
    expected = meaning(program, inputs)
    module = to_module(program, dynamic)
    module.verify()
    results = WAYS[way](module, [array.copy() for array in inputs])
    assert len(results) == len(expected)
    for number, (got, want) in enumerate(zip(results, expected, strict=True)):
        assert_close(got, want, f"{way}: result {number}")
