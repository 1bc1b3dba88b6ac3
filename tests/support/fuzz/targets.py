"""What is fuzzed: a test that HypoFuzz guides by coverage, and the loop of the workers that draw fresh programs."""

from __future__ import annotations

import gc
import itertools
import time
import traceback
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException

from stepwell.testing.modules import Case, hl_modules
from stepwell.testing.provider import register

from ..gradient_checks import CHECKS
from ..long_programs import long_module
from ..loop_programs import loop_program
from .apart import compiled_apart
from .check import Mismatch, check, shown, smaller
from .log import LogFile

SIDE = 4
"""The largest size of a dimension in most programs."""

SHORT = 8
"""How many statements most programs have at most; those of every fourth batch have as many as `hl_modules` gives."""

BATCHES = 10_000
"""No worker tries more batches than this, each of a seed of its own."""

LONG_EVERY = 4
"""After how many batches a long program is compiled, which takes as long as a batch."""

LONG_LIMIT = 120.0
"""How many seconds a long program may take to compile."""

GRADIENTS = 4
"""How many Python programs with loops are differentiated after a batch; that takes some seconds."""

GARBAGE = 20_000
"""How many objects are made before the collector of garbage looks for some: IR is many small ones."""

_file = LogFile()
_known: set[tuple[str, str]] = set()
"""What has been made smaller: where, and what it was."""

_SLOW_AND_LARGE = (
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.filter_too_much,
    HealthCheck.large_base_example,
)
"""Whole programs are allowed to be so."""


@st.composite
def _programs(draw: Any, **options: Any) -> Case | Mismatch:
    """Programs; an error while one is drawn is a finding."""
    try:
        return draw(hl_modules(**options))
    except HypothesisException:
        raise
    except Exception:
        return Mismatch("drawing", traceback.format_exc().splitlines()[-1], traceback.format_exc())


def try_out(case: Case | Mismatch) -> None:
    """Try a program and count it; what is wrong is kept, and does not end the run."""
    found = [case] if isinstance(case, Mismatch) else _mismatches(case)
    for mismatch in found:
        _file.log.add(mismatch)
    _file.save(seldom=not found)


def _mismatches(case: Case) -> list[Mismatch]:
    """What is wrong with a program; the first of each kind is made smaller."""
    text = shown(case)
    _file.started(text)
    try:
        verdicts = check(case)
    except Exception:  # the check itself must not fail
        return [Mismatch("checking", traceback.format_exc().splitlines()[-1], f"{traceback.format_exc()}\n{text}")]
    _file.log.note(case, verdicts)
    found = [verdict for verdict in verdicts.values() if isinstance(verdict, Mismatch)]
    return [_smaller(case, mismatch) for mismatch in found]


def _smaller(case: Case, mismatch: Mismatch) -> Mismatch:
    key = (mismatch.way, mismatch.kind)
    if key in _known:
        return mismatch
    _known.add(key)

    def shows(candidate: Case) -> None:
        _file.started(shown(candidate))

    return smaller(case, mismatch, shows)


def try_long(seed: int) -> None:
    """Compile a long program in a process of its own; what is wrong is kept."""
    mismatch = compiled_apart(long_module(seed), LONG_LIMIT)
    if mismatch is not None:
        _file.log.add(mismatch)
    _file.save(seldom=mismatch is None)


def try_gradients(seed: int) -> None:
    """Differentiate the Python program of a seed in each way, and count it; what is wrong is kept."""
    program = loop_program(seed)
    _file.started(program.source)
    _file.log.differentiated += 1
    for way, check_derivatives in CHECKS.items():
        try:
            points = check_derivatives(program)
        except Exception as error:
            problem = f"{type(error).__name__}: {error}".strip()
            _file.log.add(Mismatch(f"derivatives, {way}", problem, program.source))
            continue
        _file.log.gradients[way] += points
    _file.save()


@settings(max_examples=20, deadline=None, suppress_health_check=_SLOW_AND_LARGE)
@given(_programs(max_statements=SHORT))
def test_every_way_agrees(case: Case | Mismatch) -> None:
    """The engines and levels agree with the interpreter; a test that failed would end HypoFuzz's run."""
    try_out(case)


def run_fresh(first_seed: int, seconds: float, max_side: int = SIDE) -> None:
    """Draw and try programs, a batch for each seed, and some programs with loops after it, until the time is over."""

    def both(number: int, end: float) -> None:
        _batch(number, max_side, end)
        if number % LONG_EVERY == 0 and time.monotonic() < end:
            try_long(number // LONG_EVERY)
        for each in range(number * GRADIENTS, (number + 1) * GRADIENTS):
            if time.monotonic() < end:
                try_gradients(each)

    _repeat(both, first_seed, seconds)


def run_gradients(first_seed: int, seconds: float) -> None:
    """Differentiate programs with loops, one for each seed, until the time is over."""
    _repeat(lambda number, end: try_gradients(number), first_seed, seconds)


def _repeat(step: Callable[[int, float], None], first_seed: int, seconds: float) -> None:
    """Take a step for each seed until the time is over; a step that fails is a finding."""
    gc.freeze()
    gc.set_threshold(GARBAGE)
    end = time.monotonic() + seconds
    for number in itertools.count(first_seed * BATCHES):
        if time.monotonic() >= end:
            break
        try:
            step(number, end)
        except Exception:
            _file.log.add(Mismatch("drawing", traceback.format_exc().splitlines()[-1], traceback.format_exc()))
    _file.ended()


def _batch(number: int, max_side: int, end: float) -> None:
    options: dict[str, Any] = {"max_side": max_side, "max_statements": SHORT}
    if number % 4 == 0:
        options = {"max_side": max_side}
    elif number % 4 == 1:
        options |= {"max_side": 4 * max_side, "special": False}

    @seed(number)
    @settings(
        max_examples=100,
        backend=register(),
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=_SLOW_AND_LARGE,
    )
    @given(_programs(**options))
    def batch(case: Case | Mismatch) -> None:
        if time.monotonic() < end:
            try_out(case)

    batch()
