"""Rounding of floats, and tests for NaN."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from xdsl.dialects import arith, math
from xdsl.ir import SSAValue
from xdsl.irdl import irdl_op_definition

from ..dtypes import BOOL
from ..emitter import Emitter
from .rules.adapters import NO_SLOPE, always, by_numpy, emits
from .rules.base import not_differentiable
from .rules.elementwise import FloatUnaryOp


@irdl_op_definition
class FloorOp(FloatUnaryOp):
    """The greatest integer that is not greater than `x`, elementwise.

    Definition: NumPy `floor`.
    """

    name = "hl.floor"
    ONNX: ClassVar[str] = "Floor"

    compute = by_numpy(np.floor)
    scalar = emits(math.FloorOp)
    gradient = NO_SLOPE


@irdl_op_definition
class CeilOp(FloatUnaryOp):
    """The least integer that is not less than `x`, elementwise.

    Definition: NumPy `ceil`.
    """

    name = "hl.ceil"
    ONNX: ClassVar[str] = "Ceil"

    compute = by_numpy(np.ceil)
    scalar = emits(math.CeilOp)
    gradient = NO_SLOPE


@irdl_op_definition
class RoundOp(FloatUnaryOp):
    """The integer nearest to `x`, elementwise; halves go to the even one.

    Definition: NumPy `rint`.
    """

    name = "hl.round"
    ONNX: ClassVar[str] = "Round"

    compute = by_numpy(np.rint)
    scalar = emits(math.RoundEvenOp)
    gradient = NO_SLOPE


@irdl_op_definition
class IsNanOp(FloatUnaryOp):
    """Whether `x` is NaN, elementwise.

    Definition: NumPy `isnan`.
    """

    name = "hl.isnan"
    ONNX: ClassVar[str] = "IsNaN"

    result_dtype = always(BOOL)
    compute = by_numpy(np.isnan)
    gradient = not_differentiable("its values are booleans")

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue) -> SSAValue:
        """Unordered with itself."""
        return e.value(arith.CmpfOp(x, x, "uno"))
