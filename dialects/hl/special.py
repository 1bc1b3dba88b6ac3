"""Elementwise functions of real numbers: sigmoids, trigonometry, the error function."""

from __future__ import annotations

from collections.abc import Sequence
from math import erf
from typing import Any, ClassVar

import numpy as np
from xdsl.dialects import arith, math
from xdsl.ir import SSAValue
from xdsl.irdl import irdl_op_definition

from ..emitter import Emitter
from ..types import dtype_of
from .rules.adapters import by_numpy, emits, pullback
from .rules.elementwise import FloatFunctionOp, FloatUnaryOp
from .rules.erf_graph import erf_nodes
from .rules.facets import OnnxGraph, OpCall

_erf = np.frompyfunc(erf, 1, 1)


@irdl_op_definition
class TanhOp(FloatFunctionOp):
    """The hyperbolic tangent of `x`, elementwise.

    Definition: NumPy `tanh`.
    """

    name = "hl.tanh"
    ONNX: ClassVar[str] = "Tanh"

    compute = by_numpy(np.tanh)
    scalar = emits(math.TanhOp)
    gradient = pullback(lambda m, x, y, dy: m.multiply(dy, m.subtract(m.cast(1, dy.dtype), m.multiply(y, y))))


@irdl_op_definition
class SigmoidOp(FloatFunctionOp):
    """`1 / (1 + exp(-x))`, elementwise.

    Definition: the formula.
    """

    name = "hl.sigmoid"
    ONNX: ClassVar[str] = "Sigmoid"

    compute = by_numpy(lambda x: 1 / (1 + np.exp(-x)))
    gradient = pullback(lambda m, x, y, dy: m.multiply(dy, m.multiply(y, m.subtract(m.cast(1, dy.dtype), y))))

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue) -> SSAValue:
        """The formula; where `exp` overflows the result is 0."""
        one = e.constant(1, x.type)
        power = e.value(math.ExpOp(e.value(arith.NegfOp(x))))
        return e.value(arith.DivfOp(one, e.value(arith.AddfOp(one, power))))


@irdl_op_definition
class ReluOp(FloatUnaryOp):
    """The greater of `x` and 0, elementwise; NaN stays NaN, and -0 becomes 0.

    Definition: IEEE 754-2019 `maximum` with 0; NumPy `maximum` with 0, which says nothing of the sign of zero.
    """

    name = "hl.relu"

    compute = by_numpy(lambda x: np.where(x <= 0, x.dtype.type(0), x))
    gradient = pullback(lambda m, x, y, dy: m.where(m.greater(x, m.cast(0, dy.dtype)), dy, m.zeros_like(dy)))

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue) -> SSAValue:
        """`arith.maximumf` with 0."""
        return e.value(arith.MaximumfOp(x, e.constant(0, x.type)))

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """0 where `x` is no more than that: ONNX Runtime's `Relu` of NaN is 0, and of -0 is -0."""
        (x,) = call.inputs
        if not g.exact:
            return [g.node("Relu", [x])]
        zero = g.constant(np.array(0, dtype_of(call.input_types[0])))
        return [g.node("Where", [g.node("LessOrEqual", [x, zero]), zero, x])]


@irdl_op_definition
class SinOp(FloatFunctionOp):
    """The sine of `x` radians, elementwise; NaN at the infinities.

    Definition: NumPy `sin`.
    """

    name = "hl.sin"
    ONNX: ClassVar[str] = "Sin"
    LOW: ClassVar[float | None] = -30.0
    HIGH: ClassVar[float | None] = 30.0
    WILD: ClassVar[bool] = False

    compute = by_numpy(np.sin)
    scalar = emits(math.SinOp)
    gradient = pullback(lambda m, x, y, dy: m.multiply(dy, m.cos(x)))


@irdl_op_definition
class CosOp(FloatFunctionOp):
    """The cosine of `x` radians, elementwise; NaN at the infinities.

    Definition: NumPy `cos`.
    """

    name = "hl.cos"
    ONNX: ClassVar[str] = "Cos"
    LOW: ClassVar[float | None] = -30.0
    HIGH: ClassVar[float | None] = 30.0
    WILD: ClassVar[bool] = False

    compute = by_numpy(np.cos)
    scalar = emits(math.CosOp)
    gradient = pullback(lambda m, x, y, dy: m.negative(m.multiply(dy, m.sin(x))))


@irdl_op_definition
class ErfOp(FloatFunctionOp):
    """The error function of `x`, elementwise: `2 / sqrt(pi)` times the integral of `exp(-t * t)` from 0 to `x`.

    Definition: C's `erf`, computed in float64 and rounded.
    """

    name = "hl.erf"

    compute = by_numpy(lambda x: np.asarray(_erf(x.astype(np.float64)), np.float64))
    scalar = emits(math.ErfOp)

    @classmethod
    def gradient(cls, m: Any, call: OpCall, dy: Any) -> Sequence[Any]:
        """`dy * 2 / sqrt(pi) * exp(-x * x)`."""
        x = call.inputs[0]
        slope = m.exp(m.negative(m.multiply(x, x)))
        return [m.multiply(m.multiply(dy, m.cast(2 / np.sqrt(np.pi), dy.dtype)), slope)]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`Erf`; for float64, which ONNX Runtime has no kernel for, rational approximations."""
        (x,) = call.inputs
        if dtype_of(call.input_types[0]) == np.dtype(np.float32):
            return [g.node("Erf", [x])]
        return [erf_nodes(g, x)]
