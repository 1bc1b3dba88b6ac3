"""Watching patterns as they are tried: for timing, statistics, verification and reasons of refusals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from xdsl.ir import Operation


@dataclass(frozen=True)
class Refusal:
    """Why a pattern left an op that looked like its own as it was.

    Attributes:
        pattern: the pattern's class, or the pass's name where a pass works without patterns.
        op: the op, as it is now: later rewrites may have changed or erased it.
        reason: why.
    """

    pattern: str
    op: Operation
    reason: str


class RewriteObserver:
    """Told of each pattern that is tried, and of each refusal. Methods that are not overridden do nothing.

    Observers are also notified of a pattern that chooses among others: calls nest as the patterns do.
    """

    def trying(self, pattern: str, op: Operation) -> None:
        """A pattern, named by its class, is about to be tried on an op."""

    def tried(self, pattern: str, op: Operation, rewrote: bool) -> None:
        """It was tried; where it rewrote, the op may be erased. Not called where the pattern raised an error."""

    def refused(self, refusal: Refusal) -> None:
        """A pattern, or a pass, said why it leaves an op as it is."""


_observers: ContextVar[tuple[RewriteObserver, ...]] = ContextVar("rewrite_observers", default=())


def current_observers() -> tuple[RewriteObserver, ...]:
    """Those that watch in this thread."""
    return _observers.get()


@contextmanager
def observe_rewrites(*observers: RewriteObserver) -> Iterator[None]:
    """Let observers watch what happens inside the `with` block, in addition to those that watch already.

    Example:
        >>> class Shows(RewriteObserver):
        ...     def tried(self, pattern, op, rewrote):
        ...         print(pattern, op.name, rewrote)
        >>> with observe_rewrites(Shows()):
        ...     len(current_observers())
        1
    """
    token = _observers.set((*_observers.get(), *observers))
    try:
        yield
    finally:
        _observers.reset(token)
