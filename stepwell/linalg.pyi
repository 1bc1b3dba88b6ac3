# Written by `python -m stepwell.tools.public_api --write`.

import numpy as np
from collections.abc import Sequence
from stepwell import Tensor
from stepwell.types import DTypeLike, LogMatrixDeterminant, Lu, Qr, ShapeLike, TensorLike

def adjoint(matrix: TensorLike, name: str | None = None) -> Tensor:
    """Matrices with their last two axes exchanged."""

def band_part(input: TensorLike, num_lower: TensorLike, num_upper: TensorLike, name: str | None = None) -> Tensor:
    """`input`, matrices, with zeros but for the main diagonal and some below and above it."""

def banded_triangular_solve(
    bands: TensorLike,
    rhs: TensorLike,
    lower: bool = True,
    adjoint: bool = False,
    name: str | None = None,
) -> Tensor:
    """What triangular matrices, given by some diagonals, are multiplied by to be `rhs`; batches broadcast."""

def cholesky(input: TensorLike, name: str | None = None) -> Tensor:
    """The lower triangular matrices whose products with their adjoints are `input`."""

def cholesky_solve(chol: TensorLike, rhs: TensorLike, name: str | None = None) -> Tensor:
    """What matrices are multiplied by to be `rhs`, given what `cholesky` returns for them."""

def cross(a: TensorLike, b: TensorLike, name: str | None = None) -> Tensor:
    """The vectors that are perpendicular to those of `a` and `b`, which have three elements along the last axis."""

def det(input: TensorLike, name: str | None = None) -> Tensor:
    """The determinants of square matrices."""

def diag(
    diagonal: TensorLike,
    name: str = 'diag',
    k: int | Sequence[int] | np.ndarray | Tensor = 0,
    num_rows: TensorLike = -1,
    num_cols: TensorLike = -1,
    padding_value: TensorLike = 0,
    align: str = 'RIGHT_LEFT',
) -> Tensor:
    """Matrices with diagonals, and `padding_value` elsewhere; other arguments are those of `diag_part`."""

def diag_part(
    input: TensorLike,
    name: str = 'diag_part',
    k: int | Sequence[int] | np.ndarray | Tensor = 0,
    padding_value: TensorLike = 0,
    align: str = 'RIGHT_LEFT',
) -> Tensor:
    """The diagonals of matrices."""

def eig(tensor: TensorLike, name: str | None = None) -> tuple[Tensor, Tensor]:
    """The eigenvalues of square matrices, in no order, and their eigenvectors, as columns of length 1; all complex."""

def eigh(tensor: TensorLike, name: str | None = None) -> tuple[Tensor, Tensor]:
    """The eigenvalues of symmetric, or Hermitian, matrices in ascending order, and their eigenvectors, as columns."""

def eigh_tridiagonal(
    alpha: TensorLike,
    beta: TensorLike,
    eigvals_only: bool = True,
    select: str = 'a',
    select_range: Sequence[TensorLike] | None = None,
    tol: TensorLike | None = None,
    name: str | None = None,
) -> Tensor | tuple[Tensor, Tensor]:
    """The eigenvalues of a symmetric, or Hermitian, tridiagonal matrix, in ascending order."""

def eigvals(tensor: TensorLike, name: str | None = None) -> Tensor:
    """The eigenvalues of square matrices, in no order, as complex numbers."""

def eigvalsh(tensor: TensorLike, name: str | None = None) -> Tensor:
    """The eigenvalues of symmetric, or Hermitian, matrices in ascending order."""

def einsum(equation: str, *inputs: TensorLike, optimize: str = 'greedy', name: str | None = None) -> Tensor:
    """The product of tensors, added up along all axes whose letters are not among those of the result."""

def expm(input: TensorLike, name: str | None = None) -> Tensor:
    """The exponentials of square matrices: sums of powers, as those of numbers; NaN for what is not finite."""

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

def inv(input: TensorLike, adjoint: bool = False, name: str | None = None) -> Tensor:
    """The inverses of square matrices, or with `adjoint` of their adjoint ones. A singular matrix is an error."""

def l2_normalize(
    x: TensorLike,
    axis: int | Sequence[int] | None = None,
    epsilon: TensorLike = 1e-12,
    name: str | None = None,
    dim: int | Sequence[int] | None = None,
) -> Tensor:
    """`x` divided by its Euclidean length along `axis` (all axes if None), which counts as `sqrt(epsilon)` at least."""

def logdet(matrix: TensorLike, name: str | None = None) -> Tensor:
    """The logarithms of the determinants of Hermitian positive definite matrices."""

def logm(input: TensorLike, name: str | None = None) -> Tensor:
    """The principal logarithms of complex square matrices, whose exponentials are these; NaN for a singular one."""

def lstsq(
    matrix: TensorLike,
    rhs: TensorLike,
    l2_regularizer: float = 0.0,
    fast: bool = True,
    name: str | None = None,
) -> Tensor:
    """What matrices are multiplied by to be as near to `rhs` as can be; of several ones the shortest."""

def lu(input: TensorLike, output_idx_type: DTypeLike = ..., name: str | None = None) -> Lu:
    """A unit lower and an upper triangular matrix in one, whose product is `input` with its rows in another order."""

def lu_matrix_inverse(
    lower_upper: TensorLike,
    perm: TensorLike,
    validate_args: bool = False,
    name: str | None = None,
) -> Tensor:
    """The inverses of matrices, given what `lu` returns for them."""

def lu_reconstruct(
    lower_upper: TensorLike,
    perm: TensorLike,
    validate_args: bool = False,
    name: str | None = None,
) -> Tensor:
    """The matrices for which `lu` returns these."""

def lu_solve(
    lower_upper: TensorLike,
    perm: TensorLike,
    rhs: TensorLike,
    validate_args: bool = False,
    name: str | None = None,
) -> Tensor:
    """What matrices are multiplied by to be `rhs`, given what `lu` returns for them."""

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
    """The matrix product of `a` and `b`; axes before the last two are batches, which broadcast."""

def matrix_rank(
    a: TensorLike,
    tol: TensorLike | None = None,
    validate_args: bool = False,
    name: str | None = None,
) -> Tensor:
    """How many singular values of matrices are above `tol`, as int32; by default above the rounding of the greatest."""

def matrix_transpose(a: TensorLike, name: str = 'matrix_transpose', conjugate: bool = False) -> Tensor:
    """`a` with its last two axes exchanged; `conjugate` negates imaginary parts."""

def matvec(
    a: TensorLike,
    b: TensorLike,
    transpose_a: bool = False,
    adjoint_a: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
    name: str | None = None,
) -> Tensor:
    """The products of the matrices in the last two axes of `a` with the vectors in the last axis of `b`."""

def norm(
    tensor: TensorLike,
    ord: str | int | float = 'euclidean',
    axis: int | Sequence[int] | None = None,
    keepdims: bool = False,
    name: str | None = None,
) -> Tensor:
    """The length of vectors."""

def normalize(
    tensor: TensorLike,
    ord: str | int | float = 'euclidean',
    axis: int | Sequence[int] | None = None,
    name: str | None = None,
) -> tuple[Tensor, Tensor]:
    """`tensor` divided by the lengths that `norm` returns, and these, with axes of size 1."""

def pinv(
    a: TensorLike,
    rcond: TensorLike | None = None,
    validate_args: bool = False,
    name: str | None = None,
) -> Tensor:
    """The Moore-Penrose inverses of matrices."""

def qr(input: TensorLike, full_matrices: bool = False, name: str | None = None) -> Qr:
    """Matrices with orthonormal columns, and upper triangular ones, whose products are `input`."""

def set_diag(
    input: TensorLike,
    diagonal: TensorLike,
    name: str = 'set_diag',
    k: int | Sequence[int] | np.ndarray | Tensor = 0,
    align: str = 'RIGHT_LEFT',
) -> Tensor:
    """`input`, matrices, with other diagonals; arguments are those of `diag_part`, which returns the diagonals."""

def slogdet(input: TensorLike, name: str | None = None) -> LogMatrixDeterminant:
    """The signs of the determinants of square matrices, and the logarithms of their absolute values."""

def solve(matrix: TensorLike, rhs: TensorLike, adjoint: bool = False, name: str | None = None) -> Tensor:
    """What square matrices, or with `adjoint` their adjoint ones, are multiplied by to be `rhs`."""

def sqrtm(input: TensorLike, name: str | None = None) -> Tensor:
    """The principal square roots of square matrices: those whose eigenvalues have real parts above 0."""

def svd(
    tensor: TensorLike,
    full_matrices: bool = False,
    compute_uv: bool = True,
    name: str | None = None,
) -> tuple[Tensor, Tensor, Tensor] | Tensor:
    """The singular values of matrices in descending order, and their left and right singular vectors, as columns."""

def tensor_diag(diagonal: TensorLike, name: str | None = None) -> Tensor:
    """A tensor with each axis of `diagonal` twice, and its elements where both have the same index."""

def tensor_diag_part(input: TensorLike, name: str | None = None) -> Tensor:
    """The elements of a tensor whose first and last axes have the same indices."""

def tensordot(
    a: TensorLike,
    b: TensorLike,
    axes: int | Sequence[int | Sequence[int]] | np.ndarray | Tensor,
    name: str | None = None,
) -> Tensor:
    """The sums of products over axes of `a` and `b` that go together."""

def trace(x: TensorLike, name: str | None = None) -> Tensor:
    """The sums of the main diagonals of matrices."""

def triangular_solve(
    matrix: TensorLike,
    rhs: TensorLike,
    lower: bool = True,
    adjoint: bool = False,
    name: str | None = None,
) -> Tensor:
    """What triangular matrices are multiplied by to be `rhs`; batches broadcast."""

def tridiagonal_matmul(
    diagonals: TensorLike | Sequence[TensorLike],
    rhs: TensorLike,
    diagonals_format: str = 'compact',
    name: str | None = None,
) -> Tensor:
    """The products of tridiagonal matrices with matrices."""

def tridiagonal_solve(
    diagonals: TensorLike | Sequence[TensorLike],
    rhs: TensorLike,
    diagonals_format: str = 'compact',
    transpose_rhs: bool = False,
    conjugate_rhs: bool = False,
    name: str | None = None,
    partial_pivoting: bool = True,
    perturb_singular: bool = False,
) -> Tensor:
    """What tridiagonal matrices are multiplied by to be `rhs`. A singular matrix makes NaN."""
