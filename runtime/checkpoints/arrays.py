"""The form of arrays of any dtype in a safetensors file."""

from __future__ import annotations

import math
from typing import Any

import ml_dtypes
import numpy as np

from ...dialects.errors import DataLossError
from ..checksums import as_bytes_array

STRING = "string"
_LENGTH = np.dtype("<u8")
_NUMBERS = {f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)}
_AS_THEY_ARE = frozenset({"bool", *_NUMBERS, "float16", "bfloat16", "float32", "float64", "complex64"})
"""The dtypes that the file format has, and that the library reads into arrays."""


def dtype_name(array: np.ndarray[Any, np.dtype[Any]]) -> str:
    """The name of the dtype of an array; objects are strings."""
    return STRING if array.dtype == object else array.dtype.name


def dtype_named(name: str) -> np.dtype[Any]:
    """NumPy's dtype of a name. Raises DataLossError for one that is unknown."""
    if name == STRING:
        return np.dtype(object)
    try:
        return np.dtype(getattr(ml_dtypes, name, name))
    except TypeError:
        raise DataLossError(f"there is no dtype {name!r}") from None


def stored(array: np.ndarray[Any, np.dtype[Any]]) -> np.ndarray[Any, np.dtype[Any]]:
    """The array that represents it in the file: its bytes, where the format has no such dtype."""
    name = dtype_name(array)
    if name in _AS_THEY_ARE:
        return np.ascontiguousarray(array).reshape(array.shape)
    if name != STRING:
        return as_bytes_array(array)
    texts = array.reshape(-1).tolist()
    lengths = np.array([len(text) for text in texts], _LENGTH)
    return np.concatenate([lengths.view(np.uint8), np.frombuffer(b"".join(texts), np.uint8)])


def as_it_was(
    name: str, shape: tuple[int, ...], found: np.ndarray[Any, np.dtype[Any]]
) -> np.ndarray[Any, np.dtype[Any]]:
    """The array of a dtype and shape that `stored` put into the file. Raises DataLossError for another one."""
    if name == STRING:
        return _strings(shape, found)
    dtype = dtype_named(name)
    wanted = (name, shape) if name in _AS_THEY_ARE else ("uint8", (math.prod(shape) * dtype.itemsize,))
    if (found.dtype.name, found.shape) != wanted:
        raise DataLossError(f"expected {wanted[0]} of shape {wanted[1]}, got {found.dtype.name} of shape {found.shape}")
    return found if name in _AS_THEY_ARE else found.view(dtype).reshape(shape)


def _strings(shape: tuple[int, ...], found: np.ndarray[Any, np.dtype[Any]]) -> np.ndarray[Any, np.dtype[Any]]:
    count = math.prod(shape)
    if found.dtype != np.uint8 or found.ndim != 1 or found.size < count * _LENGTH.itemsize:
        raise DataLossError(f"expected {count} strings, got {found.dtype.name} of shape {found.shape}")
    begin = count * _LENGTH.itemsize
    ends = begin + np.cumsum(found[:begin].view(_LENGTH), dtype=np.uint64)
    if (int(ends[-1]) if count else begin) != found.size:
        raise DataLossError(f"expected strings of {int(ends[-1]) if count else begin} bytes, got {found.size}")
    data, strings = found.tobytes(), np.empty(count, object)
    for place, end in enumerate(map(int, ends)):
        strings[place], begin = data[begin:end], end
    return strings.reshape(shape)
