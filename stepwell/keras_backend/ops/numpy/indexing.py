"""Elements by their indices, diagonals and triangles."""

from __future__ import annotations

from typing import Any

from keras.src.backend.common.backend_utils import canonicalize_axis

import stepwell as sw

from ..core import convert_to_tensor, shape
from .operands import dtype_name, flat_or, rank, summands
from .shapes import moveaxis


def take(x: Any, indices: Any, axis: int | None = None) -> sw.Tensor:
    """The elements at indices along an axis; negative ones count from the end."""
    x, along = flat_or(convert_to_tensor(x), axis)
    return sw.gather(x, _from_the_start(indices, shape(x)[along]), axis=along)


def _from_the_start(indices: Any, size: Any) -> sw.Tensor:
    """Indices with those that are negative counted from the end."""
    indices = convert_to_tensor(indices)
    if dtype_name(indices) not in ("int32", "int64"):
        indices = sw.cast(indices, "int64" if dtype_name(indices).endswith("32") else "int32")
    return sw.where(sw.less(indices, 0), indices + sw.cast(size, indices.dtype), indices)


def take_along_axis(x: Any, indices: Any, axis: int | None = None) -> sw.Tensor:
    """The elements at indices along an axis, which are others at each place of the other axes."""
    x, indices = convert_to_tensor(x), convert_to_tensor(indices)
    if axis is None:
        if rank(indices) != 1:
            raise ValueError(f"`indices` must be 1D if axis=None. Received: indices.shape={indices.shape}")
        return take(x, indices)
    if not -rank(x) <= axis < rank(x):
        raise ValueError(f"Invalid axis: {axis} for input rank: {rank(x)}")
    along = canonicalize_axis(axis, rank(x))
    x, indices = moveaxis(x, along, -1), moveaxis(_from_the_start(indices, shape(x)[along]), along, -1)
    common = _common_sizes(x, indices)
    x = sw.broadcast_to(x, [*common, shape(x)[-1]])
    indices = sw.broadcast_to(indices, [*common, shape(indices)[-1]])
    return moveaxis(sw.gather(x, indices, batch_dims=len(common)), -1, along)


def _common_sizes(x: sw.Tensor, y: sw.Tensor) -> list[Any]:
    """The sizes of all axes but the last, broadcast."""
    return [_common_size(one, other) for one, other in zip(shape(x)[:-1], shape(y)[:-1], strict=True)]


def _common_size(one: Any, other: Any) -> Any:
    """Two sizes broadcast, of which one known to be other than 1 is the result."""
    if isinstance(one, int):
        return other if one == 1 else one
    if isinstance(other, int):
        return one if other == 1 else other
    return sw.maximum(one, other)


def nonzero(x: Any) -> tuple[sw.Tensor, ...]:
    """The indices of the elements that are not 0, axis by axis."""
    x = convert_to_tensor(x, "bool")
    at = sw.cast(sw.where(x), "int32")
    return tuple(at[:, axis] for axis in range(rank(x)))


def diag(x: Any, k: int = 0) -> sw.Tensor:
    """A matrix with a vector on a diagonal, or the diagonal of a matrix."""
    x = convert_to_tensor(x)
    if rank(x) == 1:
        return sw.linalg.diag(x, k=k)
    if rank(x) == 2:
        return diagonal(x, k)
    raise ValueError(f"`x` must be 1d or 2d. Received: x.shape={x.shape}")


def diagflat(x: Any, k: int = 0) -> sw.Tensor:
    """A matrix with all elements on a diagonal."""
    return diag(sw.reshape(convert_to_tensor(x), [-1]), k)


def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> sw.Tensor:
    """The elements on a diagonal of two axes, along the last axis."""
    x = moveaxis(x, (axis1, axis2), (-2, -1))
    rows, columns = shape(x)[-2:]
    first_row, first_column = max(-offset, 0), max(offset, 0)
    smaller = min if isinstance(rows, int) and isinstance(columns, int) else sw.minimum
    larger = max if smaller is min else sw.maximum
    count = larger(smaller(rows - first_row, columns - first_column), 0)
    at = sw.range(count)
    places = (at + first_row) * columns + at + first_column
    return sw.gather(sw.reshape(x, [*shape(x)[:-2], rows * columns]), places, axis=-1)


def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> sw.Tensor:
    """The sum of the elements on a diagonal of two axes."""
    return sw.reduce_sum(diagonal(summands(x), offset, axis1, axis2), axis=-1)


def tril(x: Any, k: Any = 0) -> sw.Tensor:
    """`x` with zeros above a diagonal."""
    x = convert_to_tensor(x)
    rows, columns = _row_and_column_numbers(x)
    return sw.where(sw.less_equal(columns, rows + k), x, sw.zeros([], x.dtype))


def triu(x: Any, k: Any = 0) -> sw.Tensor:
    """`x` with zeros below a diagonal."""
    x = convert_to_tensor(x)
    rows, columns = _row_and_column_numbers(x)
    return sw.where(sw.greater_equal(columns, rows + k), x, sw.zeros([], x.dtype))


def _row_and_column_numbers(x: sw.Tensor) -> tuple[sw.Tensor, sw.Tensor]:
    """The numbers of rows in a column, and of columns."""
    return sw.expand_dims(sw.range(shape(x)[-2]), 1), sw.range(shape(x)[-1])


def unravel_index(indices: Any, shape: Any) -> tuple[sw.Tensor, ...]:
    """Indices of a flat tensor as indices of one of a shape, axis by axis."""
    indices = convert_to_tensor(indices)
    if None in shape:
        raise ValueError(f"`shape` argument cannot contain `None`. Received: shape={shape}")
    result: list[sw.Tensor] = []
    for size in reversed(list(shape)):
        divisor = sw.cast(size, indices.dtype)
        result.insert(0, sw.math.floormod(indices, divisor))
        indices = sw.math.floordiv(indices, divisor)
    return tuple(result)
