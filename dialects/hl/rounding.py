"""Rounding of floats, and tests for NaN."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from xdsl.dialects import arith, math
from xdsl.ir import SSAValue
from xdsl.irdl import irdl_op_definition

from ..emitter import Emitter
from ..types import BOOL, FLOATS
from .rules.base import not_differentiable
from .rules.elementwise import UnaryOp
from .rules.facets import OpCall


@irdl_op_definition
class FloorOp(UnaryOp):
    """The greatest integer that is not greater than `x`, elementwise.

    C2: the dtype is float32 or float64.

    Definition: NumPy `floor`.
    """

    name = "hl.floor"
    DTYPES: ClassVar[tuple[np.dtype, ...]] = FLOATS
    ONNX: ClassVar[str] = "Floor"

    @classmethod
    def compute(cls, x: np.ndarray) -> np.ndarray:
        """NumPy's floor."""
        return np.floor(x)

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue) -> SSAValue:
        """`math.floor`."""
        return e.value(math.FloorOp(x))

    @classmethod
    def gradient(cls, m: Any, call: OpCall, dy: Any) -> Sequence[Any]:
        """0 wherever it is differentiable."""
        return [m.zeros_like(dy)]


@irdl_op_definition
class CeilOp(UnaryOp):
    """The least integer that is not less than `x`, elementwise.

    C2: the dtype is float32 or float64.

    Definition: NumPy `ceil`.
    """

    name = "hl.ceil"
    DTYPES: ClassVar[tuple[np.dtype, ...]] = FLOATS
    ONNX: ClassVar[str] = "Ceil"

    @classmethod
    def compute(cls, x: np.ndarray) -> np.ndarray:
        """NumPy's ceil."""
        return np.ceil(x)

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue) -> SSAValue:
        """`math.ceil`."""
        return e.value(math.CeilOp(x))

    @classmethod
    def gradient(cls, m: Any, call: OpCall, dy: Any) -> Sequence[Any]:
        """0 wherever it is differentiable."""
        return [m.zeros_like(dy)]


@irdl_op_definition
class RoundOp(UnaryOp):
    """The integer nearest to `x`, elementwise; halves go to the even one.

    C2: the dtype is float32 or float64.

    Definition: NumPy `rint`.
    """

    name = "hl.round"
    DTYPES: ClassVar[tuple[np.dtype, ...]] = FLOATS
    ONNX: ClassVar[str] = "Round"

    @classmethod
    def compute(cls, x: np.ndarray) -> np.ndarray:
        """NumPy's rint."""
        return np.rint(x)

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue) -> SSAValue:
        """`math.roundeven`."""
        return e.value(math.RoundEvenOp(x))

    @classmethod
    def gradient(cls, m: Any, call: OpCall, dy: Any) -> Sequence[Any]:
        """0 wherever it is differentiable."""
        return [m.zeros_like(dy)]


@irdl_op_definition
class IsNanOp(UnaryOp):
    """Whether `x` is NaN, elementwise.

    C2: the dtype is float32 or float64; the result is bool.

    Definition: NumPy `isnan`.
    """

    name = "hl.isnan"
    DTYPES: ClassVar[tuple[np.dtype, ...]] = FLOATS
    ONNX: ClassVar[str] = "IsNaN"

    gradient = not_differentiable("its values are booleans")

    @classmethod
    def compute(cls, x: np.ndarray) -> np.ndarray:
        """NumPy's isnan."""
        return np.isnan(x)

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue) -> SSAValue:
        """Unordered with itself."""
        return e.value(arith.CmpfOp(x, x, "uno"))

    @classmethod
    def result_dtype(cls, dtype: np.dtype) -> np.dtype:
        """bool."""
        return BOOL
