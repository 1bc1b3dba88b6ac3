"""TensorFlow's format of records: a length, its checksum, the bytes, their checksum.

Numbers are of little-endian order; checksums are CRC-32C (Castagnoli), rotated and offset, so that the checksum of
bytes that contain checksums is not weak.
"""

from __future__ import annotations

import struct

from ....dialects.errors import DataLossError
from ...checksums import crc32c, masked
from .streams import Stream

HEADER = struct.Struct("<QI")
"""The length of a record, and its checksum."""

CHECKSUM = struct.Struct("<I")
"""The checksum of the bytes before it."""


def checksum(data: bytes) -> int:
    """The masked CRC-32C of some bytes."""
    return masked(crc32c(data))


def framed(record: bytes) -> bytes:
    """The bytes of a record in a file."""
    length = struct.pack("<Q", len(record))
    return b"".join((length, CHECKSUM.pack(checksum(length)), record, CHECKSUM.pack(checksum(record))))


def next_record(stream: Stream, number: int) -> bytes | None:
    """The record at a stream's place, None at the end of the file; `number` counts the records of the file from 0.

    Raises DataLossError, with the number of the record and the byte at which it begins, for one that is damaged or cut
    off; the lengths in a file are checked before memory is reserved.
    """
    where = f"{stream.path}: record {number}, at byte {stream.offset}"
    try:
        return _record(stream, where)
    except DataLossError as error:
        if error.message.startswith(where):
            raise
        raise DataLossError(f"{where}: {error.message.removeprefix(f'{stream.path}: ')}") from None


def _record(stream: Stream, where: str) -> bytes | None:
    begin = stream.offset
    header = stream.read(HEADER.size)
    if not header:
        return None
    if len(header) < HEADER.size:
        raise DataLossError(f"{where}: truncated record: expected {HEADER.size} bytes of a length, got {len(header)}")
    length, check = HEADER.unpack(header)
    if checksum(header[:8]) != check:
        hint = " (is it a TFRecord file, and of this compression?)" if not begin else ""
        raise DataLossError(f"{where}: corrupted record: the checksum of its length does not match{hint}")
    size = stream.size()
    there = None if size is None else size - stream.offset
    body = b"" if there is not None and there < length else stream.read(length + CHECKSUM.size)
    if len(body) < length + CHECKSUM.size:
        there = len(body) if there is None else there
        raise DataLossError(f"{where}: truncated record: expected {length + CHECKSUM.size} more bytes, got {there}")
    record = body[:length]
    if checksum(record) != CHECKSUM.unpack_from(body, length)[0]:
        raise DataLossError(f"{where}: corrupted record: the checksum of its {length} bytes does not match")
    return record
