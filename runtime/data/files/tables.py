"""`make_csv_dataset`: batches of columns of text files, whose names and dtypes are read from the files."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ....compiler.frontend.values.tensor import TensorLike
from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.dtypes import FLOAT32, FLOAT64, INT32, INT64, STRING, DType
from ....dialects.public import public
from ....dialects.strings import as_text
from ..dataset import Dataset
from ..settings import AUTOTUNE
from .csv import Records, Table
from .fields import Field, Format, field_of, format_of
from .listing import listed
from .source import file_arguments
from .streams import Stream, compression_named

_WHAT = "make_csv_dataset"
_ORDER = (INT32, INT64, FLOAT32, FLOAT64, STRING)
"""The dtypes of columns: the first one that all values of a column have."""


@public("data.experimental")
def make_csv_dataset(
    file_pattern: TensorLike,
    batch_size: int,
    column_names: Sequence[str] | None = None,
    column_defaults: Sequence[Any] | None = None,
    label_name: str | None = None,
    select_columns: Sequence[str | int] | None = None,
    field_delim: str = ",",
    use_quote_delim: bool = True,
    na_value: str = "",
    header: bool = True,
    num_epochs: int | None = None,
    shuffle: bool = True,
    shuffle_buffer_size: int = 10000,
    shuffle_seed: int | None = None,
    prefetch_buffer_size: int | None = None,
    num_parallel_reads: int | None = None,
    sloppy: bool = False,
    num_rows_for_inference: int | None = 100,
    compression_type: str | None = None,
    ignore_errors: bool = False,
    encoding: str = "utf-8",
) -> Dataset:
    r"""Batches of the columns of text files, by name.

    Args:
        file_pattern: patterns of the names of files.
        batch_size: how many records are in a batch.
        column_names: the names of all columns; those in the first line of the files if None.
        column_defaults: for each column that is taken, in the order of the file, a dtype or the value of an empty
            field; if None, the dtypes are those of the first values, and the values 0 and an empty string.
        label_name: the column that is taken out of the dict: elements are pairs then.
        select_columns: the names or indices of the columns that are taken; all if None.
        field_delim: one character, which divides fields.
        use_quote_delim: whether fields may be in quotes, in which lines can end.
        na_value: the text of fields that have no value, besides an empty one.
        header: whether each file begins with a line of names.
        num_epochs: how often the files are read; without end if None, and then all batches are of one size.
        shuffle: whether files and records are shuffled.
        shuffle_buffer_size: the size of the buffer in which records are.
        shuffle_seed: the seed of their order.
        prefetch_buffer_size: how many batches are made ahead.
        num_parallel_reads: how many files are read by turns.
        sloppy: accepted as in TensorFlow; the order is always that of `num_parallel_reads`.
        num_rows_for_inference: how many records the dtypes are taken from; all if None.
        compression_type: `"GZIP"`, `"ZLIB"`, or `""` or None for none.
        ignore_errors: whether records with errors are skipped.
        encoding: of the names of columns.

    Raises InvalidArgumentError for files without names of columns, or with different ones, and for columns that are
    not there.

    Example:
        >>> import stepwell as sw
        >>> sw.io.write_file("/tmp/stepwell_made.csv", "x,name,label\n1.5,one,0\n2.5,two,1\n")
        >>> dataset = sw.data.experimental.make_csv_dataset(
        ...     "/tmp/stepwell_made.csv", batch_size=2, label_name="label", num_epochs=1, shuffle=False
        ... )
        >>> [(columns["x"].numpy().tolist(), labels.numpy().tolist()) for columns, labels in dataset]
        [([1.5, 2.5], [0, 1])]
    """
    del sloppy
    rules = format_of(_WHAT, field_delim, use_quote_delim, na_value)
    paths = [as_text(name) for name in listed(file_pattern, _WHAT).numpy().tolist()]
    texts = _Texts(paths, rules, bool(header), compression_named(_WHAT, compression_type), encoding)
    names = texts.names(column_names)
    columns = _selected(names, select_columns, label_name)
    fields = texts.fields(columns, column_defaults, num_rows_for_inference, len(names))
    files = Dataset.from_tensor_slices(paths)
    files = files.shuffle(len(paths), shuffle_seed) if shuffle else files
    arguments = file_arguments(_WHAT, files, compression_type, None, num_parallel_reads)
    table = Table(*arguments, fields, len(names), rules, texts.header)
    dataset = Dataset(table).ignore_errors() if ignore_errors else Dataset(table)
    dataset = dataset.shuffle(shuffle_buffer_size, shuffle_seed) if shuffle else dataset
    dataset = batches(dataset, batch_size, num_epochs)
    dataset = dataset.map(_by_name([names[column] for column in columns], label_name))
    return dataset.prefetch(AUTOTUNE if prefetch_buffer_size is None else prefetch_buffer_size)


def batches(dataset: Dataset, size: int, epochs: int | None, whole: bool = False) -> Dataset:
    """Batches of so many rounds; all of one size where they do not end, or where they are to be `whole`."""
    dataset = dataset.repeat(epochs) if epochs != 1 else dataset
    return dataset.batch(size, drop_remainder=whole or epochs is None)


def _by_name(names: Sequence[str], label: str | None) -> Callable[..., Any]:
    """What makes a dict of columns, without one that is the label."""

    def named(*columns: Any) -> Any:
        found = OrderedDict(zip(names, columns, strict=True))
        return found if label is None else (found, found.pop(label))

    return named


def _selected(names: Sequence[str], given: Sequence[str | int] | None, label: str | None) -> list[int]:
    """The indices of the columns that are taken, in order, one of which has the name of the label."""
    columns = [*range(len(names))] if given is None else _indices(names, given)
    if label is not None and label not in [names[column] for column in columns]:
        raise InvalidArgumentError(f"{_WHAT}: label_name: expected one of {names}, got {label!r}")
    return columns


def _indices(names: Sequence[str], given: Sequence[str | int]) -> list[int]:
    found = []
    for column in given:
        if isinstance(column, str) and column not in names:
            raise InvalidArgumentError(f"{_WHAT}: select_columns: expected names among {list(names)}, got {column!r}")
        index = names.index(column) if isinstance(column, str) else int(column)
        if not 0 <= index < len(names):
            text = f"expected indices of at least 0 and less than {len(names)}, got {index}"
            raise InvalidArgumentError(f"{_WHAT}: select_columns: {text}")
        found.append(index)
    if len(set(found)) < len(found):
        raise InvalidArgumentError(f"{_WHAT}: select_columns: expected each column once, got {list(given)}")
    return sorted(found)


@dataclass(frozen=True)
class _Texts:
    """The files of a dataset, whose first records say what the columns are."""

    paths: list[str]
    rules: Format
    header: bool
    compression: str
    encoding: str

    def names(self, given: Sequence[str] | None) -> list[str]:
        """The names of the columns: given ones, or those of all files."""
        if given is None and not self.header:
            raise InvalidArgumentError(f"{_WHAT}: column_names: expected names for files without a header, got None")
        found = list(given) if given is not None else self._names_in(self.paths[0])
        for path in self.paths[1:] if given is None else ():
            other = self._names_in(path)
            if other != found:
                raise InvalidArgumentError(
                    f"{_WHAT}: {path}: expected columns {found}, as in {self.paths[0]}, got {other}"
                )
        twice = sorted({name for name in found if found.count(name) > 1})
        if twice:
            raise InvalidArgumentError(f"{_WHAT}: column_names: expected different names, got {twice[0]!r} twice")
        return found

    def _names_in(self, path: str) -> list[str]:
        rows = self._rows(path, 1)
        if not rows or not rows[0]:
            raise InvalidArgumentError(f"{_WHAT}: {path}: expected a line with the names of columns, got an empty one")
        return [name.decode(self.encoding) for name in rows[0]]

    def _rows(self, path: str, count: int | None) -> list[list[bytes]]:
        """The fields of the first records of a file."""
        stream = Stream(path, self.compression)
        try:
            records, found = Records(stream, self.rules), []
            while count is None or len(found) < count:
                where, record = records.where(), records.next()
                if record is None:
                    break
                found.append(self.rules.split(where, record) or [b""])
            return found
        finally:
            stream.close()

    def fields(self, columns: list[int], defaults: Any, count: int | None, width: int) -> list[Field]:
        """The fields that are taken, of the dtypes that are given or that their values have."""
        if defaults is not None:
            if len(defaults) != len(columns):
                text = f"expected {len(columns)}, one for each column that is taken, got {len(defaults)}"
                raise InvalidArgumentError(f"{_WHAT}: column_defaults: {text}")
            return [field_of(_WHAT, index, value, True) for index, value in zip(columns, defaults, strict=True)]
        dtypes: dict[int, int] = {}
        left = count
        for path in self.paths:
            rows = self._rows(path, None if left is None else left + self.header)[int(self.header) :]
            for row in rows:
                if len(row) != width:
                    raise InvalidArgumentError(f"{_WHAT}: {path}: expected records of {width} fields, got {len(row)}")
                for column in columns:
                    dtypes[column] = max(dtypes.get(column, -1), self._place(column, row[column]))
            left = None if left is None else left - len(rows)
        found = {column: _ORDER[place] if place >= 0 else STRING for column, place in dtypes.items()}
        return [_inferred(column, found.get(column, STRING)) for column in columns]

    def _place(self, column: int, text: bytes) -> int:
        """The place of the first dtype that a text is of; -1 for a field without a value."""
        if not text or text == self.rules.missing:
            return -1
        return next(place for place, dtype in enumerate(_ORDER) if _fits(Field(column, dtype), text))


def _fits(field: Field, text: bytes) -> bool:
    """Whether a text is a value of a field; one of floats has to be finite, as in TensorFlow."""
    try:
        value = field.value("", text, b"")
    except InvalidArgumentError:
        return False
    return not field.dtype.is_floating or abs(value) < float("inf")


def _inferred(column: int, dtype: DType) -> Field:
    return Field(column, dtype, b"" if dtype is STRING else dtype.as_numpy_dtype(0))
