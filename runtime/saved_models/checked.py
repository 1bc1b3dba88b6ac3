"""Reading JSON that anybody may have written: each field is checked, and an error says which one is wrong."""

from __future__ import annotations

from typing import Any

from ...dialects.errors import DataLossError

_SHOWN = 80


def damaged(where: str, expected: str, got: object) -> DataLossError:
    """The error for a part of a saved model that is not what it has to be."""
    text = repr(got)
    text = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return DataLossError(f"saved_model.load: {where}: expected {expected}, got {text}")


class Fields:
    """An object of JSON, whose fields are checked when they are read.

    Args:
        found: what was read.
        where: the file and the place in it, for errors.
    """

    def __init__(self, found: Any, where: str):
        if not isinstance(found, dict):
            raise damaged(where, "an object", found)
        self._found, self.where = found, where

    def __contains__(self, name: str) -> bool:
        return name in self._found

    def at(self, name: str) -> str:
        """The place of a field."""
        return f"{self.where}.{name}"

    def get(self, name: str) -> Any:
        """A field of any type; None where there is none."""
        return self._found.get(name)

    def _typed(self, name: str, type_: type, expected: str) -> Any:
        value = self._found.get(name)
        if type(value) is not type_:
            raise damaged(self.at(name), expected, value)
        return value

    def text(self, name: str) -> str:
        """A string."""
        return self._typed(name, str, "a string")

    def flag(self, name: str) -> bool:
        """A boolean."""
        return self._typed(name, bool, "true or false")

    def items(self, name: str) -> list[Any]:
        """An array."""
        return self._typed(name, list, "an array")

    def number(self, name: str, below: int) -> int:
        """An integer from 0 up to, without, `below`."""
        return index(self._found.get(name), below, self.at(name))

    def object(self, name: str) -> Fields:
        """An object."""
        return Fields(self._found.get(name), self.at(name))

    def objects(self, name: str) -> list[Fields]:
        """An array of objects."""
        return [Fields(item, f"{self.at(name)}[{i}]") for i, item in enumerate(self.items(name))]

    def pairs(self) -> list[tuple[str, Any]]:
        """All fields."""
        return list(self._found.items())

    def sizes(self, name: str) -> list[int]:
        """An array of sizes."""
        found = self.items(name)
        if not all(type(size) is int and 0 <= size < 2**63 for size in found):
            raise damaged(self.at(name), "sizes", found)
        return found


def index(value: Any, below: int, where: str) -> int:
    """`value`, which is an index of one of `below` things."""
    if type(value) is not int or not 0 <= value < below:
        raise damaged(where, f"an index below {below}", value)
    return value
