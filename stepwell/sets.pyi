# Written by `python -m stepwell.tools.public_api --write`.

from stepwell import Tensor
from stepwell.sparse import SparseTensor
from stepwell.types import TensorLike

def difference(
    a: TensorLike | SparseTensor,
    b: TensorLike | SparseTensor,
    aminusb: bool = True,
    validate_indices: bool = True,
) -> SparseTensor:
    """The elements along the last axis that are in `a` and not in `b`, as `union` returns them."""

def intersection(
    a: TensorLike | SparseTensor,
    b: TensorLike | SparseTensor,
    validate_indices: bool = True,
) -> SparseTensor:
    """The elements along the last axis that are in `a` and in `b`, as `union` returns them."""

def size(a: SparseTensor, validate_indices: bool = True) -> Tensor:
    """How many elements are along the last axis of a SparseTensor, each counted once: int32."""

def union(
    a: TensorLike | SparseTensor,
    b: TensorLike | SparseTensor,
    validate_indices: bool = True,
) -> SparseTensor:
    """The elements along the last axis that are in `a` or in `b`, in ascending order, each once."""
