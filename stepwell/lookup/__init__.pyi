# Written by `python -m stepwell.tools.public_api --write`.

import os
from typing import Any, Self
from stepwell import Tensor
from stepwell.dtypes import DType
from stepwell.types import DTypeLike, TensorLike
from . import experimental as experimental

class KeyValueTensorInitializer:
    """Keys and their values for a static table."""
    def __init__(
        self,
        keys: TensorLike,
        values: TensorLike,
        key_dtype: DTypeLike | None = None,
        value_dtype: DTypeLike | None = None,
        name: str | None = None,
    ) -> None:
        ...
    @property
    def key_dtype(self) -> DType:
        """The dtype of keys."""
    @property
    def value_dtype(self) -> DType:
        """The dtype of values."""
    def initialize(self, table: Any) -> None:
        """Add the keys and values to a static table."""

class StaticHashTable:
    """A table that does not change."""
    default: Tensor
    def __init__(
        self,
        initializer: KeyValueTensorInitializer | TextFileInitializer,
        default_value: TensorLike,
        name: str | None = None,
        experimental_is_anonymous: bool = False,
    ) -> None:
        ...
    @property
    def name(self) -> str | None:
        """The name that it was given."""
    @property
    def key_dtype(self) -> DType:
        """The dtype of keys."""
    @property
    def value_dtype(self) -> DType:
        """The dtype of values."""
    def size(self, name: str | None = None) -> Tensor:
        """The number of keys, as int64."""
    def export(self, name: str | None = None) -> tuple[Tensor, Tensor]:
        """All keys, and their values, in the order in which keys were added."""
    def lookup(self, keys: Any, name: str | None = None) -> Any:
        """The values of keys, and the default value for those that are not there."""
    def __getitem__(self, keys: Any) -> Any:
        """The values of keys."""
    initializer: KeyValueTensorInitializer | TextFileInitializer
    @property
    def default_value(self) -> Tensor:
        """The value of keys that are not there."""

class StaticVocabularyTable:
    """Ids of strings or integers: those of a vocabulary, and for all others buckets after them, by their hashes."""
    def __init__(
        self,
        initializer: KeyValueTensorInitializer | TextFileInitializer | None,
        num_oov_buckets: int,
        lookup_key_dtype: DTypeLike | None = None,
        name: str | None = None,
        experimental_is_anonymous: bool = False,
    ) -> None:
        ...
    def around(self, table: StaticHashTable | None) -> Self:
        """This table, with another one for the vocabulary."""
    @property
    def name(self) -> str | None:
        """The name that it was given."""
    @property
    def key_dtype(self) -> DType:
        """The dtype of keys."""
    @property
    def value_dtype(self) -> DType:
        """The dtype of ids: int64."""
    def size(self, name: str | None = None) -> Tensor:
        """The number of ids, with those of buckets, as int64."""
    def lookup(self, keys: Any, name: str | None = None) -> Any:
        """The ids of keys."""
    def __getitem__(self, keys: Any) -> Any:
        """The ids of keys."""

class TextFileIndex:
    """Which part of a line is a key or a value, where it is not the field of an index."""
    WHOLE_LINE: int = ...
    LINE_NUMBER: int = ...

class TextFileInitializer:
    """Keys and values for a static table, in the lines of a text file."""
    def __init__(
        self,
        filename: str | bytes | os.PathLike[str] | Tensor,
        key_dtype: DTypeLike,
        key_index: int,
        value_dtype: DTypeLike,
        value_index: int,
        vocab_size: int | None = None,
        delimiter: str = '\t',
        name: str | None = None,
        value_index_offset: int = 0,
    ) -> None:
        ...
    @property
    def key_dtype(self) -> DType:
        """The dtype of keys."""
    @property
    def value_dtype(self) -> DType:
        """The dtype of values."""
    def initialize(self, table: Any) -> None:
        """Add the keys and values of the file to a static table."""
