"""Where iterators of datasets are, as bytes: JSON with what is no array, then the arrays one after the other."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np

from ...dialects.errors import DataLossError
from .arrays import as_it_was, dtype_name, dtype_named, stored

_LENGTH = 8


def as_bytes(state: Any) -> np.ndarray[Any, np.dtype[Any]]:
    """The bytes of ints, arrays, None, and lists and dicts of these."""
    arrays: list[np.ndarray[Any, np.dtype[Any]]] = []
    text = json.dumps(_plain(state, arrays)).encode()
    return np.concatenate([np.frombuffer(len(text).to_bytes(_LENGTH, "little") + text, np.uint8), *arrays])


def of_bytes(data: np.ndarray[Any, np.dtype[Any]]) -> Any:
    """The state of which `as_bytes` made the bytes. Raises DataLossError for others."""
    begin = _LENGTH + int.from_bytes(data[:_LENGTH].tobytes(), "little")
    try:
        described = json.loads(data[_LENGTH:begin].tobytes())
    except ValueError:
        raise DataLossError("the state of an iterator is damaged") from None
    return _Arrays(data[begin:]).restored(described)


def _plain(state: Any, arrays: list[np.ndarray[Any, np.dtype[Any]]]) -> Any:
    """What JSON has: an array becomes its dtype, shape and size, and is added to `arrays`."""
    match state:
        case None | bool() | int() | str():
            return state
        case dict():
            return {"dict": {key: _plain(value, arrays) for key, value in state.items()}}
        case list() | tuple():
            return [_plain(value, arrays) for value in state]
    array = np.array(state, object) if isinstance(state, bytes) else np.asarray(state)
    raw = stored(array).reshape(-1).view(np.uint8)
    arrays.append(raw)
    return {"array": [dtype_name(array), list(array.shape), raw.size]}


class _Arrays:
    """Takes arrays from bytes."""

    def __init__(self, data: np.ndarray[Any, np.dtype[Any]]):
        self._data, self._place = data, 0

    def restored(self, described: Any) -> Any:
        """The state of what `_plain` made of it."""
        if isinstance(described, list):
            return [self.restored(value) for value in described]
        if not isinstance(described, dict):
            return described
        if "dict" in described:
            return {key: self.restored(value) for key, value in described["dict"].items()}
        name, sizes, size = described["array"]
        raw, shape = self._data[self._place : self._place + size], tuple(sizes)
        self._place += size
        if name != "string":
            dtype = dtype_named(name)
            if raw.size != math.prod(shape) * dtype.itemsize:
                raise DataLossError("the state of an iterator is damaged")
            return raw.copy().view(dtype).reshape(shape)
        return as_it_was(name, shape, raw)
