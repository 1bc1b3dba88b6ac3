"""Generated programs with control flow: every engine and every level, static and dynamic, against numpy."""

import pytest
from hypothesis import HealthCheck, given, settings
from support.effort import examples
from support.meaning import MEANINGS, meaning

from stepwell.testing import hl_modules
from stepwell.testing.engines import WAYS, assert_close

PROGRAMS = hl_modules(list(MEANINGS), max_statements=12, effects=False, exact=True, control_flow=4)


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=examples(25), deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(case=PROGRAMS)
def test_program_means_what_numpy_says(way, case):
    expected = meaning(case.module, case.inputs)
    results = WAYS[way](case.module, case.fresh_inputs())
    assert len(results) == len(expected)
    for number, (got, want) in enumerate(zip(results, expected, strict=True)):
        assert_close(got, want, f"{way}: result {number}")
