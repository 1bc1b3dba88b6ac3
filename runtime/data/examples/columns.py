"""How the values of a feature in some examples become arrays."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ....compiler.frontend.ops.sparse.tensor import SparseTensor
from ....compiler.frontend.tracing.signature import TensorSpec
from ....compiler.frontend.tracing.tensor_shape import TensorShape
from ....compiler.frontend.values.dispatch import as_tensor
from ....compiler.frontend.values.tensor import Tensor
from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.dtypes import INT64, STRING, DType
from .features import FixedLenFeature, FixedLenSequenceFeature, SparseFeature, VarLenFeature
from .values import Row, feature_dtype, missing


class Column(ABC):
    """One feature, of one shape and dtype.

    Attributes:
        key: its name.
        dtype: the dtype of the values.
    """

    key: str
    dtype: DType

    @abstractmethod
    def specs(self, count: int | None) -> list[TensorSpec]:
        """The arrays of so many examples."""

    @abstractmethod
    def arrays(self, rows: Sequence[Row]) -> list[np.ndarray]:
        """The values of some examples."""

    def count(self, single: bool) -> int:
        """How many arrays there are."""
        return len(self.single_specs() if single else self.specs(None))

    def pack(self, tensors: Sequence[Tensor]) -> Any:
        """What the arrays are to a user."""
        return tensors[0]

    def single_specs(self) -> list[TensorSpec]:
        """The arrays of an example by itself."""
        return [TensorSpec(spec.known_sizes[1:], spec.dtype) for spec in self.specs(1)]

    def of_one(self, row: Row) -> list[np.ndarray]:
        """The values of an example by itself."""
        return self.single(self.arrays([row]))

    def single(self, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        """The arrays of an example by itself, from those of a batch of it alone."""
        return [array[0, ...] if array.ndim > 1 else as_cell(array[0]) for array in arrays]


def as_cell(value: Any) -> np.ndarray:
    """An element as an array without axes."""
    array = np.empty((), object if isinstance(value, bytes) else value.dtype)
    array[()] = value
    return array


@dataclass(frozen=True)
class DenseColumn(Column):
    """The same number of values in each example."""

    key: str
    dtype: DType
    shape: tuple[int, ...]
    default: np.ndarray | None

    def specs(self, count: int | None) -> list[TensorSpec]:
        return [TensorSpec([count, *self.shape], self.dtype)]

    def arrays(self, rows: Sequence[Row]) -> list[np.ndarray]:
        """One array, a row of which is an example."""
        found = np.empty((len(rows), self.size), self.dtype.dtype)
        for index, row in enumerate(rows):
            found[index] = self._values(row)
        return [found.reshape((len(rows), *self.shape))]

    def of_one(self, row: Row) -> list[np.ndarray]:
        values = self._values(row)
        return [(values.copy() if values is self.default else values).reshape(self.shape)]

    @cached_property
    def size(self) -> int:
        """How many values an example has."""
        return math.prod(self.shape)

    def _values(self, row: Row) -> np.ndarray:
        """The values of one example, or the default itself."""
        values = row.values(self.key, self.dtype)
        if values is None:
            values = self.default
            if values is None:
                raise missing(row.where, self.key, self.dtype)
        if len(values) != self.size:
            text = f"Number of values != expected. Values size: {len(values)} but output shape: {list(self.shape)}"
            raise InvalidArgumentError(f"{row.where}: Key: {self.key}: {text}")
        return values


@dataclass(frozen=True)
class PaddedColumn(Column):
    """Any number of values of a shape in each example, as many as in the longest by padding."""

    key: str
    dtype: DType
    shape: tuple[int, ...]
    padding: Any

    def specs(self, count: int | None) -> list[TensorSpec]:
        return [TensorSpec([count, None, *self.shape], self.dtype)]

    def arrays(self, rows: Sequence[Row]) -> list[np.ndarray]:
        """One array, a row of which is an example."""
        return [padded([self.steps(row) for row in rows], self.shape, self.dtype, self.padding)]

    def steps(self, row: Row) -> np.ndarray:
        """The values of one example."""
        values, size = row.values(self.key, self.dtype), math.prod(self.shape)
        if values is None:
            return np.empty((0, *self.shape), self.dtype.dtype)
        if len(values) % size if size else len(values):
            text = f"expected a multiple of {size} values, as shape {list(self.shape)} has, got {len(values)}"
            raise InvalidArgumentError(f"{row.where}: Key: {self.key}: {text}")
        return values.reshape((len(values) // size if size else 0, *self.shape))


def padded(parts: Sequence[np.ndarray], shape: Sequence[int], dtype: DType, padding: Any) -> np.ndarray:
    """Arrays of different sizes along their first axis in one, the rest of which is padding."""
    found = np.full((len(parts), max(map(len, parts), default=0), *shape), padding, dtype.dtype)
    for index, part in enumerate(parts):
        found[index, : len(part)] = part
    return found


@dataclass(frozen=True)
class SparseColumn(Column):
    """Any number of values in each example, as a SparseTensor with a row for each."""

    key: str
    dtype: DType

    def specs(self, count: int | None) -> list[TensorSpec]:
        return sparse_specs(2, self.dtype)

    def arrays(self, rows: Sequence[Row]) -> list[np.ndarray]:
        """Indices, values and the shape."""
        parts = [row.values(self.key, self.dtype) for row in rows]
        return listed([empty(self.dtype) if part is None else part for part in parts], self.dtype)

    def of_one(self, row: Row) -> list[np.ndarray]:
        values = row.values(self.key, self.dtype)
        values = empty(self.dtype) if values is None else values
        return [np.arange(len(values), dtype=np.int64)[:, np.newaxis], values, np.array([len(values)], np.int64)]

    def pack(self, tensors: Sequence[Tensor]) -> Any:
        return SparseTensor(*tensors)

    def single_specs(self) -> list[TensorSpec]:
        return sparse_specs(1, self.dtype)


def sparse_specs(rank: int, dtype: DType) -> list[TensorSpec]:
    """The arrays of a SparseTensor."""
    return [TensorSpec([None, rank], INT64), TensorSpec([None], dtype), TensorSpec([rank], INT64)]


def without_row(arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
    """A SparseTensor without its first axis, of size 1."""
    indices, values, shape = arrays
    return [np.ascontiguousarray(indices[:, 1:]), values, shape[1:]]


def listed(parts: Sequence[np.ndarray], dtype: DType) -> list[np.ndarray]:
    """A SparseTensor that has in each row the values of one of some vectors."""
    sizes = [len(part) for part in parts]
    values = np.concatenate([empty(dtype), *parts])
    rows = np.repeat(np.arange(len(parts)), sizes)
    columns = np.concatenate([np.empty(0, int), *map(np.arange, sizes)])
    indices = np.stack([rows, columns], 1).astype(np.int64)
    return [indices, values, np.array([len(parts), max(sizes, default=0)], np.int64)]


def empty(dtype: DType) -> np.ndarray:
    """A vector without elements."""
    return np.empty(0, dtype.dtype)


@dataclass(frozen=True)
class IndexedColumn(Column):
    """Indices in some features, and values in another, as a SparseTensor with a row for each example."""

    key: str
    dtype: DType
    index_keys: tuple[str, ...]
    value_key: str
    sizes: tuple[int, ...]
    is_sorted: bool

    def specs(self, count: int | None) -> list[TensorSpec]:
        return sparse_specs(1 + len(self.sizes), self.dtype)

    def arrays(self, rows: Sequence[Row]) -> list[np.ndarray]:
        """Indices, values and the shape."""
        parts = [self._part(number, row) for number, row in enumerate(rows)]
        indices = np.concatenate([np.empty((0, 1 + len(self.sizes)), np.int64), *(part[0] for part in parts)])
        values = np.concatenate([empty(self.dtype), *(part[1] for part in parts)])
        return [indices, values, np.array([len(rows), *self.sizes], np.int64)]

    def _part(self, number: int, row: Row) -> tuple[np.ndarray, np.ndarray]:
        """The indices and values of one example."""
        found = row.values(self.value_key, self.dtype)
        values = empty(self.dtype) if found is None else found
        given = [row.values(key, INT64) for key in self.index_keys]
        columns = [empty(INT64) if column is None else column for column in given]
        for key, column, size in zip(self.index_keys, columns, self.sizes, strict=True):
            if len(column) != len(values):
                text = f"expected {len(values)} indices, as there are values of {self.value_key}, got {len(column)}"
                raise InvalidArgumentError(f"{row.where}: Key: {key}: {text}")
            if len(column) and not 0 <= column.min() <= column.max() < size:
                text = f"expected indices of at least 0 and less than {size}, got {column.min()} to {column.max()}"
                raise InvalidArgumentError(f"{row.where}: Key: {key}: {text}")
        indices = np.stack([np.full(len(values), number, np.int64), *columns], 1)
        if self.is_sorted:
            return indices, values
        order = np.lexsort(columns[::-1])
        return indices[order], values[order]

    def pack(self, tensors: Sequence[Tensor]) -> Any:
        return SparseTensor(*tensors)

    def single_specs(self) -> list[TensorSpec]:
        return sparse_specs(len(self.sizes), self.dtype)

    def single(self, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        return without_row(arrays)


def column_of(function: str, key: str, feature: Any) -> Column:
    """The column that a feature's description says. Raises InvalidArgumentError for what is none."""
    where = f"{function}: features: {key!r}"
    match feature:
        case FixedLenFeature():
            dtype, shape = feature_dtype(where, feature.dtype), known_shape(where, feature.shape)
            default = None
            if feature.default_value is not None:
                default = _default(where, feature.default_value, dtype, math.prod(shape))
            return DenseColumn(key, dtype, shape, default)
        case FixedLenSequenceFeature():
            if not feature.allow_missing:
                raise InvalidArgumentError(f"{where}: expected a FixedLenSequenceFeature with allow_missing=True")
            dtype, shape = feature_dtype(where, feature.dtype), known_shape(where, feature.shape)
            return PaddedColumn(key, dtype, shape, padding_of(where, feature.default_value, dtype))
        case VarLenFeature():
            return SparseColumn(key, feature_dtype(where, feature.dtype))
        case SparseFeature():
            return _indexed(where, key, feature)
    kinds = "FixedLenFeature, VarLenFeature, FixedLenSequenceFeature, SparseFeature or RaggedFeature"
    raise InvalidArgumentError(f"{where}: expected a {kinds}, got {feature!r}")


def _indexed(where: str, key: str, feature: SparseFeature) -> Column:
    keys = (feature.index_key,) if isinstance(feature.index_key, str) else tuple(feature.index_key)
    sizes = (feature.size,) if isinstance(feature.size, int) else tuple(map(int, feature.size))
    if len(keys) != len(sizes) or not keys:
        raise InvalidArgumentError(f"{where}: size: expected {len(keys)} sizes, one for each index_key, got {sizes}")
    dtype = feature_dtype(where, feature.dtype)
    return IndexedColumn(key, dtype, keys, feature.value_key, sizes, bool(feature.already_sorted))


def known_shape(where: str, shape: Any) -> tuple[int, ...]:
    """The sizes of a shape. Raises InvalidArgumentError where one is not known."""
    if shape is None:
        raise InvalidArgumentError(f"{where}: shape: expected sizes, got None")
    sizes = tuple(TensorShape([shape] if isinstance(shape, int) else shape))
    if None in sizes:
        text = f"expected sizes that are known, got {list(sizes)}; a FixedLenSequenceFeature has a size that is not"
        raise InvalidArgumentError(f"{where}: shape: {text}")
    return tuple(int(size) for size in sizes if size is not None)


def _default(where: str, value: Any, dtype: DType, count: int) -> np.ndarray:
    """The values that an example has which lacks a feature."""
    found = as_tensor(value, dtype, f"{where}: default_value")._concrete(where).reshape(-1)
    if len(found) != count:
        raise InvalidArgumentError(f"{where}: default_value: expected {count} values, got {len(found)}")
    return found


def padding_of(where: str, value: Any, dtype: DType) -> Any:
    """The one value that is padded with."""
    if value is None:
        return b"" if dtype is STRING else 0
    return _default(where, value, dtype, 1)[0]
