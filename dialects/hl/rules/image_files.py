"""Images in files of PNG, JPEG, BMP, GIF and WebP, by means of Pillow."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...diagnostics import UnsupportedError
from ...dtypes import UINT8, DType
from .base import InferenceError
from .gif_files import gif_pixels, gif_sizes

ONE, FIRST, ALL, NONE = "one", "first", "all", "none"
"""Which images of a GIF file are read: its only one, the first, all with an axis for them; or no GIF file is."""
_CHANNELS = {
    "1": 1,
    "L": 1,
    "I": 1,
    "I;16": 1,
    "I;16B": 1,
    "LA": 2,
    "RGB": 3,
    "CMYK": 3,
    "YCbCr": 3,
    "RGBA": 4,
    "PA": 4,
}
"""How many numbers a pixel of each of Pillow's modes has; of those with a palette that decides."""
_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
_RED, _GREEN, _BLUE = 9797, 19234, 3737
"""How much colours count for gray, in 32768ths: as libpng has 0.299, 0.587 and the rest."""


def pillow() -> Any:
    """The module `PIL.Image`. Raises UnsupportedError where it is not installed."""
    try:
        from PIL import Image
    except ImportError:
        raise UnsupportedError("images in files need Pillow: install stepwell[images]") from None
    return Image


def _opened(item: bytes, channels: int) -> Any:
    if not item:
        raise InferenceError("C3", "expected the contents of an image, got an empty string")
    try:
        image = pillow().open(io.BytesIO(item))
    except (OSError, ValueError) as error:
        reason = "of no format that is known" if "BytesIO" in str(error) else error
        raise InferenceError("C3", f"expected the contents of an image: {reason}") from None
    if image.format == "JPEG" and channels == 4:
        raise InferenceError("C2", "JPEG has no images of 4 channels")
    if image.format == "JPEG" and channels == 1:
        image.draft("L", image.size)
    return image


def image_sizes(item: bytes, channels: int, frames: str) -> tuple[int, ...]:
    """The height, the width and the number of channels of an image; `channels` unless it is 0.

    Args:
        item: the contents of the file.
        channels: how many are asked for.
        frames: `ALL` for all images of a GIF file: how many there are is first then.
    """
    if _is_gif(item):
        count, *sizes = gif_sizes(item)
        _check_gif(count, channels, frames)
        found = (*sizes, 3)
    else:
        image, count = _opened(item, channels), 1
        width, height = image.size
        found = height, width, channels or _own_channels(image)
    return (count, *found) if frames == ALL else found


def _is_gif(item: bytes) -> bool:
    return item.startswith(b"GIF8")


def _check_gif(count: int, channels: int, frames: str) -> None:
    """Check what is asked of a GIF file of `count` images."""
    if channels not in (0, 3):
        raise InferenceError("C2", f"GIF has images of 3 channels, got channels {channels}")
    if frames == NONE:
        raise InferenceError(
            "C6",
            "how many axes the images of a GIF file have must be known when a function is traced: read all by "
            "decode_gif, or the first by decode_image with expand_animations=False",
        )
    if frames == ONE and count != 1:
        raise InferenceError("C6", f"expected one image, got a GIF file of {count}: ask for them by decode_gif")


def _own_channels(image: Any) -> int:
    if image.mode == "P":
        return 4 if "transparency" in image.info else 3
    if image.mode == "RGB" and "transparency" in image.info:
        return 4
    return _CHANNELS[image.mode]


def decoded_image(item: bytes, channels: int, frames: str, dtype: DType) -> np.ndarray:
    """The pixels of an image, uint8 or uint16, with `channels` numbers each, as many as it has if that is 0."""
    if _is_gif(item):
        found = gif_pixels(item, pillow(), frames == FIRST)
        _check_gif(len(found), channels, frames)
        found = _scaled(found, dtype, "GIF")
        return found if frames == ALL else found[0]
    found = _decoded_one(item, channels, dtype)
    return found[np.newaxis] if frames == ALL else found


def _decoded_one(item: bytes, channels: int, dtype: DType) -> np.ndarray:
    image = _opened(item, channels)
    wanted = channels or _own_channels(image)
    try:
        image.load()
    except (OSError, SyntaxError, ValueError) as error:
        raise InferenceError("C3", f"expected the contents of a complete image: {error}") from None
    if image.mode.startswith("I"):
        return _of_16_bits(np.asarray(image).astype(np.uint16), wanted, dtype)
    if dtype != UINT8 and _bits(item) == 16:
        raise UnsupportedError("images with colours of 16 bits are read with 8 bits only: ask for uint8")
    found = _as_gray(image) if wanted == 1 else np.asarray(image.convert(_MODES[wanted]))
    found = found.reshape((*image.size[::-1], wanted))
    return _scaled(found, dtype, image.format)


def _scaled(pixels: np.ndarray, dtype: DType, kind: str) -> np.ndarray:
    """Pixels of 8 bits in a dtype: of 16 bits, those of PNG files are up to 65535, of others up to 65280."""
    return pixels if dtype == UINT8 else pixels.astype(np.uint16) * (257 if kind == "PNG" else 256)


def decoded_part(item: bytes, channels: int, window: Sequence[int]) -> np.ndarray:
    """The pixels in a window of a JPEG image, which is its first row and column, and its height and width."""
    if not item.startswith(b"\xff\xd8\xff"):
        raise InferenceError("C3", "expected the contents of a JPEG file")
    found = _decoded_one(item, channels, UINT8)
    top, left, height, width = window
    if not (0 <= top < top + height <= found.shape[0] and 0 <= left < left + width <= found.shape[1]):
        sizes = f"{found.shape[0]} by {found.shape[1]}"
        raise InferenceError("C4", f"crop_window: expected a part of an image of {sizes}, got {list(window)}")
    return found[top : top + height, left : left + width]


def _bits(item: bytes) -> int:
    """The bits of a colour that the head of a PNG file says."""
    return item[24] if item.startswith(b"\x89PNG") and len(item) > 24 else 8


def _as_gray(image: Any) -> np.ndarray:
    if _own_channels(image) <= 2:
        return np.asarray(image.convert("LA"))[..., 0] if image.mode == "LA" else np.asarray(image.convert("L"))
    red, green, blue = np.moveaxis(np.asarray(image.convert("RGB")).astype(np.int64), -1, 0)
    return ((red * _RED + green * _GREEN + blue * _BLUE) >> 15).astype(np.uint8)


def _of_16_bits(gray: np.ndarray, channels: int, dtype: DType) -> np.ndarray:
    """A gray image whose pixels have 16 bits."""
    most = 65535
    if dtype == UINT8:
        gray, most = (gray >> 8).astype(np.uint8), 255
    planes = [gray] * (3 if channels > 2 else 1) + [np.full_like(gray, most)] * (channels in (2, 4))
    return np.stack(planes, -1)


def encoded_image(pixels: np.ndarray, kind: str, level: int) -> bytes:
    """An image of shape `[height, width, channels]` as a file of PNG or JPEG.

    Args:
        pixels: of uint8; of PNG files with one channel of uint16 too.
        kind: `PNG` or `JPEG`.
        level: how much a PNG file is compressed, -1 for a usual one; the quality of a JPEG file.
    """
    channels = pixels.shape[-1]
    plain = np.ascontiguousarray(pixels[..., 0] if channels == 1 else pixels)
    if pixels.dtype == np.uint16 and channels > 1:
        raise UnsupportedError("images with colours of 16 bits are not written; convert them to uint8")
    out = io.BytesIO()
    options = {"quality": level} if kind == "JPEG" else {"compress_level": 6 if level < 0 else level}
    pillow().fromarray(plain).save(out, kind, **options)
    return out.getvalue()
