"""Elements put together to batches, and batches taken apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...compiler.frontend.values.tensor import Tensor
from ...dialects.diagnostics import InvalidArgumentError
from .node import UNKNOWN, Iteration, Node, OverOne, State
from .structure import Element, with_first_axis, without_first_axis


class Batch(Node):
    """So many elements along a new first axis."""

    def __init__(self, source: Node, size: int, drop_remainder: bool):
        self.inputs, self.size, self.drop = (source,), size, drop_remainder
        first = size if drop_remainder else None
        self.structure = source.structure.with_specs(lambda spec: with_first_axis(spec, first))

    def cardinality(self) -> int:
        count = self.inputs[0].cardinality()
        return count if count < 0 else count // self.size if self.drop else -(-count // self.size)

    def start(self) -> Iteration:
        return _Batched(self.inputs[0].start(), self)


class _Batched(OverOne):
    def __init__(self, source: Iteration, node: Batch):
        super().__init__(source)
        self._node = node

    def __next__(self) -> Element:
        rows = _next_rows(self.source, self._node.size)
        if not rows or (self._node.drop and len(rows) < self._node.size):
            raise StopIteration
        return [Tensor(_stacked([part.numpy() for part in column])) for column in zip(*rows, strict=True)]


def _next_rows(source: Iteration, count: int) -> list[Element]:
    rows: list[Element] = []
    while len(rows) < count:
        try:
            rows.append(next(source))
        except StopIteration:
            break
    return rows


def _stacked(parts: Sequence[np.ndarray]) -> np.ndarray:
    shapes = {part.shape for part in parts}
    if len(shapes) > 1:
        raise InvalidArgumentError(
            f"Dataset.batch: expected elements of one shape, got {sorted(map(list, shapes))}; padded_batch pads them"
        )
    return np.stack(parts)


class Unbatch(Node):
    """The parts of each element along its first axis."""

    def __init__(self, source: Node):
        self.inputs = (source,)
        self.structure = source.structure.with_specs(lambda spec: without_first_axis(spec, "Dataset.unbatch"))

    def cardinality(self) -> int:
        sizes = {spec.sizes[0] for spec in self.inputs[0].structure.specs if spec.sizes}
        count = self.inputs[0].cardinality()
        (size,) = sizes if len(sizes) == 1 else (None,)
        return UNKNOWN if size is None else count if count < 0 else count * size

    def start(self) -> Iteration:
        return _Unbatched(self.inputs[0].start())


class _Unbatched(OverOne):
    def __init__(self, source: Iteration):
        super().__init__(source)
        self._arrays: list[np.ndarray] = []
        self._number = 0

    def __next__(self) -> Element:
        while not self._arrays or self._number >= len(self._arrays[0]):
            self._arrays, self._number = [part.numpy() for part in next(self.source)], 0
        self._number += 1
        return [Tensor(array[self._number - 1, ...]) for array in self._arrays]

    def state(self) -> State:
        return [super().state(), self._arrays, self._number]

    def restore(self, state: State) -> None:
        super().restore(state[0])
        self._arrays, self._number = list(state[1]), state[2]
