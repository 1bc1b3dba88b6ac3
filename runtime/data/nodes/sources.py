"""Where elements come from: tensors, numbers, generators, elements that were kept."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ....compiler.frontend.tracing.signature import TensorSpec
from ....compiler.frontend.values.dispatch import as_tensor
from ....compiler.frontend.values.tensor import Tensor
from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.strings import as_array
from ..columns import Dense, row_at, sizes_of
from ..indexed import Indexed, Rows
from ..node import INFINITE, UNKNOWN, Counted, Iteration, Node, State
from ..parameters import Number, dataset_of, number
from ..structure import DatasetSpec, Element, Structure, array_of, saved, single


@dataclass(eq=False)
class Tensors(Node):
    """One element."""

    parts: Element
    structure: Structure

    def cardinality(self) -> int:
        return 1

    def start(self) -> Iteration:
        return Counted(1, lambda index: list(self.parts))


@dataclass(eq=False)
class Slices(Node):
    """The parts of tensors along their first axis, which are views of their memory."""

    parts: list[Tensor]
    whole: Structure

    def __post_init__(self) -> None:
        what = "Dataset.from_tensor_slices"
        self._columns = self.whole.columns(what)
        self.structure = self.whole.with_columns(lambda column: column.row(what), what)
        sizes = {column.spec.shape[0] for column in self._columns} - {None}
        if len(sizes) > 1 or not self.parts:
            raise InvalidArgumentError(
                "Dataset.from_tensor_slices: expected tensors of one size along their first axis, got "
                f"{sorted(sizes) or 'no tensors'}"
            )
        self._size = next(iter(sizes), None)

    @cached_property
    def arrays(self) -> list[np.ndarray]:
        """The memory of the tensors."""
        return list(map(array_of, self.parts))

    @property
    def is_dense(self) -> bool:
        """Whether there are tensors only, no RaggedTensors."""
        return all(isinstance(column, Dense) for column in self._columns)

    def cardinality(self) -> int:
        return UNKNOWN if self._size is None else self._size

    def indexed(self) -> Indexed | None:
        sizes = {part.shape[0] if part.shape.rank else None for part in self.parts}
        count = self._size
        if count is None or not self.is_dense or sizes != {count} or any(part.dtype.is_string for part in self.parts):
            return None
        return Rows(self.parts, count)

    def start(self) -> Iteration:
        return Counted(sizes_of(self._columns, self.arrays)[0], self._element)

    def _element(self, index: int) -> Element:
        return [Tensor(array) for array in row_at(self._columns, self.arrays, index)]


@dataclass(eq=False)
class Numbers(Node):
    """Numbers at equal distances; for ever where `stop` is None."""

    begin: Number
    stop: Number | None
    step: Number
    dtype: np.dtype[Any]

    def __post_init__(self) -> None:
        self.structure = SCALAR.with_specs(lambda spec: TensorSpec([], self.dtype))
        self.begin, self.step = number("Dataset.range: start", self.begin), number("Dataset.range: step", self.step)
        self.stop = None if self.stop is None else number("Dataset.range: stop", self.stop)
        if isinstance(self.step, int) and self.step == 0:
            raise InvalidArgumentError("Dataset.range: step: expected a number other than 0, got 0")

    @property
    def _numbers(self) -> range:
        assert isinstance(self.begin, int) and isinstance(self.stop, int) and isinstance(self.step, int)
        return range(self.begin, self.stop, self.step)

    def cardinality(self) -> int:
        return INFINITE if self.stop is None else UNKNOWN if self.unbound else len(self._numbers)

    def start(self) -> Iteration:
        if self.stop is not None:
            numbers = self._numbers
            return Counted(len(numbers), lambda index: [Tensor(np.array(numbers[index], self.dtype))])
        begin, step = self.begin, self.step
        return Counted(None, lambda index: [Tensor(np.array(begin + index * step, self.dtype))])


@dataclass(eq=False)
class Kept(Node):
    """Elements that were made before."""

    elements: list[Element]
    structure: Structure

    def cardinality(self) -> int:
        return len(self.elements)

    def start(self) -> Iteration:
        return Counted(len(self.elements), lambda index: list(self.elements[index]))

    def saved(self) -> State:
        return [saved(element) for element in self.elements]


def loaded(structure: Structure, state: list[Any]) -> Element:
    """An element, of what `saved` returned for it."""
    return [
        dataset_of(Kept([loaded(spec.structure, each) for each in part], spec.structure))
        if isinstance(spec, DatasetSpec)
        else Tensor(as_array(part))
        for spec, part in zip(structure.specs, state, strict=True)
    ]


@dataclass(eq=False)
class Generator(Node):
    """What a Python generator yields; each iteration calls the function that makes it."""

    make: Callable[..., Any]
    arguments: list[Tensor]
    structure: Structure
    source: str = field(default="Dataset.from_generator", kw_only=True)

    def cardinality(self) -> int:
        return UNKNOWN

    def start(self) -> Iteration:
        return _Generated(self)


class _Generated(Iteration):
    """An iteration over a generator, which is brought back to a position by going there again."""

    def __init__(self, node: Generator):
        self._node = node
        self._number = 0
        self._values = self._begin()

    def _begin(self) -> Iterator[Any]:
        return iter(self._node.make(*(argument.numpy() for argument in self._node.arguments)))

    def __next__(self) -> Element:
        value = next(self._values)
        self._number += 1
        structure, where = self._node.structure, f"{self._node.source}: element {self._number - 1}"
        parts = structure.flat(value)
        return [_fitting(where, part, spec) for part, spec in zip(parts, structure.specs, strict=True)]

    def state(self) -> State:
        return self._number

    def restore(self, state: State) -> None:
        self._values, self._number = self._begin(), state
        for _ in itertools.islice(self._values, state):
            pass

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


SCALAR = single(TensorSpec([], np.int64))
"""Elements of one number."""
