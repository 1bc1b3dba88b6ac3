"""What a checkpoint says of the objects in it: which values they have, and by which names they hold others."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ...dialects.errors import DataLossError

VARIABLE_VALUE = "VARIABLE_VALUE"
"""TensorFlow's name of the one value that a Variable has."""


@dataclass(frozen=True)
class SavedObject:
    """An object of a checkpoint.

    Attributes:
        children: the numbers of the objects that it holds, by name.
        values: the keys of its own values, by the values' names.
    """

    children: Mapping[str, int]
    values: Mapping[str, str]


@dataclass(frozen=True)
class ObjectGraph:
    """The objects of a checkpoint; the first one is its root.

    Raises DataLossError where it holds an object that is not there.
    """

    nodes: Sequence[SavedObject]

    def __post_init__(self) -> None:
        count = len(self.nodes)
        if not count or any(not 0 <= child < count for node in self.nodes for child in node.children.values()):
            raise DataLossError("the objects of a checkpoint refer to objects that are not there")

    @cached_property
    def names(self) -> Sequence[str]:
        """The path of attributes from the root to each object."""
        found = {0: "(root)"}
        waiting = deque([0])
        while waiting:
            number = waiting.popleft()
            for name, child in self.nodes[number].children.items():
                if child not in found:
                    found[child] = f"{found[number]}.{name}"
                    waiting.append(child)
        return [found.get(number, f"(object {number})") for number in range(len(self.nodes))]

    @cached_property
    def with_values(self) -> frozenset[int]:
        """The objects that have values, or hold some that do."""
        owners: dict[int, list[int]] = {}
        for number, node in enumerate(self.nodes):
            for child in node.children.values():
                owners.setdefault(child, []).append(number)
        found = {number for number, node in enumerate(self.nodes) if node.values}
        waiting = list(found)
        while waiting:
            for owner in owners.get(waiting.pop(), ()):
                if owner not in found:
                    found.add(owner)
                    waiting.append(owner)
        return frozenset(found)

    def as_json(self) -> list[Any]:
        """The objects as JSON has them."""
        return [[dict(node.children), dict(node.values)] for node in self.nodes]

    @classmethod
    def of_json(cls, nodes: list[Any]) -> ObjectGraph:
        """The objects that `as_json` wrote."""
        return cls([SavedObject({str(k): int(v) for k, v in children.items()}, values) for children, values in nodes])


def key_of(path: Sequence[str], value: str) -> str:
    """The key of a value of the object at the end of a path, as TensorFlow makes it.

    Example:
        >>> key_of(["model", "a/b"], "VARIABLE_VALUE")
        'model/a.Sb/.ATTRIBUTES/VARIABLE_VALUE'
    """
    return "/".join([*map(_escaped, path), ".ATTRIBUTES", _escaped(value)])


def _escaped(name: str) -> str:
    return name.replace(".", "..").replace("/", ".S")
