"""`TextFileInitializer`: keys and values in the lines of a file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from ....dialects.diagnostics import InvalidArgumentError, UnsupportedError
from ....dialects.dtypes import INT64, STRING, DType, DTypeLike, dtype_named
from ....dialects.files import file_errors, path_text
from ....dialects.public import public
from ....dialects.strings import as_bytes
from ..values.tensor import Tensor
from .entries import filled
from .table import key_dtype_of


@public("lookup")
class TextFileIndex:
    """Which part of a line is a key or a value, where it is not the field of an index."""

    WHOLE_LINE: int = -2
    LINE_NUMBER: int = -1


@public("lookup")
class TextFileInitializer:
    r"""Keys and values for a static table, in the lines of a text file.

    Args:
        filename: the file; it is read when a table is made of this.
        key_dtype: the dtype of keys.
        key_index: the index of the field of each line that is a key, or an attribute of `TextFileIndex`.
        value_dtype: the dtype of values.
        value_index: the same for values.
        vocab_size: how many lines are read; all if None.
        delimiter: the character between fields.
        name: not used.
        value_index_offset: added to line numbers that are values, or keys.

    `LINE_NUMBER` needs the dtype int64, `WHOLE_LINE` string. As in TensorFlow, every `\r` is dropped. Making the table
    raises NotFoundError where there is no such file, ValueError for an empty line or one with too few fields.
    `sw.saved_model.save` copies the file into the saved model.

    Example:
        >>> import stepwell as sw
        >>> sw.io.write_file("/tmp/stepwell_vocabulary.txt", "lake\nking\n")
        >>> lines = sw.lookup.TextFileIndex
        >>> initializer = sw.lookup.TextFileInitializer(
        ...     "/tmp/stepwell_vocabulary.txt", sw.string, lines.WHOLE_LINE, sw.int64, lines.LINE_NUMBER
        ... )
        >>> sw.lookup.StaticHashTable(initializer, -1).lookup(sw.constant(["king", "poet"])).numpy().tolist()
        [1, -1]
    """

    def __init__(
        self,
        filename: str | bytes | os.PathLike[str] | Tensor,
        key_dtype: DTypeLike,
        key_index: int,
        value_dtype: DTypeLike,
        value_index: int,
        vocab_size: int | None = None,
        delimiter: str = "\t",
        name: str | None = None,
        value_index_offset: int = 0,
    ):
        where = "TextFileInitializer"
        given: Any = filename.numpy() if isinstance(filename, Tensor) else filename
        self.path = path_text(given, f"{where}: filename")
        self._key_dtype = key_dtype_of(where, key_dtype)
        self._value_dtype = dtype_named(value_dtype, f"{where}: value_dtype")
        self.key_index, self.value_index = int(key_index), int(value_index)
        _check_index("key", self.key_index, self._key_dtype)
        _check_index("value", self.value_index, self._value_dtype)
        if vocab_size is not None and vocab_size < 1:
            raise InvalidArgumentError(f"{where}: vocab_size: expected 1 or more, got {vocab_size}")
        if len(as_bytes(delimiter)) != 1:
            raise InvalidArgumentError(f"{where}: delimiter: expected one character, got {delimiter!r}")
        self.vocab_size, self.delimiter = vocab_size, delimiter
        self.value_index_offset = int(value_index_offset)

    @property
    def key_dtype(self) -> DType:
        """The dtype of keys."""
        return self._key_dtype

    @property
    def value_dtype(self) -> DType:
        """The dtype of values."""
        return self._value_dtype

    def initialize(self, table: Any) -> None:
        """Add the keys and values of the file to a static table."""
        what = f"{type(table).__name__}: initializer"
        lines = list(islice(self._lines(what), self.vocab_size))
        if len(lines) < (self.vocab_size or 0):
            raise InvalidArgumentError(
                f"{what}: {self.path}: expected {self.vocab_size} lines, as vocab_size says, got {len(lines)}"
            )
        columns = ((self.key_index, self._key_dtype), (self.value_index, self._value_dtype))
        keys, values = (
            filled(
                [self._part(what, number, line, index, dtype) for number, line in enumerate(lines)],
                (len(lines),),
                dtype,
            )
            for index, dtype in columns
        )
        table.entries.insert_new(keys, values, what)

    def _lines(self, what: str) -> Iterator[bytes]:
        """The lines, which are not empty."""
        with file_errors(self.path):
            data = Path(self.path).read_bytes()
        for number, line in enumerate(data.replace(b"\r", b"").removesuffix(b"\n").split(b"\n") if data else ()):
            if not line:
                raise InvalidArgumentError(f"{what}: {self.path}, line {number + 1}: expected text, got an empty line")
            yield line

    def _part(self, what: str, number: int, line: bytes, index: int, dtype: DType) -> Any:
        """What a line has of a key or value."""
        if index == TextFileIndex.LINE_NUMBER:
            return number + self.value_index_offset
        if index == TextFileIndex.WHOLE_LINE:
            field = line
        else:
            fields = line.split(as_bytes(self.delimiter))
            if index >= len(fields):
                raise InvalidArgumentError(
                    f"{what}: {self.path}, line {number + 1}: expected at least {index + 1} fields, got {len(fields)}"
                )
            field = fields[index]
        try:
            return _value(field, dtype)
        except (ValueError, OverflowError):
            raise InvalidArgumentError(
                f"{what}: {self.path}, line {number + 1}: expected a value of dtype {dtype.name}, got {field!r}"
            ) from None


def _value(field: bytes, dtype: DType) -> Any:
    """The element of a dtype that a field is. Raises ValueError or OverflowError for one that is none."""
    if dtype == STRING:
        return field
    if b"_" in field:  # which Python's numbers may have
        raise ValueError
    return np.array(int(field) if dtype.is_integer else float(field), dtype).item()


def _check_index(part: str, index: int, dtype: DType) -> None:
    where = f"TextFileInitializer: {part}_index"
    if index < TextFileIndex.WHOLE_LINE:
        raise InvalidArgumentError(f"{where}: expected -2 or more, got {index}")
    if index == TextFileIndex.LINE_NUMBER and dtype != INT64:
        raise InvalidArgumentError(f"{where}: LINE_NUMBER: expected {part}_dtype int64, got {dtype.name}")
    if index == TextFileIndex.WHOLE_LINE and not (dtype == STRING or dtype.is_integer):
        raise InvalidArgumentError(f"{where}: WHOLE_LINE: expected {part}_dtype string or an integer, got {dtype.name}")
    if not (dtype == STRING or dtype.is_integer or dtype.is_floating):
        raise UnsupportedError(f"TextFileInitializer: {part}_dtype: expected string or numbers, got {dtype.name}")
