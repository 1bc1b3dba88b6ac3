"""Hypothesis behind the sampler that ops' `sample` rules draw from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from stepwell.dialects.dtypes import BOOL, FLOAT32, FLOAT64, INT32, INT64, DType, as_dtype, dtype_of
from stepwell.dialects.hl.complex import ComplexOp
from stepwell.dialects.hl.rules.base import HLOp
from stepwell.dialects.hl.rules.facets import Sample

from .generation.draws import Draws, QuickDraws
from .numbers import SMALL, full_mantissas, is_whole, notable_array

_DRAWN_ELEMENTS = 4
"""Arrays of more elements than this are not drawn element by element."""


@dataclass(frozen=True)
class Palette:
    """The sizes of dimensions, and the dtypes, that are drawn most of the time.

    Attributes:
        sides: sizes; none for any.
        dtypes: none for any.
    """

    sides: tuple[int, ...] = ()
    dtypes: tuple[DType, ...] = ()


_USUAL = frozenset({BOOL, INT32, INT64, FLOAT32, FLOAT64})


def by_use(dtypes: Iterable[DType]) -> list[DType]:
    """Dtypes to choose from: those that most programs have, four times.

    The rules for the others are mostly the same ones, with which fewer programs would meet each other.

    Example:
        >>> [dtype.name for dtype in by_use([as_dtype('int8'), FLOAT32])]
        ['int8', 'float32', 'float32', 'float32', 'float32']
    """
    return [dtype for dtype in dtypes for _ in range(4 if dtype in _USUAL else 1)]


class HypothesisSampler(Draws):
    """Draws test data by hypothesis, so that failing examples shrink.

    Args:
        draw: hypothesis' draw function, or what else the next class draws from.
        special: whether unbounded floats include NaN, infinities and extremes.
        max_side: what the default largest size of a dimension, 4, becomes.
        palette: what is drawn three times out of four, where it is allowed.
    """

    def __init__(self, draw: Any, special: bool = True, max_side: int = 4, palette: Palette = Palette()):
        super().__init__(draw)
        self._special = special
        self._max_side = max_side
        self._palette = palette

    def choice(self, options: Sequence[Any]) -> Any:
        """One of `options`."""
        dtypes = [option for option in options if isinstance(option, DType) and option in self._palette.dtypes]
        return super().choice(dtypes if dtypes and self.integer(0, 3) else list(options))

    def shape(self, min_rank: int = 0, max_rank: int = 3, min_side: int = 0, max_side: int = 4) -> tuple[int, ...]:
        """A shape."""
        max_side = max(self._max_side, min_side) if max_side == 4 else max_side
        ranks = [rank for rank in (0, 1, 2, 2, 3, 0, 1, 3) if min_rank <= rank <= max_rank] or [min_rank]
        rank = self.choice(ranks)
        return tuple(self._side(min_side, max_side) for _ in range(rank))

    def _side(self, least: int, most: int) -> int:
        sides = [side for side in self._palette.sides if least <= side <= most]
        return self.choice(sides) if sides and self.integer(0, 3) else self.integer(least, most)

    def broadcastable(self, count: int) -> list[tuple[int, ...]]:
        """Shapes that broadcast together as NumPy's do."""
        if count == 1:
            return [self.shape()]
        shapes = hnp.mutually_broadcastable_shapes(num_shapes=count, min_side=0, max_side=self._max_side, max_dims=3)
        return list(self._draw(shapes).input_shapes)

    def array(
        self, shape: Sequence[int], dtype: DType, low: float | None = None, high: float | None = None
    ) -> np.ndarray:
        """An array, within bounds if given, else of any values; half of the floats then have all their digits."""
        dtype, shape = as_dtype(dtype), tuple(shape)
        if dtype.is_complex:
            real, imaginary = (self.array(shape, dtype.real_dtype, low, high) for _ in range(2))
            return ComplexOp.compute(real, imaginary)
        if dtype.is_floating and low is None and high is None and self._special and self.boolean():
            return full_mantissas(shape, dtype, np.random.default_rng(self.integer(0, 2**16)))
        elements = self._elements(dtype, low, high)
        if np.prod(shape, dtype=int) > _DRAWN_ELEMENTS:
            return self._many(shape, dtype, low, high, elements)
        return self._draw(hnp.arrays(dtype, shape, elements=elements, fill=st.nothing()))

    def whole(self, shape: Sequence[int], dtype: DType) -> np.ndarray:
        """An array of small whole numbers."""
        return self.array(shape, INT32, -SMALL, SMALL).astype(dtype)

    def _many(
        self, shape: tuple[int, ...], dtype: DType, low: float | None, high: float | None, elements: Any
    ) -> np.ndarray:
        """A large array: a few drawn values among others, all of one value or made from a drawn seed."""
        few, seed = [self._draw(elements) for _ in range(_DRAWN_ELEMENTS)], self.integer(0, 2**16)
        array = np.full(shape, few[0], dtype)
        if seed:
            source = np.random.default_rng(seed)
            array[...] = _uniform(source, shape, dtype, -9 if low is None else low, 9 if high is None else high)
            array.reshape(-1)[source.integers(0, array.size, len(few))] = few
        return array

    def _elements(self, dtype: DType, low: float | None, high: float | None) -> st.SearchStrategy[Any]:
        if dtype.is_bool:
            return st.booleans()
        if dtype.is_integer:
            info = np.iinfo(dtype)
            lowest = info.min if low is None else max(int(np.ceil(low)), info.min)
            highest = info.max if high is None else min(int(np.floor(high)), info.max)
            return (
                st.integers(lowest, highest)
                if not self._special
                else st.one_of(st.integers(max(lowest, -9), min(highest, 9)), st.integers(lowest, highest))
            )
        width = dtype.size * 8
        if low is None and high is None and self._special:
            return st.one_of(st.sampled_from(_SPECIAL), st.floats(width=width))  # pyright: ignore[reportArgumentType]
        lowest, highest = (
            dtype.as_numpy_dtype(-9.0 if low is None else low),
            dtype.as_numpy_dtype(9.0 if high is None else high),
        )
        return st.floats(float(lowest), float(highest), width=width, allow_subnormal=False)  # pyright: ignore


_MAX_OFFERED_RANK = 5
"""The rank up to which an array at hand is offered where a rule names no limit of its own."""

_SPECIAL = (0.0, 1.0, -0.0, 2.0, -1.0, 0.5, -2.0, 3.0, float("inf"), float("-inf"), float("nan"))
"""Floats for which rules differ."""


def _uniform(source: np.random.Generator, shape: Sequence[int], dtype: DType, low: float, high: float) -> np.ndarray:
    """Random values within bounds."""
    if dtype == np.bool_:
        low, high = 0, 1
    if dtype.is_floating:
        return source.uniform(low, high, shape).astype(dtype)
    low, high = max(low, dtype.min), min(high, dtype.max)
    return source.integers(int(np.ceil(low)), int(np.floor(high)), shape, endpoint=True).astype(dtype)


class GuidedSampler(HypothesisSampler):
    """A sampler that offers an array at hand wherever an op's rule could have drawn it.

    The rule's first choice of a shape, of a dtype and of an array without bounds are those of the array, as far as
    they are allowed; what it returns as an operand is then the array itself.

    Args:
        draw: hypothesis' draw function, or what else the next class draws from.
        offered: the array.
    """

    def __init__(
        self, draw: Any, offered: np.ndarray, special: bool = True, max_side: int = 4, palette: Palette = Palette()
    ):
        super().__init__(draw, special, max_side, palette)
        self._offered = offered
        self._shape_used = self._dtype_used = False

    def choice(self, options: Sequence[Any]) -> Any:
        """The array's dtype, if that is asked for."""
        dtypes = [option for option in options if isinstance(option, DType)]
        if not self._dtype_used and self._offered.dtype in dtypes:
            self._dtype_used = True
            return dtype_of(self._offered)
        return super().choice(options)

    def shape(self, min_rank: int = 0, max_rank: int = 3, min_side: int = 0, max_side: int = 4) -> tuple[int, ...]:
        """The array's shape, if it is allowed."""
        shape, most = self._offered.shape, _MAX_OFFERED_RANK if max_rank == 3 else max_rank
        fits = min_rank <= len(shape) <= most and all(size >= min_side for size in shape)
        if not self._shape_used and fits:
            self._shape_used = True
            return shape
        return super().shape(min_rank, max_rank, min_side, max_side)

    def broadcastable(self, count: int) -> list[tuple[int, ...]]:
        """The array's shape, and others that broadcast to it, in any order."""
        if self._shape_used:
            return super().broadcastable(count)
        self._shape_used = True
        shape = self._offered.shape
        others = [
            tuple(1 if self.boolean() else size for size in shape)[self.integer(0, len(shape)) :]
            for _ in range(count - 1)
        ]
        position = self.integer(0, count - 1)
        return [*others[:position], shape, *others[position:]]

    def array(
        self, shape: Sequence[int], dtype: DType, low: float | None = None, high: float | None = None
    ) -> np.ndarray:
        """The array itself, where its shape and dtype are asked for, and integers are within the bounds."""
        offered = self._offered
        free = not as_dtype(dtype).is_integer or _is_between(offered, low, high)
        if free and offered.dtype == dtype and offered.shape == tuple(shape):
            return offered
        return super().array(shape, dtype, low, high)

    def whole(self, shape: Sequence[int], dtype: DType) -> np.ndarray:
        """The array itself, where it is one of small whole numbers."""
        offered = self._offered
        fits = offered.dtype == dtype and offered.shape == tuple(shape)
        return offered if fits and is_whole(offered) else super().whole(shape, dtype)


class QuickSampler(HypothesisSampler, QuickDraws):
    """A sampler for programs that are not shrunk choice by choice; it is given a source of random numbers."""

    def broadcastable(self, count: int) -> list[tuple[int, ...]]:
        """Shapes that broadcast together: parts of one, with some sizes of 1."""
        shape = self.shape()
        found = []
        for _ in range(count):
            sizes = tuple(1 if self.integer(0, 3) == 0 else size for size in shape)
            found.append(sizes[self.integer(0, len(shape)) if self.integer(0, 3) == 0 else 0 :])
        return found

    def array(
        self, shape: Sequence[int], dtype: DType, low: float | None = None, high: float | None = None
    ) -> np.ndarray:
        """An array, within bounds if given, else of any values; many of them are such that rules differ for."""
        dtype, seed = as_dtype(dtype), self.source.getrandbits(32)
        if dtype.is_complex:
            return ComplexOp.compute(*(self.array(shape, dtype.real_dtype, low, high) for _ in range(2)))
        if low is None and high is None and self._special:
            return notable_array(shape, dtype, seed)
        low, high = -9 if low is None else low, 9 if high is None else high
        return _uniform(np.random.default_rng(seed), tuple(shape), dtype, low, high)


class GuidedQuickSampler(GuidedSampler, QuickSampler):
    """A quick sampler that offers an array at hand wherever an op's rule could have drawn it."""


def _is_between(array: np.ndarray, low: float | None, high: float | None) -> bool:
    """Whether all elements are within bounds, as far as there are any."""
    return bool((low is None or np.all(array >= low)) and (high is None or np.all(array <= high)))


@st.composite
def samples(draw: Any, op: type[HLOp], special: bool = True) -> Sample:
    """Valid operands and attributes for `op`.

    Example:
        >>> from hypothesis import given
        >>> from stepwell.dialects.hl.registry import OPS
        >>> @given(samples(OPS["hl.add"]))
        ... def runs(sample):
        ...     OPS["hl.add"].evaluate(sample.operands, sample.attrs)
        >>> runs()
    """
    return op.sample(HypothesisSampler(draw, special))
