"""Strings: sequences of bytes, the elements of tensors of dtype string, which are kept in arrays of Python's bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
from xdsl.ir import ParametrizedAttribute, TypeAttribute
from xdsl.irdl import irdl_attr_definition


@irdl_attr_definition
class StringType(ParametrizedAttribute, TypeAttribute):
    """The type of a string, at all levels; machine code has its index in the table of strings of the call."""

    name = "hl.string"


def is_text(value: object) -> bool:
    """Whether a value is a string of Python's, or one that it has as bytes."""
    return isinstance(value, str | bytes)


def as_bytes(value: str | bytes) -> bytes:
    """A string as tensors have it: text is encoded as UTF-8; half of a character, as file names may have it, is kept.

    Example:
        >>> as_bytes("é")
        b'\\xc3\\xa9'
    """
    return value.encode("utf-8", "surrogateescape") if isinstance(value, str) else bytes(value)


def as_text(value: bytes) -> str:
    """The text that is encoded in UTF-8; what is not text becomes characters that `as_bytes` returns to what it was."""
    return value.decode("utf-8", "surrogateescape")


def first_leaf(value: object) -> object:
    """The first element of nested lists."""
    while isinstance(value, list | tuple) and value:
        value = value[0]
    return value


def string_array(value: object) -> np.ndarray:
    """Strings, nested lists of them, or an array of them, as an array of bytes.

    Raises ValueError where lists are of different lengths, or where there is anything else among the strings.

    Example:
        >>> string_array([["a", b"b"]])
        array([[b'a', b'b']], dtype=object)
    """
    if isinstance(value, np.ndarray):
        return of_list([as_bytes(_checked(item)) for item in value.reshape(-1).tolist()], value.shape)
    shape: list[int] = []
    level: object = value
    while isinstance(level, list | tuple):
        shape.append(len(level))
        level = level[0] if level else None
    return of_list([as_bytes(_checked(item)) for item in _leaves(value, shape)], shape)


def _leaves(value: object, shape: Sequence[int]) -> Iterator[object]:
    if not shape:
        yield value
        return
    if not isinstance(value, list | tuple) or len(value) != shape[0]:
        raise ValueError("the lists are not all of one length")
    for item in value:
        yield from _leaves(item, shape[1:])


def _checked(item: object) -> str | bytes:
    if isinstance(item, list | tuple):
        raise ValueError("the lists are not all of one length")
    if not isinstance(item, str | bytes):
        raise ValueError(f"there is {item!r} among strings")
    return item


def of_list(items: Sequence[bytes], shape: Sequence[int]) -> np.ndarray:
    """The array of a shape that has these elements; NumPy itself would drop zeros at the end of bytes."""
    array = np.empty(len(items), object)
    for index, item in enumerate(items):
        array[index] = item
    return array.reshape(tuple(shape))


def as_array(value: object) -> np.ndarray:
    """A value as an array; NumPy would make another dtype of a string."""
    return of_list([value], ()) if isinstance(value, bytes) else np.asarray(value)


def printable(value: bytes) -> str:
    r"""A string as text that IR can have: ASCII as it is, other bytes as `\xff`, and `\\` for a backslash.

    Example:
        >>> printable(b"a\xff\\")
        'a\\xff\\\\'
    """
    return "".join(_TEXTS[byte] for byte in value)


_TEXTS = [r"\\" if byte == 0x5C else chr(byte) if 0x20 <= byte < 0x7F else f"\\x{byte:02x}" for byte in range(256)]
"""How each byte is printed."""


def from_printable(text: str) -> bytes:
    """The string that `printable` returned as text.

    Example:
        >>> from_printable(printable(b"a" + bytes([255]) + b"c")) == b"a" + bytes([255]) + b"c"
        True
    """

    def plain(match: re.Match[bytes]) -> bytes:
        return b"\\" if match[1] is None else bytes([int(match[1], 16)])

    return re.sub(rb"\\(?:\\|x([0-9a-f]{2}))", plain, text.encode())
