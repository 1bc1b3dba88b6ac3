"""Elements that are in memory, which a loop in a program takes by their index: it asks Python for nothing."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...compiler.frontend.gradients.host_functions import numpy_function
from ...compiler.frontend.ops.index import gather
from ...compiler.frontend.ops.math import minimum
from ...compiler.frontend.ops.slicing import slice as slice_of
from ...compiler.frontend.tracing.signature import TensorSpec
from ...compiler.frontend.values.tensor import Tensor

Order = Callable[[], np.ndarray]
"""Returns the indices of the elements in the order of a new iteration."""


class Indexed(ABC):
    """Elements that a program takes by their index.

    Attributes:
        count: how many there are.
    """

    count: int

    @abstractmethod
    def begin(self) -> None:
        """Ask Python for what a new iteration needs, before the loop."""

    @abstractmethod
    def element(self, index: Any) -> Sequence[Tensor]:
        """The components of the element at an index, which is a scalar of the program."""

    def batched(self, size: int, drop: bool) -> Indexed | None:
        """Batches of these, if they can be taken by their index."""
        return None

    def shuffled(self, order: Order) -> Indexed:
        """The same elements in an order that Python is asked for, once for each loop."""
        return _Shuffled(self, order)


class Rows(Indexed):
    """The parts of tensors along their first axis, of one size that is known.

    Attributes:
        parts: the tensors.
        order: returns which part is taken for each index; None where it is the index itself.
    """

    def __init__(self, parts: Sequence[Tensor], count: int, order: Order | None = None):
        self.parts, self.count, self.order = parts, count, order
        self._indices: Tensor | None = None

    def begin(self) -> None:
        self._indices = None if self.order is None else _ordered(self.order, self.count)

    def element(self, index: Any) -> Sequence[Tensor]:
        return [gather(part, index if self._indices is None else self._indices[index]) for part in self.parts]

    def rows(self, begin: Any, size: Any) -> Sequence[Tensor]:
        """So many rows of each tensor."""
        if self._indices is not None:
            indices = slice_of(self._indices, [begin], [size])
            return [gather(part, indices) for part in self.parts]
        return [
            slice_of(part, [begin, *(0 for _ in part.shape[1:])], [size, *(-1 for _ in part.shape[1:])])
            for part in self.parts
        ]

    def batched(self, size: int, drop: bool) -> Indexed | None:
        return _Batches(self, size, drop)

    def shuffled(self, order: Order) -> Indexed:
        return super().shuffled(order) if self.order is not None else Rows(self.parts, self.count, order)


class _Batches(Indexed):
    """Rows that follow each other, put together."""

    def __init__(self, source: Rows, size: int, drop: bool):
        self._source, self._size = source, size
        self.count = source.count // size if drop else -(-source.count // size)
        self._alike = self.count * size <= source.count

    def begin(self) -> None:
        self._source.begin()

    def element(self, index: Any) -> Sequence[Tensor]:
        begin = index * self._size
        return self._source.rows(begin, self._size if self._alike else minimum(self._size, self._source.count - begin))


class _Shuffled(Indexed):
    """Elements in an order that Python says."""

    def __init__(self, source: Indexed, order: Order):
        self._source, self.count, self._order = source, source.count, order
        self._indices: Any = None

    def begin(self) -> None:
        self._source.begin()
        self._indices = _ordered(self._order, self.count)

    def element(self, index: Any) -> Sequence[Tensor]:
        return self._source.element(self._indices[index])


def _ordered(order: Order, count: int) -> Tensor:
    """The order of a new iteration, in the program."""
    return numpy_function(order, [], TensorSpec([count], np.int64), name="data.order")
