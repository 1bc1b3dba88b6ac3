"""Elementwise functions of real numbers: sigmoids, trigonometry, the error function."""

from __future__ import annotations

from collections.abc import Sequence
from math import erf, pi
from typing import ClassVar

import numpy as np
from xdsl.dialects import arith, math
from xdsl.ir import SSAValue
from xdsl.irdl import irdl_op_definition

from ..dtypes import dtype_of
from ..emitter import Emitter
from .rules import float_formulas
from .rules.adapters import by_numpy, emits, pullback
from .rules.elementwise import FloatFunctionOp, FloatUnaryOp
from .rules.facets import OnnxGraph, OpCall
from .rules.formula import as_nodes, as_ops, on_arrays
from .rules.functions import Functions, Value
from .rules.pairs import by_formula, cosine, hyperbolic_tangent, logistic, sine

_erf = np.frompyfunc(erf, 1, 1)
_ROOT_OF_PI = pi**0.5


@irdl_op_definition
class TanhOp(FloatFunctionOp):
    """The hyperbolic tangent of `x`, elementwise.

    Definition: NumPy `tanh`.
    """

    name = "hl.tanh"
    ONNX: ClassVar[str] = "Tanh"

    compute = by_numpy(np.tanh)
    scalar = emits(math.TanhOp)
    decompose = by_formula(hyperbolic_tangent)
    gradient = pullback(lambda m, x, y, dy: m.multiply(dy, m.conj(m.subtract(m.cast(1, dy.dtype), m.multiply(y, y)))))


@irdl_op_definition
class SigmoidOp(FloatFunctionOp):
    """`1 / (1 + exp(-x))`, elementwise.

    Definition: the formula.
    """

    name = "hl.sigmoid"
    ONNX: ClassVar[str] = "Sigmoid"

    compute = by_numpy(lambda x: 1 / (1 + np.exp(-x)))
    decompose = by_formula(logistic)
    gradient = pullback(lambda m, x, y, dy: m.multiply(dy, m.conj(m.multiply(y, m.subtract(m.cast(1, dy.dtype), y)))))

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue) -> SSAValue:
        """The formula; where `exp` overflows the result is 0."""
        one = e.constant(1, x.type)
        power = e.value(math.ExpOp(e.value(arith.NegfOp(x))))
        return e.value(arith.DivfOp(one, e.value(arith.AddfOp(one, power))))

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`Sigmoid`, or the formula: ONNX Runtime's results have an absolute error, of 6 % at -15."""
        (x,) = call.inputs
        if not g.exact:
            return super().onnx(g, call)
        one = g.constant(np.array(1, dtype_of(call.input_types[0])))
        return [g.node("Div", [one, g.node("Add", [one, g.node("Exp", [g.node("Neg", [x])])])])]


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
    decompose = by_formula(sine)
    gradient = pullback(lambda m, x, y, dy: m.multiply(dy, m.conj(m.cos(x))))


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
    decompose = by_formula(cosine)
    gradient = pullback(lambda m, x, y, dy: m.negative(m.multiply(dy, m.conj(m.sin(x)))))


def _trigamma(m: Functions, x: Value) -> Value:
    """The derivative of `digamma`; of halves in float32, which `zeta` takes."""
    wide = x.dtype.accumulates_in
    return m.cast(m.zeta(m.cast(2, wide), m.cast(x, wide)), x.dtype)


def _bell(m: Functions, x: Value) -> Value:
    """`exp(-x * x)`, to which the slopes of error functions are proportional."""
    return m.exp(m.negative(m.multiply(x, x)))


@irdl_op_definition
class ErfOp(FloatFunctionOp):
    """The error function of `x`, elementwise: `2 / sqrt(pi)` times the integral of `exp(-t * t)` from 0 to `x`.

    Definition: C's `erf`, computed in float64 and rounded.
    """

    name = "hl.erf"

    compute = by_numpy(lambda x: np.asarray(_erf(x.astype(np.float64)), np.float64))
    scalar = emits(math.ErfOp)
    onnx = as_nodes(float_formulas.erf, "Erf")
    gradient = pullback(lambda m, x, y, dy: m.multiply(m.multiply(dy, m.cast(2 / _ROOT_OF_PI, dy.dtype)), _bell(m, x)))


@irdl_op_definition
class ErfcOp(FloatFunctionOp):
    """1 less the error function of `x`, elementwise, exact in its small values too.

    Definition: C's `erfc`, computed in float64 by quotients of polynomials and rounded.
    """

    name = "hl.erfc"

    compute = on_arrays(float_formulas.erfc)
    scalar = as_ops(float_formulas.erfc)
    onnx = as_nodes(float_formulas.erfc)
    gradient = pullback(lambda m, x, y, dy: m.multiply(m.multiply(dy, m.cast(-2 / _ROOT_OF_PI, dy.dtype)), _bell(m, x)))


@irdl_op_definition
class ErfinvOp(FloatFunctionOp):
    """The number whose error function is `x`, elementwise: an infinity at -1 and 1, NaN beyond.

    Definition: TensorFlow `math.erfinv`, computed in float64 and rounded.
    """

    name = "hl.erfinv"
    LOW: ClassVar[float | None] = -0.95
    HIGH: ClassVar[float | None] = 0.95

    compute = on_arrays(float_formulas.erfinv)
    scalar = as_ops(float_formulas.erfinv)
    onnx = as_nodes(float_formulas.erfinv)
    gradient = pullback(
        lambda m, x, y, dy: m.multiply(m.multiply(dy, m.cast(_ROOT_OF_PI / 2, dy.dtype)), m.exp(m.multiply(y, y)))
    )


@irdl_op_definition
class LgammaOp(FloatFunctionOp):
    """The logarithm of the size of the gamma function of `x`, elementwise: an infinity at 0, -1, -2 ….

    Near its zeros, 1 and 2 among them, the error of a float64 is about 1e-15, however small the result.

    Definition: C's `lgamma`, computed in float64 by Lanczos' series and rounded.
    """

    name = "hl.lgamma"
    LOW: ClassVar[float | None] = 0.2
    HIGH: ClassVar[float | None] = 8.0

    compute = on_arrays(float_formulas.lgamma)
    scalar = as_ops(float_formulas.lgamma)
    onnx = as_nodes(float_formulas.lgamma)
    gradient = pullback(lambda m, x, y, dy: m.multiply(dy, m.digamma(x)))


@irdl_op_definition
class DigammaOp(FloatFunctionOp):
    """The derivative of the logarithm of the gamma function of `x`, elementwise: NaN at 0, -1, -2 ….

    Near its zeros the error of a float64 is about 1e-15, however small the result.

    Definition: TensorFlow `math.digamma`, computed in float64 by Lanczos' series and rounded.
    """

    name = "hl.digamma"
    LOW: ClassVar[float | None] = 0.2
    HIGH: ClassVar[float | None] = 8.0

    gradient = pullback(lambda m, x, y, dy: m.multiply(dy, _trigamma(m, x)))
    compute = on_arrays(float_formulas.digamma)
    scalar = as_ops(float_formulas.digamma)
    onnx = as_nodes(float_formulas.digamma)
