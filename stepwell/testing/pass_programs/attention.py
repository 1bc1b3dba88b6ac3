"""Looking for what a pass seldom does: how often each pattern rewrote decides how often programs are for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from xdsl.ir import Operation

from stepwell.compiler.rewriting import RewriteObserver

from .interests import Interest

_OFTEN = 4
"""After so many rewrites a pattern is looked for half as often as before any, after twice as many a third as often."""

_LEAST = 10
"""No pattern is looked for less often than one time for so many of another one."""


_PATIENCE = 4
"""A pattern that never rewrote in so many rounds is not looked for more often than others."""


class Attention(RewriteObserver):
    """How often patterns rewrote so far, by the pattern's class and the name of the op.

    Example:
        >>> found = Attention()
        >>> seldom, often = Interest("FoldZero"), Interest("FoldOne")
        >>> found.rewrote["FoldOne", "hl.add"] = 24
        >>> [interest.name for interest in found.spread([seldom, often])].count("FoldZero")
        10
    """

    def __init__(self) -> None:
        self.rewrote: Counter[tuple[str, str]] = Counter()
        self.rounds = 0

    def tried(self, pattern: str, op: Operation, rewrote: bool) -> None:
        """Count it."""
        if rewrote:
            self.rewrote[pattern, op.name] += 1

    def spread(self, interests: Sequence[Interest]) -> list[Interest]:
        """The interests of the next round, each repeated according to its weight."""
        self.rounds += 1
        return [interest for interest in interests for _ in range(self._weight(interest))]

    def _weight(self, interest: Interest) -> int:
        pattern, _, op = interest.name.partition(" of ")
        times = sum(n for key, n in self.rewrote.items() if key[0] == pattern and op in ("", key[1]))
        if not times and self.rounds > _PATIENCE:  # an option of the pass keeps it from rewriting, perhaps
            return 1
        return max(1, round(_LEAST / (1 + times / _OFTEN)))
