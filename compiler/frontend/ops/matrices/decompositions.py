"""Public functions that take matrices apart: factors, eigenvalues, singular values, determinants."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .....dialects.dtypes import INT32, DTypeLike, dtype_named
from .....dialects.hl.decompositions import CholeskyOp, EighOp, QrOp, SlogdetOp, SvdOp
from .....dialects.hl.equations import LuOp
from .....dialects.public import public
from ...values.dispatch import apply, apply_all, as_tensor
from ...values.tensor import Tensor, TensorLike
from ..arguments import flag_of
from ..complex import real
from ..math import exp, log, multiply
from ..reduce import reduce_sum
from ..select import cast
from .diagonals import diag_part


@public("types")
class Qr(NamedTuple):
    """The result of `linalg.qr`.

    Attributes:
        q: matrices with orthonormal columns.
        r: upper triangular matrices.
    """

    q: Tensor
    r: Tensor


@public("types")
class Lu(NamedTuple):
    """The result of `linalg.lu`.

    Attributes:
        lu: the unit lower and the upper triangular matrices in one.
        p: the rows in their new order.
    """

    lu: Tensor
    p: Tensor


@public("types")
class LogMatrixDeterminant(NamedTuple):
    """The result of `linalg.slogdet`.

    Attributes:
        sign: the signs of determinants.
        log_abs_determinant: the logarithms of their absolute values.
    """

    sign: Tensor
    log_abs_determinant: Tensor


@public("linalg")
def cholesky(input: TensorLike, name: str | None = None) -> Tensor:
    """The lower triangular matrices whose products with their adjoints are `input`.

    Args:
        input: symmetric, or Hermitian, positive definite matrices, of which the lower parts are read. Of others the
            result is NaN.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.linalg.cholesky([[4.0, 2.0], [2.0, 5.0]]).numpy().tolist()
        [[2.0, 0.0], [1.0, 2.0]]
    """
    return apply(CholeskyOp, as_tensor(input, name="cholesky: input"))


@public("linalg")
def qr(input: TensorLike, full_matrices: bool = False, name: str | None = None) -> Qr:
    """Matrices with orthonormal columns, and upper triangular ones, whose products are `input`.

    Args:
        input: matrices.
        full_matrices: whether the first ones are square.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> abs(sw.linalg.qr([[3.0, 0.0], [4.0, 5.0]]).r).numpy().round(3).tolist()
        [[5.0, 4.0], [0.0, 3.0]]
    """
    full = flag_of("qr", full_matrices, "full_matrices")
    return Qr(*apply_all(QrOp, as_tensor(input, name="qr: input"), full=full))


@public("linalg")
def svd(
    tensor: TensorLike, full_matrices: bool = False, compute_uv: bool = True, name: str | None = None
) -> tuple[Tensor, Tensor, Tensor] | Tensor:
    """The singular values of matrices in descending order, and their left and right singular vectors, as columns.

    Args:
        tensor: matrices.
        full_matrices: whether the matrices of vectors are square.
        compute_uv: whether vectors are returned, too.
        name: not used.

    Returns:
        `s`, `u` and `v`, so that `tensor` is `u @ diag(s) @ adjoint(v)`; or `s` alone.

    Example:
        >>> import stepwell as sw
        >>> sw.linalg.svd([[0.0, 2.0], [3.0, 0.0]], compute_uv=False).numpy().tolist()
        [3.0, 2.0]
    """
    full = flag_of("svd", full_matrices, "full_matrices")
    values, left, right = apply_all(SvdOp, as_tensor(tensor, name="svd: tensor"), full=full)
    return (values, left, right) if flag_of("svd", compute_uv, "compute_uv") else values


@public("linalg")
def eigh(tensor: TensorLike, name: str | None = None) -> tuple[Tensor, Tensor]:
    """The eigenvalues of symmetric, or Hermitian, matrices in ascending order, and their eigenvectors, as columns.

    Of each matrix the lower part is read.

    Example:
        >>> import stepwell as sw
        >>> sw.linalg.eigh([[3.0, 0.0], [0.0, 1.0]])[0].numpy().tolist()
        [1.0, 3.0]
    """
    values, vectors = apply_all(EighOp, as_tensor(tensor, name="eigh: tensor"))
    return values, vectors


@public("linalg")
def eigvalsh(tensor: TensorLike, name: str | None = None) -> Tensor:
    """The eigenvalues of symmetric, or Hermitian, matrices in ascending order.

    Example:
        >>> import stepwell as sw
        >>> sw.linalg.eigvalsh([[3.0, 0.0], [0.0, 1.0]]).numpy().tolist()
        [1.0, 3.0]
    """
    return apply_all(EighOp, as_tensor(tensor, name="eigvalsh: tensor"))[0]


@public("linalg")
def lu(input: TensorLike, output_idx_type: DTypeLike = INT32, name: str | None = None) -> Lu:
    """A unit lower and an upper triangular matrix in one, whose product is `input` with its rows in another order.

    A singular matrix is an error.

    Example:
        >>> import stepwell as sw
        >>> factors, order = sw.linalg.lu([[1.0, 2.0], [2.0, 8.0]])
        >>> factors.numpy().tolist(), order.numpy().tolist()
        ([[2.0, 8.0], [0.5, -2.0]], [1, 0])
    """
    factors, order = apply_all(LuOp, as_tensor(input, name="lu: input"))
    return Lu(factors, cast(order, dtype_named(output_idx_type, "lu: output_idx_type")))


@public("linalg")
def slogdet(input: TensorLike, name: str | None = None) -> LogMatrixDeterminant:
    """The signs of the determinants of square matrices, and the logarithms of their absolute values.

    Example:
        >>> import stepwell as sw
        >>> [float(part) for part in sw.linalg.slogdet([[-1.0, 0.0], [0.0, 1.0]])]
        [-1.0, 0.0]
    """
    return LogMatrixDeterminant(*apply_all(SlogdetOp, as_tensor(input, name="slogdet: input")))


@public("linalg")
def det(input: TensorLike, name: str | None = None) -> Tensor:
    """The determinants of square matrices.

    Example:
        >>> import stepwell as sw
        >>> round(float(sw.linalg.det([[2.0, 0.0], [0.0, 4.0]])), 3)
        8.0
    """
    sign, logarithm = slogdet(input)
    return multiply(sign, exp(logarithm))


@public("linalg")
def logdet(matrix: TensorLike, name: str | None = None) -> Tensor:
    """The logarithms of the determinants of Hermitian positive definite matrices.

    Example:
        >>> import stepwell as sw
        >>> float(sw.linalg.logdet([[1.0, 0.0], [0.0, 1.0]]))
        0.0
    """
    factor = cholesky(matrix)
    return multiply(reduce_sum(log(real(diag_part(factor))), -1), np.array(2, factor.dtype.real_dtype))
