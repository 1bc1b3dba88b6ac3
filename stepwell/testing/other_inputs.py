"""Further inputs for a drawn program: what an edit of it gets wrong may show on few of them."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from stepwell.dialects.dtypes import dtype_of

from .numbers import SMALL, is_whole, notable_array, partly_equal, whole_array

_NOTED = (np.nan, 0.0, -0.0)
"""What one element of each second array of floats is: in the way of what compares, chooses or negates."""

_PARTS = 4
"""The floats of programs below `hl` are quarters."""


_MODERATE = 2.0**10
"""How large numbers are that are added up: of larger ones the order may decide if a sum is infinite."""


def other_inputs(inputs: Sequence[np.ndarray], moderate: bool = False) -> Iterator[tuple[np.ndarray, ...]]:
    """Two more sets of arrays of the same shapes and dtypes, which follow from the first.

    In the first set floats and booleans are other ones: integers may be sizes and indices, of which few are allowed. In
    the second set integers in arrays are others, too, small ones. Where nothing changes there is no such set.

    Args:
        inputs: the first set.
        moderate: whether finite floats are at most 1024, as in programs that add them up.

    Example:
        >>> found = list(other_inputs([np.array([1, 2]), np.array([0.5, 1.5])]))
        >>> [bool(np.array_equal(numbers, [1, 2])) for numbers, _ in found]
        [True, False]
    """
    seed = zlib.crc32(b"".join(array.tobytes() for array in inputs))
    for number, change in enumerate((_other_than_integers, _other)):
        found = _changed(inputs, change, np.random.default_rng((seed, number)))
        if any(one is not other for one, other in zip(found, inputs, strict=True)):
            yield tuple(_moderated(array) if moderate else array for array in found)


def _moderated(array: np.ndarray) -> np.ndarray:
    """An array without large finite numbers."""
    if not dtype_of(array).is_inexact:
        return array
    with np.errstate(invalid="ignore", over="ignore"):
        return np.where(np.isfinite(array) & (np.abs(array) > _MODERATE), array.dtype.type(1.5), array)


def _other_than_integers(array: np.ndarray, seed: int) -> np.ndarray:
    """An array of other floats or booleans; numbers of which sums are exact in any order stay such."""
    dtype = dtype_of(array)
    if dtype.is_integer:
        return array
    if not _has_few_digits(array):
        return notable_array(array.shape, dtype, seed)
    found = whole_array(array.shape, dtype, seed)
    if not is_whole(array):
        found = np.where(np.isfinite(array), found / dtype.as_numpy_dtype(_PARTS), array)
    return found


def _has_few_digits(array: np.ndarray) -> bool:
    """Whether the finite elements of an array of floats are small multiples of a quarter."""
    if not dtype_of(array).is_floating:
        return False
    with np.errstate(invalid="ignore"):
        finite = array[np.isfinite(array)]
    small = finite[np.abs(finite) <= SMALL] * _PARTS
    return small.size == finite.size and bool(np.all(small == np.round(small)))


def _other(array: np.ndarray, seed: int) -> np.ndarray:
    """An array of other numbers; a single integer as it is, since it may be how often a loop runs."""
    if not array.ndim or not dtype_of(array).is_integer:
        return _other_than_integers(array, seed)
    return whole_array(array.shape, dtype_of(array), seed)


def _changed(
    inputs: Sequence[np.ndarray], change: Callable[[np.ndarray, int], np.ndarray], source: np.random.Generator
) -> list[np.ndarray]:
    """Other arrays; half of them have elements of an earlier one that is like them, or of what they were."""
    found: list[np.ndarray] = []
    for array in inputs:
        seed = int(source.integers(2**20))
        other = change(array, seed)
        if other is not array and source.random() < 0.5:
            alike = [array, *(each for each in found if _is_alike(each, array))]
            other = partly_equal(other, alike[-1], seed)
        if dtype_of(other).is_floating and other.size and not _has_few_digits(array) and source.random() < 0.5:
            other.flat[source.integers(other.size)] = source.choice(_NOTED)
        found.append(other)
    return found


def _is_alike(array: np.ndarray, other: np.ndarray) -> bool:
    """Whether elements of one may be elements of the other."""
    same = array.shape == other.shape and array.dtype == other.dtype
    return same and is_whole(array) == is_whole(other) and _has_few_digits(array) == _has_few_digits(other)
