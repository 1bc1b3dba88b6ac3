"""What a dataset is made of: nodes, each of which says how to go through its elements."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, TypeAlias

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


class Node(ABC):
    """A source of elements, or a transformation of others.

    Attributes:
        structure: what elements are.
        inputs: the nodes that elements come from.
    """

    structure: Structure
    inputs: Sequence[Node] = ()

    @abstractmethod
    def start(self) -> Iteration:
        """A new iteration, from the first element."""

    def cardinality(self) -> int:
        """The number of elements, INFINITE or UNKNOWN; that of the first input, if a node says nothing else."""
        return self.inputs[0].cardinality()


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
