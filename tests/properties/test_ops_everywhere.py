"""Every op of every dtype, on every engine and at every level, against its numpy meaning."""

from functools import lru_cache

import pytest
from support.op_batches import CASES, SIZE, Batch, Case, batches, sampled

from stepwell.dialects.dtypes import ALL
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.hl.rules.base import Because
from stepwell.testing.engines import WAYS, assert_close
from stepwell.testing.everywhere import ATOL, RTOL

GROUPS = batches(sampled(CASES))
IN_GROUPS = [pytest.param(number, case, id=str(case)) for number, cases in enumerate(GROUPS) for case in cases]


@lru_cache(maxsize=1)
def batch(number: int, vague: bool) -> Batch:
    """The group that the last cases belonged to is kept: it is compiled once."""
    return Batch(GROUPS[number], vague)


def check(case: Case, found: Batch, way: str) -> None:
    for drawn, results in found.results(case, way):
        for got, expected in zip(results, drawn.expected, strict=True):
            assert_close(got, expected, f"{way}: {drawn}", **tolerance(case.op, expected.dtype))


def tolerance(op, dtype):
    """How far an engine's results may be off: for ops that say they are exact, not at all."""
    if op.EXACT:
        return {"rtol": 0, "atol": 0}
    return {"rtol": RTOL.get(dtype.name, 0), "atol": ATOL.get(dtype.name, 0)}


@pytest.mark.parametrize("number,case", IN_GROUPS)
def test_op_means_what_numpy_says(number, case):
    for way in WAYS:
        if way != "onnx" or not isinstance(case.op.onnx, Because):
            check(case, batch(number, vague=False), way)


@pytest.mark.parametrize("number,case", IN_GROUPS)
def test_a_lowering_needs_to_know_nothing_of_the_sizes_of_results(number, case):
    check(case, batch(number, vague=True), "interpreter at linalg")


def test_every_op_of_every_dtype_is_in_a_group():
    assert {case.op for case in CASES} == set(OPS.values())
    assert max(map(len, GROUPS)) == SIZE
    for op in (OPS["hl.add"], OPS["hl.less"]):
        assert {case.dtype for case in CASES if case.op is op} == set(op.DTYPES)


def test_the_sample_has_every_op_and_every_dtype():
    found = sampled(CASES)
    assert {case.op for case in found} == set(OPS.values())
    assert {case.dtype for case in found} >= set(ALL)
