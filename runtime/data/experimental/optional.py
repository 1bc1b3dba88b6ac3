"""`data.experimental.Optional`: an element that may not be there."""

from __future__ import annotations

from typing import Any

import numpy as np

from ....compiler.frontend.values.tensor import Tensor
from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.public import public
from ..iterator import DatasetIterator
from ..structure import structured


@public("data.experimental")
class Optional:
    """A value, or none, of a spec; `from_value` and `empty` make one.

    Example:
        >>> import stepwell as sw
        >>> found = sw.data.experimental.Optional.from_value(3)
        >>> bool(found.has_value()), int(found.get_value())
        (True, 3)
    """

    def __init__(self, value: Any, element_spec: Any, there: bool):
        self._value, self._spec, self._there = value, element_spec, there

    @property
    def element_spec(self) -> Any:
        """The spec of the value."""
        return self._spec

    def has_value(self, name: str | None = None) -> Tensor:
        """Whether there is a value: a scalar of bool."""
        return Tensor(np.array(self._there))

    def get_value(self, name: str | None = None) -> Any:
        """The value. Raises InvalidArgumentError if there is none."""
        if not self._there:
            raise InvalidArgumentError("Optional.get_value: The given optional does not have a value")
        return self._value

    @staticmethod
    def from_value(value: Any) -> Optional:
        """One with a value."""
        parts, structure = structured("Optional.from_value", value)
        return Optional(structure.pack(parts), structure.element_spec, True)

    @staticmethod
    def empty(element_spec: Any) -> Optional:
        """One without a value."""
        return Optional(None, element_spec, False)


@public("data.experimental")
def get_next_as_optional(iterator: DatasetIterator) -> Optional:
    """The next element of an iterator, or none at its end; outside of functions.

    Example:
        >>> import stepwell as sw
        >>> iterator = iter(sw.data.Dataset.range(1))
        >>> [bool(sw.data.experimental.get_next_as_optional(iterator).has_value()) for _ in range(2)]
        [True, False]
    """
    try:
        return Optional.from_value(next(iterator))
    except StopIteration:
        return Optional.empty(iterator.element_spec)
