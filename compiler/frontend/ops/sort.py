"""Public functions that sort."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.dtypes import DTypeLike
from ....dialects.hl.sort import ArgsortOp
from ....dialects.public import public
from ..values.dispatch import apply, as_tensor
from ..values.tensor import Tensor, TensorLike
from .arguments import axis_of, choice_of, flag_of, size_of
from .index import gather
from .select import cast
from .shape import transpose
from .slicing import slice as slice_

_DIRECTIONS = ("ASCENDING", "DESCENDING")


@public(top=True)
def argsort(
    values: TensorLike, axis: int = -1, direction: str = "ASCENDING", stable: bool = False, name: str | None = None
) -> Tensor:
    """The indices of the elements along `axis` in order, as int32; of equal ones in their own order.

    NaN is greater than every number. `stable` changes nothing: the order always is.

    Example:
        >>> import stepwell as sw
        >>> sw.argsort([3, 1, 2, 1]).numpy().tolist()
        [1, 3, 2, 0]
    """
    value = as_tensor(values, name="argsort: values")
    flag_of("argsort", stable, "stable")
    return _order("argsort", value, axis, direction)


@public(top=True)
def sort(values: TensorLike, axis: int = -1, direction: str = "ASCENDING", name: str | None = None) -> Tensor:
    """The elements along `axis` in order, `"ASCENDING"` or `"DESCENDING"`. NaN is greater than every number.

    Example:
        >>> import stepwell as sw
        >>> sw.sort([3, 1, 2], direction="DESCENDING").numpy().tolist()
        [3, 2, 1]
    """
    value = as_tensor(values, name="sort: values")
    return _taken(value, _order("sort", value, axis, direction), axis_of("sort", axis, len(value.shape)))


@public("types")
class TopKV2(NamedTuple):
    """The result of `top_k`.

    Attributes:
        values: the largest elements of each row.
        indices: the index in its row of each of them.
    """

    values: Tensor
    indices: Tensor


@public("math", "nn")
def top_k(
    input: TensorLike, k: TensorLike = 1, sorted: bool = True, index_type: DTypeLike = np.int32, name: str | None = None
) -> TopKV2:
    """The `k` greatest elements of each row, the last axis, greatest first, and their indices.

    Args:
        input: numbers, with an axis at least; NaN is greater than every number.
        k: how many, at most as many as a row has.
        sorted: whether their order matters; they are in order anyway.
        index_type: the dtype of the indices, int32 or int64.

    Returns:
        values and indices. Of equal elements those with a lower index come first.

    Example:
        >>> import stepwell as sw
        >>> values, indices = sw.math.top_k([1.0, 4.0, 2.0], k=2)
        >>> values.numpy().tolist(), indices.numpy().tolist()
        ([4.0, 2.0], [1, 2])
    """
    value = as_tensor(input, name="top_k: input")
    rank = len(value.shape)
    if not rank:
        raise InvalidArgumentError("top_k: input: expected at least one axis, got a scalar")
    count = size_of("top_k", k, "k")
    size = value.shape[-1]
    if isinstance(count, int) and (count < 0 or (size is not None and count > size)):
        raise InvalidArgumentError(f"top_k: k: expected 0 to {size}, the size of the last axis, got {count}")
    flag_of("top_k", sorted, "sorted")
    order = _order("top_k", value, -1, "DESCENDING")
    begin, sizes = [0] * rank, [*([-1] * (rank - 1)), count]
    indices = slice_(order, begin, sizes)
    return TopKV2(_taken(value, indices, rank - 1), cast(indices, index_type))


def _order(function: str, value: Tensor, axis: int, direction: str) -> Tensor:
    along = axis_of(function, axis, len(value.shape))
    descending = choice_of(function, direction, "direction", _DIRECTIONS) == "DESCENDING"
    return apply(ArgsortOp, value, axis=along, descending=descending)


def _taken(value: Tensor, order: Tensor, axis: int) -> Tensor:
    """The elements along an axis at the places of `order`: a gather, which has a gradient, along the last axis."""
    rank = len(value.shape)
    if axis == rank - 1:
        return gather(value, order, axis=axis, batch_dims=axis)
    swapped = [*range(axis), rank - 1, *range(axis + 1, rank - 1), axis]
    moved = gather(transpose(value, swapped), transpose(order, swapped), axis=rank - 1, batch_dims=rank - 1)
    return transpose(moved, swapped)
