"""Fields of text: lines divided at delimiters, quotes as in RFC 4180, and what each field becomes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from ....compiler.frontend.values.dispatch import as_tensor
from ....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ....dialects.dtypes import FLOAT32, FLOAT64, INT32, INT64, STRING, DType, dtype_named
from ....dialects.hl.rules.base import InferenceError
from ....dialects.hl.string_parts import StringToNumberOp
from ....dialects.strings import as_bytes

_NAMES = {FLOAT32: "float", FLOAT64: "double", INT32: "int32", INT64: "int64", STRING: "string"}
_NUMBERS = {dtype: StringToNumberOp.function({"dtype": dtype}) for dtype in _NAMES if dtype is not STRING}
_QUOTE = b'"'
_NOT_PLAIN = re.compile(rb'["\r\n]')


@dataclass(frozen=True)
class Format:
    """How fields are divided.

    Attributes:
        delimiter: one byte between two fields.
        quotes: whether a field may be in quotes, in which it can have delimiters, line feeds and doubled quotes.
        missing: the text, besides an empty one, of a field that has no value.
    """

    delimiter: bytes = b","
    quotes: bool = True
    missing: bytes = b""

    def split(self, where: str, text: bytes) -> list[bytes]:
        """The fields of a record; none of an empty one.

        Raises InvalidArgumentError, with TensorFlow's words, for quotes that are not as in RFC 4180.
        """
        if not text:
            return []
        if not self.quotes or not _NOT_PLAIN.search(text):
            return text.split(self.delimiter)
        found, at = [], 0
        while True:
            text_of, at = (_quoted if text.startswith(_QUOTE, at) else _plain)(where, text, at, self.delimiter)
            found.append(text_of)
            if at >= len(text):
                return found
            at += 1

    def is_open(self, line: bytes, inside: bool) -> bool:
        """Whether a field in quotes goes on after a line; `inside` says whether one did before it."""
        if not self.quotes or _QUOTE not in line:
            return inside
        at = 0
        while True:
            if inside or line.startswith(_QUOTE, at):
                close = _closing(line, at if inside else at + 1)
                if close < 0:
                    return True
                inside, at = False, close + 1
            at = line.find(self.delimiter, at) + 1
            if not at:
                return False


def _closing(line: bytes, begin: int) -> int:
    """The index of the quote that ends a field, of which no two follow each other; -1 if there is none."""
    while True:
        close = line.find(_QUOTE, begin)
        if close < 0 or not line.startswith(_QUOTE, close + 1):
            return close
        begin = close + 2


def format_of(what: str, delimiter: object, quotes: object, missing: object) -> Format:
    """The format that arguments say. Raises InvalidArgumentError for a delimiter that is not one byte."""
    if not isinstance(delimiter, str | bytes) or len(as_bytes(delimiter)) != 1:
        raise InvalidArgumentError(f"{what}: field_delim: expected one character of ASCII, got {delimiter!r}")
    if not isinstance(missing, str | bytes):
        raise InvalidTypeError(f"{what}: na_value: expected text, got {missing!r}")
    return Format(as_bytes(delimiter), bool(quotes), as_bytes(missing))


def _plain(where: str, text: bytes, at: int, delimiter: bytes) -> tuple[bytes, int]:
    """A field without quotes, and where it ends."""
    end = text.find(delimiter, at)
    end = len(text) if end < 0 else end
    if _NOT_PLAIN.search(text, at, end):
        raise InvalidArgumentError(f"{where}: Unquoted fields cannot have quotes/CRLFs inside")
    return text[at:end], end


def _quoted(where: str, text: bytes, at: int, delimiter: bytes) -> tuple[bytes, int]:
    """A field in quotes, and where it ends."""
    parts, begin = [], at + 1
    while True:
        close = text.find(_QUOTE, begin)
        if close < 0:
            raise InvalidArgumentError(f"{where}: Quoted field has to end with quote followed by delim or end")
        parts.append(text[begin:close])
        after = text[close + 1 : close + 2]
        if after in (b"", delimiter):
            return b"".join(parts), close + 1
        if after != _QUOTE:
            raise InvalidArgumentError(f"{where}: Quote inside a string has to be escaped by another quote")
        parts.append(_QUOTE)
        begin = close + 2


@dataclass(frozen=True)
class Field:
    """What a field of a record becomes.

    Attributes:
        index: which field of the record it is.
        dtype: the dtype of its value.
        default: the value of a field without one; None if that is an error.
    """

    index: int
    dtype: DType
    default: Any = None
    _convert: Callable[[bytes], Any] | None = field(default=None, compare=False, repr=False)

    def __post_init__(self):
        object.__setattr__(self, "_convert", _NUMBERS.get(self.dtype))

    def value(self, where: str, text: bytes, missing: bytes) -> Any:
        """The value of a text. Raises InvalidArgumentError for one that is none of the dtype."""
        if not text or text == missing:
            if self.default is None:
                raise InvalidArgumentError(f"{where}: Field {self.index} is required but missing")
            return self.default
        if self._convert is None:
            return text
        try:
            return self._convert(text)
        except (InferenceError, ValueError):
            shown = text.decode(errors="replace")
            kind = _NAMES[self.dtype]
            raise InvalidArgumentError(f"{where}: Field {self.index} is not a valid {kind}: {shown}") from None


def field_of(what: str, index: int, default: Any, required: bool) -> Field:
    """The field that a default says: a value, a vector of one value, or, for a field that is required, of none.

    Args:
        what: what errors call it.
        index: which field of a record it is.
        default: a tensor; with `required` also a dtype, of a field that has to have a value.
        required: whether dtypes are taken.
    """
    where = f"{what}: record_defaults: field {index}"
    if required and not isinstance(default, list | tuple | str | bytes | np.ndarray) and not hasattr(default, "numpy"):
        try:
            dtype = dtype_named(default, where)
        except TypeError:
            dtype = None
        if dtype is not None:
            return Field(index, _checked(where, dtype))
    array = as_tensor(default, name=where)._concrete(where)
    dtype = _checked(where, as_tensor(default, name=where).dtype)
    if array.size > 1:
        raise InvalidArgumentError(f"{where}: expected one value or none, got {array.size}")
    return Field(index, dtype, array.reshape(-1)[0] if array.size else None)


def _checked(where: str, dtype: DType) -> DType:
    if dtype not in _NAMES:
        raise InvalidArgumentError(f"{where}: expected float32, float64, int32, int64 or string, got {dtype.name}")
    return dtype


def increasing(what: str, columns: Sequence[int]) -> list[int]:
    """Indices of columns. Raises InvalidArgumentError where they are not from a smaller to a larger one."""
    found = [int(column) for column in columns]
    if any(b <= a for a, b in pairwise(found)) or (found and found[0] < 0):
        raise InvalidArgumentError(
            f"{what}: expected indices of at least 0, each larger than the one before, got {found}"
        )
    return found
