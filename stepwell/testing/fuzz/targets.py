"""What is fuzzed: a test that HypoFuzz guides by coverage, and the loop of the workers that draw fresh programs."""

from __future__ import annotations

import atexit
import time
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from ..modules import Case, hl_modules
from ..provider import register
from .check import Mismatch, check
from .log import Log

_log = Log()

_SLOW_AND_LARGE = (
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.filter_too_much,
    HealthCheck.large_base_example,
)
"""Whole programs are allowed to be so."""


def _tried(case: Case) -> None:
    """Try a program and count it; a mismatch fails."""
    if _log.programs == 0:
        atexit.register(_log.save)
    found = check(case)
    _log.note(case, found)
    wrong = [verdict for verdict in found.values() if isinstance(verdict, Mismatch)]
    assert not wrong, "\n".join(f"{m.way}: {m.problem}\n{m.program}" for m in wrong)


@settings(max_examples=20, deadline=None, suppress_health_check=_SLOW_AND_LARGE)
@given(hl_modules())
def test_every_way_agrees(case: Case) -> None:
    """The engines and levels agree with the interpreter."""
    _tried(case)


def run_fresh(first_seed: int, seconds: float, max_side: int = 4) -> None:
    """Draw and try programs, a batch for each seed, until the time is over; mismatches are noted and do not end it."""
    end, number = time.monotonic() + seconds, first_seed
    while time.monotonic() < end:
        _batch(number, max_side, end)
        number += 1000
    _log.save()


def _batch(number: int, max_side: int, end: float) -> None:
    options: dict[str, Any] = {"max_side": max_side} if number % 3 else {"max_side": 4 * max_side, "special": False}

    @seed(number)
    @settings(
        max_examples=100,
        backend=register(),
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=_SLOW_AND_LARGE,
    )
    @given(hl_modules(**options))
    def batch(case: Case) -> None:
        if time.monotonic() < end:
            _log.note(case, check(case))

    batch()
