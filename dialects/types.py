"""dtypes and shapes: the one table between numpy's dtypes and the IR's element types."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    AnyFloat,
    BytesAttr,
    DenseIntOrFPElementsAttr,
    Float16Type,
    Float32Type,
    Float64Type,
    IndexType,
    IntegerType,
    Signedness,
    TensorType,
)
from xdsl.ir import Attribute

DYNAMIC = DYNAMIC_INDEX
"""The size of a dimension that is known only at run time, printed as `?`."""

_ELEMENT_TYPES: dict[np.dtype, AnyFloat | IntegerType] = {
    np.dtype(np.bool_): IntegerType(1),
    np.dtype(np.int8): IntegerType(8),
    np.dtype(np.int16): IntegerType(16),
    np.dtype(np.int32): IntegerType(32),
    np.dtype(np.int64): IntegerType(64),
    np.dtype(np.uint8): IntegerType(8, Signedness.UNSIGNED),
    np.dtype(np.uint16): IntegerType(16, Signedness.UNSIGNED),
    np.dtype(np.uint32): IntegerType(32, Signedness.UNSIGNED),
    np.dtype(np.uint64): IntegerType(64, Signedness.UNSIGNED),
    np.dtype(np.float16): Float16Type(),
    np.dtype(np.float32): Float32Type(),
    np.dtype(np.float64): Float64Type(),
}
_DTYPES: dict[Attribute, np.dtype] = {type_: dtype for dtype, type_ in _ELEMENT_TYPES.items()}
_DTYPES[IndexType()] = np.dtype(np.int64)

BOOL = np.dtype(np.bool_)
INTS = (np.dtype(np.int32), np.dtype(np.int64))
FLOATS = (np.dtype(np.float32), np.dtype(np.float64))
NUMBERS = INTS + FLOATS
ALL = (BOOL, *NUMBERS)


def element_type(dtype: np.dtype) -> AnyFloat | IntegerType:
    """The IR's element type for a numpy dtype.

    Example:
        >>> str(element_type(np.dtype("float32")))
        'f32'
    """
    return _ELEMENT_TYPES[np.dtype(dtype)]


def dtype_of(type_: Attribute) -> np.dtype:
    """The numpy dtype of an element type, or of the elements of a tensor, memref or vector type."""
    return _DTYPES[getattr(type_, "element_type", type_)]


def tensor_type(shape: Sequence[int | None], dtype: np.dtype) -> TensorType[AnyFloat | IntegerType]:
    """The tensor type of a shape, in which `None` stands for a dynamic size, and a dtype.

    Example:
        >>> str(tensor_type((None, 3), np.dtype("int32")))
        'tensor<?x3xi32>'
    """
    return TensorType(element_type(dtype), [DYNAMIC if d is None else d for d in shape])


def shape_of(type_: TensorType[Attribute]) -> tuple[int, ...]:
    """The shape of a tensor type; `DYNAMIC` where the size is known at run time only."""
    return tuple(type_.get_shape())


def dense(array: np.ndarray) -> DenseIntOrFPElementsAttr:
    """`array` as a constant attribute of its tensor type."""
    array = np.asarray(array)
    data = -array.astype(np.int8) if array.dtype == BOOL else array
    return DenseIntOrFPElementsAttr(tensor_type(array.shape, array.dtype), BytesAttr(data.tobytes()))


def array_of(attr: DenseIntOrFPElementsAttr) -> np.ndarray:
    """The array a constant attribute holds, read-only."""
    dtype = dtype_of(attr.type)
    stored = np.frombuffer(attr.data.data, np.int8 if dtype == BOOL else dtype)
    return (stored != 0 if dtype == BOOL else stored).reshape(attr.type.get_shape())
