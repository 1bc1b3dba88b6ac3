"""How many examples tests draw: a part in `make test`, all in `make test-thorough`.

Tests that draw examples name the number of a thorough run. `make test` draws the same ones each time, so that what
fails is what a change broke; a thorough run draws others each time, unless a test fixes a seed.
"""

from __future__ import annotations

import math
import os

from hypothesis import settings

_EFFORT = float(os.environ.get("STEPWELL_TEST_EFFORT", "0.25"))

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
