"""How many examples and cases tests take: a part in `make test`, all in `make test-thorough`.

Tests that draw examples name the number of a thorough run. `make test` draws the same ones each time, so that what
fails is what a change broke; a thorough run draws others each time, unless a test fixes a seed. Tests that compile
something for each of many cases name all of them, of which `make test` takes the same part each time.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from itertools import product
from random import Random
from typing import Any, TypeVar

from hypothesis import settings

_EFFORT = float(os.environ.get("STEPWELL_TEST_EFFORT", "0.15"))

T = TypeVar("T")

settings.register_profile("part", derandomize=True)
settings.register_profile("thorough", derandomize=False)


def load_profile() -> None:
    """Choose what tests draw: the same examples each time, or others in a thorough run."""
    settings.load_profile("part" if _EFFORT < 1 else "thorough")


def examples(thorough: int) -> int:
    """The number of examples to draw where a thorough run draws this many: at least 3, or all."""
    return max(min(thorough, 3), math.ceil(thorough * _EFFORT))


def is_thorough() -> bool:
    """Whether tests do all that they can."""
    return _EFFORT >= 1


def some(cases: Iterable[T], least: int = 3) -> list[T]:
    """All cases in a thorough run, else a part of them, and `least` or more; the same ones each time, in their order.

    Example:
        >>> set(some("abcdefgh", 4)) <= set("abcdefgh")
        True
    """
    found = list(cases)
    if is_thorough():
        return found
    count = min(len(found), max(least, math.ceil(len(found) * _EFFORT)))
    return [found[place] for place in sorted(Random(len(found)).sample(range(len(found)), count))]


def by_turns(*kinds: Iterable[Any]) -> list[tuple[Any, ...]]:
    """Every combination in a thorough run, else so many that each value of each kind is in one of them, by turns.

    For what differs in several ways of which each by itself is likely to break, such as functions and engines: each
    function runs on one engine, and each engine runs some functions.

    Example:
        >>> set(by_turns("abcd", [1, 2])) >= {("a", 1), ("b", 2), ("c", 1), ("d", 2)}
        True
    """
    values = [list(kind) for kind in kinds]
    if is_thorough():
        return list(product(*values))
    count = max(map(len, values)) if all(values) else 0
    return [tuple(kind[place % len(kind)] for kind in values) for place in range(count)]
