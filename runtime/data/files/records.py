"""`TFRecordDataset`: the records of files in TensorFlow's format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ....dialects.public import public
from ..dataset import Dataset
from ..node import State
from ..structure import Element
from .framing import next_record
from .source import Files, Reader, StreamReader, file_arguments, text_element
from .streams import Stream


@public("data")
class TFRecordDataset(Dataset):
    """The records of files in TensorFlow's format, each one string.

    Args:
        filenames: the name of a file, names, a tensor or a dataset of names.
        compression_type: `"GZIP"`, `"ZLIB"`, or `""` or None for none.
        buffer_size: how many bytes are read at once; 256 KiB if None.
        num_parallel_reads: how many files are read by turns, a record of each, and by as many threads; one after the
            other if None, and by one thread if AUTOTUNE.
        name: accepted as in TensorFlow.

    Iterating raises NotFoundError for a file that is not there, and DataLossError for one that is damaged or cut off,
    with the number of the record and the byte at which it begins. The checksums of all records are compared.

    Example:
        >>> import stepwell as sw
        >>> with sw.io.TFRecordWriter("/tmp/stepwell_records.tfrecord") as writer:
        ...     writer.write(b"one")
        ...     writer.write(b"two")
        >>> [record.numpy() for record in sw.data.TFRecordDataset("/tmp/stepwell_records.tfrecord")]
        [b'one', b'two']
    """

    def __init__(
        self,
        filenames: Any,
        compression_type: str | None = None,
        buffer_size: int | None = None,
        num_parallel_reads: int | None = None,
        name: str | None = None,
    ):
        arguments = file_arguments("TFRecordDataset", filenames, compression_type, buffer_size, num_parallel_reads)
        super().__init__(_Records(*arguments))


@dataclass(eq=False)
class _Records(Files):
    def open(self, path: str) -> Reader:
        return _RecordReader(self.stream(path))


class _RecordReader(StreamReader):
    def __init__(self, stream: Stream):
        super().__init__(stream)
        self._number = 0

    def __next__(self) -> Element:
        record = next_record(self._stream, self._number)
        if record is None:
            raise StopIteration
        self._number += 1
        return text_element(record)

    def position(self) -> State:
        return [self._stream.offset, self._number]

    def move(self, position: State) -> None:
        self._stream.move(position[0])
        self._number = position[1]
