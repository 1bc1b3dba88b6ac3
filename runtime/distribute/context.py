"""In which strategy's scope, and in which replica, a thread is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...dialects.diagnostics import InvalidTypeError
from ...dialects.errors import FailedPreconditionError
from ...dialects.public import public

if TYPE_CHECKING:
    from .replica import ReplicaContext
    from .strategy import Strategy


@dataclass(frozen=True)
class Context:
    """A scope that was entered.

    Attributes:
        strategy: the scope's.
        replica: the replica that runs; None in the scope outside of replicas, the *cross-replica context*.
    """

    strategy: Strategy
    replica: ReplicaContext | None = None


class _Entered(threading.local):
    def __init__(self) -> None:
        self.contexts: list[Context] = []


_entered = _Entered()
_outside: list[Context] = []
"""The context outside of all scopes, if a program has set it."""


def current() -> Context:
    """The context of this thread."""
    if _entered.contexts:
        return _entered.contexts[-1]
    return _outside[0] if _outside else _default()


def _default() -> Context:
    from .default import DEFAULT  # is itself a strategy

    return Context(DEFAULT, DEFAULT.replica)


@contextmanager
def entered(context: Context) -> Iterator[None]:
    """Be in a context."""
    _entered.contexts.append(context)
    try:
        yield
    finally:
        _entered.contexts.pop()


def require_cross_replica(what: str) -> None:
    """Refuse a call from inside of a replica that a strategy runs."""
    context = current()
    if context.replica is not None and context.strategy is not _default().strategy:
        raise FailedPreconditionError(
            f"{what}: expected a call outside of replicas, got one in a function that Strategy.run runs; there, "
            "sw.distribute.get_replica_context() has all_reduce, all_gather and merge_call"
        )


def require_strategy(what: str, strategy: Strategy) -> None:
    """Refuse to mix a strategy with another one whose scope is entered."""
    other = current().strategy
    if other is not strategy and other is not _default().strategy:
        raise FailedPreconditionError(
            f"{what}: expected one strategy at a time, got {strategy!r} in a scope of {other!r}"
        )


@public("distribute")
def get_strategy() -> Strategy:
    """The strategy whose scope this is; outside of scopes, the default one, with one replica.

    Example:
        >>> import stepwell as sw
        >>> strategy = sw.distribute.MirroredStrategy()
        >>> with strategy.scope():
        ...     print(sw.distribute.get_strategy() is strategy, sw.distribute.get_strategy().num_replicas_in_sync)
        True 1
    """
    return current().strategy


@public("distribute")
def has_strategy() -> bool:
    """Whether a strategy other than the default one is in use.

    Example:
        >>> import stepwell as sw
        >>> sw.distribute.has_strategy()
        False
    """
    return current().strategy is not _default().strategy


@public("distribute")
def get_replica_context() -> ReplicaContext | None:
    """The replica that runs, in a function that `Strategy.run` runs and outside of scopes; None elsewhere.

    Example:
        >>> import stepwell as sw
        >>> strategy = sw.distribute.MirroredStrategy()
        >>> int(strategy.run(lambda: sw.distribute.get_replica_context().replica_id_in_sync_group))
        0
        >>> with strategy.scope():
        ...     print(sw.distribute.get_replica_context())
        None
    """
    return current().replica


@public("distribute")
def in_cross_replica_context() -> bool:
    """Whether this is in a strategy's scope, and in no replica.

    Example:
        >>> import stepwell as sw
        >>> with sw.distribute.MirroredStrategy().scope():
        ...     print(sw.distribute.in_cross_replica_context())
        True
    """
    return current().replica is None


@public("distribute")
def experimental_set_strategy(strategy: Strategy | None) -> None:
    """Use a strategy outside of scopes; None is the default one again.

    Raises FailedPreconditionError in a scope.

    Example:
        >>> import stepwell as sw
        >>> sw.distribute.experimental_set_strategy(sw.distribute.OneDeviceStrategy("/cpu:0"))
        >>> sw.distribute.has_strategy()
        True
        >>> sw.distribute.experimental_set_strategy(None)
    """
    from .strategy import Strategy  # it imports this module

    if _entered.contexts:
        raise FailedPreconditionError(
            "experimental_set_strategy: expected a call outside of scopes, got one in a scope"
        )
    if strategy is not None and not isinstance(strategy, Strategy):
        raise InvalidTypeError(f"experimental_set_strategy: strategy: expected a Strategy or None, got {strategy!r}")
    _outside[:] = [] if strategy is None or strategy is _default().strategy else [Context(strategy)]
