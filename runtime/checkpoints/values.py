"""The values that objects have of their own: what is read from them when they are saved, and set when restored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np

from ...compiler.frontend.values.variable import Variable
from ...dialects.diagnostics import InvalidArgumentError
from ...dialects.dtypes import record_of
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
