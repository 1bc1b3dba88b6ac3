"""Bits of integers, and common divisors and multiples."""

from __future__ import annotations

from typing import Any

import stepwell as sw

from ..core import convert_to_tensor
from .operands import dtype_name, is_exact, together


def bitwise_and(x: Any, y: Any) -> sw.Tensor:
    """The bits that both have."""
    x, y = together(x, y)
    return sw.logical_and(x, y) if dtype_name(x) == "bool" else sw.bitwise.bitwise_and(x, y)


def bitwise_or(x: Any, y: Any) -> sw.Tensor:
    """The bits that one has."""
    x, y = together(x, y)
    return sw.logical_or(x, y) if dtype_name(x) == "bool" else sw.bitwise.bitwise_or(x, y)


def bitwise_xor(x: Any, y: Any) -> sw.Tensor:
    """The bits that exactly one has."""
    x, y = together(x, y)
    return sw.not_equal(x, y) if dtype_name(x) == "bool" else sw.bitwise.bitwise_xor(x, y)


def bitwise_invert(x: Any) -> sw.Tensor:
    """The bits that elements do not have."""
    x = convert_to_tensor(x)
    return sw.logical_not(x) if dtype_name(x) == "bool" else sw.bitwise.invert(x)


def bitwise_not(x: Any) -> sw.Tensor:
    """The bits that elements do not have."""
    return bitwise_invert(x)


def bitwise_left_shift(x: Any, y: Any) -> sw.Tensor:
    """The bits moved to higher places."""
    return sw.bitwise.left_shift(*together(x, y))


def left_shift(x: Any, y: Any) -> sw.Tensor:
    """The bits moved to higher places."""
    return bitwise_left_shift(x, y)


def bitwise_right_shift(x: Any, y: Any) -> sw.Tensor:
    """The bits moved to lower places."""
    return sw.bitwise.right_shift(*together(x, y))


def right_shift(x: Any, y: Any) -> sw.Tensor:
    """The bits moved to lower places."""
    return bitwise_right_shift(x, y)


def gcd(x1: Any, x2: Any) -> sw.Tensor:
    """The greatest common divisors, by Euclid's algorithm."""
    x1, x2 = _magnitudes("gcd", x1, x2)
    zero, one = sw.zeros([], x1.dtype), sw.ones([], x1.dtype)
    x1, x2 = x1 + sw.zeros_like(x2), x2 + sw.zeros_like(x1)

    def step(a: sw.Tensor, b: sw.Tensor) -> tuple[sw.Tensor, sw.Tensor]:
        rest = sw.math.floormod(a, sw.where(sw.equal(b, zero), one, b))
        return sw.where(sw.equal(b, zero), a, b), rest * sw.cast(sw.not_equal(b, zero), b.dtype)

    return sw.while_loop(lambda _, b: sw.reduce_any(sw.not_equal(b, zero)), step, (x1, x2))[0]


def lcm(x1: Any, x2: Any) -> sw.Tensor:
    """The least common multiples."""
    x1, x2 = _magnitudes("lcm", x1, x2)
    divisor = gcd(x1, x2)
    return x1 * sw.math.floordiv(x2, sw.maximum(divisor, sw.ones([], divisor.dtype)))


def _magnitudes(function: str, x1: Any, x2: Any) -> list[sw.Tensor]:
    """Absolute values of integers of a common dtype."""
    x1, x2 = together(x1, x2)
    if not is_exact(x1) or dtype_name(x1) == "bool":
        raise TypeError(f"Arguments to {function} must be integers. Received: {x1.dtype.name}")
    return [x if dtype_name(x).startswith("uint") else sw.abs(x) for x in (x1, x2)]
