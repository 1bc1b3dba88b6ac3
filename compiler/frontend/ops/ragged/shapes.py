"""The shapes of RaggedTensors: axes that are added and dropped, sizes."""

from __future__ import annotations

from typing import Any

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError
from ...values.tensor import Tensor
from .. import shape as dense
from ..arguments import axes_of, axis_of
from . import splits as rows_
from .tensor import RaggedTensor


def expand_dims(input: Any, axis: Any, name: str | None = None) -> Any:
    """With a new axis of size 1."""
    return expanded(input, axis_of("expand_dims", axis, input._rank + 1))


def expanded(x: Any, axis: int) -> Any:
    """A RaggedTensor or tensor with a new axis."""
    if isinstance(x, Tensor):
        return dense.expand_dims(x, axis)
    dtype = x.row_splits.dtype
    if axis == 0:
        return RaggedTensor._of(x, rows_.of_equal_length(x._count, 1, dtype), x._count)
    if axis == 1:
        return RaggedTensor._of(x, rows_.of_equal_length(1, x._count, dtype), 1)
    return RaggedTensor._of(expanded(x.values, axis - 1), x.row_splits, x._uniform)


def squeeze(input: Any, axis: Any = None, name: str | None = None) -> Any:
    """Without axes of size 1, which have to be given."""
    x: Any = input
    if axis is None:
        raise InvalidArgumentError("squeeze: axis: expected the axes of a RaggedTensor, got None")
    for number in reversed(axes_of("squeeze", axis, x._rank)):
        x = _squeezed(x, number)
    return x


def _squeezed(x: Any, axis: int) -> Any:
    if isinstance(x, Tensor):
        return dense.squeeze(x, axis)
    if axis > 1:
        return x._of(_squeezed(x.values, axis - 1), x.row_splits, x._uniform)
    if axis == 0:
        _check_one(axis, x._count)
        return x.values
    _check_one(axis, x._uniform)
    return x.values


def _check_one(axis: int, size: Any) -> None:
    if size != 1:
        what = "different sizes" if size is None else size
        raise InvalidArgumentError(f"squeeze: axis: expected size 1 along axis {axis}, got {what}")


def size(input: Any, out_type: Any = None, name: str | None = None) -> Tensor:
    """How many elements there are."""
    return dense.size(input.flat_values, out_type or "int32")


def rank(input: Any, name: str | None = None) -> Tensor:
    """How many axes there are."""
    return Tensor(np.array(input._rank, np.int32))
