"""The elements of a TensorArray outside of functions: a list of tensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ....dialects.diagnostics import InvalidArgumentError, OutOfRangeError
from ..ops import namespace
from ..ops.arguments import Size
from ..values.tensor import Tensor
from .kind import READ_NEGATIVE, READ_OUTSIDE, WRITE_NEGATIVE, WRITE_OUTSIDE, Kind, check_shape, known_shape


@dataclass
class EagerArray:
    """A list of tensors, None for those that were not written.

    Attributes:
        kind: what the array is.
        elements: the tensors.
        element_shape: what is known of their shape.
        read_before: the numbers of elements that a read has cleared.
    """

    kind: Kind
    elements: list[Tensor | None]
    element_shape: Sequence[int | None] | None = None
    read_before: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        if self.element_shape is None:
            written = next((e.shape for e in self.elements if e is not None), None)
            self.element_shape = self.kind.element_shape if written is None else written

    @property
    def size(self) -> int:
        """How many elements there are."""
        return len(self.elements)

    def copied(self) -> EagerArray:
        """Another array with the same elements."""
        return EagerArray(self.kind, list(self.elements), self.element_shape, set(self.read_before))

    def write(self, index: Size, value: Tensor) -> EagerArray:
        """Set an element."""
        number = int(index)
        if number < 0:
            raise OutOfRangeError("TensorArray: " + WRITE_NEGATIVE.format(number))
        if number >= self.size:
            if not self.kind.grows:
                raise OutOfRangeError("TensorArray: " + WRITE_OUTSIDE.format(number, self.size))
            self.elements.extend([None] * (number + 1 - self.size))
        if self.kind.infer_shape:
            check_shape(value.shape, self.element_shape)
            self.element_shape = value.shape
        self.elements[number] = value
        return self

    def read(self, index: Size) -> Tensor:
        """An element, which is forgotten if the kind says so."""
        number = int(index)
        if number < 0:
            raise OutOfRangeError("TensorArray: " + READ_NEGATIVE.format(number))
        if number >= self.size:
            raise OutOfRangeError("TensorArray: " + READ_OUTSIDE.format(number, self.size))
        value = self.elements[number]
        if value is None and number in self.read_before:
            raise InvalidArgumentError(
                f"TensorArray: Could not read index {number} twice because it was cleared after a previous read "
                "(perhaps try setting clear_after_read = false?)"
            )
        if value is None:
            value = self._zeros("read")
        if self.kind.clear_after_read:
            self.elements[number] = None
            self.read_before.add(number)
        return value

    def stack(self) -> Tensor:
        """All elements, along a new axis."""
        if not self.elements:
            return namespace().zeros([0, *known_shape("stack", self.element_shape)], self.kind.dtype)
        return namespace().stack(self.all("stack"))

    def concat(self) -> Tensor:
        """All elements, one behind the other."""
        if not self.elements:
            return namespace().zeros([0, *known_shape("concat", self.element_shape)[1:]], self.kind.dtype)
        return namespace().concat(self.all("concat"), 0)

    def scatter(self, indices: Tensor, values: Tensor) -> EagerArray:
        """Set several elements."""
        for index, value in zip(np.asarray(indices).tolist(), values):
            self.write(index, value)
        return self

    def all(self, method: str) -> list[Tensor]:
        """The elements, zeros for those that were not written."""
        return [self._zeros(method) if element is None else element for element in self.elements]

    def _zeros(self, method: str) -> Tensor:
        return namespace().zeros(known_shape(method, self.element_shape), self.kind.dtype)
