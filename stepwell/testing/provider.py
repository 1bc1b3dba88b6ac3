"""Examples that have nothing to do with each other: a back end for hypothesis.

By default hypothesis makes up to five variants of each example, by copying parts of it over others, and begins with
small examples. For whole programs that wastes most of the examples; failures still shrink as always.
"""

from __future__ import annotations

from typing import Any

from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider

BACKEND = "stepwell-fresh"
"""The name to give to `hypothesis.settings(backend=...)`."""


class FreshProvider(HypothesisProvider):
    """hypothesis' own draws, from the test's seed, one example after the other.

    Constants found in the source of modules that happen to be imported are left out: the same seed is to give the same
    programs in any process.
    """

    def _maybe_draw_constant(self, *args: Any, **options: Any) -> None:
        """None: no constant."""


def register() -> str:
    """Make the back end known to hypothesis, and give its name."""
    AVAILABLE_PROVIDERS[BACKEND] = f"{__name__}.{FreshProvider.__name__}"
    return BACKEND
