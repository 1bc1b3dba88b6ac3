"""Functions of elements as functions of tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras.src.backend.common.backend_utils import vectorize_impl

from ..core import vectorized_map


def _over_the_first_axis(function: Callable[..., Any], in_axes: Any = 0) -> Callable[..., Any]:
    """`function` of each element along the first axis of its argument."""
    if in_axes != 0:
        raise ValueError("Not supported with `vectorize()` with the stepwell backend.")
    return lambda x: vectorized_map(function, x)


def vectorize(pyfunc: Callable[..., Any], *, excluded: Any = None, signature: str | None = None) -> Callable[..., Any]:
    """A function of tensors that calls `pyfunc` with each of their elements."""
    return vectorize_impl(pyfunc, _over_the_first_axis, excluded=excluded, signature=signature)
