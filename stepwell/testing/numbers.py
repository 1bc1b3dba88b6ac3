"""Numbers for which rules of arithmetic differ, and numbers that have all the digits there are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stepwell.dialects.dtypes import DType
from stepwell.dialects.hl.complex import ComplexOp

_INTEGERS = (0, 1, -1, 2, 3, -2, 4, 5, 7, 8, 16, -3, -7, -8, 9, 10, 31, 32, 100)
_FLOATS = (
    0.0,
    -0.0,
    1.0,
    -1.0,
    np.nan,
    2.0,
    0.5,
    np.inf,
    -np.inf,
    3.0,
    4.0,
    0.25,
    -2.0,
    0.1,
    1 / 3,
    8.0,
    10.0,
    -0.5,
    1e-3,
)
"""Small constants and powers of two; zeros of both signs, infinities and NaN."""

_EXTREMES = (0.0, -0.0, np.nan, np.nan, np.inf, -np.inf, 1.0)
"""Where floats differ from numbers."""

_SPECIAL = (0.0, -0.0, 1.0, -1.0, np.nan, np.inf, -np.inf)
"""Where functions are often wrong."""

_ZEROS = (0.0, -0.0)
"""What rules take for one another, where floats keep them apart."""


def full_mantissas(shape: Sequence[int], dtype: DType, source: np.random.Generator) -> np.ndarray:
    """Random floats of moderate size that use all their digits: sums and products of them are rounded.

    Example:
        >>> found = full_mantissas((2,), FLOAT32, np.random.default_rng(0))
        >>> bool(found[0] + found[1] - found[1] == found[0])
        False
    """
    magnitude = np.exp2(source.uniform(-3, 4, tuple(shape)))
    return np.asarray(np.where(source.random(tuple(shape)) < 0.5, -magnitude, magnitude)).astype(dtype)


SMALL = 4
"""The largest of small whole numbers."""


def whole_array(shape: Sequence[int], dtype: DType, seed: int) -> np.ndarray:
    """An array of small whole numbers, zeros of both signs among them: sums of products are exact in any order.

    One in eight has negative numbers only, and one in eight positive ones.
    """
    source = np.random.default_rng(seed)
    low, high = source.choice(((-SMALL, SMALL),) * 6 + ((-SMALL, -1), (1, SMALL)))
    found = source.integers(low, high + 1, tuple(shape)).astype(dtype)
    return np.where((found == 0) & (source.random(found.shape) < 0.5), -found, found) if dtype.is_floating else found


def is_whole(array: np.ndarray) -> bool:
    """Whether an array holds nothing but small whole numbers.

    Example:
        >>> is_whole(np.array([1.0, -3.0])), is_whole(np.array([0.5])), is_whole(np.array([np.nan]))
        (True, False, False)
    """
    with np.errstate(invalid="ignore"):
        return bool(np.all((array == np.round(array)) & (array >= -SMALL) & (array <= SMALL)))


def notable_array(shape: Sequence[int], dtype: DType, seed: int, numbers: Sequence[float] = ()) -> np.ndarray:
    """An array that is the same for the same seed: of notable numbers, of common ones, or of both.

    Args:
        shape, dtype: those of the array.
        seed: what it is made from; half of the float arrays, and most numbers of others, have full mantissas.
        numbers: further numbers, that count as notable together with their neighbours, opposites and inverses.
    """
    source = np.random.default_rng(seed)
    if dtype.is_bool:
        return source.integers(0, 2, tuple(shape)).astype(dtype)
    if dtype.is_complex:
        real, imag = (notable_array(shape, dtype.real_dtype, seed * 2 + part, numbers) for part in range(2))
        return ComplexOp.compute(real, imag)
    pools = [_options(dtype, numbers)]
    if dtype.is_floating:
        pools += [np.array(_EXTREMES, dtype), np.array(_ZEROS, dtype), _any_magnitude(dtype, source)]
    each = np.array([source.choice(pool, tuple(shape)) for pool in pools])
    of_any_pool = source.integers(0, len(pools), tuple(shape)) if source.random() < 0.5 else source.integers(len(pools))
    chosen = np.take_along_axis(each, np.broadcast_to(of_any_pool, each.shape[1:])[None], 0)[0]
    common = source.random(tuple(shape)) < source.choice((0.0, 0.5, 0.8, 1.0))
    return np.asarray(np.where(common, _common(shape, dtype, source), chosen), dtype)


def arguments(shape: Sequence[int], dtype: DType, seed: int) -> np.ndarray:
    """Floats for functions: special ones, whole and half ones, ones of any magnitude and of common magnitude.

    Example:
        >>> found = arguments((200,), FLOAT32, 0)
        >>> bool(np.isnan(found).any()), bool((found == 3).any()), bool((np.abs(found) > 1e9).any())
        (True, True, True)
    """
    source, limits = np.random.default_rng(seed), dtype.finfo
    exponents = source.uniform(limits.minexp - limits.nmant, limits.maxexp, tuple(shape))
    kinds = (
        source.choice(np.array(_SPECIAL), tuple(shape)),
        source.integers(-10, 11, tuple(shape)) / 2,
        _of_both_signs(exponents, source),
        _of_both_signs(source.uniform(-10, 10, tuple(shape)), source),
        source.uniform(-128, 128, tuple(shape)),
    )
    with np.errstate(over="ignore"):
        return np.asarray(np.choose(source.integers(0, len(kinds), tuple(shape)), kinds)).astype(dtype)


def partly_equal(array: np.ndarray, other: np.ndarray, seed: int) -> np.ndarray:
    """An array in which about half of the elements are those of another one of its shape: ties, and NaN next to NaN.

    Example:
        >>> found = partly_equal(np.zeros(9), np.ones(9), 0)
        >>> sorted({float(number) for number in found})
        [0.0, 1.0]
    """
    return np.where(np.random.default_rng(seed).random(array.shape) < 0.5, other, array)


def notable_numbers(dtype: DType, seed: int, numbers: Sequence[float] = ()) -> list[float]:
    """Two or three notable numbers: mostly of those given, where there are any; also powers of two, and any floats."""
    source = np.random.default_rng(seed)
    if dtype.is_bool:
        return [0, 1]
    if dtype.is_complex:
        return notable_numbers(dtype.real_dtype, seed, numbers)
    pools = [_exactly(dtype, numbers), _near(dtype, numbers), list(_options(dtype, ())), _any_numbers(dtype, source)]
    chosen = (pools[source.choice(4, p=(0.5, 0.2, 0.15, 0.15))] or pools[2] for _ in range(source.integers(2, 4)))
    return [options[source.integers(0, len(options))] for options in chosen]


def _any_numbers(dtype: DType, source: np.random.Generator) -> list[float]:
    """Floats with all their digits; powers of two among integers."""
    if dtype.is_floating:
        return [float(number) for number in full_mantissas((4,), dtype, source)]
    return [2**exponent for exponent in range(1, dtype.bits - 1)]


def _common(shape: Sequence[int], dtype: DType, source: np.random.Generator) -> np.ndarray:
    if dtype.is_floating:
        return full_mantissas(shape, dtype, source)
    small = source.integers(-20, 21, tuple(shape))
    any_ = source.integers(dtype.min, dtype.max, tuple(shape), dtype.dtype, endpoint=True)
    return np.where(source.random() < 0.5, small.astype(dtype), any_)


def _options(dtype: DType, numbers: Sequence[float]) -> np.ndarray:
    """The notable numbers of a dtype."""
    if dtype.is_floating:
        limits = dtype.finfo
        others = [*_FLOATS, float(limits.max), float(limits.tiny), float(limits.eps)]
    else:
        others = _exactly(dtype, [*_INTEGERS, dtype.max, dtype.min, dtype.max // 2 + 1])
    with np.errstate(over="ignore"):
        return np.array([*_near(dtype, numbers), *others], None if dtype.is_floating else dtype).astype(dtype)


def _any_magnitude(dtype: DType, source: np.random.Generator) -> np.ndarray:
    """Floats of both signs, as often of any size as between 2**-10 and 2**10; subnormal ones among them."""
    limits = dtype.finfo
    exponents = np.concatenate(
        [source.uniform(limits.minexp - limits.nmant, limits.maxexp, 8), source.uniform(-10, 10, 8)]
    )
    with np.errstate(over="ignore"):
        return _of_both_signs(exponents, source).astype(dtype)


def _of_both_signs(exponents: np.ndarray, source: np.random.Generator) -> np.ndarray:
    """2 to the power of each exponent, or its opposite."""
    return np.exp2(exponents) * source.choice([-1.0, 1.0], exponents.shape)


def _near(dtype: DType, numbers: Sequence[float]) -> list[float]:
    """Numbers and their neighbours, as far as a dtype has them."""
    telling = [number for number in numbers if number not in (0, 1, -1)] * 8
    near = [*telling, *(value for number in numbers for value in (number, -number, number + 1, number - 1))]
    if dtype.is_floating:
        return [*near, *(1 / number for number in numbers if number)]
    return _exactly(dtype, near)


def _exactly(dtype: DType, numbers: Sequence[float]) -> list[float]:
    """Those of the numbers that a dtype has."""
    if dtype.is_floating:
        return list(numbers)
    return [int(value) for value in numbers if value == int(value) and dtype.min <= value <= dtype.max]
