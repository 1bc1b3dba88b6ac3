"""Public functions between images and the contents of files."""

from __future__ import annotations

from .....dialects.diagnostics import InvalidArgumentError
from .....dialects.dtypes import INT32, INT64, STRING, UINT8, UINT16, DTypeLike, dtype_named
from .....dialects.errors import UnimplementedError
from .....dialects.hl.image_files import DecodeImageOp, DecodePartOp, EncodeImageOp, ImageSizesOp
from .....dialects.hl.rules.image_files import ALL, FIRST, NONE, ONE
from .....dialects.public import public
from ...values.dispatch import apply, as_tensor
from ...values.tensor import Tensor, TensorLike
from ..math import minimum
from ..movement import concat
from ..select import cast
from ..strings.elements import strings_of, substr
from .colors import convert_image_dtype


def _decoded(function: str, contents: TensorLike, channels: int | None, dtype: DTypeLike, frames: str = ONE) -> Tensor:
    x, wanted = as_tensor(contents, STRING, f"{function}: contents"), dtype_named(dtype, f"{function}: dtype")
    count = int(channels or 0)
    sizes = apply(ImageSizesOp, x, channels=count, frames=frames)
    return apply(DecodeImageOp, x, sizes, channels=count, frames=frames, dtype=wanted)


def _check_whole(function: str, ratio: int, fancy_upscaling: bool, try_recover_truncated: bool) -> None:
    """Check options of how a JPEG file is read."""
    if ratio != 1 or not fancy_upscaling or try_recover_truncated:
        raise UnimplementedError(f"{function}: images are read in their own size, with colours interpolated, and whole")


@public("image", "io")
def decode_jpeg(
    contents: TensorLike,
    channels: int = 0,
    ratio: int = 1,
    fancy_upscaling: bool = True,
    try_recover_truncated: bool = False,
    acceptable_fraction: float = 1,
    dct_method: str = "",
    name: str | None = None,
) -> Tensor:
    """The image in a JPEG file, of uint8: `[height, width, channels]`. Needs Pillow.

    Args:
        contents: the contents of the file; one of PNG, BMP or WebP, too.
        channels: 1 for gray, 3 for colours; what the file has if 0.
        ratio: 1: images are not made smaller.
        fancy_upscaling: True: colours are interpolated.
        try_recover_truncated: False: a file that is cut off is an error.
        acceptable_fraction: not used.
        dct_method: not used: pixels are those of TensorFlow's `"INTEGER_ACCURATE"`, whose default is less exact.
        name: not used.

    Raises InvalidArgumentError for what is no image.

    Example:
        >>> import stepwell as sw
        >>> file = sw.io.encode_jpeg(sw.fill([4, 6, 3], sw.constant(90, sw.uint8)))
        >>> sw.io.decode_jpeg(file).shape
        TensorShape([4, 6, 3])
    """
    _check_whole("decode_jpeg", ratio, fancy_upscaling, try_recover_truncated)
    return _decoded("decode_jpeg", contents, channels, UINT8)


@public("image", "io")
def decode_png(contents: TensorLike, channels: int = 0, dtype: DTypeLike = UINT8, name: str | None = None) -> Tensor:
    """The image in a PNG file: `[height, width, channels]`. Needs Pillow.

    Args:
        contents: the contents of the file; one of JPEG, BMP or WebP, too.
        channels: 1 for gray, 3 for colours, 4 for these and opacity; what the file has if 0.
        dtype: uint8 or uint16.
        name: not used.

    Raises InvalidArgumentError for what is no image.

    Example:
        >>> import stepwell as sw
        >>> file = sw.io.encode_png(sw.constant([[[1], [2]]], sw.uint8))
        >>> sw.io.decode_png(file).numpy().tolist()
        [[[1], [2]]]
    """
    return _decoded("decode_png", contents, channels, dtype)


@public("image", "io")
def decode_bmp(contents: TensorLike, channels: int = 0, name: str | None = None) -> Tensor:
    """The image in a BMP file, of uint8: `[height, width, channels]`; see `decode_png`. Needs Pillow.

    Example:
        >>> import stepwell as sw
        >>> file = sw.io.encode_png(sw.constant([[[1], [2]]], sw.uint8))
        >>> sw.io.decode_bmp(file).numpy().tolist()
        [[[1], [2]]]
    """
    return _decoded("decode_bmp", contents, channels, UINT8)


@public("image", "io")
def decode_gif(contents: TensorLike, name: str | None = None) -> Tensor:
    """The images of a GIF file, of uint8: `[images, height, width, 3]`. Needs Pillow.

    Each is what is seen when it is placed on those before it, black under the first; height and width are those of the
    largest.

    Args:
        contents: the contents of the file; of one of PNG or JPEG, too, which has one image.
        name: not used.

    Raises InvalidArgumentError for what is no image.

    Example:
        >>> import stepwell as sw
        >>> colors = b"\\xff\\0\\0" + b"\\0\\0\\xff"
        >>> image = b",\\0\\0\\0\\0\\2\\0\\1\\0\\0" + b"\\2\\2\\x44\\x0a\\0"
        >>> file = b"GIF89a\\2\\0\\1\\0\\x80\\0\\0" + colors + image + b";"
        >>> sw.io.decode_gif(file).numpy().tolist()
        [[[[255, 0, 0], [0, 0, 255]]]]
    """
    return _decoded("decode_gif", contents, 3, UINT8, ALL)


@public("image", "io")
def decode_image(
    contents: TensorLike,
    channels: int | None = None,
    dtype: DTypeLike = UINT8,
    name: str | None = None,
    expand_animations: bool = True,
) -> Tensor:
    """The image in a file of PNG, JPEG, BMP, GIF or WebP: `[height, width, channels]`. Needs Pillow.

    Args:
        contents: the contents of the file.
        channels: 1 for gray, 3 for colours, 4 for these and opacity; what the file has if 0 or None. GIF files have 3.
        dtype: uint8 or uint16, or a dtype that the image is converted to as `image.convert_image_dtype` does.
        name: not used.
        expand_animations: whether the images of a GIF file are read all, `[images, height, width, 3]`, as `decode_gif`
            does; False reads the first one.

    Raises InvalidArgumentError for what is no image. In a function whose `contents` are known only when it is called,
    how many axes the result has cannot depend on the file: there a GIF file is refused unless `expand_animations` is
    False.

    Example:
        >>> import stepwell as sw
        >>> file = sw.io.encode_png(sw.constant([[[0], [255]]], sw.uint8))
        >>> sw.io.decode_image(file).numpy().tolist()
        [[[0], [255]]]
    """
    x, wanted = as_tensor(contents, STRING, "decode_image: contents"), dtype_named(dtype, "decode_image: dtype")
    frames = NONE if expand_animations else FIRST
    if expand_animations and not x.is_symbolic and not x.ndim and x.numpy().startswith(b"GIF"):  # pyright: ignore
        frames = ALL
    if wanted in (UINT8, UINT16):
        return _decoded("decode_image", x, channels, wanted, frames)
    return convert_image_dtype(_decoded("decode_image", x, channels, UINT8, frames), wanted)


@public("image", "io")
def decode_and_crop_jpeg(
    contents: TensorLike,
    crop_window: TensorLike,
    channels: int = 0,
    ratio: int = 1,
    fancy_upscaling: bool = True,
    try_recover_truncated: bool = False,
    acceptable_fraction: float = 1,
    dct_method: str = "",
    name: str | None = None,
) -> Tensor:
    """A part of the image in a JPEG file, of uint8: `[height, width, channels]`. Needs Pillow.

    Args:
        contents: the contents of the file.
        crop_window: the first row and column of the part, and its height and width: four integers of int32.
        channels: 1 for gray, 3 for colours; what the file has if 0.
        ratio: as of `decode_jpeg`, and so are the others.
        fancy_upscaling: True.
        try_recover_truncated: False.
        acceptable_fraction: not used.
        dct_method: not used.
        name: not used.

    Raises InvalidArgumentError for what is no JPEG file, and for a part that is empty or not inside of the image.

    Example:
        >>> import stepwell as sw
        >>> file = sw.io.encode_jpeg(sw.fill([4, 6, 3], sw.constant(90, sw.uint8)))
        >>> sw.io.decode_and_crop_jpeg(file, [1, 0, 2, 5]).shape
        TensorShape([2, 5, 3])
    """
    _check_whole("decode_and_crop_jpeg", ratio, fancy_upscaling, try_recover_truncated)
    x = as_tensor(contents, STRING, "decode_and_crop_jpeg: contents")
    window = as_tensor(crop_window, INT32, "decode_and_crop_jpeg: crop_window")
    if window.ndim != 1 or window.shape[0] not in (4, None):
        raise InvalidArgumentError(
            f"decode_and_crop_jpeg: crop_window: expected four integers, got shape {window.shape}"
        )
    whole = apply(ImageSizesOp, x, channels=int(channels), frames=FIRST)
    sizes = concat([minimum(cast(window[2:], INT64), whole[:2]), whole[2:]], 0)
    return apply(DecodePartOp, x, window, sizes, channels=int(channels))


@public("io", aliases=("image.encode_png",))
def encode_png(image: TensorLike, compression: int = -1, name: str | None = None) -> Tensor:
    """An image as the contents of a PNG file. Needs Pillow.

    Args:
        image: `[height, width, channels]` of uint8, with 1 to 4 channels, or one of uint16.
        compression: from 0 to 9, how much the file is compressed.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.io.encode_png(sw.zeros([2, 2, 3], sw.uint8)).numpy()[1:4]
        b'PNG'
    """
    if not -1 <= compression <= 9:
        raise InvalidArgumentError(f"encode_png: compression: expected -1 to 9, got {compression}")
    return apply(EncodeImageOp, as_tensor(image, name="encode_png: image"), kind="PNG", level=int(compression))


@public("io", aliases=("image.encode_jpeg",))
def encode_jpeg(image: TensorLike, format: str = "", quality: int = 95, name: str | None = None) -> Tensor:
    """An image as the contents of a JPEG file. Needs Pillow.

    Args:
        image: `[height, width, channels]` of uint8, with 1 or 3 channels.
        format: not used: the channels say whether it is `grayscale` or `rgb`.
        quality: from 0 to 100.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.io.encode_jpeg(sw.zeros([2, 2, 3], sw.uint8)).numpy()[:2]
        b'\\xff\\xd8'
    """
    if format not in ("", "grayscale", "rgb") or not 0 <= quality <= 100:
        raise InvalidArgumentError(f"encode_jpeg: expected a quality of 0 to 100, got {quality} and format {format!r}")
    return apply(EncodeImageOp, as_tensor(image, name="encode_jpeg: image"), kind="JPEG", level=int(quality))


@public("image", "io")
def extract_jpeg_shape(contents: TensorLike, output_type: DTypeLike = INT32, name: str | None = None) -> Tensor:
    """The height, the width and the number of channels of the image in a file. Needs Pillow.

    Example:
        >>> import stepwell as sw
        >>> sw.io.extract_jpeg_shape(sw.io.encode_jpeg(sw.zeros([2, 5, 3], sw.uint8))).numpy().tolist()
        [2, 5, 3]
    """
    sizes = apply(ImageSizesOp, as_tensor(contents, STRING, "extract_jpeg_shape: contents"), channels=0, frames=FIRST)
    return cast(sizes, output_type)


@public("io", aliases=("image.is_jpeg",))
def is_jpeg(contents: TensorLike, name: str | None = None) -> Tensor:
    """Whether strings begin as JPEG files do.

    Example:
        >>> import stepwell as sw
        >>> sw.io.is_jpeg(b"GIF89a").numpy()
        np.False_
    """
    return substr(strings_of("is_jpeg", contents, "contents"), 0, 3) == b"\xff\xd8\xff"
