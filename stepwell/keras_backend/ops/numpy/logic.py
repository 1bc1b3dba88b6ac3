"""Comparisons, logical functions, and choices by a condition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import stepwell as sw

from ..core import convert_to_tensor
from .indexing import nonzero
from .operands import common_dtype, dtype_name, is_complex, is_exact, operand, together


def equal(x1: Any, x2: Any) -> sw.Tensor:
    """Whether elements are equal."""
    return sw.equal(*together(x1, x2))


def not_equal(x1: Any, x2: Any) -> sw.Tensor:
    """Whether elements differ."""
    return sw.not_equal(*together(x1, x2))


def greater(x1: Any, x2: Any) -> sw.Tensor:
    """Whether elements of `x1` are greater."""
    return sw.greater(*_ordered(x1, x2))


def greater_equal(x1: Any, x2: Any) -> sw.Tensor:
    """Whether elements of `x1` are not less."""
    return sw.greater_equal(*_ordered(x1, x2))


def less(x1: Any, x2: Any) -> sw.Tensor:
    """Whether elements of `x1` are less."""
    return sw.less(*_ordered(x1, x2))


def less_equal(x1: Any, x2: Any) -> sw.Tensor:
    """Whether elements of `x1` are not greater."""
    return sw.less_equal(*_ordered(x1, x2))


def _ordered(x1: Any, x2: Any) -> tuple[sw.Tensor, sw.Tensor]:
    """Both as tensors of a dtype that has an order."""
    x1, x2 = together(x1, x2)
    return (sw.cast(x1, "int8"), sw.cast(x2, "int8")) if dtype_name(x1) == "bool" else (x1, x2)


def logical_and(x1: Any, x2: Any) -> sw.Tensor:
    """Whether both are True."""
    return sw.logical_and(convert_to_tensor(x1, "bool"), convert_to_tensor(x2, "bool"))


def logical_or(x1: Any, x2: Any) -> sw.Tensor:
    """Whether one is True."""
    return sw.logical_or(convert_to_tensor(x1, "bool"), convert_to_tensor(x2, "bool"))


def logical_xor(x1: Any, x2: Any) -> sw.Tensor:
    """Whether exactly one is True."""
    return sw.math.logical_xor(convert_to_tensor(x1, "bool"), convert_to_tensor(x2, "bool"))


def logical_not(x: Any) -> sw.Tensor:
    """Whether elements are False."""
    return sw.logical_not(convert_to_tensor(x, "bool"))


def isclose(x1: Any, x2: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> sw.Tensor:
    """Whether elements differ by less than `atol` plus `rtol` times the absolute value of `x2`."""
    x1, x2 = together(x1, x2)
    if is_exact(x1):
        return sw.equal(x1, x2)
    size = sw.abs(x2)
    bound = sw.constant(atol, size.dtype) + sw.constant(rtol, size.dtype) * size
    close = sw.equal(x1, x2) | (sw.less_equal(sw.abs(x1 - x2), bound) & isfinite(x2))
    return close | (isnan(x1) & isnan(x2)) if equal_nan else close


def allclose(x1: Any, x2: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> sw.Tensor:
    """Whether all elements are close."""
    return sw.reduce_all(isclose(x1, x2, rtol, atol, equal_nan))


def isfinite(x: Any) -> sw.Tensor:
    """Whether elements are neither infinite nor NaN."""
    x = convert_to_tensor(x)
    if is_complex(x):
        return isfinite(sw.math.real(x)) & isfinite(sw.math.imag(x))
    return sw.ones_like(x, "bool") if is_exact(x) else sw.math.is_finite(x)


def isinf(x: Any) -> sw.Tensor:
    """Whether elements are infinite."""
    x = convert_to_tensor(x)
    if is_complex(x):
        return isinf(sw.math.real(x)) | isinf(sw.math.imag(x))
    return sw.zeros_like(x, "bool") if is_exact(x) else sw.math.is_inf(x)


def isnan(x: Any) -> sw.Tensor:
    """Whether elements are NaN."""
    x = convert_to_tensor(x)
    return sw.zeros_like(x, "bool") if is_exact(x) else sw.not_equal(x, x)


def isneginf(x: Any) -> sw.Tensor:
    """Whether elements are -infinity."""
    x = convert_to_tensor(x)
    return sw.zeros_like(x, "bool") if is_exact(x) else sw.equal(x, sw.constant(float("-inf"), x.dtype))


def isposinf(x: Any) -> sw.Tensor:
    """Whether elements are infinity."""
    x = convert_to_tensor(x)
    return sw.zeros_like(x, "bool") if is_exact(x) else sw.equal(x, sw.constant(float("inf"), x.dtype))


def isreal(x: Any) -> sw.Tensor:
    """Whether imaginary parts are 0."""
    x = convert_to_tensor(x)
    return sw.equal(sw.math.imag(x), 0) if is_complex(x) else sw.ones_like(x, "bool")


def isin(x1: Any, x2: Any, assume_unique: bool = False, invert: bool = False) -> sw.Tensor:
    """Whether elements of `x1` are, or with `invert` are not, among those of `x2`."""
    x1, x2 = together(x1, x2)
    found = sw.reduce_any(sw.equal(sw.expand_dims(x1, -1), sw.reshape(x2, [-1])), axis=-1)
    return sw.logical_not(found) if invert else found


def where(condition: Any, x1: Any = None, x2: Any = None) -> Any:
    """Elements of `x1` where the condition is True, of `x2` elsewhere; without them, the indices where it is True."""
    condition = convert_to_tensor(condition, "bool")
    if x1 is None and x2 is None:
        return nonzero(condition)
    if x1 is None or x2 is None:
        raise ValueError("`x1` and `x2` either both should be `None` or both should have non-None value.")
    return sw.where(condition, *together(x1, x2))


def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> sw.Tensor:
    """Elements of the choice whose condition is the first that is True, `default` where none is."""
    choices = [operand(x) for x in choicelist]
    dtype = common_dtype([*choices, operand(default)])
    result = convert_to_tensor(default, dtype)
    for condition, choice in zip(reversed(list(condlist)), reversed(choices), strict=True):
        result = sw.where(convert_to_tensor(condition, "bool"), convert_to_tensor(choice, dtype), result)
    return result
