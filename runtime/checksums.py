"""CRC-32C, the checksum of checkpoints, and of TensorFlow's files."""

from __future__ import annotations

from typing import Any

import google_crc32c
import numpy as np

_MASK = 0xA282EAD8
_WORD = 0xFFFFFFFF


def crc32c(data: bytes | np.ndarray, before: int = 0) -> int:
    """The checksum of bytes that follow those with the checksum `before`.

    Example:
        >>> hex(crc32c(b"123456789"))
        '0xe3069283'
    """
    raw: Any = np.frombuffer(data, np.uint8) if isinstance(data, bytes) else as_bytes_array(data)
    return google_crc32c.extend(before, raw)


def as_bytes_array(array: np.ndarray) -> np.ndarray:
    """The memory of an array's elements."""
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)


def masked(checksum: int) -> int:
    """A checksum as TensorFlow stores it: that of data which has checksums in it would say little."""
    return ((checksum >> 15 | checksum << 17) + _MASK) & _WORD
