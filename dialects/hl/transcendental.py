"""Elementwise functions of real numbers: exponentials, logarithms, roots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from xdsl.dialects import arith, math
from xdsl.ir import SSAValue
from xdsl.irdl import irdl_op_definition

from ..emitter import Emitter
from ..types import FLOATS, dtype_of
from .rules.elementwise import UnaryOp
from .rules.facets import OnnxGraph, OpCall


def _constant(g: OnnxGraph, call: OpCall, value: float) -> str:
    """A constant of the operand's dtype."""
    return g.constant(np.array(value, dtype_of(call.input_types[0])))


@irdl_op_definition
class ExpOp(UnaryOp):
    """`e ** x`, elementwise.

    C2: the dtype is float32 or float64.

    Definition: NumPy `exp`.
    """

    name = "hl.exp"
    DTYPES: ClassVar[tuple[np.dtype, ...]] = FLOATS
    ONNX: ClassVar[str] = "Exp"

    @classmethod
    def compute(cls, x: np.ndarray) -> np.ndarray:
        """NumPy's exp."""
        return np.exp(x)

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue) -> SSAValue:
        """`math.exp`."""
        return e.value(math.ExpOp(x))

    @classmethod
    def gradient(cls, m: Any, call: OpCall, dy: Any) -> Sequence[Any]:
        """`dy * exp(x)`."""
        return [m.multiply(dy, call.outputs[0])]


@irdl_op_definition
class Expm1Op(UnaryOp):
    """`e ** x - 1`, elementwise, exact for small `x` too.

    C2: the dtype is float32 or float64.

    Definition: NumPy `expm1`.
    """

    name = "hl.expm1"
    DTYPES: ClassVar[tuple[np.dtype, ...]] = FLOATS

    @classmethod
    def compute(cls, x: np.ndarray) -> np.ndarray:
        """NumPy's expm1."""
        return np.expm1(x)

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue) -> SSAValue:
        """`math.expm1`."""
        return e.value(math.ExpM1Op(x))

    @classmethod
    def gradient(cls, m: Any, call: OpCall, dy: Any) -> Sequence[Any]:
        """`dy * (expm1(x) + 1)`."""
        return [m.multiply(dy, m.add(call.outputs[0], m.cast(1, dy.dtype)))]

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
class LogOp(UnaryOp):
    """The natural logarithm of `x`, elementwise: -inf at 0, NaN below.

    C2: the dtype is float32 or float64.

    Definition: NumPy `log`.
    """

    name = "hl.log"
    DTYPES: ClassVar[tuple[np.dtype, ...]] = FLOATS
    ONNX: ClassVar[str] = "Log"
    LOW: ClassVar[float | None] = 0.05
    HIGH: ClassVar[float | None] = 8.0

    @classmethod
    def compute(cls, x: np.ndarray) -> np.ndarray:
        """NumPy's log."""
        return np.log(x)

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue) -> SSAValue:
        """`math.log`."""
        return e.value(math.LogOp(x))

    @classmethod
    def gradient(cls, m: Any, call: OpCall, dy: Any) -> Sequence[Any]:
        """`dy / x`."""
        return [m.divide(dy, call.inputs[0])]


@irdl_op_definition
class Log1pOp(UnaryOp):
    """`log(1 + x)`, elementwise, exact for small `x` too: -inf at -1, NaN below.

    C2: the dtype is float32 or float64.

    Definition: NumPy `log1p`.
    """

    name = "hl.log1p"
    DTYPES: ClassVar[tuple[np.dtype, ...]] = FLOATS
    LOW: ClassVar[float | None] = -0.9
    HIGH: ClassVar[float | None] = 8.0

    @classmethod
    def compute(cls, x: np.ndarray) -> np.ndarray:
        """NumPy's log1p."""
        return np.log1p(x)

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue) -> SSAValue:
        """`math.log1p`."""
        return e.value(math.Log1pOp(x))

    @classmethod
    def gradient(cls, m: Any, call: OpCall, dy: Any) -> Sequence[Any]:
        """`dy / (1 + x)`."""
        return [m.divide(dy, m.add(call.inputs[0], m.cast(1, dy.dtype)))]

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
class SqrtOp(UnaryOp):
    """The square root of `x`, elementwise: NaN below 0, -0 at -0.

    C2: the dtype is float32 or float64.

    Definition: IEEE 754 squareRoot.
    """

    name = "hl.sqrt"
    DTYPES: ClassVar[tuple[np.dtype, ...]] = FLOATS
    ONNX: ClassVar[str] = "Sqrt"
    LOW: ClassVar[float | None] = 0.05
    HIGH: ClassVar[float | None] = 8.0

    @classmethod
    def compute(cls, x: np.ndarray) -> np.ndarray:
        """NumPy's square root."""
        return np.sqrt(x)

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue) -> SSAValue:
        """`math.sqrt`."""
        return e.value(math.SqrtOp(x))

    @classmethod
    def gradient(cls, m: Any, call: OpCall, dy: Any) -> Sequence[Any]:
        """`dy / 2 / sqrt(x)`."""
        return [m.divide(m.multiply(dy, m.cast(0.5, dy.dtype)), call.outputs[0])]


@irdl_op_definition
class RsqrtOp(UnaryOp):
    """`1 / sqrt(x)`, elementwise, rounded after each step: NaN below 0, an infinity at 0.

    C2: the dtype is float32 or float64.

    Definition: TensorFlow `math.rsqrt`.
    """

    name = "hl.rsqrt"
    DTYPES: ClassVar[tuple[np.dtype, ...]] = FLOATS
    LOW: ClassVar[float | None] = 0.05
    HIGH: ClassVar[float | None] = 8.0

    @classmethod
    def compute(cls, x: np.ndarray) -> np.ndarray:
        """By its definition."""
        return np.divide(x.dtype.type(1), np.sqrt(x))

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue) -> SSAValue:
        """`math.sqrt` and a division."""
        return e.value(arith.DivfOp(e.constant(1, x.type), e.value(math.SqrtOp(x))))

    @classmethod
    def gradient(cls, m: Any, call: OpCall, dy: Any) -> Sequence[Any]:
        """`-dy / 2 * rsqrt(x) / x`."""
        return [m.multiply(m.multiply(dy, m.cast(-0.5, dy.dtype)), m.divide(call.outputs[0], call.inputs[0]))]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """1 divided by `Sqrt`."""
        return [g.node("Div", [_constant(g, call, 1), g.node("Sqrt", call.inputs)])]
