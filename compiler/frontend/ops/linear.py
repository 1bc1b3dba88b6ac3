"""Public functions of linear algebra."""

from __future__ import annotations

from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.dtypes import DTypeLike
from ....dialects.hl.linear import MatmulOp
from ....dialects.public import public
from ..values.dispatch import apply, as_tensors
from ..values.tensor import Tensor, TensorLike
from . import namespace
from .select import cast


@public("linalg", top=True)
def matmul(
    a: TensorLike,
    b: TensorLike,
    transpose_a: bool = False,
    transpose_b: bool = False,
    adjoint_a: bool = False,
    adjoint_b: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
    output_type: DTypeLike | None = None,
    grad_a: bool = False,
    grad_b: bool = False,
    name: str | None = None,
) -> Tensor:
    """The matrix product of `a` and `b`; axes before the last two are batches, which broadcast.

    Args:
        a: a tensor with at least 2 axes.
        b: another one of the same dtype.
        transpose_a: whether the matrices of `a` are transposed first.
        transpose_b: whether those of `b` are.
        adjoint_a: whether the matrices of `a` are transposed and conjugated first.
        adjoint_b: whether those of `b` are.
        a_is_sparse: not used, as the next ones.
        b_is_sparse: not used.
        output_type: the dtype of the products and their sums; that of `a` by default.
        grad_a: not used.
        grad_b: not used.
        name: not used.

    Raises ValueError for matrices that are to be both transposed and conjugated.

    Example:
        >>> import stepwell as sw
        >>> sw.matmul([[1, 2], [3, 4]], [[1], [10]]).numpy().tolist()
        [[21], [43]]
    """
    for side, transposed, adjoint in (("a", transpose_a, adjoint_a), ("b", transpose_b, adjoint_b)):
        if transposed and adjoint:
            raise InvalidArgumentError(f"matmul: expected only one of transpose_{side} and adjoint_{side}")
    x, y = as_tensors("matmul", a, b)
    if output_type is not None:
        x, y = cast(x, output_type), cast(y, output_type)
    if x.dtype.is_complex:
        x, y = (namespace().conj(v) if adjoint else v for v, adjoint in ((x, adjoint_a), (y, adjoint_b)))
    return apply(MatmulOp, x, y, transpose_a=bool(transpose_a or adjoint_a), transpose_b=bool(transpose_b or adjoint_b))
