"""Checks for people: what a tensor has to be, tested eagerly or when a compiled function runs.

Shapes and dtypes are tested at once, in a trace too. Elements are tested when they are known: at once, or when the
compiled function runs. A check that fails is an error at the user's line.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ....dialects.diagnostics import InvalidTypeError
from ....dialects.dtypes import DTypeLike, dtype_named
from ....dialects.public import public
from ..values.dispatch import as_tensor, as_tensors, scalar_like
from ..values.tensor import Tensor, TensorLike
from .effects import Assert
from .logic import equal, greater, greater_equal, is_finite, less, less_equal, not_equal
from .math import abs, add, multiply, subtract
from .reduce import reduce_all


def _hold(function: str, test: Tensor, wanted: str, message: str | None, *values: Tensor) -> None:
    """Stop unless all of `test` holds; eagerly the first elements for which it does not are shown."""
    text = f"{function}: {message}: " if message else f"{function}: "
    text += f"expected {wanted}"
    if not test.is_symbolic and not np.all(test):
        held = np.asarray(test)
        place = tuple(int(i) for i in np.argwhere(~np.atleast_1d(held))[0])[: held.ndim]
        found = [np.broadcast_to(np.asarray(value), held.shape)[place] for value in values]
        where = f" at {list(place)}" if place else ""
        text += f", got {' and '.join(str(item) for item in found)}{where}"
    Assert(reduce_all(test), message=text.replace("{", "{{").replace("}", "}}"))


def _compared(
    function: str,
    compare: Callable[[Tensor, Tensor], Tensor],
    symbol: str,
    x: TensorLike,
    y: TensorLike,
    text: str | None,
) -> None:
    left, right = as_tensors(function, x, y)
    _hold(function, compare(left, right), f"x {symbol} y", text, left, right)


def _with_zero(
    function: str, compare: Callable[[Tensor, Tensor], Tensor], symbol: str, x: TensorLike, text: str | None
) -> None:
    value = as_tensor(x, name=f"{function}: x")
    _hold(function, compare(value, scalar_like(0, value)), f"x {symbol} 0", text, value)


@public("debugging", top=True)
def assert_equal(
    x: TensorLike, y: TensorLike, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Stop unless `x == y` for every element.

    Example:
        >>> import stepwell as sw
        >>> sw.debugging.assert_equal([1, 2], [1, 3])
        Traceback (most recent call last):
        stepwell.dialects.diagnostics.FailedAssertionError: assert_equal: expected x == y, got 2 and 3 at [1]
    """
    _compared("assert_equal", equal, "==", x, y, message)


@public("debugging")
def assert_none_equal(
    x: TensorLike, y: TensorLike, summarize: int | None = None, message: str | None = None, name: str | None = None
) -> None:
    """Stop unless `x != y` for every element."""
    _compared("assert_none_equal", not_equal, "!=", x, y, message)


@public("debugging", top=True)
def assert_less(
    x: TensorLike, y: TensorLike, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Stop unless `x < y` for every element."""
    _compared("assert_less", less, "<", x, y, message)


@public("debugging")
def assert_less_equal(
    x: TensorLike, y: TensorLike, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Stop unless `x <= y` for every element."""
    _compared("assert_less_equal", less_equal, "<=", x, y, message)


@public("debugging", top=True)
def assert_greater(
    x: TensorLike, y: TensorLike, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Stop unless `x > y` for every element."""
    _compared("assert_greater", greater, ">", x, y, message)


@public("debugging")
def assert_greater_equal(
    x: TensorLike, y: TensorLike, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Stop unless `x >= y` for every element."""
    _compared("assert_greater_equal", greater_equal, ">=", x, y, message)


@public("debugging")
def assert_positive(
    x: TensorLike, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Stop unless every element is above 0."""
    _with_zero("assert_positive", greater, ">", x, message)


@public("debugging")
def assert_negative(
    x: TensorLike, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Stop unless every element is below 0."""
    _with_zero("assert_negative", less, "<", x, message)


@public("debugging")
def assert_non_negative(
    x: TensorLike, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Stop unless every element is 0 or above."""
    _with_zero("assert_non_negative", greater_equal, ">=", x, message)


@public("debugging")
def assert_non_positive(
    x: TensorLike, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Stop unless every element is 0 or below."""
    _with_zero("assert_non_positive", less_equal, "<=", x, message)


@public("debugging")
def assert_near(
    x: TensorLike,
    y: TensorLike,
    rtol: float | None = None,
    atol: float | None = None,
    message: str | None = None,
    summarize: int | None = None,
    name: str | None = None,
) -> None:
    """Stop unless `|x - y| <= atol + rtol * |y|` for every element.

    Both bounds are 10 times the dtype's precision if not given.

    Example:
        >>> import stepwell as sw
        >>> sw.debugging.assert_near([1.0], [1.0000001])
    """
    left, right = as_tensors("assert_near", x, y)
    if not left.dtype.is_floating:
        raise InvalidTypeError(f"assert_near: x: expected floats, got dtype {left.dtype.name}")
    default = 10 * float(left.dtype.finfo.eps)
    relative, absolute = (default if bound is None else float(bound) for bound in (rtol, atol))
    bound = add(multiply(abs(right), relative), absolute)
    wanted = f"|x - y| <= {absolute:.3g} + {relative:.3g} * |y|"
    _hold("assert_near", less_equal(abs(subtract(left, right)), bound), wanted, message, left, right)


@public("debugging")
def assert_all_finite(x: TensorLike, message: str | None = None, name: str | None = None) -> None:
    """Stop unless every element is neither NaN nor an infinity."""
    value = as_tensor(x, name="assert_all_finite: x")
    _hold("assert_all_finite", is_finite(value), "finite numbers", message, value)


@public("debugging")
def check_numerics(tensor: TensorLike, message: str, name: str | None = None) -> Tensor:
    """`tensor`, after a check that every element is neither NaN nor an infinity.

    Example:
        >>> import stepwell as sw
        >>> sw.debugging.check_numerics([1.0, float("nan")], "x")
        Traceback (most recent call last):
        stepwell.dialects.diagnostics.FailedAssertionError: check_numerics: x: expected finite numbers, got nan at [1]
    """
    value = as_tensor(tensor, name="check_numerics: tensor")
    _hold("check_numerics", is_finite(value), "finite numbers", message, value)
    return value


def _fail(function: str, wanted: str, got: str, message: str | None, error: type[Exception]) -> None:
    raise error(f"{function}: " + (f"{message}: " if message else "") + f"expected {wanted}, got {got}")


@public("debugging", top=True)
def assert_rank(x: TensorLike, rank: int, message: str | None = None, name: str | None = None) -> None:
    """ValueError unless `x` has `rank` axes.

    Example:
        >>> import stepwell as sw
        >>> sw.debugging.assert_rank([1, 2], 2)
        Traceback (most recent call last):
        ValueError: assert_rank: expected 2 axes, got shape (2,)
    """
    value = as_tensor(x, name="assert_rank: x")
    if value.ndim != int(rank):
        _fail("assert_rank", f"{int(rank)} axes", f"shape {value.shape}", message, ValueError)


@public("debugging")
def assert_rank_at_least(x: TensorLike, rank: int, message: str | None = None, name: str | None = None) -> None:
    """ValueError unless `x` has `rank` axes or more."""
    value = as_tensor(x, name="assert_rank_at_least: x")
    if value.ndim < int(rank):
        _fail("assert_rank_at_least", f"{int(rank)} axes or more", f"shape {value.shape}", message, ValueError)


@public("debugging")
def assert_scalar(tensor: TensorLike, message: str | None = None, name: str | None = None) -> Tensor:
    """`tensor`; ValueError unless it has no axes."""
    value = as_tensor(tensor, name="assert_scalar: tensor")
    if value.ndim:
        _fail("assert_scalar", "a scalar", f"shape {value.shape}", message, ValueError)
    return value


@public("debugging")
def assert_type(tensor: TensorLike, tf_type: DTypeLike, message: str | None = None, name: str | None = None) -> None:
    """TypeError unless `tensor` is of dtype `tf_type`."""
    value = as_tensor(tensor, name="assert_type: tensor")
    wanted = dtype_named(tf_type, "assert_type: tf_type")
    if value.dtype != wanted:
        _fail("assert_type", f"dtype {wanted.name}", value.dtype.name, message, TypeError)


@public("debugging")
def assert_integer(x: TensorLike, message: str | None = None, name: str | None = None) -> None:
    """TypeError unless `x` is of an integer dtype."""
    value = as_tensor(x, name="assert_integer: x")
    if not value.dtype.is_integer:
        _fail("assert_integer", "integers", f"dtype {value.dtype.name}", message, TypeError)


@public("debugging")
def is_numeric_tensor(tensor: object) -> bool:
    """Whether `tensor` is a tensor of numbers.

    Example:
        >>> import stepwell as sw
        >>> sw.debugging.is_numeric_tensor(sw.constant([True]))
        False
    """
    return isinstance(tensor, Tensor) and tensor.dtype.is_number
