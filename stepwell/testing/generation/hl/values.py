"""What drawn `hl` modules are made of: values, with arrays that they may hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, SSAValue

from stepwell.dialects.dtypes import BOOL, DType, dtype_of
from stepwell.dialects.hl.rules.base import HLOp, InferenceError
from stepwell.dialects.hl.rules.elementwise import ElementwiseOp
from stepwell.dialects.hl.rules.reductions import ReduceOp
from stepwell.dialects.hl.search import SearchSortedOp
from stepwell.dialects.hl.windows import DynamicSliceOp, DynamicUpdateSliceOp
from stepwell.dialects.types import DYNAMIC, shape_of, tensor_type

BOOL = BOOL


@dataclass(frozen=True, eq=False)
class Value:
    """A value of the program, with an array that it may hold: from it come concrete sizes."""

    ssa: SSAValue
    array: np.ndarray

    @property
    def kind(self) -> tuple[DType, tuple[int, ...]]:
        """dtype and sizes."""
        return dtype_of(self.array), self.array.shape


def broadcasts(a: Value, b: Value) -> bool:
    """Whether two values have one dtype, and shapes that broadcast."""
    if a.array.dtype != b.array.dtype:
        return False
    try:
        np.broadcast_shapes(a.array.shape, b.array.shape)
    except ValueError:
        return False
    return True


def is_data(op: type[HLOp], number: int, arrays: Sequence[np.ndarray]) -> bool:
    """Whether an operand may be any value of its dtype: it is no index that must be valid, no size and no seed."""
    if op.SIZED_BY_VALUES:
        return False
    if op is DynamicUpdateSliceOp or (op is DynamicSliceOp and number <= arrays[0].ndim):
        return True  # starts are moved inside
    if op is SearchSortedOp and number == 0:
        return False  # what rows that are not in order return is not defined
    return number == 0 or not dtype_of(arrays[number]).is_integer or issubclass(op, ElementwiseOp | ReduceOp)


def evaluated(op: type[HLOp], arrays: Sequence[np.ndarray], attrs: Any) -> tuple[np.ndarray, ...] | None:
    """The results of an op, or `None` where its operands have none."""
    try:
        with np.errstate(all="ignore"):
            return op.computed(arrays, attrs)
    except (InferenceError, ValueError, IndexError, ArithmeticError):
        return None


def joined(a: Attribute, b: Attribute) -> TensorType[Attribute]:
    """The type of which both are instances: `?` where sizes differ."""
    assert isinstance(a, TensorType) and isinstance(b, TensorType)
    sizes = [x if x == y and x != DYNAMIC else None for x, y in zip(shape_of(a), shape_of(b), strict=True)]
    return tensor_type(sizes, dtype_of(a))
