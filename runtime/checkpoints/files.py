"""Checkpoint files: safetensors, with the objects, dtypes, shapes and checksums as JSON in its header."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from safetensors import SafetensorError, TensorSpec, safe_open, serialize_file

from ...dialects.errors import DataLossError, UnimplementedError
from ...dialects.files import file_errors
from ..checksums import crc32c
from .arrays import as_it_was, dtype_name, dtype_named, stored
from .atomic import write_whole
from .graph import ObjectGraph

SUFFIX = ".safetensors"
VERSION = 1
"""Of the JSON; files with a larger one are not read."""

_INDEX, _CHECKSUM = "stepwell.checkpoint", "stepwell.checkpoint.crc32c"


def write_file(prefix: str, graph: ObjectGraph, arrays: Mapping[str, np.ndarray[Any, np.dtype[Any]]]) -> None:
    """Write a checkpoint: `prefix` and `.safetensors`. It is there as a whole or not at all."""
    parts = {key: stored(array) for key, array in arrays.items()}
    index = json.dumps(
        {
            "version": VERSION,
            "objects": graph.as_json(),
            "tensors": {
                key: {"dtype": dtype_name(array), "shape": array.shape, "crc32c": crc32c(parts[key])}
                for key, array in arrays.items()
            },
        },
        ensure_ascii=False,
    )
    specs = {
        key: TensorSpec(dtype=part.dtype.name, shape=part.shape, data_ptr=part.ctypes.data, data_len=part.nbytes)
        for key, part in parts.items()
    }
    metadata = {_INDEX: index, _CHECKSUM: str(crc32c(index.encode()))}
    write_whole(prefix + SUFFIX, lambda path: _serialize(specs, path, metadata))


def _serialize(specs: dict[str, TensorSpec], path: str, metadata: dict[str, str]) -> None:
    try:
        serialize_file(specs, path, metadata)
    except SafetensorError as error:
        number = re.search(r"os error (\d+)", str(error))
        if number is None:
            raise
        text = str(error).partition("I/O error: ")[2].partition(" (os error")[0]
        raise OSError(int(number[1]), text) from None


@dataclass(frozen=True)
class Stored:
    """What the index says of a tensor."""

    dtype: str
    shape: tuple[int, ...]
    checksum: int


class StepwellFile:
    """A checkpoint that `write_file` wrote.

    Args:
        prefix: the path without `.safetensors`.

    Raises DataLossError for a damaged file. What was opened can be read though the file is removed.
    """

    by_tensorflow = False

    def __init__(self, prefix: str):
        self.prefix = prefix
        self.path = prefix + SUFFIX
        try:
            with file_errors(self.path):
                open(self.path, "rb").close()
                self._file = safe_open(self.path, "numpy")
            metadata = self._file.metadata() or {}
        except SafetensorError as error:
            raise self._damaged(str(error)) from None
        text = metadata.get(_INDEX)
        if text is None:
            raise DataLossError(f"{self.path}: expected a checkpoint, got safetensors without an index of objects")
        if str(crc32c(text.encode())) != metadata.get(_CHECKSUM):
            raise self._damaged("the checksum of the index is wrong")
        self._index = json.loads(text)
        if self._index["version"] > VERSION:
            raise UnimplementedError(
                f"{self.path}: expected a checkpoint of version {VERSION} or before, got {self._index['version']}; "
                "a newer version of stepwell wrote it"
            )
        self._tensors = {
            key: Stored(entry["dtype"], tuple(entry["shape"]), entry["crc32c"])
            for key, entry in self._index["tensors"].items()
        }
        if missing := self._tensors.keys() - set(self._file.keys()):
            raise self._damaged(f"there is no {min(missing)}")

    def _damaged(self, why: str) -> DataLossError:
        return DataLossError(f"{self.path}: the checkpoint is damaged: {why}")

    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """The shapes of all tensors."""
        return {key: entry.shape for key, entry in self._tensors.items()}

    def dtype(self, key: str) -> np.dtype[Any]:
        """The dtype of a tensor."""
        return dtype_named(self._tensors[key].dtype)

    def graph(self) -> ObjectGraph:
        """The objects."""
        return ObjectGraph.of_json(self._index["objects"])

    def read(self, key: str) -> np.ndarray[Any, np.dtype[Any]]:
        """A tensor, after a look at its checksum."""
        entry = self._tensors[key]
        try:
            found = self._file.get_tensor(key)
            if crc32c(found) != entry.checksum:
                raise DataLossError("its checksum is wrong")
            return as_it_was(entry.dtype, entry.shape, found)
        except SafetensorError as error:
            raise self._damaged(f"{key}: {error}") from None
        except DataLossError as error:
            raise self._damaged(f"{key}: {error.message}") from None

    def check_files(self) -> None:
        """There is one file, which is open."""
