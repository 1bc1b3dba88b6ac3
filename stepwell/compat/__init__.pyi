# Written by `python -m stepwell.tools.public_api --write`.

import os
from typing import Any
from stepwell import TensorShape
from stepwell.compat.v1 import Dimension
from . import v1 as v1
from . import v2 as v2

def as_bytes(bytes_or_text: bytes | bytearray | str, encoding: str = 'utf-8') -> bytes:
    """A text as bytes; bytes as they are. Raises TypeError for anything else."""

as_str = as_text

def as_str_any(value: object, encoding: str = 'utf-8') -> str:
    """Bytes as a text; anything else as `str` has it."""

def as_text(bytes_or_text: bytes | str, encoding: str = 'utf-8') -> str:
    """Bytes as a text; a text as it is. Raises TypeError for anything else."""

def dimension_at_index(shape: TensorShape, index: int) -> Dimension:
    """A size of a shape as an object that has a `value`; it is None for a shape of unknown rank."""

def dimension_value(dimension: Any) -> int | None:
    """A size of a shape, which is an int, or None if it is not known."""

def path_to_str(path: str | os.PathLike[str]) -> str:
    """A path as a text."""
