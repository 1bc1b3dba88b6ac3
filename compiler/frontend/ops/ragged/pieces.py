"""What each string is taken apart to: rows of parts, of which there may be any number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from .....dialects.dtypes import STRING
from ...values.dispatch import as_tensor
from ...values.tensor import Tensor
from . import splits as rows_
from .tensor import RaggedTensor

Found = TypeVar("Found")

Pieces = tuple[Tensor, list[Tensor]]
"""How many parts each string of a vector has, and for all parts one after the other one tensor or more."""


def pieces(function: str, input: Any, of_vector: Callable[[Tensor], Pieces]) -> list[Any]:
    """The parts of strings: vectors for a scalar; RaggedTensors with one axis more for other tensors.

    Args:
        function: the name of the public function, for errors.
        input: strings, a tensor or a RaggedTensor.
        of_vector: takes strings of any shape, and returns how many parts each has, and these.
    """
    if isinstance(input, RaggedTensor):
        return [input._with_flat(found) for found in pieces(function, input.flat_values, of_vector)]
    x = as_tensor(input, STRING, f"{function}: input")
    if x.ndim > 1:
        return pieces(function, RaggedTensor.from_tensor(x, ragged_rank=x.ndim - 1), of_vector)
    counts, found = of_vector(x)
    if not x.ndim:
        return list(found)
    splits = rows_.from_lengths(counts)
    return [RaggedTensor._of(each, splits) for each in found]
