"""Sorted string tables, the format of LevelDB's files: the index of a TensorFlow checkpoint is one.

A table is blocks of keys and values, then a block with where these are, then a footer with where that one is
(https://github.com/google/leveldb/blob/main/doc/table_format.md).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from ....dialects.errors import DataLossError, UnimplementedError
from ...checksums import crc32c, masked

_FOOTER = 48
_MAGIC = 0xDB4775248B80FB57
_TRAILER = 5
"""The bytes after a block: how it is compressed, and its checksum."""


def read_table(data: bytes) -> dict[bytes, bytes]:
    """The keys and values of a table. Raises DataLossError for bytes that are no table, or a damaged one."""
    if len(data) < _FOOTER or int.from_bytes(data[-8:], "little") != _MAGIC:
        raise DataLossError("it does not end like a table of keys and values: it is cut off, or none")
    handles = Reader(data[-_FOOTER:-8])
    for _ in range(2):  # where the block of meta data begins and how long it is; such tables have none
        handles.varint()
    found: dict[bytes, bytes] = {}
    for _, handle in _entries(_block(data, Reader(handles.rest()))):
        found.update(_entries(_block(data, Reader(handle))))
    return found


def _block(data: bytes, handle: Reader) -> bytes:
    """The block at a place in the file, after a look at its checksum."""
    begin, size = handle.varint(), handle.varint()
    end = begin + size
    if end + _TRAILER > len(data) - _FOOTER:
        raise DataLossError(f"a block ends after the end of the file, at byte {end + _TRAILER}")
    (checksum,) = struct.unpack_from("<I", data, end + 1)
    if masked(crc32c(data[begin : end + 1])) != checksum:
        raise DataLossError(f"the checksum of the block at byte {begin} is wrong")
    if data[end] != 0:
        raise UnimplementedError(f"the block at byte {begin} is compressed, as kind {data[end]}")
    return data[begin:end]


def _entries(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values. A key has the first bytes in common with the one before, which are left out."""
    if len(block) < 4:
        raise DataLossError("a block has no end")
    restarts = int.from_bytes(block[-4:], "little")
    reader, key = Reader(block[: max(0, len(block) - 4 * (restarts + 1))]), b""
    while not reader.at_end:
        shared, others, size = reader.varint(), reader.varint(), reader.varint()
        if shared > len(key):
            raise DataLossError("a key has more in common with the one before than that has")
        key = key[:shared] + reader.take(others)
        yield key, reader.take(size)


class Reader:
    """Takes numbers and bytes from the front of others. Raises DataLossError at the end."""

    def __init__(self, data: bytes):
        self._data, self._place = data, 0

    @property
    def at_end(self) -> bool:
        """Whether nothing is left."""
        return self._place >= len(self._data)

    def rest(self) -> bytes:
        """What is left."""
        return self._data[self._place :]

    def take(self, size: int) -> bytes:
        """The next bytes."""
        end = self._place + size
        if end > len(self._data):
            raise DataLossError(f"{size} bytes are expected, and {len(self._data) - self._place} are left")
        taken, self._place = self._data[self._place : end], end
        return taken

    def varint(self) -> int:
        """A number of seven bits a byte, the low ones first."""
        value = 0
        for shift in range(0, 64, 7):
            (byte,) = self.take(1)
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
        raise DataLossError("a number of more than 64 bits")
