"""The checks of `compat.v1`: those of `debugging`, whose message comes after two other arguments."""

from __future__ import annotations

from collections.abc import Sequence

from ...compiler.frontend.ops import checks
from ...compiler.frontend.values.tensor import TensorLike
from ...dialects.public import public


@public("compat.v1", "compat.v1.debugging")
def assert_equal(
    x: TensorLike,
    y: TensorLike,
    data: Sequence[object] | None = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> None:
    """Stop unless `x == y` for every element.

    Example:
        >>> import stepwell as sw
        >>> sw.compat.v1.assert_equal([1, 2], [1, 3], message="sizes")
        Traceback (most recent call last):
        stepwell.dialects.diagnostics.FailedAssertionError: assert_equal: sizes: expected x == y, got 2 and 3 at [1]
    """
    checks.assert_equal(x, y, message=message)


@public("compat.v1", "compat.v1.debugging")
def assert_none_equal(
    x: TensorLike,
    y: TensorLike,
    data: Sequence[object] | None = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> None:
    """Stop unless `x != y` for every element."""
    checks.assert_none_equal(x, y, message=message)


@public("compat.v1", "compat.v1.debugging")
def assert_less(
    x: TensorLike,
    y: TensorLike,
    data: Sequence[object] | None = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> None:
    """Stop unless `x < y` for every element."""
    checks.assert_less(x, y, message=message)


@public("compat.v1", "compat.v1.debugging")
def assert_less_equal(
    x: TensorLike,
    y: TensorLike,
    data: Sequence[object] | None = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> None:
    """Stop unless `x <= y` for every element."""
    checks.assert_less_equal(x, y, message=message)


@public("compat.v1", "compat.v1.debugging")
def assert_greater(
    x: TensorLike,
    y: TensorLike,
    data: Sequence[object] | None = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> None:
    """Stop unless `x > y` for every element."""
    checks.assert_greater(x, y, message=message)


@public("compat.v1", "compat.v1.debugging")
def assert_greater_equal(
    x: TensorLike,
    y: TensorLike,
    data: Sequence[object] | None = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> None:
    """Stop unless `x >= y` for every element."""
    checks.assert_greater_equal(x, y, message=message)


@public("compat.v1", "compat.v1.debugging")
def assert_positive(
    x: TensorLike,
    data: Sequence[object] | None = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> None:
    """Stop unless every element is above 0."""
    checks.assert_positive(x, message=message)


@public("compat.v1", "compat.v1.debugging")
def assert_negative(
    x: TensorLike,
    data: Sequence[object] | None = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> None:
    """Stop unless every element is below 0."""
    checks.assert_negative(x, message=message)


@public("compat.v1", "compat.v1.debugging")
def assert_non_negative(
    x: TensorLike,
    data: Sequence[object] | None = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> None:
    """Stop unless every element is 0 or above."""
    checks.assert_non_negative(x, message=message)


@public("compat.v1", "compat.v1.debugging")
def assert_non_positive(
    x: TensorLike,
    data: Sequence[object] | None = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> None:
    """Stop unless every element is 0 or below."""
    checks.assert_non_positive(x, message=message)
