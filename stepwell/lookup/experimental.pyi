# Written by `python -m stepwell.tools.public_api --write`.

from typing import Any
from stepwell import Tensor
from stepwell.dtypes import DType
from stepwell.types import DTypeLike, TensorLike

class DenseHashTable:
    """A `MutableHashTable` with two keys that it cannot have, as TensorFlow's needs them."""
    default: Tensor
    def __init__(
        self,
        key_dtype: DTypeLike,
        value_dtype: DTypeLike,
        default_value: TensorLike,
        empty_key: TensorLike,
        deleted_key: TensorLike,
        initial_num_buckets: int | None = None,
        name: str | None = 'MutableDenseHashTable',
        checkpoint: bool = True,
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
    is_saved: bool
    def insert(self, keys: TensorLike, values: TensorLike, name: str | None = None) -> None:
        """Set the values of keys, which replace those that they have."""
    def remove(self, keys: TensorLike, name: str | None = None) -> None:
        """Remove those of the keys that are there."""
    def insert_or_assign(self, keys: TensorLike, values: TensorLike, name: str | None = None) -> None:
        """Set the values of keys: `insert` by another name."""
    def erase(self, keys: TensorLike, name: str | None = None) -> None:
        """Remove those of the keys that are there: `remove` by another name."""

class MutableHashTable:
    """A table that programs change, eagerly and in functions; checkpoints save it."""
    default: Tensor
    def __init__(
        self,
        key_dtype: DTypeLike,
        value_dtype: DTypeLike,
        default_value: TensorLike,
        name: str | None = 'MutableHashTable',
        checkpoint: bool = True,
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
    def lookup(self, keys: Any, dynamic_default_values: TensorLike | None = None, name: str | None = None) -> Any:
        """The values of keys."""
    def __getitem__(self, keys: Any) -> Any:
        """The values of keys."""
    is_saved: bool
    def insert(self, keys: TensorLike, values: TensorLike, name: str | None = None) -> None:
        """Set the values of keys, which replace those that they have."""
    def remove(self, keys: TensorLike, name: str | None = None) -> None:
        """Remove those of the keys that are there."""
