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


RECIPES: dict[Recipe, str] = {
    _matrices: "linalg.expm linalg.sqrtm linalg.inv linalg.det linalg.slogdet",
    _small: "linalg.expm",
    _complex_matrices: "linalg.logm",
    _positive: "linalg.cholesky linalg.eigvalsh linalg.logdet",
    _equations: "linalg.solve",
    _triangular: "linalg.eigvals",
    _diagonal: "linalg.eig",
    _tridiagonal: "linalg.tridiagonal_solve linalg.tridiagonal_matmul",
}
"""The functions of each recipe."""
