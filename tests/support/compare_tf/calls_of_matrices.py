"""Generated calls of functions of matrices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .recipes import Draw, array, choice, flag, shape, whole

Recipe = Callable[[Draw], tuple[list[Any], dict[str, Any]]]

_KINDS = ("float32", "float64", "complex64", "complex128")


def numbers(draw: Draw, kind: str, sizes: tuple[int, ...]) -> np.ndarray:
    """An array of numbers at hand, of a float or complex dtype."""
    parts = [array(draw, "float64", sizes, special=False) for _ in range(2)]
    return (parts[0] + 1j * parts[1] if kind.startswith("c") else parts[0]).astype(kind)


def _square(draw: Draw, kind: str, size: int) -> np.ndarray:
    """Matrices whose diagonal is large."""
    x = numbers(draw, kind, (*shape(draw)[:1], size, size + flag(draw, 12)))
    return (x / 4 + 9 * np.eye(*x.shape[-2:])).astype(kind)


def _matrices(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [_square(draw, choice(draw, *_KINDS), whole(draw, 1, 4))], {}


def _small(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    """Matrices so small that TensorFlow's exponentials of them are exact."""
    x = _square(draw, choice(draw, *_KINDS), whole(draw, 1, 4))
    return [x / x.dtype.type(4 * np.abs(x).sum(-2).max(initial=0.0) or 1)], {}


def _complex_matrices(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [_square(draw, choice(draw, *_KINDS[2:]), whole(draw, 1, 4))], {}


def _positive(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = numbers(draw, choice(draw, *_KINDS), (*shape(draw)[:1], 3, 3))
    return [(x @ x.swapaxes(-1, -2).conj() + np.eye(3)).astype(x.dtype)], {}


def _equations(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    kind = choice(draw, *_KINDS)
    x = _square(draw, kind, 3)
    return [x, numbers(draw, kind, (*x.shape[:-1], whole(draw, 1, 2)))], {"adjoint": flag(draw, 2)}


def _triangular(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    """Eigenvalues in ascending order, which both libraries return in this order."""
    x = np.triu(numbers(draw, choice(draw, *_KINDS), (3, 3)), 1)
    return [(x + np.diag([1, 4, 9])).astype(x.dtype)], {}


def _diagonal(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [np.diag(np.arange(whole(draw, 1, 4))).astype(choice(draw, *_KINDS))], {}


def _tridiagonal(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    kind, batch, size = choice(draw, *_KINDS), shape(draw)[:1], whole(draw, 1, 4)
    rows = [numbers(draw, kind, (*batch, size)) for _ in range(3)]
    rows[1] = (rows[1] + 12).astype(kind)
    right = numbers(draw, kind, (*batch, size + flag(draw, 12), whole(draw, 1, 2)))
    if flag(draw, 2):
        return [np.stack(rows, -2), right], {}
    return [rows, right], {"diagonals_format": choice(draw, "sequence", "sequence", "sequence", "rows")}


def _rectangular(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    sizes = (*shape(draw)[:1], whole(draw, 1, 4), whole(draw, 1, 4))
    return [numbers(draw, choice(draw, *_KINDS), sizes)], {}


def _singular_values(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    args, _ = _rectangular(draw)
    return args, {"compute_uv": False}


def _real_rectangular(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    sizes = (*shape(draw)[:1], whole(draw, 1, 4), whole(draw, 1, 4))
    x = numbers(draw, choice(draw, "float32", "float64"), sizes)
    return [np.repeat(x, 2, -1) if flag(draw, 3) else x], {}


def _triangles(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    kind = choice(draw, *_KINDS)
    x = _square(draw, kind, 3)
    return [x, numbers(draw, kind, (*x.shape[:-1], 2))], {"lower": flag(draw, 2), "adjoint": flag(draw, 2)}


def _cholesky_factors(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    kind = choice(draw, *_KINDS)
    x = _square(draw, kind, 3)
    return [np.tril(x), numbers(draw, kind, (*x.shape[:-1], 2))], {}


def _lu_factors(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    kind = choice(draw, "float32", "float64")
    size, batch = whole(draw, 1, 4), shape(draw)[:1]
    x = numbers(draw, kind, (*batch, size, size)) / 4 + 9 * np.eye(size)
    order = np.argsort(array(draw, "float64", (*batch, size), special=False), -1).astype(np.int32)
    return [x.astype(kind), order], {}


def _lu_equations(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    (factors, order), _ = _lu_factors(draw)
    return [factors, order, numbers(draw, factors.dtype.name, (*order.shape, 2))], {}


def _least_squares(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    rows, columns = choice(draw, (4, 2), (2, 4), (3, 3))
    kind = choice(draw, *_KINDS)
    x = (numbers(draw, kind, (rows, columns)) / 4 + 9 * np.eye(rows, columns)).astype(kind)
    options = {"l2_regularizer": choice(draw, 0.0, 0.5)} if flag(draw, 2) else {"fast": kind.startswith("c")}
    return [x, numbers(draw, kind, (rows, whole(draw, 1, 2)))], options


def _parts_of_matrices(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, choice(draw, "float32", "int32", "bool", "float64"), _sizes(draw))
    return [x, whole(draw, -1, 5), whole(draw, -1, 5)], {}


def _sizes(draw: Draw) -> tuple[int, ...]:
    return (*shape(draw)[:1], whole(draw, 1, 4), whole(draw, 1, 4))


def _diagonals(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, choice(draw, "float32", "int32", "float64"), _sizes(draw))
    low = whole(draw, -x.shape[-2], x.shape[-1])
    k = low if flag(draw, 2) else [low, whole(draw, low, x.shape[-1])]
    align = choice(draw, "RIGHT_LEFT", "LEFT_RIGHT", "LEFT_LEFT", "RIGHT_RIGHT")
    return [x], {"k": k, "align": align, "padding_value": whole(draw, 0, 2)}


def _replaced_diagonal(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, choice(draw, "float32", "int32", "float64"), _sizes(draw))
    size = min(x.shape[-2:]) + flag(draw, 12)
    return [x, array(draw, x.dtype.name, (*x.shape[:-2], size))], {}


def _two_halves(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    half = tuple(whole(draw, 1, 3) for _ in range(whole(draw, 1, 2)))
    return [array(draw, choice(draw, "float32", "int32"), half + half[::-1] if flag(draw, 12) else half * 2)], {}


def _tensor_diagonal(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [array(draw, choice(draw, "float32", "int32"), shape(draw, least=1)[:2])], {}


def _two_vectors(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    kind, batch = choice(draw, "float32", "float64", "int32"), shape(draw)[:1]
    sizes = (*batch, 3 if not flag(draw, 12) else 2)
    return [array(draw, kind, sizes, special=False) for _ in range(2)], {}


def _matrix_and_vector(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    kind, turned = choice(draw, *_KINDS), flag(draw, 2)
    x = numbers(draw, kind, _sizes(draw))
    size = x.shape[-2 if turned else -1] + flag(draw, 12)
    return [x, numbers(draw, kind, (*x.shape[:-2], size))], {"transpose_a": turned}


def _contracted(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    kind, sizes = choice(draw, *_KINDS), [whole(draw, 1, 3) for _ in range(4)]
    first, second = numbers(draw, kind, (sizes[0], sizes[1], sizes[2])), numbers(draw, kind, tuple(sizes[1:]))
    return [first, second, choice(draw, 2, [[1, 2], [0, 1]], [[2], [1]], [[2, 1], [1, 0]])], {}


def _normed(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = numbers(draw, choice(draw, *_KINDS), _sizes(draw))
    order = choice(draw, "euclidean", 1, 2, np.inf, 3)
    return [x], {"ord": order, "axis": choice(draw, -1, 0, [-2, -1] if order == "euclidean" else 1)}


def _many(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [[array(draw, "float32", shape(draw), special=False) for _ in range(whole(draw, 1, 3))]], {}


def _clipped_together(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    args, _ = _many(draw)
    return [*args, float(whole(draw, 1, 4))], {}


def _bands(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    kind, size, count = choice(draw, *_KINDS), whole(draw, 1, 4), whole(draw, 1, 5)
    below, batch = flag(draw, 2), shape(draw)[:1]
    x = numbers(draw, kind, (*batch, count, size)) / 4
    x[..., 0 if below else -1, :] += 9
    right = numbers(draw, kind, (*batch, size + flag(draw, 12), whole(draw, 1, 2)))
    return [x.astype(kind), right], {"lower": below, "adjoint": flag(draw, 2)}


def _tridiagonal_eigenvalues(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    kind, size = choice(draw, *_KINDS), whole(draw, 2, 5)
    select = choice(draw, "a", "a", "i", "v", "x")
    limits = [-1.5, 2.5] if select == "v" else [first := whole(draw, 0, size - 1), whole(draw, first, size - 1)]
    options = {"select": select, "select_range": limits}
    return [numbers(draw, kind, (size,)), numbers(draw, kind, (size - 1,))], options


RECIPES: dict[Recipe, str] = {
    _matrices: "linalg.lu linalg.expm linalg.sqrtm linalg.inv linalg.det linalg.slogdet",
    _small: "linalg.expm",
    _complex_matrices: "linalg.logm",
    _positive: "linalg.cholesky linalg.eigvalsh linalg.logdet",
    _equations: "linalg.solve",
    _triangular: "linalg.eigvals",
    _diagonal: "linalg.eig",
    _rectangular: "linalg.adjoint linalg.trace",
    _singular_values: "linalg.svd",
    _real_rectangular: "linalg.pinv linalg.matrix_rank",
    _triangles: "linalg.triangular_solve",
    _cholesky_factors: "linalg.cholesky_solve",
    _lu_factors: "linalg.lu_reconstruct linalg.lu_matrix_inverse",
    _lu_equations: "linalg.lu_solve",
    _least_squares: "linalg.lstsq",
    _parts_of_matrices: "linalg.band_part",
    _diagonals: "linalg.diag_part",
    _replaced_diagonal: "linalg.set_diag",
    _two_halves: "linalg.tensor_diag_part",
    _tensor_diagonal: "linalg.tensor_diag",
    _two_vectors: "linalg.cross",
    _matrix_and_vector: "linalg.matvec",
    _contracted: "tensordot",
    _normed: "norm linalg.normalize",
    _many: "linalg.global_norm",
    _clipped_together: "clip_by_global_norm",
    _bands: "linalg.banded_triangular_solve",
    _tridiagonal_eigenvalues: "linalg.eigh_tridiagonal",
    _tridiagonal: "linalg.tridiagonal_solve linalg.tridiagonal_matmul",
}
"""The functions of each recipe."""
