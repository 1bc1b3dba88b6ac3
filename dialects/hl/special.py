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
from ..types import FLOATS, dtype_of
from .rules.elementwise import UnaryOp
from .rules.erf_graph import erf_nodes
from .rules.facets import OnnxGraph, OpCall

_erf = np.frompyfunc(erf, 1, 1)


@irdl_op_definition
class TanhOp(UnaryOp):
    """The hyperbolic tangent of `x`, elementwise.

    C2: the dtype is float32 or float64.

    Definition: NumPy `tanh`.
    """

    name = "hl.tanh"
    DTYPES: ClassVar[tuple[np.dtype, ...]] = FLOATS
    ONNX: ClassVar[str] = "Tanh"

    @classmethod
    def compute(cls, x: np.ndarray) -> np.ndarray:
        """NumPy's tanh."""
        return np.tanh(x)

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue) -> SSAValue:
        """`math.tanh`."""
        return e.value(math.TanhOp(x))

    @classmethod
    def gradient(cls, m: Any, call: OpCall, dy: Any) -> Sequence[Any]:
        """`dy * (1 - y * y)`."""
        y = call.outputs[0]
        return [m.multiply(dy, m.subtract(m.cast(1, dy.dtype), m.multiply(y, y)))]


@irdl_op_definition
class SigmoidOp(UnaryOp):
    """`1 / (1 + exp(-x))`, elementwise.

    C2: the dtype is float32 or float64.

    Definition: the formula.
    """

    name = "hl.sigmoid"
    DTYPES: ClassVar[tuple[np.dtype, ...]] = FLOATS
    ONNX: ClassVar[str] = "Sigmoid"

    @classmethod
    def compute(cls, x: np.ndarray) -> np.ndarray:
        """The formula."""
        return 1 / (1 + np.exp(-x))

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue) -> SSAValue:
        """The formula; where `exp` overflows the result is 0."""
        one = e.constant(1, x.type)
        power = e.value(math.ExpOp(e.value(arith.NegfOp(x))))
        return e.value(arith.DivfOp(one, e.value(arith.AddfOp(one, power))))

    @classmethod
    def gradient(cls, m: Any, call: OpCall, dy: Any) -> Sequence[Any]:
        """`dy * y * (1 - y)`."""
        y = call.outputs[0]
        return [m.multiply(dy, m.multiply(y, m.subtract(m.cast(1, dy.dtype), y)))]


@irdl_op_definition
class ReluOp(UnaryOp):
    """The greater of `x` and 0, elementwise; NaN stays NaN, and -0 becomes 0.

    C2: the dtype is float32 or float64.

    Definition: IEEE 754-2019 `maximum` with 0; NumPy `maximum` with 0, which says nothing of the sign of zero.
    """

    name = "hl.relu"
    DTYPES: ClassVar[tuple[np.dtype, ...]] = FLOATS

    @classmethod
    def compute(cls, x: np.ndarray) -> np.ndarray:
        """`x`, or 0 where that is no more than 0."""
        return np.where(x <= 0, x.dtype.type(0), x)

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue) -> SSAValue:
        """`arith.maximumf` with 0."""
        return e.value(arith.MaximumfOp(x, e.constant(0, x.type)))

    @classmethod
    def gradient(cls, m: Any, call: OpCall, dy: Any) -> Sequence[Any]:
        """`dy` where `x > 0`, else 0."""
        return [m.where(m.greater(call.inputs[0], m.cast(0, dy.dtype)), dy, m.zeros_like(dy))]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """0 where `x` is no more than that: ONNX Runtime's `Relu` of NaN is 0, and of -0 is -0."""
        (x,) = call.inputs
        if not g.exact:
            return [g.node("Relu", [x])]
        zero = g.constant(np.array(0, dtype_of(call.input_types[0])))
        return [g.node("Where", [g.node("LessOrEqual", [x, zero]), zero, x])]


@irdl_op_definition
class SinOp(UnaryOp):
    """The sine of `x` radians, elementwise; NaN at the infinities.

    C2: the dtype is float32 or float64.

    Definition: NumPy `sin`.
    """

    name = "hl.sin"
    DTYPES: ClassVar[tuple[np.dtype, ...]] = FLOATS
    ONNX: ClassVar[str] = "Sin"
    LOW: ClassVar[float | None] = -30.0
    HIGH: ClassVar[float | None] = 30.0
    WILD: ClassVar[bool] = False

    @classmethod
    def compute(cls, x: np.ndarray) -> np.ndarray:
        """NumPy's sine."""
        return np.sin(x)

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue) -> SSAValue:
        """`math.sin`."""
        return e.value(math.SinOp(x))

    @classmethod
    def gradient(cls, m: Any, call: OpCall, dy: Any) -> Sequence[Any]:
        """`dy * cos(x)`."""
        return [m.multiply(dy, m.cos(call.inputs[0]))]


@irdl_op_definition
class CosOp(UnaryOp):
    """The cosine of `x` radians, elementwise; NaN at the infinities.

    C2: the dtype is float32 or float64.

    Definition: NumPy `cos`.
    """

    name = "hl.cos"
    DTYPES: ClassVar[tuple[np.dtype, ...]] = FLOATS
    ONNX: ClassVar[str] = "Cos"
    LOW: ClassVar[float | None] = -30.0
    HIGH: ClassVar[float | None] = 30.0
    WILD: ClassVar[bool] = False

    @classmethod
    def compute(cls, x: np.ndarray) -> np.ndarray:
        """NumPy's cosine."""
        return np.cos(x)

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue) -> SSAValue:
        """`math.cos`."""
        return e.value(math.CosOp(x))

    @classmethod
    def gradient(cls, m: Any, call: OpCall, dy: Any) -> Sequence[Any]:
        """`-dy * sin(x)`."""
        return [m.negative(m.multiply(dy, m.sin(call.inputs[0])))]


@irdl_op_definition
class ErfOp(UnaryOp):
    """The error function of `x`, elementwise: `2 / sqrt(pi)` times the integral of `exp(-t * t)` from 0 to `x`.

    C2: the dtype is float32 or float64.

    Definition: C's `erf`, computed in float64 and rounded.
    """

    name = "hl.erf"
    DTYPES: ClassVar[tuple[np.dtype, ...]] = FLOATS

    @classmethod
    def compute(cls, x: np.ndarray) -> np.ndarray:
        """Python's `math.erf` for each element."""
        return np.asarray(_erf(x.astype(np.float64)), np.float64)

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue) -> SSAValue:
        """`math.erf`."""
        return e.value(math.ErfOp(x))

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
