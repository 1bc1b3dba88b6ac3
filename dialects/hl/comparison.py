"""Elementwise comparisons. NaN is unequal to everything, itself included, and not ordered with anything."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from xdsl.irdl import irdl_op_definition

from ..dtypes import ALL, DType
from .rules.adapters import by_numpy
from .rules.elementwise import ComparisonOp
from .rules.facets import OnnxGraph, OpCall
from .rules.pairs import by_formula


@irdl_op_definition
class EqualOp(ComparisonOp):
    """Whether `x == y`, elementwise; NaN is not equal to NaN, and -0 is equal to 0.

    Definition: NumPy `equal`.
    """

    name = "hl.equal"
    decompose = by_formula(lambda x, y: x.real.equals(y.real) & x.imaginary.equals(y.imaginary))
    DTYPES: ClassVar[tuple[DType, ...]] = ALL
    ONNX: ClassVar[str] = "Equal"
    INTEGERS: ClassVar[str] = "eq"
    REALS: ClassVar[str] = "oeq"

    compute = by_numpy(np.equal)


@irdl_op_definition
class NotEqualOp(ComparisonOp):
    """Whether `x != y`, elementwise; NaN is not equal to NaN.

    Definition: NumPy `not_equal`.
    """

    name = "hl.not_equal"
    decompose = by_formula(lambda x, y: x.real.differs(y.real) | x.imaginary.differs(y.imaginary))
    DTYPES: ClassVar[tuple[DType, ...]] = ALL
    INTEGERS: ClassVar[str] = "ne"
    REALS: ClassVar[str] = "une"

    compute = by_numpy(np.not_equal)

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> list[str]:
        """`Not` of `Equal`."""
        return [g.node("Not", [g.node("Equal", call.inputs)])]


@irdl_op_definition
class LessOp(ComparisonOp):
    """Whether `x < y`, elementwise.

    Definition: NumPy `less`.
    """

    name = "hl.less"
    COMMON: ClassVar[bool] = True
    ONNX: ClassVar[str] = "Less"
    INTEGERS: ClassVar[str] = "slt"
    REALS: ClassVar[str] = "olt"

    compute = by_numpy(np.less)


@irdl_op_definition
class LessEqualOp(ComparisonOp):
    """Whether `x <= y`, elementwise.

    Definition: NumPy `less_equal`.
    """

    name = "hl.less_equal"
    ONNX: ClassVar[str] = "LessOrEqual"
    INTEGERS: ClassVar[str] = "sle"
    REALS: ClassVar[str] = "ole"

    compute = by_numpy(np.less_equal)


@irdl_op_definition
class GreaterOp(ComparisonOp):
    """Whether `x > y`, elementwise.

    Definition: NumPy `greater`.
    """

    name = "hl.greater"
    ONNX: ClassVar[str] = "Greater"
    INTEGERS: ClassVar[str] = "sgt"
    REALS: ClassVar[str] = "ogt"

    compute = by_numpy(np.greater)


@irdl_op_definition
class GreaterEqualOp(ComparisonOp):
    """Whether `x >= y`, elementwise.

    Definition: NumPy `greater_equal`.
    """

    name = "hl.greater_equal"
    ONNX: ClassVar[str] = "GreaterOrEqual"
    INTEGERS: ClassVar[str] = "sge"
    REALS: ClassVar[str] = "oge"

    compute = by_numpy(np.greater_equal)
