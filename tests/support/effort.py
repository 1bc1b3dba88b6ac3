"""How many examples tests draw: a part in `make test`, all in `make test-thorough`.

Tests that draw examples name the number of a thorough run. Each run draws others unless the test fixes a seed, so
that runs of the part come to the whole in time.
"""

from __future__ import annotations

import math
import os

_EFFORT = float(os.environ.get("STEPWELL_TEST_EFFORT", "0.4"))


def examples(thorough: int) -> int:
    """The number of examples to draw where a thorough run draws this many: at least 3, or all."""
    return max(min(thorough, 3), math.ceil(thorough * _EFFORT))
