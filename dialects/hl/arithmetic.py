"""Elementwise arithmetic: sums, products, quotients, remainders, signs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from xdsl.dialects import arith
from xdsl.ir import SSAValue
from xdsl.irdl import irdl_op_definition

from ..emitter import Emitter
from .elementwise_base import BinaryOp, is_float
from .facets import OpCall


@irdl_op_definition
class AddOp(BinaryOp):
    """`x + y`, elementwise; integers wrap around.

    C1: `x` and `y` have one dtype, and shapes that broadcast as NumPy's do; the result has the broadcast shape.
    C2: the dtype is int32, int64, float32 or float64.

    Definition: NumPy `add`; IEEE 754 addition for floats.
    """

    name = "hl.add"
    ONNX: ClassVar[str] = "Add"

    @classmethod
    def compute(cls, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """NumPy's sum."""
        return np.add(x, y)

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue, y: SSAValue) -> SSAValue:
        """`arith.addf` or `arith.addi`."""
        return e.value(arith.AddfOp(x, y) if is_float(x) else arith.AddiOp(x, y))

    @classmethod
    def gradient(cls, m: Any, call: OpCall, dz: Any) -> Sequence[Any]:
        """`dz` for both."""
        x, y = call.inputs
        return [m.sum_to_shape_of(dz, x), m.sum_to_shape_of(dz, y)]
