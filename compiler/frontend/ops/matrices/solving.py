"""Public functions that solve systems of equations, which the last two axes of tensors are."""

from __future__ import annotations

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from .....dialects.dtypes import INT32
from .....dialects.hl.decompositions import InverseOp
from .....dialects.hl.equations import SolveOp, TriangularSolveOp
from .....dialects.public import public
from ...values.dispatch import apply, as_tensor, as_tensors
from ...values.tensor import Tensor, TensorLike
from ..arguments import flag_of, size_along
from ..index import gather
from ..linalg import eye, matrix_transpose
from ..linear import matmul
from ..logic import greater
from ..math import add, divide, maximum, multiply
from ..reduce import reduce_max, reduce_sum
from ..select import cast, where
from ..shape import broadcast_to, expand_dims, ones_like, zeros_like
from ..sort import argsort
from .decompositions import cholesky, svd
from .diagonals import band_part, diag_part, set_diag


@public("linalg")
def inv(input: TensorLike, adjoint: bool = False, name: str | None = None) -> Tensor:
    """The inverses of square matrices, or with `adjoint` of their adjoint ones. A singular matrix is an error.

    Example:
        >>> import stepwell as sw
        >>> sw.linalg.inv([[2.0, 0.0], [0.0, 4.0]]).numpy().tolist()
        [[0.5, 0.0], [0.0, 0.25]]
    """
    inverse = apply(InverseOp, as_tensor(input, name="inv: input"))
    return matrix_transpose(inverse, conjugate=True) if flag_of("inv", adjoint, "adjoint") else inverse


@public("linalg")
def solve(matrix: TensorLike, rhs: TensorLike, adjoint: bool = False, name: str | None = None) -> Tensor:
    """What square matrices, or with `adjoint` their adjoint ones, are multiplied by to be `rhs`.

    A singular matrix is an error.

    Example:
        >>> import stepwell as sw
        >>> sw.linalg.solve([[2.0, 0.0], [0.0, 4.0]], [[1.0], [2.0]]).numpy().tolist()
        [[0.5], [0.5]]
    """
    x, b = as_tensors("solve", matrix, rhs)
    return apply(SolveOp, x, b, adjoint=flag_of("solve", adjoint, "adjoint"))


@public("linalg")
def triangular_solve(
    matrix: TensorLike, rhs: TensorLike, lower: bool = True, adjoint: bool = False, name: str | None = None
) -> Tensor:
    """What triangular matrices are multiplied by to be `rhs`; batches broadcast.

    Args:
        matrix: square matrices, of which one part is read.
        rhs: matrices with as many rows.
        lower: whether the lower part is read, or the upper one.
        adjoint: whether the matrices are transposed, and conjugated.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.linalg.triangular_solve([[2.0, 9.0], [1.0, 4.0]], [[2.0], [5.0]]).numpy().tolist()
        [[1.0], [1.0]]
    """
    x, b = as_tensors("triangular_solve", matrix, rhs)
    if x.ndim >= 2 and b.ndim >= 2 and (x.ndim != b.ndim or x.shape[:-2] != b.shape[:-2]):
        x, b = _same_batches(x, b)
    flags = {name: flag_of("triangular_solve", flag, name) for name, flag in (("lower", lower), ("adjoint", adjoint))}
    return apply(TriangularSolveOp, x, b, reads_lower=flags["lower"], adjoint=flags["adjoint"])


def _same_batches(x: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Both with the batch that theirs broadcast to."""
    common = add(zeros_like(reduce_sum(x, [-2, -1])), zeros_like(reduce_sum(b, [-2, -1])))
    lead = [size_along(common, axis) for axis in range(common.ndim)]
    return tuple(broadcast_to(y, [*lead, size_along(y, y.ndim - 2), size_along(y, y.ndim - 1)]) for y in (x, b))  # pyright: ignore


@public("linalg")
def cholesky_solve(chol: TensorLike, rhs: TensorLike, name: str | None = None) -> Tensor:
    """What matrices are multiplied by to be `rhs`, given what `cholesky` returns for them.

    Example:
        >>> import stepwell as sw
        >>> sw.linalg.cholesky_solve([[2.0, 0.0], [0.0, 1.0]], [[4.0], [3.0]]).numpy().tolist()
        [[1.0], [3.0]]
    """
    x, b = as_tensors("cholesky_solve", chol, rhs)
    return triangular_solve(x, triangular_solve(x, b), adjoint=True)


@public("linalg")
def lu_solve(
    lower_upper: TensorLike, perm: TensorLike, rhs: TensorLike, validate_args: bool = False, name: str | None = None
) -> Tensor:
    """What matrices are multiplied by to be `rhs`, given what `lu` returns for them.

    Example:
        >>> import stepwell as sw
        >>> factors, order = sw.linalg.lu([[0.0, 2.0], [4.0, 0.0]])
        >>> sw.linalg.lu_solve(factors, order, [[2.0], [8.0]]).numpy().tolist()
        [[2.0], [1.0]]
    """
    factors, b = as_tensors("lu_solve", lower_upper, rhs)
    order = as_tensor(perm, name="lu_solve: perm")
    if b.ndim < 2 or factors.ndim < 2:
        shapes = f"shapes {factors.shape} and {b.shape}"
        raise InvalidArgumentError(f"lu_solve: expected lower_upper and rhs of 2 axes or more, got {shapes}")
    b = gather(b, order, axis=b.ndim - 2, batch_dims=order.ndim - 1)
    lower, upper = _factors(factors)
    return triangular_solve(upper, triangular_solve(lower, b), lower=False)


def _factors(both: Tensor) -> tuple[Tensor, Tensor]:
    """The unit lower and the upper triangular matrices that are stored in one."""
    lower = band_part(both, -1, 0)
    return set_diag(lower, ones_like(diag_part(both))), band_part(both, 0, -1)


@public("linalg")
def lu_matrix_inverse(
    lower_upper: TensorLike, perm: TensorLike, validate_args: bool = False, name: str | None = None
) -> Tensor:
    """The inverses of matrices, given what `lu` returns for them.

    Example:
        >>> import stepwell as sw
        >>> sw.linalg.lu_matrix_inverse(*sw.linalg.lu([[0.0, 2.0], [4.0, 0.0]])).numpy().tolist()
        [[0.0, 0.25], [0.5, 0.0]]
    """
    factors = as_tensor(lower_upper, name="lu_matrix_inverse: lower_upper")
    if factors.ndim < 2:
        raise InvalidArgumentError(f"lu_matrix_inverse: lower_upper: expected matrices, got shape {factors.shape}")
    one = eye(size_along(factors, factors.ndim - 1), dtype=factors.dtype)
    return lu_solve(factors, perm, add(zeros_like(factors), one))


@public("linalg")
def lu_reconstruct(
    lower_upper: TensorLike, perm: TensorLike, validate_args: bool = False, name: str | None = None
) -> Tensor:
    """The matrices for which `lu` returns these.

    Example:
        >>> import stepwell as sw
        >>> sw.linalg.lu_reconstruct(*sw.linalg.lu([[0.0, 2.0], [4.0, 0.0]])).numpy().tolist()
        [[0.0, 2.0], [4.0, 0.0]]
    """
    factors = as_tensor(lower_upper, name="lu_reconstruct: lower_upper")
    if factors.ndim < 2:
        raise InvalidArgumentError(f"lu_reconstruct: lower_upper: expected matrices, got shape {factors.shape}")
    product, places = matmul(*_factors(factors)), argsort(perm)
    return gather(product, places, axis=product.ndim - 2, batch_dims=product.ndim - 2)


@public("linalg")
def lstsq(
    matrix: TensorLike, rhs: TensorLike, l2_regularizer: float = 0.0, fast: bool = True, name: str | None = None
) -> Tensor:
    """What matrices are multiplied by to be as near to `rhs` as can be; of several ones the shortest.

    Args:
        matrix: matrices of rows and columns, whose sizes are known.
        rhs: matrices with as many rows.
        l2_regularizer: what the square of the result's length counts in addition to that of the distance.
        fast: whether Cholesky factors of the normal equations are used, which is quicker and less exact.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.linalg.lstsq([[1.0], [1.0]], [[1.0], [3.0]]).numpy().tolist()
        [[2.0]]
    """
    x, b = as_tensors("lstsq", matrix, rhs)
    if x.ndim < 2 or None in (x.shape[-2], x.shape[-1]):
        raise InvalidArgumentError(f"lstsq: matrix: expected matrices of known sizes, got shape {x.shape}")
    if not flag_of("lstsq", fast, "fast"):
        return matmul(pinv(x), b)
    rows, columns = x.shape[-2], x.shape[-1]
    tall = rows >= columns  # pyright: ignore[reportOptionalOperand]
    gram = matmul(x, x, adjoint_a=tall, adjoint_b=not tall)
    gram = add(gram, multiply(eye(columns if tall else rows, dtype=x.dtype), np.array(l2_regularizer, x.dtype)))  # pyright: ignore
    factor = cholesky(gram)
    if tall:
        return cholesky_solve(factor, matmul(x, b, adjoint_a=True))
    return matmul(x, cholesky_solve(factor, b), adjoint_a=True)


@public("linalg")
def pinv(
    a: TensorLike, rcond: TensorLike | None = None, validate_args: bool = False, name: str | None = None
) -> Tensor:
    """The Moore-Penrose inverses of matrices.

    Args:
        a: matrices.
        rcond: which singular values count as 0: those that are at most so many times the greatest one.
        validate_args, name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.linalg.pinv([[2.0, 0.0], [0.0, 0.0]]).numpy().tolist()
        [[0.5, 0.0], [0.0, 0.0]]
    """
    x = _numbers("pinv", a)
    kind = x.dtype.real_dtype
    values, left, right = svd(x)  # pyright: ignore[reportGeneralTypeIssues]
    rounding = multiply(_longest(x), np.array(10 * kind.finfo.eps, kind))
    share = rounding if rcond is None else cast(rcond, kind)
    least = multiply(share, reduce_max(values, -1))
    infinite = np.array(np.inf, kind)
    safe = where(greater(values, expand_dims(least, -1)), values, infinite)
    return matmul(
        multiply(right, cast(expand_dims(divide(np.array(1, kind), safe), -2), x.dtype)), left, adjoint_b=True
    )


def _numbers(function: str, a: TensorLike) -> Tensor:
    x = as_tensor(a, name=f"{function}: a")
    if not (x.dtype.is_floating or x.dtype.is_complex):
        text = f"expected matrices of floats or complex numbers, got a tensor of dtype {x.dtype.name}"
        raise InvalidTypeError(f"{function}: a: {text}")
    return x


def _longest(x: Tensor) -> Tensor:
    """The number of rows or columns, whichever are more."""
    rows, columns = (cast(as_tensor(size_along(x, x.ndim - 2 + n)), x.dtype.real_dtype) for n in range(2))
    return maximum(rows, columns)


@public("linalg")
def matrix_rank(
    a: TensorLike, tol: TensorLike | None = None, validate_args: bool = False, name: str | None = None
) -> Tensor:
    """How many singular values of matrices are above `tol`, as int32; by default above the rounding of the greatest.

    Example:
        >>> import stepwell as sw
        >>> int(sw.linalg.matrix_rank([[1.0, 2.0], [2.0, 4.0]]))
        1
    """
    x = _numbers("matrix_rank", a)
    values = svd(x, compute_uv=False)
    assert isinstance(values, Tensor)
    if tol is None:
        share = multiply(_longest(x), np.array(values.dtype.finfo.eps, values.dtype))
        least = multiply(share, reduce_max(values, -1, True))
    else:
        least = cast(tol, values.dtype)
    return reduce_sum(cast(greater(values, least), INT32), -1)
