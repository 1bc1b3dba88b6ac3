"""The tensors of a TensorFlow checkpoint: an index, and one or several files of data."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ml_dtypes
import numpy as np
from google.protobuf.message import DecodeError

from ....dialects.dtypes import STRING, TENSOR_DTYPES
from ....dialects.errors import DataLossError, NotFoundError, UnimplementedError
from ....dialects.files import file_errors
from ...checksums import crc32c, masked
from ..graph import ObjectGraph, SavedObject
from ..messages import message
from .table import Reader, read_table

OBJECT_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"
"""The key of the objects of a checkpoint."""

_DTYPES = {record.as_datatype_enum: record.dtype for record in TENSOR_DTYPES} | {
    number: np.dtype(getattr(ml_dtypes, name))
    for number, name in ((24, "float8_e5m2"), (25, "float8_e4m3fn"), (29, "int4"), (30, "uint4"))
}
"""NumPy's dtypes by TensorFlow's numbers of dtypes; the records have those that tensors can have."""


@dataclass(frozen=True)
class Entry:
    """Where a tensor is.

    Attributes:
        dtype: NumPy's dtype; None for one that is unknown here.
        shape: the sizes.
        shard: in which file of data.
        offset: the first byte.
        size: how many bytes.
        checksum: of these, masked.
        kind: TensorFlow's number of the dtype.
        is_sliced: whether other entries have parts of it, and this one no data.
    """

    dtype: np.dtype[Any] | None
    shape: tuple[int, ...]
    shard: int
    offset: int
    size: int
    checksum: int
    kind: int
    is_sliced: bool


class TensorFlowFile:
    """A checkpoint that TensorFlow wrote.

    Args:
        prefix: the path without `.index`.

    Raises DataLossError for a damaged file.
    """

    by_tensorflow = True

    def __init__(self, prefix: str):
        self.prefix = prefix
        self.path = f"{prefix}.index"
        with file_errors(self.path), open(self.path, "rb") as file:
            data = file.read()
        try:
            table = read_table(data)
            if b"" not in table:
                raise DataLossError("there is no header")
            header = message("BundleHeaderProto").FromString(table.pop(b""))
            self._entries = {key.decode(): _entry(value) for key, value in table.items()}
        except (DataLossError, UnimplementedError, DecodeError, UnicodeDecodeError) as error:
            raise DataLossError(f"{self.path}: the checkpoint is damaged: {_text(error)}") from None
        if header.endianness != 0:
            raise UnimplementedError(f"{self.path}: expected numbers with the low byte first, got the high byte first")
        self._shards = max(header.num_shards, 1)

    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """The shapes of all tensors."""
        return {key: entry.shape for key, entry in self._entries.items()}

    def dtype(self, key: str) -> np.dtype[Any]:
        """The dtype of a tensor."""
        entry = self._entries[key]
        if entry.dtype is None:
            raise UnimplementedError(f"{self.path}: {key}: there is no dtype for TensorFlow's number {entry.kind}")
        return entry.dtype

    def graph(self) -> ObjectGraph | None:
        """The objects; None if the file has tensors alone, as `tf.compat.v1.train.Saver` writes it."""
        if OBJECT_GRAPH not in self._entries:
            return None
        try:
            graph = message("TrackableObjectGraph").FromString(self.read(OBJECT_GRAPH).item())
            return ObjectGraph([_saved_object(node) for node in graph.nodes])
        except (DataLossError, DecodeError) as error:
            raise DataLossError(f"{self.path}: the checkpoint is damaged: {_text(error)}") from None

    def read(self, key: str) -> np.ndarray[Any, np.dtype[Any]]:
        """A tensor, after a look at its checksum."""
        entry, dtype = self._entries[key], self.dtype(key)
        if entry.is_sliced:
            raise UnimplementedError(
                f"{self.path}: {key}: a tensor in parts, as partitioned variables are, is not read"
            )
        path = f"{self.prefix}.data-{entry.shard:05d}-of-{self._shards:05d}"
        with file_errors(path), open(path, "rb") as file:
            file.seek(entry.offset)
            data = file.read(entry.size)
        try:
            return _strings(entry, data) if dtype == STRING.dtype else _numbers(entry, dtype, data)
        except DataLossError as error:
            raise DataLossError(f"{path}: the checkpoint is damaged: {key}: {error.message}") from None

    def check_files(self) -> None:
        """Raise NotFoundError if a file of data is missing."""
        for shard in range(self._shards):
            path = f"{self.prefix}.data-{shard:05d}-of-{self._shards:05d}"
            if not os.path.exists(path):
                raise NotFoundError(f"{path}: {self.path} needs this file, which is missing")


def _text(error: Exception) -> str:
    return error.message if isinstance(error, DataLossError | UnimplementedError) else str(error)


def _entry(value: bytes) -> Entry:
    found = message("BundleEntryProto").FromString(value)
    shape = tuple(dim.size for dim in found.shape.dim)
    if min([found.shard_id, found.offset, found.size, *shape]) < 0:
        raise DataLossError("a negative size or offset")
    dtype = _DTYPES.get(found.dtype)
    return Entry(dtype, shape, found.shard_id, found.offset, found.size, found.crc32c, found.dtype, bool(found.slices))


def _saved_object(node: Any) -> SavedObject:
    children = {child.local_name: child.node_id for child in node.children}
    keys = {value.name: value.checkpoint_key for value in node.attributes}
    table = keys.pop("table", None)  # a lookup table's, which is two tensors
    if table is not None:
        keys |= {f"table{part}": f"{table}{part}" for part in ("-keys", "-values")}
    return SavedObject(children, keys)


def _numbers(entry: Entry, dtype: np.dtype[Any], data: bytes) -> np.ndarray[Any, np.dtype[Any]]:
    wanted = math.prod(entry.shape) * dtype.itemsize
    if not len(data) == entry.size == wanted:
        raise DataLossError(f"{wanted} bytes are expected, and {len(data)} are there")
    if masked(crc32c(data)) != entry.checksum:
        raise DataLossError("its checksum is wrong")
    return np.frombuffer(data, dtype).reshape(entry.shape)


def _strings(entry: Entry, data: bytes) -> np.ndarray[Any, np.dtype[Any]]:
    """Strings: their lengths, a checksum of these, and the bytes."""
    if len(data) != entry.size:
        raise DataLossError(f"{entry.size} bytes are expected, and {len(data)} are there")
    reader, count = Reader(data), math.prod(entry.shape)
    if count > len(data):  # each length has a byte
        raise DataLossError(f"{count} strings are expected in {len(data)} bytes")
    lengths = [reader.varint() for _ in range(count)]
    checksum = 0  # of the lengths as numbers of 32 bits, or of 64 if they need them
    for length in lengths:
        checksum = crc32c(length.to_bytes(4 if length < 2**32 else 8, "little"), checksum)
    stored = reader.take(4)
    if masked(checksum).to_bytes(4, "little") != stored:
        raise DataLossError("the checksum of the strings' lengths is wrong")
    rest = reader.rest()
    if sum(lengths) != len(rest) or masked(crc32c(rest, crc32c(stored, checksum))) != entry.checksum:
        raise DataLossError("its checksum is wrong")
    strings = np.empty(count, object)
    text = Reader(rest)
    for place, length in enumerate(lengths):
        strings[place] = text.take(length)
    return strings.reshape(entry.shape)
