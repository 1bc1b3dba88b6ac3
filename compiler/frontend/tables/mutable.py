"""`MutableHashTable` and `DenseHashTable`: tables that programs change."""

from __future__ import annotations

from typing import Any

from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.dtypes import DTypeLike, dtype_named
from ....dialects.public import public
from ..values.dispatch import as_tensor
from ..values.tensor import TensorLike
from .calls import call
from .entries import Entries
from .table import Table, default_of, key_dtype_of


class Mutable(Table):
    """A base of tables that programs change; checkpoints save them.

    Attributes:
        is_saved: whether checkpoints save it.
    """

    def __init__(
        self,
        key_dtype: DTypeLike,
        value_dtype: DTypeLike,
        default_value: TensorLike,
        name: str | None,
        checkpoint: bool,
    ):
        super().__init__(name)
        where = type(self).__name__
        self.default = default_of(where, default_value, dtype_named(value_dtype, f"{where}: value_dtype"))
        self.entries = Entries(
            key_dtype_of(where, key_dtype), self.default.dtype, tuple(self.default._concrete(where).shape)
        )
        self.is_saved = checkpoint

    def insert(self, keys: TensorLike, values: TensorLike, name: str | None = None) -> None:
        """Set the values of keys, which replace those that they have.

        Args:
            keys: a tensor of any shape.
            values: a value for each key.
            name: not used.

        Raises TypeError for other dtypes than the table's, ValueError for another number of values.
        """
        where = f"{type(self).__name__}.insert"
        call(
            self.entries, "insert", self._keys("insert", keys), as_tensor(values, self.value_dtype, f"{where}: values")
        )

    def remove(self, keys: TensorLike, name: str | None = None) -> None:
        """Remove those of the keys that are there."""
        call(self.entries, "remove", self._keys("remove", keys))


@public("lookup.experimental")
class MutableHashTable(Mutable):
    """A table that programs change, eagerly and in functions; checkpoints save it.

    Args:
        key_dtype: the dtype of keys: string or an integer dtype.
        value_dtype: the dtype of values.
        default_value: the value of keys that are not there; its shape is that of every value.
        name: its name.
        checkpoint: whether checkpoints save it.
        experimental_is_anonymous: not used; every table is an object of its own.

    Example:
        >>> import stepwell as sw
        >>> table = sw.lookup.experimental.MutableHashTable(sw.string, sw.int64, default_value=-1)
        >>> table.insert(["a", "b"], [1, 2])
        >>> table.lookup(["b", "c"]).numpy().tolist()
        [2, -1]
        >>> table.remove(["a"])
        >>> [part.numpy().tolist() for part in table.export()]
        [[b'b'], [2]]
    """

    def __init__(
        self,
        key_dtype: DTypeLike,
        value_dtype: DTypeLike,
        default_value: TensorLike,
        name: str | None = "MutableHashTable",
        checkpoint: bool = True,
        experimental_is_anonymous: bool = False,
    ):
        super().__init__(key_dtype, value_dtype, default_value, name, checkpoint)

    def lookup(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, keys: Any, dynamic_default_values: TensorLike | None = None, name: str | None = None
    ) -> Any:
        """The values of keys.

        Args:
            keys: a tensor of any shape, or a SparseTensor or RaggedTensor, whose values are looked up.
            dynamic_default_values: the value of keys that are not there: one, or one for each key. The table's own
                default value if None.
            name: not used.

        Raises TypeError for other dtypes than the table's.
        """
        if dynamic_default_values is None:
            return self._found(keys, self.default)
        what = "MutableHashTable.lookup: dynamic_default_values"
        return self._found(keys, as_tensor(dynamic_default_values, self.value_dtype, what))


@public("lookup.experimental")
class DenseHashTable(Mutable):
    """A `MutableHashTable` with two keys that it cannot have, as TensorFlow's needs them.

    `export` returns the keys that are there, where TensorFlow's returns all its buckets.

    Args:
        key_dtype: the dtype of keys: string or an integer dtype.
        value_dtype: the dtype of values.
        default_value: the value of keys that are not there; its shape is that of every value.
        empty_key: a key that the table cannot have.
        deleted_key: another one.
        initial_num_buckets: not used; the table grows.
        name: its name.
        checkpoint: whether checkpoints save it.
        experimental_is_anonymous: not used.

    Attributes:
        empty_key: as it was given, a tensor.
        deleted_key: the same.

    Using one of the two keys raises ValueError.

    Example:
        >>> import stepwell as sw
        >>> table = sw.lookup.experimental.DenseHashTable(
        ...     sw.int64, sw.int64, default_value=-1, empty_key=0, deleted_key=-1
        ... )
        >>> table.insert([1, 2], [10, 20])
        >>> table.erase([1])
        >>> table.lookup([1, 2]).numpy().tolist()
        [-1, 20]
    """

    def __init__(
        self,
        key_dtype: DTypeLike,
        value_dtype: DTypeLike,
        default_value: TensorLike,
        empty_key: TensorLike,
        deleted_key: TensorLike,
        initial_num_buckets: int | None = None,
        name: str | None = "MutableDenseHashTable",
        checkpoint: bool = True,
        experimental_is_anonymous: bool = False,
    ):
        super().__init__(key_dtype, value_dtype, default_value, name, checkpoint)
        self.empty_key = as_tensor(empty_key, self.key_dtype, "DenseHashTable: empty_key")
        self.deleted_key = as_tensor(deleted_key, self.key_dtype, "DenseHashTable: deleted_key")
        empty, deleted = (key._concrete("DenseHashTable") for key in (self.empty_key, self.deleted_key))
        if empty.ndim or deleted.ndim:
            raise InvalidArgumentError("DenseHashTable: empty_key, deleted_key: expected scalars")
        self.entries.refused = {empty.item(): "empty_key", deleted.item(): "deleted_key"}
        if len(self.entries.refused) == 1:
            raise InvalidArgumentError(
                f"DenseHashTable: deleted_key: expected another key than empty_key, {empty.item()!r}"
            )

    def insert_or_assign(self, keys: TensorLike, values: TensorLike, name: str | None = None) -> None:
        """Set the values of keys: `insert` by another name."""
        self.insert(keys, values)

    def erase(self, keys: TensorLike, name: str | None = None) -> None:
        """Remove those of the keys that are there: `remove` by another name."""
        self.remove(keys)
