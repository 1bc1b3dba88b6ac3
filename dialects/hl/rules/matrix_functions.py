"""Functions of square matrices on NumPy, in float64 and complex128."""

from __future__ import annotations

from math import comb, perm

import numpy as np

_EXACT = np.finfo(np.float64).eps
_STEPS = 60
"""After as many steps for one eigenvalue, or square roots, there is nothing to be found: elements are not finite."""


def schur(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """An upper triangular matrix `t` and a unitary one `q` with `q t qᴴ = x`: Francis's QR algorithm with one shift.

    Golub and Van Loan, "Matrix Computations", 7.4 and 7.5. NaN for a matrix for which it does not converge.

    Example:
        >>> t, q = schur(np.array([[0.0, -1.0], [1.0, 0.0]]))
        >>> np.round(q @ t @ q.conj().T).real.tolist()
        [[0.0, -1.0], [1.0, 0.0]]
    """
    t, q = _hessenberg(x.astype(np.complex128))
    high, steps = len(t) - 1, 0
    while high > 0:
        low = high
        while low > 0 and abs(t[low, low - 1]) > _EXACT * (abs(t[low, low]) + abs(t[low - 1, low - 1])):
            low -= 1
        if low:
            t[low, low - 1] = 0
        if low == high:
            high, steps = high - 1, 0
        elif steps == _STEPS:
            return np.full_like(t, np.nan), q
        else:
            steps += 1
            _step(t, q, low, high, t[high, high - 1] if steps % 10 == 0 else _shift(t[high - 1 : high + 1, high - 1 :]))
    return np.triu(t), q


def _hessenberg(t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Zeros below the first diagonal under the main one, by Householder reflections."""
    q = np.eye(len(t), dtype=t.dtype)
    for column in range(len(t) - 2):
        rows = slice(column + 1, None)
        v = t[rows, column].copy()
        length = np.linalg.norm(v)
        if not length:
            continue
        v[0] += length * (v[0] / abs(v[0]) if v[0] else 1)
        v /= np.linalg.norm(v)
        t[rows, column:] -= 2 * np.outer(v, v.conj() @ t[rows, column:])
        t[:, rows] -= 2 * np.outer(t[:, rows] @ v, v.conj())
        q[:, rows] -= 2 * np.outer(q[:, rows] @ v, v.conj())
    return t, q


def _shift(block: np.ndarray) -> complex:
    """Wilkinson's: the eigenvalue of two rows that is nearest to the last element."""
    (a, b), (c, d) = block[:, :2]
    middle = (a + d) / 2
    root = np.sqrt(((a - d) / 2) ** 2 + b * c)
    return min(middle + root, middle - root, key=lambda value: abs(value - d))


def _step(t: np.ndarray, q: np.ndarray, low: int, high: int, shift: complex) -> None:
    """One step of the rows from `low` to `high`, in place: Givens rotations from the left, then from the right."""
    window = range(low, high + 1)
    t[window, window] -= shift
    rotations = []
    for row in range(low, high):
        a, b = t[row, row], t[row + 1, row]
        length = np.hypot(abs(a), abs(b)) or 1.0
        rotation = np.array([[a.conj(), b.conj()], [-b, a]]) / length if a or b else np.eye(2, dtype=t.dtype)
        t[row : row + 2, row:] = rotation @ t[row : row + 2, row:]
        rotations.append(rotation.conj().T)
    for row, rotation in zip(range(low, high), rotations, strict=True):
        pair = slice(row, row + 2)
        t[: row + 2, pair] = t[: row + 2, pair] @ rotation
        q[:, pair] = q[:, pair] @ rotation
    t[window, window] += shift


_LARGEST = 5.371920351148152
"""The greatest norm for which the error of the Padé approximant of order 13 is below a rounding."""


def expm(x: np.ndarray) -> np.ndarray:
    """The exponential of a matrix; NaN where that is not finite.

    Higham, "The scaling and squaring method for the matrix exponential revisited" (2005).

    Example:
        >>> expm(np.array([[0.0, 1.0], [0.0, 0.0]])).tolist()
        [[1.0, 1.0], [0.0, 1.0]]
    """
    wide = x.astype(np.result_type(x.dtype, np.float64))
    size = np.abs(wide).sum(0).max(initial=0.0)
    if not np.isfinite(size):
        return np.full(x.shape, np.nan)
    halvings = int(np.ceil(np.log2(max(size / _LARGEST, 1))))
    wide = wide / 2.0**halvings
    with np.errstate(all="ignore"):
        odd, even = _pade(wide)
        found = np.linalg.solve(even - odd, even + odd)
        for _ in range(halvings):
            found = found @ found
    return found


def _pade(x: np.ndarray, order: int = 13) -> tuple[np.ndarray, np.ndarray]:
    """The odd and the even powers of the numerator of the Padé approximant of the exponential."""
    square, power = x @ x, np.eye(len(x))
    sums = [np.zeros_like(x), np.zeros_like(x)]
    for place in range(order + 1):
        if place and place % 2 == 0:
            power = power @ square
        sums[place % 2] += power * (comb(order, place) / perm(2 * order, place))
    return x @ sums[1], sums[0]


def sqrtm(x: np.ndarray) -> np.ndarray:
    """The principal square root of a matrix; NaN, for a real matrix, where that is not real.

    Björck and Hammarling, "A Schur method for the square root of a matrix" (1983).

    Example:
        >>> sqrtm(np.array([[4.0, 5.0], [0.0, 9.0]])).tolist()
        [[2.0, 1.0], [0.0, 3.0]]
    """
    with np.errstate(all="ignore"):
        t, q = schur(x)
        found = q @ _root_of_triangular(t) @ q.conj().T
    if np.iscomplexobj(x):
        return found
    real = np.real(found)
    is_real = np.abs(np.imag(found)).max(initial=0.0) <= 1e-6 * np.abs(real).max(initial=0.0)
    return real if is_real else np.full(x.shape, np.nan)


def _root_of_triangular(t: np.ndarray) -> np.ndarray:
    root = np.diag(np.sqrt(np.diag(t)))
    for column in range(len(t)):
        for row in range(column - 1, -1, -1):
            inner = slice(row + 1, column)
            rest = t[row, column] - root[row, inner] @ root[inner, column]
            root[row, column] = rest / (root[row, row] + root[column, column]) if rest else 0
    return root


def logm(x: np.ndarray) -> np.ndarray:
    """The principal logarithm of a matrix; NaN for a singular one.

    Higham, "Functions of Matrices", 11.5: square roots until the matrix is near to the identity, and the Padé
    approximant of the logarithm there, in partial fractions.

    Example:
        >>> logm(np.eye(2)).real.tolist()
        [[0.0, 0.0], [0.0, 0.0]]
    """
    with np.errstate(all="ignore"):
        t, q = schur(x)
        values = np.diag(t)
        if not (np.isfinite(t).all() and values.all()):
            return np.full(t.shape, np.nan + np.nan * 1j)
        near, halvings, one = t, 0, np.eye(len(t))
        while halvings < _STEPS and np.abs(near - one).sum(0).max(initial=0.0) > 0.25:
            near, halvings = _root_of_triangular(near), halvings + 1
        places, weights = np.polynomial.legendre.leggauss(8)
        apart = near - one
        parts = [w / 2 * np.linalg.solve(one + (p + 1) / 2 * apart, apart) for p, w in zip(places, weights)]
        found = 2.0**halvings * sum(parts, np.zeros_like(apart))
        np.fill_diagonal(found, np.log(values))
        return q @ found @ q.conj().T


FUNCTIONS = {"exp": expm, "sqrt": sqrtm, "log": logm}
"""The functions by name, of one matrix each."""
