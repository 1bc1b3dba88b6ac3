"""Floats to integers where they may be too large: one rule, on numpy, in scalars and in ONNX.

Rounded towards zero; the nearest integer of the dtype for what lies outside; 0 for NaN.
"""

from __future__ import annotations

import numpy as np
from xdsl.dialects import arith
from xdsl.dialects.builtin import IntegerType
from xdsl.ir import SSAValue

from ...dtypes import DType, element_type
from ...emitter import Emitter
from .facets import OnnxGraph


def _limits(dtype: DType) -> tuple[float, float]:
    """What is as little as the least integer or less, and what is more than the greatest one: every float has both."""
    return (0.0, 2.0**dtype.bits) if dtype.is_unsigned else (-(2.0 ** (dtype.bits - 1)), 2.0 ** (dtype.bits - 1))


def saturated(x: np.ndarray, dtype: DType) -> np.ndarray:
    """The rule on an array."""
    low, high = _limits(dtype)
    inside = np.where((low < x) & (x < high), x, 0).astype(dtype)
    number = dtype.as_numpy_dtype
    return np.where(x >= high, number(dtype.max), np.where(x <= low, number(dtype.min), inside))


def to_integer(e: Emitter, x: SSAValue, dtype: DType) -> SSAValue:
    """The rule on a scalar; the conversion itself is only ever given what fits."""
    low, high = _limits(dtype)
    type_ = element_type(dtype)
    assert isinstance(type_, IntegerType)
    above = e.value(arith.CmpfOp(x, e.constant(high, x.type), "oge"))
    below = e.value(arith.CmpfOp(x, e.constant(low, x.type), "ole"))
    is_nan = e.value(arith.CmpfOp(x, x, "uno"))
    outside = e.value(arith.OrIOp(e.value(arith.OrIOp(above, below)), is_nan))
    safe = e.value(arith.SelectOp(outside, e.constant(0, x.type), x))
    result = e.value(arith.FPToSIOp(safe, type_))
    result = e.value(arith.SelectOp(below, e.constant(dtype.min, type_), result))
    return e.value(arith.SelectOp(above, e.constant(dtype.max, type_), result))


def onnx_saturating(g: OnnxGraph, x: str, source: DType, dtype: DType) -> str:
    """The rule in ONNX."""
    low, high = _limits(dtype)
    above = g.node("GreaterOrEqual", [x, g.constant(np.array(high, source))])
    below = g.node("LessOrEqual", [x, g.constant(np.array(low, source))])
    outside = g.node("Or", [g.node("Or", [above, below]), g.node("IsNaN", [x])])
    inside = g.cast(g.node("Where", [outside, g.constant(np.array(0, source)), x]), dtype)
    result = g.node("Where", [below, g.constant(np.array(dtype.min, dtype)), inside])
    return g.node("Where", [above, g.constant(np.array(dtype.max, dtype)), result])
