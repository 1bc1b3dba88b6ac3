"""Elementwise logic on booleans."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from xdsl.dialects import arith
from xdsl.ir import SSAValue
from xdsl.irdl import irdl_op_definition

from ..dtypes import BOOL, DType
from ..emitter import Emitter
from .rules.adapters import by_numpy, emits
from .rules.base import not_differentiable
from .rules.elementwise import BinaryOp, UnaryOp, undone_by_itself


@irdl_op_definition
class LogicalAndOp(BinaryOp):
    """`x and y`, elementwise; both are computed.

    Definition: NumPy `logical_and`.
    """

    name = "hl.logical_and"
    DTYPES: ClassVar[tuple[DType, ...]] = (BOOL,)
    ONNX: ClassVar[str] = "And"
    COMMUTES: ClassVar[bool] = True

    compute = by_numpy(np.logical_and)
    scalar = emits(arith.AndIOp)
    gradient = not_differentiable("its values are booleans")


@irdl_op_definition
class LogicalOrOp(BinaryOp):
    """`x or y`, elementwise; both are computed.

    Definition: NumPy `logical_or`.
    """

    name = "hl.logical_or"
    DTYPES: ClassVar[tuple[DType, ...]] = (BOOL,)
    ONNX: ClassVar[str] = "Or"
    COMMUTES: ClassVar[bool] = True

    compute = by_numpy(np.logical_or)
    scalar = emits(arith.OrIOp)
    gradient = not_differentiable("its values are booleans")


@irdl_op_definition
class LogicalXorOp(BinaryOp):
    """Whether exactly one of `x` and `y` holds, elementwise.

    Definition: NumPy `logical_xor`.
    """

    name = "hl.logical_xor"
    DTYPES: ClassVar[tuple[DType, ...]] = (BOOL,)
    ONNX: ClassVar[str] = "Xor"
    COMMUTES: ClassVar[bool] = True

    compute = by_numpy(np.logical_xor)
    scalar = emits(arith.XOrIOp)
    gradient = not_differentiable("its values are booleans")


@irdl_op_definition
class LogicalNotOp(UnaryOp):
    """`not x`, elementwise.

    Definition: NumPy `logical_not`.
    """

    name = "hl.logical_not"
    DTYPES: ClassVar[tuple[DType, ...]] = (BOOL,)
    ONNX: ClassVar[str] = "Not"

    compute = by_numpy(np.logical_not)
    gradient = not_differentiable("its values are booleans")

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue) -> SSAValue:
        """`arith.xori` with true."""
        return e.value(arith.XOrIOp(x, e.constant(True, x.type)))


LogicalNotOp.CANONICALIZATIONS = (undone_by_itself(LogicalNotOp),)
