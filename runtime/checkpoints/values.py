"""The values that objects have of their own: what is read from them when they are saved, and set when restored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np

from ...compiler.frontend.tables.mutable import Mutable
from ...compiler.frontend.values.variable import Variable
from ...dialects.diagnostics import InvalidArgumentError
from ...dialects.dtypes import DType, record_of
from ...dialects.strings import as_bytes
from ..data.iterator import DatasetIterator
from . import iterator_states
from .graph import VARIABLE_VALUE
from .python_state import PythonState

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]


class Value(Protocol):
    """A value of an object."""

    def get(self) -> Array:
        """The array to save."""
        ...

    def check(self, array: Array) -> None:
        """Raise InvalidArgumentError if the array cannot be the value."""
        ...

    def set(self, array: Array) -> None:
        """Make the array the value."""
        ...


def values_of(thing: object) -> Mapping[str, Value]:
    """The values that an object has itself, by the names that TensorFlow has for them; none for most."""
    match thing:
        case Variable():
            return {VARIABLE_VALUE: _VariableValue(thing)}
        case PythonState():
            return {"py_state": _PythonValue(thing)}
        case DatasetIterator():
            return {"ITERATOR": _Position(thing)}
        case Mutable() if thing.is_saved:
            rows = _Rows(thing)
            return {"table-keys": _TableKeys(rows), "table-values": _TableValues(rows)}
    return {}


@dataclass(frozen=True)
class _VariableValue:
    variable: Variable

    def get(self) -> Array:
        return self.variable._value_now()

    def check(self, array: Array) -> None:
        wanted, found = self.variable.dtype, record_of(array.dtype)
        if found is not wanted or not self.variable.shape.is_compatible_with(array.shape):
            raise InvalidArgumentError(
                f"expected dtype {wanted.name} and shape {self.variable.shape} for the Variable "
                f"{self.variable.name!r}, got dtype {array.dtype if found is None else found.name} and shape "
                f"{array.shape}"
            )

    def set(self, array: Array) -> None:
        self.variable.assign(array)


class _Rows:
    """What is restored of a table, whose keys and values come one after the other."""

    def __init__(self, table: Mutable):
        self.table = table
        self._keys: Array | None = None
        self._values: Array | None = None

    def set(self, keys: Array | None = None, values: Array | None = None) -> None:
        """Take keys or values; when both are there, they replace those of the table."""
        self._keys = self._keys if keys is None else keys
        self._values = self._values if values is None else values
        if self._keys is not None and self._values is not None:
            self.table.entries.replace(self._keys, self._values)

    def check(self, what: str, array: Array, dtype: DType, shape: Sequence[int]) -> None:
        """Raise InvalidArgumentError for an array that is not of the dtype, with rows of the shape."""
        if record_of(array.dtype) is not dtype or array.ndim < 1 or array.shape[1:] != tuple(shape):
            raise InvalidArgumentError(
                f"expected {what} of dtype {dtype.name}, each of shape {tuple(shape)}, for a "
                f"{type(self.table).__name__}, got dtype {array.dtype} and shape {array.shape}"
            )


@dataclass(frozen=True)
class _TableKeys:
    rows: _Rows

    def get(self) -> Array:
        return self.rows.table.entries.keys()

    def check(self, array: Array) -> None:
        self.rows.check("keys", array, self.rows.table.key_dtype, ())

    def set(self, array: Array) -> None:
        self.rows.set(keys=array)


@dataclass(frozen=True)
class _TableValues:
    rows: _Rows

    def get(self) -> Array:
        return self.rows.table.entries.values()

    def check(self, array: Array) -> None:
        self.rows.check("values", array, self.rows.table.value_dtype, self.rows.table.entries.value_shape)

    def set(self, array: Array) -> None:
        self.rows.set(values=array)


@dataclass(frozen=True)
class _PythonValue:
    state: PythonState

    def get(self) -> Array:
        return np.array(as_bytes(self.state.serialize()), object)

    def check(self, array: Array) -> None:
        if array.dtype != object or array.shape != ():
            raise InvalidArgumentError(f"expected one string, got dtype {array.dtype} and shape {array.shape}")

    def set(self, array: Array) -> None:
        self.state.deserialize(array.item())


@dataclass(frozen=True)
class _Position:
    iterator: DatasetIterator

    def get(self) -> Array:
        return iterator_states.as_bytes([self.iterator._pipeline(), self.iterator._state()])

    def check(self, array: Array) -> None:
        if array.dtype != np.uint8 or array.ndim != 1:
            raise InvalidArgumentError(f"expected the state of an iterator, got {array.dtype} of shape {array.shape}")
        (saved, _), own = iterator_states.of_bytes(array), self.iterator._pipeline()
        if saved != own:
            raise InvalidArgumentError(f"expected the state of an iterator of {own}, got that of one of {saved}")

    def set(self, array: Array) -> None:
        self.iterator._restore(iterator_states.of_bytes(array)[1])
