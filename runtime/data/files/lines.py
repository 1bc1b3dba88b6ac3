"""`TextLineDataset`: the lines of files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ....dialects.public import public
from ..dataset import Dataset
from ..structure import Element
from .source import Files, Reader, StreamReader, file_arguments, text_element


@public("data")
class TextLineDataset(Dataset):
    r"""The lines of files, each one string, without `\n` at its end; as in TensorFlow, every `\r` is dropped.

    Args:
        filenames: the name of a file, names, a tensor or a dataset of names.
        compression_type: `"GZIP"`, `"ZLIB"`, or `""` or None for none.
        buffer_size: how many bytes are read at once; 256 KiB if None.
        num_parallel_reads: how many files are read by turns, a line of each, and by as many threads; one after the
            other if None, and by one thread if AUTOTUNE.
        name: accepted as in TensorFlow.

    Iterating raises NotFoundError for a file that is not there.

    Example:
        >>> import stepwell as sw
        >>> sw.io.write_file("/tmp/stepwell_lines.txt", "one\ntwo\n")
        >>> [line.numpy() for line in sw.data.TextLineDataset("/tmp/stepwell_lines.txt")]
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
        arguments = file_arguments("TextLineDataset", filenames, compression_type, buffer_size, num_parallel_reads)
        super().__init__(_Lines(*arguments))


@dataclass(eq=False)
class _Lines(Files):
    def open(self, path: str) -> Reader:
        return _LineReader(self.stream(path))


class _LineReader(StreamReader):
    def __next__(self) -> Element:
        line = self._stream.line()
        if not line:
            raise StopIteration
        line = line.removesuffix(b"\n")
        return text_element(line.replace(b"\r", b"") if b"\r" in line else line)
