"""Counts of integers in RaggedTensors."""

from __future__ import annotations

from typing import Any

from .....dialects.dtypes import INT32
from ..select import cast
from ..sparse.counting import bincount as sparse_bincount
from ..sparse.functions import to_dense
from .tensor import RaggedTensor
from .values import bincount as of_all


def bincount(
    arr: RaggedTensor,
    weights: Any = None,
    minlength: Any = None,
    maxlength: Any = None,
    dtype: Any = INT32,
    name: str | None = None,
    axis: int | None = None,
    binary_output: bool = False,
) -> Any:
    """How often each integer occurs: in all rows together, or in each one."""
    if axis != -1:
        return of_all(arr, weights, minlength, maxlength, dtype, name, axis, binary_output)
    found = to_dense(sparse_bincount(arr, weights, axis, minlength, maxlength, binary_output))
    return found if weights is not None else cast(found, dtype)
