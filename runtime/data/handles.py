"""Datasets as values of programs: a program has a number for each, which represents it while the program runs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...compiler.frontend.tracing.signature import TensorSpec
from ...compiler.frontend.values.tensor import Tensor
from ...dialects.types import zeros
from .node import Iteration, Node
from .parameters import DatasetBase, Values, bound, dataset_of
from .structure import DatasetSpec, Element, Spec, Structure

HANDLE = TensorSpec([], np.int64)
"""What a dataset is to a program."""

_handles = itertools.count(1)
_nodes: dict[int, Node] = {}


@dataclass(eq=False)
class Handle(Node):
    """The dataset that a number represents."""

    handle: Tensor
    spec: DatasetSpec

    def __post_init__(self) -> None:
        self.structure = self.spec.structure

    def cardinality(self) -> int:
        raise AssertionError("a number that represents a dataset is used outside of the program")

    def start(self) -> Iteration:
        raise AssertionError("a number that represents a dataset is used outside of the program")

    def bound(self, values: Values) -> Any:
        return _nodes[int(bound(self.handle, values).numpy())]


def program_spec(spec: Spec) -> TensorSpec:
    """What a program has for a component."""
    return HANDLE if isinstance(spec, DatasetSpec) else spec


def no_element(structure: Structure) -> list[np.ndarray]:
    """What a program is given when there is no element: False, and components of some content for its loop to carry."""
    specs = map(program_spec, structure.specs)
    return [np.array(False), *(zeros([size or 0 for size in spec.known_sizes], spec.dtype) for spec in specs)]


def received(structure: Structure, tensors: Sequence[Tensor]) -> Element:
    """The components of an element, of what a program has for them."""
    return [
        dataset_of(Handle(tensor, spec)) if isinstance(spec, DatasetSpec) else tensor
        for tensor, spec in zip(tensors, structure.specs, strict=True)
    ]


class Handed:
    """Datasets that a program has numbers for."""

    def __init__(self) -> None:
        self._handles: list[int] = []

    def tensors(self, element: Element) -> list[Tensor]:
        """What the program is given for the components of an element."""
        return [self._handle(part._node) if isinstance(part, DatasetBase) else part for part in element]

    def _handle(self, node: Node) -> Tensor:
        handle = next(_handles)
        _nodes[handle] = node
        self._handles.append(handle)
        return Tensor(np.array(handle, np.int64))

    def release(self) -> None:
        """The numbers represent nothing from now on."""
        while self._handles:
            del _nodes[self._handles.pop()]


@contextmanager
def handed(element: Element) -> Iterator[list[Tensor]]:
    """What a program is given for the components of an element, while it runs."""
    datasets = Handed()
    try:
        yield datasets.tensors(element)
    finally:
        datasets.release()
