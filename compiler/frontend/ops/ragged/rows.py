"""Rows picked from RaggedTensors and tensors by their numbers, in any order."""

from __future__ import annotations

from typing import Any

from ...values.tensor import Tensor
from ..arguments import size_from
from ..index import gather
from ..math import add, multiply
from ..select import cast
from . import splits as rows_
from .tensor import RaggedTensor


def pick_rows(x: Any, numbers: Tensor) -> Any:
    """The rows of a RaggedTensor, or the parts of a tensor along its first axis, that a vector names."""
    if not isinstance(x, RaggedTensor):
        return gather(x, numbers)
    starts, lengths = x.row_splits[:-1], rows_.lengths_of(x.row_splits)
    found = pick_parts(x.values, gather(starts, numbers), gather(lengths, numbers))
    return RaggedTensor._of(found.values, found.row_splits, x._uniform)


def pick_parts(values: Any, starts: Tensor, lengths: Tensor, strides: Tensor | None = None) -> RaggedTensor:
    """Rows that begin at given positions of values, of given lengths; one of `strides` values is taken."""
    splits = rows_.from_lengths(lengths)
    total = size_from(rows_.last(splits))
    ids = rows_.row_ids(splits, total)
    places = rows_.places_in_rows(splits, total)
    if strides is not None:
        places = multiply(places, cast(strides, places.dtype))
    return RaggedTensor._of(pick_rows(values, add(gather(starts, ids), places)), splits)
