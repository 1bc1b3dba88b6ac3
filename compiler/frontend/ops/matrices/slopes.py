"""The gradients of decompositions, as TensorFlow has them; the rules of their ops call these."""

from __future__ import annotations

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError
from ...values.tensor import Tensor
from ..arguments import size_along
from ..complex import conj
from ..index import gather
from ..linalg import eye
from ..linear import matmul
from ..math import add, divide, multiply, square, subtract
from ..movement import concat
from ..select import cast
from ..shape import expand_dims, zeros_like
from ..sort import argsort
from .diagonals import adjoint, band_part, diag, diag_part, set_diag
from .solving import triangular_solve


def _adjoint_times(x: Tensor, y: Tensor) -> Tensor:
    """The products of the adjoint matrices of `x` with those of `y`."""
    return matmul(x, y, adjoint_a=True)


def _half(x: Tensor) -> Tensor:
    return multiply(x, np.array(0.5, x.dtype))


def _reciprocal(x: Tensor) -> Tensor:
    """1 / x, and 0 for 0."""
    return divide(x, add(square(x), np.array(1e-20, x.dtype)))


def gradient_of_qr(x: Tensor, q: Tensor, r: Tensor, dq: Tensor, dr: Tensor) -> Tensor:
    """The gradient with respect to `x` of its orthonormal and triangular factors.

    Example:
        >>> import stepwell as sw
        >>> from stepwell.compiler.frontend.ops.matrices.slopes import gradient_of_qr
        >>> one = sw.ones([1, 1])
        >>> gradient_of_qr(one, one, one, one, one).numpy().tolist()
        [[1.0]]
    """
    rows, columns, inner = x.shape[-2], x.shape[-1], q.shape[-1]
    if None in (rows, columns, inner):
        raise InvalidArgumentError(f"qr: the gradient needs matrices of known sizes, got shape {x.shape}")
    if inner != min(rows, columns):  # pyright: ignore[reportArgumentType]
        raise InvalidArgumentError(
            "qr: there is no gradient with full_matrices, where there are more rows than columns"
        )
    if rows >= columns:  # pyright: ignore[reportOptionalOperand]
        return _of_tall(q, r, dq, dr)
    y = x[..., rows:]
    left = _of_tall(q, r[..., :rows], add(dq, matmul(y, dr[..., rows:], adjoint_b=True)), dr[..., :rows])
    return concat([left, matmul(q, dr[..., rows:])], -1)


def _of_tall(q: Tensor, r: Tensor, dq: Tensor, dr: Tensor) -> Tensor:
    """For matrices that have as many rows as columns at least."""

    def divided(y: Tensor) -> Tensor:
        """The products of `y` with the transposed inverse of `r`."""
        return adjoint(triangular_solve(r, adjoint(y), lower=False))

    inner = _adjoint_times(q, dq)
    skew = subtract(inner, adjoint(inner))
    outer = matmul(r, dr, adjoint_b=True)
    lower = band_part(add(skew, subtract(outer, adjoint(outer))), -1, 0)
    found = add(matmul(q, add(dr, divided(lower))), divided(subtract(dq, matmul(q, inner))))
    if not q.dtype.is_complex:
        return found
    turns = _imaginary_parts(diag_part(subtract(outer, adjoint(inner))))  # the diagonal of `r` is real
    return subtract(found, divided(multiply(q, expand_dims(turns, -2))))


def _imaginary_parts(x: Tensor) -> Tensor:
    """`x` without its real parts."""
    return _half(subtract(x, conj(x)))


def _differences(values: Tensor) -> Tensor:
    """The reciprocals of differences of pairs, 0 for a value and itself."""
    apart = subtract(expand_dims(values, -2), expand_dims(values, -1))
    return set_diag(_reciprocal(apart), zeros_like(values))


def gradient_of_svd(
    s: Tensor, u: Tensor, v: Tensor, ds: Tensor | None, du: Tensor | None, dv: Tensor | None
) -> Tensor | None:
    """The gradient with respect to a matrix of its singular values, and of its left and right singular vectors.

    Example:
        >>> import stepwell as sw
        >>> from stepwell.compiler.frontend.ops.matrices.slopes import gradient_of_svd
        >>> one = sw.ones([1, 1])
        >>> gradient_of_svd(one[0], one, one, one[0], None, None).numpy().tolist()
        [[1.0]]
    """
    count = s.shape[-1]
    if (du is not None and u.shape[-1] != count) or (dv is not None and v.shape[-1] != count):
        raise InvalidArgumentError(
            "svd: there is no gradient of square matrices of vectors, which full_matrices returns"
        )
    u, v = u[..., :count], v[..., :count]
    s, ds = cast(s, u.dtype), None if ds is None else cast(ds, u.dtype)
    total = None if ds is None else diag(ds)
    apart, values, inverse = _differences(square(s)), expand_dims(s, -2), expand_dims(_reciprocal(s), -2)
    outer = None
    if du is not None:
        inner = _adjoint_times(u, du)
        turned = multiply(apart, inner)
        total = _sum(total, multiply(add(turned, adjoint(turned)), values))
        rest = multiply(subtract(du, matmul(u, inner)), inverse)
        outer = matmul(rest, v, adjoint_b=True)
    if dv is not None:
        inner = _adjoint_times(v, dv)
        turned = multiply(apart, inner)
        total = _sum(total, multiply(expand_dims(s, -1), add(turned, adjoint(turned))))
        if v.dtype.is_complex:  # Wan and Zhang, "Automatic differentiation for complex valued SVD" (2019)
            total = subtract(total, diag(multiply(_reciprocal(s), _imaginary_parts(diag_part(inner)))))
        rest = multiply(subtract(dv, matmul(v, inner)), inverse)
        outer = _sum(outer, matmul(u, rest, adjoint_b=True))
    if total is None:
        return None
    return _sum(outer, matmul(u, matmul(total, v, adjoint_b=True)))


def _sum(a: Tensor | None, b: Tensor) -> Tensor:
    return b if a is None else add(a, b)


def gradient_of_eigh(values: Tensor, vectors: Tensor, de: Tensor | None, dv: Tensor | None) -> Tensor | None:
    """The gradient of eigenvalues and eigenvectors with respect to the lower part of a symmetric matrix.

    Example:
        >>> import stepwell as sw
        >>> from stepwell.compiler.frontend.ops.matrices.slopes import gradient_of_eigh
        >>> one = sw.ones([1, 1])
        >>> gradient_of_eigh(one[0], one, one[0], None).numpy().tolist()
        [[1.0]]
    """
    total = None if de is None else diag(de)
    if dv is not None:
        total = _sum(total, multiply(_differences(values), _adjoint_times(vectors, dv)))
    if total is None:
        return None
    whole = matmul(vectors, matmul(total, vectors, adjoint_b=True))
    lower = band_part(add(whole, adjoint(whole)), -1, 0)
    return set_diag(lower, _half(diag_part(lower)))


def gradient_of_lu(factors: Tensor, order: Tensor, dy: Tensor) -> Tensor:
    """The gradient with respect to a matrix of its two triangular factors, which are one matrix.

    Example:
        >>> import stepwell as sw
        >>> from stepwell.compiler.frontend.ops.matrices.slopes import gradient_of_lu
        >>> gradient_of_lu(sw.ones([1, 1]), sw.zeros([1], sw.int32), sw.ones([1, 1])).numpy().tolist()
        [[1.0]]
    """
    strict = set_diag(band_part(factors, -1, 0), zeros_like(diag_part(factors)))
    lower, upper = (
        add(strict, eye(size_along(factors, factors.ndim - 1), dtype=factors.dtype)),
        band_part(factors, 0, -1),
    )
    d_lower, d_upper = band_part(dy, -1, 0), band_part(dy, 0, -1)
    below = band_part(_adjoint_times(lower, set_diag(d_lower, zeros_like(diag_part(dy)))), -1, 0)
    below = set_diag(below, zeros_like(diag_part(below)))
    above = band_part(matmul(d_upper, upper, adjoint_b=True), 0, -1)
    inner = triangular_solve(lower, add(below, above), lower=True, adjoint=True)
    inner = adjoint(_left(upper, adjoint(inner)))
    places = argsort(order)
    return gather(inner, places, axis=inner.ndim - 2, batch_dims=inner.ndim - 2)


def _left(upper: Tensor, y: Tensor) -> Tensor:
    """The products of the inverse of `upper` with `y`."""
    return triangular_solve(upper, y, lower=False)
