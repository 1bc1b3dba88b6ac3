"""Elements by keys: `group_by_window` and `bucket_by_sequence_length`."""

from __future__ import annotations

import bisect
from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ....compiler.frontend.tracing.signature import TensorSpec
from ....compiler.frontend.values.tensor import Tensor
from ....dialects.diagnostics import InvalidArgumentError
from ..compiled import Compiled, compiled_to_dataset, compiled_to_integer, integer_of, only_node
from ..node import UNKNOWN, Iteration, Node, OverOne, State
from ..parameters import Number, Parametrized, dataset_of, number
from ..structure import DatasetSpec, Element, Structure, joined, saved, single
from .batching import Batch, padded_batch
from .sources import SCALAR, Kept, loaded


class Grouping(Parametrized):
    """How elements are grouped.

    Attributes:
        structure: of what is made of groups.
    """

    structure: Structure

    @abstractmethod
    def key(self, element: Element) -> int:
        """The key of an element."""

    @abstractmethod
    def size(self, key: int) -> int:
        """How many elements of a key are one window."""

    @abstractmethod
    def made(self, key: int, window: Kept) -> Node:
        """What is made of a window."""


@dataclass(eq=False)
class ByFunctions(Grouping):
    """Functions of users say the key, the size, and what is made."""

    key_func: Compiled
    size_func: Compiled | None
    fixed_size: Number
    reduce_func: Compiled

    def __post_init__(self) -> None:
        self.structure = self.reduce_func.structure.specs[0].structure
        self.fixed_size = number("Dataset.group_by_window: window_size", self.fixed_size, 1)

    def key(self, element: Element) -> int:
        return integer_of(self.key_func, element)

    def size(self, key: int) -> int:
        found = int(self.fixed_size) if self.size_func is None else integer_of(self.size_func, [_key_tensor(key)])
        if found < 1:
            raise InvalidArgumentError(
                f"Dataset.group_by_window: window_size_func: expected at least 1, got {found} for key {key}"
            )
        return found

    def made(self, key: int, window: Kept) -> Node:
        return only_node(self.reduce_func([_key_tensor(key), dataset_of(window)]))


def by_functions(
    key_func: Callable[..., Any],
    reduce_func: Callable[..., Any],
    window_size: Any,
    window_size_func: Callable[..., Any] | None,
    structure: Structure,
) -> ByFunctions:
    """The grouping that a user's functions say."""
    what = "Dataset.group_by_window"
    if (window_size is None) == (window_size_func is None):
        raise InvalidArgumentError(f"{what}: expected window_size or window_size_func, got both or none")
    pair = joined([SCALAR, single(DatasetSpec(structure.element_spec))], tuple)
    sizes = None
    if window_size_func is not None:
        sizes = compiled_to_integer(f"{what}: window_size_func", window_size_func, SCALAR)
    return ByFunctions(
        compiled_to_integer(f"{what}: key_func", key_func, structure),
        sizes,
        1 if window_size is None else window_size,
        compiled_to_dataset(f"{what}: reduce_func", reduce_func, pair),
    )


def _key_tensor(key: int) -> Tensor:
    return Tensor(np.array(key, np.int64))


@dataclass(eq=False)
class ByLength(Grouping):
    """Elements of similar length, in batches.

    Attributes:
        length: of an element.
        boundaries: the lengths from which a bucket ends; a last one has all that are as long as the last of these.
        sizes: how many elements a batch has, for each bucket.
        batch: what is made of elements, so many, which may be filled up to a length.
        filled: whether elements are filled up to the length of their bucket.
    """

    length: Compiled
    boundaries: Sequence[int]
    sizes: Sequence[int]
    batch: Callable[[Node, int, int | None], Node]
    filled: bool
    elements: Structure

    def __post_init__(self) -> None:
        batch = self.batch(Kept([], self.elements), 1, None).structure
        self.structure = batch.with_specs(lambda spec: TensorSpec((None, *spec.known_sizes[1:]), spec.dtype))

    def key(self, element: Element) -> int:
        return bisect.bisect_right(self.boundaries, int(self.length(element)[0].numpy()))

    def size(self, key: int) -> int:
        return self.sizes[key]

    def made(self, key: int, window: Kept) -> Node:
        if not self.filled:
            return self.batch(window, self.sizes[key], None)
        if key == len(self.boundaries):
            raise InvalidArgumentError(
                "Dataset.bucket_by_sequence_length: pad_to_bucket_boundary: expected elements shorter than the last of "
                f"bucket_boundaries, got one of at least {self.boundaries[-1]}"
            )
        return self.batch(window, self.sizes[key], self.boundaries[key] - 1)


def by_length(
    structure: Structure,
    length: Callable[..., Any],
    boundaries: Sequence[int],
    sizes: Sequence[int],
    shapes: Any,
    values: Any,
    filled: bool,
    plain: bool,
    drop: bool,
) -> ByLength:
    """The grouping of the arguments of `bucket_by_sequence_length`."""
    what = "Dataset.bucket_by_sequence_length"
    if len(sizes) != len(boundaries) + 1:
        expected = f"{len(boundaries) + 1}, one more than bucket_boundaries"
        raise InvalidArgumentError(f"{what}: bucket_batch_sizes: expected {expected}, got {len(sizes)}")
    given = [spec.shape for spec in structure.specs] if shapes is None else structure.flat(shapes)

    def batch(window: Node, size: int, limit: int | None) -> Node:
        if plain:
            return Batch(window, size, drop)
        padded = [[limit if each in (None, -1) else each for each in shape] for shape in given]
        return padded_batch(window, size, structure.pack(padded), values, drop)

    compiled = Compiled(f"{what}: element_length_func", length, structure)
    return ByLength(compiled, list(map(int, boundaries)), list(map(int, sizes)), batch, filled, structure)


@dataclass(eq=False)
class GroupByWindow(Node):
    """What is made of elements of one key, when there are so many of them."""

    source: Node
    grouping: Grouping

    def __post_init__(self) -> None:
        self.structure = self.grouping.structure

    def cardinality(self) -> int:
        return UNKNOWN

    def start(self) -> Iteration:
        return _Grouped(self)

    def opened(self, key: int, elements: list[Element]) -> Iteration:
        """The elements for a window."""
        return self.grouping.made(key, Kept(elements, self.source.structure)).start()


class _Grouped(OverOne):
    """As TensorFlow: windows come when they are full, and at the end those that are not, in the order of their keys."""

    def __init__(self, node: GroupByWindow):
        super().__init__(node.source.start())
        self._node = node
        self._groups: dict[int, list[Element]] = {}
        self._sizes: dict[int, int] = {}
        self._current: tuple[int, list[Element], Iteration] | None = None

    def __next__(self) -> Element:
        while True:
            if self._current is not None:
                try:
                    return next(self._current[2])
                except StopIteration:
                    self._current = None
            window = self._full() or self._rest()
            if window is None:
                raise StopIteration
            self._current = *window, self._node.opened(*window)

    def _full(self) -> tuple[int, list[Element]] | None:
        """The next window that has as many elements as it is to have."""
        for element in self.source:
            key = self._node.grouping.key(element)
            group = self._groups.setdefault(key, [])
            group.append(element)
            if key not in self._sizes:
                self._sizes[key] = self._node.grouping.size(key)
            if len(group) >= self._sizes[key]:
                return key, self._groups.pop(key)
        return None

    def _rest(self) -> tuple[int, list[Element]] | None:
        key = min(self._groups, default=None)
        return None if key is None else (key, self._groups.pop(key))

    def state(self) -> State:
        groups = [[key, list(map(saved, group))] for key, group in self._groups.items()]
        current = self._current
        opened = None if current is None else [current[0], list(map(saved, current[1])), current[2].state()]
        return [super().state(), groups, opened]

    def restore(self, state: State) -> None:
        super().restore(state[0])
        self._groups = {key: self._loaded(group) for key, group in state[1]}
        self._current = None
        if state[2] is not None:
            key, elements = state[2][0], self._loaded(state[2][1])
            self._current = key, elements, self._node.opened(key, elements)
            self._current[2].restore(state[2][2])

    def _loaded(self, group: State) -> list[Element]:
        return [loaded(self._node.source.structure, each) for each in group]
