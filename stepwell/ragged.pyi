# Written by `python -m stepwell.tools.public_api --write`.

from collections.abc import Sequence
from typing import Any
from stepwell import RaggedTensor, Tensor
from stepwell.types import DTypeLike, TensorLike

def constant(
    pylist: Any,
    dtype: DTypeLike | None = None,
    ragged_rank: int | None = None,
    inner_shape: Sequence[int] | None = None,
    name: str | None = None,
    row_splits_dtype: DTypeLike = ...,
) -> RaggedTensor | Tensor:
    """The RaggedTensor of nested lists."""

def range(
    starts: TensorLike,
    limits: TensorLike | None = None,
    deltas: TensorLike = 1,
    dtype: DTypeLike | None = None,
    name: str | None = None,
    row_splits_dtype: DTypeLike = ...,
) -> RaggedTensor:
    """Rows of numbers from `starts` up to, and without, `limits`; with one argument from 0 up to that."""
