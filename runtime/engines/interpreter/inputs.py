"""What a program is given: arrays and numbers, checked against the types of its arguments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from xdsl.dialects.builtin import MemRefType, TensorType
from xdsl.ir import Attribute

from ....dialects.state import VariableType
from .errors import InterpreterError
from .values import Value, dtype_of, fits, shape_text


@dataclass(frozen=True)
class Argument:
    """An argument of a program.

    Since each array has memory of its own while the program runs, the program sees no overlap of what it is given, and
    cannot change what it must not.

    Attributes:
        number: its index.
        given: what the caller gave.
        value: how the machine holds it: a scalar, or a row-major array.
        before: the bytes of `value` before the program ran.
    """

    number: int
    given: object
    value: Value
    before: bytes

    @staticmethod
    def of(number: int, given: object, type_: Attribute | None = None) -> Argument:
        """`given` as argument `number`, checked against its type; without a type, any array."""
        value = np.array(given, order="C") if type_ is None else _taken(number, given, type_)
        return Argument(number, given, value, value.tobytes())

    def give_back(self, after: np.ndarray) -> None:
        """Update what the caller gave to what the argument holds `after` the program, if it changed."""
        if after.tobytes() == self.before:
            return
        if not (isinstance(self.given, np.ndarray) and self.given.flags.writeable):
            kind = "a read-only array" if isinstance(self.given, np.ndarray) else type(self.given).__name__
            raise InterpreterError(
                f"argument {self.number} is written to: expected a writeable numpy array, got {kind}"
            )
        self.given[...] = after


def _taken(number: int, given: object, type_: Attribute) -> np.ndarray:
    if isinstance(type_, VariableType):
        if not isinstance(given, np.ndarray):
            raise InterpreterError(
                f"argument {number}: expected a numpy array to update in place, got {type(given).__name__}"
            )
        type_ = type_.value_type
    dtype = dtype_of(type_)
    array = np.asarray(given, dtype) if isinstance(given, bool | int | float) else np.asarray(given)
    if dtype == np.object_ and not all(isinstance(item, bytes) for item in array.flat):
        raise InterpreterError(f"argument {number}: expected strings, got {given!r}")
    if not isinstance(type_, TensorType | MemRefType):
        if array.ndim:
            raise InterpreterError(
                f"argument {number}: expected a scalar of type {type_}, got shape {list(array.shape)}"
            )
        return array.astype(dtype)[()]
    if array.dtype != dtype or not fits(array.shape, type_):
        expected = f"{dtype.name}{shape_text(type_.get_shape())}"
        raise InterpreterError(f"argument {number}: expected {expected}, got {array.dtype.name}{list(array.shape)}")
    return np.array(array, order="C")


def may_change(type_: Attribute) -> bool:
    """Whether a program may change an argument of this type."""
    return isinstance(type_, MemRefType | VariableType)
