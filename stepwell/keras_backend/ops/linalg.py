"""`keras.ops.linalg`: decompositions and solutions of linear equations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras.src.backend.common.dtypes import result_type
from keras.src.backend.config import floatx

import stepwell as sw

from .core import convert_to_tensor
from .core import shape as shape_of


def cholesky(a: Any, upper: bool = False) -> sw.Tensor:
    """The triangular square root of positive definite matrices; an error for others."""
    found = sw.debugging.check_numerics(sw.linalg.cholesky(convert_to_tensor(a)), "Cholesky")
    return sw.linalg.adjoint(found) if upper else found


def cholesky_inverse(a: Any, upper: bool = False) -> sw.Tensor:
    """The inverses of the matrices with the square roots `a`."""
    a = convert_to_tensor(a)
    inverse = sw.linalg.triangular_solve(a, sw.eye(sw.shape(a)[-1], dtype=a.dtype), lower=not upper)
    return sw.matmul(inverse, inverse, transpose_a=not upper, transpose_b=upper)


def det(a: Any) -> sw.Tensor:
    """The determinants."""
    return sw.linalg.det(convert_to_tensor(a))


def eig(a: Any) -> tuple[sw.Tensor, sw.Tensor]:
    """The eigenvalues and eigenvectors, complex."""
    return sw.linalg.eig(convert_to_tensor(a))


def eigh(a: Any) -> tuple[sw.Tensor, sw.Tensor]:
    """The eigenvalues and eigenvectors of Hermitian matrices."""
    return sw.linalg.eigh(convert_to_tensor(a))


def inv(a: Any) -> sw.Tensor:
    """The inverses."""
    return sw.linalg.inv(convert_to_tensor(a))


def lu_factor(a: Any) -> tuple[sw.Tensor, sw.Tensor]:
    """Both triangular factors in one matrix, and with which row each row was swapped, one after the other (LAPACK)."""
    a = convert_to_tensor(a)
    sizes = shape_of(a)
    rows, columns = sw.range(sizes[-2]), sw.range(sizes[-1])
    down = sw.expand_dims(rows, 1)
    count = sw.minimum(*sizes[-2:]) if None in a.shape[-2:] else min(sizes[-2:])

    def eliminate(i: sw.Tensor, x: sw.Tensor, swaps: sw.Tensor) -> tuple[sw.Tensor, sw.Tensor, sw.Tensor]:
        sizes_below = sw.where(down >= i, sw.abs(sw.gather(x, [i], axis=-1)), -1)
        pivot = sw.expand_dims(sw.argmax(sizes_below, axis=-2, output_type=sw.int32), -1)
        top = sw.reduce_sum(sw.where(down == pivot, x, sw.zeros_like(x)), axis=-2, keepdims=True)
        x = sw.where(down == i, top, sw.where(down == pivot, sw.gather(x, [i], axis=-2), x))
        head = sw.gather(top, [i], axis=-1)
        column = sw.gather(x, [i], axis=-1) / sw.where(head == 0, sw.ones_like(head), head)
        changed = sw.where(columns == i, column, sw.where(columns > i, x - column * top, x))
        return i + 1, sw.where(down > i, changed, x), sw.where(rows == i, pivot[..., 0], swaps)

    start = sw.constant(0), a, sw.broadcast_to(rows, sw.shape(a)[:-1])
    _, factors, swaps = sw.while_loop(lambda i, *_: i < count, eliminate, start)
    return factors, swaps[..., :count]


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> sw.Tensor:
    """A norm of vectors along an axis, or of matrices along two."""
    x = convert_to_tensor(x)
    rank = len(x.shape)
    axes = tuple(range(rank)) if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
    if any(not -rank <= each < rank for each in axes):
        raise ValueError(
            f"All `axis` values must be in the range [-ndim, ndim). Received inputs with ndim={rank}, while axis={axes}"
        )
    x = sw.cast(x, floatx() if x.dtype == sw.int64 else result_type(x.dtype.name, float))
    axes = tuple(each % rank for each in axes)
    if len(axes) == 1:
        return _vector_norm(x, ord, axes[0], keepdims)
    if len(axes) == 2:
        return _matrix_norm(x, ord, axes, keepdims)
    raise ValueError(f"Invalid axis values. Received: axis={axes}")


def _euclidean(x: sw.Tensor, axis: Any, keepdims: bool) -> sw.Tensor:
    return sw.sqrt(sw.reduce_sum(x * sw.math.conj(x), axis=axis, keepdims=keepdims))


def _vector_norm(x: sw.Tensor, ord: Any, axis: int, keepdims: bool) -> sw.Tensor:
    if isinstance(ord, str):
        raise ValueError(f"Invalid `ord` argument for vector norm. Received: ord={ord}")
    if ord is None or ord == 2:
        return _euclidean(x, axis, keepdims)
    if ord == float("inf"):
        return sw.reduce_max(sw.abs(x), axis=axis, keepdims=keepdims)
    if ord == float("-inf"):
        return sw.reduce_min(sw.abs(x), axis=axis, keepdims=keepdims)
    if ord == 0:
        return sw.reduce_sum(sw.cast(x != 0, x.dtype), axis=axis, keepdims=keepdims)
    sizes = sw.abs(x)
    power = sw.cast(ord, sizes.dtype)
    return sw.reduce_sum(sizes**power, axis=axis, keepdims=keepdims) ** (1 / power)


def _matrix_norm(x: sw.Tensor, ord: Any, axes: tuple[int, ...], keepdims: bool) -> sw.Tensor:
    row, column = axes
    if ord is None or ord == "fro":
        return _euclidean(x, axes, keepdims)
    reduce = sw.reduce_min if ord in (-1, -2, float("-inf")) else sw.reduce_max
    if ord in (1, -1, float("inf"), float("-inf")):
        inner, outer = (row, column) if ord in (1, -1) else (column, row)
        found = reduce(sw.reduce_sum(sw.abs(x), axis=inner, keepdims=True), axis=outer, keepdims=True)
        return found if keepdims else sw.squeeze(found, axes)
    if ord not in ("nuc", 2, -2):
        raise ValueError(f"Invalid `ord` argument for matrix norm. Received: ord={ord}")
    batch = [each for each in range(len(x.shape)) if each not in axes]
    values: Any = sw.linalg.svd(sw.transpose(x, [*batch, row, column]), compute_uv=False)
    found = sw.reduce_sum(values, axis=-1) if ord == "nuc" else reduce(values, axis=-1)
    for each in sorted(axes) if keepdims else ():
        found = sw.expand_dims(found, each)
    return found


def qr(x: Any, mode: str = "reduced") -> Any:
    """Orthogonal and triangular factors."""
    if mode not in ("reduced", "complete"):
        raise ValueError(
            f"`mode` argument value not supported. Expected one of {{'reduced', 'complete'}}. Received: mode={mode}"
        )
    return sw.linalg.qr(convert_to_tensor(x), full_matrices=mode == "complete")


def solve(a: Any, b: Any) -> sw.Tensor:
    """The solutions `x` of `a x = b`."""
    return _solution(sw.linalg.solve, a, b)


def solve_triangular(a: Any, b: Any, lower: bool = False) -> sw.Tensor:
    """The solutions `x` of `a x = b` for triangular matrices."""
    return _solution(lambda a, b: sw.linalg.triangular_solve(a, b, lower=lower), a, b)


def _solution(function: Callable[[sw.Tensor, sw.Tensor], sw.Tensor], a: Any, b: Any) -> sw.Tensor:
    a, b = convert_to_tensor(a), convert_to_tensor(b)
    if len(b.shape) == len(a.shape) - 1:
        return sw.squeeze(function(a, sw.expand_dims(b, -1)), -1)
    return function(a, b)


def svd(x: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """The singular value decomposition `u, s, v` of `x = u s v`."""
    found: Any = sw.linalg.svd(convert_to_tensor(x), full_matrices=full_matrices, compute_uv=compute_uv)
    if not compute_uv:
        return found
    s, u, v = found
    return u, s, sw.linalg.adjoint(v)


def lstsq(a: Any, b: Any, rcond: Any = None) -> sw.Tensor:
    """The `x` of least norm for which `a x` is nearest to `b`, by singular values of at least a share of the first."""
    a, b = convert_to_tensor(a), convert_to_tensor(b)
    if a.shape[0] != b.shape[0]:
        raise ValueError("Leading dimensions of input arrays must match")
    if len(a.shape) != 2:
        raise TypeError(f"{len(a.shape)}-dimensional array given. Array must be two-dimensional")
    if len(b.shape) not in (1, 2):
        raise TypeError(f"{len(b.shape)}-dimensional array given. Array must be one or two-dimensional")
    epsilon = float(a.dtype.finfo.eps)
    if rcond is None:
        rcond = epsilon * max(size or 1 for size in a.shape)
    least = sw.cast(sw.where(sw.convert_to_tensor(rcond) < 0, epsilon, rcond), a.dtype)
    u, s, v = svd(a, full_matrices=False)
    kept = s >= least * s[0]
    inverse = sw.where(kept, 1 / sw.where(kept, s, sw.ones_like(s)), sw.zeros_like(s))

    def of_columns(_: sw.Tensor, b: sw.Tensor) -> sw.Tensor:
        return sw.matmul(v, sw.expand_dims(inverse, 1) * sw.matmul(u, b, adjoint_a=True), adjoint_a=True)

    return _solution(of_columns, a, b)


def matrix_rank(x: Any, tol: Any = None) -> sw.Tensor:
    """How many singular values are over `tol`."""
    return sw.linalg.matrix_rank(convert_to_tensor(x), tol=tol)


def pinv(x: Any, rcond: Any = None) -> sw.Tensor:
    """The pseudo-inverses (Moore and Penrose)."""
    return sw.linalg.pinv(convert_to_tensor(x), rcond=rcond)


def jvp(fun: Callable[..., Any], primals: Any, tangents: Any, has_aux: bool = False) -> Any:
    """What `fun` returns, and its derivative in the direction of the tangents."""
    given = [convert_to_tensor(x) for x in sw.nest.flatten(primals)]
    directions = [sw.cast(t, x.dtype) for t, x in zip(sw.nest.flatten(tangents), given, strict=True)]
    with sw.autodiff.ForwardAccumulator(given, directions) as accumulator:
        result = fun(*sw.nest.pack_sequence_as(primals, given))
        result, aux = result if has_aux else (result, None)
        found = sw.nest.map_structure(accumulator.jvp, result)
    return (result, found, aux) if has_aux else (result, found)
