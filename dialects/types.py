"""Types of tensors: a shape and a dtype."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np
from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    BytesAttr,
    DenseIntOrFPElementsAttr,
    MemRefType,
    TensorType,
    VectorType,
)
from xdsl.ir import Attribute

from .dtypes import DType, DTypeLike, ElementType, as_dtype, dtype_of

DYNAMIC = DYNAMIC_INDEX
"""The size of a dimension that is known only at run time, printed as `?`."""


def tensor_type(shape: Sequence[int | None], dtype: DTypeLike) -> TensorType[ElementType]:
    """The tensor type of a shape, in which `None` represents a dynamic size, and a dtype.

    Example:
        >>> str(tensor_type((None, 3), "int32"))
        'tensor<?x3xi32>'
    """
    return _tensor_type(tuple(shape), as_dtype(dtype))


@lru_cache(maxsize=4096)
def _tensor_type(shape: tuple[int | None, ...], dtype: DType) -> TensorType[ElementType]:
    """The type, which is kept, as it is checked again whenever it is made."""
    element: Any = dtype.element_type
    return TensorType(element, [DYNAMIC if size is None else size for size in shape])


@lru_cache(maxsize=4096)
def tensor_of(element: Attribute, shape: tuple[int, ...]) -> TensorType[Any]:
    """The tensor type of an element type and a shape; it is kept, as `tensor_type`'s are."""
    return TensorType(element, shape)


@lru_cache(maxsize=4096)
def row_major(element: Attribute, shape: tuple[int, ...]) -> MemRefType[Any]:
    """The type of memory in which elements lie row by row, without gaps; it is kept, as `tensor_type`'s are."""
    return MemRefType(element, shape)


@lru_cache(maxsize=4096)
def vector_type(element: Attribute, *shape: int) -> VectorType[Any]:
    """The vector type of an element type and a shape; it is kept, as it is checked again whenever it is made.

    Example:
        >>> str(vector_type(as_dtype("float32").element_type, 16))
        'vector<16xf32>'
    """
    return VectorType(element, shape)


def shape_of(type_: TensorType[Attribute]) -> tuple[int, ...]:
    """The shape of a tensor type; `DYNAMIC` where the size is known at run time only."""
    return tuple(type_.get_shape())


MAX_BYTES = 2**47
"""What no tensor may exceed: the memory that a process can address on x86-64 and AArch64.

Sizes, strides and products of sizes of tensors below it are far from overflowing 64 bits.
"""


def is_too_large(shape: Sequence[int | None], dtype: DTypeLike) -> bool:
    """Whether a tensor of this shape has more than `MAX_BYTES`.

    Sizes that are not known count as 1, and so does 0: a part of the axes of a tensor with a 0 among its sizes may be
    the shape of another one.

    Example:
        >>> is_too_large((0, 2**40, 2**40), "int8")
        True
    """
    return extent(shape, dtype) > MAX_BYTES


def extent(shape: Sequence[int | None], dtype: DTypeLike) -> int:
    """The bytes of a tensor; a size of 0, or one that is not known, counts as 1."""
    return prod(1 if size is None or size < 1 else size for size in shape) * as_dtype(dtype).size


def zeros(shape: Sequence[int], dtype: DTypeLike) -> np.ndarray:
    """An array of zeros, or of empty strings.

    Example:
        >>> zeros((2,), "string")
        array([b'', b''], dtype=object)
    """
    record = as_dtype(dtype)
    return np.full(tuple(shape), b"" if record.is_string else 0, record.dtype)


def dense(array: np.ndarray) -> DenseIntOrFPElementsAttr:
    """`array` as a constant attribute of its tensor type."""
    array = np.asarray(array)
    dtype = dtype_of(array)
    data = -array.astype(np.int8) if dtype.is_bool else array
    type_: Any = tensor_type(array.shape, dtype)
    return DenseIntOrFPElementsAttr(type_, BytesAttr(data.tobytes()))


def array_of(attr: DenseIntOrFPElementsAttr) -> np.ndarray:
    """The array a constant attribute holds, read-only."""
    dtype = dtype_of(attr.type)
    stored = np.frombuffer(attr.data.data, np.int8 if dtype.is_bool else dtype.dtype)
    return (stored != 0 if dtype.is_bool else stored).reshape(attr.type.get_shape())
