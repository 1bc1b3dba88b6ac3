"""Rewrite patterns that keep the user's line and say why they refused.

xDSL's rewriter leaves new ops without a location. Here, while a pattern runs, every op it inserts takes the location
of the op it matched, so that no op at any level is without the user's line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern

from ...dialects.public import public, public_values
from .driver import Apply, Driver
from .limit import current_limit
from .observe import Refusal, current_observers

Pattern = RewritePattern
"""A pattern matches an op, and either refuses it with a reason (`refuse`) or rewrites it."""
public_values("plugins", "Pattern")


@dataclass
class RewriteLog:
    """What happened while a log was open: refused matches, and how often each pattern rewrote."""

    refusals: list[Refusal] = field(default_factory=list)
    applied: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How often any pattern rewrote."""
        return sum(self.applied.values())


_log: ContextVar[RewriteLog | None] = ContextVar("rewrite_log", default=None)


@contextmanager
def collect_refusals() -> Iterator[RewriteLog]:
    """Record refusals and counts of applied patterns inside the `with` block."""
    log = RewriteLog()
    token = _log.set(log)
    try:
        yield log
    finally:
        _log.reset(token)


@public("plugins")
def refuse(pattern: str | RewritePattern, op: Operation, reason: str) -> None:
    """Say why `pattern` does not rewrite `op`. Costs nothing unless somebody asked (`collect_refusals`)."""
    log, observers = _log.get(), current_observers()
    if log is None and not observers:
        return
    refusal = Refusal(pattern if isinstance(pattern, str) else type(pattern).__name__, op, reason)
    if log is not None:
        log.refusals.append(refusal)
    for observer in observers:
        observer.refused(refusal)


def how_to_apply() -> Apply:
    """`apply_one`, or what does the same with less work as long as nobody watches, counts or limits rewrites.

    Patterns are tried many times for each rewrite: who tries them asks this once.
    """
    watched = current_observers() or _log.get() is not None or current_limit() is not None
    return apply_one if watched else _apply_unwatched


def _apply_unwatched(pattern: RewritePattern, op: Operation, rewriter: PatternRewriter) -> None:
    pattern.match_and_rewrite(op, rewriter)


def apply_one(pattern: RewritePattern, op: Operation, rewriter: PatternRewriter) -> None:
    """Try `pattern` on `op`, and count the rewrite under its name.

    For patterns that choose among other patterns: the rewrite is then counted once, under the name of the other one.
    """
    observers = current_observers()
    if not observers:
        _try_counted(pattern, op, rewriter)
        return
    name = type(pattern).__name__
    for observer in observers:
        observer.trying(name, op)
    _try_counted(pattern, op, rewriter)
    for observer in observers:
        observer.tried(name, op, rewriter.has_done_action)


def _try_counted(pattern: RewritePattern, op: Operation, rewriter: PatternRewriter) -> None:
    log, limit = _log.get(), current_limit()
    if log is None and limit is None:
        pattern.match_and_rewrite(op, rewriter)
        return
    if limit is not None and limit.is_reached:
        return
    name = type(pattern).__name__
    next_one = limit.describe(name, op) if limit is not None else None
    counted = (log.total if log is not None else 0, limit.count if limit is not None else 0)
    pattern.match_and_rewrite(op, rewriter)
    if not rewriter.has_done_action:
        return
    if log is not None and log.total == counted[0]:
        log.applied[name] = log.applied.get(name, 0) + 1
    if limit is not None and limit.count == counted[1]:
        limit.count, limit.last = limit.count + 1, next_one


@public("plugins")
def apply_patterns(
    module: ModuleOp,
    patterns: Sequence[RewritePattern],
    *,
    repeat: bool = True,
    reverse: bool = False,
    may_match: Callable[[Operation], object] | None = None,
) -> bool:
    """Apply `patterns` to every op of `module`, to a fixed point unless `repeat` is off; tell whether anything changed.

    Every op a pattern inserts takes the location of the op it matched.

    Args:
        module: the module, changed in place.
        patterns: tried on an op in this order, until one rewrites it.
        repeat: whether what was inserted or changed is visited again.
        reverse: whether the last op is visited first.
        may_match: says of an op whether any of `patterns` can match it; the others are not visited. None: all can.
    """
    return Driver(patterns, how_to_apply(), may_match or _any_op, repeat, reverse).run(module)


def _any_op(op: Operation) -> bool:
    return True
