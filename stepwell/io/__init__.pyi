# Written by `python -m stepwell.tools.public_api --write`.

from stepwell import Tensor
from stepwell.image import (
    decode_bmp as decode_bmp,
    decode_image as decode_image,
    decode_jpeg as decode_jpeg,
    decode_png as decode_png,
    encode_jpeg as encode_jpeg,
    encode_png as encode_png,
    extract_jpeg_shape as extract_jpeg_shape,
    is_jpeg as is_jpeg,
)
from stepwell.types import DTypeLike, TensorLike
from . import gfile as gfile

def decode_base64(input: TensorLike, name: str | None = None) -> Tensor:
    """The strings that are given in base64, with `-` and `_` as the last two digits."""

def decode_raw(
    input_bytes: TensorLike,
    out_type: DTypeLike,
    little_endian: bool = True,
    fixed_length: int | None = None,
    name: str | None = None,
) -> Tensor:
    """The numbers that the bytes of each string are, along a new last axis."""

def encode_base64(input: TensorLike, pad: bool = False, name: str | None = None) -> Tensor:
    """Strings in base64, with `-` and `_` as the last two digits; with `pad`, filled up with `=`."""

def matching_files(pattern: TensorLike, name: str | None = None) -> Tensor:
    """The sorted names of the files that one of some patterns matches, such as `"images/*.png"`. Not in a function."""

def parse_tensor(serialized: TensorLike, out_type: DTypeLike, name: str | None = None) -> Tensor:
    """The tensor that `serialize_tensor` returned as a string."""

def read_file(filename: TensorLike, name: str | None = None) -> Tensor:
    """The contents of a file, as one string; in a function it is read each time that the function runs."""

def serialize_tensor(tensor: TensorLike, name: str | None = None) -> Tensor:
    """A tensor as one string, which `parse_tensor` reads, and TensorFlow: a message `TensorProto`."""

def write_file(filename: TensorLike, contents: TensorLike, name: str | None = None) -> None:
    """Write a string to a file; folders that it is in are made. Not in a function."""
