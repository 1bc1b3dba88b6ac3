"""Sounds in WAV files of 16 bits, as TensorFlow reads and writes them.

IBM and Microsoft, "Multimedia Programming Interface and Data Specifications 1.0" (1991): chunks, each a name of four
bytes, a size and content. TensorFlow reads no chunk at an odd position more than others: content is not padded.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np

from .base import InferenceError

_FORMATS = (16, 18)
"""How long the content of a format chunk may be."""


def wav_header(data: bytes) -> tuple[int, int, int, int]:
    """Where the samples begin, how many there are in a channel, the channels, and the rate. InferenceError if bad."""
    for at, expected in ((0, b"RIFF"), (8, b"WAVE")):
        if data[at : at + 4] != expected:
            raise InferenceError("C2", f"contents: expected {expected!r} at byte {at}, got {data[at : at + 4]!r}")
    chunks = _chunks(data)
    name, begin, size = next(chunks, (b"", 0, 0))
    if name != b"fmt " or size not in _FORMATS or begin + size > len(data):
        raise InferenceError("C2", f"contents: expected a format chunk of 16 or 18 bytes, got {name!r} of {size}")
    kind, channels, rate, speed, block, bits = struct.unpack_from("<HHIIHH", data, begin)
    if kind != 1 or bits != 16:
        raise InferenceError("C2", f"contents: expected samples of 16 bits, got {bits} bits in format {kind}")
    if channels < 1 or block != 2 * channels:
        raise InferenceError("C2", f"contents: expected blocks of all channels, got {block} bytes, {channels} channels")
    if speed != rate * block % 2**32:
        raise InferenceError("C2", f"contents: expected {rate * block} bytes in a second, got {speed}")
    for name, begin, size in chunks:
        if name == b"data":
            if begin + size > len(data):
                raise InferenceError("C2", f"contents: expected {size} bytes of samples, got {len(data) - begin}")
            return begin, size // block, channels, rate
    raise InferenceError("C2", "contents: expected a chunk of samples, got none")


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The name of each chunk, and where its content begins and how long it is."""
    at = 12
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        yield name, at + 8, size
        at += 8 + size


def wav_file(samples: np.ndarray, rate: int) -> bytes:
    """The contents of a file; samples from -1 to 1 are rounded to the nearest step, halves away from zero; NaN is 0."""
    scaled = np.nan_to_num(samples.astype(np.float64) * 2**15, nan=0.0)
    rounded = np.trunc(scaled + np.copysign(0.5, scaled))
    data = np.clip(rounded, -(2**15), 2**15 - 1).astype("<i2").tobytes()
    channels = samples.shape[1]
    form = struct.pack("<HHIIHH", 1, channels, rate, 2 * channels * rate % 2**32, 2 * channels, 16)
    parts = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(parts)) + parts
