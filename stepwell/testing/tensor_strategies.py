"""Hypothesis strategies for tensors, with the values at which programs go wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from stepwell.compiler.frontend.ops import operators  # noqa: F401  tensors get their operators by this import
from stepwell.compiler.frontend.values.tensor import Tensor
from stepwell.dialects.dtypes import ALL, DType, as_dtype


@st.composite
def tensors(
    draw: Any,
    dtype: Any = None,
    shape: Sequence[int] | None = None,
    *,
    broadcasting: int | None = None,
    max_rank: int = 3,
    max_side: int = 4,
    special: bool = True,
) -> Any:
    """A tensor of any dtype, shape and values: 0-d and empty ones, NaN, infinities, -0, denormals, extremes.

    Examples shrink: towards bool, rank 0 and zeros.

    Args:
        dtype: a dtype; one of all by default.
        shape: the shape; any by default.
        broadcasting: give a tuple of so many tensors of one dtype instead, whose shapes broadcast (to `shape`).
        max_rank, max_side: bounds of the shape.
        special: whether floats are among the values that have no neighbours: NaN, infinities, -0, denormals, extremes;
            without them floats lie between -9 and 9.

    Example:
        >>> from hypothesis import given
        >>> import stepwell as sw
        >>> @given(tensors(broadcasting=2, dtype=sw.float32))
        ... def sums_commute(pair):
        ...     x, y = pair
        ...     np.testing.assert_array_equal(x + y, y + x)
        >>> sums_commute()
    """
    chosen = as_dtype(dtype) if dtype is not None else draw(st.sampled_from(ALL))
    if chosen not in ALL:
        raise ValueError(f"tensors: dtype: expected one of {', '.join(d.name for d in ALL)}, got {chosen.name}")
    if broadcasting is None:
        shapes = [tuple(shape) if shape is not None else draw(_shapes(max_rank, max_side))]
    else:
        shapes = _broadcasting(draw, broadcasting, shape, max_rank, max_side)
    elements = _elements(chosen, special)
    found = tuple(Tensor(draw(hnp.arrays(chosen, one, elements=elements, fill=st.nothing()))) for one in shapes)
    return found if broadcasting is not None else found[0]


def _shapes(max_rank: int, max_side: int) -> st.SearchStrategy[tuple[int, ...]]:
    return st.lists(st.integers(0, max_side), max_size=max_rank).map(tuple)


def _broadcasting(
    draw: Any, count: int, shape: Sequence[int] | None, max_rank: int, max_side: int
) -> list[tuple[int, ...]]:
    """Shapes that broadcast to a common one: leading axes are left out, others have size 1."""
    common = tuple(shape) if shape is not None else draw(_shapes(max_rank, max_side))
    shapes = []
    for _ in range(count):
        ones = draw(st.lists(st.booleans(), min_size=len(common), max_size=len(common)))
        one = tuple(1 if is_one else size for is_one, size in zip(ones, common, strict=True))
        shapes.append(one[draw(st.integers(0, len(common))) :])
    if shape is not None and count:
        shapes[draw(st.integers(0, count - 1))] = common
    return shapes


def _elements(dtype: DType, special: bool) -> st.SearchStrategy[Any]:
    """Small values, values anywhere, and those at the edges."""
    if dtype.is_bool:
        return st.booleans()
    if dtype.is_integer:
        info = np.iinfo(dtype)
        anywhere = st.integers(int(info.min), int(info.max))
        return st.one_of(
            st.integers(max(-9, int(info.min)), 9), anywhere, st.sampled_from([int(info.min), int(info.max)])
        )
    width: Any = dtype.size * 8
    small = st.floats(-9, 9, width=width, allow_subnormal=False)
    if not special:
        return small
    limits = dtype.finfo
    tiny, least, most = float(limits.tiny), float(limits.smallest_subnormal), float(limits.max)
    edges = [0.0, -0.0, np.inf, -np.inf, np.nan, least, -least, tiny, -tiny, most, -most]
    return st.one_of(small, st.sampled_from(edges), st.floats(width=width))
