"""Strings in compiled code: it moves the indices of strings in the table of the call, and Python has the table.

What a call makes of strings is kept until it ends. Equal strings have one index, and the empty one has 0.
"""

from __future__ import annotations

import numpy as np
from xdsl.ir import Attribute

from ...dialects.dtypes import INT64, STRING, DType, dtype_of
from ...dialects.strings import of_list


def is_string(type_: Attribute) -> bool:
    """Whether a type is that of strings, or of arrays of strings."""
    return dtype_of(type_) is STRING


def stored_dtype(type_: Attribute) -> DType:
    """The dtype of elements as they are in memory: indices represent strings."""
    dtype = dtype_of(type_)
    return INT64 if dtype is STRING else dtype


class StringTable:
    """The strings of one call."""

    def __init__(self) -> None:
        self._strings = [b""]
        self._indices = {b"": 0}

    def index(self, string: bytes) -> int:
        """The index of a string, which is added if it is new."""
        found = self._indices.get(string)
        if found is None:
            found = self._indices[string] = len(self._strings)
            self._strings.append(string)
        return found

    def string(self, index: int) -> bytes:
        """The string at an index; an empty one for memory that nothing was written to."""
        return self._strings[index] if 0 <= index < len(self._strings) else b""

    def indices(self, strings: np.ndarray) -> np.ndarray:
        """The indices of an array of strings."""
        return np.array([self.index(item) for item in strings.reshape(-1).tolist()], np.int64).reshape(strings.shape)

    def strings(self, indices: np.ndarray) -> np.ndarray:
        """The strings that an array of indices represents."""
        return of_list([self.string(index) for index in indices.reshape(-1).tolist()], indices.shape)
