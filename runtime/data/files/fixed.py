"""`FixedLengthRecordDataset`: files of records that are all of one length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.errors import DataLossError
from ....dialects.public import public
from ..dataset import Dataset
from ..node import State
from ..structure import Element
from .source import Files, Reader, StreamReader, file_arguments, text_element
from .streams import Stream


@public("data")
class FixedLengthRecordDataset(Dataset):
    """Records that are all of one length, each one string.

    Args:
        filenames: the name of a file, names, a tensor or a dataset of names.
        record_bytes: the length of a record.
        header_bytes: the bytes at the beginning of each file that are skipped; none if None.
        footer_bytes: those at its end.
        buffer_size: how many bytes are read at once; 256 KiB if None.
        compression_type: `"GZIP"`, `"ZLIB"`, or `""` or None for none.
        num_parallel_reads: how many files are read by turns, a record of each, and by as many threads; one after the
            other if None, and by one thread if AUTOTUNE.
        name: accepted as in TensorFlow.

    Iterating raises NotFoundError for a file that is not there, and InvalidArgumentError for one that is not made of
    whole records; for a compressed one DataLossError, at its end.

    Example:
        >>> import stepwell as sw
        >>> sw.io.write_file("/tmp/stepwell_fixed.bin", b"Habcdef")
        >>> dataset = sw.data.FixedLengthRecordDataset("/tmp/stepwell_fixed.bin", record_bytes=3, header_bytes=1)
        >>> [record.numpy() for record in dataset]
        [b'abc', b'def']
    """

    def __init__(
        self,
        filenames: Any,
        record_bytes: Any,
        header_bytes: Any = None,
        footer_bytes: Any = None,
        buffer_size: int | None = None,
        compression_type: str | None = None,
        num_parallel_reads: int | None = None,
        name: str | None = None,
    ):
        sizes = int(record_bytes), int(header_bytes or 0), int(footer_bytes or 0)
        what = "FixedLengthRecordDataset"
        arguments = file_arguments(what, filenames, compression_type, buffer_size, num_parallel_reads)
        super().__init__(_Fixed(*arguments, *sizes))


@dataclass(eq=False)
class _Fixed(Files):
    record: int
    header: int
    footer: int

    def __post_init__(self) -> None:
        for name, size, least in (
            ("record_bytes", self.record, 1),
            ("header_bytes", self.header, 0),
            ("footer_bytes", self.footer, 0),
        ):
            if size < least:
                raise InvalidArgumentError(f"{self.what}: {name}: expected at least {least}, got {size}")

    def open(self, path: str) -> Reader:
        stream = self.stream(path)
        size = stream.size()
        if size is not None and (size < self.header + self.footer or self.rest(size)):
            stream.close()
            raise InvalidArgumentError(self.refusal(path, size))
        return _FixedReader(stream, self, size)

    def rest(self, size: int) -> int:
        """The bytes of a file that are no whole record."""
        return (size - self.header - self.footer) % self.record

    def refusal(self, path: str, size: int) -> str:
        """What an error says of a file of so many bytes."""
        return (
            f"{self.what}: {path}: expected a header of {self.header} bytes, records of {self.record} bytes and a "
            f"footer of {self.footer} bytes, got a file of {size} bytes"
        )


class _FixedReader(StreamReader):
    """Reads on as long as there are a record and a footer; the size of a compressed file is known at its end."""

    def __init__(self, stream: Stream, node: _Fixed, size: int | None):
        super().__init__(stream)
        self._node, self._size = node, size
        self._ahead = b""
        self._begun = False

    def __next__(self) -> Element:
        if not self._begun:
            self._begun = True
            self._stream.read(self._node.header)
        if self._size is not None:
            return self._sized(self._size)
        record, footer = self._node.record, self._node.footer
        self._ahead += self._stream.read(record + footer - len(self._ahead))
        if len(self._ahead) < record + footer:
            size = self._stream.offset
            if size < self._node.header + footer or self._node.rest(size):
                raise DataLossError(self._node.refusal(self._stream.path, size))
            raise StopIteration
        found, self._ahead = self._ahead[:record], self._ahead[record:]
        return text_element(found)

    def _sized(self, size: int) -> Element:
        """The next record of a file whose size was known."""
        if self._stream.offset + self._node.record > size - self._node.footer:
            raise StopIteration
        found = self._stream.read(self._node.record)
        if len(found) < self._node.record:
            raise DataLossError(self._node.refusal(self._stream.path, self._stream.offset))
        return text_element(found)

    def position(self) -> State:
        return [self._stream.offset - len(self._ahead), self._begun]

    def move(self, position: State) -> None:
        self._stream.move(position[0])
        self._begun = position[1]
