"""Elementwise functions of real numbers: exponentials, logarithms, roots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from xdsl.dialects import arith, math
from xdsl.ir import SSAValue
from xdsl.irdl import irdl_op_definition

from ..dtypes import dtype_of
from ..emitter import Emitter
from .rules.adapters import by_numpy, emits, pullback
from .rules.elementwise import FloatFunctionOp
from .rules.facets import OnnxGraph, OpCall
from .rules.pairs import (
    by_formula,
    exponential,
    exponential_less_1,
    inverse,
    logarithm,
    logarithm_of_1_plus,
    square_root,
)


def _constant(g: OnnxGraph, call: OpCall, value: float) -> str:
    """A constant of the operand's dtype."""
    return g.constant(np.array(value, dtype_of(call.input_types[0])))


@irdl_op_definition
class ExpOp(FloatFunctionOp):
    """`e ** x`, elementwise.

    Definition: NumPy `exp`.
    """

    name = "hl.exp"
    ONNX: ClassVar[str] = "Exp"

    compute = by_numpy(np.exp)
    scalar = emits(math.ExpOp)
    decompose = by_formula(exponential)
    gradient = pullback(lambda m, x, y, dy: m.multiply(dy, m.conj(y)))


@irdl_op_definition
class Expm1Op(FloatFunctionOp):
    """`e ** x - 1`, elementwise, exact for small `x` too.

    Definition: NumPy `expm1`.
    """

    name = "hl.expm1"

    compute = by_numpy(np.expm1)
    scalar = emits(math.ExpM1Op)
    decompose = by_formula(exponential_less_1)
    gradient = pullback(lambda m, x, y, dy: m.multiply(dy, m.conj(m.add(y, m.cast(1, dy.dtype)))))

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """Kahan's `(u - 1) * x / log(u)` for `u = exp(x)`; the limits where that is undefined."""
        (x,) = call.inputs
        one = _constant(g, call, 1)
        u = g.node("Exp", [x])
        less = g.node("Sub", [u, one])
        inner = g.node("Mul", [less, g.node("Div", [x, g.node("Log", [u])])])
        plain = g.node("Greater", [g.node("Abs", [x]), one])
        result = g.node("Where", [plain, less, inner])
        return [g.node("Where", [g.node("Equal", [u, one]), x, result])]


@irdl_op_definition
class LogOp(FloatFunctionOp):
    """The natural logarithm of `x`, elementwise: -inf at 0, NaN below.

    Definition: NumPy `log`.
    """

    name = "hl.log"
    ONNX: ClassVar[str] = "Log"
    LOW: ClassVar[float | None] = 0.05
    HIGH: ClassVar[float | None] = 8.0

    compute = by_numpy(np.log)
    scalar = emits(math.LogOp)
    decompose = by_formula(logarithm)
    gradient = pullback(lambda m, x, y, dy: m.divide(dy, m.conj(x)))


@irdl_op_definition
class Log1pOp(FloatFunctionOp):
    """`log(1 + x)`, elementwise, exact for small `x` too: -inf at -1, NaN below.

    Definition: NumPy `log1p`.
    """

    name = "hl.log1p"
    LOW: ClassVar[float | None] = -0.9
    HIGH: ClassVar[float | None] = 8.0

    compute = by_numpy(np.log1p)
    decompose = by_formula(logarithm_of_1_plus)
    scalar = emits(math.Log1pOp)
    gradient = pullback(lambda m, x, y, dy: m.divide(dy, m.conj(m.add(x, m.cast(1, dy.dtype)))))

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """Kahan's `log(u) * x / (u - 1)` for `u = 1 + x`; `log(u)` itself for large `x`, `x` where `u` is 1."""
        (x,) = call.inputs
        one = _constant(g, call, 1)
        u = g.node("Add", [x, one])
        log = g.node("Log", [u])
        inner = g.node("Mul", [log, g.node("Div", [x, g.node("Sub", [u, one])])])
        plain = g.node("Greater", [g.node("Abs", [x]), _constant(g, call, 0.5)])
        result = g.node("Where", [plain, log, inner])
        return [g.node("Where", [g.node("Equal", [u, one]), x, result])]


@irdl_op_definition
class SqrtOp(FloatFunctionOp):
    """The square root of `x`, elementwise: NaN below 0, -0 at -0.

    Definition: IEEE 754 squareRoot.
    """

    name = "hl.sqrt"
    ONNX: ClassVar[str] = "Sqrt"
    LOW: ClassVar[float | None] = 0.05
    HIGH: ClassVar[float | None] = 8.0

    compute = by_numpy(np.sqrt)
    scalar = emits(math.SqrtOp)
    decompose = by_formula(square_root)
    gradient = pullback(lambda m, x, y, dy: m.divide(m.multiply(dy, m.cast(0.5, dy.dtype)), m.conj(y)))


@irdl_op_definition
class RsqrtOp(FloatFunctionOp):
    """`1 / sqrt(x)`, elementwise, rounded after each step: NaN below 0, an infinity at 0.

    Definition: TensorFlow `math.rsqrt`.
    """

    name = "hl.rsqrt"
    LOW: ClassVar[float | None] = 0.05
    HIGH: ClassVar[float | None] = 8.0

    compute = by_numpy(lambda x: np.divide(x.dtype.type(1), np.sqrt(x)))
    decompose = by_formula(lambda z: inverse(square_root(z)))
    gradient = pullback(lambda m, x, y, dy: m.multiply(m.multiply(dy, m.cast(-0.5, dy.dtype)), m.conj(m.divide(y, x))))

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue) -> SSAValue:
        """`math.sqrt` and a division."""
        return e.value(arith.DivfOp(e.constant(1, x.type), e.value(math.SqrtOp(x))))

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """1 divided by `Sqrt`."""
        return [g.node("Div", [_constant(g, call, 1), g.node("Sqrt", call.inputs)])]
