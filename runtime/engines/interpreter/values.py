"""How values of the IR are held: numpy scalars and arrays of exactly the type's precision.

`i1` is bool, `iN` a numpy integer that wraps around, `index` an int64, floats numpy floats of their width, vectors
and tensors arrays, memrefs arrays that are written in place (a subview is a numpy view). Inside the body of a
`linalg` op a scalar may also be an array: one value per point of the iteration space.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from xdsl.dialects.builtin import (
    DenseIntOrFPElementsAttr,
    FloatAttr,
    IntegerAttr,
    IntegerType,
    MemRefType,
    Signedness,
    TensorType,
    VectorType,
)
from xdsl.ir import Attribute

from ....dialects import dtypes, types
from ....dialects.memory import check_memory
from .errors import InterpreterError

Value: TypeAlias = Any
"""A numpy scalar or array."""

Shaped = TensorType | MemRefType | VectorType
_UNSIGNED = {1: np.uint8, 8: np.uint8, 16: np.uint16, 32: np.uint32, 64: np.uint64}
_SIGNED = {1: np.int8, 8: np.int8, 16: np.int16, 32: np.int32, 64: np.int64}
_DTYPES: dict[Attribute, np.dtype] = {}


def dtype_of(type_: Attribute) -> np.dtype:
    """The numpy dtype that holds values, or elements, of a type."""
    element = type_.element_type if isinstance(type_, Shaped) else type_
    dtype = _DTYPES.get(element)
    if dtype is None:
        dtype = _DTYPES[element] = _find_dtype(element)
    return dtype


def _find_dtype(element: Attribute) -> np.dtype:
    if isinstance(element, IntegerType) and element.signedness.data == Signedness.SIGNED:
        element = IntegerType(element.width)
    try:
        return dtypes.dtype_of(element).dtype
    except KeyError:
        raise InterpreterError(f"values of type {element} cannot be interpreted") from None


def constant(attr: Attribute) -> Value:
    """The value of a constant attribute."""
    if isinstance(attr, DenseIntOrFPElementsAttr):
        return types.array_of(attr)
    assert isinstance(attr, IntegerAttr | FloatAttr), attr
    dtype = dtype_of(attr.type)
    if isinstance(attr, IntegerAttr) and np.issubdtype(dtype, np.signedinteger):
        return wrap(attr.value.data, dtype)
    return dtype.type(attr.value.data)


def wrap(value: int, dtype: np.dtype) -> np.generic:
    """A Python integer as a numpy integer of `dtype`, modulo 2 to the power of its width."""
    bits = 8 * dtype.itemsize
    value &= (1 << bits) - 1
    return dtype.type(value - (1 << bits) if np.issubdtype(dtype, np.signedinteger) and value >> (bits - 1) else value)


def as_unsigned(value: Value) -> Value:
    """The same bits, read as an unsigned integer; a boolean becomes 0 or 1."""
    if value.dtype == np.bool_:
        return value.astype(np.uint8)
    return value.view(_UNSIGNED[8 * value.dtype.itemsize])


def as_signed(value: Value) -> Value:
    """The same bits, read as a signed integer; a boolean becomes 0 or -1, as a one-bit integer is."""
    if value.dtype == np.bool_:
        return -value.astype(np.int8)
    return value.view(_SIGNED[8 * value.dtype.itemsize])


def as_integer(value: Value, dtype: np.dtype) -> Value:
    """The low bits of an integer value as `dtype` (the lowest bit, for bool)."""
    if dtype == np.bool_:
        return (value & 1) != 0
    return value.astype(dtype)


def uninitialised(shape: Sequence[int], dtype: np.dtype) -> np.ndarray:
    """An array whose contents are undefined: NaN, or an unlikely integer, so that a wrong use shows."""
    if any(size < 0 for size in shape):
        raise InterpreterError(f"negative size in shape {list(map(int, shape))}")
    check_memory(list(map(int, shape)), dtypes.as_dtype(dtype))
    array = np.empty(tuple(int(size) for size in shape), dtype)
    if np.issubdtype(dtype, np.integer):
        array.reshape(-1).view(np.uint8)[...] = 0xA5
    else:
        array[...] = True if dtype == np.bool_ else np.nan
    return array


def shape_with(type_: Shaped, dynamic: Sequence[Value]) -> tuple[int, ...]:
    """The shape of a type, its dynamic sizes taken in order from `dynamic`."""
    sizes = iter(dynamic)
    return tuple(int(next(sizes)) if size == types.DYNAMIC else size for size in type_.get_shape())


def mixed(static: Sequence[int], dynamic: Sequence[Value]) -> tuple[int, ...]:
    """A list of integers in which each `DYNAMIC` represents the next of `dynamic`."""
    values = iter(dynamic)
    return tuple(int(next(values)) if value == types.DYNAMIC else int(value) for value in static)


def fits(shape: Sequence[int], type_: Shaped) -> bool:
    """Whether a run-time shape is one that a type allows."""
    expected = type_.get_shape()
    return len(shape) == len(expected) and all(e in (s, types.DYNAMIC) for s, e in zip(shape, expected))


def shape_text(shape: Sequence[int]) -> str:
    """A shape for people: `[4, ?]`."""
    return "[" + ", ".join("?" if size == types.DYNAMIC else str(size) for size in shape) + "]"
