"""Room on Python's stack for programs that are nested deeply.

Programs are trees: a branch in a branch in a branch. What reads, checks, rewrites, prints or runs them calls itself for
what is inside, a few Python frames a level, and Python stops at 1,000.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

LIMIT = 10_000
"""Frames: about 500 levels of branches with 20 frames each; of 8 MB of stack they take less than half."""

_lock = threading.Lock()
_inside = 0
_before = 0


@contextmanager
def deep_recursion() -> Iterator[None]:
    """Inside of the `with` block, Python allows `LIMIT` frames; in nested ones and in several threads too.

    Example:
        >>> def depth(n):
        ...     return 0 if n == 0 else 1 + depth(n - 1)
        >>> with deep_recursion():
        ...     depth(3000)
        3000
    """
    _enter()
    try:
        yield
    finally:
        _leave()


def _enter() -> None:
    global _inside, _before
    with _lock:
        if _inside == 0:
            _before = sys.getrecursionlimit()
            if _before < LIMIT:
                sys.setrecursionlimit(LIMIT)
        _inside += 1


def _leave() -> None:
    """The last one out puts the old limit back, unless the user has set another since."""
    global _inside
    with _lock:
        _inside -= 1
        if _inside == 0 and _before < LIMIT and sys.getrecursionlimit() == LIMIT:
            try:
                sys.setrecursionlimit(_before)
            except RecursionError:  # the user's own frames are deeper than that: the next one out tries again
                return
