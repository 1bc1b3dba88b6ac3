"""Public functions that find equal elements."""

from __future__ import annotations

from typing import NamedTuple

from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.dtypes import INT32, INT64, DTypeLike, dtype_named
from ....dialects.hl.strings import StringIdsOp
from ....dialects.public import public
from ..values.dispatch import apply, as_tensor
from ..values.tensor import Tensor, TensorLike
from .arguments import int64_of, size_along
from .index import gather
from .index import range as counting
from .logic import equal, logical_or, not_equal
from .masks import boolean_mask
from .math import subtract
from .movement import concat
from .scan import cumsum
from .scatter import scatter_add
from .select import cast
from .shape import expand_dims, ones_like, zeros
from .slicing import bounded
from .sort import argsort


@public("types")
class Unique(NamedTuple):
    """The result of `unique`.

    Attributes:
        y: the different elements.
        idx: for each element, which of `y` it is.
    """

    y: Tensor
    idx: Tensor


@public("types")
class UniqueWithCounts(NamedTuple):
    """The result of `unique_with_counts`.

    Attributes:
        y: the different elements.
        idx: for each element, which of `y` it is.
        count: how often each of `y` occurs.
    """

    y: Tensor
    idx: Tensor
    count: Tensor


@public(top=True)
def unique(x: TensorLike, out_idx: DTypeLike = INT32, name: str | None = None) -> Unique:
    """The different elements of the vector `x` in the order in which they occur first, and where each one is.

    Args:
        x: a vector. A NaN is different from all others.
        out_idx: the dtype of the positions, int32 or int64.
        name: not used.

    Returns:
        `y`, the different elements, and `idx`: for each element of `x`, its position in `y`.

    Example:
        >>> import stepwell as sw
        >>> y, idx = sw.unique([5, 5, 1, 2, 1])
        >>> y.numpy().tolist(), idx.numpy().tolist()
        ([5, 1, 2], [0, 0, 1, 2, 1])
    """
    return _unique("unique", x, out_idx)


@public(top=True)
def unique_with_counts(x: TensorLike, out_idx: DTypeLike = INT32, name: str | None = None) -> UniqueWithCounts:
    """What `unique` returns, and `count`: how often each of the different elements occurs.

    Example:
        >>> import stepwell as sw
        >>> sw.unique_with_counts([5, 5, 1, 2, 1]).count.numpy().tolist()
        [2, 2, 1]
    """
    y, idx = _unique("unique_with_counts", x, out_idx)
    nothing = zeros([size_along(y, 0)], idx.dtype)
    return UniqueWithCounts(y, idx, scatter_add(nothing, expand_dims(idx, 1), ones_like(idx)))


def _unique(function: str, x: TensorLike, out_idx: DTypeLike) -> Unique:
    """Equal elements are neighbours in the sorted vector; the first of each group is the one that occurs first."""
    value, wanted = as_tensor(x, name=f"{function}: x"), dtype_named(out_idx, f"{function}: out_idx")
    if value.ndim != 1:
        raise InvalidArgumentError(f"{function}: x: expected a vector, got shape {value.shape}")
    if wanted not in (INT32, INT64):
        raise InvalidArgumentError(f"{function}: out_idx: expected int32 or int64, got {wanted.name}")
    keys = apply(StringIdsOp, value) if value.dtype.is_string else value
    order = argsort(cast(keys, INT32) if keys.dtype.is_bool else keys)
    ordered = gather(keys, order)
    before = concat([bounded(ordered, [0], [1]), bounded(ordered, [0], [-1])], 0)
    numbers = counting(cast(int64_of(size_along(value, 0)), INT32))
    starts = logical_or(not_equal(ordered, before), equal(numbers, 0))
    group = subtract(cumsum(cast(starts, INT32)), 1)
    first = boolean_mask(order, starts)
    by_occurrence = argsort(first)
    found = gather(argsort(by_occurrence), gather(group, argsort(order)))
    return Unique(gather(value, gather(first, by_occurrence)), cast(found, wanted))
