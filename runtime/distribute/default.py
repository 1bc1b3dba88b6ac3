"""The strategy outside of all scopes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from .context import Context, current, entered, require_strategy
from .extended import StrategyExtended
from .inputs import InputContext, InputOptions, made, refuse_replication
from .replica import ReplicaContext
from .strategy import Strategy


class DefaultStrategy(Strategy):
    """The strategy outside of scopes: code there is its replica, and datasets stay as they are."""

    def __init__(self) -> None:
        super().__init__(StrategyExtended(self))
        self.replica = ReplicaContext(self, 0)

    @contextmanager
    def scope(self) -> Iterator[Strategy]:
        """A context that changes nothing."""
        require_strategy("Strategy.scope", self)
        with entered(Context(self, current().replica)):
            yield self

    def experimental_distribute_dataset(self, dataset: Any, options: InputOptions | None = None) -> Any:
        """The dataset."""
        refuse_replication("Strategy.experimental_distribute_dataset", options)
        return dataset

    def distribute_datasets_from_function(
        self, dataset_fn: Callable[[InputContext], Any], options: InputOptions | None = None
    ) -> Any:
        """What the function makes."""
        return made("Strategy.distribute_datasets_from_function", dataset_fn, options)


DEFAULT = DefaultStrategy()
