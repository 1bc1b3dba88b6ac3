"""`window`: elements that follow each other, as datasets."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from ..node import UNKNOWN, Iteration, Node, OverOne, State
from ..parameters import Number, dataset_of, number
from ..structure import DatasetSpec, Element, Structure, saved, single
from .sources import Kept, loaded


@dataclass(eq=False)
class Window(Node):
    """Elements that follow each other, each component of them a dataset.

    Attributes:
        size: how many elements a window has.
        shift: how many elements after the first of a window the next one begins.
        stride: at which distance elements of a window are.
        drop: whether windows that would be shorter are left out.
    """

    source: Node
    size: Number
    shift: Number
    stride: Number
    drop: bool

    def __post_init__(self) -> None:
        self.size = number("Dataset.window: size", self.size, 1)
        self.shift = number("Dataset.window: shift", self.shift, 1)
        self.stride = number("Dataset.window: stride", self.stride, 1)
        found = self.source.structure
        self.columns = [single(spec) for spec in found.specs]
        self.structure = Structure(found.tree, tuple(DatasetSpec(each.element_spec) for each in self.columns))

    @property
    def _reach(self) -> int:
        """How many elements a window is taken from."""
        return (int(self.size) - 1) * int(self.stride) + 1

    def cardinality(self) -> int:
        count = self.source.cardinality()
        if self.unbound:
            return UNKNOWN
        if count < 0:
            return count
        return max(0, -(-(count - (self._reach - 1 if self.drop else 0)) // int(self.shift)))

    def start(self) -> Iteration:
        return _Windows(self.source.start(), self, self._reach)

    def window(self, elements: list[Element]) -> Element:
        """An element of windows, of those that come from the source."""
        chosen = elements[:: int(self.stride)]
        return [
            dataset_of(Kept([[element[index]] for element in chosen], structure))
            for index, structure in enumerate(self.columns)
        ]


class _Windows(OverOne):
    def __init__(self, source: Iteration, node: Window, reach: int):
        super().__init__(source)
        self._node, self._reach = node, reach
        self._buffer: deque[Element] = deque()
        self._skip, self._ended = 0, False

    def __next__(self) -> Element:
        # Elements between two windows are passed over, and those that windows share were kept.
        while not self._ended and (self._skip or len(self._buffer) < self._reach):
            try:
                self._buffer.append(next(self.source))
            except StopIteration:
                self._ended = True
            if self._skip and self._buffer:
                self._buffer.popleft()
                self._skip -= 1
        if not self._buffer or (self._node.drop and len(self._buffer) < self._reach):
            raise StopIteration
        found = self._node.window(list(self._buffer))
        shift = int(self._node.shift)
        self._skip = max(0, shift - len(self._buffer))
        for _ in range(min(shift, len(self._buffer))):
            self._buffer.popleft()
        return found

    def state(self) -> State:
        return [super().state(), list(map(saved, self._buffer)), self._skip, self._ended]

    def restore(self, state: State) -> None:
        super().restore(state[0])
        self._buffer = deque(loaded(self._node.source.structure, each) for each in state[1])
        self._skip, self._ended = state[2:]
