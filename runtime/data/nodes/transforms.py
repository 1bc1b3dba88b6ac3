"""Transformations that give elements one by one: choices among elements, and sequences of them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from ....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ..compiled import Compiled
from ..node import INFINITE, UNKNOWN, Iteration, Node, OverOne, State, start_each
from ..parameters import Number, number
from ..settings import current, using
from ..structure import Element, Structure, common, joined


@dataclass(eq=False)
class Filter(Node):
    """The elements for which a function says True; with `ends`, those before the first other one."""

    source: Node
    predicate: Compiled
    ends: bool = False

    def __post_init__(self) -> None:
        self.structure = self.source.structure
        found = self.predicate.structure
        if [(str(spec.dtype.name), spec.sizes) for spec in found.specs] != [("bool", ())]:
            which = "take_while" if self.ends else "filter"
            raise InvalidTypeError(
                f"Dataset.{which}: predicate: expected a function that returns a scalar of bool, got "
                f"{found.element_spec}"
            )

    def cardinality(self) -> int:
        return UNKNOWN

    def start(self) -> Iteration:
        return _Filtered(self.source.start(), self)


class _Filtered(OverOne):
    def __init__(self, source: Iteration, node: Filter):
        super().__init__(source)
        self._node = node
        self._ended = False

    def __next__(self) -> Element:
        while not self._ended:
            element = next(self.source)
            if bool(self._node.predicate(element)[0]):
                return element
            self._ended = self._node.ends
        raise StopIteration

    def state(self) -> State:
        return [self._ended, super().state()]

    def restore(self, state: State) -> None:
        self._ended = state[0]
        super().restore(state[1])


class Part(Node):
    """Some of the elements, chosen by their number."""

    source: Node

    @property
    @abstractmethod
    def chosen(self) -> slice:
        """Which elements."""

    def cardinality(self) -> int:
        if self.unbound:
            return UNKNOWN
        count, chosen = self.source.cardinality(), self.chosen
        if count == INFINITE and chosen.stop is not None:
            return len(range(chosen.start, chosen.stop, chosen.step))
        if count < 0:
            return count if chosen.stop != 0 else 0
        return len(range(count)[chosen])

    def start(self) -> Iteration:
        return _Part(self.source.start(), self.chosen)


@dataclass(eq=False)
class Take(Part):
    """The first elements; all of them where there would be fewer than none."""

    source: Node
    count: Number

    def __post_init__(self) -> None:
        self.structure = self.source.structure
        self.count = number("Dataset.take: count", self.count)

    @property
    def chosen(self) -> slice:
        return slice(0, None if int(self.count) < 0 else int(self.count), 1)


@dataclass(eq=False)
class Skip(Part):
    """All but the first elements; none where fewer than none would be left out."""

    source: Node
    count: Number

    def __post_init__(self) -> None:
        self.structure = self.source.structure
        self.count = number("Dataset.skip: count", self.count)

    @property
    def chosen(self) -> slice:
        return slice(0, 0, 1) if int(self.count) < 0 else slice(int(self.count), None, 1)


@dataclass(eq=False)
class Shard(Part):
    """Each so manyth element, from the number `index` on."""

    source: Node
    count: Number
    index: Number

    def __post_init__(self) -> None:
        self.structure = self.source.structure
        self.count = number("Dataset.shard: num_shards", self.count, 1)
        self.index = number("Dataset.shard: index", self.index, 0)
        if not self.unbound and self.index >= self.count:
            raise InvalidArgumentError(f"Dataset.shard: index: expected less than {self.count}, got {self.index}")

    @property
    def chosen(self) -> slice:
        return slice(self.index, None, self.count)


class _Part(OverOne):
    def __init__(self, source: Iteration, chosen: slice):
        super().__init__(source)
        self._chosen = chosen
        self._number = 0

    def __next__(self) -> Element:
        chosen = self._chosen
        while chosen.stop is None or self._number < chosen.stop:
            element, number = next(self.source), self._number
            self._number += 1
            if number >= chosen.start and (number - chosen.start) % chosen.step == 0:
                return element
        raise StopIteration

    def state(self) -> State:
        return [self._number, super().state()]

    def restore(self, state: State) -> None:
        self._number = state[0]
        super().restore(state[1])


@dataclass(eq=False)
class Repeat(Node):
    """All elements, so many times; for ever where `count` is None or less than 0."""

    source: Node
    count: Number | None

    def __post_init__(self) -> None:
        self.structure = self.source.structure
        self.count = None if self.count is None else number("Dataset.repeat: count", self.count)

    @property
    def _times(self) -> int | None:
        return None if self.count is None or int(self.count) < 0 else int(self.count)

    def cardinality(self) -> int:
        if self.unbound:
            return UNKNOWN
        return _product(self.source.cardinality(), INFINITE if self._times is None else self._times)

    def start(self) -> Iteration:
        return _InTurn([self.source], self._times)


def _product(one: int, other: int) -> int:
    """The cardinality of so many times so many elements."""
    if 0 in (one, other):
        return 0
    if INFINITE in (one, other):
        return INFINITE
    return UNKNOWN if UNKNOWN in (one, other) else one * other


@dataclass(eq=False)
class Concatenate(Node):
    """The elements of one dataset, then those of others."""

    sources: list[Node]

    def __post_init__(self) -> None:
        self.structure = reduce(_concatenated, (each.structure for each in self.sources))

    def cardinality(self) -> int:
        counts = [each.cardinality() for each in self.sources]
        return INFINITE if INFINITE in counts else UNKNOWN if UNKNOWN in counts else sum(counts)

    def start(self) -> Iteration:
        return _InTurn(self.sources, 1)


def _concatenated(one: Structure, other: Structure) -> Structure:
    return common("Dataset.concatenate: dataset", one, other)


class _InTurn(Iteration):
    """Goes through some nodes, one after the other, so many times; ends after a round without elements."""

    def __init__(self, nodes: Sequence[Node], rounds: int | None):
        self._nodes, self._rounds = nodes, rounds
        self._number, self._empty = 0, True
        self._current: Iteration | None = None
        self._settings = current()

    def __next__(self) -> Element:
        while self._rounds is None or self._number < self._rounds * len(self._nodes):
            if self._current is None:
                self._current = self._started()
            try:
                element = next(self._current)
            except StopIteration:
                self._current.close()
                self._current = None
                self._number += 1
                if self._rounds is None and self._empty:
                    break
                continue
            self._empty = False
            return element
        raise StopIteration

    def state(self) -> State:
        return [self._number, self._empty, None if self._current is None else self._current.state()]

    def restore(self, state: State) -> None:
        self._number, self._empty = state[0], state[1]
        self._current = None
        if state[2] is not None:
            self._current = self._started()
            self._current.restore(state[2])

    def _started(self) -> Iteration:
        with using(self._settings):
            return self._nodes[self._number % len(self._nodes)].start()

    def close(self) -> None:
        if self._current is not None:
            self._current.close()


@dataclass(eq=False)
class Zip(Node):
    """One element of each of some datasets, put together; ends with the shortest."""

    sources: list[Node]
    together: Callable[[list[Any]], Any]

    def __post_init__(self) -> None:
        self.structure = joined([each.structure for each in self.sources], self.together)

    def cardinality(self) -> int:
        counts = [each.cardinality() for each in self.sources]
        known = [count for count in counts if count >= 0]
        return UNKNOWN if UNKNOWN in counts else min(known) if known else INFINITE

    def start(self) -> Iteration:
        return _Zipped(start_each(self.sources))


class _Zipped(Iteration):
    def __init__(self, sources: list[Iteration]):
        self._sources = sources

    def __next__(self) -> Element:
        return [part for source in self._sources for part in next(source)]

    def state(self) -> State:
        return [source.state() for source in self._sources]

    def restore(self, state: State) -> None:
        for source, each in zip(self._sources, state, strict=True):
            source.restore(each)

    def close(self) -> None:
        for source in self._sources:
            source.close()
