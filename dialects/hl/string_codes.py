"""Strings as numbers and numbers as strings: hashes, characters, base64, and the bytes of other tensors."""

from __future__ import annotations

import base64
import codecs
import re
import zlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, ClassVar

import numpy as np
from xdsl.dialects import arith
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def

from ..dtypes import INT32, INT64, STRING, DType, dtype_of
from ..emitter import Emitter
from ..errors import DataLossError
from ..strings import of_list
from ..types import DYNAMIC, shape_of, tensor_type
from .rules.base import DTypeError, InferenceError, Types
from .rules.facets import Attrs, Sample, Sampler
from .rules.hashes import farm_fingerprint, murmur_hash, sip_hash
from .rules.linalg_builder import dims, to_index
from .rules.strings import (
    SAMPLES,
    StringCountsOp,
    StringFlatOp,
    StringMapOp,
    StringOp,
    StringPiecesOp,
    check_total,
    sample_strings,
)

STRICT, REPLACE, IGNORE = "strict", "replace", "ignore"
"""What becomes of bytes that are no character."""
_OUTPUTS = ("UTF-8", "UTF-16-BE", "UTF-32-BE")


@irdl_op_definition
class StringHashOp(StringMapOp):
    """A hash of each string modulo `buckets`, as int64; all its 64 bits where `buckets` is 0.

    `hash` is `farm` (FarmHash's fingerprint), `sip` (SipHash-2-4 with the two words of `key`) or `murmur`.

    C1: `x` is of dtype string.
    C2: `buckets` is not negative.
    C3: `key` has two words for `sip`, and none for the others.

    Definition: TensorFlow `strings.to_hash_bucket_fast`, `…_strong` and `strings.to_hash_bucket`.
    """

    name = "hl.string_hash"
    RESULT: ClassVar[DType] = INT64

    hash = prop_def(Attribute)
    buckets = prop_def(Attribute)
    key = prop_def(Attribute)

    @classmethod
    def function(cls, attrs: Attrs) -> Callable[[bytes], Any]:
        """The hash."""
        buckets, key = attrs["buckets"], attrs["key"]
        if buckets < 0:
            raise InferenceError("C2", f"expected no negative number of buckets, got {buckets}")
        if len(key) != 2 * (attrs["hash"] == "sip"):
            raise InferenceError("C3", f"expected a key of two words for SipHash, got {list(key)} for {attrs['hash']}")
        function = {"farm": farm_fingerprint, "murmur": murmur_hash}.get(attrs["hash"], partial(sip_hash, key=key))
        if not buckets:
            return lambda item: (function(item) ^ 1 << 63) - (1 << 63)  # as a signed integer
        return lambda item: function(item) % buckets

    @classmethod
    def sample_attrs(cls, s: Sampler) -> Attrs:
        """All hashes."""
        kind = s.choice(("farm", "sip", "murmur"))
        return {"hash": kind, "buckets": s.choice((0, 1, 1000)), "key": (3, -5) if kind == "sip" else ()}


def decoded(item: bytes, attrs: Attrs) -> str:
    """The characters of a string, after what is to become of other bytes."""
    errors = attrs["errors"]
    replacement = "" if errors == IGNORE else chr(attrs["replacement"])
    try:
        text = item.decode(_codec(attrs["encoding"]), "strict" if errors == STRICT else _MARKED)
    except UnicodeDecodeError as error:
        raise InferenceError("C3", f"{item!r} is not {attrs['encoding']}: {error.reason}") from None
    text = re.sub("[\ud800-\udfff]", replacement, text)
    return re.sub("[\x00-\x1f]", chr(attrs["replacement"]), text) if attrs["control"] else text


_MARKED = "stepwell.marked"
codecs.register_error(_MARKED, lambda error: ("\ud800", getattr(error, "end", 0)))


def _codec(encoding: str) -> str:
    """Python's name of an encoding. Raises `InferenceError` (C2)."""
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        raise InferenceError("C2", f"there is no encoding {encoding!r}") from None


def check_policy(attrs: Attrs) -> None:
    """Check what becomes of bytes that are no character."""
    if attrs["errors"] not in (STRICT, REPLACE, IGNORE):
        raise InferenceError("C2", f"errors: expected 'strict', 'replace' or 'ignore', got {attrs['errors']!r}")
    if not 0 <= attrs["replacement"] < 0x110000:
        raise InferenceError("C2", f"expected a character as the replacement, got {attrs['replacement']}")


class _CharactersOp(StringPiecesOp):
    """The base of ops on the characters of strings."""

    encoding = prop_def(Attribute)
    errors = prop_def(Attribute)
    replacement = prop_def(Attribute)
    control = prop_def(Attribute)

    @classmethod
    def pieces(cls, item: bytes, attrs: Attrs) -> list[int]:
        """The characters: Python's `decode`."""
        return [ord(character) for character in decoded(item, attrs)]

    @classmethod
    def check_attrs(cls, attrs: Attrs) -> None:
        """What becomes of bytes that are no character, and the encoding."""
        check_policy(attrs)
        _codec(attrs["encoding"])

    @classmethod
    def sample_attrs(cls, s: Sampler) -> Attrs:
        """UTF-8, of which something may be invalid."""
        policy = {"errors": s.choice((REPLACE, IGNORE)), "replacement": s.choice((0xFFFD, 63)), "control": s.boolean()}
        return {"encoding": "UTF-8", **policy}


@irdl_op_definition
class StringCharacterCountsOp(_CharactersOp, StringCountsOp):
    """How many characters each string has, as int64.

    Bytes that are no character are an error if `errors` is `strict`; they count as the character `replacement` if it is
    `replace`, and not if it is `ignore`.

    C1: `x` is of dtype string.
    C2: `encoding` is one that Python knows, `errors` one of those above.
    C3: with `strict`, all bytes are characters; checked at run time.

    Definition: TensorFlow `strings.unicode_decode`, the sizes of rows.
    """

    name = "hl.string_character_counts"


@irdl_op_definition
class StringCharactersOp(_CharactersOp, StringFlatOp):
    """The characters of all strings, one after the other, as int32 numbers of Unicode; `total` says how many.

    With `control` those below 32 become `replacement`.

    C1: `x` is of dtype string.
    C2: `encoding` is one that Python knows, `errors` is `strict`, `replace` or `ignore`.
    C3: `total` is an int64 scalar, the sum of what `hl.string_character_counts` returns.

    Definition: TensorFlow `strings.unicode_decode`, the flat values.
    """

    name = "hl.string_characters"
    RESULT: ClassVar[DType] = INT32


@irdl_op_definition
class StringCharacterOffsetsOp(_CharactersOp, StringFlatOp):
    """Where the characters of all strings start, one string after the other, as int64: before how many bytes.

    C1: `x` is of dtype string.
    C2: `encoding` is one that Python knows, `errors` is `strict`, `replace` or `ignore`.
    C3: `total` is an int64 scalar, the sum of what `hl.string_character_counts` returns.

    Definition: TensorFlow `strings.unicode_decode_with_offsets`, the flat offsets.
    """

    name = "hl.string_character_offsets"
    RESULT: ClassVar[DType] = INT64

    @classmethod
    def pieces(cls, item: bytes, attrs: Attrs) -> list[int]:
        """Those of the characters between bytes that are none, and of these if they are replaced."""
        codec, found, place = _codec(attrs["encoding"]), [], 0
        while place < len(item):
            error = None
            try:
                text = item[place:].decode(codec)
            except UnicodeDecodeError as caught:
                error, text = caught, item[place : place + caught.start].decode(codec)
            for character in text:
                found.append(place)
                place += len(character.encode(codec))
            if error is None:
                break
            if attrs["errors"] != IGNORE:
                found.append(place)
            place += error.end - error.start
        return found


@irdl_op_definition
class UnicodeEncodeOp(StringOp):
    """Strings of the characters along the last axis of `x`, which are int32 numbers of Unicode.

    What is no character is an error if `errors` is `strict`, becomes `replacement` if it is `replace`, and is left out
    if it is `ignore`.

    C1: `x` is of dtype int32 and has an axis.
    C2: `encoding` is `UTF-8`, `UTF-16-BE` or `UTF-32-BE`, `errors` one of those above.
    C3: with `strict`, all numbers are characters; checked at run time.

    Definition: TensorFlow `strings.unicode_encode`.
    """

    name = "hl.unicode_encode"

    x = operand_def(TensorType[Attribute])
    encoding = prop_def(Attribute)
    errors = prop_def(Attribute)
    replacement = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """Without the last axis."""
        if dtype_of(types[0]) is not INT32:
            raise DTypeError("C1", f"expected dtype int32, got {dtype_of(types[0]).name}")
        if not shape_of(types[0]):
            raise InferenceError("C1", "expected an axis of characters, got a scalar")
        if attrs["encoding"] not in _OUTPUTS:
            raise InferenceError("C2", f"encoding: expected one of {', '.join(_OUTPUTS)}, got {attrs['encoding']!r}")
        check_policy(attrs)
        return [tensor_type(shape_of(types[0])[:-1], STRING)]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """Python's `encode`."""
        (x,), codec = operands, _codec(attrs["encoding"])
        count = int(np.prod(x.shape[:-1], dtype=int))
        rows = x.reshape(count, x.shape[-1] if count else 0).tolist()
        return (of_list(["".join(_character(c, attrs) for c in row).encode(codec) for row in rows], x.shape[:-1]),)

    @classmethod
    def host_sizes(cls, e: Emitter, op: Operation) -> Sequence[Sequence[SSAValue]]:
        """Without the last axis."""
        return [dims(e, op.operands[0])[:-1]]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Characters, and what is none."""
        x = s.array(s.shape(min_rank=1, max_side=3), INT32, 0, 0x120000)
        policy = {"errors": s.choice((REPLACE, IGNORE)), "replacement": s.choice((0xFFFD, 63))}
        return Sample((x,), {"encoding": s.choice(_OUTPUTS), **policy})


def _character(code: int, attrs: Attrs) -> str:
    if 0 <= code < 0xD800 or 0xE000 <= code < 0x110000:
        return chr(code)
    if attrs["errors"] == STRICT:
        raise InferenceError("C3", f"{code} is no character of Unicode")
    return "" if attrs["errors"] == IGNORE else chr(attrs["replacement"])


@irdl_op_definition
class UnicodeTranscodeOp(StringMapOp):
    """Strings in another encoding, `output`.

    Bytes that are no character are an error if `errors` is `strict`, become `replacement` if it is `replace`, and are
    left out if it is `ignore`. With `control` characters below 32 become `replacement` too.

    C1: `x` is of dtype string.
    C2: `encoding` is one that Python knows, `output` is `UTF-8`, `UTF-16-BE` or `UTF-32-BE`, `errors` one of the above.
    C3: with `strict`, all bytes are characters; checked at run time.

    Definition: TensorFlow `strings.unicode_transcode`.
    """

    name = "hl.unicode_transcode"

    encoding = prop_def(Attribute)
    output = prop_def(Attribute)
    errors = prop_def(Attribute)
    replacement = prop_def(Attribute)
    control = prop_def(Attribute)

    @classmethod
    def function(cls, attrs: Attrs) -> Callable[[bytes], Any]:
        """Python's `decode` and `encode`."""
        check_policy(attrs)
        _codec(attrs["encoding"])
        if attrs["output"] not in _OUTPUTS:
            raise InferenceError("C2", f"encoding: expected one of {', '.join(_OUTPUTS)}, got {attrs['output']!r}")
        codec = _codec(attrs["output"])
        return lambda item: decoded(item, attrs).encode(codec)

    @classmethod
    def sample_attrs(cls, s: Sampler) -> Attrs:
        """From UTF-8, of which something may be invalid."""
        policy = {"errors": s.choice((REPLACE, IGNORE)), "replacement": s.choice((0xFFFD, 63)), "control": s.boolean()}
        return {"encoding": "UTF-8", "output": s.choice(_OUTPUTS), **policy}


@irdl_op_definition
class EncodeBase64Op(StringMapOp):
    """Strings in base64, with `-` and `_` as the last two digits; with `pad`, filled up with `=`.

    C1: `x` is of dtype string.

    Definition: TensorFlow `io.encode_base64`.
    """

    name = "hl.encode_base64"

    pad = prop_def(Attribute)

    @classmethod
    def function(cls, attrs: Attrs) -> Callable[[bytes], Any]:
        """Python's `urlsafe_b64encode`."""
        if attrs["pad"]:
            return base64.urlsafe_b64encode
        return lambda item: base64.urlsafe_b64encode(item).rstrip(b"=")

    @classmethod
    def sample_attrs(cls, s: Sampler) -> Attrs:
        """With padding or without."""
        return {"pad": s.boolean()}


@irdl_op_definition
class DecodeBase64Op(StringMapOp):
    """The strings that are given in base64, with `-` and `_` as the last two digits, with or without padding.

    C1: `x` is of dtype string.
    C2: each string has digits only, not one more than a multiple of 4; checked at run time.

    Definition: TensorFlow `io.decode_base64`.
    """

    name = "hl.decode_base64"

    @classmethod
    def function(cls, attrs: Attrs) -> Callable[[bytes], Any]:
        """Python's `urlsafe_b64decode`, after a check."""

        def function(item: bytes) -> bytes:
            digits = re.sub(rb"={1,2}$", b"", item) if len(item) % 4 == 0 else item
            if not re.fullmatch(rb"[A-Za-z0-9_-]*", digits) or len(digits) % 4 == 1:
                raise InferenceError("C2", f"{item!r} is not base64")
            return base64.urlsafe_b64decode(digits + b"=" * (-len(digits) % 4))

        return function

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """A few strings in base64."""
        among = (b"", b"YWJjZA", b"YWJjZA==", b"YWI_Pg", b"_8MA")
        return Sample((sample_strings(s, s.shape(max_side=3), among),), {})


class _DamagedError(InferenceError):
    """Bytes that are not what was compressed."""

    kind: ClassVar[str] = DataLossError.code


def _inflated(item: bytes, window: int, more: bool) -> bytes:
    """Decompress with zlib; a truncated stream gives what there is of it. `more`: several streams may follow."""
    found = []
    while item and (more or not found):
        stream = zlib.decompressobj(window)
        try:
            found.append(stream.decompress(item))
        except zlib.error as error:
            raise _DamagedError("C2", f"bytes: expected what is compressed: {error}") from None
        item = stream.unused_data
    return b"".join(found)


_WINDOWS = {"ZLIB": zlib.MAX_WBITS, "GZIP": zlib.MAX_WBITS + 16}
"""What zlib calls the formats."""

COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "": lambda item: item,
    **{kind: partial(_inflated, window=window, more=kind == "GZIP") for kind, window in _WINDOWS.items()},
}
"""How strings are decompressed."""


@irdl_op_definition
class DecodeCompressedOp(StringMapOp):
    """The strings that are given compressed.

    C1: `x` is of dtype string.
    C2: each string is compressed as `kind` says; checked at run time. One that is cut off is what there is of it.
    C3: `kind` is empty for strings as they are, ZLIB or GZIP.

    Definition: TensorFlow `io.decode_compressed`.
    """

    name = "hl.decode_compressed"

    kind = prop_def(Attribute)

    @classmethod
    def function(cls, attrs: Attrs) -> Callable[[bytes], Any]:
        """Python's `zlib`."""
        if attrs["kind"] not in COMPRESSIONS:
            raise InferenceError("C3", f"expected ZLIB, GZIP or an empty text, got {attrs['kind']!r}")
        return COMPRESSIONS[attrs["kind"]]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """A few compressed strings."""
        kind = s.choice(tuple(COMPRESSIONS))
        among = [zlib.compress(item, wbits=_WINDOWS[kind]) if kind else item for item in SAMPLES]
        return Sample((sample_strings(s, s.shape(max_side=3), among),), {"kind": kind})


@irdl_op_definition
class DecodeRawOp(StringOp):
    """The numbers that the bytes of each string are, along a new last axis of `size` elements.

    With `fixed` strings are cut, or filled up with zeros, to the bytes of that many elements.

    C1: `x` is of dtype string, and `dtype` one of numbers or bool.
    C2: each string has as many bytes as `size` elements, unless `fixed`; checked at run time.
    C3: `size` is an int64 scalar.

    Definition: TensorFlow `io.decode_raw`.
    """

    name = "hl.decode_raw"
    SIZED_BY_VALUES: ClassVar[bool] = True

    x = operand_def(TensorType[Attribute])
    size = operand_def(TensorType[Attribute])
    dtype = prop_def(Attribute)
    little_endian = prop_def(Attribute)
    fixed = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """One more axis."""
        cls.check_strings(types[:1])
        if attrs["dtype"].is_string:
            raise DTypeError("C1", "expected a dtype of numbers, got string")
        check_total(types[1])
        return [tensor_type((*shape_of(types[0]), DYNAMIC), attrs["dtype"])]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """NumPy's `frombuffer`."""
        x, size = operands[0], max(int(operands[1]), 0)
        dtype: DType = attrs["dtype"]
        items, count = x.reshape(-1).tolist(), size * dtype.size
        if attrs["fixed"]:
            items = [item[:count].ljust(count, b"\0") for item in items]
        for index, item in enumerate(items):
            if len(item) != count:
                text = f"expected {count} bytes, as {size} elements of {dtype.name} have, got {len(item)}"
                raise InferenceError("C2", f"{text} at index {index}")
        order = dtype.dtype.newbyteorder("<" if attrs["little_endian"] else ">")
        found = np.frombuffer(b"".join(items), order).astype(dtype.dtype)
        return (found.reshape((*x.shape, size)),)

    @classmethod
    def host_sizes(cls, e: Emitter, op: Operation) -> Sequence[Sequence[SSAValue]]:
        """The sizes of `x`, and `size`."""
        size = e.value(arith.MaxSIOp(to_index(e, op.operands[1]), e.index(0)))
        return [[*dims(e, op.operands[0]), size]]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Strings of 4 or 8 bytes."""
        dtype, count = s.choice((INT32, INT64)), s.integer(0, 2)
        among = (bytes(range(8 * count))[: count * dtype.size], b"\xff" * (count * dtype.size))
        x = sample_strings(s, s.shape(max_side=3), among)
        attrs = {"dtype": dtype, "little_endian": s.boolean(), "fixed": s.boolean()}
        return Sample((x, np.array(count, np.int64)), attrs)
