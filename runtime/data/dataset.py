"""`data.Dataset`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any, Self

import numpy as np
import optree

from ...compiler.frontend.ops.random.seeds import seed_of, seed_pair
from ...compiler.frontend.tracing.signature import TensorSpec
from ...compiler.frontend.tracing.tracer import current_tracer
from ...compiler.frontend.values.dispatch import as_tensor
from ...compiler.frontend.values.tensor import Tensor
from ...dialects.diagnostics import InvalidArgumentError, InvalidTypeError, OutOfRangeError, UnsupportedError
from ...dialects.dtypes import DTypeLike, as_dtype
from ...dialects.public import public, public_values
from . import ahead, batching, sources, transforms
from .node import INFINITE, Iteration, Node
from .shuffling import Shuffle
from .staged import StagedElements
from .structure import Structure, joined, parts_of, signature_of

AUTOTUNE = -1
"""As many as are useful."""

INFINITE_CARDINALITY = -1
"""What `cardinality` is of a dataset that never ends."""

UNKNOWN_CARDINALITY = -2
"""What it is where the end is not known before."""

public_values("data", "AUTOTUNE", "INFINITE_CARDINALITY", "UNKNOWN_CARDINALITY")

AHEAD = 2
"""How many elements `AUTOTUNE` prefetches."""


@public("data")
class Dataset:
    """Elements one after the other: nested tuples and dicts of tensors.

    A dataset is iterable, and each iteration starts anew. Its methods give other datasets, which make their elements
    when they are asked for.

    Attributes:
        element_spec: the shape and dtype of each component of an element.

    Example:
        >>> import stepwell as sw
        >>> dataset = sw.data.Dataset.from_tensor_slices([1, 2, 3, 4, 5]).map(lambda x: x * x).batch(2)
        >>> [batch.numpy().tolist() for batch in dataset]
        [[1, 4], [9, 16], [25]]
    """

    def __init__(self, node: Node):
        self._node = node

    @property
    def element_spec(self) -> Any:
        """The shape and dtype of each component of an element."""
        return self._node.structure.element_spec

    def __iter__(self) -> DatasetIterator:
        if current_tracer() is not None:
            raise UnsupportedError(
                "Dataset: expected a `for` loop over the dataset inside of a function, which becomes a loop of the "
                "program, got `iter` or a function that is not converted (autograph=False)"
            )
        return DatasetIterator(self._node)

    def staged(self) -> StagedElements:
        """The elements in a program that is traced: a loop over a dataset in a `function` asks for them."""
        return StagedElements(self._node)

    def reduce(self, initial_state: Any, reduce_func: Callable[..., Any], name: str | None = None) -> Any:
        """What a function of a state and an element makes of all elements, which is compiled.

        Example:
            >>> import stepwell as sw
            >>> int(sw.data.Dataset.range(5).reduce(np.int64(0), lambda total, x: total + x))
            10
        """
        parts, tree = parts_of("Dataset.reduce: initial_state", initial_state)
        carried = Structure(tree, tuple(TensorSpec(part.shape, part.dtype) for part in parts))
        pair = joined([carried, self._node.structure], tuple)
        compiled = transforms.Compiled("Dataset.reduce", reduce_func, pair)
        for element in self._node.start():
            parts = compiled([*parts, *element])
        return carried.pack(parts)

    def __repr__(self) -> str:
        return f"<_{type(self._node).__name__}Dataset element_spec={self.element_spec}>"

    def __bool__(self) -> bool:
        return True

    def __len__(self) -> int:
        count = self._node.cardinality()
        if count < 0:
            which = "infinite" if count == INFINITE else "unknown"
            raise InvalidTypeError(f"Dataset: expected a dataset of known length, got one whose length is {which}")
        return count

    @staticmethod
    def from_tensors(tensors: object, name: str | None = None) -> Dataset:
        """The dataset with one element."""
        return Dataset(sources.Tensors(tensors))

    @staticmethod
    def from_tensor_slices(tensors: object, name: str | None = None) -> Dataset:
        """The parts of tensors along their first axis, which has to be of one size in all of them."""
        return Dataset(sources.Slices(tensors))

    @staticmethod
    def from_generator(
        generator: Callable[..., Any],
        output_types: Any = None,
        output_shapes: Any = None,
        args: Any = None,
        output_signature: Any = None,
        name: str | None = None,
    ) -> Dataset:
        """What a Python generator yields; each iteration calls the function that makes it anew.

        Args:
            generator: a function that returns something iterable.
            output_types: the dtypes of the components of an element; its old form.
            output_shapes: their shapes, not known where left out.
            args: what to call the function with.
            output_signature: a `TensorSpec` for each component, in the structure of an element.
            name: accepted as in TensorFlow.
        """
        if not callable(generator):
            raise InvalidTypeError(f"Dataset.from_generator: generator: expected a function, got {generator!r}")
        structure = signature_of(output_signature, output_types, output_shapes)
        given = [as_tensor(each, name="Dataset.from_generator: args").numpy() for each in args or ()]
        return Dataset(sources.Generator(lambda: generator(*given), structure))

    @staticmethod
    def range(*args: Any, output_type: DTypeLike = np.int64, name: str | None = None) -> Dataset:
        """Numbers from a start, 0 if it is left out, up to a stop, by steps of 1 if none is given."""
        if not 1 <= len(args) <= 3:
            raise InvalidTypeError(f"Dataset.range: expected one to three numbers, got {len(args)}")
        start, stop, step = {1: (0, *args, 1), 2: (*args, 1), 3: args}[len(args)]
        if int(step) == 0:
            raise InvalidArgumentError("Dataset.range: step: expected a number other than 0, got 0")
        return Dataset(sources.Numbers(int(start), int(stop), int(step), as_dtype(output_type).dtype))

    def cardinality(self) -> Tensor:
        """The number of elements; -1 if they never end, -2 if it is not known."""
        return as_tensor(np.int64(self._node.cardinality()))

    def as_numpy_iterator(self) -> Iterator[Any]:
        """The elements as NumPy's arrays and scalars."""
        structure = self._node.structure
        for element in self._node.start():
            yield structure.pack([part.numpy() for part in element])

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
        threads = 1 if num_parallel_calls is None else int(num_parallel_calls)
        threads = os.cpu_count() or 1 if threads == AUTOTUNE else threads
        if threads < 1:
            raise InvalidArgumentError(f"Dataset.map: num_parallel_calls: expected at least 1, got {threads}")
        compiled = transforms.Compiled("Dataset.map", map_func, self._node.structure)
        return Dataset(transforms.Map(self._node, compiled, threads))

    def filter(self, predicate: Callable[..., Any], name: str | None = None) -> Dataset:
        """The elements for which a function says True."""
        compiled = transforms.Compiled("Dataset.filter", predicate, self._node.structure)
        return Dataset(transforms.Filter(self._node, compiled))

    def batch(
        self,
        batch_size: Any,
        drop_remainder: bool = False,
        num_parallel_calls: int | None = None,
        deterministic: bool | None = None,
        name: str | None = None,
    ) -> Dataset:
        """So many elements along a new first axis; the last batch has the rest, unless that is dropped."""
        return Dataset(batching.Batch(self._node, _positive("Dataset.batch: batch_size", batch_size), drop_remainder))

    def unbatch(self, name: str | None = None) -> Dataset:
        """The parts of each element along its first axis."""
        return Dataset(batching.Unbatch(self._node))

    def shuffle(
        self,
        buffer_size: Any,
        seed: int | None = None,
        reshuffle_each_iteration: bool | None = True,
        name: str | None = None,
    ) -> Dataset:
        """Elements in random order, each taken from a buffer of the next ones."""
        size = _positive("Dataset.shuffle: buffer_size", buffer_size)
        seeds = seed_pair(None if seed is None else seed_of("Dataset.shuffle", seed))
        return Dataset(Shuffle(self._node, size, seeds, reshuffle_each_iteration is not False))

    def repeat(self, count: Any = None, name: str | None = None) -> Dataset:
        """All elements, so many times, for ever if `count` is None or -1."""
        times = -1 if count is None else int(count)
        return Dataset(transforms.Repeat(self._node, None if times < 0 else times))

    def take(self, count: Any, name: str | None = None) -> Dataset:
        """The first elements; all if `count` is -1."""
        end = int(count)
        return Dataset(transforms.Part(self._node, 0, None if end < 0 else end))

    def skip(self, count: Any, name: str | None = None) -> Dataset:
        """All but the first elements; none if `count` is -1."""
        begin = int(count)
        return Dataset(transforms.Part(self._node, 0, 0) if begin < 0 else transforms.Part(self._node, begin, None))

    def shard(self, num_shards: Any, index: Any, name: str | None = None) -> Dataset:
        """Each `num_shards`th element, from number `index` on."""
        count, begin = _positive("Dataset.shard: num_shards", num_shards), int(index)
        if not 0 <= begin < count:
            raise InvalidArgumentError(f"Dataset.shard: index: expected at least 0 and less than {count}, got {begin}")
        return Dataset(transforms.Part(self._node, begin, None, count))

    def concatenate(self, dataset: Dataset, name: str | None = None) -> Dataset:
        """The elements of this dataset, then those of another one of the same structure."""
        one, other = self._node.structure, dataset._node.structure
        if one.tree != other.tree or [s.dtype for s in one.specs] != [s.dtype for s in other.specs]:
            raise InvalidTypeError(
                f"Dataset.concatenate: dataset: expected elements like {one.element_spec}, got {other.element_spec}"
            )
        pairs = zip(one.specs, other.specs, strict=True)
        specs = tuple(TensorSpec(a.shape.most_specific_compatible_shape(b.shape), a.dtype) for a, b in pairs)
        return Dataset(transforms.Concatenate((self._node, dataset._node), Structure(one.tree, specs)))

    def enumerate(self, start: Any = 0, name: str | None = None) -> Dataset:
        """Each element with its index, counted from `start`."""
        first = int(start)
        return Dataset.zip(Dataset.range(first, np.iinfo(np.int64).max), self)

    @staticmethod
    def zip(*args: Any, datasets: Any = None, name: str | None = None) -> Dataset:
        """Elements of several datasets, put together as these are; ends with the shortest."""
        given: Any = datasets if datasets is not None else args[0] if len(args) == 1 else args
        leaves, tree = optree.tree_flatten(given)
        if not all(isinstance(leaf, Dataset) for leaf in leaves):
            raise InvalidTypeError(f"Dataset.zip: datasets: expected tuples and dicts of datasets, got {given!r}")
        nodes = [leaf._node for leaf in leaves]
        return Dataset(transforms.Zip(nodes, lambda parts: optree.tree_unflatten(tree, parts)))

    def prefetch(self, buffer_size: Any, name: str | None = None) -> Dataset:
        """Make the next elements in a thread while the program uses one."""
        size = int(buffer_size)
        return self if size == 0 else Dataset(ahead.Prefetch(self._node, AHEAD if size == AUTOTUNE else size))

    def cache(self, filename: str = "", name: str | None = None) -> Dataset:
        """Keep all elements in memory once an iteration has reached the end."""
        return Dataset(ahead.Cache(self._node))

    def apply(self, transformation_func: Callable[[Self], Any]) -> Any:
        """What a function returns for this dataset."""
        return transformation_func(self)

    def get_single_element(self, name: str | None = None) -> Any:
        """The element of a dataset that has one; raises InvalidArgumentError for others."""
        found = [element for element, _ in zip(self, range(2), strict=False)]
        if len(found) != 1:
            which = "none" if not found else "more"
            raise InvalidArgumentError(f"Dataset.get_single_element: expected a dataset of one element, got {which}")
        return found[0]


class DatasetIterator(Iterator[Any]):
    """One way through the elements of a dataset."""

    def __init__(self, node: Node):
        self._structure = node.structure
        self._iteration: Iteration = node.start()

    def __next__(self) -> Any:
        return self._structure.pack(next(self._iteration))

    @property
    def element_spec(self) -> Any:
        """The shape and dtype of each component of an element."""
        return self._structure.element_spec

    def get_next(self) -> Any:
        """The next element; raises OutOfRangeError at the end."""
        try:
            return next(self)
        except StopIteration:
            raise OutOfRangeError("DatasetIterator.get_next: end of sequence") from None

    def __del__(self) -> None:
        iteration = getattr(self, "_iteration", None)
        if iteration is not None:
            iteration.close()


def _positive(what: str, value: Any) -> int:
    number = int(value)
    if number < 1:
        raise InvalidArgumentError(f"{what}: expected at least 1, got {number}")
    return number
