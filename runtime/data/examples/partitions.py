"""`io.RaggedFeature`: values of a feature in rows, which other features partition."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
import optree

from ....compiler.frontend.ops.ragged.spec import RaggedTensorSpec
from ....compiler.frontend.ops.ragged.splits import splits_dtype
from ....compiler.frontend.ops.ragged.tensor import RaggedTensor
from ....compiler.frontend.tracing.signature import TensorSpec
from ....compiler.frontend.values.tensor import Tensor
from ....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ....dialects.dtypes import INT32, INT64, DType, DTypeLike
from ....dialects.public import public
from ..columns import Ragged, columns_of
from .columns import Column, empty
from .values import Row, feature_dtype, feature_values


class RowSplits(NamedTuple):
    """Where rows end, with 0 before."""

    key: str


class RowLengths(NamedTuple):
    """How long rows are."""

    key: str


class RowStarts(NamedTuple):
    """Where rows begin."""

    key: str


class RowLimits(NamedTuple):
    """Where rows end."""

    key: str


class ValueRowIds(NamedTuple):
    """The number of the row of each value."""

    key: str


class UniformRowLength(NamedTuple):
    """The length of all rows."""

    length: int


_KINDS = RowSplits | RowLengths | RowStarts | RowLimits | ValueRowIds | UniformRowLength


@public("io")
@dataclass(frozen=True)
class RaggedFeature:
    """A feature with any number of values, which become rows of a RaggedTensor.

    Attributes:
        dtype: float32, int64 or string.
        value_key: the name of the feature with the values; the key of this description if None.
        partitions: how the values of an example are put into rows, from the outermost rows to the innermost:
            `RowSplits`, `RowLengths`, `RowStarts`, `RowLimits` and `ValueRowIds`, which are attributes of this class
            and are given the name of a feature, and `UniformRowLength`, which is given a number.
        row_splits_dtype: int32 or int64.
        validate: accepted as in TensorFlow; partitions that do not fit the values are always errors.

    Example:
        >>> import stepwell as sw
        >>> def example(**features):
        ...     found = {k: sw.train.Feature(int64_list=sw.train.Int64List(value=v)) for k, v in features.items()}
        ...     return sw.train.Example(features=sw.train.Features(feature=found)).SerializeToString()
        >>> feature = sw.io.RaggedFeature(sw.int64, "v", [sw.io.RaggedFeature.RowLengths("n")])
        >>> sw.io.parse_example([example(v=[1, 2, 3], n=[2, 0, 1]), example()], {"x": feature})["x"]
        <tf.RaggedTensor [[[1, 2], [], [3]], []]>
    """

    RowSplits: ClassVar[type[RowSplits]] = RowSplits
    RowLengths: ClassVar[type[RowLengths]] = RowLengths
    RowStarts: ClassVar[type[RowStarts]] = RowStarts
    RowLimits: ClassVar[type[RowLimits]] = RowLimits
    ValueRowIds: ClassVar[type[ValueRowIds]] = ValueRowIds
    UniformRowLength: ClassVar[type[UniformRowLength]] = UniformRowLength

    dtype: DTypeLike
    value_key: str | None = None
    partitions: Sequence[Any] = ()
    row_splits_dtype: DTypeLike = INT32
    validate: bool = False


@dataclass(frozen=True)
class RowsColumn(Column):
    """The values of a feature in rows, as a RaggedTensor with a row for each example.

    Attributes:
        value_key: the feature with the values.
        partitions: those of rows, the outermost first.
        inner: the shape of each value.
        splits: the dtype of row splits.
    """

    key: str
    dtype: DType
    value_key: str
    partitions: tuple[Any, ...]
    inner: tuple[int, ...]
    splits: DType

    def _spec(self, count: int | None) -> RaggedTensorSpec:
        sizes = [each.length if isinstance(each, UniformRowLength) else None for each in self.partitions]
        return RaggedTensorSpec([count, None, *sizes, *self.inner], self.dtype, 1 + len(sizes), self.splits)

    def specs(self, count: int | None) -> list[TensorSpec]:
        return optree.tree_leaves(self._spec(count).__stepwell_parts__())

    def arrays(self, rows: Sequence[Row]) -> list[np.ndarray]:
        """The flat values, and row splits of each axis, the innermost first."""
        if not rows:
            ends = np.zeros(1, self.splits.dtype)
            return [np.empty((0, *self.inner), self.dtype.dtype), *[ends] * (1 + len(self.partitions))]
        (column,) = columns_of(self._row(), self.key)
        return column.stacked(0, [self._rows(row) for row in rows])

    def _row(self) -> Any:
        """The spec of what the values of an example are, with specs in place of tensors."""
        return Ragged(self._spec(1)).row(self.key)

    def _rows(self, row: Row) -> list[np.ndarray]:
        """The values of an example, and the splits of its rows, the innermost first."""
        values = row.values(self.value_key, self.dtype)
        values = empty(self.dtype) if values is None else values
        size = math.prod(self.inner)
        if size == 0 or len(values) % size:
            text = f"expected a multiple of {size} values, as UniformRowLength says, got {len(values)}"
            raise InvalidArgumentError(f"{row.where}: Key: {self.value_key}: {text}")
        found = [values.reshape(-1, *self.inner)]
        count = len(found[0])
        for each in reversed(self.partitions):
            found.append(_splits(row, each, count))
            count = len(found[-1]) - 1
        return found

    def pack(self, tensors: Sequence[Tensor]) -> Any:
        found: Any = tensors[0]
        sizes = [each.length if isinstance(each, UniformRowLength) else None for each in self.partitions]
        for splits, size in zip(tensors[1:], [*reversed(sizes), None]):
            found = RaggedTensor._of(found, splits, size)
        return found

    def single_specs(self) -> list[TensorSpec]:
        return optree.tree_leaves(self._row())

    def single(self, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        return list(arrays[:-1])


def _splits(row: Row, partition: Any, count: int) -> np.ndarray:
    """The row splits that a partition of so many values says."""
    if isinstance(partition, UniformRowLength):
        length = partition.length
        if length == 0 or count % length:
            text = f"expected a multiple of {length} values, as UniformRowLength says, got {count}"
            raise InvalidArgumentError(f"{row.where}: {text}")
        return np.arange(0, count + 1, length)
    where = f"{row.where}: Key: {partition.key}"
    given = feature_values(where, row.features.get(partition.key), INT64)
    given = np.zeros(0, np.int64) if given is None else given
    match partition:
        case RowSplits():
            found = given if len(given) else np.zeros(1, np.int64)
        case RowLengths():
            found = np.concatenate([[0], np.cumsum(given)])
        case RowStarts():
            found = np.concatenate([given, [count]])
        case RowLimits():
            found = np.concatenate([[0], given])
        case _:
            found = _of_row_ids(where, given, count)
    if found[0] != 0 or found[-1] != count or (np.diff(found) < 0).any():
        text = f"expected a {type(partition).__name__} of {count} values, got {given.tolist()}"
        raise InvalidArgumentError(f"{where}: {text}")
    return found


def _of_row_ids(where: str, ids: np.ndarray, count: int) -> np.ndarray:
    if len(ids) != count or (np.diff(ids, prepend=0) < 0).any():
        text = f"expected {count} numbers of rows in ascending order, got {ids.tolist()}"
        raise InvalidArgumentError(f"{where}: {text}")
    return np.searchsorted(ids, np.arange((ids[-1] + 1 if count else 0) + 1))


def rows_column(where: str, key: str, feature: RaggedFeature) -> RowsColumn:
    """The column that a feature's description says."""
    partitions = list(feature.partitions)
    for each in partitions:
        if not isinstance(each, _KINDS):
            raise InvalidTypeError(f"{where}: partitions: expected partitions such as RowSplits, got {each!r}")
        if isinstance(each, UniformRowLength) and each.length < 0:
            raise InvalidArgumentError(f"{where}: partitions: expected a length of 0 or more, got {each.length}")
    inner: list[int] = []
    while partitions and isinstance(partitions[-1], UniformRowLength):
        inner.insert(0, partitions.pop().length)
    dtype = feature_dtype(where, feature.dtype)
    splits = splits_dtype(where, feature.row_splits_dtype)
    return RowsColumn(key, dtype, feature.value_key or key, tuple(partitions), tuple(inner), splits)
