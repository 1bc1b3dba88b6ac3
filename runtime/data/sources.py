"""Where elements come from: tensors, numbers, generators."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ...compiler.frontend.tracing.signature import TensorSpec
from ...compiler.frontend.values.dispatch import as_tensor
from ...compiler.frontend.values.tensor import Tensor
from ...dialects.diagnostics import InvalidArgumentError
from .node import UNKNOWN, Iteration, Node, State
from .structure import Element, Structure, parts_of, without_first_axis


class Tensors(Node):
    """One element."""

    def __init__(self, value: object):
        self.element, tree = parts_of("Dataset.from_tensors", value)
        self.structure = Structure(tree, tuple(TensorSpec(part.shape, part.dtype) for part in self.element))

    def cardinality(self) -> int:
        return 1

    def start(self) -> Iteration:
        return Counted(1, lambda number: list(self.element))


class Slices(Node):
    """The parts of tensors along their first axis, which are views of their memory."""

    def __init__(self, value: object):
        parts, tree = parts_of("Dataset.from_tensor_slices", value)
        whole = [TensorSpec(part.shape, part.dtype) for part in parts]
        specs = tuple(without_first_axis(spec, "Dataset.from_tensor_slices") for spec in whole)
        self.structure = Structure(tree, specs)
        self.arrays = [part.numpy() for part in parts]
        sizes = sorted({len(array) for array in self.arrays})
        if len(sizes) != 1:
            raise InvalidArgumentError(
                f"Dataset.from_tensor_slices: expected tensors of one size along their first axis, got {sizes}"
            )
        self.count = sizes[0]

    def cardinality(self) -> int:
        return self.count

    def start(self) -> Iteration:
        return Counted(self.count, self._element)

    def _element(self, number: int) -> Element:
        return [Tensor(array[number, ...]) for array in self.arrays]


class Numbers(Node):
    """Numbers at equal distances."""

    def __init__(self, start: int, stop: int, step: int, dtype: Any):
        self.numbers = range(start, stop, step)
        self.dtype = np.dtype(dtype)
        spec = TensorSpec([], self.dtype)
        self.structure = Structure(parts_of("Dataset.range", 0)[1], (spec,))

    def cardinality(self) -> int:
        return len(self.numbers)

    def start(self) -> Iteration:
        return Counted(len(self.numbers), lambda n: [Tensor(np.array(self.numbers[n], self.dtype))])


class Counted(Iteration):
    """Elements that their number gives."""

    def __init__(self, count: int, element: Callable[[int], Element]):
        self._count, self._element = count, element
        self._number = 0

    def __next__(self) -> Element:
        if self._number >= self._count:
            raise StopIteration
        self._number += 1
        return self._element(self._number - 1)

    def state(self) -> State:
        return self._number

    def restore(self, state: State) -> None:
        self._number = state

    def close(self) -> None:
        """Nothing is held."""


class Generator(Node):
    """What a Python generator yields; each iteration calls the function that makes it."""

    def __init__(self, make: Callable[[], Any], structure: Structure):
        self.make, self.structure = make, structure

    def cardinality(self) -> int:
        return UNKNOWN

    def start(self) -> Iteration:
        return _Generated(self)


class _Generated(Iteration):
    """An iteration over a generator, which is brought back to a place by going there again."""

    def __init__(self, node: Generator):
        self._node = node
        self._number = 0
        self._values: Iterator[Any] = iter(node.make())

    def __next__(self) -> Element:
        value = next(self._values)
        self._number += 1
        structure, where = self._node.structure, f"Dataset.from_generator: element {self._number - 1}"
        parts = structure.tree.flatten_up_to(value) if structure.tree.num_nodes > 1 else [value]
        return [_fitting(where, part, spec) for part, spec in zip(parts, structure.specs, strict=True)]

    def state(self) -> State:
        return self._number

    def restore(self, state: State) -> None:
        self._values, self._number = iter(self._node.make()), 0
        for _ in range(state):
            next(self._values)
            self._number += 1

    def close(self) -> None:
        close = getattr(self._values, "close", None)
        if close is not None:
            close()


def _fitting(where: str, part: object, spec: TensorSpec) -> Tensor:
    """A component as a tensor that fits its spec."""
    tensor = as_tensor(part, spec.dtype, where)
    if not spec.shape.is_compatible_with(tensor.shape):
        raise InvalidArgumentError(f"{where}: expected shape {spec.shape}, got {tensor.shape}")
    return tensor
