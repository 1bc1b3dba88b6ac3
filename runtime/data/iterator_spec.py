"""`IteratorSpec`: iterators as arguments of a function that is traced once for all of one element spec."""

from __future__ import annotations

import itertools
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
import optree

from ...compiler.frontend.tracing.signature import TensorSpec
from ...compiler.frontend.tracing.tracer import current_tracer
from ...compiler.frontend.values.tensor import Tensor
from ...dialects.diagnostics import InvalidTypeError
from ...dialects.public import public
from .handles import HANDLE
from .iterator import DatasetIterator, RemainingElements, staged_next
from .structure import Structure, structure_of

_numbers = itertools.count(1)
_iterators: WeakValueDictionary[int, DatasetIterator] = WeakValueDictionary()


class GivenIterator(DatasetIterator):
    """An iterator that a function is given: a number, which represents one outside of the program.

    Attributes:
        handle: the number; a spec in the place of an argument.
    """

    def __init__(self, handle: Any, structure: Structure):
        self.handle, self._structure = handle, structure

    def __next__(self) -> Any:
        if current_tracer() is not None:
            return staged_next(self._structure, _next_arrays, [self.handle])
        return next(_found(self.handle.numpy()))

    def staged(self) -> RemainingElements:
        """The elements that are left of the iterator that the program is given."""
        return RemainingElements(self._structure, _next_or_end, [self.handle])

    def __stepwell_given__(self, value: Any) -> GivenIterator:
        """An iterator that is an argument in this one's place."""
        if not isinstance(value, DatasetIterator):
            raise InvalidTypeError(f"expected an iterator of a dataset, got {value!r}")
        if not _covers(self._structure, value._structure):
            expected, found = self.element_spec, value.element_spec
            raise InvalidTypeError(f"expected an iterator of elements {expected}, got elements {found}")
        handle = value.handle if isinstance(value, GivenIterator) else _handle(value)
        return GivenIterator(handle, self._structure)

    def __repr__(self) -> str:
        return repr(IteratorSpec(self.element_spec))

    def _state(self) -> Any:
        return _found(self.handle.numpy())._state()

    def _restore(self, state: Any) -> None:
        _found(self.handle.numpy())._restore(state)

    def _pipeline(self) -> str:
        return _found(self.handle.numpy())._pipeline()


optree.register_pytree_node(
    GivenIterator,  # pyright: ignore
    lambda iterator: ((iterator.handle,), iterator._structure),  # pyright: ignore
    lambda structure, parts: GivenIterator(*parts, structure),  # pyright: ignore
    namespace=optree.registry.__GLOBAL_NAMESPACE,  # pyright: ignore
)


def _handle(iterator: DatasetIterator) -> Tensor:
    """A number that represents an iterator as long as it is there."""
    if not iterator._number:
        iterator._number = next(_numbers)
        _iterators[iterator._number] = iterator
    return Tensor(np.array(iterator._number, np.int64))


def _found(handle: Any) -> DatasetIterator:
    return _iterators[int(handle)]


def _next_arrays(handle: np.ndarray) -> list[np.ndarray]:
    return _found(handle)._next_arrays()


def _next_or_end(handle: np.ndarray) -> list[np.ndarray]:
    return _found(handle)._next_or_end()


def _covers(wanted: Structure, given: Structure) -> bool:
    """Whether elements of a structure are all ones of another."""
    return wanted.tree == given.tree and all(
        one.covers(other) if isinstance(one, TensorSpec) and isinstance(other, TensorSpec) else one == other
        for one, other in zip(wanted.specs, given.specs, strict=True)
    )


@public("data")
class IteratorSpec:
    """What is known of an iterator over a dataset, which it represents in `input_signature`.

    The function is traced once for all iterators that fit.

    Args:
        element_spec: the specs of elements, put together like an element.

    Example:
        >>> import stepwell as sw
        >>> @sw.function(input_signature=[sw.data.IteratorSpec(sw.TensorSpec([], sw.int64))])
        ... def square(iterator):
        ...     return iterator.get_next() ** 2
        >>> numbers = iter(sw.data.Dataset.range(5, 9))
        >>> [int(square(numbers)), int(square(numbers)), int(next(numbers))]
        [25, 36, 7]
    """

    def __init__(self, element_spec: Any):
        self._element_spec = element_spec

    @property
    def element_spec(self) -> Any:
        """The specs of elements."""
        return self._element_spec

    @property
    def value_type(self) -> type[DatasetIterator]:
        """The class of the values that fit."""
        return DatasetIterator

    @classmethod
    def from_value(cls, value: DatasetIterator) -> IteratorSpec:
        """The spec of an iterator."""
        return cls(value.element_spec)

    def __stepwell_parts__(self) -> GivenIterator:
        """An iterator with a spec in the place of its number."""
        return GivenIterator(HANDLE, structure_of(self._element_spec))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IteratorSpec) and self._element_spec == other._element_spec

    def __hash__(self) -> int:
        return hash(repr(self._element_spec))

    def __repr__(self) -> str:
        return f"IteratorSpec(element_spec={self._element_spec!r})"
