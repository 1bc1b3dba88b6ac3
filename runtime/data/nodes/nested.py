"""Transformations whose functions give datasets: `flat_map` and `interleave`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from ..compiled import Compiled, only_node
from ..node import UNKNOWN, Iteration, Node, State
from ..parameters import Number, number
from ..settings import current, using
from ..structure import DatasetSpec, Element, saved
from .ahead import Prefetch
from .sources import loaded


@dataclass(eq=False)
class Interleave(Node):
    """The elements of the datasets that a function gives for each element, some of which are open at a time.

    Attributes:
        cycle: how many are open at a time; one for `flat_map`.
        block: how many elements are taken of each in turn.
        ahead: whether threads make the next elements of each that is open.
    """

    source: Node
    nested: Compiled
    cycle: Number = 1
    block: Number = 1
    ahead: bool = False

    def __post_init__(self) -> None:
        self.structure = cast(DatasetSpec, self.nested.structure.specs[0]).structure
        self.cycle = number("Dataset.interleave: cycle_length", self.cycle, 1)
        self.block = number("Dataset.interleave: block_length", self.block, 1)

    def cardinality(self) -> int:
        return 0 if self.source.cardinality() == 0 else UNKNOWN

    def start(self) -> Iteration:
        return _Interleaved(self)

    def open(self, element: Element) -> Iteration:
        """The elements of the dataset for an element."""
        node = only_node(self.nested(element))
        return Prefetch(node, int(self.block)).start() if self.ahead else node.start()


@dataclass
class _Open:
    """A dataset that elements are taken of, and the element that it is for."""

    element: Element
    iteration: Iteration


class _Interleaved(Iteration):
    """As TensorFlow: takes a block of elements of each in turn; a dataset that ends leaves its slot to the next one."""

    def __init__(self, node: Interleave):
        self._node, self._source = node, node.source.start()
        self._open: list[_Open | None] = [None] * int(node.cycle)
        self._slot, self._taken, self._ended = 0, 0, False
        self._settings = current()

    def __next__(self) -> Element:
        while True:
            current = self._open[self._slot] or self._opened()
            if current is None:
                if not any(self._open):
                    raise StopIteration
                self._advance()
                continue
            try:
                element = next(current.iteration)
            except StopIteration:
                current.iteration.close()
                self._open[self._slot] = None
                self._advance()
                continue
            self._taken += 1
            if self._taken == self._node.block:
                self._advance()
            return element

    def _opened(self) -> _Open | None:
        """Begin with the dataset for the next element, if there is one."""
        if self._ended:
            return None
        try:
            element = next(self._source)
        except StopIteration:
            self._ended = True
            return None
        found = self._open[self._slot] = self._open_for(element)
        return found

    def _open_for(self, element: Element) -> _Open:
        with using(self._settings):
            return _Open(element, self._node.open(element))

    def _advance(self) -> None:
        self._slot, self._taken = (self._slot + 1) % len(self._open), 0

    def state(self) -> State:
        opened = [None if each is None else [saved(each.element), each.iteration.state()] for each in self._open]
        return [self._source.state(), opened, self._slot, self._taken, self._ended]

    def restore(self, state: State) -> None:
        self._source.restore(state[0])
        self._slot, self._taken, self._ended = state[2:]
        for slot, each in enumerate(state[1]):
            self._open[slot] = None
            if each is not None:
                element = loaded(self._node.source.structure, each[0])
                found = self._open[slot] = self._open_for(element)
                found.iteration.restore(each[1])

    def close(self) -> None:
        self._source.close()
        for each in self._open:
            if each is not None:
                each.iteration.close()
