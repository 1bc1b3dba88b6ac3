"""Eager random numbers that are drawn in compiled code, once NumPy has cost as much as compiling: the same numbers."""

from collections import defaultdict

import numpy as np
import pytest

from stepwell import random
from stepwell.compiler.frontend.values import evaluation
from stepwell.runtime.engines import eager_ops

DRAWS = {
    "uniform": lambda count, dtype: random.stateless_uniform([count], [3, 4], dtype=dtype),
    "normal": lambda count, dtype: random.stateless_normal([count], [3, 4], dtype=dtype),
    "full": lambda count, dtype: random.stateless_uniform([count], [3, 4], None, None, dtype),
    "int": lambda count, dtype: random.stateless_uniform([count], [3, 4], -7, 2**31 - 1, dtype),
}
FLOATS, INTS = ("float32", "float64"), ("int32", "int64")


@pytest.fixture
def calls(monkeypatch):
    """The names of the ops that run compiled; what calls of earlier tests have cost is forgotten."""
    compiled = []
    run = evaluation.run_compiled
    monkeypatch.setattr(evaluation, "run_compiled", lambda op, *call: compiled.append(op.name) or run(op, *call))
    monkeypatch.setattr(evaluation, "_lost", defaultdict(float))
    return compiled


@pytest.mark.parametrize(
    ("name", "dtype"), [(name, dtype) for name in DRAWS for dtype in (INTS if name in ("full", "int") else FLOATS)]
)
def test_many_numbers_are_compiled_and_begin_as_few_do(name, dtype, calls):
    few = DRAWS[name](1000, dtype).numpy()
    while not calls:
        many = DRAWS[name](2**16, dtype).numpy()
    units = 2 if (name, dtype) == ("normal", "float64") else 0  # of functions that are rounded otherwise
    if name in ("full", "int"):
        assert many[:1000].tolist() == few.tolist()
    else:
        np.testing.assert_array_max_ulp(many[:1000], few, units)


@pytest.mark.parametrize("dtype", FLOATS + INTS)
def test_frequent_calls_are_compiled_once_for_all_shapes(dtype, monkeypatch, calls):
    monkeypatch.setattr(evaluation, "_COMPILING", 5_000.0)
    monkeypatch.setattr(eager_ops, "_compiled", compiled := {})
    low, high = (None, None) if dtype in INTS else (0, 1)
    period = 5 * 7 * 3
    values = [random.stateless_uniform([n % 5, n % 7], [n % 3, 1], low, high, dtype).numpy() for n in range(2 * period)]
    assert len(compiled) == 1 and 0 < len(calls) < 2 * period
    for by_numpy, by_code in zip(values[:period], values[period:], strict=True):
        np.testing.assert_array_equal(by_code, by_numpy)


def test_draws_whose_rounding_differs_go_by_their_size_alone(calls):
    first = DRAWS["normal"](100, "float64").numpy()
    for _ in range(2000):
        random.stateless_normal([100], [3, 4], dtype="float64")
    assert not calls
    assert DRAWS["normal"](100, "float64").numpy().tolist() == first.tolist()
