"""The tensors of a saved model: one file in the safetensors format, which other programs read, too."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...dialects.dtypes import INT64, UINT8, DType, dtype_of
from ...dialects.errors import DataLossError
from ...dialects.packing import packed, unpacked
from ...dialects.strings import of_list
from .checked import damaged

FILE = "variables.safetensors"
"""The name of the file."""


class TensorWriter:
    """The tensors to write, each under a name of its own.

    Attributes:
        arrays: what is written, by name: complex numbers as pairs, strings as bytes and where each ends.
    """

    def __init__(self) -> None:
        self.arrays: dict[str, np.ndarray] = {}

    def add(self, name: str, array: np.ndarray) -> str:
        """Keep an array to be written. Returns its name, which is `name` unless that is taken."""
        name = self._fresh(name)
        dtype = dtype_of(array)
        if dtype.is_string:
            strings = array.reshape(-1).tolist()
            self.arrays[f"{name}.ends"] = np.cumsum([len(each) for each in strings], dtype=np.int64)
            self.arrays[name] = np.frombuffer(b"".join(strings), np.uint8)
        else:
            self.arrays[name] = packed(array) if dtype.is_complex else np.require(array, requirements="C")
        return name

    def _fresh(self, name: str) -> str:
        found, count = name, 1
        while found in self.arrays or f"{found}.ends" in self.arrays:
            found, count = f"{name}_{count}", count + 1
        return found

    def write(self, path: Path) -> None:
        """Write the file."""
        from safetensors.numpy import save_file  # loads a library

        save_file(self.arrays, path, metadata={"producer": "stepwell"})
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(path, 0o666 & ~mask)  # the library lets only its owner read it


class TensorReader:
    """The tensors of a file; each is read when it is asked for.

    Raises DataLossError for a file that is damaged.
    """

    def __init__(self, path: Path):
        from safetensors import SafetensorError, safe_open  # loads a library

        self._path, self._errors = path, (SafetensorError, OSError, ValueError, KeyError, TypeError)
        self._file: Any = self._checked(lambda: safe_open(path, framework="np"))
        self.names = frozenset(self._file.keys())
        self._taken: set[str] = set()

    def _checked(self, read: Any) -> Any:
        try:
            return read()
        except self._errors as error:
            raise DataLossError(f"saved_model.load: {self._path} cannot be read: {error}") from None

    def read(self, name: str, dtype: DType, sizes: Sequence[int], where: str) -> np.ndarray:
        """The tensor of that name, in memory of its own, which must have this dtype and these sizes.

        Each is read once, so that a small file does not fill the memory.
        """
        if name in self._taken:
            raise damaged(where, "a tensor that nothing else has", name)
        self._taken.add(name)
        if dtype.is_string:
            return self._strings(name, sizes, where)
        stored = dtype.real_dtype if dtype.is_complex else dtype
        array = self._stored(name, stored, [*sizes, 2] if dtype.is_complex else sizes, where)
        return unpacked(array) if dtype.is_complex else array

    def _stored(self, name: str, dtype: DType, sizes: Sequence[int] | None, where: str) -> np.ndarray:
        if name not in self.names:
            raise damaged(where, f"the name of a tensor in {FILE}", name)
        part = self._checked(lambda: self._file.get_slice(name))
        shape = list(part.get_shape())
        if sizes is not None and shape != list(sizes):
            raise damaged(where, f"a tensor of shape {list(sizes)}", shape)
        array = self._checked(lambda: self._file.get_tensor(name))
        if array.dtype != dtype.dtype:
            raise damaged(where, f"a tensor of dtype {dtype.name}", str(array.dtype))
        return np.array(array, dtype=dtype.dtype)

    def _strings(self, name: str, sizes: Sequence[int], where: str) -> np.ndarray:
        data = self._stored(name, UINT8, None, where).tobytes()
        ends = self._stored(f"{name}.ends", INT64, [int(np.prod(sizes, dtype=object))], where).tolist()
        starts = [0, *ends[:-1]] if ends else []
        if any(start > end for start, end in zip(starts, ends)) or (ends[-1] if ends else 0) != len(data):
            raise damaged(where, "the ends of strings", ends)
        strings = [data[start:end] for start, end in zip(starts, ends)]
        return of_list(strings, sizes)


def offsets(path: Path) -> Mapping[str, tuple[int, int]]:
    """For each tensor of a file the position of its first byte, and how many bytes it has."""
    import json

    with open(path, "rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
    found = {name: entry["data_offsets"] for name, entry in header.items() if name != "__metadata__"}
    return {name: (8 + size + begin, end - begin) for name, (begin, end) in found.items()}
