"""`ragged.constant`: RaggedTensors of nested lists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from .....dialects.dtypes import FLOAT32, INT64, DType, DTypeLike, dtype_named
from .....dialects.public import public
from ...values.dispatch import as_tensor
from ...values.tensor import Tensor
from ..arguments import shown
from . import splits as rows_
from .tensor import RaggedTensor


@public("ragged")
def constant(
    pylist: Any,
    dtype: DTypeLike | None = None,
    ragged_rank: int | None = None,
    inner_shape: Sequence[int] | None = None,
    name: str | None = None,
    row_splits_dtype: DTypeLike = INT64,
) -> RaggedTensor | Tensor:
    """The RaggedTensor of nested lists.

    Args:
        pylist: lists, or tuples or arrays, of numbers or strings, all nested equally deep.
        dtype: the dtype; by default that of a tensor of the numbers.
        ragged_rank: how many axes are partitioned, so that rows within them are equally long; all but the first one by
            default, less those of `inner_shape`.
        inner_shape: the shape of each value.
        name: not used.
        row_splits_dtype: int32 or int64.

    Returns:
        A RaggedTensor; a tensor if no axis is ragged.

    Example:
        >>> import stepwell as sw
        >>> sw.ragged.constant([[1, 2], [3]])
        <tf.RaggedTensor [[1, 2], [3]]>
    """
    wanted = None if dtype is None else dtype_named(dtype, "ragged.constant: dtype")
    splits_dtype = rows_.splits_dtype("ragged.constant", row_splits_dtype)
    lists = _lists(pylist)
    depths = _depths(lists)
    depth, deepest = min(depths, default=None), max(depths, default=None)
    if depth is not None and deepest is not None and (depth != deepest):
        raise InvalidArgumentError("ragged.constant: pylist: expected all values to be nested equally deep")
    levels = _levels(lists, depth, deepest)
    if depth is None and ragged_rank is not None:  # without values, lists may be nested deeper than they are
        levels = max(levels, ragged_rank + 1 + _count(inner_shape))
    inner = _inner_shape(lists, levels, ragged_rank, inner_shape)
    rank = levels - 1 - len(inner) if ragged_rank is None else ragged_rank
    if levels == 0 or rank <= 0:
        return _tensor(lists, wanted, inner if levels else ())
    nested = []
    for _ in range(rank):
        nested.append(np.cumsum([0, *[len(row) for row in lists]], dtype=splits_dtype))
        lists = [item for row in lists for item in row]
    values: Any = _flat_values(lists, inner, wanted)
    for ends in reversed(nested):
        values = RaggedTensor._of(values, Tensor(ends))
    return values


def _lists(value: Any) -> Any:
    """Lists in place of arrays and tuples."""
    if isinstance(value, Tensor):
        raise InvalidTypeError("ragged.constant: pylist: expected lists of numbers or strings, got a tensor")
    if isinstance(value, np.ndarray):
        value = value.tolist() if value.dtype == object or value.ndim == 0 else list(value)
    return [_lists(item) for item in value] if isinstance(value, list | tuple) else value


def _depths(value: Any) -> set[int]:
    """How deep values are nested."""
    return {1 + depth for item in value for depth in _depths(item)} if isinstance(value, list) else {0}


def _list_depth(value: Any) -> int:
    return 1 + max(map(_list_depth, value), default=0) if isinstance(value, list) else 0


def _levels(lists: Any, depth: int | None, deepest: int | None) -> int:
    """How many axes there are: of lists without values, as many as there are lists in lists."""
    found = _list_depth(lists)
    if deepest is not None and found > deepest:
        raise InvalidArgumentError("ragged.constant: pylist: expected all values to be nested equally deep")
    return found if depth is None else depth


def _count(shape: Any) -> int:
    return 0 if shape is None else 1 if isinstance(shape, int | np.integer) else len(shape)


def _inner_shape(lists: Any, levels: int, rank: int | None, shape: Sequence[int] | None) -> tuple[int, ...]:
    """The shape of each value."""
    if shape is not None:
        inner = (int(shape),) if isinstance(shape, int | np.integer) else tuple(int(size) for size in shape)
        if rank is not None and rank + 1 + len(inner) != levels:
            text = f"expected ragged_rank {levels - 1 - len(inner)} for lists nested {levels} deep, got {rank}"
            raise InvalidArgumentError(f"ragged.constant: ragged_rank: {text}")
        if levels - 1 - len(inner) < 0:
            raise InvalidArgumentError(
                f"ragged.constant: inner_shape: expected at most {levels - 1} sizes, got {inner}"
            )
        return inner
    if rank is None:
        return ()
    if not 0 <= rank < max(levels, 1):
        text = f"expected 0 to {max(levels, 1) - 1} for lists nested {levels} deep, got {rank}"
        raise InvalidArgumentError(f"ragged.constant: ragged_rank: {text}")
    return _shape_below(lists, rank + 1, levels)


def _shape_below(lists: Any, depth: int, levels: int) -> tuple[int, ...]:
    """The sizes of what is nested deeper, which is equally long everywhere."""
    items = [lists]
    for _ in range(depth):
        items = [inner for item in items for inner in item]
    found = []
    for _ in range(levels - depth):
        sizes = {len(item) for item in items}
        if len(sizes) > 1:
            raise InvalidArgumentError(
                f"ragged.constant: pylist: expected inner values of one shape, got sizes {sizes}"
            )
        found.append(sizes.pop() if sizes else 0)
        items = [inner for item in items for inner in item]
    return tuple(found)


def _flat_values(items: list[Any], inner: tuple[int, ...], dtype: DType | None) -> Tensor:
    if not items or not any(True for _ in _scalars(items)):
        return Tensor(_empty((len(items), *inner), dtype))
    found = _tensor(items, dtype, ())
    if tuple(found.shape[1:]) != inner:
        text = f"expected values of shape {inner}, got {tuple(found.shape[1:])}"
        raise InvalidArgumentError(f"ragged.constant: inner_shape: {text}")
    return found


def _scalars(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for item in value:
            yield from _scalars(item)
    else:
        yield value


def _empty(shape: tuple[int, ...], dtype: DType | None) -> np.ndarray:
    return np.zeros(shape, dtype or FLOAT32)


def _tensor(value: Any, dtype: DType | None, inner: tuple[int, ...]) -> Tensor:
    if isinstance(value, list) and not any(True for _ in _scalars(value)):
        return Tensor(_empty((len(value), *inner), dtype))
    kinds = {isinstance(item, str | bytes) for item in _scalars(value)}
    if len(kinds) > 1:
        raise InvalidTypeError(f"ragged.constant: pylist: expected numbers or strings, got both in {shown(value)}")
    return as_tensor(value, dtype, "ragged.constant: pylist")
