"""Transformations that give elements one by one: functions of elements, and choices among them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import optree

from ...compiler.frontend.tracing.signature import TensorSpec
from ...compiler.frontend.values.tensor import Tensor
from ...dialects.diagnostics import InvalidTypeError
from ..functions.function import function
from .node import INFINITE, UNKNOWN, AheadOfUse, Iteration, Node, OverOne, State
from .structure import Element, Structure, joined, parts_of


class Compiled:
    """A user's function of elements, compiled once for all of them.

    Attributes:
        structure: of what it returns.
    """

    def __init__(self, what: str, user_function: Callable[..., Any], structure: Structure):
        def of_components(*components: Tensor) -> list[Tensor]:
            parts, tree = parts_of(what, user_function(*structure.arguments(components)))
            trees.append(tree)
            return parts

        trees: list[optree.PyTreeSpec] = []
        self._run = function(of_components).get_concrete_function(*structure.specs)
        outputs = self._run.structured_outputs
        specs = tuple(TensorSpec(each.shape, each.dtype) for each in outputs)
        self.structure = Structure(trees[-1], specs)

    def __call__(self, element: Element) -> Element:
        return list(self._run(*element))


class Map(Node):
    """A function of each element, run for several at a time by as many threads; the order stays."""

    def __init__(self, source: Node, function_: Compiled, threads: int):
        self.inputs, self.function, self.threads = (source,), function_, threads
        self.structure = function_.structure

    def start(self) -> Iteration:
        source = self.inputs[0].start()
        return _Mapped(source, self.function) if self.threads < 2 else _MappedAhead(source, self.function, self.threads)


class _Mapped(OverOne):
    def __init__(self, source: Iteration, function_: Compiled):
        super().__init__(source)
        self._function = function_

    def __next__(self) -> Element:
        return self._function(next(self.source))


class _MappedAhead(AheadOfUse):
    """Keeps some elements in work."""

    def __init__(self, source: Iteration, function_: Compiled, threads: int):
        super().__init__(source)
        self._function, self._threads = function_, threads
        self._pool = ThreadPoolExecutor(threads)
        self._work: deque[Future[Element]] = deque()

    def __next__(self) -> Element:
        while len(self._work) < self._threads:
            try:
                element = next(self.source)
            except StopIteration:
                break
            self._work.append(self._pool.submit(self._function, element))
        if not self._work:
            raise StopIteration
        self.given += 1
        return self._work.popleft().result()

    def restore(self, state: State) -> None:
        self._work.clear()
        super().restore(state)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
        super().close()


class Filter(Node):
    """The elements for which a function says True."""

    def __init__(self, source: Node, predicate: Compiled):
        if [(str(s.dtype.name), s.sizes) for s in predicate.structure.specs] != [("bool", ())]:
            raise InvalidTypeError(
                "Dataset.filter: predicate: expected a function that returns a scalar of bool, got "
                f"{predicate.structure.element_spec}"
            )
        self.inputs, self.structure, self.predicate = (source,), source.structure, predicate

    def cardinality(self) -> int:
        return UNKNOWN

    def start(self) -> Iteration:
        return _Filtered(self.inputs[0].start(), self.predicate)


class _Filtered(OverOne):
    def __init__(self, source: Iteration, predicate: Compiled):
        super().__init__(source)
        self._predicate = predicate

    def __next__(self) -> Element:
        for element in self.source:
            if bool(self._predicate(element)[0]):
                return element
        raise StopIteration


class Part(Node):
    """Elements from `begin` to `end`, of which every `step`th; `end` is None for all."""

    def __init__(self, source: Node, begin: int, end: int | None, step: int = 1):
        self.inputs, self.structure = (source,), source.structure
        self.begin, self.end, self.step = begin, end, step

    def cardinality(self) -> int:
        count = self.inputs[0].cardinality()
        if count == INFINITE and self.end is not None:
            return len(range(self.begin, self.end, self.step))
        if count < 0:
            return count if self.end != 0 else 0
        return len(range(count)[self.begin : self.end : self.step])

    def start(self) -> Iteration:
        return _Part(self.inputs[0].start(), self)


class _Part(OverOne):
    def __init__(self, source: Iteration, node: Part):
        super().__init__(source)
        self._node = node
        self._number = 0

    def __next__(self) -> Element:
        node = self._node
        while node.end is None or self._number < node.end:
            element, number = next(self.source), self._number
            self._number += 1
            if number >= node.begin and (number - node.begin) % node.step == 0:
                return element
        raise StopIteration

    def state(self) -> State:
        return [self._number, super().state()]

    def restore(self, state: State) -> None:
        self._number = state[0]
        super().restore(state[1])


class Repeat(Node):
    """All elements, so many times; None is for ever."""

    def __init__(self, source: Node, count: int | None):
        self.inputs, self.structure, self.count = (source,), source.structure, count

    def cardinality(self) -> int:
        return _product(self.inputs[0].cardinality(), INFINITE if self.count is None else self.count)

    def start(self) -> Iteration:
        return _InTurn([self.inputs[0]], self.count)


def _product(one: int, other: int) -> int:
    """The cardinality of so many times so many elements."""
    if 0 in (one, other):
        return 0
    if INFINITE in (one, other):
        return INFINITE
    return UNKNOWN if UNKNOWN in (one, other) else one * other


class Concatenate(Node):
    """The elements of one dataset, then those of others."""

    def __init__(self, sources: Sequence[Node], structure: Structure):
        self.inputs, self.structure = sources, structure

    def cardinality(self) -> int:
        counts = [each.cardinality() for each in self.inputs]
        return INFINITE if INFINITE in counts else UNKNOWN if UNKNOWN in counts else sum(counts)

    def start(self) -> Iteration:
        return _InTurn(self.inputs, 1)


class _InTurn(Iteration):
    """Goes through some nodes, one after the other, so many times; ends after a round without elements."""

    def __init__(self, nodes: Sequence[Node], rounds: int | None):
        self._nodes, self._rounds = nodes, rounds
        self._number, self._empty = 0, True
        self._current: Iteration | None = None

    def __next__(self) -> Element:
        while self._rounds is None or self._number < self._rounds * len(self._nodes):
            if self._current is None:
                self._current = self._nodes[self._number % len(self._nodes)].start()
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
            current = self._current = self._nodes[self._number % len(self._nodes)].start()
            current.restore(state[2])

    def close(self) -> None:
        if self._current is not None:
            self._current.close()


class Zip(Node):
    """One element of each of some datasets, put together; ends with the shortest."""

    def __init__(self, sources: Sequence[Node], together: Callable[[list[Any]], Any]):
        self.inputs = sources
        self.structure = joined([each.structure for each in sources], together)

    def cardinality(self) -> int:
        counts = [each.cardinality() for each in self.inputs]
        known = [count for count in counts if count >= 0]
        return UNKNOWN if UNKNOWN in counts else min(known) if known else INFINITE

    def start(self) -> Iteration:
        return _Zipped([each.start() for each in self.inputs])


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
