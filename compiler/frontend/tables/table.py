"""The base of tables, and what their methods have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ....dialects.diagnostics import InvalidTypeError, UnsupportedError
from ....dialects.dtypes import STRING, DType, DTypeLike, dtype_named
from ..ops.arguments import shown
from ..ops.ragged.tensor import RaggedTensor
from ..ops.sparse.tensor import SparseTensor
from ..values.dispatch import as_tensor
from ..values.tensor import Tensor, TensorLike
from .calls import call
from .entries import Entries


class Table:
    """A base of tables: keys, each with a value.

    Attributes:
        entries: the keys and values.
        default: the value of keys that are not there.
    """

    entries: Entries
    default: Tensor

    def __init__(self, name: str | None):
        self._given_name = name

    @property
    def name(self) -> str | None:
        """The name that it was given."""
        return self._given_name

    @property
    def key_dtype(self) -> DType:
        """The dtype of keys."""
        return self.entries.key_dtype

    @property
    def value_dtype(self) -> DType:
        """The dtype of values."""
        return self.entries.value_dtype

    def size(self, name: str | None = None) -> Tensor:
        """The number of keys, as int64."""
        return call(self.entries, "size")[0]

    def export(self, name: str | None = None) -> tuple[Tensor, Tensor]:
        """All keys, and their values, in the order in which keys were added."""
        keys, values = call(self.entries, "export")
        return keys, values

    def lookup(self, keys: Any, name: str | None = None) -> Any:
        """The values of keys, and the default value for those that are not there.

        Args:
            keys: a tensor of any shape, or a SparseTensor or RaggedTensor, whose values are looked up.
            name: not used.

        Raises TypeError for keys of another dtype.
        """
        return self._found(keys, self.default)

    def __getitem__(self, keys: Any) -> Any:
        """The values of keys."""
        return self.lookup(keys)

    def _found(self, keys: Any, default: Tensor) -> Any:
        return on_values(lambda values: call(self.entries, "find", self._keys("lookup", values), default)[0], keys)

    def _keys(self, method: str, keys: TensorLike) -> Tensor:
        return as_tensor(keys, self.key_dtype, f"{type(self).__name__}.{method}: keys")


def on_values(find: Callable[[Any], Tensor], keys: Any) -> Any:
    """What a function finds for a tensor, or in its place for the values of a SparseTensor or RaggedTensor."""
    if isinstance(keys, SparseTensor):
        return keys.with_values(find(keys.values))
    if isinstance(keys, RaggedTensor):
        return keys.with_flat_values(find(keys.flat_values))
    return find(keys)


def key_dtype_of(function: str, dtype: DTypeLike) -> DType:
    """A dtype that keys can have, after a check."""
    found = dtype_named(dtype, f"{function}: key_dtype")
    if not (found == STRING or found.is_integer):
        raise UnsupportedError(f"{function}: keys: expected dtype string or an integer dtype, got {found.name}")
    return found


def default_of(function: str, value: TensorLike, dtype: DType) -> Tensor:
    """A default value, known when the table is made."""
    tensor = as_tensor(value, dtype, f"{function}: default_value")
    if tensor.is_symbolic:
        raise InvalidTypeError(f"{function}: default_value: expected a known value, got {shown(value)}")
    return tensor
