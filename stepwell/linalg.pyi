# Written by `python -m stepwell.tools.public_api --write`.

import numpy as np
from collections.abc import Sequence
from stepwell import Tensor
from stepwell.types import DTypeLike, ShapeLike, TensorLike

def eye(
    num_rows: TensorLike,
    num_columns: TensorLike | None = None,
    batch_shape: ShapeLike | None = None,
    dtype: DTypeLike = ...,
    name: str | None = None,
) -> Tensor:
    """A matrix with ones on its diagonal and zeros elsewhere; `batch_shape` many of them."""

def global_norm(t_list: Sequence[TensorLike | None], name: str | None = None) -> Tensor:
    """The Euclidean length of all tensors of a list together; `None` is left out."""

def l2_normalize(
    x: TensorLike,
    axis: int | Sequence[int] | None = None,
    epsilon: TensorLike = 1e-12,
    name: str | None = None,
) -> Tensor:
    """`x` divided by its Euclidean length along `axis` (all axes if None), which counts as `sqrt(epsilon)` at least."""

def matmul(
    a: TensorLike,
    b: TensorLike,
    transpose_a: bool = False,
    transpose_b: bool = False,
    name: str | None = None,
) -> Tensor:
    """The matrix product of `a` and `b`; axes before the last two are batches, which broadcast."""

def matrix_transpose(a: TensorLike, name: str = 'matrix_transpose', conjugate: bool = False) -> Tensor:
    """`a` with its last two axes exchanged."""

def matvec(a: TensorLike, b: TensorLike, transpose_a: bool = False, name: str | None = None) -> Tensor:
    """The products of the matrices in the last two axes of `a` with the vectors in the last axis of `b`."""

def norm(
    tensor: TensorLike,
    ord: str | int | float = 'euclidean',
    axis: int | Sequence[int] | None = None,
    keepdims: bool = False,
    name: str | None = None,
) -> Tensor:
    """The length of vectors."""

def tensordot(
    a: TensorLike,
    b: TensorLike,
    axes: int | Sequence[int | Sequence[int]] | np.ndarray | Tensor,
    name: str | None = None,
) -> Tensor:
    """The sums of products over axes of `a` and `b` that go together."""
