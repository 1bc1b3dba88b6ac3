"""`data.experimental.group_by_reducer`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ....dialects.public import public
from ..compiled import Compiled, compiled_step, compiled_to_integer, integer_of
from ..dataset import Dataset
from ..node import UNKNOWN, Iteration, Node, OverOne, State
from ..nodes.sources import loaded
from ..structure import Element, saved, single


@public("data.experimental")
@dataclass(frozen=True)
class Reducer:
    """How elements of one key become one.

    Attributes:
        init_func: given the key, returns the state before the first element.
        reduce_func: given a state and an element, returns the next state.
        finalize_func: given the last state, returns the result for all elements.

    Example:
        >>> import stepwell as sw
        >>> sums = sw.data.experimental.Reducer(lambda key: np.int64(0), sw.add, sw.identity)
        >>> by_rest = sw.data.experimental.group_by_reducer(lambda x: x % 3, sums)
        >>> [int(x) for x in sw.data.Dataset.range(10).apply(by_rest)]
        [18, 12, 15]
    """

    init_func: Callable[..., Any]
    reduce_func: Callable[..., Any]
    finalize_func: Callable[..., Any]


@public("data.experimental")
def group_by_reducer(key_func: Callable[..., Any], reducer: Reducer) -> Callable[[Dataset], Dataset]:
    """What `Dataset.apply` makes a dataset of that has one element for each key, in the order of the keys.

    Args:
        key_func: returns the key of an element, of int64.
        reducer: the result for the elements of a key.

    Example:
        >>> import stepwell as sw
        >>> count = sw.data.experimental.Reducer(lambda key: 0, lambda n, x: n + 1, lambda n: n)
        >>> counts = sw.data.experimental.group_by_reducer(lambda x: x % 2, count)
        >>> [int(x) for x in sw.data.Dataset.range(5).apply(counts)]
        [3, 2]
    """

    def reduced(dataset: Dataset) -> Dataset:
        what, structure = "group_by_reducer", dataset._node.structure
        key = compiled_to_integer(f"{what}: key_func", key_func, structure)
        first = Compiled(f"{what}: init_func", reducer.init_func, single(key.structure.specs[0]))
        step, states = compiled_step(
            f"{what}: reduce_func", reducer.reduce_func, first.structure, structure, lambda found: found
        )
        last = Compiled(f"{what}: finalize_func", reducer.finalize_func, states)
        return Dataset(_Reduced(dataset._node, key, first, step, last))

    return reduced


@dataclass(eq=False)
class _Reduced(Node):
    source: Node
    key: Compiled
    first: Compiled
    step: Compiled
    last: Compiled

    def __post_init__(self) -> None:
        self.structure = self.last.structure

    def cardinality(self) -> int:
        return 0 if self.source.cardinality() == 0 else UNKNOWN

    def start(self) -> Iteration:
        return _Reducing(self.source.start(), self)


class _Reducing(OverOne):
    """Takes all elements of the source first, then gives what became of each key."""

    def __init__(self, source: Iteration, node: _Reduced):
        super().__init__(source)
        self._node = node
        self._results: list[Element] | None = None
        self._given = 0

    def __next__(self) -> Element:
        if self._results is None:
            self._results = self._reduced()
        if self._given == len(self._results):
            raise StopIteration
        self._given += 1
        return self._results[self._given - 1]

    def _reduced(self) -> list[Element]:
        node, states = self._node, {}
        for element in self.source:
            key = integer_of(node.key, element)
            state = states.get(key)
            if state is None:
                state = node.first(node.key(element))
            states[key] = node.step([*state, *element])
        return [node.last(states[key]) for key in sorted(states)]

    def state(self) -> State:
        results = None if self._results is None else list(map(saved, self._results))
        return [self._given, results, super().state()]

    def restore(self, state: State) -> None:
        self._given, results, source = state
        self._results = None if results is None else [loaded(self._node.structure, each) for each in results]
        super().restore(source)
