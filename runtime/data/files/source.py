"""What datasets of files share: the names of files, in which order they are read, and where an iteration is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ....compiler.frontend.ops.shape import reshape
from ....compiler.frontend.tracing.signature import TensorSpec
from ....compiler.frontend.values.dispatch import as_tensor
from ....compiler.frontend.values.tensor import Tensor
from ....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ....dialects.dtypes import STRING
from ....dialects.files import path_text
from ....dialects.strings import as_text, of_list
from ..dataset import Dataset
from ..node import UNKNOWN, Iteration, Node, State
from ..nodes.sources import Slices
from ..settings import AUTOTUNE
from ..structure import Element, is_string_scalar, single, structured
from .streams import Stream, buffer_bytes, compression_named


class Reader(ABC):
    """The elements of one file; ends with StopIteration.

    Attributes:
        passable: the errors after which it has the next element.
    """

    passable: ClassVar[tuple[type[Exception], ...]] = ()

    @abstractmethod
    def __next__(self) -> Element:
        """The next element."""

    @abstractmethod
    def position(self) -> State:
        """Where the next element begins, in bytes or rows."""

    @abstractmethod
    def move(self, position: State) -> None:
        """Go there, in a file that was just opened."""

    @abstractmethod
    def close(self) -> None:
        """Close the file."""


class StreamReader(Reader):
    """The elements of a file that is read as a stream: where the stream is, the next element begins."""

    def __init__(self, stream: Stream):
        self._stream = stream

    def position(self) -> State:
        return self._stream.offset

    def move(self, position: State) -> None:
        self._stream.move(position)

    def close(self) -> None:
        self._stream.close()


@dataclass(eq=False)
class Files(Node):
    """The elements of files, one file after the other or some by turns.

    Attributes:
        what: what errors call it.
        names: the names of the files.
        compression: what `Stream` takes.
        buffer: how many bytes are read at once.
        turns: how many files are read by turns, each by a thread; AUTOTUNE for one after the other by a thread.
    """

    what: str
    names: Node
    compression: str
    buffer: int
    turns: int
    structure = single(TensorSpec([], STRING))

    @abstractmethod
    def open(self, path: str) -> Reader:
        """The elements of a file."""

    def stream(self, path: str) -> Stream:
        """The bytes of a file."""
        return Stream(path, self.compression, self.buffer, self.turns != 1)

    def cardinality(self) -> int:
        return UNKNOWN

    def start(self) -> Iteration:
        return _ByTurns(self)


def file_arguments(
    what: str, filenames: object, compression: object = None, buffer: object = None, turns: object = None
) -> tuple[str, Node, str, int, int]:
    """What `Files` are made of, of the arguments of users."""
    kind = compression_named(what, compression)
    return what, _names(what, filenames), kind, buffer_bytes(what, buffer), _turns(what, turns)


def _turns(what: str, count: Any) -> int:
    """How many files are read by turns; TensorFlow's `AUTOTUNE` keeps the order of the files on few cores."""
    number = 1 if count is None else int(count)
    if number < 1 and number != AUTOTUNE:
        raise InvalidArgumentError(f"{what}: num_parallel_reads: expected at least 1, got {number}")
    return number


def _names(what: str, filenames: object) -> Node:
    """The node whose elements are the names of files."""
    where = f"{what}: filenames"
    if isinstance(filenames, Dataset):
        node, spec = filenames._node, filenames.element_spec
        if not is_string_scalar(spec):
            raise InvalidTypeError(f"{where}: expected a dataset of scalars of dtype string, got elements {spec}")
        return node
    if isinstance(filenames, list | tuple):
        filenames = [_path(where, name) for name in filenames]
    tensor = as_tensor(_path(where, filenames), name=where)  # pyright: ignore[reportArgumentType]
    if tensor.shape.num_elements() == 0:
        tensor = Tensor(of_list([], (0,)))
    if tensor.dtype is not STRING:
        raise InvalidTypeError(f"{where}: expected dtype string, got {tensor.dtype.name}")
    return Slices(*structured(where, reshape(tensor, [-1])))


def _path(where: str, name: object) -> object:
    """The text of a path of `pathlib`; anything else as it is."""
    return path_text(name, where) if hasattr(name, "__fspath__") else name


class _Open:
    """A file that is being read."""

    def __init__(self, node: Files, path: str):
        self.path = path
        self.reader = node.open(path)


class _ByTurns(Iteration):
    """Takes one element of each of some files in turn; a file that has ended is replaced at its next turn.

    That is the order of TensorFlow's `interleave`. What cannot be read ends a file, unless it is one record of text:
    the error is raised once, and the next element is one of another file, so that `ignore_errors` goes on there.
    """

    def __init__(self, node: Files):
        self._node = node
        self._names = node.names.start()
        self._slots: list[_Open | None] = [None] * max(node.turns, 1)
        self._turn = 0
        self._named = True

    def __next__(self) -> Element:
        while self._named or any(self._slots):
            slot = self._slots[self._turn] or self._opened()
            if slot is None:
                self._advance()
                continue
            self._slots[self._turn] = slot
            try:
                element = next(slot.reader)
            except StopIteration:
                self._leave(slot)
                continue
            except Exception as error:
                if not isinstance(error, slot.reader.passable):
                    self._leave(slot)
                raise
            self._advance()
            return element
        raise StopIteration

    def _opened(self) -> _Open | None:
        """The next file; None if there is no other."""
        try:
            name: Any = next(self._names)[0].numpy()
        except StopIteration:
            self._named = False
            return None
        return _Open(self._node, path_text(as_text(name), f"{self._node.what}: filenames"))

    def _leave(self, slot: _Open) -> None:
        self._slots[self._turn] = None
        self._advance()
        slot.reader.close()

    def _advance(self) -> None:
        self._turn = (self._turn + 1) % len(self._slots)

    def state(self) -> State:
        slots = [None if slot is None else [slot.path, slot.reader.position()] for slot in self._slots]
        return [self._names.state(), self._named, self._turn, slots]

    def restore(self, state: State) -> None:
        self._close_files()
        names, self._named, self._turn, slots = state
        self._names.restore(names)
        for index, kept in enumerate(slots):
            if kept is not None:
                slot = self._slots[index] = _Open(self._node, kept[0])
                slot.reader.move(kept[1])

    def _close_files(self) -> None:
        for index, slot in enumerate(self._slots):
            if slot is not None:
                self._slots[index] = None
                slot.reader.close()

    def close(self) -> None:
        self._close_files()
        self._named = False
        self._names.close()

    def __del__(self) -> None:
        if hasattr(self, "_slots"):
            self._close_files()


def text_element(text: bytes) -> Element:
    """An element that is one string."""
    array = np.empty((), object)
    array[()] = text
    return [Tensor(array)]
