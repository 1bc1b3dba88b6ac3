"""What a dataset is made of: nodes, each of which says how to go through its elements."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, TypeAlias

from .indexed import Indexed
from .parameters import Parametrized
from .structure import Element, Structure

INFINITE = -1
"""The cardinality of a dataset that never ends, as TensorFlow has it."""

UNKNOWN = -2
"""The cardinality of a dataset whose end is not known before."""

State: TypeAlias = Any
"""Where an iteration is: ints, arrays, and lists and dicts of these."""


class Iteration(ABC):
    """One way through the elements of a node; ends with StopIteration, again and again."""

    def __iter__(self) -> Iteration:
        return self

    @abstractmethod
    def __next__(self) -> Element:
        """The next element."""

    @abstractmethod
    def state(self) -> State:
        """Where it is, from which `restore` goes on."""

    @abstractmethod
    def restore(self, state: State) -> None:
        """Go on where another iteration of the same node was."""

    @abstractmethod
    def close(self) -> None:
        """End all threads and free what is held."""


class Node(Parametrized, ABC):
    """A source of elements, or a transformation of others: a dataclass, whose fields may be tensors of a program.

    A node with such a tensor is unbound: it becomes one with elements where the program runs and the tensor has a value
    (`bound`). So the function of a `flat_map` is traced once, and its dataset made for each element.

    Attributes:
        structure: what elements are.
    """

    structure: Structure

    @abstractmethod
    def start(self) -> Iteration:
        """A new iteration, from the first element."""

    def indexed(self) -> Indexed | None:
        """The elements for a program that is traced, if it has them in memory and may take them by their index."""
        return None

    def cardinality(self) -> int:
        """The number of elements, INFINITE or UNKNOWN; that of the first input, if a node says nothing else."""
        return self.inputs[0].cardinality()

    @property
    def inputs(self) -> Sequence[Node]:
        """The nodes that elements come from."""
        return [value for value in self._arguments.values() if isinstance(value, Node)]

    def text(self) -> str:
        """The transformations that elements come from, such as `Batch(Numbers())`."""
        return f"{type(self).__name__}({', '.join(each.text() for each in self.inputs)})"


class OverOne(Iteration):
    """An iteration over elements of one other iteration, with nothing of its own to remember."""

    def __init__(self, source: Iteration):
        self.source = source

    def state(self) -> State:
        return self.source.state()

    def restore(self, state: State) -> None:
        self.source.restore(state)

    def close(self) -> None:
        self.source.close()


class AheadOfUse(OverOne):
    """An iteration that takes elements from its source before they are asked for.

    It keeps where the source was at first, and how many elements were given since: what the source says of itself at
    each element may be large, as the buffer of a shuffle is.
    """

    def __init__(self, source: Iteration):
        super().__init__(source)
        self._first: State = source.state()
        self.given = 0

    def state(self) -> State:
        return [self._first, self.given]

    def restore(self, state: State) -> None:
        self._first, self.given = state
        self.source.restore(self._first)
        for _ in range(self.given):
            next(self.source)


class Counted(Iteration):
    """Elements that their number gives, one after the other."""

    def __init__(self, count: int | None, element: Any):
        self._count, self._element = count, element
        self._number = 0

    def __next__(self) -> Element:
        if self._count is not None and self._number >= self._count:
            raise StopIteration
        self._number += 1
        return self._element(self._number - 1)

    def state(self) -> State:
        return self._number

    def restore(self, state: State) -> None:
        self._number = state

    def close(self) -> None:
        """Nothing is held."""


def start_each(nodes: Sequence[Node]) -> list[Iteration]:
    """An iteration of each node."""
    return [node.start() for node in nodes]
