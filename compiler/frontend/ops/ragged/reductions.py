"""Reductions of RaggedTensors: along rows, across them, and of all values.

Values of one row are a segment of the values, and so are those that have one position in their rows. Of values that
are rows again, those that are combined have one position in all of these rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from .....dialects.diagnostics import InvalidArgumentError
from .....dialects.dtypes import INT32, STRING
from ...values.tensor import Tensor
from .. import reduce as dense
from .. import segments, statistics
from ..arguments import axes_of, flag_of, indices_tensor, int64_of, size_from, size_of
from ..index import gather
from ..logic import greater
from ..math import add, divide, maximum, multiply, sqrt, subtract
from ..select import cast
from ..shape import ones_like, reshape
from ..strings.parts import reduce_join as dense_join
from ..strings.parts import unsorted_segment_join
from . import splits as rows_
from .factories import size_of_values
from .shapes import expanded
from .tensor import RaggedTensor


@dataclass(frozen=True)
class _Reduction:
    """A reduction.

    Attributes:
        name: the public function.
        dense: that of tensors, given an axis.
        segments: that of segments, given values, the numbers of their segments and how many there are.
    """

    name: str
    dense: Callable[..., Tensor]
    segments: Callable[..., Tensor]


_SUM = _Reduction("reduce_sum", dense.reduce_sum, segments.unsorted_segment_sum)
_PROD = _Reduction("reduce_prod", dense.reduce_prod, segments.unsorted_segment_prod)
_MAX = _Reduction("reduce_max", dense.reduce_max, segments.unsorted_segment_max)
_MIN = _Reduction("reduce_min", dense.reduce_min, segments.unsorted_segment_min)
_ANY = _Reduction("reduce_any", dense.reduce_sum, segments.unsorted_segment_sum)
_ALL = _Reduction("reduce_all", dense.reduce_prod, segments.unsorted_segment_prod)


def _reduced(kind: _Reduction, x: RaggedTensor, axis: Any, keepdims: Any) -> Any:
    keep = flag_of(kind.name, keepdims, "keepdims")
    if axis is None:
        found = kind.dense(x.flat_values, None)
        return reshape(found, [1] * x._rank) if keep else found
    found: Any = x
    for number in reversed(axes_of(kind.name, axis, x._rank)):
        if isinstance(found, RaggedTensor):
            found = _along(kind, found, number)
            found = expanded(found, number) if keep else found
        else:
            found = kind.dense(found, number, keepdims=keep)
    return found


def _along(kind: _Reduction, x: RaggedTensor, axis: int) -> Any:
    """Without an axis."""
    values: Any = x.values
    if axis > 1:
        if isinstance(values, RaggedTensor):
            return x.with_values(_along(kind, values, axis - 1))
        return x.with_values(kind.dense(values, axis - 1))
    if axis == 1:
        return _combined(kind, values, x.value_rowids(), x._count)
    places = rows_.places_in_rows(x.row_splits, size_of_values(values))
    return _combined(kind, values, places, size_from(rows_.greatest(x.row_lengths())))


def _combined(kind: _Reduction, values: Any, ids: Tensor, count: Any) -> Any:
    """The values of each segment, combined."""
    if not isinstance(values, RaggedTensor):
        return kind.segments(values, ids, int64_of(count))
    longest = maximum(segments.unsorted_segment_max(values.row_lengths(), ids, int64_of(count)), cast(0, ids.dtype))
    splits = rows_.from_lengths(longest)
    inner = size_of_values(values.values)
    places = add(gather(gather(splits, ids), values.value_rowids()), rows_.places_in_rows(values.row_splits, inner))
    return RaggedTensor._of(_combined(kind, values.values, places, size_from(rows_.last(splits))), splits)


def reduce_sum(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """Sums."""
    return _reduced(_SUM, input_tensor, axis, keepdims)


def reduce_prod(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """Products."""
    return _reduced(_PROD, input_tensor, axis, keepdims)


def reduce_max(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """The greatest values; the least number of the dtype of none."""
    return _reduced(_MAX, input_tensor, axis, keepdims)


def reduce_min(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """The least values; the greatest number of the dtype of none."""
    return _reduced(_MIN, input_tensor, axis, keepdims)


def _of_flags(kind: _Reduction, x: RaggedTensor, axis: Any, keepdims: Any) -> Any:
    """A reduction of booleans, as one of 0 and 1."""
    if not x.dtype.is_bool:
        raise InvalidArgumentError(f"{kind.name}: input_tensor: expected booleans, got dtype {x.dtype.name}")
    found = _reduced(kind, x._with_flat(cast(x.flat_values, INT32)), axis, keepdims)
    return _on_flat(lambda flat: greater(flat, cast(0, INT32)), found)


def reduce_any(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """Whether any value is True."""
    return _of_flags(_ANY, input_tensor, axis, keepdims)


def reduce_all(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """Whether all values are True."""
    return _of_flags(_ALL, input_tensor, axis, keepdims)


def _on_flat(function: Callable[..., Tensor], *values: Any) -> Any:
    """A function of tensors, or of the flat values of RaggedTensors with the same rows."""
    first = values[0]
    if not isinstance(first, RaggedTensor):
        return function(*values)
    return first._with_flat(function(*[value.flat_values for value in values]))


def reduce_mean(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """Means; NaN of no values."""
    x: RaggedTensor = input_tensor
    total = _reduced(_SUM, x, axis, keepdims)
    count = _reduced(_SUM, x._with_flat(ones_like(x.flat_values)), axis, keepdims)
    return _on_flat(divide, total, count)


def reduce_variance(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """Variances, as means of squares less squares of means."""
    x: RaggedTensor = input_tensor
    if axis is None:
        found = statistics.reduce_variance(x.flat_values)
        return reshape(found, [1] * x._rank) if keepdims else found
    squares = reduce_mean(x._with_flat(multiply(x.flat_values, x.flat_values)), axis, keepdims)
    means = reduce_mean(x, axis, keepdims)

    def variance(square: Tensor, mean: Tensor) -> Tensor:
        return maximum(subtract(square, multiply(mean, mean)), cast(0, mean.dtype))

    return _on_flat(variance, squares, means)


def reduce_std(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """Standard deviations."""
    return _on_flat(sqrt, reduce_variance(input_tensor, axis, keepdims))


def reduce_join(
    inputs: Any, axis: Any = None, keepdims: bool = False, separator: Any = "", name: str | None = None
) -> Any:
    """Strings, joined."""
    x: RaggedTensor = inputs
    if x.dtype != STRING:
        raise InvalidArgumentError(f"reduce_join: inputs: expected strings, got dtype {x.dtype.name}")
    joined = partial(dense_join, separator=separator)
    kind = _Reduction("reduce_join", joined, partial(unsorted_segment_join, separator=separator))
    if axis is None:
        whole = dense_join(x.flat_values, separator=separator)
        return reshape(whole, [1] * x._rank) if keepdims else whole
    return _reduced(kind, x, axis, keepdims)


def unsorted_segment_sum(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Any:
    """The sums of rows of a segment, of what has one position in them."""
    return _of_segments(_SUM, data, segment_ids, num_segments)


def unsorted_segment_prod(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Any:
    """The products, likewise."""
    return _of_segments(_PROD, data, segment_ids, num_segments)


def unsorted_segment_max(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Any:
    """The greatest values, likewise."""
    return _of_segments(_MAX, data, segment_ids, num_segments)


def unsorted_segment_min(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Any:
    """The least values, likewise."""
    return _of_segments(_MIN, data, segment_ids, num_segments)


def unsorted_segment_mean(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Any:
    """The means, likewise."""
    total = _of_segments(_SUM, data, segment_ids, num_segments)
    count = _of_segments(_SUM, data._with_flat(ones_like(data.flat_values)), segment_ids, num_segments)
    return _on_flat(divide, total, count)


def _of_segments(kind: _Reduction, data: Any, segment_ids: Any, num_segments: Any) -> Any:
    name = f"unsorted_segment_{kind.name.removeprefix('reduce_')}"
    ids = indices_tensor(name, segment_ids, "segment_ids")
    if ids.ndim != 1:
        raise InvalidArgumentError(f"{name}: segment_ids: expected a vector with an element for each row of data")
    return _combined(kind, data, cast(ids, data.row_splits.dtype), size_of(name, num_segments, "num_segments"))
