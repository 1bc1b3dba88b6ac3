"""`CsvDataset`: the records of text files whose fields are divided by commas."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ....compiler.frontend.tracing.signature import TensorSpec
from ....compiler.frontend.values.tensor import Tensor
from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.public import public
from ..dataset import Dataset
from ..node import State
from ..structure import Element, Structure, parts_of
from .decoding import column
from .fields import Field, Format, field_of, format_of, increasing
from .source import Files, Reader, file_arguments
from .streams import Stream


@public("data.experimental")
class CsvDataset(Dataset):
    r"""The records of text files, whose fields are divided by commas, each a tuple of scalars.

    Args:
        filenames: the name of a file, names, a tensor or a dataset of names.
        record_defaults: for each column that is taken a dtype, of a column whose fields are required, or the value of a
            field that is empty; the dtypes are float32, float64, int32, int64 and string.
        compression_type: `"GZIP"`, `"ZLIB"`, or `""` or None for none.
        buffer_size: how many bytes are read at once; 256 KiB if None.
        header: whether each file begins with a line that is skipped.
        field_delim: one character, which divides fields.
        use_quote_delim: whether fields may be in quotes, in which lines can end.
        na_value: the text of fields that have no value, besides an empty one.
        select_cols: the indices of the columns that are taken, in order; all if None.
        exclude_cols: those that are left out.

    Iterating raises InvalidArgumentError, with the file, the record and its first byte, for another number of fields, a
    value that is none of the dtype, and quotes that are not as in RFC 4180.

    Example:
        >>> import stepwell as sw
        >>> sw.io.write_file("/tmp/stepwell_table.csv", "id,name\n1,one\n2,\n")
        >>> dataset = sw.data.experimental.CsvDataset("/tmp/stepwell_table.csv", [sw.int32, "none"], header=True)
        >>> [(int(key), name.numpy()) for key, name in dataset]
        [(1, b'one'), (2, b'none')]
    """

    def __init__(
        self,
        filenames: Any,
        record_defaults: Sequence[Any],
        compression_type: str | None = None,
        buffer_size: int | None = None,
        header: bool = False,
        field_delim: str = ",",
        use_quote_delim: bool = True,
        na_value: str = "",
        select_cols: Sequence[int] | None = None,
        exclude_cols: Sequence[int] | None = None,
    ):
        what = "CsvDataset"
        fields, count = _fields(what, record_defaults, select_cols, exclude_cols)
        rules = format_of(what, field_delim, use_quote_delim, na_value)
        arguments = file_arguments(what, filenames, compression_type, buffer_size)
        super().__init__(Table(*arguments, fields, count, rules, bool(header)))


def _fields(what: str, defaults: Sequence[Any], selected: Any, excluded: Any) -> tuple[list[Field], int | None]:
    """The fields that are taken, and how many a record has; None if there may be more."""
    if selected is not None and excluded is not None:
        raise InvalidArgumentError(f"{what}: expected select_cols or exclude_cols, got both")
    if not len(defaults):
        raise InvalidArgumentError(f"{what}: record_defaults: expected one for each column, got none")
    if selected is not None:
        columns, count = increasing(f"{what}: select_cols", selected), None
    else:
        left_out = increasing(f"{what}: exclude_cols", excluded or ())
        count = len(defaults) + len(left_out)
        columns = [index for index in range(count) if index not in left_out]
    if len(columns) != len(defaults):
        raise InvalidArgumentError(f"{what}: record_defaults: expected {len(columns)}, got {len(defaults)}")
    return [field_of(what, index, value, True) for index, value in zip(columns, defaults, strict=True)], count


@dataclass(eq=False)
class Table(Files):
    """Records of some fields.

    Attributes:
        fields: those that are taken.
        count: how many a record has; None if there may be more than are taken.
        rules: how they are divided.
        header: whether the first record of a file is skipped.
    """

    fields: list[Field]
    count: int | None
    rules: Format
    header: bool

    def __post_init__(self) -> None:
        _, tree = parts_of(self.what, (0,) * len(self.fields))
        self.structure = Structure(tree, tuple(TensorSpec([], each.dtype) for each in self.fields))

    def open(self, path: str) -> Reader:
        return _RowReader(self.stream(path), self)


class Records:
    """The records of a text file, with their line ends inside of quotes.

    Attributes:
        offset: the byte at which the next one begins.
        number: how many came before it.
    """

    def __init__(self, stream: Stream, rules: Format):
        self.stream, self._rules = stream, rules
        self.offset = self.number = 0
        self._lines: deque[bytes] = deque()

    def next(self) -> bytes | None:
        """The next record, without the end of its line; None at the end of the file."""
        lines: list[bytes] = []
        inside = False
        while True:
            line = self._line()
            if not line:
                break
            lines.append(line)
            inside = self._rules.is_open(line, inside)
            if not inside:
                break
        if not lines:
            return None
        if inside:
            raise InvalidArgumentError(f"{self.where()}: Reached end of file without closing quoted field")
        text = b"".join(lines)
        self.offset += len(text)
        self.number += 1
        return text.removesuffix(b"\n").removesuffix(b"\r") if text[-1] in b"\r\n" else text

    def where(self) -> str:
        """What errors call the next record."""
        return f"{self.stream.path}: record {self.number}, at byte {self.offset}"

    def _line(self) -> bytes:
        """A line with its end, which is a line feed, a carriage return, or both."""
        if not self._lines:
            self._lines.extend(self.stream.line().splitlines(keepends=True))
        return self._lines.popleft() if self._lines else b""

    def move(self, offset: int, number: int) -> None:
        """Go to a record."""
        self.stream.move(offset)
        self.offset, self.number = offset, number


class _RowReader(Reader):
    """Goes on after a record with an error."""

    passable = (InvalidArgumentError,)

    def __init__(self, stream: Stream, node: Table):
        self._records, self._node = Records(stream, node.rules), node
        self._begun = not node.header

    def __next__(self) -> Element:
        if not self._begun:
            self._begun = True
            if self._records.next() is None:
                raise InvalidArgumentError(f"{self._records.stream.path}: expected a header, got an empty file")
        where = self._records.where()
        record = self._records.next()
        if record is None:
            raise StopIteration
        return [
            Tensor(column([value], each.dtype, ())) for value, each in zip(self._values(where, record), self._fields)
        ]

    @property
    def _fields(self) -> list[Field]:
        return self._node.fields

    def _values(self, where: str, record: bytes) -> list[Any]:
        rules, count = self._node.rules, self._node.count
        texts = rules.split(where, record) or [b""]
        least = self._fields[-1].index + 1 if count is None else count
        if len(texts) < least or (count is not None and len(texts) > count):
            raise InvalidArgumentError(f"{where}: Expect {least} fields but have {len(texts)}")
        return [each.value(where, texts[each.index], rules.missing) for each in self._fields]

    def position(self) -> State:
        return [self._records.offset, self._records.number, self._begun]

    def move(self, position: State) -> None:
        self._records.move(position[0], position[1])
        self._begun = position[2]

    def close(self) -> None:
        self._records.stream.close()
