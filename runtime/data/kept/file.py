"""A file of elements: framed records with checksums; a header, the elements, and how many there are at the end.

It is written elsewhere and renamed when it is complete, so what is read is whole: an end that is missing is damage.
"""

from __future__ import annotations

import contextlib
import json
import zlib
from contextlib import ExitStack

from ....dialects.errors import DataLossError
from ....dialects.files import file_errors
from ...checkpoints.atomic import whole_file
from ..files.framing import framed, next_record
from ..files.streams import BUFFER, WINDOW, Stream
from ..node import Iteration, State
from ..structure import Element, Structure
from .encoding import element_bytes, element_of, header, read_header, structure_of

_ELEMENT, _END = b"e", b"z"


class _Abandoned(Exception):
    """Leaves the file as it was."""


class ElementWriter:
    """Writes a file of elements.

    Attributes:
        count: how many elements were written.
    """

    def __init__(self, path: str, structure: Structure, what: str, compression: str = ""):
        self._path, self.count = path, 0
        first = header(structure, what)
        self._compress = zlib.compressobj(wbits=WINDOW[compression]) if compression else None
        self._stack = ExitStack()
        with file_errors(path):
            temporary = self._stack.enter_context(whole_file(path))
            self._file = open(temporary, "wb", buffering=BUFFER)  # noqa: SIM115 - `finish` closes it
        self._put(first)

    def write(self, element: Element) -> None:
        """Add an element."""
        self._put(_ELEMENT + element_bytes(element))
        self.count += 1

    def finish(self) -> None:
        """Put the file in its place; returns when the disk has it."""
        self._put(_END + json.dumps({"count": self.count}).encode())
        with file_errors(self._path):
            if self._compress is not None:
                self._file.write(self._compress.flush())
            self._file.close()
            self._stack.close()

    def abandon(self) -> None:
        """Leave nothing behind."""
        with contextlib.suppress(OSError):
            self._file.close()
        with contextlib.suppress(_Abandoned):
            error = _Abandoned()
            self._stack.__exit__(_Abandoned, error, None)

    def _put(self, record: bytes) -> None:
        data = framed(record)
        try:
            with file_errors(self._path):
                self._file.write(data if self._compress is None else self._compress.compress(data))
        except BaseException:
            self.abandon()
            raise


class ElementReader(Iteration):
    """The elements of a file; raises DataLossError, with the file and the record, for what is damaged.

    Attributes:
        structure: of the elements, as the file says.
    """

    def __init__(self, path: str, compression: str = "", structure: Structure | None = None):
        self._stream = Stream(path, compression)
        self._number, self._over = 0, False
        try:
            found = read_header(self._record(), f"{path}: record 0, at byte 0")
            self.structure = structure or structure_of(found.get("spec"), path)
        except BaseException:
            self.close()
            raise

    def _record(self) -> bytes:
        record = next_record(self._stream, self._number)
        if record is None:
            raise DataLossError(
                f"{self._stream.path}: record {self._number}, at byte {self._stream.offset}: the file ends here, "
                "without the record that says how many elements there are"
            )
        self._number += 1
        return record

    def __next__(self) -> Element:
        if self._over:
            raise StopIteration
        offset = self._stream.offset
        record = self._record()
        where = f"{self._stream.path}: record {self._number - 1}, at byte {offset}"
        kind, body = record[:1], record[1:]
        if kind == _ELEMENT:
            return element_of(body, self.structure, where)
        if kind != _END:
            raise DataLossError(f"{where}: expected an element, got a record of kind {kind!r}")
        self._end(body, where)
        raise StopIteration

    def _end(self, body: bytes, where: str) -> None:
        try:
            count = json.loads(body)["count"]
        except (ValueError, KeyError, TypeError):
            raise DataLossError(f"{where}: the end of the file is damaged") from None
        if count != self._number - 2:
            raise DataLossError(f"{where}: expected {count} elements before the end, got {self._number - 2}")
        self._over = True
        self.close()

    def state(self) -> State:
        return [self._stream.offset, self._number, self._over]

    def restore(self, state: State) -> None:
        offset, self._number, self._over = state
        if not self._over:
            self._stream.move(offset)

    def close(self) -> None:
        self._stream.close()

    def __del__(self) -> None:
        if hasattr(self, "_stream"):
            self.close()
