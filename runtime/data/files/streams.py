"""The bytes of a file, as they are or decompressed, read from the first to the last."""

from __future__ import annotations

import io
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from ....dialects.diagnostics import InvalidArgumentError, OpError
from ....dialects.errors import DataLossError
from ....dialects.files import file_error, file_errors
from .ahead import ReadAhead

GZIP, ZLIB = "GZIP", "ZLIB"

WINDOW = {GZIP: 31, ZLIB: 15}
"""What zlib calls the formats."""

BUFFER = 256 * 1024
"""The bytes that are read at once, as TensorFlow's `buffer_size` is where none is given."""

PIECE = 1 << 20
"""The most bytes that are asked for at once: a length in a damaged file must not reserve memory."""


def compression_named(what: str, kind: object) -> str:
    """GZIP, ZLIB, or an empty text for none. Raises InvalidArgumentError for others."""
    text = "" if kind is None else str(kind)
    if text not in ("", GZIP, ZLIB):
        raise InvalidArgumentError(f'{what}: compression_type: expected "GZIP", "ZLIB" or "", got {kind!r}')
    return text


def buffer_bytes(what: str, size: object) -> int:
    """The size of a buffer: that of `BUFFER` for None. Raises InvalidArgumentError for negative ones."""
    count = BUFFER if size is None else int(size)  # pyright: ignore[reportArgumentType]
    if count < 0:
        raise InvalidArgumentError(f"{what}: buffer_size: expected at least 0 bytes, got {count}")
    return count or BUFFER


class Stream:
    """A file that is read from the first byte to the last.

    Attributes:
        path: its name.
        offset: the bytes before the next one, of those that it gives.
    """

    def __init__(self, path: str, compression: str = "", buffer: int = BUFFER, ahead: bool = False):
        """The beginning of a file; `ahead` says that a thread reads it."""
        self.path, self.offset = path, 0
        self._compressed = bool(compression)
        with file_errors(path):
            self._raw = open(path, "rb", buffering=0)  # noqa: SIM115 - `close` closes it
            status = os.fstat(self._raw.fileno())
        self._regular = stat.S_ISREG(status.st_mode)
        source: io.RawIOBase = _Inflated(self._raw, path, WINDOW[compression]) if compression else self._raw
        if ahead:
            source = ReadAhead(source, buffer, not self._regular)
        self._file = io.BufferedReader(source, buffer)

    def size(self) -> int | None:
        """How many bytes there are; None where only reading all of them would tell."""
        if self._compressed or not self._regular:
            return None
        return os.fstat(self._raw.fileno()).st_size

    def read(self, count: int) -> bytes:
        """The next bytes; fewer at the end of the file."""
        try:
            found = self._file.read(count) if count <= PIECE else b"".join(self._pieces(count))
        except OSError as error:
            raise self._error(error) from None
        self.offset += len(found)
        return found

    def _pieces(self, count: int) -> Iterator[bytes]:
        while count:
            piece = self._file.read(min(count, PIECE))
            if not piece:
                return
            count -= len(piece)
            yield piece

    def line(self) -> bytes:
        """The bytes up to a line feed, and that; those before the end of the file without one."""
        try:
            found = self._file.readline()
        except OSError as error:
            raise self._error(error) from None
        self.offset += len(found)
        return found

    def move(self, offset: int) -> None:
        """Go to a place; in a compressed file, to one that comes later."""
        if self._compressed or not self._regular:
            assert offset >= self.offset, "compressed files are read in one direction"
            while self.offset < offset and self.read(min(offset - self.offset, PIECE)):
                pass
            return
        with file_errors(self.path):
            self._file.seek(offset)
        self.offset = offset

    def _error(self, error: OSError) -> OpError:
        """TensorFlow's error for what the system says; an error of ours is one of the system's, too."""
        return error if isinstance(error, OpError) else file_error(error, self.path)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class _Inflated(io.RawIOBase):
    """What a compressed file contains, in as little memory as it is asked for."""

    def __init__(self, source: io.FileIO, path: str, window: int):
        self._source, self._path, self._window = source, path, window
        self._inflate = zlib.decompressobj(window)
        self._rest = b""
        self._begun = False

    def close(self) -> None:
        """Close the compressed file, too."""
        super().close()
        self._source.close()

    def readable(self) -> bool:
        """True."""
        return True

    def readinto(self, buffer: object) -> int:
        """The next bytes; raises DataLossError for what is not compressed so, and for a file that is cut off."""
        view = memoryview(buffer)  # pyright: ignore[reportArgumentType]
        while True:
            if self._inflate.eof:
                self._rest = self._inflate.unused_data
                self._inflate, self._begun = zlib.decompressobj(self._window), False
            self._rest = self._rest or self._source.read(BUFFER)
            if not self._rest and self._begun:
                at = self._source.tell()
                raise DataLossError(f"{self._path}: the compressed data is cut off at byte {at}, the end of the file")
            if not self._rest:
                return 0
            with _damage(self._path):
                found = self._inflate.decompress(self._rest, len(view))
            self._rest, self._begun = self._inflate.unconsumed_tail, True
            if found:
                view[: len(found)] = found
                return len(found)


@contextmanager
def _damage(path: str) -> Iterator[None]:
    try:
        yield
    except zlib.error as error:
        raise DataLossError(f"{path}: the compressed data cannot be read: {error}") from None
