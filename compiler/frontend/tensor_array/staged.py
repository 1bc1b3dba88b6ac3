"""The elements of a TensorArray in a trace: one tensor `[size, *element]`, of which a write replaces a row.

Bufferization does such a write in place. An array that grows keeps more rows than it has elements, twice as many each
time that it is full, so that a write costs a row on average.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ....dialects.debug import OUT_OF_RANGE
from ....dialects.diagnostics import InvalidArgumentError, OutOfRangeError
from ....dialects.dtypes import INT32
from ....dialects.hl.shape import DimOp
from ..control_flow.values import add_check
from ..ops import namespace
from ..ops.arguments import Size, times
from ..ops.control_flow import for_range, while_loop
from ..tracing.tracer import current_tracer
from ..values.dispatch import apply, as_tensor, to_ssa
from ..values.tensor import Tensor
from .kind import READ_NEGATIVE, READ_OUTSIDE, WRITE_NEGATIVE, WRITE_OUTSIDE, Kind, check_shape, known_shape


@dataclass(frozen=True)
class StagedArray:
    """The rows of an array of tensors.

    Attributes:
        kind: what the array is.
        rows: a tensor whose first `size` rows are the elements; None while the shape of elements is not known.
        extent: how many elements there are, an int or an integer scalar; None: as many as rows.
    """

    kind: Kind
    rows: Tensor | None
    extent: Size | None

    @staticmethod
    def of(kind: Kind, rows: Tensor) -> StagedArray:
        """An array whose elements are the rows of a tensor."""
        return StagedArray(kind, rows, _count(rows) if kind.grows else None)

    @property
    def size(self) -> Size:
        """How many elements there are: an int, or an int32 scalar."""
        return _count(self.tensor) if self.extent is None else self.extent

    @property
    def tensor(self) -> Tensor:
        """The rows, which are there."""
        assert self.rows is not None
        return self.rows

    @property
    def element_shape(self) -> Sequence[int | None] | None:
        """What is known of the shape of the elements."""
        return self.kind.element_shape if self.rows is None else tuple(self.rows.shape[1:])

    def copied(self) -> StagedArray:
        """The array: it never changes."""
        return self

    def with_rows(self, sizes: Sequence[Size]) -> StagedArray:
        """This array with rows of zeros, if it has none yet; `sizes` are ints or scalars."""
        if self.rows is not None:
            return self
        rows = namespace().zeros([self.extent, *sizes], self.kind.dtype)
        return replace(self, rows=rows, extent=self.extent if self.kind.grows else None)

    def with_known_rows(self, method: str) -> StagedArray:
        """This array with rows, of the shape that the user has given."""
        return self if self.rows is not None else self.with_rows(known_shape(method, self.kind.element_shape))

    def write(self, index: Size, value: Tensor) -> StagedArray:
        """The array with an element set."""
        m = namespace()
        check_shape(value.shape, self.element_shape)
        if not self.kind.grows:
            _check(index, self.size, WRITE_NEGATIVE, WRITE_OUTSIDE)
        array = self.with_rows(_sizes(value, 0))
        if self.kind.grows:
            array = array._grown(index)
        rows = _adopted(array.tensor, value)
        starts = [index, *[0] * value.ndim]
        return replace(array, rows=m.dynamic_update_slice(rows, m.expand_dims(value, 0), starts))

    def read(self, index: Size) -> Tensor:
        """An element."""
        m = namespace()
        array = self.with_known_rows("read")
        _check(index, array.size, READ_NEGATIVE, READ_OUTSIDE)
        rows = array.tensor
        starts = [index, *[0] * (rows.ndim - 1)]
        return m.squeeze(m.dynamic_slice(rows, starts, [1, *_sizes(rows, 1)]), 0)

    def stack(self) -> Tensor:
        """All elements, along a new axis."""
        array = self.with_known_rows("stack")
        rows = array.tensor
        if array.extent is None or (isinstance(array.extent, int) and array.extent == rows.shape[0]):
            return rows
        rest = [None] * (rows.ndim - 1)
        return namespace().bounded(rows, [0, *rest], [array.extent, *rest])

    def concat(self) -> Tensor:
        """All elements, one behind the other."""
        stacked = self.stack()
        if stacked.ndim < 2:
            raise InvalidArgumentError("TensorArray.concat: expected elements with an axis at least, got scalars")
        count, length, *rest = _sizes(stacked, 0)
        return namespace().reshape(stacked, [times(count, length), *rest])

    def scatter(self, indices: Tensor, values: Tensor) -> StagedArray:
        """The array with several elements set."""
        if not indices.is_symbolic:
            array = self
            for position, index in enumerate(np.asarray(indices).tolist()):
                array = array.write(index, values[position])
            return array
        check_shape(values.shape[1:], self.element_shape)
        return _scattered(self.with_rows(_sizes(values, 1)), indices, values)

    def _grown(self, index: Size) -> StagedArray:
        """With a row for `index`."""
        m = namespace()
        if isinstance(index, int):
            if index < 0:
                raise OutOfRangeError("TensorArray: " + WRITE_NEGATIVE.format(index))
            needed: Size = index + 1
        else:
            _assert(m.greater_equal(index, 0), WRITE_NEGATIVE, [index], OUT_OF_RANGE)
            needed = m.add(_int32(index), 1)
        size = max(self.size, needed) if _are_ints(self.size, needed) else m.maximum(_int32(self.size), _int32(needed))
        old = self.tensor
        room = _count(old)
        if _are_ints(needed, room):
            rows = old if needed <= room else _longer(old, needed)
        else:
            rows = _until(lambda rows: m.less_equal(_int32(needed), _int32(_count(rows))), _longer, old, needed)
        return replace(self, rows=rows, extent=size)


def _are_ints(*values: object) -> bool:
    return all(isinstance(value, int) for value in values)


def _int32(value: Size) -> Tensor:
    return namespace().cast(as_tensor(value), INT32)


def _count(rows: Tensor) -> Size:
    """The number of rows: an int, or an int32 scalar."""
    return _size(rows, 0)


def _size(value: Tensor, axis: int) -> Size:
    """The size along an axis: an int, or an int32 scalar."""
    known = value.shape[axis]
    return known if known is not None else apply(DimOp, value, axis=axis, dtype=INT32)


def _sizes(value: Tensor, first: int) -> list[Size]:
    """The sizes from axis `first` on."""
    return [_size(value, axis) for axis in range(first, value.ndim)]


def _until(holds: Callable[[Tensor], Tensor], change: Callable[..., Tensor], rows: Tensor, *arguments: Size) -> Tensor:
    """`rows`, changed once unless they are as they should be.

    That is a loop and not a branch, because a loop hands on the memory of what it carries: where nothing changes,
    nothing is copied.
    """
    return while_loop(lambda r: namespace().logical_not(holds(r)), lambda r: [change(r, *arguments)], [rows])[0]


def _longer(rows: Tensor, needed: Size) -> Tensor:
    """`rows` with zeros behind: twice as many, or as many as are needed."""
    m = namespace()
    room = _count(rows)
    if _are_ints(room, needed):
        more: Size = max(needed, 2 * room) - room
    else:
        more = m.subtract(m.maximum(_int32(needed), m.multiply(_int32(room), 2)), _int32(room))
    return m.concat([rows, m.zeros([more, *_sizes(rows, 1)], rows.dtype)], 0)


def _adopted(rows: Tensor, value: Tensor) -> Tensor:
    """`rows` where their shape is that of `value`, as far as that is known at run time only.

    An array that a loop carries has rows without elements until the first write says how many there are; then it gets
    new ones. Rows that have elements stay, and a value of another shape is an error.
    """
    m = namespace()
    unknown = [axis for axis in range(value.ndim) if None in (rows.shape[axis + 1], value.shape[axis])]
    for axis in unknown:
        size, expected = _size(value, axis), rows.shape[axis + 1]
        if expected is not None:
            text = f"Incompatible shape for value: axis {axis} has size {{0}}, expected {{1}}"
            _assert(m.equal(size, expected), text, [size, expected])
    unknown = [axis for axis in unknown if rows.shape[axis + 1] is None]
    if not unknown:
        return rows

    def same(rows: Tensor) -> Tensor:
        return _all([m.equal(_size(rows, axis + 1), _size(value, axis)) for axis in unknown])

    def fresh(rows: Tensor) -> Tensor:
        some = _all([m.not_equal(_size(rows, axis + 1), 0) for axis in unknown])
        text = "Incompatible shape for value: elements that were written before have another shape"
        _assert(m.logical_not(some), text, [])
        return m.zeros([_count(rows), *_sizes(value, 0)], value.dtype)

    return _until(same, fresh, rows)


def _all(conditions: Sequence[Tensor]) -> Tensor:
    return functools.reduce(namespace().logical_and, conditions)


def _check(index: Size, size: Size, negative: str, outside: str) -> None:
    """OutOfRangeError, now or when the program runs, unless `index` is that of an element."""
    m = namespace()
    if isinstance(index, int) and index < 0:
        raise OutOfRangeError("TensorArray: " + negative.format(index))
    if _are_ints(index, size):
        if index >= size:
            raise OutOfRangeError("TensorArray: " + outside.format(index, size))
        return
    inside = m.logical_and(m.greater_equal(_int32(index), 0), m.less(_int32(index), _int32(size)))
    _assert(inside, outside, [index, size], OUT_OF_RANGE)


def _assert(condition: Tensor, text: str, values: Sequence[Size], kind: str = "") -> None:
    tracer = current_tracer()
    assert tracer is not None
    shown = [to_ssa(as_tensor(value)) for value in values]
    add_check(tracer, to_ssa(as_tensor(condition)), "TensorArray: " + text, shown, kind)


def _scattered(array: StagedArray, indices: Tensor, values: Tensor) -> StagedArray:
    """`scatter` at indices that are known at run time only: a loop of writes."""
    carried = [array.rows, array.extent] if array.kind.grows else [array.rows]

    def body(position: Tensor, rows: Tensor, *extent: Tensor) -> list[Size | None]:
        before = StagedArray(array.kind, rows, extent[0] if extent else None)
        after = before.write(indices[position], values[position])
        return [after.rows, after.extent] if extent else [after.rows]

    rows, *extent = for_range(0, _count(indices), 1, body, carried)
    return StagedArray(array.kind, rows, extent[0] if extent else None)
