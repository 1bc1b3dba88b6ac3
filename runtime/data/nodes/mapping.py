"""`map` and `scan`: a function of each element, and of a state besides."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from ....dialects.diagnostics import InvalidTypeError, UnsupportedError
from ..compiled import Compiled, compiled_step
from ..node import AheadOfUse, Iteration, Node, OverOne, State
from ..settings import current
from ..structure import Element, Structure, saved
from .sources import loaded


@dataclass(eq=False)
class Map(Node):
    """A function of each element, run for several at a time by as many threads; the order stays, if it is `ordered`."""

    source: Node
    function: Compiled
    threads: int = 1
    ordered: bool | None = None

    def __post_init__(self) -> None:
        self.structure = self.function.structure

    def start(self) -> Iteration:
        settings, source = current(), self.source.start()
        threads = settings.threads_for(self.threads)
        ordered = settings.ordered if self.ordered is None else self.ordered
        return _Mapped(source, self.function) if threads < 2 else _MappedAhead(source, self.function, threads, ordered)


class _Mapped(OverOne):
    def __init__(self, source: Iteration, function_: Compiled):
        super().__init__(source)
        self._function = function_

    def __next__(self) -> Element:
        return self._function(next(self.source))


class _MappedAhead(AheadOfUse):
    """Keeps some elements in work; gives them in order, or as they are done."""

    def __init__(self, source: Iteration, function_: Compiled, threads: int, ordered: bool):
        super().__init__(source)
        self._function, self._threads, self._ordered = function_, threads, ordered
        self._pool = ThreadPoolExecutor(threads, "stepwell-map")
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
        return (self._work.popleft() if self._ordered else self._first_done()).result()

    def _first_done(self) -> Future[Element]:
        done = wait(self._work, return_when=FIRST_COMPLETED).done
        found = next(each for each in self._work if each in done)
        self._work.remove(found)
        return found

    def state(self) -> State:
        if not self._ordered:
            raise UnsupportedError(
                "Dataset: the state of an iteration whose elements come as they are done: expected deterministic=True"
            )
        return super().state()

    def restore(self, state: State) -> None:
        self._work.clear()
        super().restore(state)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
        super().close()


@dataclass(eq=False)
class Scan(Node):
    """What a function gives for a state and each element, besides the next state."""

    source: Node
    begin: Element
    states: Structure
    function: Compiled

    def __post_init__(self) -> None:
        self.structure = parts_of_pair(self.function.structure)[1]

    def start(self) -> Iteration:
        return _Scanned(self.source.start(), self)


class _Scanned(OverOne):
    def __init__(self, source: Iteration, node: Scan):
        super().__init__(source)
        self._node, self._state = node, node.begin

    def __next__(self) -> Element:
        found = self._node.function([*self._state, *next(self.source)])
        count = len(self._state)
        self._state = found[:count]
        return found[count:]

    def state(self) -> State:
        return [saved(self._state), super().state()]

    def restore(self, state: State) -> None:
        self._state = loaded(self._node.states, state[0])
        super().restore(state[1])


def scan(source: Node, begin: Element, states: Structure, scan_func: Callable[..., Any]) -> Scan:
    """The node of a user's function, which returns the next state and an element."""

    def new_state(pair: Structure) -> Structure:
        return parts_of_pair(pair)[0]

    function, states = compiled_step("Dataset.scan", scan_func, states, source.structure, new_state)
    return Scan(source, begin, states, function)


def parts_of_pair(pair: Structure) -> tuple[Structure, Structure]:
    """The structures of both parts of what a function of `scan` returns."""
    if not pair.is_tuple or pair.tree.num_children != 2:
        raise InvalidTypeError(
            "Dataset.scan: scan_func: expected a function that returns a pair of the new state and an element, got "
            f"{pair.element_spec}"
        )
    first, second = pair.tree.children()
    return Structure(first, pair.specs[: first.num_leaves]), Structure(second, pair.specs[first.num_leaves :])
