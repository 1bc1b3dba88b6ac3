"""Elements made before they are asked for, and elements kept."""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass, field

from ....dialects.errors import CancelledError
from ..indexed import Indexed
from ..node import AheadOfUse, Iteration, Node, State
from ..parameters import Number, number
from ..settings import AUTOTUNE
from ..structure import Element, saved
from .sources import Slices, loaded

_LOOK_EVERY = 1.0
"""Seconds between two looks whether the thread that makes elements is alive."""

AHEAD = 2
"""How many elements `AUTOTUNE` prefetches."""


@dataclass(eq=False)
class Prefetch(Node):
    """Makes the next elements in a thread while the program uses one."""

    source: Node
    size: Number

    def __post_init__(self) -> None:
        self.structure = self.source.structure
        self.size = number("Dataset.prefetch: buffer_size", self.size, AUTOTUNE)

    def indexed(self) -> Indexed | None:
        return self.source.indexed()

    def start(self) -> Iteration:
        size = AHEAD if self.size == AUTOTUNE else int(self.size)
        return _Ahead(self.source.start(), size) if size else self.source.start()


class _Ahead(AheadOfUse):
    """Takes from a queue that a thread fills.

    The thread knows the queue and the source, not this object, so that the object's end ends the thread.
    """

    def __init__(self, source: Iteration, size: int):
        super().__init__(source)
        self._size = size
        self._queue: queue.Queue[Element | BaseException] | None = None
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._over: BaseException | None = None

    def __next__(self) -> Element:
        if self._over is not None:
            raise self._over
        if self._queue is None:
            self._queue = queue.Queue(self._size)
            arguments = (self.source, self._queue, self._stop)
            self._thread = threading.Thread(target=_fill, args=arguments, name="stepwell-prefetch", daemon=True)
            self._thread.start()
        entry = self._next_entry(self._queue)
        if isinstance(entry, BaseException):
            if _ends(entry):
                self._over = entry
            try:
                raise entry
            finally:
                del entry  # whose traceback has this frame: the two would keep this object, and so its thread
        self.given += 1
        return entry

    def _next_entry(self, entries: queue.Queue[Element | BaseException]) -> Element | BaseException:
        """What the thread has put into the queue. Nothing waits for a thread that has ended."""
        assert self._thread is not None
        while True:
            alive = self._thread.is_alive()  # before the queue is looked at: what it put there before its end counts
            try:
                return entries.get(timeout=_LOOK_EVERY if alive else 0)
            except queue.Empty:
                if not alive:
                    return CancelledError("Dataset.prefetch: the thread that makes elements has ended")

    def restore(self, state: State) -> None:
        assert self._queue is None, "an iteration is restored before it begins"
        super().restore(state)

    def close(self) -> None:
        self._stop.set()

    def __del__(self) -> None:
        self.close()


def _fill(source: Iteration, target: queue.Queue[Element | BaseException], stop: threading.Event) -> None:
    """Put elements and errors into a queue, until the source ends or nobody wants them."""
    entry: Element | BaseException = []
    try:
        while not stop.is_set() and not _ends(entry):
            try:
                entry = next(source)
            except BaseException as error:  # the program gets it, where it asks for the element
                entry = error
            while not stop.is_set():
                try:
                    target.put(entry, timeout=0.1)
                    break
                except queue.Full:
                    continue
    finally:
        source.close()


def _ends(entry: Element | BaseException) -> bool:
    """Whether nothing comes after it: after an error there are other elements, which `ignore_errors` asks for."""
    return isinstance(entry, BaseException) and (not isinstance(entry, Exception) or _is_last(entry))


def _is_last(error: Exception) -> bool:
    return isinstance(error, StopIteration | CancelledError)


@dataclass(eq=False)
class Cache(Node):
    """Keeps all elements in memory once an iteration has reached the end; later ones take them from there.

    Attributes:
        kept: the elements, once there was an iteration.
    """

    source: Node
    kept: list[Element] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.structure = self.source.structure

    def indexed(self) -> Indexed | None:
        return self.source.indexed() if isinstance(self.source, Slices) else None

    def start(self) -> Iteration:
        return _Cached(self)


class _Cached(Iteration):
    def __init__(self, node: Cache):
        self._node, self._number = node, 0
        self._source = node.source.start() if node.kept is None else None
        self._found: list[Element] = []

    def __next__(self) -> Element:
        if self._source is None:
            assert self._node.kept is not None
            if self._number >= len(self._node.kept):
                raise StopIteration
            self._number += 1
            return list(self._node.kept[self._number - 1])
        try:
            element = next(self._source)
        except StopIteration:
            self._node.kept = self._found
            raise
        self._found.append(element)
        return list(element)

    def state(self) -> State:
        elements = self._found if self._source is not None else self._node.kept or []
        return [self._number, list(map(saved, elements)), None if self._source is None else self._source.state()]

    def restore(self, state: State) -> None:
        self._number = state[0]
        self._found = [loaded(self._node.structure, each) for each in state[1]]
        if state[2] is not None:
            self._source = self._node.source.start()
            self._source.restore(state[2])
        elif self._source is not None:  # all elements were kept where the state comes from, and are not here
            self._source.close()
            self._source = None
            self._node.kept = self._found

    def close(self) -> None:
        if self._source is not None:
            self._source.close()
