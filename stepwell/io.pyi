# Written by `python -m stepwell.tools.public_api --write`.

from stepwell import Tensor
from stepwell.types import DTypeLike, TensorLike

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
