"""Elementwise comparisons. NaN is unequal to everything, itself included, and not ordered with anything."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from xdsl.irdl import irdl_op_definition

from ..types import ALL
from .rules.elementwise import ComparisonOp
from .rules.facets import OnnxGraph, OpCall


@irdl_op_definition
class EqualOp(ComparisonOp):
    """Whether `x == y`, elementwise; NaN is not equal to NaN, and -0 is equal to 0.

    C1: `x` and `y` have one dtype, and shapes that broadcast as NumPy's do; the result has the broadcast shape.
    C2: the dtype is bool, int32, int64, float32 or float64; the result is bool.

    Definition: NumPy `equal`.
    """

    name = "hl.equal"
    DTYPES: ClassVar[tuple[np.dtype, ...]] = ALL
    ONNX: ClassVar[str] = "Equal"
    INTEGERS: ClassVar[str] = "eq"
    REALS: ClassVar[str] = "oeq"

    @classmethod
    def compute(cls, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """NumPy's `==`."""
        return np.equal(x, y)


@irdl_op_definition
class NotEqualOp(ComparisonOp):
    """Whether `x != y`, elementwise; NaN is not equal to NaN.

    C1: `x` and `y` have one dtype, and shapes that broadcast as NumPy's do; the result has the broadcast shape.
    C2: the dtype is bool, int32, int64, float32 or float64; the result is bool.

    Definition: NumPy `not_equal`.
    """

    name = "hl.not_equal"
    DTYPES: ClassVar[tuple[np.dtype, ...]] = ALL
    INTEGERS: ClassVar[str] = "ne"
    REALS: ClassVar[str] = "une"

    @classmethod
    def compute(cls, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """NumPy's `!=`."""
        return np.not_equal(x, y)

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> list[str]:
        """`Not` of `Equal`."""
        return [g.node("Not", [g.node("Equal", call.inputs)])]


@irdl_op_definition
class LessOp(ComparisonOp):
    """Whether `x < y`, elementwise.

    C1: `x` and `y` have one dtype, and shapes that broadcast as NumPy's do; the result has the broadcast shape.
    C2: the dtype is int32, int64, float32 or float64; the result is bool.

    Definition: NumPy `less`.
    """

    name = "hl.less"
    ONNX: ClassVar[str] = "Less"
    INTEGERS: ClassVar[str] = "slt"
    REALS: ClassVar[str] = "olt"

    @classmethod
    def compute(cls, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """NumPy's `<`."""
        return np.less(x, y)


@irdl_op_definition
class LessEqualOp(ComparisonOp):
    """Whether `x <= y`, elementwise.

    C1: `x` and `y` have one dtype, and shapes that broadcast as NumPy's do; the result has the broadcast shape.
    C2: the dtype is int32, int64, float32 or float64; the result is bool.

    Definition: NumPy `less_equal`.
    """

    name = "hl.less_equal"
    ONNX: ClassVar[str] = "LessOrEqual"
    INTEGERS: ClassVar[str] = "sle"
    REALS: ClassVar[str] = "ole"

    @classmethod
    def compute(cls, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """NumPy's `<=`."""
        return np.less_equal(x, y)


@irdl_op_definition
class GreaterOp(ComparisonOp):
    """Whether `x > y`, elementwise.

    C1: `x` and `y` have one dtype, and shapes that broadcast as NumPy's do; the result has the broadcast shape.
    C2: the dtype is int32, int64, float32 or float64; the result is bool.

    Definition: NumPy `greater`.
    """

    name = "hl.greater"
    ONNX: ClassVar[str] = "Greater"
    INTEGERS: ClassVar[str] = "sgt"
    REALS: ClassVar[str] = "ogt"

    @classmethod
    def compute(cls, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """NumPy's `>`."""
        return np.greater(x, y)


@irdl_op_definition
class GreaterEqualOp(ComparisonOp):
    """Whether `x >= y`, elementwise.

    C1: `x` and `y` have one dtype, and shapes that broadcast as NumPy's do; the result has the broadcast shape.
    C2: the dtype is int32, int64, float32 or float64; the result is bool.

    Definition: NumPy `greater_equal`.
    """

    name = "hl.greater_equal"
    ONNX: ClassVar[str] = "GreaterOrEqual"
    INTEGERS: ClassVar[str] = "sge"
    REALS: ClassVar[str] = "oge"

    @classmethod
    def compute(cls, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """NumPy's `>=`."""
        return np.greater_equal(x, y)
