# Written by `python -m stepwell.tools.public_api --write`.

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, ClassVar, Self
from stepwell import Tensor
from stepwell.image import (
    decode_and_crop_jpeg as decode_and_crop_jpeg,
    decode_bmp as decode_bmp,
    decode_gif as decode_gif,
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

@dataclass(frozen=True)
class FixedLenFeature:
    """A feature with as many values in every example, which become a dense tensor."""
    shape: Any
    dtype: DTypeLike
    default_value: Any = ...

@dataclass(frozen=True)
class FixedLenSequenceFeature:
    """A feature with any number of values of one shape, which become a dense tensor; short ones of a batch are padded."""
    shape: Any
    dtype: DTypeLike
    allow_missing: bool = ...
    default_value: Any = ...

@dataclass(frozen=True)
class RaggedFeature:
    """A feature with any number of values, which become rows of a RaggedTensor."""
    dtype: DTypeLike
    value_key: str | None = ...
    partitions: Sequence[Any] = ...
    row_splits_dtype: DTypeLike = ...
    validate: bool = ...

@dataclass(frozen=True)
class SparseFeature:
    """Two or more features, of indices and of values, which become a SparseTensor."""
    index_key: str | Sequence[str]
    value_key: str
    dtype: DTypeLike
    size: int | Sequence[int]
    already_sorted: bool = ...

@dataclass(frozen=True)
class TFRecordOptions:
    """How the records of a file are compressed."""
    compression_type_map: ClassVar[dict[int, str]] = ...
    compression_type: Any = ...
    flush_mode: int | None = ...
    input_buffer_size: int | None = ...
    output_buffer_size: int | None = ...
    window_bits: int | None = ...
    compression_level: int | None = ...
    compression_method: int | None = ...
    mem_level: int | None = ...
    compression_strategy: int | None = ...
    @classmethod
    def get_compression_type_string(cls, options: Any) -> str:
        """The name of the compression that options, or a name, say; empty for none."""
    def compressor(self) -> Any:
        """What zlib compresses with; None for no compression."""

class TFRecordWriter:
    """Writes records to a file, in TensorFlow's format."""
    def __init__(self, path: str | os.PathLike[str], options: TFRecordOptions | str | None = None) -> None: ...
    def write(self, record: bytes | str) -> None:
        """Write one record; text is encoded in UTF-8."""
    def flush(self) -> None:
        """Hand all records to the system, so that a reader of the file sees them."""
    def close(self) -> None:
        """Write what is left, and close the file; once more does nothing."""
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        ...
    def __del__(self) -> None: ...

@dataclass(frozen=True)
class VarLenFeature:
    """A feature with any number of values, which become a SparseTensor."""
    dtype: DTypeLike

def decode_base64(input: TensorLike, name: str | None = None) -> Tensor:
    """The strings that are given in base64, with `-` and `_` as the last two digits."""

def decode_compressed(bytes: TensorLike, compression_type: str = '', name: str | None = None) -> Tensor:
    """The strings that are given compressed."""

def decode_csv(
    records: TensorLike,
    record_defaults: Sequence[Any],
    field_delim: str = ',',
    use_quote_delim: bool = True,
    na_value: str = '',
    select_cols: Sequence[int] | None = None,
    name: str | None = None,
) -> list[Tensor]:
    """The fields of records as tensors, one for each column, of the shape of `records`."""

def decode_json_example(json_examples: TensorLike, name: str | None = None) -> Tensor:
    """Serialized messages `Example`, of their JSON form: the strings that `parse_example` parses."""

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

def parse_example(
    serialized: TensorLike,
    features: Mapping[str, Any],
    example_names: Any = None,
    name: str | None = None,
) -> dict[str, Any]:
    """The tensors of the features of serialized messages `Example`."""

def parse_sequence_example(
    serialized: TensorLike,
    context_features: Mapping[str, Any] | None = None,
    sequence_features: Mapping[str, Any] | None = None,
    example_names: Any = None,
    name: str | None = None,
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Tensor]]:
    """The tensors of serialized messages `SequenceExample`."""

def parse_single_example(
    serialized: TensorLike,
    features: Mapping[str, Any],
    example_names: Any = None,
    name: str | None = None,
) -> dict[str, Any]:
    """The tensors of the features of one serialized message `Example`; see `parse_example`."""

def parse_single_sequence_example(
    serialized: TensorLike,
    context_features: Mapping[str, Any] | None = None,
    sequence_features: Mapping[str, Any] | None = None,
    example_name: Any = None,
    name: str | None = None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The tensors of one serialized message `SequenceExample`; see `parse_sequence_example`."""

def parse_tensor(serialized: TensorLike, out_type: DTypeLike, name: str | None = None) -> Tensor:
    """The tensor that `serialize_tensor` returned as a string."""

def read_file(filename: TensorLike, name: str | None = None) -> Tensor:
    """The contents of a file, as one string; in a function it is read each time that the function runs."""

def serialize_tensor(tensor: TensorLike, name: str | None = None) -> Tensor:
    """A tensor as one string, which `parse_tensor` reads, and TensorFlow: a message `TensorProto`."""

def write_file(filename: TensorLike, contents: TensorLike, name: str | None = None) -> None:
    """Write a string to a file; folders that it is in are made. Not in a function."""
