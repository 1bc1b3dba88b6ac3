"""What arguments are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ml_dtypes
import numpy as np
from hypothesis import strategies as st

Draw = Callable[[st.SearchStrategy[Any]], Any]

FLOATS = ("float32", "float64", "float16", "bfloat16")
INTS = ("int32", "int64", "int8", "int16", "uint8", "uint16", "uint32", "uint64")
_WIDE = ("float32", "float64", "int32", "int64")
_SPECIAL = (0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -1.0, 0.5)


def choice(draw: Draw, *options: Any) -> Any:
    """One of some values."""
    return draw(st.sampled_from(options))


def flag(draw: Draw, one_in: int) -> bool:
    """True once in so many times."""
    return draw(st.integers(0, one_in - 1)) == one_in - 1


def whole(draw: Draw, low: int, high: int) -> int:
    """An integer between bounds."""
    return draw(st.integers(low, high))


def dtype(draw: Draw) -> str:
    """The name of any dtype; those that programs use most, most often."""
    return choice(draw, *_WIDE, *_WIDE, "bool", choice(draw, *FLOATS, *INTS))


def floats(draw: Draw) -> str:
    """The name of a floating-point dtype."""
    return choice(draw, "float32", "float64", choice(draw, *FLOATS))


def ints(draw: Draw) -> str:
    """The name of an integer dtype."""
    return choice(draw, "int32", "int64", choice(draw, *INTS))


def shape(draw: Draw, least: int = 0) -> tuple[int, ...]:
    """A shape of few dimensions; some are empty."""
    return tuple(choice(draw, 2, 3, 1, 4, 2, 3, 0) for _ in range(whole(draw, least, 3)))


def axis_of(draw: Draw, x: np.ndarray) -> int:
    """An axis of an array, from either end; rarely none of its."""
    if flag(draw, 16) or not x.ndim:
        return choice(draw, 0, -1, x.ndim, -x.ndim - 1)
    return whole(draw, -x.ndim, x.ndim - 1)


def array(draw: Draw, name: str, sizes: Sequence[int], special: bool = True, small: bool = False) -> np.ndarray:
    """An array of numbers at hand, and, unless not `special`, of limits, NaN and infinities among them."""
    kind = np.dtype(getattr(ml_dtypes, name, name))
    source = np.random.default_rng(whole(draw, 0, 2**32 - 1))
    if name == "bool":
        return source.integers(0, 2, sizes).astype(bool)
    if name in FLOATS:
        found = np.array(source.normal(0, 3, sizes)).astype(kind)
        for place in range(min(found.size, 2) if special and flag(draw, 3) else 0):
            found.flat[place] = choice(draw, *_SPECIAL)
        return found
    low = 0 if name.startswith("u") else -4
    found = np.array(source.integers(0 if small else low, 5, sizes)).astype(kind)
    if special and not small and found.size and flag(draw, 6):
        found.flat[0] = choice(draw, np.iinfo(kind).min, np.iinfo(kind).max)
    return found
