"""Elements that the first iteration to reach their end writes, and that later ones read."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from ..node import Iteration, Node, State
from ..structure import Element


class Writer(Protocol):
    """What writes elements, so that they are there as a whole or not at all."""

    def write(self, element: Element) -> None:
        """Add an element."""
        ...

    def finish(self) -> None:
        """Let what was written be there."""
        ...

    def abandon(self) -> None:
        """Leave nothing behind."""
        ...


class WrittenOnce(Node):
    """A node of elements that are kept outside of the process."""

    source: Node

    @abstractmethod
    def is_written(self) -> bool:
        """Whether all elements are there."""

    @abstractmethod
    def reading(self) -> Iteration:
        """The elements that are there."""

    @abstractmethod
    def writer(self) -> Writer:
        """What writes the elements of an iteration."""

    def start(self) -> Iteration:
        return _Once(self)


class _Once(Iteration):
    """Reads, or writes what it gives; the state says which of the two it does.

    One that goes on where another was writes nothing, as it has not had the elements before; nor does one that came to
    an error, which may be passed over.
    """

    def __init__(self, node: WrittenOnce):
        self._node = node
        self._begin(node.is_written())

    def _begin(self, reads: bool) -> None:
        self._reads, self._writes = reads, not reads
        self._writer: Writer | None = None  # made for the first element
        self._iteration = self._node.reading() if reads else self._node.source.start()

    def __next__(self) -> Element:
        try:
            element = next(self._iteration)
            if self._writes:
                self._writer = self._writer or self._node.writer()
                self._writer.write(element)
            return element
        except StopIteration:
            self._finish()
            raise
        except BaseException:
            self._abandon()
            raise

    def _finish(self) -> None:
        if self._writes:
            writer, self._writer, self._writes = self._writer or self._node.writer(), None, False
            writer.finish()

    def _abandon(self) -> None:
        writer, self._writer, self._writes = self._writer, None, False
        if writer is not None:
            writer.abandon()

    def state(self) -> State:
        return [self._reads, self._iteration.state()]

    def restore(self, state: State) -> None:
        self.close()
        self._begin(state[0])
        self._writes = False
        self._iteration.restore(state[1])

    def close(self) -> None:
        self._abandon()
        self._iteration.close()

    def __del__(self) -> None:
        if hasattr(self, "_writer"):
            self._abandon()
