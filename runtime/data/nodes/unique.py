"""Elements that did not come before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ....dialects.diagnostics import InvalidTypeError
from ..node import UNKNOWN, Iteration, Node, OverOne, State
from ..structure import Element, Structure, array_of, saved
from .sources import loaded


@dataclass(eq=False)
class Unique(Node):
    """The first of equal elements, which are one scalar each."""

    source: Node

    def __post_init__(self) -> None:
        self.structure = self.source.structure
        specs = self.structure.with_specs(lambda spec: spec, "Dataset.unique").specs
        if [spec.dtype.name in ("int32", "int64", "string") for spec in specs] != [True]:
            raise InvalidTypeError(
                "Dataset.unique: expected elements of one component of int32, int64 or string, got "
                f"{self.structure.element_spec}"
            )

    def cardinality(self) -> int:
        return UNKNOWN

    def start(self) -> Iteration:
        return _Unique(self.source.start(), self.structure)


class _Unique(OverOne):
    def __init__(self, source: Iteration, structure: Structure):
        super().__init__(source)
        self._structure = structure
        self._seen: dict[Any, Element] = {}

    def __next__(self) -> Element:
        for element in self.source:
            value = _value(element)
            if value not in self._seen:
                self._seen[value] = element
                return element
        raise StopIteration

    def state(self) -> State:
        return [super().state(), list(map(saved, self._seen.values()))]

    def restore(self, state: State) -> None:
        super().restore(state[0])
        elements = [loaded(self._structure, each) for each in state[1]]
        self._seen = {_value(element): element for element in elements}


def _value(element: Element) -> Any:
    """What elements are compared by."""
    array = array_of(element[0])
    return array.shape, tuple(array.reshape(-1).tolist())
