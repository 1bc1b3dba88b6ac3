"""Stopping after so many rewrites: how the rewrite that broke a program is found among thousands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from xdsl.dialects.builtin import LocationAttr
from xdsl.ir import Operation

from ...dialects.public import public


@public("types")
@dataclass(frozen=True)
class Rewrite:
    """One application of a pattern.

    Attributes:
        pattern: the pattern's class.
        op: the name of the op it matched, such as `"hl.transpose"`.
        location: the op's location.
        text: the op before the rewrite.
    """

    pattern: str
    op: str
    location: LocationAttr
    text: str


@dataclass
class RewriteLimit:
    """How many rewrites are allowed while the limit is open, and how many there have been.

    Attributes:
        allowed: no pattern is tried after so many rewrites; None counts without stopping.
        count: how many rewrites there have been.
        last: the last one that was allowed, once it has happened.
    """

    allowed: int | None = None
    count: int = 0
    last: Rewrite | None = None

    @property
    def is_reached(self) -> bool:
        """Whether no more rewrites are allowed."""
        return self.allowed is not None and self.count >= self.allowed

    def describe(self, pattern: str, op: Operation) -> Rewrite | None:
        """What the next rewrite would be, if it is the last one allowed. Asked before `op` is changed."""
        if self.allowed is None or self.count + 1 != self.allowed:
            return None
        return Rewrite(pattern, op.name, op.location, str(op))


_limit: ContextVar[RewriteLimit | None] = ContextVar("rewrite_limit", default=None)


def current_limit() -> RewriteLimit | None:
    """The limit that is open in this thread, if any."""
    return _limit.get()


@contextmanager
def limit_rewrites(allowed: int | None = None) -> Iterator[RewriteLimit]:
    """Let patterns rewrite `allowed` times inside the `with` block, and no more; None counts them all.

    What was rewritten so far stays as it is, so that the module is valid whatever the limit is.

    Example:
        >>> with limit_rewrites(2) as limit:
        ...     limit.count, limit.is_reached
        (0, False)
    """
    limit = RewriteLimit(allowed)
    token = _limit.set(limit)
    try:
        yield limit
    finally:
        _limit.reset(token)
