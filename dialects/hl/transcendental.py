"""Elementwise functions of real numbers: exponentials, logarithms, roots, trigonometry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from xdsl.dialects import math
from xdsl.ir import SSAValue
from xdsl.irdl import irdl_op_definition

from ..emitter import Emitter
from ..types import FLOATS
from .elementwise_base import UnaryOp
from .facets import OpCall


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
