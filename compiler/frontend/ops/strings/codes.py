"""Public functions between strings and numbers: hashes, characters, base64, bytes of other tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .....dialects.diagnostics import InvalidArgumentError
from .....dialects.dtypes import INT32, INT64, DTypeLike, dtype_named
from .....dialects.hl import string_codes as ops
from .....dialects.hl.rules.base import HLOp
from .....dialects.hl.strings import BYTES, StringLengthOp
from .....dialects.public import public
from ...values.dispatch import apply, as_tensor
from ...values.tensor import Tensor, TensorLike
from ..math import floordiv
from ..ragged.pieces import Pieces, pieces
from ..ragged.tensor import RaggedTensor
from ..reduce import reduce_max, reduce_sum
from ..select import cast
from ..shape import expand_dims, reshape
from .elements import strings_of


@public("strings")
def to_hash_bucket_fast(input: TensorLike, num_buckets: int, name: str | None = None) -> Tensor:
    """A hash of each string modulo `num_buckets`, by FarmHash, as int64.

    Example:
        >>> import stepwell as sw
        >>> sw.strings.to_hash_bucket_fast(["Hello", "TensorFlow", "2.x"], 3).numpy().tolist()
        [0, 2, 2]
    """
    return _hash("to_hash_bucket_fast", input, num_buckets, "farm", ())


@public("strings")
def to_hash_bucket_strong(input: TensorLike, num_buckets: int, key: Sequence[int], name: str | None = None) -> Tensor:
    """A hash of each string modulo `num_buckets`, by SipHash with a key of two integers, as int64.

    Example:
        >>> import stepwell as sw
        >>> sw.strings.to_hash_bucket_strong(["Hello", "TF"], 3, [1, 2]).numpy().tolist()
        [2, 0]
    """
    return _hash("to_hash_bucket_strong", input, num_buckets, "sip", tuple(int(word) for word in key))


@public("strings")
def to_hash_bucket(input: TensorLike, num_buckets: int, name: str | None = None) -> Tensor:
    """A hash of each string modulo `num_buckets`, by MurmurHash, as int64; `to_hash_bucket_fast` is better.

    Example:
        >>> import stepwell as sw
        >>> sw.strings.to_hash_bucket(["Hello", "TensorFlow", "2.x"], 3).numpy().tolist()
        [2, 0, 1]
    """
    return _hash("to_hash_bucket", input, num_buckets, "murmur", ())


def _hash(function: str, input: TensorLike, buckets: int, kind: str, key: tuple[int, ...]) -> Tensor:
    if buckets < 1:
        raise InvalidArgumentError(f"{function}: num_buckets: expected 1 or more, got {buckets}")
    return apply(ops.StringHashOp, strings_of(function, input), hash=kind, buckets=int(buckets), key=key)


def _policy(encoding: str, errors: str, replacement: int, control: bool) -> dict[str, Any]:
    return {"encoding": encoding, "errors": errors, "replacement": int(replacement), "control": bool(control)}


@public("strings")
def unicode_decode(
    input: TensorLike,
    input_encoding: str,
    errors: str = "replace",
    replacement_char: int = 0xFFFD,
    replace_control_characters: bool = False,
    name: str | None = None,
) -> Any:
    """The characters of each string, as int32 numbers of Unicode.

    Args:
        input: strings, a tensor or a RaggedTensor.
        input_encoding: such as `"UTF-8"`, `"UTF-16-BE"` or `"LATIN1"`.
        errors: how bytes that are no character are treated: `"replace"`, `"ignore"` or `"strict"`, an error.
        replacement_char: the character that replaces them.
        replace_control_characters: whether characters below 32 are replaced too.
        name: not used.

    Returns:
        A vector for one string; a RaggedTensor with one axis more for several.

    Example:
        >>> import stepwell as sw
        >>> sw.strings.unicode_decode("héy", "UTF-8").numpy().tolist()
        [104, 233, 121]
        >>> sw.strings.unicode_decode(["héy", "a"], "UTF-8")
        <tf.RaggedTensor [[104, 233, 121], [97]]>
    """
    attrs = _policy(input_encoding, errors, replacement_char, replace_control_characters)
    return _characters("unicode_decode", input, attrs, ops.StringCharactersOp)[0]


def _characters(function: str, input: TensorLike, attrs: dict[str, Any], *what: type[HLOp]) -> list[Any]:
    """What some ops find of the characters of each string."""

    def of_vector(x: Tensor) -> Pieces:
        counts = apply(ops.StringCharacterCountsOp, x, **attrs)
        total = reduce_sum(counts)
        return counts, [apply(op, x, total, **attrs) for op in what]

    return pieces(function, input, of_vector)


@public("strings")
def unicode_decode_with_offsets(
    input: TensorLike,
    input_encoding: str,
    errors: str = "replace",
    replacement_char: int = 0xFFFD,
    replace_control_characters: bool = False,
    name: str | None = None,
) -> tuple[Any, Any]:
    """The characters of each string, and the index of the byte at which each starts; see `unicode_decode`.

    Example:
        >>> import stepwell as sw
        >>> sw.strings.unicode_decode_with_offsets("héy", "UTF-8")[1].numpy().tolist()
        [0, 1, 3]
    """
    attrs = _policy(input_encoding, errors, replacement_char, replace_control_characters)
    kinds = ops.StringCharactersOp, ops.StringCharacterOffsetsOp
    codes, offsets = _characters("unicode_decode_with_offsets", input, attrs, *kinds)
    return codes, offsets


@public("strings")
def unicode_split_with_offsets(
    input: TensorLike,
    input_encoding: str,
    errors: str = "replace",
    replacement_char: int = 0xFFFD,
    name: str | None = None,
) -> tuple[Any, Any]:
    """The characters of each string, each a string, and the index of the byte at which each starts.

    Example:
        >>> import stepwell as sw
        >>> sw.strings.unicode_split_with_offsets("héy", "UTF-8")[1].numpy().tolist()
        [0, 1, 3]
    """
    codes, offsets = unicode_decode_with_offsets(input, input_encoding, errors, replacement_char)
    return _as_strings(codes, input_encoding, errors, replacement_char), offsets


def _as_strings(codes: Any, encoding: str, errors: str, replacement: int) -> Any:
    """Each character as a string."""
    if isinstance(codes, RaggedTensor):
        return codes.with_flat_values(_as_strings(codes.flat_values, encoding, errors, replacement))
    return unicode_encode(expand_dims(codes, 1), encoding, errors, replacement)


@public("strings")
def unicode_split(
    input: TensorLike,
    input_encoding: str,
    errors: str = "replace",
    replacement_char: int = 0xFFFD,
    name: str | None = None,
) -> Any:
    """The characters of each string, each a string; see `unicode_decode`.

    Example:
        >>> import stepwell as sw
        >>> sw.strings.unicode_split("héy", "UTF-8").numpy().tolist()
        [b'h', b'\\xc3\\xa9', b'y']
    """
    codes = unicode_decode(input, input_encoding, errors, replacement_char)
    return _as_strings(codes, input_encoding, errors, replacement_char)


@public("strings")
def unicode_encode(
    input: TensorLike,
    output_encoding: str,
    errors: str = "replace",
    replacement_char: int = 0xFFFD,
    name: str | None = None,
) -> Tensor:
    """Strings of the characters along the last axis of `input`.

    Args:
        input: int32 numbers of Unicode.
        output_encoding: `"UTF-8"`, `"UTF-16-BE"` or `"UTF-32-BE"`.
        errors: how numbers that are no character are treated: `"replace"`, `"ignore"` or `"strict"`, an error.
        replacement_char: the character that replaces them.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.strings.unicode_encode([104, 233, 121], "UTF-8").numpy()
        b'h\\xc3\\xa9y'
    """
    x = as_tensor(input, INT32, "unicode_encode: input")
    policy = {"errors": errors, "replacement": int(replacement_char)}
    return apply(ops.UnicodeEncodeOp, x, encoding=output_encoding, **policy)


@public("strings")
def unicode_transcode(
    input: TensorLike,
    input_encoding: str,
    output_encoding: str,
    errors: str = "replace",
    replacement_char: int = 0xFFFD,
    replace_control_characters: bool = False,
    name: str | None = None,
) -> Tensor:
    """Strings in another encoding; see `unicode_decode` and `unicode_encode`.

    Example:
        >>> import stepwell as sw
        >>> sw.strings.unicode_transcode("é", "UTF-8", "UTF-16-BE").numpy()
        b'\\x00\\xe9'
    """
    attrs = _policy(input_encoding, errors, replacement_char, replace_control_characters)
    return apply(ops.UnicodeTranscodeOp, strings_of("unicode_transcode", input), output=output_encoding, **attrs)


@public("io")
def encode_base64(input: TensorLike, pad: bool = False, name: str | None = None) -> Tensor:
    """Strings in base64, with `-` and `_` as the last two digits; with `pad`, filled up with `=`.

    Example:
        >>> import stepwell as sw
        >>> sw.io.encode_base64("abcd").numpy()
        b'YWJjZA'
    """
    return apply(ops.EncodeBase64Op, strings_of("encode_base64", input), pad=bool(pad))


@public("io")
def decode_base64(input: TensorLike, name: str | None = None) -> Tensor:
    """The strings that are given in base64, with `-` and `_` as the last two digits.

    Example:
        >>> import stepwell as sw
        >>> sw.io.decode_base64("YWJjZA").numpy()
        b'abcd'
    """
    return apply(ops.DecodeBase64Op, strings_of("decode_base64", input))


@public("io")
def decode_compressed(bytes: TensorLike, compression_type: str = "", name: str | None = None) -> Tensor:
    """The strings that are given compressed.

    Args:
        bytes: strings, each of which is the contents of a file.
        compression_type: `"ZLIB"`, `"GZIP"`, or empty for strings as they are.
        name: not used.

    Raises DataLossError for a string that is not compressed so, or damaged. As in TensorFlow, one that is cut off is
    what there is of it.

    Example:
        >>> import gzip
        >>> import stepwell as sw
        >>> sw.io.decode_compressed([gzip.compress(b"abc"), gzip.compress(b"")], "GZIP").numpy().tolist()
        [b'abc', b'']
    """
    if compression_type not in ops.COMPRESSIONS:
        raise InvalidArgumentError(
            f'decode_compressed: compression_type: expected "ZLIB", "GZIP" or "", got {compression_type!r}'
        )
    x = strings_of("decode_compressed", bytes, "bytes")
    return apply(ops.DecodeCompressedOp, x, kind=compression_type)


@public("io")
def decode_raw(
    input_bytes: TensorLike,
    out_type: DTypeLike,
    little_endian: bool = True,
    fixed_length: int | None = None,
    name: str | None = None,
) -> Tensor:
    """The numbers that the bytes of each string are, along a new last axis.

    Args:
        input_bytes: strings of one length.
        out_type: the dtype of the numbers.
        little_endian: whether the first byte of a number is its lowest.
        fixed_length: the bytes to which strings are cut, or filled up with zeros.
        name: not used.

    Raises InvalidArgumentError for strings of other lengths.

    Example:
        >>> import stepwell as sw
        >>> sw.io.decode_raw(b"\\x01\\x00\\x02\\x00", sw.int16).numpy().tolist()
        [1, 2]
    """
    x, dtype = strings_of("decode_raw", input_bytes, "input_bytes"), dtype_named(out_type, "decode_raw: out_type")
    if fixed_length is not None:
        if fixed_length < 0 or fixed_length % dtype.size:
            raise InvalidArgumentError(
                f"decode_raw: fixed_length: expected a multiple of {dtype.size} bytes, got {fixed_length}"
            )
        size = as_tensor(fixed_length // dtype.size, INT64)
    else:
        lengths = reshape(apply(StringLengthOp, x, unit=BYTES), [-1])
        longest = as_tensor(0) if x.shape.num_elements() == 0 else reduce_max(lengths)
        size = floordiv(cast(longest, INT64), dtype.size)
    attrs = {"dtype": dtype, "little_endian": bool(little_endian), "fixed": fixed_length is not None}
    return apply(ops.DecodeRawOp, x, size, **attrs)
