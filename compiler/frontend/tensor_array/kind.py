"""What a TensorArray is, whatever its elements are and wherever they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.dtypes import DType

Shape = tuple[int | None, ...]

READ_OUTSIDE = "Tried to read from index {0} but array size is: {1}"
READ_NEGATIVE = "Reading from negative indices (index {0}) is not allowed."
WRITE_OUTSIDE = "Tried to write to index {0} but array is not resizeable and size is: {1}"
WRITE_NEGATIVE = "Writing to negative indices (index {0}) is not allowed."


class Kind(NamedTuple):
    """What stays the same of a TensorArray, however it is written.

    Attributes:
        dtype: of its elements.
        element_shape: their shape as the user gave it; None where they did not.
        grows: whether writing behind its end makes it larger.
        infer_shape: whether all elements must have one shape.
        clear_after_read: whether an element may be read only once (outside of functions).
    """

    dtype: DType
    element_shape: Shape | None
    grows: bool
    infer_shape: bool
    clear_after_read: bool


def known_shape(method: str, shape: Sequence[int | None] | None) -> list[int]:
    """`shape`, all of whose sizes are known; ValueError where elements that were never written have none."""
    if shape is None or any(size is None for size in shape):
        raise InvalidArgumentError(
            f"TensorArray.{method}: an element was never written, and the shape of elements is not known: "
            f"{_text(shape)}; give element_shape"
        )
    return [size for size in shape if size is not None]


def check_shape(shape: Sequence[int | None], expected: Sequence[int | None] | None) -> None:
    """ValueError unless a value of `shape` may be an element where `expected` is known of their shape."""
    if expected is None:
        return
    fits = len(shape) == len(expected) and all(None in (a, b) or a == b for a, b in zip(shape, expected))
    if not fits:
        raise InvalidArgumentError(
            f"TensorArray: Incompatible shape for value ({_text(shape)}), expected ({_text(expected)})"
        )


def _text(shape: Sequence[int | None] | None) -> str:
    if shape is None:
        return "unknown"
    return "[" + ", ".join("?" if size is None else str(size) for size in shape) + "]"
