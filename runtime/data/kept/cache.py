"""`Dataset.cache` with the name of a file."""

from __future__ import annotations

from dataclasses import dataclass

from ..node import Iteration, Node, State
from ..structure import Element
from .encoding import agreed, plain
from .file import ElementReader, ElementWriter, file_exists


@dataclass(eq=False)
class FileCache(Node):
    """The elements of a file, which the first iteration that reaches their end writes."""

    source: Node
    path: str

    def __post_init__(self) -> None:
        self.structure = self.source.structure
        plain(self.structure.element_spec, "Dataset.cache")

    def start(self) -> Iteration:
        return _Cached(self)

    def reader(self) -> ElementReader:
        """The elements of the file."""
        reader = ElementReader(self.path)
        agreed(reader.structure, self.structure, f"Dataset.cache: {self.path}")
        reader.structure = self.structure
        return reader


class _Cached(Iteration):
    """Reads the file, or writes it. The state of an iteration says which of the two it did."""

    def __init__(self, node: FileCache):
        self._node = node
        self._reads = file_exists(node.path)
        self._iteration: Iteration = node.reader() if self._reads else _Writing(node)

    def __next__(self) -> Element:
        return next(self._iteration)

    def state(self) -> State:
        return [self._reads, self._iteration.state()]

    def restore(self, state: State) -> None:
        self._iteration.close()
        self._reads = state[0]
        self._iteration = self._node.reader() if self._reads else _Writing(self._node)
        self._iteration.restore(state[1])

    def close(self) -> None:
        self._iteration.close()


class _Writing(Iteration):
    """Gives the elements of the source and writes them.

    An iteration that goes on where another was writes nothing: it has not had the elements before.
    """

    def __init__(self, node: FileCache):
        self._node = node
        self._source = node.source.start()
        self._writer: ElementWriter | None = None
        self._whole = True

    def __next__(self) -> Element:
        try:
            element = next(self._source)
        except StopIteration:
            self._finish()
            raise
        except BaseException:
            self._abandon()  # what comes after an error that is passed over is not all elements
            raise
        if self._whole:
            if self._writer is None:
                self._writer = ElementWriter(self._node.path, self._node.structure, "Dataset.cache")
            self._writer.write(element)
        return element

    def _finish(self) -> None:
        if self._whole:
            self._whole = False
            writer = self._writer or ElementWriter(self._node.path, self._node.structure, "Dataset.cache")
            self._writer = None
            writer.finish()

    def _abandon(self) -> None:
        self._whole = False
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.abandon()

    def state(self) -> State:
        return self._source.state()

    def restore(self, state: State) -> None:
        self._abandon()
        self._source.restore(state)

    def close(self) -> None:
        self._abandon()
        self._source.close()

    def __del__(self) -> None:
        if hasattr(self, "_whole"):
            self._abandon()
