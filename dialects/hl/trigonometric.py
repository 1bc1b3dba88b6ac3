"""Elementwise trigonometric and hyperbolic functions, and their inverses."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from xdsl.dialects import math
from xdsl.irdl import irdl_op_definition

from ..dtypes import FLOATS, DType
from .rules import float_formulas
from .rules.adapters import by_numpy, emits, pullback
from .rules.elementwise import BinaryOp, FloatFunctionOp
from .rules.formula import as_nodes
from .rules.functions import Functions, Value
from .rules.pairs import by_formula, hyperbolic_cosine, hyperbolic_sine, tangent


def _one_minus_square(m: Functions, x: Value) -> Value:
    """`(1 - x) * (1 + x)`, which does not cancel near 1."""
    one = m.cast(1, x.dtype)
    return m.multiply(m.subtract(one, x), m.add(one, x))


def _by_square_of_distance(m: Functions, dz: Value, x: Value, y: Value) -> Value:
    return m.divide(dz, m.add(m.multiply(x, x), m.multiply(y, y)))


@irdl_op_definition
class TanOp(FloatFunctionOp):
    """The tangent of `x` radians, elementwise; NaN at the infinities.

    Definition: NumPy `tan`.
    """

    name = "hl.tan"
    LOW: ClassVar[float | None] = -1.3
    HIGH: ClassVar[float | None] = 1.3
    WILD: ClassVar[bool] = False

    compute = by_numpy(np.tan)
    scalar = emits(math.TanOp)
    gradient = pullback(lambda m, x, y, dy: m.multiply(dy, m.conj(m.add(m.multiply(y, y), m.cast(1, dy.dtype)))))
    decompose = by_formula(tangent)
    onnx = as_nodes(float_formulas.tan, "Tan")


@irdl_op_definition
class AsinOp(FloatFunctionOp):
    """The angle from -pi / 2 to pi / 2 whose sine is `x`, elementwise; NaN beyond -1 and 1.

    Definition: NumPy `arcsin`.
    """

    name = "hl.asin"
    LOW: ClassVar[float | None] = -0.9
    HIGH: ClassVar[float | None] = 0.9

    compute = by_numpy(np.arcsin)
    scalar = emits(math.AsinOp)
    gradient = pullback(lambda m, x, y, dy: m.multiply(dy, m.rsqrt(_one_minus_square(m, x))))
    onnx = as_nodes(float_formulas.asin, "Asin")


@irdl_op_definition
class AcosOp(FloatFunctionOp):
    """The angle from 0 to pi whose cosine is `x`, elementwise; NaN beyond -1 and 1.

    Definition: NumPy `arccos`.
    """

    name = "hl.acos"
    LOW: ClassVar[float | None] = -0.9
    HIGH: ClassVar[float | None] = 0.9

    compute = by_numpy(np.arccos)
    scalar = emits(math.AcosOp)
    gradient = pullback(lambda m, x, y, dy: m.negative(m.multiply(dy, m.rsqrt(_one_minus_square(m, x)))))
    onnx = as_nodes(float_formulas.acos, "Acos")


@irdl_op_definition
class AtanOp(FloatFunctionOp):
    """The angle from -pi / 2 to pi / 2 whose tangent is `x`, elementwise.

    Definition: NumPy `arctan`.
    """

    name = "hl.atan"

    compute = by_numpy(np.arctan)
    scalar = emits(math.AtanOp)
    gradient = pullback(lambda m, x, y, dy: m.divide(dy, m.add(m.multiply(x, x), m.cast(1, dy.dtype))))
    onnx = as_nodes(float_formulas.atan, "Atan")


@irdl_op_definition
class SinhOp(FloatFunctionOp):
    """The hyperbolic sine of `x`, elementwise.

    Definition: NumPy `sinh`.
    """

    name = "hl.sinh"
    LOW: ClassVar[float | None] = -4.0
    HIGH: ClassVar[float | None] = 4.0

    compute = by_numpy(np.sinh)
    scalar = emits(math.SinhOp)
    decompose = by_formula(hyperbolic_sine)
    gradient = pullback(lambda m, x, y, dy: m.multiply(dy, m.conj(m.cosh(x))))
    onnx = as_nodes(float_formulas.sinh, "Sinh")


@irdl_op_definition
class CoshOp(FloatFunctionOp):
    """The hyperbolic cosine of `x`, elementwise.

    Definition: NumPy `cosh`.
    """

    name = "hl.cosh"
    LOW: ClassVar[float | None] = -4.0
    HIGH: ClassVar[float | None] = 4.0

    compute = by_numpy(np.cosh)
    scalar = emits(math.CoshOp)
    decompose = by_formula(hyperbolic_cosine)
    gradient = pullback(lambda m, x, y, dy: m.multiply(dy, m.conj(m.sinh(x))))
    onnx = as_nodes(float_formulas.cosh, "Cosh")


@irdl_op_definition
class AsinhOp(FloatFunctionOp):
    """The number whose hyperbolic sine is `x`, elementwise.

    Definition: NumPy `arcsinh`.
    """

    name = "hl.asinh"

    compute = by_numpy(np.arcsinh)
    scalar = emits(math.AsinhOp)
    gradient = pullback(lambda m, x, y, dy: m.divide(dy, m.cosh(y)))
    onnx = as_nodes(float_formulas.asinh, "Asinh")


@irdl_op_definition
class AcoshOp(FloatFunctionOp):
    """The number, not negative, whose hyperbolic cosine is `x`, elementwise; NaN below 1.

    Definition: NumPy `arccosh`.
    """

    name = "hl.acosh"
    LOW: ClassVar[float | None] = 1.1
    HIGH: ClassVar[float | None] = 9.0

    compute = by_numpy(np.arccosh)
    scalar = emits(math.AcoshOp)
    gradient = pullback(lambda m, x, y, dy: m.divide(dy, m.sinh(y)))
    onnx = as_nodes(float_formulas.acosh, "Acosh")


@irdl_op_definition
class AtanhOp(FloatFunctionOp):
    """The number whose hyperbolic tangent is `x`, elementwise: an infinity at -1 and 1, NaN beyond.

    Definition: NumPy `arctanh`.
    """

    name = "hl.atanh"
    LOW: ClassVar[float | None] = -0.9
    HIGH: ClassVar[float | None] = 0.9

    compute = by_numpy(np.arctanh)
    scalar = emits(math.AtanhOp)
    gradient = pullback(lambda m, x, y, dy: m.divide(dy, _one_minus_square(m, x)))
    onnx = as_nodes(float_formulas.atanh, "Atanh")


@irdl_op_definition
class Atan2Op(BinaryOp):
    """The angle from -pi to pi of the point at the height `x`, `y` to the right, elementwise.

    The operands have the names and the order of all ops of two: the first one is what TensorFlow calls `y`. Of two
    zeros the angle is 0 or pi, with the sign of the first; of two infinities a multiple of pi / 4.

    Definition: NumPy `arctan2`.
    """

    name = "hl.atan2"
    DTYPES: ClassVar[tuple[DType, ...]] = FLOATS
    EXACT: ClassVar[bool] = False
    CHEAP: ClassVar[bool] = False
    LOW: ClassVar[float | None] = 0.5
    HIGH: ClassVar[float | None] = 4.0

    compute = by_numpy(np.arctan2)
    scalar = emits(math.Atan2Op)
    onnx = as_nodes(float_formulas.atan2)

    gradient = pullback(
        lambda m, x, y, z, dz: (
            m.multiply(_by_square_of_distance(m, dz, x, y), y),
            m.negative(m.multiply(_by_square_of_distance(m, dz, x, y), x)),
        )
    )
