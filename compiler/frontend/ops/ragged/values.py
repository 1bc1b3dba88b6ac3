"""Functions that combine the values of a row, and others that are defined on RaggedTensors as they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .....dialects.diagnostics import InvalidArgumentError
from .....dialects.dtypes import INT64
from ...values.tensor import Tensor
from .. import arithmetic, counts, scan
from .. import linear as dense_linear
from ..arguments import axis_of, size_along
from ..index import gather
from ..math import divide, exp, subtract
from ..nn import activations
from ..segments import unsorted_segment_max, unsorted_segment_sum
from ..select import stop_gradient as constant_of
from . import splits as rows_
from .elementwise import aligned, parameters_of
from .spec import RaggedTensorSpec
from .tensor import RaggedTensor


def add_n(inputs: Sequence[Any], name: str | None = None) -> RaggedTensor:
    """The sum of RaggedTensors with the same rows."""
    ragged, flat = aligned("add_n", list(inputs))
    return ragged._with_flat(arithmetic.add_n(flat))


def softmax(logits: Any, axis: Any = None, name: str | None = None) -> RaggedTensor:
    """Along the innermost rows, or along an axis of the values in them."""
    x: RaggedTensor = logits
    number = x._rank - 1 if axis is None else axis_of("softmax", axis, x._rank)
    if number > x.ragged_rank:
        return x._with_flat(activations.softmax(x.flat_values, number - x.ragged_rank))
    if number < x.ragged_rank:
        raise InvalidArgumentError(f"softmax: axis: expected that of the innermost rows, {x.ragged_rank}, or more")
    splits, flat = x.nested_row_splits[-1], x.flat_values
    rows = rows_.scalar(rows_.count_of_rows(splits), INT64)
    ids = rows_.row_ids(splits, size_along(flat, 0))
    greatest = constant_of(unsorted_segment_max(flat, ids, rows))
    powers = exp(subtract(flat, gather(greatest, ids)))
    return x._with_flat(divide(powers, gather(unsorted_segment_sum(powers, ids, rows), ids)))


def cumsum(x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None) -> Any:
    """Along an axis; what rows do not have counts as 0."""
    number = axis_of("cumsum", axis, x._rank)
    whole = scan.cumsum(x.to_tensor(), number, exclusive, reverse)
    return RaggedTensor.from_tensor(whole, list(x.nested_row_lengths()), row_splits_dtype=x.row_splits.dtype)


def bincount(arr: Any, *args: Any, **kwargs: Any) -> Tensor:
    """How often each number is among all values."""
    given = parameters_of(counts.bincount).bind(arr, *args, **kwargs).arguments
    if given.get("axis") not in (None, 0):
        raise InvalidArgumentError(f"bincount: axis: expected None for a RaggedTensor, got {given['axis']!r}")
    weights = given.get("weights")
    if isinstance(weights, RaggedTensor):
        given["weights"] = weights.flat_values
    arr = given.pop("arr")
    return counts.bincount(arr.flat_values if isinstance(arr, RaggedTensor) else arr, **given)


def matmul(a: Any, b: Any, *args: Any, **kwargs: Any) -> RaggedTensor:
    """Products of matrices with any number of rows, and matrices of one shape."""
    flags = [name for name, value in kwargs.items() if value and name not in ("name", "output_type")]
    known = isinstance(a, RaggedTensor) and a.ragged_rank == 1 and a._rank == 3
    if args or flags or not known or isinstance(b, RaggedTensor):
        raise InvalidArgumentError(
            "matmul: expected a RaggedTensor of matrices of one width, with ragged_rank 1, and a tensor"
        )
    whole = dense_linear.matmul(a.to_tensor(), b)
    return RaggedTensor.from_tensor(whole, a.row_lengths(), row_splits_dtype=a.row_splits.dtype)


def is_tensor(x: Any) -> bool:
    """True, as in TensorFlow."""
    return True


def type_spec_from_value(value: Any) -> RaggedTensorSpec:
    """The RaggedTensorSpec."""
    return RaggedTensorSpec.from_value(value)
