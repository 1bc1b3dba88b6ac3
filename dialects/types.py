"""dtypes and shapes: the one table between numpy's dtypes and the IR's element types."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TypeAlias

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

from .public import public_values

DTypeLike: TypeAlias = np.dtype | type | str
"""What represents a dtype: one of NumPy's, such as `sw.float32`, a scalar type, or a name."""
public_values("types", "DTypeLike")

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

TENSOR_DTYPES = tuple(_ELEMENT_TYPES)
"""The dtypes that tensors have."""

_SINGLETONS: dict[np.dtype, np.dtype] = {dtype: dtype for dtype in _ELEMENT_TYPES}

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


def dtype_named(value: DTypeLike | None, what: str) -> np.dtype:
    """The dtype that `value` (a dtype, a name, a scalar type) represents, in the byte order of this machine.

    Raises TypeError, in which `what` names the argument, for anything else, and for dtypes that tensors do not have.
    """
    try:
        dtype = native_dtype(np.dtype(value)) if value is not None else None
    except (TypeError, ValueError):
        dtype = None
    if dtype is None or dtype not in _ELEMENT_TYPES:
        names = ", ".join(known.name for known in _ELEMENT_TYPES)
        raise TypeError(f"{what}: expected a dtype of {names}, got {value!r}")
    return dtype


def native_dtype(dtype: np.dtype) -> np.dtype:
    """The dtype in the byte order of this machine: of those that tensors have NumPy's own object.

    Compiled code knows arrays by that very object; `newbyteorder` makes another one that is equal to it.
    """
    native = dtype.newbyteorder("=")
    return _SINGLETONS.get(native, native)


def is_tensor_dtype(dtype: np.dtype) -> bool:
    """Whether tensors can have that dtype."""
    return dtype in _ELEMENT_TYPES


def dtype_of(type_: Attribute) -> np.dtype:
    """The numpy dtype of an element type, or of the elements of a tensor, memref or vector type."""
    return _DTYPES[getattr(type_, "element_type", type_)]


def tensor_type(shape: Sequence[int | None], dtype: np.dtype) -> TensorType[AnyFloat | IntegerType]:
    """The tensor type of a shape, in which `None` represents a dynamic size, and a dtype.

    Example:
        >>> str(tensor_type((None, 3), np.dtype("int32")))
        'tensor<?x3xi32>'
    """
    return TensorType(element_type(dtype), [DYNAMIC if d is None else d for d in shape])


def shape_of(type_: TensorType[Attribute]) -> tuple[int, ...]:
    """The shape of a tensor type; `DYNAMIC` where the size is known at run time only."""
    return tuple(type_.get_shape())


MAX_BYTES = 2**47
"""What no tensor may exceed: the memory that a process can address on x86-64 and AArch64.

Sizes, strides and products of sizes of tensors below it are far from overflowing 64 bits.
"""


def is_too_large(shape: Sequence[int | None], dtype: np.dtype) -> bool:
    """Whether a tensor of this shape has more than `MAX_BYTES`.

    Sizes that are not known count as 1, and so does 0: a part of the axes of a tensor with a 0 among its sizes may be
    the shape of another one.

    Example:
        >>> is_too_large((0, 2**40, 2**40), np.dtype("int8"))
        True
    """
    return extent(shape, dtype) > MAX_BYTES


def extent(shape: Sequence[int | None], dtype: np.dtype) -> int:
    """The bytes of a tensor; a size of 0, or one that is not known, counts as 1."""
    return prod(1 if size is None or size < 1 else size for size in shape) * dtype.itemsize


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
