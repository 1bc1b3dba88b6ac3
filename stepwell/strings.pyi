# Written by `python -m stepwell.tools.public_api --write`.

from collections.abc import Sequence
from typing import Any
from stepwell import Tensor
from stepwell.types import DTypeLike, TensorLike

def as_string(
    input: TensorLike,
    precision: int = -1,
    scientific: bool = False,
    shortest: bool = False,
    width: int = -1,
    fill: str = '',
    name: str | None = None,
) -> Tensor:
    """Each element as text."""

def bytes_split(input: TensorLike, name: str | None = None) -> Any:
    """The bytes of each string, each a string: a vector for one string, a RaggedTensor for several."""

def format(
    template: str,
    inputs: TensorLike | Sequence[TensorLike],
    placeholder: str = '{}',
    summarize: int = 3,
    name: str | None = None,
) -> Tensor:
    """A text in which placeholders are replaced by tensors, as `sw.print` has them."""

def join(inputs: Sequence[TensorLike] | TensorLike, separator: object = '', name: str | None = None) -> Tensor:
    """The strings of several tensors, elementwise, one after the other."""

def length(input: TensorLike, unit: str = 'BYTE', name: str | None = None) -> Tensor:
    """The length of each string, as int32."""

def lower(input: TensorLike, encoding: str = '', name: str | None = None) -> Tensor:
    """Strings with letters in lower case: those of ASCII, or with `encoding="utf-8"` all."""

def ngrams(
    data: TensorLike,
    ngram_width: int | Sequence[int],
    separator: object = ' ',
    pad_values: str | tuple[str, str] | None = None,
    padding_width: int | None = None,
    preserve_short_sequences: bool = False,
    name: str | None = None,
) -> Tensor:
    """Each run of some strings along the last axis, joined."""

def reduce_join(
    inputs: TensorLike,
    axis: int | Sequence[int] | None = None,
    keepdims: bool = False,
    separator: object = '',
    name: str | None = None,
) -> Tensor:
    """Strings along axes, joined."""

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

def split(input: TensorLike, sep: object = None, maxsplit: int = -1, name: str | None = None) -> Any:
    """The parts of each string between separators."""

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

def to_hash_bucket(input: TensorLike, num_buckets: int, name: str | None = None) -> Tensor:
    """A hash of each string modulo `num_buckets`, by MurmurHash, as int64; `to_hash_bucket_fast` is better."""

def to_hash_bucket_fast(input: TensorLike, num_buckets: int, name: str | None = None) -> Tensor:
    """A hash of each string modulo `num_buckets`, by FarmHash, as int64."""

def to_hash_bucket_strong(
    input: TensorLike,
    num_buckets: int,
    key: Sequence[int],
    name: str | None = None,
) -> Tensor:
    """A hash of each string modulo `num_buckets`, by SipHash with a key of two integers, as int64."""

def to_number(input: TensorLike, out_type: DTypeLike = ..., name: str | None = None) -> Tensor:
    """The number that each string is. InvalidArgumentError for a string that is none."""

def unicode_decode(
    input: TensorLike,
    input_encoding: str,
    errors: str = 'replace',
    replacement_char: int = 65533,
    replace_control_characters: bool = False,
    name: str | None = None,
) -> Any:
    """The characters of each string, as int32 numbers of Unicode."""

def unicode_decode_with_offsets(
    input: TensorLike,
    input_encoding: str,
    errors: str = 'replace',
    replacement_char: int = 65533,
    replace_control_characters: bool = False,
    name: str | None = None,
) -> tuple[Any, Any]:
    """The characters of each string, and the index of the byte at which each starts; see `unicode_decode`."""

def unicode_encode(
    input: TensorLike,
    output_encoding: str,
    errors: str = 'replace',
    replacement_char: int = 65533,
    name: str | None = None,
) -> Tensor:
    """Strings of the characters along the last axis of `input`."""

def unicode_split(
    input: TensorLike,
    input_encoding: str,
    errors: str = 'replace',
    replacement_char: int = 65533,
    name: str | None = None,
) -> Any:
    """The characters of each string, each a string; see `unicode_decode`."""

def unicode_split_with_offsets(
    input: TensorLike,
    input_encoding: str,
    errors: str = 'replace',
    replacement_char: int = 65533,
    name: str | None = None,
) -> tuple[Any, Any]:
    """The characters of each string, each a string, and the index of the byte at which each starts."""

def unicode_transcode(
    input: TensorLike,
    input_encoding: str,
    output_encoding: str,
    errors: str = 'replace',
    replacement_char: int = 65533,
    replace_control_characters: bool = False,
    name: str | None = None,
) -> Tensor:
    """Strings in another encoding; see `unicode_decode` and `unicode_encode`."""

def unsorted_segment_join(
    inputs: TensorLike,
    segment_ids: TensorLike,
    num_segments: TensorLike,
    separator: str = '',
    name: str | None = None,
) -> Tensor:
    """Strings joined by segments, those of one segment in their order."""

def upper(input: TensorLike, encoding: str = '', name: str | None = None) -> Tensor:
    """Strings with letters in upper case: those of ASCII, or with `encoding="utf-8"` all."""
