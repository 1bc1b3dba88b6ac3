"""The keys and values of a table, in the memory of Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.dtypes import STRING, DType
from ....dialects.errors import FailedPreconditionError
from ....dialects.strings import of_list
from ....dialects.types import zeros

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]


class Entries:
    """Keys, each with one value: a dict of Python's, whose order is that in which keys were added.

    Args:
        key_dtype: a dtype whose elements are equal where their Python values are: strings or integers.
        value_dtype: any dtype.
        value_shape: the shape of one value.

    Attributes:
        refused: keys that the table cannot have, with what they are called.
    """

    def __init__(self, key_dtype: DType, value_dtype: DType, value_shape: Sequence[int] = ()):
        self.key_dtype, self.value_dtype, self.value_shape = key_dtype, value_dtype, tuple(value_shape)
        self.refused: Mapping[Any, str] = {}
        self._known: dict[Any, Any] = {}

    def __len__(self) -> int:
        return len(self._known)

    def find(self, keys: Array, default: Array) -> Array:
        """The values of keys, or those of `default`: one for all keys, or one for each."""
        flat = self._checked(keys)
        if default.ndim == len(self.value_shape):
            found = list(map(self._getter(next(self._items(default, 1))), flat))
        else:
            found = list(map(self._known.get, flat, self._items(default, len(flat))))
        return self._array(found, keys.shape)

    def _getter(self, default: Any) -> Callable[[Any], Any]:
        known = self._known
        return lambda key: known.get(key, default)

    def insert(self, keys: Array, values: Array) -> None:
        """Set the values of keys; the last one counts where a key is there twice."""
        self._known.update(zip(self._checked(keys), self._items(values, keys.size), strict=True))

    def insert_new(self, keys: Array, values: Array, what: str) -> None:
        """Set the values of keys, which are scalars.

        Raises FailedPreconditionError, which calls the table `what`, for a key with two values.
        """
        for key, value in zip(keys.reshape(-1).tolist(), self._items(values, keys.size), strict=True):
            known = self._known.setdefault(key, value)
            if known is not value and known != value:
                raise FailedPreconditionError(
                    f"{what}: expected one value for each key, got {known!r} and {value!r} for {key!r}"
                )

    def remove(self, keys: Array) -> None:
        """Remove those of the keys that are there."""
        for key in self._checked(keys):
            self._known.pop(key, None)

    def replace(self, keys: Array, values: Array) -> None:
        """Have these keys and values and no others."""
        known = dict(zip(keys.reshape(-1).tolist(), self._items(values, keys.size), strict=True))
        self._known = known

    def keys(self) -> Array:
        """The keys, a vector."""
        return filled(list(self._known), (len(self._known),), self.key_dtype)

    def values(self) -> Array:
        """The values, a row for each key."""
        return self._array(list(self._known.values()), (len(self._known),))

    def _checked(self, keys: Array) -> list[Any]:
        """The keys, none of which is refused."""
        flat = keys.reshape(-1).tolist()
        for key in self.refused:
            if key in flat:
                raise InvalidArgumentError(
                    f"lookup: keys: {key!r} is the table's {self.refused[key]}, and cannot be a key"
                )
        return flat

    def _items(self, array: Array, count: int) -> Iterator[Any]:
        """The values that an array has, one after the other."""
        if not self.value_shape:
            return iter(array.reshape(-1).tolist())
        return iter(array.reshape(count, *self.value_shape).copy())

    def _array(self, found: list[Any], shape: Sequence[int]) -> Array:
        if not self.value_shape:
            return filled(found, shape, self.value_dtype)
        result = zeros((len(found), *self.value_shape), self.value_dtype)
        for index, value in enumerate(found):
            result[index] = value
        return result.reshape(*shape, *self.value_shape)


def filled(items: list[Any], shape: Sequence[int], dtype: DType) -> Array:
    """The array of a shape that has these elements."""
    if dtype == STRING:
        return of_list(items, shape)
    return np.array(items, dtype).reshape(shape)
