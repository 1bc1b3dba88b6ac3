# Written by `python -m stepwell.tools.public_api --write`.

import numpy as np
from collections.abc import Callable, Iterator
from typing import Any, Self
from stepwell import Tensor
from stepwell.types import DTypeLike

AUTOTUNE: int
"""As many as are useful."""

class Dataset:
    """Elements one after the other: nested tuples and dicts of tensors."""
    @property
    def element_spec(self) -> Any:
        """The shape and dtype of each component of an element."""
    def reduce(self, initial_state: Any, reduce_func: Callable[..., Any], name: str | None = None) -> Any:
        """What a function of a state and an element makes of all elements, which is compiled."""
    def __repr__(self) -> str: ...
    def __bool__(self) -> bool: ...
    def __len__(self) -> int: ...
    @staticmethod
    def from_tensors(tensors: object, name: str | None = None) -> Dataset:
        """The dataset with one element."""
    @staticmethod
    def from_tensor_slices(tensors: object, name: str | None = None) -> Dataset:
        """The parts of tensors along their first axis, which has to be of one size in all of them."""
    @staticmethod
    def from_generator(
        generator: Callable[..., Any],
        output_types: Any = None,
        output_shapes: Any = None,
        args: Any = None,
        output_signature: Any = None,
        name: str | None = None,
    ) -> Dataset:
        """What a Python generator yields; each iteration calls the function that makes it anew."""
    @staticmethod
    def range(*args: Any, output_type: DTypeLike = np.int64, name: str | None = None) -> Dataset:
        """Numbers from a start, 0 if it is left out, up to a stop, by steps of 1 if none is given."""
    def cardinality(self) -> Tensor:
        """The number of elements; -1 if they never end, -2 if it is not known."""
    def as_numpy_iterator(self) -> Iterator[Any]:
        """The elements as NumPy's arrays and scalars."""
    def map(
        self,
        map_func: Callable[..., Any],
        num_parallel_calls: int | None = None,
        deterministic: bool | None = None,
        synchronous: bool | None = None,
        use_unbounded_threadpool: bool = False,
        name: str | None = None,
    ) -> Dataset:
        """A function of each element, which is compiled."""
    def filter(self, predicate: Callable[..., Any], name: str | None = None) -> Dataset:
        """The elements for which a function says True."""
    def batch(
        self,
        batch_size: Any,
        drop_remainder: bool = False,
        num_parallel_calls: int | None = None,
        deterministic: bool | None = None,
        name: str | None = None,
    ) -> Dataset:
        """So many elements along a new first axis; the last batch has the rest, unless that is dropped."""
    def unbatch(self, name: str | None = None) -> Dataset:
        """The parts of each element along its first axis."""
    def shuffle(
        self,
        buffer_size: Any,
        seed: int | None = None,
        reshuffle_each_iteration: bool | None = True,
        name: str | None = None,
    ) -> Dataset:
        """Elements in random order, each taken from a buffer of the next ones."""
    def repeat(self, count: Any = None, name: str | None = None) -> Dataset:
        """All elements, so many times, for ever if `count` is None or -1."""
    def take(self, count: Any, name: str | None = None) -> Dataset:
        """The first elements; all if `count` is -1."""
    def skip(self, count: Any, name: str | None = None) -> Dataset:
        """All but the first elements; none if `count` is -1."""
    def shard(self, num_shards: Any, index: Any, name: str | None = None) -> Dataset:
        """Each `num_shards`th element, from number `index` on."""
    def concatenate(self, dataset: Dataset, name: str | None = None) -> Dataset:
        """The elements of this dataset, then those of another one of the same structure."""
    def enumerate(self, start: Any = 0, name: str | None = None) -> Dataset:
        """Each element with its index, counted from `start`."""
    @staticmethod
    def zip(*args: Any, datasets: Any = None, name: str | None = None) -> Dataset:
        """Elements of several datasets, put together as these are; ends with the shortest."""
    def prefetch(self, buffer_size: Any, name: str | None = None) -> Dataset:
        """Make the next elements in a thread while the program uses one."""
    def cache(self, filename: str = '', name: str | None = None) -> Dataset:
        """Keep all elements in memory once an iteration has reached the end."""
    def apply(self, transformation_func: Callable[[Self], Any]) -> Any:
        """What a function returns for this dataset."""
    def get_single_element(self, name: str | None = None) -> Any:
        """The element of a dataset that has one; raises InvalidArgumentError for others."""

INFINITE_CARDINALITY: int
"""What `cardinality` is of a dataset that never ends."""

UNKNOWN_CARDINALITY: int
"""What it is where the end is not known before."""
