"""The values of names in a graph: tensors, sizes that are partly known, and elements narrower than stepwell's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias, Union

import ml_dtypes
import numpy as np
from onnx import TensorProto

from ....dialects.diagnostics import InvalidArgumentError, UnsupportedError
from ....dialects.dtypes import FLOAT32, INT8, INT64, TENSOR_DTYPES, UINT8, DType
from ...frontend.ops import namespace
from ...frontend.ops.arguments import Size
from ...frontend.values.dispatch import as_tensor
from ...frontend.values.tensor import Tensor
from .arrays import type_name

m = namespace()
"""The functions of the language."""

_DTYPES = {dtype.onnx: dtype for dtype in TENSOR_DTYPES}


@dataclass(frozen=True)
class NarrowType:
    """A type of ONNX that stepwell has no dtype of: its elements are those of a wider dtype.

    Attributes:
        code: ONNX's number of it.
        numpy: what NumPy has instead.
        wide: the dtype that has all of its elements.
    """

    code: int
    numpy: type
    wide: DType

    @property
    def name(self) -> str:
        """ONNX's name of it."""
        return type_name(self.code)

    @property
    def is_floating(self) -> bool:
        """Whether its elements are no integers."""
        return self.wide.is_floating


NARROW = {
    each.code: each
    for each in (
        NarrowType(TensorProto.FLOAT8E4M3FN, ml_dtypes.float8_e4m3fn, FLOAT32),
        NarrowType(TensorProto.FLOAT8E4M3FNUZ, ml_dtypes.float8_e4m3fnuz, FLOAT32),
        NarrowType(TensorProto.FLOAT8E5M2, ml_dtypes.float8_e5m2, FLOAT32),
        NarrowType(TensorProto.FLOAT8E5M2FNUZ, ml_dtypes.float8_e5m2fnuz, FLOAT32),
        NarrowType(TensorProto.FLOAT8E8M0, ml_dtypes.float8_e8m0fnu, FLOAT32),
        NarrowType(TensorProto.FLOAT4E2M1, ml_dtypes.float4_e2m1fn, FLOAT32),
        NarrowType(TensorProto.UINT4, ml_dtypes.uint4, UINT8),
        NarrowType(TensorProto.INT4, ml_dtypes.int4, INT8),
        NarrowType(TensorProto.UINT2, ml_dtypes.uint2, UINT8),
        NarrowType(TensorProto.INT2, ml_dtypes.int2, INT8),
    )
}
_NARROW_BY_DTYPE = {np.dtype(each.numpy): each for each in NARROW.values()}


@dataclass(frozen=True)
class Narrow:
    """A tensor of a type that stepwell has no dtype of, as a tensor of a wider one."""

    tensor: Tensor
    type: NarrowType


@dataclass(frozen=True)
class Sizes:
    """An integer scalar or vector, such as a shape, of which some elements are known: it becomes a tensor when needed.

    Attributes:
        items: the elements.
        dtype: the dtype of the tensor.
        is_scalar: whether it is a scalar, and has one element.
    """

    items: tuple[Size, ...]
    dtype: DType = INT64
    is_scalar: bool = False

    @cached_property
    def tensor(self) -> Tensor:
        """The tensor."""
        if all(isinstance(item, int) for item in self.items):
            array = np.array(self.items, np.int64).astype(self.dtype.dtype)
            return as_tensor(array.reshape(()) if self.is_scalar else array)
        parts = [m.cast(as_tensor(np.array(s, np.int64)) if isinstance(s, int) else s, self.dtype) for s in self.items]
        return parts[0] if self.is_scalar else m.stack(parts)


Value: TypeAlias = Union[Tensor, Narrow, Sizes, "list[Value]", None]
"""The value of a name in a graph; a list is a sequence, None an optional value that is absent."""


def dtype_of_code(code: int, what: str) -> DType | NarrowType:
    """The dtype of ONNX's number of it. Raises `UnsupportedError` for types that there are none of."""
    found = _DTYPES.get(code) or NARROW.get(code)
    if found is None:
        raise UnsupportedError(f"{what}: there are no tensors of {type_name(code)}")
    return found


def code_of(value: Tensor | Narrow | Sizes) -> int:
    """ONNX's number of the type of a value."""
    return value.type.code if isinstance(value, Narrow) else value.dtype.onnx


def value_of(array: np.ndarray) -> Tensor | Narrow:
    """An array as a value."""
    array = np.asarray(array)
    narrow = _NARROW_BY_DTYPE.get(array.dtype)
    if narrow is not None:
        return Narrow(as_tensor(array.astype(narrow.wide.dtype)), narrow)
    return as_tensor(array)


def tensor_of(value: Value) -> Tensor:
    """A value as a tensor, a narrow one in the wider dtype."""
    if isinstance(value, Sizes | Narrow):
        return value.tensor
    if not isinstance(value, Tensor):
        kind = "a sequence" if isinstance(value, list) else "nothing"
        raise TypeError(f"expected a tensor, got {kind}")
    return value


def known(value: Value) -> np.ndarray | None:
    """The elements, where they are known while the graph is traced."""
    if isinstance(value, Sizes):
        if not all(isinstance(item, int) for item in value.items):
            return None
        return np.array(value.items, np.int64).reshape(() if value.is_scalar else (-1,))
    tensor = value.tensor if isinstance(value, Narrow) else value
    if not isinstance(tensor, Tensor) or (tensor.is_symbolic and tensor._deferred is None):
        return None
    return tensor._concrete("onnx.load")


def sizes(value: Value) -> list[Size] | None:
    """The elements of an integer scalar or vector, numbers where they are known; None where even their count is not."""
    if isinstance(value, Sizes):
        return list(value.items)
    array = known(value)
    if array is not None:
        return [int(item) for item in array.reshape(-1)]
    tensor = tensor_of(value)
    if tensor.ndim == 0:
        return [tensor]
    if tensor.ndim != 1 or tensor.shape[0] is None:
        return None
    return m.elements("onnx.load", tensor, "sizes")


def shape_items(x: Tensor) -> tuple[Size, ...]:
    """The sizes of a tensor, numbers where they are known."""
    return tuple(m.size_along(x, axis) for axis in range(x.ndim))


_MOST_COUNTED = 2**24
"""The longest range of integers that are known: it is computed when the model is loaded."""


def check_count(count: float) -> None:
    """Refuse a range of integers that is known and long."""
    if count > _MOST_COUNTED:
        raise InvalidArgumentError(f"a range of {count:.0f} integers; expected at most {_MOST_COUNTED}")


def counted(size: Size) -> Tensor:
    """The integers from 0 up to a size, of int64."""
    if isinstance(size, int):
        check_count(size)
    return m.range(m.int64_of(size))


def as_sizes(items: Sequence[Size], dtype: DType = INT64, is_scalar: bool = False) -> Sizes:
    """Sizes as a value."""
    return Sizes(tuple(items), dtype, is_scalar)
