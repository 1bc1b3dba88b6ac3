"""A sample of ONNX's own tests of operators, half of it on each engine; `make onnx-tests` runs all of them."""

from __future__ import annotations

import pytest
from support.onnx_suite import ENGINES, Case, known_failures, run, sample

_CASES = sample(150, seed=1)
_KNOWN = known_failures()


@pytest.mark.parametrize("number", range(0, 150, 10))
def test_ten_cases(number: int) -> None:
    """Cases are taken in tens: one by one, their collection would take longer than they do."""
    wrong = [failure for index in range(number, number + 10) if (failure := _failure(_CASES[index], index))]
    assert not wrong, "\n".join(wrong)


def _failure(case: Case, index: int) -> str | None:
    """What is wrong with a case, in which the engines take turns."""
    engine = ENGINES[index % 2]
    try:
        run(case, engine)
    except Exception as error:
        if case.name not in _KNOWN:
            return f"{case.name} on {engine}: {type(error).__name__}: {error}"
    else:
        if case.name in _KNOWN and "NumPy's generator" not in _KNOWN[case.name]:
            return f"{case.name} on {engine} passes: take it out of known_failures.txt"
    return None
