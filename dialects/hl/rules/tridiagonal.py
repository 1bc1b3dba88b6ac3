"""Solutions of tridiagonal systems of equations, on NumPy."""

from __future__ import annotations

import numpy as np


def solution(diagonals: np.ndarray, right: np.ndarray) -> np.ndarray:
    """What tridiagonal matrices are multiplied by to be `right`: Gaussian elimination with exchanges of rows.

    As LAPACK's `gtsv`, for all matrices of a batch at once. A singular matrix makes NaN.

    Example:
        >>> solution(np.array([[1.0, 0.0], [2.0, 2.0], [0.0, 1.0]]), np.array([[3.0], [3.0]])).tolist()
        [[1.0], [1.0]]
    """
    size = right.shape[-2]
    above, main, below = (diagonals[..., row, :].copy() for row in range(3))
    second, y = np.zeros_like(main), right.copy()
    with np.errstate(all="ignore"):
        for row in range(size - 1):
            swaps = np.abs(main[..., row]) < np.abs(below[..., row + 1])
            tail = above[..., row + 1] if row + 2 < size else np.zeros_like(main[..., row])
            first = [main[..., row], above[..., row], np.zeros_like(tail)]
            other = [below[..., row + 1], main[..., row + 1], tail]
            upper = [np.where(swaps, b, a) for a, b in zip(first, other, strict=True)]
            lower = [np.where(swaps, a, b) for a, b in zip(first, other, strict=True)]
            sides = y[..., row, :], y[..., row + 1, :]
            top, bottom = (np.where(swaps[..., None], *pair) for pair in (sides[::-1], sides))
            factor = lower[0] / upper[0]
            main[..., row], above[..., row], second[..., row] = upper
            main[..., row + 1] = lower[1] - factor * upper[1]
            if row + 2 < size:
                above[..., row + 1] = lower[2] - factor * upper[2]
            y[..., row, :], y[..., row + 1, :] = top, bottom - factor[..., None] * top
        for row in range(size - 1, -1, -1):
            rest = y[..., row, :]
            if row + 1 < size:
                rest = rest - above[..., row, None] * y[..., row + 1, :]
            if row + 2 < size:
                rest = rest - second[..., row, None] * y[..., row + 2, :]
            y[..., row, :] = rest / main[..., row, None]
        singular = (main == 0).any(-1)
    return np.where(singular[..., None, None], np.array(np.nan, y.dtype), y)
