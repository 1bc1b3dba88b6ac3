# Written by `python -m stepwell.tools.public_api --write`.

from collections.abc import Sequence
from stepwell import Tensor
from stepwell.types import TensorLike

def join(inputs: Sequence[TensorLike] | TensorLike, separator: object = '', name: str | None = None) -> Tensor:
    """The strings of several tensors, elementwise, one after the other."""

def length(input: TensorLike, unit: str = 'BYTE', name: str | None = None) -> Tensor:
    """The length of each string, as int32."""

def lower(input: TensorLike, encoding: str = '', name: str | None = None) -> Tensor:
    """Strings with letters in lower case: those of ASCII, or with `encoding="utf-8"` all."""

def regex_full_match(input: TensorLike, pattern: object, name: str | None = None) -> Tensor:
    """Whether a regular expression matches each string from begin to end."""

def regex_replace(
    input: TensorLike,
    pattern: object,
    rewrite: object,
    replace_global: bool = True,
    name: str | None = None,
) -> Tensor:
    """Strings in which what a regular expression matches is replaced."""

def strip(input: TensorLike, name: str | None = None) -> Tensor:
    """Strings without spaces, tabs and line ends at both ends."""

def substr(
    input: TensorLike,
    pos: TensorLike,
    len: TensorLike,
    unit: str = 'BYTE',
    name: str | None = None,
) -> Tensor:
    """Parts of strings: `len` bytes, or characters, from `pos`, which counts from the end if it is negative."""

def upper(input: TensorLike, encoding: str = '', name: str | None = None) -> Tensor:
    """Strings with letters in upper case: those of ASCII, or with `encoding="utf-8"` all."""
