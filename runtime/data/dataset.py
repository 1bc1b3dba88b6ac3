"""`data.Dataset`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import optree

from ...compiler.frontend.ops.random.seeds import seed_of, seed_pair
from ...compiler.frontend.tracing.tracer import current_tracer
from ...compiler.frontend.values.dispatch import as_tensor
from ...compiler.frontend.values.tensor import Tensor
from ...dialects.diagnostics import InvalidTypeError, UnsupportedError
from ...dialects.dtypes import DTypeLike, as_dtype
from ...dialects.public import public, public_values
from . import reducing
from .elementwise import Elementwise
from .grouping import Grouping
from .indexed import Indexed
from .iterator import DatasetIterator, NumpyIterator
from .keeping import Keeping
from .node import INFINITE, Node
from .nodes import sources
from .nodes.choosing import chosen, sampled
from .nodes.shuffling import Random
from .nodes.skipping import Skipping
from .nodes.transforms import Zip
from .options import Options, WithOptions, options_of
from .ordering import Ordering
from .staged import StagedElements
from .structure import DatasetSpec, signature_of, structured

INFINITE_CARDINALITY = -1
"""What `cardinality` is of a dataset that never ends."""

UNKNOWN_CARDINALITY = -2
"""What it is where the end is not known before."""

public_values("data", "INFINITE_CARDINALITY", "UNKNOWN_CARDINALITY")
public_values("data.experimental", "INFINITE_CARDINALITY", "UNKNOWN_CARDINALITY")


@public("data", "compat.v1.data")
class Dataset(Elementwise, Ordering, Grouping, Keeping):
    """Elements one after the other: nested tuples and dicts of tensors.

    A dataset is iterable, and each iteration starts anew. Its methods return other datasets, which make their elements
    when they are asked for. In a `function`, a `for` loop over a dataset is a loop of the program, and a dataset may be
    made of tensors of the program.

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

    def indexed(self) -> tuple[Indexed, Callable[[Sequence[Tensor]], object]] | None:
        """The elements and how to pack the components of one, if a program that is traced has them in memory."""
        found = self._node.indexed()
        return None if found is None else (found, self._node.structure.pack)

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
        parts, state = structured("Dataset.reduce: initial_state", initial_state)
        if current_tracer() is None:
            return reducing.reduced(self._node, parts, state, reduce_func)
        return reducing.staged_reduction(self.staged(), parts, state, reduce_func)

    def with_options(self, options: Options, name: str | None = None) -> Dataset:
        """The same elements, with options for the whole pipeline; those that are set later prevail."""
        if not isinstance(options, Options):
            raise InvalidTypeError(f"Dataset.with_options: options: expected a sw.data.Options, got {options!r}")
        return Dataset(WithOptions(self._node, Options().merge(options)))

    def options(self) -> Options:
        """The options of this dataset and of those that it is made of."""
        return options_of(self._node)

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
        return Dataset(sources.Tensors(*structured("Dataset.from_tensors", tensors)))

    @staticmethod
    def from_tensor_slices(tensors: object, name: str | None = None) -> Dataset:
        """The parts of tensors along their first axis, which has to be of one size in all of them."""
        return Dataset(sources.Slices(*structured("Dataset.from_tensor_slices", tensors)))

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
        given = [as_tensor(each, name="Dataset.from_generator: args") for each in args or ()]
        return Dataset(sources.Generator(generator, given, structure))

    @staticmethod
    def range(*args: Any, output_type: DTypeLike = np.int64, name: str | None = None) -> Dataset:
        """Numbers from a start, 0 if it is left out, up to a stop, by steps of 1 if none is given."""
        if not 1 <= len(args) <= 3:
            raise InvalidTypeError(f"Dataset.range: expected one to three numbers, got {len(args)}")
        start, stop, step = {1: (0, *args, 1), 2: (*args, 1), 3: args}[len(args)]
        return Dataset(sources.Numbers(start, stop, step, as_dtype(output_type).dtype))

    @staticmethod
    def counter(start: Any = 0, step: Any = 1, dtype: DTypeLike = np.int64, name: str | None = None) -> Dataset:
        """Numbers from a start on, by equal steps, for ever."""
        return Dataset(sources.Numbers(start, None, step, as_dtype(dtype).dtype))

    @staticmethod
    def random(
        seed: int | None = None, rerandomize_each_iteration: bool | None = None, name: str | None = None
    ) -> Dataset:
        """Random numbers of 32 bits as int64, for ever; TensorFlow's for the same seeds."""
        seeds = seed_pair(None if seed is None else seed_of("Dataset.random", seed))
        return Dataset(Random(seeds, bool(rerandomize_each_iteration)))

    @staticmethod
    def zip(*args: Any, datasets: Any = None, name: str | None = None) -> Dataset:
        """Elements of several datasets, put together as these are; ends with the shortest."""
        given: Any = datasets if datasets is not None else args[0] if len(args) == 1 else args
        leaves, tree = optree.tree_flatten(given)
        if not leaves or not all(isinstance(leaf, Dataset) for leaf in leaves):
            raise InvalidTypeError(f"Dataset.zip: datasets: expected tuples and dicts of datasets, got {given!r}")
        nodes = [leaf._node for leaf in leaves]
        return Dataset(Zip(nodes, lambda parts: optree.tree_unflatten(tree, parts)))

    @staticmethod
    def choose_from_datasets(
        datasets: Sequence[Dataset], choice_dataset: Dataset, stop_on_empty_dataset: bool = True
    ) -> Dataset:
        """Elements of several datasets: `choice_dataset` has the numbers of those that they are taken from.

        Args:
            datasets: of elements of one structure.
            choice_dataset: of scalars of int64.
            stop_on_empty_dataset: whether it ends when a chosen dataset has ended, which is passed over otherwise.

        Example:
            >>> import stepwell as sw
            >>> letters = [sw.data.Dataset.from_tensors(letter).repeat(3) for letter in "ab"]
            >>> choice = sw.data.Dataset.from_tensor_slices(np.int64([0, 1, 1, 0]))
            >>> [x.numpy() for x in sw.data.Dataset.choose_from_datasets(letters, choice)]
            [b'a', b'b', b'b', b'a']
        """
        return Dataset(chosen(datasets, choice_dataset, stop_on_empty_dataset))

    @staticmethod
    def sample_from_datasets(
        datasets: Sequence[Dataset],
        weights: Any = None,
        seed: int | None = None,
        stop_on_empty_dataset: bool = False,
        rerandomize_each_iteration: bool | None = None,
    ) -> Dataset:
        """Elements of several datasets at random, in TensorFlow's order for the same seeds.

        Args:
            datasets: of elements of one structure.
            weights: how often each is chosen: a list of numbers, or a dataset of such lists; equally, if left out.
            seed: of the choice.
            stop_on_empty_dataset: whether it ends when a chosen dataset has ended, which is passed over otherwise.
            rerandomize_each_iteration: whether each iteration is in another order.
        """
        numbers = Dataset.random(seed, rerandomize_each_iteration).batch(2)
        return Dataset(sampled(datasets, weights, numbers, stop_on_empty_dataset))

    @staticmethod
    def list_files(
        file_pattern: Any, shuffle: bool | None = None, seed: int | None = None, name: str | None = None
    ) -> Dataset:
        """The names of the files that patterns match: in random order unless `shuffle` is False, else sorted."""
        from .files.listing import listed  # not loaded where there are no files

        found = Dataset.from_tensor_slices(listed(file_pattern))
        return found if shuffle is False else found.shuffle(len(found), seed)

    def ignore_errors(self, log_warning: bool = False, name: str | None = None) -> Dataset:
        """The elements that do not raise errors; how many do is logged at the end, with `log_warning` each error."""
        return Dataset(Skipping(self._node, log_warning))

    def cardinality(self) -> Tensor:
        """The number of elements; -1 if they never end, -2 if it is not known."""
        return as_tensor(np.int64(self._node.cardinality()))

    def as_numpy_iterator(self) -> NumpyIterator:
        """The elements as NumPy's arrays and scalars."""
        if any(isinstance(spec, DatasetSpec) for spec in self._node.structure.specs):
            raise InvalidTypeError(f"Dataset.as_numpy_iterator: expected elements of tensors, got {self.element_spec}")
        return NumpyIterator(self)

    def get_single_element(self, name: str | None = None) -> Any:
        """The element of a dataset that has one; raises InvalidArgumentError for others."""
        structure = self._node.structure
        if current_tracer() is None:
            return structure.pack(reducing.only_element(self._node))
        return reducing.staged_element(self._node)
