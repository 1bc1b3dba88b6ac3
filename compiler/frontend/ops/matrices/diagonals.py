"""Public functions that read and write diagonals of matrices, which are the last two axes of tensors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError
from .....dialects.dtypes import DType
from .....dialects.public import public
from ...values.dispatch import as_tensor
from ...values.tensor import Tensor, TensorLike
from ..arguments import Size, check, int64_of, minus, plus, product, size_along, size_of, times
from ..index import gather
from ..index import range as counting
from ..linalg import matrix_transpose
from ..logic import equal, greater_equal, less, less_equal, logical_and, logical_or
from ..math import add, maximum, minimum, multiply, subtract
from ..movement import pad, stack
from ..reduce import reduce_sum
from ..select import where
from ..shape import expand_dims, fill, reshape, squeeze, zeros_like
from ..slicing import bounded

_ALIGN = ("RIGHT_LEFT", "LEFT_RIGHT", "LEFT_LEFT", "RIGHT_RIGHT")
Band = int | Sequence[int] | np.ndarray | Tensor
"""A diagonal, 0 for the main one and positive above it; or the lowest and the highest of several."""


def _matrix(function: str, value: TensorLike, argument: str) -> Tensor:
    x = as_tensor(value, name=f"{function}: {argument}")
    if x.ndim < 2:
        raise InvalidArgumentError(f"{function}: {argument}: expected 2 axes or more, got shape {x.shape}")
    return x


def _band(function: str, k: Band) -> tuple[int, int, bool]:
    """The lowest and the highest diagonal, and whether only one was asked for."""
    ends = np.asarray(k).reshape(-1).tolist()
    if len(ends) not in (1, 2) or ends[0] > ends[-1]:
        raise InvalidArgumentError(f"{function}: k: expected a diagonal, or the lowest and the highest one, got {k!r}")
    return int(ends[0]), int(ends[-1]), ends[0] == ends[-1]


def _check_align(function: str, align: str) -> None:
    if align not in _ALIGN:
        raise InvalidArgumentError(f"{function}: align: expected one of {', '.join(_ALIGN)}, got {align!r}")


def _smaller(a: Size, b: Size) -> Size:
    if isinstance(a, int) and isinstance(b, int):
        return min(a, b)
    return minimum(int64_of(a), int64_of(b))


def _length(rows: Size, columns: Size, number: int) -> Size:
    """How many elements a diagonal has."""
    return _smaller(plus(rows, min(number, 0)), minus(columns, max(number, 0)))


def _check_band(function: str, x: Tensor, low: int, high: int) -> None:
    rows, columns = size_along(x, -2 % x.ndim), size_along(x, -1 % x.ndim)
    text = f"{function}: k: expected diagonals of a matrix of {{0}} rows and {{1}} columns, got {low} to {high}"
    if isinstance(rows, int) and isinstance(columns, int):
        if not all(-rows < number < columns or number == 0 for number in (low, high)):
            raise InvalidArgumentError(text.format(rows, columns))
    elif (low, high) != (0, 0):
        above, below = (
            less(int64_of(max(sign * n, 0)), maximum(int64_of(size), int64_of(1)))
            for sign, size, n in ((1, columns, high), (-1, rows, low))
        )
        check(logical_and(above, below), text, int64_of(rows), int64_of(columns))


def _first(number: int, length: Size, longest: Size, align: str) -> Size:
    """Where a diagonal begins in a row that the longest one fills."""
    left = align.split("_")[0 if number >= 0 else 1] == "LEFT"
    return 0 if left else minus(longest, length)


def _padding(function: str, value: TensorLike, dtype: DType) -> Tensor:
    """A padding value; the number 0 is False, too."""
    return as_tensor(bool(value) if dtype.is_bool and value == 0 else value, dtype, f"{function}: padding_value")


@public("linalg")
def diag_part(
    input: TensorLike,
    name: str = "diag_part",
    k: Band = 0,
    padding_value: TensorLike = 0,
    align: str = "RIGHT_LEFT",
) -> Tensor:
    """The diagonals of matrices.

    Args:
        input: matrices.
        name: not used.
        k: which diagonal: 0 is the main one, positive ones are above it. Or the lowest and the highest of several,
            which are the rows of the result, the highest first.
        padding_value: the other elements of rows that are longer than their diagonal.
        align: on which side of such rows diagonals above the main one, and those below it, are.

    Example:
        >>> import stepwell as sw
        >>> sw.linalg.diag_part([[1, 2], [3, 4]]).numpy().tolist()
        [1, 4]
        >>> sw.linalg.diag_part([[1, 2], [3, 4]], k=1).numpy().tolist()
        [2]
    """
    x, (low, high, single) = _matrix("diag_part", input, "input"), _band("diag_part", k)
    _check_align("diag_part", align)
    _check_band("diag_part", x, low, high)
    rows, columns = size_along(x, x.ndim - 2), size_along(x, x.ndim - 1)
    flat = reshape(x, [*[size_along(x, axis) for axis in range(x.ndim - 2)], times(rows, columns)])
    longest = _smaller(plus(rows, min(high, 0)), minus(columns, max(low, 0)))
    places = counting(int64_of(longest))
    found = []
    for number in range(high, low - 1, -1):
        own = subtract(places, int64_of(_first(number, _length(rows, columns, number), longest, align)))
        row, column = add(own, int64_of(max(-number, 0))), add(own, int64_of(max(number, 0)))
        place = add(multiply(row, int64_of(columns)), column)
        if single:
            return gather(flat, place, axis=x.ndim - 2)
        inside = logical_and(greater_equal(own, int64_of(0)), less(own, int64_of(_length(rows, columns, number))))
        taken = gather(flat, where(inside, place, int64_of(0)), axis=x.ndim - 2)
        found.append(where(inside, taken, _padding("diag_part", padding_value, x.dtype)))
    return stack(found, -2)


@public("linalg")
def set_diag(
    input: TensorLike, diagonal: TensorLike, name: str = "set_diag", k: Band = 0, align: str = "RIGHT_LEFT"
) -> Tensor:
    """`input`, matrices, with other diagonals; arguments are those of `diag_part`, which returns the diagonals.

    Example:
        >>> import stepwell as sw
        >>> sw.linalg.set_diag([[1, 2], [3, 4]], [7, 8]).numpy().tolist()
        [[7, 2], [3, 8]]
    """
    x, (low, high, single) = _matrix("set_diag", input, "input"), _band("set_diag", k)
    _check_align("set_diag", align)
    _check_band("set_diag", x, low, high)
    given = as_tensor(diagonal, x.dtype, "set_diag: diagonal")
    rows, columns = size_along(x, x.ndim - 2), size_along(x, x.ndim - 1)
    longest = _smaller(plus(rows, min(high, 0)), minus(columns, max(low, 0)))
    wanted = [size_along(x, axis) for axis in range(x.ndim - 2)]
    wanted += [longest] if single else [high - low + 1, longest]
    _check_shape(given, wanted)
    return _with_diagonals(x, expand_dims(given, -2) if single else given, (low, high), align)


def _check_shape(given: Tensor, wanted: Sequence[Size]) -> None:
    """Check that the diagonals are as many, and as long, as they have to be."""
    shown = [size if isinstance(size, int) else None for size in wanted]
    if given.ndim != len(wanted) or any(a != b and None not in (a, b) for a, b in zip(given.shape, shown)):
        raise InvalidArgumentError(f"set_diag: diagonal: expected shape {tuple(shown)}, got {given.shape}")
    for axis, size in enumerate(wanted):
        own = size_along(given, axis)
        if not (isinstance(own, int) and isinstance(size, int)):
            text = f"set_diag: diagonal: axis {axis} has size {{0}}, expected {{1}}"
            check(equal(int64_of(own), int64_of(size)), text, int64_of(own), int64_of(size))


def _with_diagonals(x: Tensor, diagonals: Tensor, band: tuple[int, int], align: str) -> Tensor:
    """Matrices with other diagonals, which are rows, the highest first."""
    rows, columns = size_along(x, x.ndim - 2), size_along(x, x.ndim - 1)
    row, column = expand_dims(counting(int64_of(rows)), 1), expand_dims(counting(int64_of(columns)), 0)
    low, high = band
    longest = size_along(diagonals, diagonals.ndim - 1)
    last = maximum(int64_of(minus(longest, 1)), int64_of(0))
    filled = pad(diagonals, [*[[0, 0]] * (diagonals.ndim - 1), [0, 1]])  # so that a place can be read, if none is used
    for position, number in enumerate(range(high, low - 1, -1)):
        first = _first(number, _length(rows, columns, number), longest, align)
        begin: list[Size | None] = [None] * diagonals.ndim
        end: list[Size | None] = [None] * diagonals.ndim
        begin[-2], end[-2] = position, position + 1
        values = squeeze(bounded(filled, begin, end), -2)
        own = add(subtract(counting(int64_of(rows)), int64_of(max(-number, 0))), int64_of(first))
        place = minimum(maximum(own, int64_of(0)), last)
        here = equal(subtract(column, row), int64_of(number))
        x = where(here, expand_dims(gather(values, place, axis=values.ndim - 1), -1), x)
    return x


@public("linalg")
def diag(
    diagonal: TensorLike,
    name: str = "diag",
    k: Band = 0,
    num_rows: TensorLike = -1,
    num_cols: TensorLike = -1,
    padding_value: TensorLike = 0,
    align: str = "RIGHT_LEFT",
) -> Tensor:
    """Matrices with diagonals, and `padding_value` elsewhere; other arguments are those of `diag_part`.

    Args:
        diagonal: the diagonals, along the last axis.
        name: not used.
        k: which diagonals they are.
        num_rows: how many rows the matrices have, if not as many as are needed.
        num_cols: how many columns they have.
        padding_value: the other elements.
        align: on which side of rows that are longer diagonals are.

    Example:
        >>> import stepwell as sw
        >>> sw.linalg.diag([1, 2]).numpy().tolist()
        [[1, 0], [0, 2]]
        >>> sw.linalg.diag([1, 2], k=1).numpy().tolist()
        [[0, 1, 0], [0, 0, 2], [0, 0, 0]]
    """
    given, (low, high, single) = as_tensor(diagonal, name="diag: diagonal"), _band("diag", k)
    _check_align("diag", align)
    if given.ndim < (1 if single else 2):
        raise InvalidArgumentError(f"diag: diagonal: expected {1 if single else 2} axes, got shape {given.shape}")
    diagonals = expand_dims(given, -2) if single else given
    if diagonals.shape[-2] not in (None, high - low + 1):
        text = f"expected {high - low + 1} diagonals, got shape {given.shape}"
        raise InvalidArgumentError(f"diag: diagonal: {text}")
    longest = size_along(diagonals, diagonals.ndim - 1)
    rows, columns = _sizes(longest, low, high, num_rows, num_cols)
    lead = [size_along(diagonals, axis) for axis in range(diagonals.ndim - 2)]
    start = fill([*lead, rows, columns], _padding("diag", padding_value, given.dtype))
    return _with_diagonals(start, diagonals, (low, high), align)


def _sizes(longest: Size, low: int, high: int, num_rows: TensorLike, num_cols: TensorLike) -> tuple[Size, Size]:
    """The sizes of matrices whose diagonals are given: the least ones, of a square if none is asked for."""
    least_rows, least_columns = minus(longest, min(high, 0)), plus(longest, max(low, 0))
    rows, columns = size_of("diag", num_rows, "num_rows"), size_of("diag", num_cols, "num_cols")
    if rows == -1 and columns == -1:
        both = [least_rows, least_columns]
        size = max(both) if all(isinstance(one, int) for one in both) else maximum(*map(int64_of, both))  # pyright: ignore
        return size, size
    rows = least_rows if rows == -1 else rows
    columns = least_columns if columns == -1 else columns
    if all(isinstance(size, int) for size in (rows, columns, least_rows, least_columns)):
        fits = rows >= least_rows and columns >= least_columns and (rows == least_rows or columns == least_columns)  # pyright: ignore
        if not fits:
            text = f"expected {least_rows} rows or {least_columns} columns for k from {low} to {high}"
            raise InvalidArgumentError(f"diag: {text}, got {rows} and {columns}")
    return rows, columns


@public("linalg")
def band_part(input: TensorLike, num_lower: TensorLike, num_upper: TensorLike, name: str | None = None) -> Tensor:
    """`input`, matrices, with zeros but for the main diagonal and some below and above it.

    Args:
        input: matrices.
        num_lower: how many diagonals below the main one stay; all of them if negative.
        num_upper: how many above it.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.linalg.band_part([[1, 2], [3, 4]], -1, 0).numpy().tolist()
        [[1, 0], [3, 4]]
    """
    x = _matrix("band_part", input, "input")
    sizes = size_along(x, x.ndim - 2), size_along(x, x.ndim - 1)
    row, column = expand_dims(counting(int64_of(sizes[0])), 1), expand_dims(counting(int64_of(sizes[1])), 0)
    keeps = None
    for given, what, size, below in (
        (num_lower, "num_lower", sizes[0], subtract(row, column)),
        (num_upper, "num_upper", sizes[1], subtract(column, row)),
    ):
        count, total = int64_of(size_of("band_part", given, what)), int64_of(size)
        check(less_equal(count, total), f"band_part: {what}: expected at most {{1}}, got {{0}}", count, total)
        near = logical_or(less(count, int64_of(0)), less_equal(below, count))
        keeps = near if keeps is None else logical_and(keeps, near)
    assert keeps is not None
    return where(keeps, x, zeros_like(x))


@public("linalg")
def trace(x: TensorLike, name: str | None = None) -> Tensor:
    """The sums of the main diagonals of matrices.

    Example:
        >>> import stepwell as sw
        >>> int(sw.linalg.trace([[1, 2], [3, 4]]))
        5
    """
    return reduce_sum(diag_part(_matrix("trace", x, "x")), -1)


@public("linalg")
def tensor_diag(diagonal: TensorLike, name: str | None = None) -> Tensor:
    """A tensor with each axis of `diagonal` twice, and its elements where both have the same index.

    Example:
        >>> import stepwell as sw
        >>> sw.linalg.tensor_diag([1, 2]).numpy().tolist()
        [[1, 0], [0, 2]]
    """
    x = as_tensor(diagonal, name="tensor_diag: diagonal")
    if not x.ndim:
        raise InvalidArgumentError("tensor_diag: diagonal: expected at least one axis, got a scalar")
    sizes = [size_along(x, axis) for axis in range(x.ndim)]
    return reshape(diag(reshape(x, [-1])), [*sizes, *sizes])


@public("linalg")
def tensor_diag_part(input: TensorLike, name: str | None = None) -> Tensor:
    """The elements of a tensor whose first and last axes have the same indices.

    Example:
        >>> import stepwell as sw
        >>> sw.linalg.tensor_diag_part([[1, 2], [3, 4]]).numpy().tolist()
        [1, 4]
    """
    x = as_tensor(input, name="tensor_diag_part: input")
    half = x.ndim // 2
    if x.ndim % 2 or not half or any(a != b and None not in (a, b) for a, b in zip(x.shape[:half], x.shape[half:])):
        raise InvalidArgumentError(f"tensor_diag_part: input: expected all sizes twice, got shape {x.shape}")
    sizes = [size_along(x, axis) for axis in range(half)]
    for axis, size in enumerate(sizes):
        other = size_along(x, half + axis)
        if not (isinstance(size, int) and isinstance(other, int)):
            text = "tensor_diag_part: input: expected all sizes twice, got {0} and {1}"
            check(equal(int64_of(size), int64_of(other)), text, int64_of(size), int64_of(other))
    total = product(sizes)
    return reshape(diag_part(reshape(x, [total, total])), sizes)


@public("linalg")
def adjoint(matrix: TensorLike, name: str | None = None) -> Tensor:
    """Matrices with their last two axes exchanged.

    Example:
        >>> import stepwell as sw
        >>> sw.linalg.adjoint([[1, 2], [3, 4]]).numpy().tolist()
        [[1, 3], [2, 4]]
    """
    return matrix_transpose(matrix, conjugate=True)


@public("linalg")
def cross(a: TensorLike, b: TensorLike, name: str | None = None) -> Tensor:
    """The vectors that are perpendicular to those of `a` and `b`, which have three elements along the last axis.

    Example:
        >>> import stepwell as sw
        >>> sw.linalg.cross([1, 0, 0], [0, 1, 0]).numpy().tolist()
        [0, 0, 1]
    """
    x, y = as_tensor(a, name="cross: a"), as_tensor(b, name="cross: b")
    for value, what in ((x, "a"), (y, "b")):
        if not value.ndim or value.shape[-1] not in (3, None):
            raise InvalidArgumentError(f"cross: {what}: expected vectors of 3 elements, got shape {value.shape}")
    first, second = np.array([1, 2, 0], np.int32), np.array([2, 0, 1], np.int32)
    parts = [
        gather(value, order, axis=value.ndim - 1) for value, order in ((x, first), (y, second), (x, second), (y, first))
    ]
    return subtract(multiply(parts[0], parts[1]), multiply(parts[2], parts[3]))
