# Written by `python -m stepwell.tools.public_api --write`.

from collections.abc import Callable, Sequence
from typing import Any
from stepwell import RaggedTensor, Tensor
from stepwell.types import DTypeLike, TensorLike

def boolean_mask(data: Any, mask: Any, name: str | None = None) -> Any:
    """The elements, or rows, for which `mask` holds, each in the row that it was in."""

def constant(
    pylist: Any,
    dtype: DTypeLike | None = None,
    ragged_rank: int | None = None,
    inner_shape: Sequence[int] | None = None,
    name: str | None = None,
    row_splits_dtype: DTypeLike = ...,
) -> RaggedTensor | Tensor:
    """The RaggedTensor of nested lists."""

def cross(inputs: Sequence[Any], name: str | None = None) -> RaggedTensor:
    """In each row all combinations of one value of each input, joined with `_X_`."""

def map_flat_values(op: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """The rows with what a function returns of the flat values."""

def range(
    starts: TensorLike,
    limits: TensorLike | None = None,
    deltas: TensorLike = 1,
    dtype: DTypeLike | None = None,
    name: str | None = None,
    row_splits_dtype: DTypeLike = ...,
) -> RaggedTensor:
    """Rows of numbers from `starts` up to, and without, `limits`; with one argument from 0 up to that."""

def row_splits_to_segment_ids(
    splits: TensorLike,
    name: str | None = None,
    out_type: DTypeLike | None = None,
) -> Tensor:
    """For each value the number of its row, given where rows end."""

def segment_ids_to_row_splits(
    segment_ids: TensorLike,
    num_segments: Any = None,
    out_type: DTypeLike | None = None,
    name: str | None = None,
) -> Tensor:
    """Where rows end, with 0 before, given the number of the row of each value."""

def stack(values: Any, axis: int = 0, name: str | None = None) -> Any:
    """Tensors of one rank along a new axis, as rows of a RaggedTensor: their sizes may differ."""

def stack_dynamic_partitions(
    data: Any,
    partitions: TensorLike,
    num_partitions: Any,
    name: str | None = None,
) -> RaggedTensor:
    """The parts of `data` in the rows of which each is given the number."""
