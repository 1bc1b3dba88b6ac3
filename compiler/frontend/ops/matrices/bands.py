"""Public functions of matrices that are given by the diagonals near the main one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from .....dialects.dtypes import FLOAT16, FLOAT32
from .....dialects.public import public
from ...values.dispatch import as_tensor, as_tensors, scalar_like
from ...values.tensor import Tensor, TensorLike
from ..arguments import check, choice_of, flag_of, int64_of, list_of, size_along, size_of
from ..complex import conj, real
from ..index import gather
from ..index import range as counting
from ..logic import greater, less, less_equal, logical_and, not_equal
from ..masks import nonzero
from ..math import add
from ..reduce import reduce_all
from ..select import cast
from ..shape import squeeze
from .decompositions import eigh
from .diagonals import diag
from .solving import triangular_solve


@public("linalg")
def eigh_tridiagonal(
    alpha: TensorLike,
    beta: TensorLike,
    eigvals_only: bool = True,
    select: str = "a",
    select_range: Sequence[TensorLike] | None = None,
    tol: TensorLike | None = None,
    name: str | None = None,
) -> Tensor | tuple[Tensor, Tensor]:
    """The eigenvalues of a symmetric, or Hermitian, tridiagonal matrix, in ascending order.

    Args:
        alpha: the diagonal, of which imaginary parts are not used.
        beta: the diagonal above it.
        eigvals_only: whether the eigenvectors, the columns of a matrix, are not returned too.
        select: which eigenvalues: `"a"`, all; `"v"`, those greater than the first number of `select_range` and at most
            the second; `"i"`, those with indices from the first number on, up to the second.
        select_range: two numbers.
        tol: not used: eigenvalues are as exact as those of `eigh`, which takes as long.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> [round(float(value), 4) for value in sw.linalg.eigh_tridiagonal([2.0, 2.0], [1.0])]
        [1.0, 3.0]
    """
    function = "eigh_tridiagonal"
    main, above = as_tensors(function, alpha, beta)
    if not (main.dtype.is_floating or main.dtype.is_complex):
        raise InvalidArgumentError(f"{function}: alpha: expected floats or complex numbers, got {main.dtype.name}")
    if main.ndim != 1 or above.ndim != 1:
        text = f"expected two vectors, got shapes {main.shape} and {above.shape}"
        raise InvalidArgumentError(f"{function}: alpha and beta: {text}")
    if None not in (*main.shape, *above.shape) and max(main.shape[0] - 1, 0) != above.shape[0]:  # pyright: ignore
        text = f"expected {max(main.shape[0] - 1, 0)} elements for {main.shape[0]} of alpha, got {above.shape[0]}"  # pyright: ignore
        raise InvalidArgumentError(f"{function}: beta: {text}")
    choice_of(function, select, "select", ("a", "v", "i"))
    narrow = main.dtype in (FLOAT16,)
    wide = (cast(part, FLOAT32) for part in (main, above)) if narrow else (main, above)
    values, vectors = eigh(_lower(*wide))
    values = real(values)
    values, vectors = (cast(part, main.dtype) for part in (values, vectors)) if narrow else (values, vectors)
    if select != "a":
        chosen = _chosen(function, values, select, select_range)
        values, vectors = gather(values, chosen), gather(vectors, chosen, axis=1)
    return values if flag_of(function, eigvals_only, "eigvals_only") else (values, vectors)


def _lower(main: Tensor, above: Tensor) -> Tensor:
    """The lower part of a matrix, which decides its eigenvalues."""
    whole = cast(real(main), main.dtype)
    if above.shape[0] == 0:
        return diag(whole)
    return add(diag(whole), diag(conj(above), k=-1))


def _chosen(function: str, values: Tensor, select: str, limits: Sequence[TensorLike] | None) -> Tensor:
    """The indices of chosen eigenvalues."""
    if limits is None:
        raise InvalidTypeError(f"{function}: select_range: expected two numbers with select={select!r}, got None")
    pair = list_of(function, limits, "select_range")
    if len(pair) != 2:
        raise InvalidArgumentError(f"{function}: select_range: expected two numbers, got {len(pair)}")
    if select == "v":
        low, high = (as_tensor(limit, values.dtype, f"{function}: select_range") for limit in pair)
        check(less(low, high), f"{function}: select_range: expected ascending numbers, got {{0}} and {{1}}", low, high)
        return squeeze(nonzero(logical_and(greater(values, low), less_equal(values, high))), 1)
    first, last = (int64_of(size_of(function, limit, "select_range")) for limit in pair)
    count = int64_of(size_along(values, 0))
    inside = logical_and(less_equal(first, last), logical_and(less(last, count), greater(first, np.int64(-1))))
    text = f"{function}: select_range: expected ascending indices of {{0}} eigenvalues, got {{1}} and {{2}}"
    check(inside, text, count, first, last)
    return counting(first, add(last, np.int64(1)))


@public("linalg")
def banded_triangular_solve(
    bands: TensorLike, rhs: TensorLike, lower: bool = True, adjoint: bool = False, name: str | None = None
) -> Tensor:
    """What triangular matrices, given by some diagonals, are multiplied by to be `rhs`; batches broadcast.

    Args:
        bands: the diagonals as rows: the main one and those below, in this order; or, unless `lower`, those above the
            main one, the farthest first, and the main one. What is unused is at the left of those below, and at the
            right of those above.
        rhs: matrices with as many rows.
        lower: whether diagonals are below the main one.
        adjoint: whether the matrices are transposed, and conjugated.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.linalg.banded_triangular_solve([[2.0, 4.0], [0.0, 1.0]], [[2.0], [5.0]]).numpy().tolist()
        [[1.0], [1.0]]
    """
    function = "banded_triangular_solve"
    x, b = as_tensors(function, bands, rhs)
    if x.ndim < 2 or b.ndim < 2 or x.shape[-2] in (None, 0):
        text = f"expected rows of diagonals, of which the number is known, and matrices, got shapes {x.shape}"
        raise InvalidArgumentError(f"{function}: bands and rhs: {text} and {b.shape}")
    if x.shape[-1] != b.shape[-2] and None not in (x.shape[-1], b.shape[-2]):
        raise InvalidArgumentError(f"{function}: rhs: expected {x.shape[-1]} rows, got shape {b.shape}")
    below = flag_of(function, lower, "lower")
    count: int = x.shape[-2]  # pyright: ignore[reportAssignmentType]
    size = x.shape[-1]
    if size is not None and count > max(size, 1):
        count = max(size, 1)
        x = x[..., :count, :] if below else x[..., -count:, :]
    main = x[..., 0, :] if below else x[..., -1, :]
    regular = reduce_all(not_equal(main, scalar_like(0, main)))
    check(regular, f"{function}: bands: expected a main diagonal without 0: the matrix is singular")
    ends = (1 - count, 0) if below else (0, count - 1)
    matrix = diag(main) if count == 1 else diag(x, k=ends, align="LEFT_RIGHT")
    return triangular_solve(matrix, b, below, flag_of(function, adjoint, "adjoint"))
