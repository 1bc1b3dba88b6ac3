"""What users say about windows: strides, dilations, padding and the order of axes, in TensorFlow's forms."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ...values.tensor import Tensor
from ..arguments import choice_of
from ..shape import transpose

Item = TypeVar("Item")

_FORMATS = {1: ("NWC", "NCW"), 2: ("NHWC", "NCHW"), 3: ("NDHWC", "NCDHW")}


class Layout:
    """The order of the axes of a tensor that windows move over, and the way to the one that ops have and back.

    Attributes:
        rank: how many axes windows move over.
        channels_last: whether the channels are the last axis, as ops have them.
    """

    def __init__(self, function: str, rank: int, data_format: str | None):
        self.function, self.rank = function, rank
        last, first = _FORMATS[rank]
        if data_format is not None:
            choice_of(function, data_format, "data_format", (last, first))
        self.channels_last = data_format != first

    def forth(self, x: Tensor, argument: str = "input") -> Tensor:
        """A user's tensor with its channels last."""
        if x.ndim != self.rank + 2:
            text = f"expected {self.rank + 2} axes, got shape {x.shape}"
            raise InvalidArgumentError(f"{self.function}: {argument}: {text}")
        return x if self.channels_last else transpose(x, [0, *range(2, self.rank + 2), 1])

    def back(self, x: Tensor) -> Tensor:
        """A result in the user's order."""
        return x if self.channels_last else transpose(x, [0, self.rank + 1, *range(1, self.rank + 1)])

    def middle(self, items: Sequence[Item]) -> Sequence[Item]:
        """What belongs to the axes that windows move over, of a list with an item for each axis."""
        return items[1:-1] if self.channels_last else items[2:]

    def outer(self, items: Sequence[Item]) -> list[Item]:
        """The rest of such a list."""
        return [items[0], items[-1] if self.channels_last else items[1]]

    def numbers(self, value: Any, argument: str) -> tuple[int, ...]:
        """One number, one for each axis that windows move over, or one for each axis of the tensor."""
        items = np.asarray(value).reshape(-1).tolist() if isinstance(value, Tensor | np.ndarray) else value
        items = list(items) if isinstance(items, list | tuple) else [items]
        if len(items) == 1:
            items = items * self.rank
        if len(items) == self.rank + 2:
            if any(item != 1 for item in self.outer(items)):
                text = f"expected 1 for examples and channels, got {list(items)}"
                raise InvalidArgumentError(f"{self.function}: {argument}: {text}")
            items = list(self.middle(items))
        try:
            found = tuple(operator.index(item) for item in items)
        except TypeError:
            raise InvalidTypeError(f"{self.function}: {argument}: expected integers, got {value!r}") from None
        if len(found) != self.rank or min(found) < 1:
            text = f"expected 1, {self.rank} or {self.rank + 2} numbers of 1 or more, got {value!r}"
            raise InvalidArgumentError(f"{self.function}: {argument}: {text}")
        return found

    def padding(self, value: str | Sequence[Sequence[int]]) -> str | tuple[tuple[int, int], ...]:
        """`"SAME"`, `"VALID"`, or pairs of amounts, given with one for each axis of the tensor."""
        if isinstance(value, str):
            if value.upper() not in ("SAME", "VALID"):
                raise InvalidArgumentError(f"{self.function}: padding: expected SAME, VALID or pairs, got {value!r}")
            return value.upper()
        try:
            pairs = [tuple(operator.index(amount) for amount in pair) for pair in value]
        except TypeError:
            raise InvalidTypeError(f"{self.function}: padding: expected SAME, VALID or pairs, got {value!r}") from None
        if len(pairs) != self.rank + 2 or any(len(pair) != 2 or min(pair) < 0 for pair in pairs):
            text = f"expected {self.rank + 2} pairs of 0 or more, got {value!r}"
            raise InvalidArgumentError(f"{self.function}: padding: {text}")
        if any(pair != (0, 0) for pair in self.outer(pairs)):
            text = f"expected none for examples and channels, got {value!r}"
            raise InvalidArgumentError(f"{self.function}: padding: {text}")
        return tuple((low, high) for low, high in self.middle(pairs))
