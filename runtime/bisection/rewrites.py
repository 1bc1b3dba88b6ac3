"""Which of the rewrites of a pass made the difference: the pass is run again and again, stopped after so many."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from xdsl.dialects.builtin import ModuleOp

from ...compiler.rewriting import limit_rewrites
from ...compiler.rewriting.limit import Rewrite
from .culprit import FoundRewrite

Apply = Callable[[ModuleOp], object]
"""Runs the pass on a module, in place; it may raise."""

Judge = Callable[[ModuleOp], bool | None]
"""Whether a module is wrong; None for one that cannot be run."""


def find_rewrite(before: ModuleOp, apply: Apply, judge: Judge) -> FoundRewrite | str:
    """The rewrite after which the module is wrong, though it was not before it; or why there is none.

    Args:
        before: the module before the pass.
        apply: the pass, which leaves a wrong module.
        judge: whether a module is wrong.
    """
    work = _Rewrites(before, apply, judge)
    total = work.count()
    if total == 0:
        return "the pass does not work by patterns: it is to blame as a whole"
    if work.is_wrong(0):
        return f"it is not one of the {total} rewrites of the pass, but what it does besides"
    good, bad = 0, total
    while bad - good > 1:
        middle = work.closest_known(good, bad)
        if middle is None:
            break
        number, wrong = middle
        good, bad = (good, number) if wrong else (number, bad)
    rewrite = work.describe(bad)
    if rewrite is None:
        return f"it is one of the {total} rewrites of the pass"
    return FoundRewrite(rewrite, bad, total, good + 1)


class _Rewrites:
    def __init__(self, before: ModuleOp, apply: Apply, judge: Judge):
        self.before, self.apply, self.judge = before, apply, judge
        self._known: dict[int, bool | None] = {}

    def count(self) -> int:
        with limit_rewrites() as limit:
            self.apply(self.before.clone())
        return limit.count

    def is_wrong(self, allowed: int) -> bool | None:
        """Whether the module is wrong after so many rewrites."""
        if allowed not in self._known:
            self._known[allowed] = self._judged(allowed)
        return self._known[allowed]

    def _judged(self, allowed: int) -> bool | None:
        module = self.before.clone()
        try:
            with limit_rewrites(allowed):
                self.apply(module)
        except Exception:  # a pass that finds patterns stopped halfway may not know what to do
            return None
        return self.judge(module)

    def closest_known(self, good: int, bad: int) -> tuple[int, bool] | None:
        """The number closest to the middle between two for which it is known, and what it is."""
        for number in _outwards(good, bad):
            wrong = self.is_wrong(number)
            if wrong is not None:
                return number, wrong
        return None

    def describe(self, number: int) -> Rewrite | None:
        with limit_rewrites(number) as limit:
            self.apply(self.before.clone())
        return limit.last


def _outwards(low: int, high: int) -> Iterator[int]:
    """The numbers between two, the middle one first."""
    middle = (low + high) // 2
    for distance in range(high - low):
        for number in dict.fromkeys((middle - distance, middle + distance)):
            if low < number < high:
                yield number
