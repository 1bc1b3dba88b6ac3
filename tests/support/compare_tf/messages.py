"""Calls and answers between the process of stepwell and TensorFlow's: JSON and the bytes of arrays, no pickle.

Both processes import this file; it needs NumPy only.
"""

from __future__ import annotations

import json
import struct
from typing import IO, Any

import numpy as np

_LENGTH = struct.Struct("<Q")


def write(stream: IO[bytes], message: Any) -> None:
    """Write a message of None, booleans, numbers, text, lists, dictionaries and arrays."""
    data = json.dumps(encoded(message)).encode()
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def read(stream: IO[bytes]) -> Any:
    """Read a message; EOFError where there is none."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError("the other process has ended")
    return decoded(json.loads(stream.read(_LENGTH.unpack(head)[0])))


def encoded(value: Any) -> Any:
    """A message as JSON has it: arrays are their dtype, shape and bytes; those of strings have these."""
    if isinstance(value, np.ndarray | np.generic):
        array = np.asarray(value)
        if array.dtype.type in (np.object_, np.bytes_):
            return {"shape": list(array.shape), "strings": [bytes(each).hex() for each in array.reshape(-1).tolist()]}
        return {"dtype": array.dtype.name, "shape": list(array.shape), "bytes": array.tobytes().hex()}
    if isinstance(value, list | tuple):
        return [encoded(item) for item in value]
    if isinstance(value, dict):
        return {"keys": [[name, encoded(item)] for name, item in value.items()]}
    return value


def decoded(value: Any) -> Any:
    """What `encoded` was given."""
    if isinstance(value, list):
        return [decoded(item) for item in value]
    if isinstance(value, dict) and "keys" in value:
        return {name: decoded(item) for name, item in value["keys"]}
    if isinstance(value, dict) and "strings" in value:
        found = np.empty(len(value["strings"]), object)
        found[:] = [bytes.fromhex(each) for each in value["strings"]]
        return found.reshape(value["shape"])
    if isinstance(value, dict):
        return np.frombuffer(bytes.fromhex(value["bytes"]), value["dtype"]).reshape(value["shape"])
    return value


def called(library: Any, name: str, args: list[Any], options: dict[str, Any]) -> Any:
    """What a function of a library returns: `{"value": …}` of arrays and lists, or `{"error": classes}`.

    Arrays are given as tensors; `{"dtype": name}` means a dtype of the library. `{"sparse": [indices, values, sizes]}`
    is a SparseTensor, of which these three are the answer. What is random is seeded anew.
    """
    function = library
    try:
        if name.startswith("random."):
            library.random.set_seed(1)
        for part in name.split("."):
            function = getattr(function, part)
        found = function(*[_given(library, arg) for arg in args], **{k: _given(library, v) for k, v in options.items()})
        return {"value": _taken(found)}
    except Exception as error:  # whatever a library raises is an answer
        return {"error": [each.__name__ for each in type(error).__mro__], "text": str(error)[:300]}


def _given(library: Any, value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return library.constant(value)
    if isinstance(value, str) and value.startswith("dtype:"):
        return getattr(library, value.removeprefix("dtype:"))
    if isinstance(value, list):
        return [_given(library, item) for item in value]
    if isinstance(value, dict) and "sparse" in value:
        return library.SparseTensor(*[_given(library, part) for part in value["sparse"]])
    return value


def _taken(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_taken(item) for item in value]
    if isinstance(value, dict):
        return {name: _taken(item) for name, item in value.items()}
    if hasattr(value, "dense_shape") and hasattr(value, "with_values"):
        return [_taken(part) for part in (value.indices, value.values, value.dense_shape)]
    if hasattr(value, "numpy"):
        found = np.asarray(value.numpy())
        return found.astype(object) if found.dtype.type is np.bytes_ else found
    return value if value is None or isinstance(value, bool | int | float | str) else repr(value)
