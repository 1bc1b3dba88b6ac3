"""Tensors as messages: `TensorProto` of TensorFlow, in the wire format of Protocol Buffers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from ...dtypes import TENSOR_DTYPES, DType, dtype_of
from ...strings import of_list

_DTYPE, _SHAPE, _CONTENT, _STRINGS = 1, 2, 4, 8
"""Numbers of fields of `TensorProto`."""
_DIM, _SIZE = 2, 1
"""Numbers of fields of `TensorShapeProto`, and of its `Dim`."""
_VARINT, _WORD, _BYTES, _HALF = 0, 1, 2, 5
"""Kinds of values on the wire."""
_MOST = 2**26
"""The most elements that the last value is repeated for: a damaged message must not reserve all memory."""
_VALUES = {5: "<f4", 6: "<f8", 7: "i4", 10: "i8", 11: "?", 13: "u2", 16: "u4", 17: "u8"}
"""Fields with one number after the other, and what they are."""


def serialized(array: np.ndarray) -> bytes:
    """The message of a tensor."""
    dtype = dtype_of(array)
    sizes = b"".join(_field(_DIM, _number(_SIZE, size)) for size in array.shape)
    head = _number(_DTYPE, dtype.as_datatype_enum) + _field(_SHAPE, sizes)
    if dtype.is_string:
        return head + b"".join(_field(_STRINGS, item) for item in array.reshape(-1).tolist())
    content = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<")).tobytes()
    return head + (_field(_CONTENT, content) if content else b"")


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3 | _VARINT) + _varint(value) if value else b""


def _field(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | _BYTES) + _varint(len(content)) + content


def parsed(message: bytes) -> np.ndarray:
    """The tensor of a message. Raises ValueError for what is none."""
    dtype: DType | None = None
    shape: list[int] = []
    content, strings, values = b"", [], []
    for field, value in _fields(message):
        if field == _DTYPE and isinstance(value, int):
            dtype = {known.as_datatype_enum: known for known in TENSOR_DTYPES}.get(value)
        elif field == _SHAPE and isinstance(value, bytes):
            shape = [_size(dim) for number, dim in _fields(value) if number == _DIM and isinstance(dim, bytes)]
        elif field == _CONTENT and isinstance(value, bytes):
            content = value
        elif field == _STRINGS and isinstance(value, bytes):
            strings.append(value)
        elif field in _VALUES:
            values += _numbers(field, value)
    if dtype is None:
        raise ValueError("it has no dtype that tensors have")
    return _tensor(dtype, shape, content, strings or values)


def _tensor(dtype: DType, shape: Sequence[int], content: bytes, values: Sequence[object]) -> np.ndarray:
    count = math.prod(shape)
    if content:
        return np.frombuffer(content, dtype.dtype.newbyteorder("<")).astype(dtype.dtype).reshape(shape)
    if len(values) > count or (count and not values):
        raise ValueError(f"there are {len(values)} values for {count} elements")
    if count > max(len(values), _MOST):
        raise ValueError(f"it has {len(values)} values for {count} elements, more than {_MOST}")
    if len(values) == 1 < count and not dtype.is_string:
        return np.broadcast_to(_tensor(dtype, [], b"", values), shape).copy()
    repeated = [*values, *[values[-1]] * (count - len(values))] if values else []
    if dtype.is_string:
        return of_list([item if isinstance(item, bytes) else b"" for item in repeated], shape)
    if dtype.is_floating and dtype.size == 2:  # as the numbers that their bits are
        return np.array(repeated, np.uint16).view(dtype.dtype).reshape(shape)
    return np.array(repeated).astype(dtype.dtype).reshape(shape)


def _size(dim: bytes) -> int:
    return next((value for field, value in _fields(dim) if field == _SIZE and isinstance(value, int)), 0)


def _numbers(field: int, value: int | bytes) -> list[float | int]:
    """The numbers of a field, of which one or all stand together."""
    kind = _VALUES[field]
    if isinstance(value, int):
        return [_signed(value) if kind in ("i4", "i8") else value]
    if kind.startswith("<"):
        return np.frombuffer(value, kind).tolist()
    found, at = [], 0
    while at < len(value):
        number, at = _read_varint(value, at)
        found.append(_signed(number) if kind in ("i4", "i8") else number)
    return found


def _signed(value: int) -> int:
    return value - 2**64 if value >= 2**63 else value


def _read_varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(message) or shift > 63:
            raise ValueError("it ends inside of a number")
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The number and the value of each field."""
    at = 0
    while at < len(message):
        key, at = _read_varint(message, at)
        kind = key & 7
        if kind == _VARINT:
            value, at = _read_varint(message, at)
            yield key >> 3, value
            continue
        if kind not in (_WORD, _BYTES, _HALF):
            raise ValueError(f"there is no kind {kind} of values")
        size, at = _read_varint(message, at) if kind == _BYTES else (8 if kind == _WORD else 4, at)
        if at + size > len(message):
            raise ValueError("it ends inside of a value")
        yield key >> 3, message[at : at + size]
        at += size


__all__ = ["parsed", "serialized"]
