"""Elementwise logic on booleans."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from xdsl.dialects import arith
from xdsl.ir import SSAValue
from xdsl.irdl import irdl_op_definition

from ..emitter import Emitter
from ..types import BOOL
from .rules.base import not_differentiable
from .rules.elementwise import BinaryOp, UnaryOp, undone_by_itself


@irdl_op_definition
class LogicalAndOp(BinaryOp):
    """`x and y`, elementwise; both are computed.

    C1: `x` and `y` are bool, of shapes that broadcast as NumPy's do; the result has the broadcast shape.
    C2: the dtype is bool.

    Definition: NumPy `logical_and`.
    """

    name = "hl.logical_and"
    DTYPES: ClassVar[tuple[np.dtype, ...]] = (BOOL,)
    ONNX: ClassVar[str] = "And"
    COMMUTES: ClassVar[bool] = True

    gradient = not_differentiable("its values are booleans")

    @classmethod
    def compute(cls, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """NumPy's logical and."""
        return np.logical_and(x, y)

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue, y: SSAValue) -> SSAValue:
        """`arith.andi`."""
        return e.value(arith.AndIOp(x, y))


@irdl_op_definition
class LogicalOrOp(BinaryOp):
    """`x or y`, elementwise; both are computed.

    C1: `x` and `y` are bool, of shapes that broadcast as NumPy's do; the result has the broadcast shape.
    C2: the dtype is bool.

    Definition: NumPy `logical_or`.
    """

    name = "hl.logical_or"
    DTYPES: ClassVar[tuple[np.dtype, ...]] = (BOOL,)
    ONNX: ClassVar[str] = "Or"
    COMMUTES: ClassVar[bool] = True

    gradient = not_differentiable("its values are booleans")

    @classmethod
    def compute(cls, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """NumPy's logical or."""
        return np.logical_or(x, y)

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue, y: SSAValue) -> SSAValue:
        """`arith.ori`."""
        return e.value(arith.OrIOp(x, y))


@irdl_op_definition
class LogicalXorOp(BinaryOp):
    """Whether exactly one of `x` and `y` holds, elementwise.

    C1: `x` and `y` are bool, of shapes that broadcast as NumPy's do; the result has the broadcast shape.
    C2: the dtype is bool.

    Definition: NumPy `logical_xor`.
    """

    name = "hl.logical_xor"
    DTYPES: ClassVar[tuple[np.dtype, ...]] = (BOOL,)
    ONNX: ClassVar[str] = "Xor"
    COMMUTES: ClassVar[bool] = True

    gradient = not_differentiable("its values are booleans")

    @classmethod
    def compute(cls, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """NumPy's logical xor."""
        return np.logical_xor(x, y)

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue, y: SSAValue) -> SSAValue:
        """`arith.xori`."""
        return e.value(arith.XOrIOp(x, y))


@irdl_op_definition
class LogicalNotOp(UnaryOp):
    """`not x`, elementwise.

    C2: the dtype is bool.

    Definition: NumPy `logical_not`.
    """

    name = "hl.logical_not"
    DTYPES: ClassVar[tuple[np.dtype, ...]] = (BOOL,)
    ONNX: ClassVar[str] = "Not"

    gradient = not_differentiable("its values are booleans")

    @classmethod
    def compute(cls, x: np.ndarray) -> np.ndarray:
        """NumPy's logical not."""
        return np.logical_not(x)

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue) -> SSAValue:
        """`arith.xori` with true."""
        return e.value(arith.XOrIOp(x, e.constant(True, x.type)))


LogicalNotOp.CANONICALIZATIONS = (undone_by_itself(LogicalNotOp),)
