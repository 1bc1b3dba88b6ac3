"""Functions of elements as functions of tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from keras.src.backend.common.backend_utils import vectorize_impl

from ..core import vectorized_map


def _over_the_first_axis(function: Callable[..., Any], in_axes: Sequence[int | None]) -> Callable[..., Any]:
    """`function` of each element along the first axis of the arguments that have an axis, and of the others whole."""

    def mapped(*args: Any) -> Any:
        def of_elements(elements: list[Any]) -> Any:
            rest = iter(elements)
            return function(*(arg if axis is None else next(rest) for arg, axis in zip(args, in_axes, strict=True)))

        return vectorized_map(of_elements, [arg for arg, axis in zip(args, in_axes, strict=True) if axis is not None])

    return mapped


def vectorize(pyfunc: Callable[..., Any], *, excluded: Any = None, signature: str | None = None) -> Callable[..., Any]:
    """A function of tensors that calls `pyfunc` with each of their elements."""
    return vectorize_impl(pyfunc, _over_the_first_axis, excluded=excluded, signature=signature)
