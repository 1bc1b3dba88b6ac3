"""Public functions that read and add at computed places, and tensors made of indices."""

from __future__ import annotations

import builtins

import numpy as np

from ....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ....dialects.dtypes import BOOL, FLOAT32, DTypeLike, dtype_named
from ....dialects.hl.counting import OneHotOp, RangeOp
from ....dialects.hl.index import GatherNdOp, GatherOp
from ....dialects.public import public
from ..values.dispatch import apply, as_tensor
from ..values.tensor import Tensor, TensorLike
from .arguments import axis_of, indices_tensor, size_along, size_of, split_sizes
from .movement import concat
from .select import cast, where
from .shape import broadcast_like, expand_dims, reshape
from .slicing import bounded

_ORDER = ("int32", "int64", "float16", "bfloat16", "float32", "float64")


@public(top=True)
def gather(
    params: TensorLike,
    indices: TensorLike,
    validate_indices: bool | None = None,
    axis: int | None = None,
    batch_dims: int = 0,
    name: str | None = None,
) -> Tensor:
    """The parts of `params` along `axis` that `indices` name. An index out of range is an error, also a negative one.

    Args:
        params: what to read from.
        indices: integers of any shape, which replaces `axis` in that of the result.
        validate_indices: not used; indices are always checked.
        axis: the axis; without it, `batch_dims`.
        batch_dims: how many first axes of `params` and `indices` go together.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.gather([10, 20, 30], [2, 0]).numpy().tolist()
        [30, 10]
    """
    x, places = as_tensor(params, name="gather: params"), indices_tensor("gather", indices)
    batch = axis_of("gather", batch_dims, places.ndim + 1, "batch_dims") if batch_dims else 0
    number = batch if axis is None else axis_of("gather", axis, x.ndim)
    return apply(GatherOp, x, places, axis=number, batch_dims=batch)


@public(top=True)
def gather_nd(params: TensorLike, indices: TensorLike, batch_dims: int = 0, name: str | None = None) -> Tensor:
    """The parts of `params` at the indices in the last axis of `indices`.

    Example:
        >>> import stepwell as sw
        >>> sw.gather_nd([[1, 2], [3, 4]], [[0, 1], [1, 0]]).numpy().tolist()
        [2, 3]
    """
    x, places = as_tensor(params, name="gather_nd: params"), indices_tensor("gather_nd", indices)
    if batch_dims:
        places = _with_batches(places, axis_of("gather_nd", batch_dims, places.ndim, "batch_dims"))
    return apply(GatherNdOp, x, places, count=place_size("gather_nd", places))


def place_size(function: str, places: Tensor) -> int:
    """How many indices a place has: the size of the last axis."""
    count = places.shape[-1] if places.ndim else None
    if count is None:
        raise InvalidArgumentError(f"{function}: indices: expected a last axis of known size, got {places!r}")
    return count


def batch_indices(indices: TensorLike, batch_dims: int) -> Tensor:
    """Single indices as places: a last axis holds the numbers along the first `batch_dims` axes, and the index.

    Example:
        >>> import stepwell as sw
        >>> from stepwell.compiler.frontend.ops.index import batch_indices
        >>> batch_indices(sw.constant([5, 7]), 1).numpy().tolist()
        [[0, 5], [1, 7]]
    """
    return _with_batches(expand_dims(indices, -1), batch_dims)


def _with_batches(places: Tensor, batch_dims: int) -> Tensor:
    """`places` with the numbers along the first `batch_dims` axes before those in their last axis."""
    if not batch_dims:
        return places
    one = bounded(places, [None] * places.ndim, [*[None] * (places.ndim - 1), 1])
    columns = []
    for axis in builtins.range(batch_dims):
        numbers = range(0, cast(size_along(places, axis), places.dtype), 1, dtype=places.dtype)
        shape = [1] * places.ndim
        shape[axis] = -1
        columns.append(broadcast_like(reshape(numbers, shape), one))
    return concat([*columns, places], -1)


@public(top=True)
def one_hot(
    indices: TensorLike,
    depth: TensorLike,
    on_value: TensorLike | None = None,
    off_value: TensorLike | None = None,
    axis: int | None = None,
    dtype: DTypeLike | None = None,
    name: str | None = None,
) -> Tensor:
    """`on_value` at the positions along a new axis of size `depth` that `indices` name, `off_value` elsewhere.

    Args:
        indices: integers; for one out of range the result is `off_value` everywhere.
        depth: the size of the new axis.
        on_value: 1 if not given.
        off_value: 0 if not given.
        axis: which axis of the result is new; the last if not given.
        dtype: the result's, if the values do not say it: float32 if not given.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.one_hot([2, 0], 3).numpy().tolist()
        [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    places = indices_tensor("one_hot", indices)
    number = axis_of("one_hot", -1 if axis is None else axis, places.ndim + 1)
    static, dynamic = split_sizes([size_of("one_hot", depth, "depth")])
    wanted = None if dtype is None else dtype_named(dtype, "one_hot: dtype")
    if on_value is None and off_value is None:
        target = wanted or FLOAT32
        if not OneHotOp.takes(target):
            return cast(apply(OneHotOp, places, *dynamic, depth=static[0], axis=number, dtype=BOOL), target)
        return apply(OneHotOp, places, *dynamic, depth=static[0], axis=number, dtype=target)
    values = [None if v is None else as_tensor(v, wanted, "one_hot: value") for v in (on_value, off_value)]
    target = next(value.dtype for value in values if value is not None)
    on, off = (as_tensor(np.array(d, target)) if v is None else v for v, d in zip(values, (1, 0)))
    if on.dtype != off.dtype:
        dtypes = f"on_value {on.dtype.name} and off_value {off.dtype.name}"
        raise InvalidTypeError(f"one_hot: expected one dtype, got {dtypes}")
    hit = apply(OneHotOp, places, *dynamic, depth=static[0], axis=number, dtype=BOOL)
    return where(hit, on, off)


@public(top=True)
def range(
    start: TensorLike,
    limit: TensorLike | None = None,
    delta: TensorLike = 1,
    dtype: DTypeLike | None = None,
    name: str | None = None,
) -> Tensor:
    """`start`, `start + delta` … up to, and without, `limit`; with one argument from 0 up to that.

    Example:
        >>> import stepwell as sw
        >>> sw.range(2, 10, 3).numpy().tolist()
        [2, 5, 8]
    """
    if limit is None:
        start, limit = 0, start
    parts = [as_tensor(value, name=f"range: {what}") for value, what in zip((start, limit, delta), _RANGE)]
    for part, what in zip(parts, _RANGE):
        if part.ndim or part.dtype.name not in _ORDER:
            raise InvalidTypeError(f"range: {what}: expected a number, got {part!r}")
    target = (
        max((part.dtype.name for part in parts), key=_ORDER.index)
        if dtype is None
        else dtype_named(dtype, "range: dtype")
    )
    return apply(RangeOp, *[cast(part, target) for part in parts])


_RANGE = ("start", "limit", "delta")
