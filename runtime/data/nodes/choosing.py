"""Elements of several datasets, chosen by numbers or at random."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from ....compiler.frontend.ops.math import log
from ....compiler.frontend.ops.random.stateless import stateless_categorical
from ....compiler.frontend.values.dispatch import as_tensor
from ....compiler.frontend.values.tensor import Tensor
from ....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ..compiled import Compiled
from ..node import INFINITE, UNKNOWN, Iteration, Node, State
from ..parameters import DatasetBase
from ..structure import Element, Structure, common
from .mapping import Map
from .transforms import Zip


@dataclass(eq=False)
class Choice(Node):
    """Elements of several datasets: those of another dataset are the numbers of the one that is next.

    Attributes:
        stops: whether it ends with the first dataset that is asked for an element and has none.
    """

    sources: list[Node]
    choices: Node
    stops: bool

    def __post_init__(self) -> None:
        self.structure = reduce(_alike, (each.structure for each in self.sources))

    def cardinality(self) -> int:
        return INFINITE if INFINITE in [each.cardinality() for each in self.sources] else UNKNOWN

    def start(self) -> Iteration:
        return _Chosen(self)


class _Chosen(Iteration):
    def __init__(self, node: Choice):
        self._stops = node.stops
        self._choices = node.choices.start()
        self._sources: list[Iteration | None] = [each.start() for each in node.sources]

    def __next__(self) -> Element:
        while any(self._sources):
            which = int(next(self._choices)[0].numpy())
            if not 0 <= which < len(self._sources):
                what, count = "Dataset.choose_from_datasets: choice_dataset", len(self._sources)
                raise InvalidArgumentError(f"{what}: expected at least 0 and less than {count}, got {which}")
            source = self._sources[which]
            if source is None:
                continue
            try:
                return next(source)
            except StopIteration:
                source.close()
                self._sources = [None] * len(self._sources) if self._stops else self._without(which)
        raise StopIteration

    def _without(self, which: int) -> list[Iteration | None]:
        return [None if index == which else source for index, source in enumerate(self._sources)]

    def state(self) -> State:
        return [self._choices.state(), [None if source is None else source.state() for source in self._sources]]

    def restore(self, state: State) -> None:
        self._choices.restore(state[0])
        for index, each in enumerate(state[1]):
            source = self._sources[index]
            if each is None or source is None:
                self._sources = self._without(index)
            else:
                source.restore(each)

    def close(self) -> None:
        self._choices.close()
        for source in self._sources:
            if source is not None:
                source.close()


def _alike(one: Structure, other: Structure) -> Structure:
    return common("Dataset.choose_from_datasets: datasets", one, other)


def chosen(datasets: Sequence[DatasetBase], choice: Any, stops: bool) -> Node:
    """The node of the arguments of `choose_from_datasets`."""
    what = "Dataset.choose_from_datasets"
    _refuse_none(what, datasets)
    specs = choice._node.structure.specs if isinstance(choice, DatasetBase) else ()
    if [(str(spec.dtype.name), spec.sizes) for spec in specs] != [("int64", ())]:
        got = choice._node.structure.element_spec if specs else repr(choice)
        raise InvalidTypeError(f"{what}: choice_dataset: expected a dataset of scalars of int64, got {got}")
    return Choice([each._node for each in datasets], choice._node, bool(stops))


def sampled(datasets: Sequence[DatasetBase], weights: Any, numbers: DatasetBase, stops: bool) -> Node:
    """The node of the arguments of `sample_from_datasets`; `numbers` has pairs of random numbers.

    As in TensorFlow, each choice is a draw of `stateless_categorical`, of which a pair is the seed.
    """
    what = "Dataset.sample_from_datasets"
    _refuse_none(what, datasets)
    if isinstance(weights, DatasetBase):
        pairs: Node = Zip([weights._node, numbers._node], tuple)
        choice = Compiled(what, lambda each, seed: _draw(log(each), seed), pairs.structure)
        return Choice([each._node for each in datasets], Map(pairs, choice), bool(stops))
    datasets, logits = _weighted(what, datasets, weights)
    if len(datasets) == 1:
        return datasets[0]._node
    choice = Compiled(what, lambda seed: _draw(logits, seed), numbers._node.structure)
    return Choice([each._node for each in datasets], Map(numbers._node, choice), bool(stops))


def _weighted(what: str, datasets: Sequence[DatasetBase], weights: Any) -> tuple[Sequence[DatasetBase], Any]:
    """The datasets that can be chosen, and the logits of their choice."""
    if weights is None:
        return datasets, as_tensor([1.0] * len(datasets))
    if len(weights) != len(datasets):
        raise InvalidArgumentError(
            f"{what}: weights: expected one for each of {len(datasets)} datasets, got {len(weights)}"
        )
    if isinstance(weights, Tensor):
        return datasets, log(weights)
    positive = [(dataset, weight) for dataset, weight in zip(datasets, weights, strict=True) if weight > 0]
    if not positive:
        raise InvalidArgumentError(f"{what}: weights: expected at least one greater than 0, got {weights}")
    found = as_tensor([weight for _, weight in positive], name=f"{what}: weights")
    if found.dtype.name not in ("float32", "float64"):
        raise InvalidTypeError(f"{what}: weights: expected float32 or float64, got {found.dtype.name}")
    return [dataset for dataset, _ in positive], log(found)


def _draw(logits: Any, seed: Tensor) -> Tensor:
    return stateless_categorical(as_tensor(logits)[None], 1, seed)[0, 0]


def _refuse_none(what: str, datasets: Sequence[DatasetBase]) -> None:
    if not datasets:
        raise InvalidArgumentError(f"{what}: datasets: expected at least one dataset, got none")
