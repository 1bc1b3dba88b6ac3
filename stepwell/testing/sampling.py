"""Hypothesis behind the sampler that ops' `sample` rules draw from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from stepwell.dialects.hl.base import HLOp
from stepwell.dialects.hl.facets import Sample

_DRAWN_ELEMENTS = 64
"""Arrays of more elements than this are not drawn element by element."""


class HypothesisSampler:
    """Draws test data by hypothesis, so that failing examples shrink.

    Args:
        draw: hypothesis' draw function.
        special: whether unbounded floats include NaN, infinities and extremes.
        max_side: what the default largest size of a dimension, 4, becomes.
    """

    def __init__(self, draw: Any, special: bool = True, max_side: int = 4):
        self._draw = draw
        self._special = special
        self._max_side = max_side

    def integer(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included."""
        return self._draw(st.integers(low, high))

    def boolean(self) -> bool:
        """True or False."""
        return self._draw(st.booleans())

    def choice(self, options: Sequence[Any]) -> Any:
        """One of `options`."""
        return self._draw(st.sampled_from(list(options)))

    def shape(self, min_rank: int = 0, max_rank: int = 3, min_side: int = 0, max_side: int = 4) -> tuple[int, ...]:
        """A shape."""
        max_side = max(self._max_side, min_side) if max_side == 4 else max_side
        return self._draw(
            hnp.array_shapes(min_dims=min_rank, max_dims=max_rank, min_side=min_side, max_side=max_side)
            if min_rank
            else st.one_of(
                st.just(()),
                hnp.array_shapes(min_dims=1, max_dims=max(max_rank, 1), min_side=min_side, max_side=max_side),
            )
        )

    def broadcastable(self, count: int) -> list[tuple[int, ...]]:
        """Shapes that broadcast together as NumPy's do."""
        if count == 1:
            return [self.shape()]
        shapes = hnp.mutually_broadcastable_shapes(num_shapes=count, min_side=0, max_side=self._max_side, max_dims=3)
        return list(self._draw(shapes).input_shapes)

    def array(
        self, shape: Sequence[int], dtype: np.dtype, low: float | None = None, high: float | None = None
    ) -> np.ndarray:
        """An array, within bounds if given, else of any values."""
        dtype = np.dtype(dtype)
        if np.prod(shape, dtype=int) > _DRAWN_ELEMENTS:
            return self._many(tuple(shape), dtype, low, high)
        return self._draw(hnp.arrays(dtype, tuple(shape), elements=self._elements(dtype, low, high)))

    def _many(self, shape: tuple[int, ...], dtype: np.dtype, low: float | None, high: float | None) -> np.ndarray:
        """A large array: a few drawn values among others that a drawn seed makes."""
        few = self._draw(hnp.arrays(dtype, 4, elements=self._elements(dtype, low, high)))
        source = np.random.default_rng(self._draw(st.integers(0, 2**16)))
        lowest, highest = (-9 if low is None else low), (9 if high is None else high)
        if dtype == np.bool_:
            lowest, highest = 0, 1
        if dtype.kind == "f":
            array = source.uniform(lowest, highest, shape).astype(dtype)
        else:
            array = source.integers(int(np.ceil(lowest)), int(np.floor(highest)), shape, endpoint=True).astype(dtype)
        places = source.integers(0, array.size, 4)
        array.reshape(-1)[places] = few
        return array

    def _elements(self, dtype: np.dtype, low: float | None, high: float | None) -> st.SearchStrategy[Any]:
        if dtype.kind == "b":
            return st.booleans()
        if dtype.kind in "iu":
            info = np.iinfo(dtype)
            lowest = info.min if low is None else int(np.ceil(low))
            highest = info.max if high is None else int(np.floor(high))
            return (
                st.integers(lowest, highest)
                if not self._special
                else st.one_of(st.integers(max(lowest, -9), min(highest, 9)), st.integers(lowest, highest))
            )
        width = dtype.itemsize * 8
        if low is None and high is None and self._special:
            return st.floats(width=width)  # pyright: ignore[reportArgumentType]
        lowest, highest = dtype.type(-9.0 if low is None else low), dtype.type(9.0 if high is None else high)
        return st.floats(float(lowest), float(highest), width=width, allow_subnormal=False)  # pyright: ignore


class GuidedSampler(HypothesisSampler):
    """A sampler that offers an array at hand wherever an op's rule could have drawn it.

    The rule's first choice of a shape, of a dtype and of an array without bounds are those of the array, as far as
    they are allowed; what it returns as an operand is then the array itself.

    Args:
        draw: hypothesis' draw function.
        offered: the array.
    """

    def __init__(self, draw: Any, offered: np.ndarray, special: bool = True, max_side: int = 4):
        super().__init__(draw, special, max_side)
        self._offered = offered
        self._shape_used = self._dtype_used = False

    def choice(self, options: Sequence[Any]) -> Any:
        """The array's dtype, if that is asked for."""
        dtypes = [option for option in options if isinstance(option, np.dtype)]
        if not self._dtype_used and self._offered.dtype in dtypes:
            self._dtype_used = True
            return self._offered.dtype
        return super().choice(options)

    def shape(self, min_rank: int = 0, max_rank: int = 3, min_side: int = 0, max_side: int = 4) -> tuple[int, ...]:
        """The array's shape, if it is allowed."""
        shape = self._offered.shape
        fits = min_rank <= len(shape) <= max_rank and all(size >= min_side for size in shape)
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
        self, shape: Sequence[int], dtype: np.dtype, low: float | None = None, high: float | None = None
    ) -> np.ndarray:
        """The array itself, where its shape and dtype are asked for and nothing is said of its values."""
        offered = self._offered
        free = dtype == np.bool_ or (low is None and high is None) or np.dtype(dtype).kind == "f"
        if free and offered.dtype == dtype and offered.shape == tuple(shape):
            return offered
        return super().array(shape, dtype, low, high)


@st.composite
def samples(draw: Any, op: type[HLOp], special: bool = True) -> Sample:
    """Valid operands and attributes for `op`.

    Example:
        >>> from hypothesis import given
        >>> from stepwell.dialects.hl import OPS
        >>> @given(samples(OPS["hl.add"]))
        ... def runs(sample):
        ...     OPS["hl.add"].evaluate(sample.operands, sample.attrs)
        >>> runs()
    """
    return op.sample(HypothesisSampler(draw, special))
