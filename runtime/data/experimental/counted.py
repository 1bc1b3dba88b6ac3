"""Datasets whose number of elements is said, and checked: `from_list`, `assert_cardinality`, `pad_to_cardinality`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from ....compiler.frontend.ops.shape import zeros
from ....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ....dialects.errors import FailedPreconditionError
from ....dialects.public import public
from ..dataset import Dataset
from ..node import Iteration, Node, OverOne, State
from ..nodes.sources import Kept
from ..parameters import Number, number
from ..structure import Element, common, structured


@public("data.experimental")
def from_list(elements: Sequence[Any], name: str | None = None) -> Dataset:
    """A dataset of the elements of a list, which are of one structure, dtypes and shapes.

    Example:
        >>> import stepwell as sw
        >>> dataset = sw.data.experimental.from_list([(1, "a"), (2, "b")])
        >>> [(int(index), text.numpy()) for index, text in dataset]
        [(1, b'a'), (2, b'b')]
    """
    what = "from_list: elements"
    if not isinstance(elements, list | tuple) or not elements:
        raise InvalidArgumentError(f"{what}: expected a list with at least one element, got {elements!r}")
    parts = [structured(what, element) for element in elements]
    structure = reduce(lambda one, other: common(what, one, other), [structure for _, structure in parts])
    return Dataset(Kept([components for components, _ in parts], structure))


@public("data.experimental")
def assert_cardinality(expected_cardinality: Any) -> Callable[[Dataset], Dataset]:
    """What `Dataset.apply` makes a dataset of whose number of elements is said.

    Iterating raises FailedPreconditionError where there are more or fewer.

    Example:
        >>> import stepwell as sw
        >>> odd = sw.data.Dataset.range(6).filter(lambda x: x % 2 == 1)
        >>> int(odd.apply(sw.data.experimental.assert_cardinality(3)).cardinality())
        3
    """
    return lambda dataset: Dataset(_Asserted(dataset._node, expected_cardinality))


@dataclass(eq=False)
class _Asserted(Node):
    """Elements of which there are so many."""

    source: Node
    count: Number

    def __post_init__(self) -> None:
        self.structure = self.source.structure
        self.count = number("assert_cardinality: expected_cardinality", self.count)

    def cardinality(self) -> int:
        return self.count if isinstance(self.count, int) else self.source.cardinality()

    def start(self) -> Iteration:
        return _Counting(self.source.start(), int(self.count))


class _Counting(OverOne):
    def __init__(self, source: Iteration, count: int):
        super().__init__(source)
        self._count, self._given = count, 0

    def __next__(self) -> Element:
        try:
            element = next(self.source)
        except StopIteration:
            if 0 <= self._given < self._count or self._count == -1:
                raise self._error(f"only {self._given}") from None
            raise
        self._given += 1
        if 0 <= self._count < self._given:
            raise self._error(f"at least {self._given}")
        return element

    def _error(self, got: str) -> FailedPreconditionError:
        expected = "infinitely many" if self._count == -1 else self._count
        return FailedPreconditionError(
            f"assert_cardinality: Input dataset was expected to contain {expected} elements "
            f"but contained {got} elements"
        )

    def state(self) -> State:
        return [self._given, super().state()]

    def restore(self, state: State) -> None:
        self._given = state[0]
        super().restore(state[1])


@public("data.experimental")
def pad_to_cardinality(cardinality: int, mask_key: str = "valid") -> Callable[[Dataset], Dataset]:
    """What `Dataset.apply` makes a dataset of dicts of that has so many elements: zeros come after its own.

    Args:
        cardinality: how many elements there are then.
        mask_key: the key of what says whether an element is one of the dataset's own.

    Raises InvalidTypeError for elements that are not dicts, and InvalidArgumentError for a dataset that has more
    elements, or whose length is unknown.

    Example:
        >>> import stepwell as sw
        >>> dataset = sw.data.Dataset.from_tensor_slices({"x": [5, 6]})
        >>> padded = dataset.apply(sw.data.experimental.pad_to_cardinality(3))
        >>> [(int(each["x"]), bool(each["valid"])) for each in padded]
        [(5, True), (6, True), (0, False)]
    """

    def padded(dataset: Dataset) -> Dataset:
        what, spec, count = "pad_to_cardinality", dataset.element_spec, dataset._node.cardinality()
        if not isinstance(spec, dict):
            raise InvalidTypeError(f"{what}: expected a dataset of dicts, got elements {spec}")
        if not 0 <= count <= cardinality:
            raise InvalidArgumentError(f"{what}: expected a dataset of at most {cardinality} elements, got {count}")
        if mask_key in spec:
            raise InvalidArgumentError(f"{what}: mask_key: expected a key that elements do not have, got {mask_key!r}")

        def masked(valid: bool) -> Callable[[Any], Any]:
            return lambda element: {**element, mask_key: valid}

        nothing = Dataset.from_tensors(
            dataset._node.structure.pack([_zeros(what, s) for s in dataset._node.structure.specs])
        )
        own, rest = dataset.map(masked(True)), nothing.repeat(cardinality - count).map(masked(False))
        return own.concatenate(rest)

    return padded


def _zeros(what: str, spec: Any) -> Any:
    if spec.sizes is None or None in spec.sizes:
        raise InvalidArgumentError(f"{what}: expected components of known shapes, got {spec}")
    return zeros(spec.sizes, spec.dtype)
