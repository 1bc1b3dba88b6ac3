"""Public functions between images and the contents of files."""

from __future__ import annotations

from .....dialects.diagnostics import InvalidArgumentError
from .....dialects.dtypes import INT32, STRING, UINT8, UINT16, DTypeLike, dtype_named
from .....dialects.errors import UnimplementedError
from .....dialects.hl.image_files import DecodeImageOp, EncodeImageOp, ImageSizesOp
from .....dialects.public import public
from ...values.dispatch import apply, as_tensor
from ...values.tensor import Tensor, TensorLike
from ..select import cast
from ..strings.elements import strings_of, substr
from .colors import convert_image_dtype


def _decoded(function: str, contents: TensorLike, channels: int | None, dtype: DTypeLike) -> Tensor:
    x, wanted = as_tensor(contents, STRING, f"{function}: contents"), dtype_named(dtype, f"{function}: dtype")
    count = int(channels or 0)
    sizes = apply(ImageSizesOp, x, channels=count)
    return apply(DecodeImageOp, x, sizes, channels=count, dtype=wanted)


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
    if ratio != 1 or not fancy_upscaling or try_recover_truncated:
        raise UnimplementedError("decode_jpeg: images are read in their own size, with colours interpolated, and whole")
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
        channels: 1 for gray, 3 for colours, 4 for these and opacity; what the file has if 0 or None.
        dtype: uint8 or uint16, or a dtype that the image is converted to as `image.convert_image_dtype` does.
        name: not used.
        expand_animations: of a GIF file the images are not read all; False reads the first one.

    Raises InvalidArgumentError for what is no image.

    Example:
        >>> import stepwell as sw
        >>> file = sw.io.encode_png(sw.constant([[[0], [255]]], sw.uint8))
        >>> sw.io.decode_image(file).numpy().tolist()
        [[[0], [255]]]
    """
    x, wanted = as_tensor(contents, STRING, "decode_image: contents"), dtype_named(dtype, "decode_image: dtype")
    if expand_animations and not x.is_symbolic and not x.ndim and x.numpy().startswith(b"GIF"):  # pyright: ignore
        raise UnimplementedError("decode_image: contents: of a GIF file only the first image is read: ask for that by "
                                 "expand_animations=False")  # fmt: skip
    if wanted in (UINT8, UINT16):
        return _decoded("decode_image", x, channels, wanted)
    return convert_image_dtype(_decoded("decode_image", x, channels, UINT8), wanted)


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
    sizes = apply(ImageSizesOp, as_tensor(contents, STRING, "extract_jpeg_shape: contents"), channels=0)
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
