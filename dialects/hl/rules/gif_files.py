"""GIF files: their images, placed one on the other as TensorFlow's reader does."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .base import InferenceError

_EXTENSION, _IMAGE = 0x21, 0x2C
_CONTROL = 0xF9
"""The extension that names the transparent colour of the image after it."""
_GRAYS = np.repeat(np.arange(256, dtype=np.uint8), 3).tobytes()
"""A table of colours whose colours are their indices."""
_MOST_PIXELS = 2**29
"""More pixels are refused, as TensorFlow does in PNG files: a file of a few bytes may claim that many."""


class _CutOffError(Exception):
    """The file ends before what it announces."""


@dataclass(frozen=True)
class _Frame:
    """One image of a file: where it is, its table of colours, and its compressed indices into that."""

    left: int
    top: int
    width: int
    height: int
    interlaced: bool
    colors: np.ndarray | None
    transparent: int
    data: bytes

    def indices(self, pillow: Any) -> np.ndarray:
        """The indices, as Pillow decompresses them: from a file of this image, whose colours are the indices."""
        head = struct.pack("<6sHHBBB", b"GIF89a", self.width, self.height, 0xF7, 0, 0)
        descriptor = struct.pack("<BHHHHB", _IMAGE, 0, 0, self.width, self.height, self.interlaced << 6)
        file = pillow.open(io.BytesIO(head + _GRAYS + descriptor + self.data + b";"))
        return np.asarray(file).reshape(self.height, self.width)


class _Reader:
    """Reads the parts of a file, in order."""

    def __init__(self, item: bytes) -> None:
        """At the beginning."""
        self._item, self._at = item, 0

    def take(self, count: int) -> bytes:
        """The next bytes. Raises _CutOffError where they are fewer."""
        found = self._item[self._at : self._at + count]
        if len(found) < count:
            raise _CutOffError
        self._at += count
        return found

    def colors(self, flags: int) -> np.ndarray | None:
        """The table of colours that flags announce, `[colours, 3]`."""
        return np.frombuffer(self.take(6 << (flags & 7)), np.uint8).reshape(-1, 3) if flags & 0x80 else None

    def blocks(self) -> bytes:
        """Blocks of bytes with their sizes, to the empty one."""
        start = self._at
        while size := self.take(1)[0]:
            self.take(size)
        return self._item[start : self._at]

    def frame(self, common: np.ndarray | None, transparent: int) -> _Frame:
        """An image, whose descriptor is next."""
        left, top, width, height, flags = struct.unpack("<HHHHB", self.take(9))
        own = self.colors(flags)
        data = self.take(1) + self.blocks()
        if not width * height:
            raise InferenceError("C3", f"expected images that are not empty in the GIF file, got {height} by {width}")
        return _Frame(left, top, width, height, bool(flags & 0x40), common if own is None else own, transparent, data)


def _frames(reader: _Reader, common: np.ndarray | None) -> Iterator[_Frame]:
    """The images before the file ends, or what is no block of a GIF file."""
    transparent = None
    while (kind := reader.take(1)[0]) in (_EXTENSION, _IMAGE):
        if kind == _IMAGE:
            yield reader.frame(common, -1 if transparent is None else transparent)
            transparent = None
            continue
        control, blocks = reader.take(1)[0] == _CONTROL, reader.blocks()
        if control and transparent is None:
            transparent = blocks[4] if len(blocks) == 6 and blocks[1] & 1 else -1


def _frames_in(item: bytes) -> list[_Frame]:
    """The images of a file that are whole; a file that is cut off has those before. Raises InferenceError for none."""
    reader, found = _Reader(item), []
    try:
        head = reader.take(13)
        for frame in _frames(reader, reader.colors(head[10])):
            found.append(frame)
    except _CutOffError:
        if not found:
            raise InferenceError("C3", "expected a GIF file with an image that is whole: the file is cut off") from None
    if not found:
        raise InferenceError("C3", "expected a GIF file with an image, got one without")
    return found


def gif_sizes(item: bytes) -> tuple[int, int, int]:
    """How many images a GIF file has, and the height and the width of the largest."""
    return _sizes(_frames_in(item))


def _sizes(frames: list[_Frame]) -> tuple[int, int, int]:
    sizes = len(frames), max(frame.height for frame in frames), max(frame.width for frame in frames)
    if sizes[1] * sizes[2] > _MOST_PIXELS:
        raise InferenceError("C3", f"expected images of {_MOST_PIXELS} pixels at most, got {sizes[1]} by {sizes[2]}")
    return sizes


def gif_pixels(item: bytes, pillow: Any, first: bool) -> np.ndarray:
    """The images of a GIF file, `[images, height, width, 3]` of uint8, or the first one alone.

    As in TensorFlow, an image is placed on the one before, which is not disposed of first, whatever the file says.
    Where it is transparent, and outside of it, that one is seen, and black under the first. The sizes are those of the
    largest image, not the screen's.

    Args:
        item: the contents of the file.
        pillow: the module `PIL.Image`.
        first: whether only the first image is asked for.
    """
    frames = _frames_in(item)
    count, height, width = _sizes(frames)
    found = np.zeros((1 if first else count, height, width, 3), np.uint8)
    for number, frame in enumerate(frames[: len(found)]):
        if number:
            found[number] = found[number - 1]
        _place(found[number], frame, number, pillow)
    return found


def _place(canvas: np.ndarray, frame: _Frame, number: int, pillow: Any) -> None:
    """Write the pixels of an image, those that are not transparent, to their place."""
    if frame.colors is None:
        raise InferenceError("C3", f"image {number} of the GIF file has no table of colours")
    try:
        indices = frame.indices(pillow)
    except (OSError, SyntaxError, ValueError) as error:
        raise InferenceError("C3", f"expected the contents of a complete image: image {number}: {error}") from None
    part = canvas[frame.top : frame.top + frame.height, frame.left : frame.left + frame.width]
    indices = indices[: part.shape[0], : part.shape[1]]
    seen = indices != frame.transparent
    if (most := indices.max(initial=0, where=seen)) >= len(frame.colors):
        raise InferenceError("C3", f"image {number} of the GIF file has colour {most} of {len(frame.colors)} colours")
    part[seen] = frame.colors[indices[seen]]
