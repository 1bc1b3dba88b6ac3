"""Iterators of datasets, in Python and in programs that are traced."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import optree

from ...compiler.frontend.gradients.host_functions import numpy_function
from ...compiler.frontend.ops.ragged.tensor import is_ragged
from ...compiler.frontend.tracing.signature import TensorSpec
from ...compiler.frontend.tracing.tracer import current_tracer
from ...compiler.frontend.values.tensor import Tensor
from ...dialects.diagnostics import OutOfRangeError, UnsupportedError
from ...dialects.public import public
from .handles import Handed, no_element, program_spec, received
from .node import Iteration, Node, State
from .options import started
from .structure import Structure


@public("types", aliases=("data.Iterator",))
class DatasetIterator(Iterator[Any]):
    """One way through the elements of a dataset.

    In a `function`, `next` is a call of the program, which raises OutOfRangeError at the end.

    Example:
        >>> import stepwell as sw
        >>> iterator = iter(sw.data.Dataset.range(3))
        >>> int(next(iterator)), int(iterator.get_next())
        (0, 1)
    """

    _number = 0
    """What represents it in programs, if it was an argument of one."""

    def __init__(self, node: Node):
        self._node, self._structure = node, node.structure
        self._iteration: Iteration = started(node)
        self._handed = Handed()

    def __iter__(self) -> DatasetIterator:
        if current_tracer() is not None:
            raise UnsupportedError(
                "DatasetIterator: expected a `for` loop inside of a function, which becomes a loop of the program, or "
                "calls of `next`, got `iter` or a function that is not converted (autograph=False)"
            )
        return self

    def indexed(self) -> None:
        """None: the program asks for each element."""

    def staged(self) -> RemainingElements:
        """The elements that are left, in a program that is traced: a loop in a `function` asks for them."""
        return RemainingElements(self._structure, self._next_or_end, [])

    def __next__(self) -> Any:
        if current_tracer() is not None:
            return staged_next(self._structure, self._next_arrays, [])
        return self._structure.pack(next(self._iteration))

    def _next_arrays(self) -> list[np.ndarray]:
        """The components of the next element."""
        has_one, *arrays = self._next_or_end()
        if not has_one:
            raise _end()
        return arrays

    def _next_or_end(self) -> list[np.ndarray]:
        """Whether there is a next element, and its components."""
        self._handed.release()
        try:
            element = next(self._iteration)
        except StopIteration:
            return no_element(self._structure)
        return [np.array(True), *(tensor.numpy() for tensor in self._handed.tensors(element))]

    @property
    def element_spec(self) -> Any:
        """The shape and dtype of each component of an element."""
        return self._structure.element_spec

    def get_next(self) -> Any:
        """The next element; raises OutOfRangeError at the end."""
        try:
            return next(self)
        except StopIteration:
            raise _end() from None

    def get_next_as_optional(self) -> Any:
        """The next element as an `Optional`, which has no value at the end."""
        from .experimental.optional import get_next_as_optional  # which knows this class

        return get_next_as_optional(self)

    def _state(self) -> State:
        """Where it is, from which `_restore` goes on: ints, arrays, None, and lists and dicts of these."""
        return self._iteration.state()

    def _restore(self, state: State) -> None:
        """Go on where another iterator of the same pipeline was."""
        iteration = started(self._node)
        iteration.restore(state)
        self._iteration.close()
        self._iteration = iteration

    def _pipeline(self) -> str:
        """The transformations that the elements come from, such as `Batch(Numbers())`: states of others do not fit."""
        return self._node.text()

    def __del__(self) -> None:
        iteration = getattr(self, "_iteration", None)
        if iteration is not None:
            iteration.close()
            self._handed.release()


class RemainingElements:
    """The elements that an iterator has left, in a program: what a loop has not taken is there after it."""

    def __init__(self, structure: Structure, next_or_end: Callable[..., list[np.ndarray]], handle: Sequence[Tensor]):
        self._structure, self._next_or_end, self._handle = structure, next_or_end, handle
        self._specs = [TensorSpec([], np.bool_), *map(program_spec, structure.specs)]

    def next(self) -> Sequence[Tensor]:
        """Whether there is another element, and its components."""
        return numpy_function(self._next_or_end, self._handle, self._specs, name="data.next")

    def pack(self, components: Sequence[object]) -> object:
        """An element of its components."""
        return self._structure.pack(received(self._structure, components))  # pyright: ignore[reportArgumentType]

    def close(self) -> None:
        """Nothing: the iterator goes on."""


def staged_next(structure: Structure, next_arrays: Callable[..., list[np.ndarray]], handle: Sequence[Tensor]) -> Any:
    """The next element in a program that is traced, whose components a function returns for a handle."""
    specs = list(map(program_spec, structure.specs))
    tensors = numpy_function(next_arrays, handle, specs, name="DatasetIterator: next")
    return structure.pack(received(structure, tensors))


@public("data")
class NumpyIterator:
    """The elements of a dataset as NumPy's arrays and scalars: what `Dataset.as_numpy_iterator` returns.

    Example:
        >>> import stepwell as sw
        >>> [x.tolist() for x in sw.data.NumpyIterator(sw.data.Dataset.range(4).batch(2))]
        [[0, 1], [2, 3]]
    """

    def __init__(self, dataset: Any):
        self._iterator = DatasetIterator(dataset._node)

    def __iter__(self) -> NumpyIterator:
        return self

    def __next__(self) -> Any:
        return optree.tree_map(lambda part: part.numpy(), next(self._iterator), is_leaf=is_ragged)


def _end() -> OutOfRangeError:
    return OutOfRangeError("DatasetIterator.get_next: end of sequence")
