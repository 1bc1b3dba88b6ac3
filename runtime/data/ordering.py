"""Methods of datasets: which elements come, in which order, and when they are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...compiler.frontend.ops.random.seeds import seed_of, seed_pair
from .nodes.ahead import Prefetch
from .nodes.shuffling import Shuffle
from .nodes.sources import Numbers
from .nodes.transforms import Concatenate, Repeat, Shard, Skip, Take, Zip
from .parameters import DatasetBase, dataset_of

if TYPE_CHECKING:
    from .dataset import Dataset


class Ordering(DatasetBase):
    """Which elements come, in which order, and when they are made."""

    def shuffle(
        self,
        buffer_size: Any,
        seed: int | None = None,
        reshuffle_each_iteration: bool | None = True,
        name: str | None = None,
    ) -> Dataset:
        """Elements in random order, each taken from a buffer of the next ones.

        The order is TensorFlow's for the same `seed` and `random.set_seed`.

        Args:
            buffer_size: how many elements the buffer has; as many as there are, for an order in which all are equal.
            seed: of the order.
            reshuffle_each_iteration: whether each iteration is in another order.
            name: accepted as in TensorFlow.
        """
        seeds = seed_pair(None if seed is None else seed_of("Dataset.shuffle", seed))
        return dataset_of(Shuffle(self._node, buffer_size, seeds, reshuffle_each_iteration is not False))

    def repeat(self, count: Any = None, name: str | None = None) -> Dataset:
        """All elements, so many times, for ever if `count` is None or -1."""
        return dataset_of(Repeat(self._node, count))

    def take(self, count: Any, name: str | None = None) -> Dataset:
        """The first elements; all if `count` is -1."""
        return dataset_of(Take(self._node, count))

    def skip(self, count: Any, name: str | None = None) -> Dataset:
        """All but the first elements; none if `count` is -1."""
        return dataset_of(Skip(self._node, count))

    def shard(self, num_shards: Any, index: Any, name: str | None = None) -> Dataset:
        """Each `num_shards`th element, from number `index` on."""
        return dataset_of(Shard(self._node, num_shards, index))

    def concatenate(self, dataset: Dataset, name: str | None = None) -> Dataset:
        """The elements of this dataset, then those of another one of the same structure."""
        return dataset_of(Concatenate([self._node, dataset._node]))

    def enumerate(self, start: Any = 0, name: str | None = None) -> Dataset:
        """Each element with its index, counted from `start`."""
        return dataset_of(Zip([Numbers(start, None, 1, np.dtype(np.int64)), self._node], tuple))

    def prefetch(self, buffer_size: Any, name: str | None = None) -> Dataset:
        """Make the next elements in a thread while the program uses one."""
        return dataset_of(Prefetch(self._node, buffer_size))
