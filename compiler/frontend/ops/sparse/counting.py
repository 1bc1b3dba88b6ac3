"""Counts of integers in rows, of which only those are stored that occur."""

from __future__ import annotations

from typing import Any

from .....dialects.diagnostics import InvalidArgumentError
from .....dialects.dtypes import INT64, DType
from .....dialects.public import public
from ...values.dispatch import as_tensor
from ...values.tensor import Tensor, TensorLike
from ..arguments import check, int64_of, size_along
from ..index import gather
from ..index import range as counting
from ..logic import greater_equal, less
from ..masks import boolean_mask
from ..math import add, floordiv, floormod, maximum, minimum, multiply
from ..movement import concat, stack
from ..ragged.tensor import RaggedTensor
from ..reduce import reduce_all, reduce_max
from ..segments import unsorted_segment_sum
from ..select import cast
from ..shape import broadcast_to, expand_dims, ones_like, reshape
from ..sort import argsort
from ..unique import unique
from .tensor import SparseTensor


@public("sparse")
def bincount(
    values: TensorLike | SparseTensor | RaggedTensor,
    weights: TensorLike | SparseTensor | RaggedTensor | None = None,
    axis: int | None = 0,
    minlength: TensorLike | None = None,
    maxlength: TensorLike | None = None,
    binary_output: bool = False,
    name: str | None = None,
) -> SparseTensor:
    """How often each of the integers 0, 1, 2 … occurs, where only those that occur are stored.

    Args:
        values: integers of 0 or more: a vector or a matrix, or a SparseTensor or RaggedTensor of such a rank.
        weights: what each of them counts, of the same kind; 1 if not given.
        axis: -1 to count in each row by itself, 0 or None for all elements.
        minlength: how many integers the result counts at least.
        maxlength: how many it counts at most; greater integers are left out.
        binary_output: whether to store 1 for each integer that occurs, instead of how often.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> counts = sw.sparse.bincount([[1, 1, 3], [0, 0, 0]], axis=-1)
        >>> counts.indices.numpy().tolist(), counts.values.numpy().tolist()
        ([[0, 1], [0, 3], [1, 0]], [2, 1, 3])
    """
    if axis not in (None, 0, -1):
        raise InvalidArgumentError(f"sparse.bincount: axis: expected 0, -1 or None, got {axis!r}")
    if binary_output and weights is not None:
        raise InvalidArgumentError("sparse.bincount: weights: expected none where binary_output is set")
    rows, numbers, count = rows_of(values)
    given = ones_like(numbers) if weights is None else rows_of(weights)[1]
    dtype = _dtype_of(values) if weights is None else given.dtype
    check(reduce_all(greater_equal(numbers, int64_of(0))), "sparse.bincount: values: expected integers of 0 or more")
    bins = add(reduce_max(concat([numbers, int64_of(-1)[None]], 0)), int64_of(1))
    if minlength is not None:
        bins = maximum(bins, cast(minlength, INT64))
    if maxlength is not None:
        bins = minimum(bins, cast(maxlength, INT64))
    in_rows = axis == -1 and count is not None
    kept = less(numbers, bins)
    keys = add(multiply(rows, bins), numbers) if in_rows else numbers
    found, totals = _totals(boolean_mask(keys, kept), boolean_mask(given, kept))
    totals = cast(ones_like(totals) if binary_output else totals, dtype)
    if not in_rows:
        return SparseTensor(expand_dims(found, 1), totals, expand_dims(bins, 0))
    assert count is not None
    return SparseTensor(stack([floordiv(found, bins), floormod(found, bins)], 1), totals, stack([count, bins]))


def _dtype_of(values: Any) -> DType:
    return getattr(values, "dtype", None) or as_tensor(values).dtype


def rows_of(values: Any) -> tuple[Tensor, Tensor, Tensor | None]:
    """The row of each element, all elements as a vector, and how many rows there are: None for those of a vector."""
    if isinstance(values, SparseTensor):
        is_matrix = values.rank == 2
        numbers = values.values
        rows = values.indices[:, 0] if is_matrix else int64_of(0)
        count = values.dense_shape[0] if is_matrix else None
    elif isinstance(values, RaggedTensor):
        numbers, rows, count = values.flat_values, cast(values.value_rowids(), INT64), cast(values.nrows(), INT64)
    else:
        dense = as_tensor(values, name="bincount: values")
        numbers, rows, count = reshape(dense, [-1]), int64_of(0), None
        if dense.ndim > 1:
            count = cast(int64_of(size_along(dense, 0)), INT64)
            first = reshape(counting(count), [-1, *[1] * (dense.ndim - 1)])
            rows = reshape(broadcast_to(first, [size_along(dense, axis) for axis in range(dense.ndim)]), [-1])
    return rows, cast(numbers, INT64) if numbers.dtype.is_integer else numbers, count


def _totals(keys: Tensor, given: Tensor) -> tuple[Tensor, Tensor]:
    """The different keys in order, and the sum of what is given for each."""
    order = argsort(keys, stable=True)
    found, places = unique(gather(keys, order), INT64)
    return found, unsorted_segment_sum(gather(given, order), places, int64_of(size_along(found, 0)))
