"""Elements put together to batches, and batches taken apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from ....compiler.frontend.tracing.signature import TensorSpec
from ....compiler.frontend.tracing.tensor_shape import TensorShape
from ....compiler.frontend.values.dispatch import as_tensor
from ....compiler.frontend.values.tensor import Tensor
from ....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ....dialects.dtypes import DType
from ..columns import Column, Ragged, as_rows, row_arrays, row_at, sizes_of
from ..indexed import Indexed
from ..node import INFINITE, UNKNOWN, Iteration, Node, OverOne, State
from ..parameters import Number, known, number
from ..structure import Element, Structure, array_of
from .sources import Slices


@dataclass(eq=False)
class Batch(Node):
    """So many elements along a new first axis."""

    source: Node
    size: Number
    drop: bool

    def __post_init__(self) -> None:
        self.size = number("Dataset.batch: batch_size", self.size, 1)
        first = known(self.size) if self.drop else None
        self.structure = self.source.structure.with_columns(lambda column: column.batch(first), "Dataset.batch")

    def cardinality(self) -> int:
        return batches(self.source.cardinality(), self.size, self.drop)

    def indexed(self) -> Indexed | None:
        found = self.source.indexed() if isinstance(self.size, int) else None
        return None if found is None else found.batched(int(self.size), self.drop)

    def start(self) -> Iteration:
        if isinstance(self.source, Slices) and self.source.is_dense:
            return _Sliced(self.source.arrays, int(self.size), self.drop)
        return _Batched(self.source.start(), int(self.size), self.drop, stacking(self.source.structure))


def batches(count: int, size: Number, drop: bool) -> int:
    """How many batches there are of so many elements."""
    if not isinstance(size, int):
        return UNKNOWN
    return count if count < 0 else count // size if drop else -(-count // size)


class _Sliced(Iteration):
    """Parts of arrays that follow each other, which are views of them."""

    def __init__(self, arrays: Sequence[np.ndarray], size: int, drop: bool):
        self._arrays, self._size, self._drop = arrays, size, drop
        self._number = 0

    def __next__(self) -> Element:
        begin, count = self._number, len(self._arrays[0])
        if begin >= count or (self._drop and begin + self._size > count):
            raise StopIteration
        self._number = min(begin + self._size, count)
        return [Tensor(array[begin : self._number]) for array in self._arrays]

    def state(self) -> State:
        return self._number

    def restore(self, state: State) -> None:
        self._number = state

    def close(self) -> None:
        """Nothing is held."""


Together: TypeAlias = Callable[[list[list[np.ndarray]]], list[np.ndarray]]
"""What makes the arrays of a batch of those of its elements."""


class _Batched(OverOne):
    """Takes elements, and makes one of their arrays."""

    def __init__(self, source: Iteration, size: int, drop: bool, together: Together):
        super().__init__(source)
        self._size, self._drop, self._together = size, drop, together

    def __next__(self) -> Element:
        rows = next_rows(self.source, self._size)
        if not rows or (self._drop and len(rows) < self._size):
            raise StopIteration
        return list(map(Tensor, self._together([list(map(array_of, row)) for row in rows])))


def next_rows(source: Iteration, count: int) -> list[Element]:
    """The next elements, fewer than asked for at the end."""
    rows: list[Element] = []
    while len(rows) < count:
        try:
            rows.append(next(source))
        except StopIteration:
            break
    return rows


def stacking(structure: Structure) -> Together:
    """What makes a batch of elements of a structure."""
    columns = structure.columns("Dataset.batch")

    def together(rows: list[list[np.ndarray]]) -> list[np.ndarray]:
        found: list[np.ndarray] = []
        begin = 0
        for column in columns:
            end = begin + column.count
            found += column.stacked(begin, [row[begin:end] for row in rows])
            begin = end
        return found

    return together


@dataclass(eq=False)
class Rows(Node):
    """Tensors of which sizes are not known, as rows: batches of them are RaggedTensors."""

    source: Node
    splits: DType

    def __post_init__(self) -> None:
        what = "Dataset.ragged_batch"
        self._columns = self.source.structure.columns(what)
        self.structure = self.source.structure.with_columns(self._changed, what)

    def _changed(self, column: Column) -> Any:
        return column.spec if isinstance(column, Ragged) else as_rows(column.spec, self.splits)

    def start(self) -> Iteration:
        return _Rows(self.source.start(), self._columns, self.structure.columns("Dataset.ragged_batch"))


class _Rows(OverOne):
    def __init__(self, source: Iteration, before: Sequence[Column], after: Sequence[Column]):
        super().__init__(source)
        self._before, self._after = before, after

    def __next__(self) -> Element:
        parts, found = list(next(self.source)), []
        for one, other in zip(self._before, self._after, strict=True):
            own, parts = parts[: one.count], parts[one.count :]
            if isinstance(one, Ragged):
                found += one.without_lengths(own)
            elif one.count == other.count:
                found += own
            else:
                found += map(Tensor, row_arrays(other, array_of(own[0])))
        return found


@dataclass(eq=False)
class PaddedBatch(Node):
    """So many elements along a new first axis, each filled up to a common shape.

    Attributes:
        shapes: what each component is filled up to; a size of None is the largest in the batch.
        values: what each is filled with.
    """

    source: Node
    size: Number
    shapes: list[Sequence[int | None]]
    values: list[Tensor]
    drop: bool

    def __post_init__(self) -> None:
        self.size = number("Dataset.padded_batch: batch_size", self.size, 1)
        first = known(self.size) if self.drop else None
        specs = self.source.structure.specs
        filled = [TensorSpec((first, *shape), spec.dtype) for shape, spec in zip(self.shapes, specs, strict=True)]
        self.structure = Structure(self.source.structure.tree, tuple(filled))

    def cardinality(self) -> int:
        return batches(self.source.cardinality(), self.size, self.drop)

    def start(self) -> Iteration:
        return _Batched(self.source.start(), int(self.size), self.drop, self._together)

    def _together(self, rows: list[list[np.ndarray]]) -> list[np.ndarray]:
        return [self._filled(index, list(column)) for index, column in enumerate(zip(*rows, strict=True))]

    def _filled(self, index: int, parts: list[np.ndarray]) -> np.ndarray:
        shape = [
            max(part.shape[axis] for part in parts) if size is None else size
            for axis, size in enumerate(self.shapes[index])
        ]
        found = np.full((len(parts), *shape), array_of(self.values[index]), parts[0].dtype)
        for row, part in enumerate(parts):
            if any(map(int.__gt__, part.shape, shape)):
                raise InvalidArgumentError(
                    f"Dataset.padded_batch: padded_shapes: expected at least the shape of each element, got {shape} "
                    f"for component {index} of shape {list(part.shape)}"
                )
            found[(row, *map(slice, part.shape), ...)] = part
        return found


def padded_batch(source: Node, size: Any, shapes: Any, values: Any, drop: bool) -> PaddedBatch:
    """The node of what a user says of shapes and values."""
    what, structure = "Dataset.padded_batch", source.structure
    structure.with_specs(lambda spec: spec, what)
    given = [spec.shape for spec in structure.specs] if shapes is None else structure.flat(shapes)
    filled = [_padded_shape(*pair) for pair in zip(structure.specs, given, strict=True)]
    alike = not isinstance(values, tuple | dict)
    fills = [values] * len(filled) if alike else structure.flat(values)
    return PaddedBatch(source, size, filled, list(map(_padding, structure.specs, fills)), drop)


def _padded_shape(spec: TensorSpec, given: Any) -> Sequence[int | None]:
    what = "Dataset.padded_batch: padded_shapes"
    if isinstance(given, Tensor | np.ndarray):
        given = np.asarray(given).tolist()
    sizes = [None if size == -1 else size for size in given] if isinstance(given, list | tuple) else given
    shape = TensorShape(sizes)
    if shape.rank is None:
        raise InvalidArgumentError(f"{what}: expected shapes of known rank, got {shape} for {spec}")
    if spec.shape.rank not in (None, shape.rank):
        raise InvalidArgumentError(f"{what}: expected rank {spec.shape.rank} for {spec}, got {shape}")
    for size, least in zip(shape, spec.shape if spec.shape.rank is not None else (), strict=False):
        if size is not None and least is not None and size < least:
            raise InvalidArgumentError(f"{what}: expected at least {spec.shape} for {spec}, got {shape}")
    return tuple(shape)


def _padding(spec: TensorSpec, value: Any) -> Tensor:
    what = "Dataset.padded_batch: padding_values"
    if value is None:
        return Tensor(np.zeros((), spec.dtype.dtype)) if spec.dtype.name != "string" else as_tensor("")
    found = as_tensor(value, None if isinstance(value, Tensor | np.ndarray | np.generic) else spec.dtype, what)
    if found.dtype != spec.dtype or found.shape.rank != 0:
        raise InvalidTypeError(f"{what}: expected a scalar of {spec.dtype.name} for {spec}, got {value!r}")
    return found


@dataclass(eq=False)
class Unbatch(Node):
    """The parts of each element along its first axis."""

    source: Node

    def __post_init__(self) -> None:
        what = "Dataset.unbatch"
        self.structure = self.source.structure.with_columns(lambda column: column.row(what), what)

    def cardinality(self) -> int:
        specs = [column.spec for column in self.source.structure.columns("Dataset.unbatch")]
        sizes = {spec.shape[0] for spec in specs if spec.shape.rank}
        count = self.source.cardinality()
        (size,) = sizes if len(sizes) == 1 else (None,)
        return UNKNOWN if size is None else count if count < 0 else count * size

    def start(self) -> Iteration:
        return _Unbatched(self.source.start(), self.source.structure.columns("Dataset.unbatch"))


class _Unbatched(OverOne):
    def __init__(self, source: Iteration, columns: Sequence[Column]):
        super().__init__(source)
        self._columns = columns
        self._arrays: list[np.ndarray] = []
        self._number = self._count = 0

    def __next__(self) -> Element:
        while self._number >= self._count:
            self._begin(list(map(array_of, next(self.source))), 0)
        self._number += 1
        return [Tensor(array) for array in row_at(self._columns, self._arrays, self._number - 1)]

    def _begin(self, arrays: list[np.ndarray], number: int) -> None:
        sizes = sorted(set(sizes_of(self._columns, arrays))) if arrays else [0]
        if len(sizes) > 1:
            raise InvalidArgumentError(f"Dataset.unbatch: expected components of one first size, got {sizes}")
        self._arrays, self._number, self._count = arrays, number, sizes[0]

    def state(self) -> State:
        return [super().state(), self._arrays, self._number]

    def restore(self, state: State) -> None:
        super().restore(state[0])
        self._begin(list(state[1]), state[2])


@dataclass(eq=False)
class Rebatch(Node):
    """The rows of all batches, in batches of other sizes, which are taken in turn."""

    source: Node
    sizes: list[Number]
    drop: bool

    def __post_init__(self) -> None:
        self.sizes = [number("Dataset.rebatch: batch_size", size, 1) for size in self.sizes]
        first = known(self.sizes[0]) if self.drop and len(self.sizes) == 1 else None
        what = "Dataset.rebatch"
        rows = self.source.structure.with_columns(lambda column: column.row(what), what)
        self.structure = rows.with_columns(lambda column: column.batch(first), what)

    def cardinality(self) -> int:
        count = Unbatch(self.source).cardinality()
        return (
            batches(count, self.sizes[0], self.drop)
            if len(self.sizes) == 1
            else INFINITE
            if count == INFINITE
            else UNKNOWN
        )

    def start(self) -> Iteration:
        rows = Unbatch(self.source)
        return _Rebatched(rows.start(), self, stacking(rows.structure))


class _Rebatched(OverOne):
    def __init__(self, source: Iteration, node: Rebatch, together: Together):
        super().__init__(source)
        self._node, self._number, self._together = node, 0, together

    def __next__(self) -> Element:
        sizes = self._node.sizes
        size = int(sizes[self._number % len(sizes)])
        self._number += 1
        return next(_Batched(self.source, size, self._node.drop, self._together))

    def state(self) -> State:
        return [self._number, super().state()]

    def restore(self, state: State) -> None:
        self._number = state[0]
        super().restore(state[1])
