"""Public functions of linear algebra."""

from __future__ import annotations

from ....dialects.hl.linear import MatmulOp
from ....dialects.public import public
from ..values.dispatch import apply, as_tensors
from ..values.tensor import Tensor, TensorLike


@public("linalg", top=True)
def matmul(
    a: TensorLike, b: TensorLike, transpose_a: bool = False, transpose_b: bool = False, name: str | None = None
) -> Tensor:
    """The matrix product of `a` and `b`; axes before the last two are batches, which broadcast.

    Args:
        a: a tensor with at least 2 axes.
        b: another one of the same dtype.
        transpose_a: whether the matrices of `a` are transposed first.
        transpose_b: whether those of `b` are.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.matmul([[1, 2], [3, 4]], [[1], [10]]).numpy().tolist()
        [[21], [43]]
    """
    x, y = as_tensors("matmul", a, b)
    return apply(MatmulOp, x, y, transpose_a=bool(transpose_a), transpose_b=bool(transpose_b))
