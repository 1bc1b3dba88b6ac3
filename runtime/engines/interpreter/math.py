"""The meaning of `math`: numpy's functions, in the precision of their operands."""

from __future__ import annotations

from collections.abc import Callable
from math import erf

import numpy as np
from xdsl.dialects import math
from xdsl.ir import Operation

from ....dialects.hl.power import float_power
from .fused import fused_multiply_add
from .machine import pure_functions
from .values import Value, as_signed, as_unsigned

_erf = np.frompyfunc(erf, 1, 1)
_bit_length = np.frompyfunc(int.bit_length, 1, 1)
_power = np.frompyfunc(lambda base, exponent, modulus: pow(base, exponent, modulus), 3, 1)


def error_function(x: Value) -> Value:
    """`erf`, computed in 64 bits and rounded."""
    return np.asarray(_erf(x.astype(np.float64))).astype(x.dtype)[()]


def round_half_away(x: Value) -> Value:
    """The nearest whole number; of two, the one farther from zero."""
    whole = np.trunc(x)
    up = np.abs(x - whole) >= 0.5
    return np.copysign(np.abs(whole) + up.astype(x.dtype), x)


def reciprocal_root(x: Value) -> Value:
    """`1 / sqrt(x)`, rounded after each step."""
    return np.divide(x.dtype.type(1), np.sqrt(x))


def absolute(x: Value) -> Value:
    """The absolute value; the least integer stays as it is."""
    return np.abs(as_signed(x)).view(x.dtype)


def _width(x: Value) -> int:
    return 8 * x.dtype.itemsize


def count_ones(x: Value) -> Value:
    """How many bits are set."""
    return np.bitwise_count(as_unsigned(x)).astype(x.dtype)


def count_leading_zeros(x: Value) -> Value:
    """How many bits above the highest one that is set."""
    return (_width(x) - np.asarray(_bit_length(np.asarray(as_unsigned(x)).astype(object)))).astype(x.dtype)[()]


def count_trailing_zeros(x: Value) -> Value:
    """How many bits below the lowest one that is set."""
    unsigned = as_unsigned(x)
    below = ~unsigned & (unsigned - unsigned.dtype.type(1))
    return np.bitwise_count(below).astype(x.dtype)


def integer_power(base: Value, exponent: Value) -> Value:
    """`base` to the power of `exponent`, wrapping around; a negative power is 0 but for bases 1 and -1."""
    modulus = 1 << _width(base)
    power = _power(np.asarray(as_unsigned(base)).astype(object), np.abs(np.asarray(exponent).astype(object)), modulus)
    wrapped = np.asarray(power).astype(f"u{base.dtype.itemsize}").view(base.dtype)
    unit = (base == 1) | (base == -1)
    return np.where((exponent >= 0) | unit, wrapped, base.dtype.type(0))[()]


TABLE: dict[type[Operation], Callable[..., Value]] = {
    math.AbsFOp: np.abs,
    math.AbsIOp: absolute,
    math.AcosOp: np.arccos,
    math.AcoshOp: np.arccosh,
    math.AsinOp: np.arcsin,
    math.AsinhOp: np.arcsinh,
    math.Atan2Op: np.arctan2,
    math.AtanOp: np.arctan,
    math.AtanhOp: np.arctanh,
    math.CbrtOp: np.cbrt,
    math.CeilOp: np.ceil,
    math.CopySignOp: np.copysign,
    math.CosOp: np.cos,
    math.CoshOp: np.cosh,
    math.CountLeadingZerosOp: count_leading_zeros,
    math.CountTrailingZerosOp: count_trailing_zeros,
    math.CtPopOp: count_ones,
    math.ErfOp: error_function,
    math.Exp2Op: np.exp2,
    math.ExpM1Op: np.expm1,
    math.ExpOp: np.exp,
    math.FPowIOp: lambda x, n: np.power(x, n.astype(x.dtype)),
    math.FloorOp: np.floor,
    math.FmaOp: fused_multiply_add,
    math.IPowIOp: integer_power,
    math.Log10Op: np.log10,
    math.Log1pOp: np.log1p,
    math.Log2Op: np.log2,
    math.LogOp: np.log,
    math.PowFOp: lambda x, y: float_power(x, y)[()],
    math.RoundEvenOp: np.rint,
    math.RoundOp: round_half_away,
    math.RsqrtOp: reciprocal_root,
    math.SinOp: np.sin,
    math.SinhOp: np.sinh,
    math.SqrtOp: np.sqrt,
    math.TanOp: np.tan,
    math.TanhOp: np.tanh,
    math.TruncOp: np.trunc,
}
"""What each op computes."""

FUNCTIONS = (pure_functions("MathFunctions", TABLE),)
