"""`ParquetDataset`: the rows of tables in Parquet files, read by pyarrow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ....compiler.frontend.tracing.signature import TensorSpec
from ....compiler.frontend.values.tensor import Tensor
from ....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ....dialects.dtypes import STRING, DType, as_dtype
from ....dialects.errors import DataLossError
from ....dialects.files import file_errors, path_text
from ....dialects.public import public
from ....dialects.strings import as_bytes, of_list
from ..dataset import Dataset
from ..node import Iteration, Node, State
from ..structure import Element, Structure, parts_of

_WHAT = "ParquetDataset"


@public("data.experimental")
class ParquetDataset(Dataset):
    """The rows of tables in Parquet files, each a dict of tensors by the names of columns. Needs pyarrow.

    Columns of numbers, bool, strings and binary data are scalars, lists of these are vectors. Rows are read by row
    groups, of which one is in memory. There is no such dataset in TensorFlow; it is in TensorFlow I/O.

    Args:
        filenames: the name of a file, or names.
        columns: the names of the columns that are taken; all if None.
        name: not used.

    Raises NotFoundError for a file that is not there, DataLossError for one that is damaged, InvalidArgumentError for
    columns that are not there or differ between files, and, when a row is read, for a value that is missing.

    Example:
        >>> import pyarrow as pa
        >>> import pyarrow.parquet
        >>> import stepwell as sw
        >>> table = pa.table({"id": [1, 2], "name": ["one", "two"]})
        >>> pyarrow.parquet.write_table(table, "/tmp/stepwell_table.parquet")
        >>> dataset = sw.data.experimental.ParquetDataset("/tmp/stepwell_table.parquet")
        >>> [(int(row["id"]), row["name"].numpy()) for row in dataset]
        [(1, b'one'), (2, b'two')]
    """

    def __init__(self, filenames: Any, columns: Sequence[str] | None = None, name: str | None = None):
        given = [filenames] if isinstance(filenames, str | bytes) or hasattr(filenames, "__fspath__") else filenames
        paths = [path_text(each, f"{_WHAT}: filenames") for each in given]
        super().__init__(_Rows(paths, None if columns is None else list(columns)))


def _opened(path: str) -> Any:
    """A file that pyarrow has open."""
    try:
        import pyarrow
        from pyarrow.parquet import ParquetFile  # an extra
    except ImportError:
        raise ImportError(f"{_WHAT}: pip install 'stepwell[parquet]'") from None
    with file_errors(path), open(path, "rb"):
        pass
    try:
        return ParquetFile(path)
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise DataLossError(f"{path}: no Parquet file: {error}") from None


@dataclass(frozen=True)
class _Column:
    """A column: the dtype of its values, and whether they are lists."""

    name: str
    dtype: DType
    is_list: bool

    @property
    def spec(self) -> TensorSpec:
        return TensorSpec([None] if self.is_list else [], self.dtype)

    def tensor(self, where: str, value: Any) -> Tensor:
        """A value as a tensor."""
        items: list[Any] = value if self.is_list and value is not None else [value]
        if any(item is None for item in items):
            raise InvalidArgumentError(f"{where}: column {self.name!r}: expected a value, got none")
        shape = (len(items),) if self.is_list else ()
        if self.dtype is STRING:
            return Tensor(of_list([as_bytes(item) for item in items], shape))
        return Tensor(np.array(items, self.dtype.dtype).reshape(shape))


def _column(path: str, field: Any) -> _Column:
    """What a field of pyarrow's is. Raises InvalidTypeError for types that tensors do not have."""
    from pyarrow import types

    kind, is_list = field.type, False
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        kind, is_list = kind.value_type, True
    if types.is_string(kind) or types.is_large_string(kind) or types.is_binary(kind) or types.is_large_binary(kind):
        return _Column(field.name, STRING, is_list)
    if not (types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind)):
        raise InvalidTypeError(f"{_WHAT}: {path}: column {field.name!r}: there are no tensors of type {field.type}")
    return _Column(field.name, as_dtype(kind.to_pandas_dtype()), is_list)


@dataclass(eq=False)
class _Rows(Node):
    """Rows of tables, whose metadata say what columns there are."""

    paths: list[str]
    names: list[str] | None

    def __post_init__(self) -> None:
        if not self.paths:
            raise InvalidArgumentError(f"{_WHAT}: filenames: expected a file or more, got none")
        found = [self._columns(path) for path in self.paths]
        self.columns = found[0][0]
        for path, (columns, _) in zip(self.paths, found, strict=True):
            if columns != self.columns:
                names = [f"{each.name}: {each.dtype.name}" for each in self.columns]
                raise InvalidArgumentError(f"{_WHAT}: {path}: expected columns {names}, as in {self.paths[0]}")
        self._count = sum(count for _, count in found)
        specs = {column.name: column.spec for column in self.columns}
        _, tree = parts_of(_WHAT, dict.fromkeys(specs, 0))
        self.order = sorted(range(len(self.columns)), key=lambda place: self.columns[place].name)
        self.structure = Structure(tree, tuple(self.columns[place].spec for place in self.order))

    def _columns(self, path: str) -> tuple[list[_Column], int]:
        """The columns that are taken, and the number of rows."""
        with _opened(path) as file:
            schema = file.schema_arrow
            names = schema.names if self.names is None else self.names
            wrong = [name for name in names if name not in schema.names]
            if wrong:
                raise InvalidArgumentError(f"{_WHAT}: {path}: expected columns among {schema.names}, got {wrong[0]!r}")
            return [_column(path, schema.field(name)) for name in names], file.metadata.num_rows

    def cardinality(self) -> int:
        return self._count

    def start(self) -> Iteration:
        return _Reading(self)


class _Reading(Iteration):
    """Goes through files and their row groups."""

    def __init__(self, node: _Rows):
        self._node = node
        self._place = [0, 0, 0]
        """The file, its row group, and the row in that."""
        self._file: Any = None
        self._rows: list[list[Any]] | None = None

    def __next__(self) -> Element:
        while self._rows is None or self._place[2] >= len(self._rows[0]):
            if self._rows is not None:
                self._place[1:] = [self._place[1] + 1, 0]
            self._rows = self._group()
        file, group, row = self._place
        self._place[2] += 1
        where = f"{self._node.paths[file]}: row group {group}, row {row}"
        columns = self._node.columns
        return [columns[place].tensor(where, self._rows[place][row]) for place in self._node.order]

    def _group(self) -> list[list[Any]]:
        """The columns of the row group at the current place, or of the next one that there is."""
        while self._place[0] < len(self._node.paths):
            if self._file is None:
                self._file = _opened(self._node.paths[self._place[0]])
            if self._place[1] < self._file.num_row_groups:
                return self._read()
            self._close_file()
            self._place = [self._place[0] + 1, 0, 0]
        raise StopIteration

    def _read(self) -> list[list[Any]]:
        from pyarrow import ArrowException

        file, group, _ = self._place
        names = [column.name for column in self._node.columns]
        try:
            table = self._file.read_row_group(group, columns=names)
        except (ArrowException, OSError) as error:
            raise DataLossError(f"{self._node.paths[file]}: row group {group} cannot be read: {error}") from None
        return [table.column(name).to_pylist() for name in names]

    def _close_file(self) -> None:
        self._rows = None
        if self._file is not None:
            self._file.close()
            self._file = None

    def state(self) -> State:
        return list(self._place)

    def restore(self, state: State) -> None:
        self._close_file()
        self._place = list(state)

    def close(self) -> None:
        self._close_file()
        self._place = [len(self._node.paths), 0, 0]
