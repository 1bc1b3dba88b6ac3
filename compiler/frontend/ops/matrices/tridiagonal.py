"""Public functions of tridiagonal matrices, given as three diagonals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from .....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from .....dialects.dtypes import COMPLEX, WIDE_FLOATS
from .....dialects.errors import UnimplementedError
from .....dialects.hl.matrix_functions import TridiagonalSolveOp
from .....dialects.public import public
from ...values.dispatch import apply, as_tensors
from ...values.tensor import Tensor, TensorLike
from ..arguments import choice_of, flag_of, list_of
from ..complex import conj as conjugate
from ..linalg import matrix_transpose
from ..math import add, multiply, negative
from ..movement import pad, stack
from ..reduce import reduce_sum
from ..shape import expand_dims, squeeze
from .diagonals import diag_part

Diagonals: TypeAlias = TensorLike | Sequence[TensorLike]
"""One tensor with the diagonals or the matrices, or a list of three tensors."""
_FORMATS = ("compact", "sequence", "matrix")


@public("linalg")
def tridiagonal_solve(
    diagonals: Diagonals,
    rhs: TensorLike,
    diagonals_format: str = "compact",
    transpose_rhs: bool = False,
    conjugate_rhs: bool = False,
    name: str | None = None,
    partial_pivoting: bool = True,
    perturb_singular: bool = False,
) -> Tensor:
    """What tridiagonal matrices are multiplied by to be `rhs`. A singular matrix makes NaN.

    Args:
        diagonals: those above the main ones, the main ones, and those below.
        rhs: vectors, or matrices, with as many rows, and the same batch.
        diagonals_format: `"compact"`, a tensor with the three as rows of one length, of which the last element of the
            first and the first element of the last are not used; `"sequence"`, a list of three tensors, of which the
            first and the last may be one element shorter; `"matrix"`, whole matrices.
        transpose_rhs: whether matrices of `rhs` are transposed first.
        conjugate_rhs: whether `rhs` is conjugated first.
        name: not used.
        partial_pivoting: not used: rows are always exchanged where that is more exact.
        perturb_singular: only False is implemented.

    Example:
        >>> import stepwell as sw
        >>> sw.linalg.tridiagonal_solve([[1.0, 0.0], [2.0, 2.0], [0.0, 1.0]], [3.0, 3.0]).numpy().tolist()
        [1.0, 1.0]
    """
    if flag_of("tridiagonal_solve", perturb_singular, "perturb_singular"):
        if not flag_of("tridiagonal_solve", partial_pivoting, "partial_pivoting"):
            raise InvalidArgumentError("tridiagonal_solve: partial_pivoting: expected True with perturb_singular")
        raise UnimplementedError("tridiagonal_solve: perturb_singular: expected False, got True")
    x, b = _operands("tridiagonal_solve", diagonals, rhs, diagonals_format)
    is_vector = b.ndim == x.ndim - 1
    if is_vector:
        b = expand_dims(b, -1)
    elif flag_of("tridiagonal_solve", transpose_rhs, "transpose_rhs"):
        b = matrix_transpose(b)
    if flag_of("tridiagonal_solve", conjugate_rhs, "conjugate_rhs"):
        b = conjugate(b)
    y = apply(TridiagonalSolveOp, x, b)
    return squeeze(y, -1) if is_vector else y


def _operands(function: str, diagonals: Diagonals, rhs: TensorLike, form: str) -> tuple[Tensor, Tensor]:
    """The diagonals in one tensor, as `"compact"` has them, and `rhs`."""
    form = choice_of(function, form, "diagonals_format", _FORMATS)
    if form == "sequence":
        *three, b = as_tensors(function, *_three(function, diagonals), rhs)
        x = _stacked(function, three)
    else:
        x, b = as_tensors(function, diagonals, rhs)
        if x.ndim >= 2 and form == "matrix":
            x = diag_part(x, k=(-1, 1), align="LEFT_RIGHT")
    if x.dtype not in (*WIDE_FLOATS, *COMPLEX):
        allowed = ", ".join(dtype.name for dtype in (*WIDE_FLOATS, *COMPLEX))
        raise InvalidTypeError(f"{function}: diagonals: expected a dtype of {allowed}, got {x.dtype.name}")
    if x.ndim < 2 or x.shape[-2] not in (3, None):
        raise InvalidArgumentError(f"{function}: diagonals: expected 3 diagonals, got shape {x.shape}")
    if b.ndim not in (x.ndim - 1, x.ndim):
        raise InvalidArgumentError(f"{function}: rhs: expected {x.ndim - 1} or {x.ndim} axes, got shape {b.shape}")
    return x, b


def _three(function: str, diagonals: Diagonals) -> list[TensorLike]:
    three = list_of(function, diagonals, "diagonals", "a list of three tensors")
    if len(three) != 3:
        raise InvalidArgumentError(f"{function}: diagonals: expected three tensors, got {len(three)}")
    return three


def _stacked(function: str, three: Sequence[Tensor]) -> Tensor:
    """Three diagonals in one tensor; shorter ones have a 0 more."""
    above, main, below = three
    found = []
    for part, padding in ((above, (0, 1)), (main, (0, 0)), (below, (1, 0))):
        if part.ndim != main.ndim or not part.ndim:
            raise InvalidArgumentError(f"{function}: diagonals: expected {max(main.ndim, 1)} axes, got {part.shape}")
        short = None not in (part.shape[-1], main.shape[-1]) and part.shape[-1] == main.shape[-1] - 1  # pyright: ignore
        found.append(pad(part, [*[(0, 0)] * (part.ndim - 1), padding]) if short else part)
    return stack(found, -2)


@public("linalg")
def tridiagonal_matmul(
    diagonals: Diagonals, rhs: TensorLike, diagonals_format: str = "compact", name: str | None = None
) -> Tensor:
    """The products of tridiagonal matrices with matrices.

    Args:
        diagonals: those above the main ones, the main ones, and those below.
        rhs: matrices with as many rows, and the same batch.
        diagonals_format: as that of `tridiagonal_solve`.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.linalg.tridiagonal_matmul([[1.0, 0.0], [2.0, 2.0], [0.0, 1.0]], [[1.0], [1.0]]).numpy().tolist()
        [[3.0], [3.0]]
    """
    x, b = _operands("tridiagonal_matmul", diagonals, rhs, diagonals_format)
    if b.ndim != x.ndim or (b.shape[-2] != x.shape[-1] and None not in (b.shape[-2], x.shape[-1])):
        raise InvalidArgumentError(
            f"tridiagonal_matmul: rhs: expected matrices of {x.shape[-1]} rows, got shape {b.shape}"
        )
    above, main, below = (expand_dims(x[..., row, :], -1) for row in range(3))
    found = add(_lowered(multiply(above[..., :-1, :], b[..., 1:, :])), multiply(main, b))
    return add(found, _raised(multiply(below[..., 1:, :], b[..., :-1, :])))


def _lowered(x: Tensor) -> Tensor:
    """`x` with a row of zeros behind."""
    return pad(x, [*[(0, 0)] * (x.ndim - 2), (0, 1), (0, 0)])


def _raised(x: Tensor) -> Tensor:
    """`x` with a row of zeros before."""
    return pad(x, [*[(0, 0)] * (x.ndim - 2), (1, 0), (0, 0)])


def gradients_of_tridiagonal_solve(x: Tensor, y: Tensor, dy: Tensor) -> list[Tensor]:
    """The gradients of a solution `y` with respect to diagonals `x`, and to the right-hand side.

    Example:
        >>> import stepwell as sw
        >>> from stepwell.compiler.frontend.ops.matrices.tridiagonal import gradients_of_tridiagonal_solve
        >>> one = sw.ones([1, 1])
        >>> gradients_of_tridiagonal_solve(sw.ones([3, 1]), one, one)[1].numpy().tolist()
        [[1.0]]
    """
    adjoint = conjugate(x)
    above, main, below = (expand_dims(adjoint[..., row, :], -1) for row in range(3))
    turned = [_lowered(below[..., 1:, :]), main, _raised(above[..., :-1, :])]
    db = apply(TridiagonalSolveOp, stack([squeeze(part, -1) for part in turned], -2), dy)
    other = conjugate(y)
    products = (
        _lowered(multiply(db[..., :-1, :], other[..., 1:, :])),
        multiply(db, other),
        _raised(multiply(db[..., 1:, :], other[..., :-1, :])),
    )
    return [negative(stack([reduce_sum(part, -1) for part in products], -2)), db]
