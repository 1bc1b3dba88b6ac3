"""Components of elements as they are put into batches and taken out of them: tensors, and rows of RaggedTensors.

A RaggedTensor is several components: its flat values, and the row splits of each ragged axis, the innermost first. A
row of a RaggedTensor of one ragged axis is a tensor, whose spec remembers that batches of it are RaggedTensors.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import optree

from ...compiler.frontend.ops.ragged.spec import RaggedTensorSpec
from ...compiler.frontend.ops.ragged.tensor import RaggedTensor, is_ragged
from ...compiler.frontend.ops.sparse.tensor import SparseTensor
from ...compiler.frontend.tracing.signature import TensorSpec
from ...dialects.diagnostics import InvalidArgumentError, InvalidTypeError, UnsupportedError
from ...dialects.dtypes import DType


@dataclass(frozen=True, init=False, repr=False)
class RowSpec(TensorSpec):
    """The spec of a row of a RaggedTensor, a tensor.

    Attributes:
        splits: the dtype of the row splits of batches.
    """

    splits: DType

    def __init__(self, shape: Any, dtype: Any, splits: DType):
        super().__init__(shape, dtype)
        object.__setattr__(self, "splits", splits)

    def __repr__(self) -> str:
        return repr(RaggedTensorSpec(self.shape, self.dtype, 0, self.splits))


def taken_apart(specs: Any) -> Any:
    """Specs put together like an element, with RaggedTensors of specs in place of the specs of RaggedTensors."""
    return optree.tree_map(_parts, specs)  # pyright: ignore[reportArgumentType]


def _parts(spec: Any) -> Any:
    if not isinstance(spec, RaggedTensorSpec):
        return spec
    return spec.__stepwell_parts__() if spec.ragged_rank else RowSpec(spec.shape, spec.dtype, spec.row_splits_dtype)


def put_together(specs: Any) -> Any:
    """The specs that users see: one for each RaggedTensor."""
    return optree.tree_map(_whole, specs, is_leaf=is_ragged)  # pyright: ignore[reportArgumentType]


def _whole(spec: Any) -> Any:
    if isinstance(spec, RowSpec):
        return RaggedTensorSpec(spec.shape, spec.dtype, 0, spec.splits)
    return ragged_spec(spec) if isinstance(spec, RaggedTensor) else spec


def ragged_spec(parts: RaggedTensor) -> RaggedTensorSpec:
    """The spec of which a RaggedTensor of specs are the parts."""
    rows = parts.row_splits.shape[0]
    sizes: list[int | None] = [None if rows is None else rows - 1]
    inner: Any = parts
    count = 0
    while isinstance(inner, RaggedTensor):
        sizes.append(inner._uniform if isinstance(inner._uniform, int) else None)
        inner, count = inner.values, count + 1
    return RaggedTensorSpec([*sizes, *inner.shape[1:]], inner.dtype, count, parts.row_splits.dtype)


class Column(ABC):
    """A component, or the components of a RaggedTensor.

    Attributes:
        spec: its shape and dtype.
        count: how many components it is.
    """

    spec: Any
    count: int

    @abstractmethod
    def batch(self, size: int | None) -> Any:
        """The specs of a batch, put together."""

    @abstractmethod
    def row(self, what: str) -> Any:
        """The specs of a row, put together."""

    @abstractmethod
    def stacked(self, index: int, rows: Sequence[Sequence[np.ndarray]]) -> list[np.ndarray]:
        """The arrays of a batch, of those of each element; `index` is that of the component."""

    @abstractmethod
    def size(self, arrays: Sequence[np.ndarray]) -> int:
        """How many rows there are."""

    @abstractmethod
    def at(self, arrays: Sequence[np.ndarray], number: int) -> list[np.ndarray]:
        """The arrays of a row."""


@dataclass(frozen=True)
class Dense(Column):
    """A tensor."""

    spec: TensorSpec
    count: int = 1

    def batch(self, size: int | None) -> Any:
        spec = self.spec
        if isinstance(spec, RowSpec):
            return RaggedTensorSpec([size, *spec.shape], spec.dtype, 1, spec.splits).__stepwell_parts__()
        return TensorSpec(None if spec.sizes is None else (size, *spec.sizes), spec.dtype)

    def row(self, what: str) -> Any:
        spec = self.spec
        if spec.sizes is not None and not spec.sizes:
            raise InvalidTypeError(f"{what}: expected tensors with at least one dimension, got a scalar")
        return TensorSpec(None if spec.sizes is None else spec.sizes[1:], spec.dtype)

    def stacked(self, index: int, rows: Sequence[Sequence[np.ndarray]]) -> list[np.ndarray]:
        parts = [part for [part] in rows]
        if isinstance(self.spec, RowSpec):
            return [np.concatenate(parts), _ends(list(map(len, parts)), self.spec.splits)]
        shapes = {part.shape for part in parts}
        if len(shapes) > 1:
            raise InvalidArgumentError(
                f"Dataset.batch: expected elements of one shape, got {sorted(map(list, shapes))} in component {index}; "
                "padded_batch pads them, ragged_batch makes RaggedTensors of them"
            )
        return [np.stack(parts)]

    def size(self, arrays: Sequence[np.ndarray]) -> int:
        return len(arrays[0])

    def at(self, arrays: Sequence[np.ndarray], number: int) -> list[np.ndarray]:
        return [arrays[0][number, ...]]


@dataclass(frozen=True)
class Ragged(Column):
    """A RaggedTensor.

    Attributes:
        lengths: which of its components are uniform row lengths; batches and rows of it have none of these.
    """

    spec: RaggedTensorSpec
    lengths: Sequence[int] = ()

    @property
    def count(self) -> int:
        return 1 + self.spec.ragged_rank + len(self.lengths)

    def without_lengths(self, parts: Sequence[Any]) -> Sequence[Any]:
        """The values and splits, of all components."""
        return [part for index, part in enumerate(parts) if index not in self.lengths] if self.lengths else parts

    def batch(self, size: int | None) -> Any:
        spec = self.spec
        whole = RaggedTensorSpec([size, *spec.shape], spec.dtype, spec.ragged_rank + 1, spec.row_splits_dtype)
        return whole.__stepwell_parts__()

    def row(self, what: str) -> Any:
        spec = self.spec
        inner = RaggedTensorSpec(spec.shape[1:], spec.dtype, spec.ragged_rank - 1, spec.row_splits_dtype)
        return _parts(inner)

    def stacked(self, index: int, rows: Sequence[Sequence[np.ndarray]]) -> list[np.ndarray]:
        rows = [self.without_lengths(row) for row in rows]
        found = [np.concatenate([row[0] for row in rows])]
        for level in range(1, 1 + self.spec.ragged_rank):
            lengths = [np.diff(row[level]) for row in rows]
            found.append(_ends(np.concatenate(lengths), self.spec.row_splits_dtype))
        return [*found, _ends([len(row[-1]) - 1 for row in rows], self.spec.row_splits_dtype)]

    def size(self, arrays: Sequence[np.ndarray]) -> int:
        return len(self.without_lengths(arrays)[-1]) - 1

    def at(self, arrays: Sequence[np.ndarray], number: int) -> list[np.ndarray]:
        arrays = self.without_lengths(arrays)
        begin, end = arrays[-1][number : number + 2]
        found = []
        for ends in reversed(arrays[1:-1]):
            own = ends[begin : end + 1]
            begin, end = own[0], own[-1]
            found.append(own - begin)
        return [arrays[0][begin:end], *reversed(found)]


def _ends(lengths: Any, dtype: DType) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(dtype.dtype)


def columns_of(specs: Any, what: str) -> Iterator[Column]:
    """The columns of a structure of specs, in order. UnsupportedError for a SparseTensor."""
    for part in optree.tree_leaves(specs, is_leaf=lambda node: isinstance(node, RaggedTensor | SparseTensor)):  # pyright: ignore
        if isinstance(part, SparseTensor):
            raise UnsupportedError(
                f"{what}: a SparseTensor in an element cannot be put into a batch or taken apart: use "
                "sw.sparse.to_dense before, or parse_example on a batch of messages"
            )
        yield Ragged(ragged_spec(part), _lengths(part)) if isinstance(part, RaggedTensor) else Dense(part)


def _lengths(part: RaggedTensor) -> tuple[int, ...]:
    """Which components of a RaggedTensor of specs are row lengths: after splits whose length is not a known number."""
    given: list[bool] = []
    inner: Any = part
    while isinstance(inner, RaggedTensor):
        given.append(inner._uniform is not None and not isinstance(inner._uniform, int))
        inner = inner.values
    found: list[int] = []
    index = 0
    for has_length in reversed(given):
        index += 1 + has_length
        if has_length:
            found.append(index)
    return tuple(found)


def as_rows(spec: Any, splits: DType) -> Any:
    """The spec of what batches of tensors of a spec, of which sizes are not known, are made of: rows."""
    if not isinstance(spec, TensorSpec) or isinstance(spec, RowSpec) or spec.sizes is None or None not in spec.sizes:
        return spec
    rank = max(axis for axis, size in enumerate(spec.sizes) if size is None)
    return RaggedTensorSpec(spec.sizes, spec.dtype, rank, splits)


def row_arrays(column: Column, array: np.ndarray) -> list[np.ndarray]:
    """A tensor as the arrays of what `as_rows` made of its spec."""
    found = []
    for axis in range(column.count - 1):
        rows = int(np.prod(array.shape[: axis + 1], dtype=np.int64))
        found.append(_ends(np.full(rows, array.shape[axis + 1]), column.spec.row_splits_dtype))
    return [array.reshape(-1, *array.shape[column.count :]), *reversed(found)]


def sizes_of(columns: Sequence[Column], arrays: Sequence[np.ndarray]) -> list[int]:
    """How many rows each column has."""
    return [column.size(own) for column, own in _own(columns, arrays)]


def row_at(columns: Sequence[Column], arrays: Sequence[np.ndarray], number: int) -> list[np.ndarray]:
    """The arrays of an element that is a row of each column."""
    return [array for column, own in _own(columns, arrays) for array in column.at(own, number)]


def _own(columns: Sequence[Column], arrays: Sequence[np.ndarray]) -> Iterator[tuple[Column, Sequence[np.ndarray]]]:
    begin = 0
    for column in columns:
        yield column, arrays[begin : begin + column.count]
        begin += column.count
