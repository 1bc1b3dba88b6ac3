"""What all elementwise ops share: broadcasting, one scalar body for lowering, one numpy function for meaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import operand_def, result_def

from ..emitter import Emitter
from ..types import BOOL, DYNAMIC, NUMBERS, dtype_of, shape_of, tensor_type
from .base import HLOp, InferenceError, Types
from .facets import OnnxGraph, OpCall, Sample, Sampler
from .linalg_builder import elementwise, type_of


def broadcast_shapes(shapes: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """NumPy's broadcasting rule with dynamic sizes; raises `InferenceError` (C1).

    A dynamic size next to a static one other than 1 gives the static one; the program checks it when it runs.

    Example:
        >>> broadcast_shapes([(4, 1), (3,)])
        (4, 3)
    """
    rank = max((len(shape) for shape in shapes), default=0)
    result = []
    for axis in range(-rank, 0):
        sizes = {shape[axis] for shape in shapes if len(shape) >= -axis} - {1}
        static = sizes - {DYNAMIC}
        if len(static) > 1:
            shown = " and ".join(shape_text(shape) for shape in shapes)
            raise InferenceError("C1", f"shapes {shown} do not broadcast")
        result.append(next(iter(static or sizes or {1})))
    return tuple(result)


def shape_text(shape: Sequence[int]) -> str:
    """A shape for people: `[4, ?]`."""
    return "[" + ", ".join("?" if size == DYNAMIC else str(size) for size in shape) + "]"


class ElementwiseOp(HLOp):
    """One result, each element computed from the operands' elements at the same place after broadcasting.

    A subclass gives `compute` (numpy) and `scalar` (the `linalg` body), the accepted `DTYPES` (C2), and `ONNX`, the
    name of the ONNX operator with the same meaning (or its own `onnx`).
    """

    DTYPES: ClassVar[tuple[np.dtype, ...]] = NUMBERS
    ONNX: ClassVar[str] = ""
    LOW: ClassVar[float | None] = None
    HIGH: ClassVar[float | None] = None

    @classmethod
    def compute(cls, *operands: np.ndarray) -> np.ndarray:
        """The meaning on arrays of one dtype; warnings for infinities and NaN are off around the call."""
        raise TypeError(f"{cls.name} does not say its meaning")

    @classmethod
    def scalar(cls, e: Emitter, *operands: SSAValue) -> SSAValue:
        """Emit the computation on scalars."""
        raise TypeError(f"{cls.name} does not say its lowering")

    @classmethod
    def result_dtype(cls, dtype: np.dtype) -> np.dtype:
        """The result's dtype for the operands' dtype."""
        return dtype

    @classmethod
    def infer(cls, types: Types, attrs: Mapping[str, Any]) -> Types:
        """The broadcast shape, and the operands' common dtype."""
        dtypes = [dtype_of(type_) for type_ in types]
        if len(set(dtypes)) > 1:
            raise InferenceError("C1", f"operands have one dtype, got {' and '.join(d.name for d in dtypes)}")
        if dtypes[0] not in cls.DTYPES:
            allowed = ", ".join(d.name for d in cls.DTYPES)
            raise InferenceError("C2", f"expected a dtype of {allowed}, got {dtypes[0].name}")
        return [tensor_type(broadcast_shapes([shape_of(t) for t in types]), cls.result_dtype(dtypes[0]))]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Mapping[str, Any]) -> tuple[np.ndarray, ...]:
        """`compute`, in the result's dtype."""
        with np.errstate(all="ignore"):
            result = np.asarray(cls.compute(*operands))
        return (result.astype(cls.result_dtype(operands[0].dtype), copy=False),)

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """One `linalg.generic` over the result with `scalar` as its body."""
        return [elementwise(e, op.operands, type_of(op.results[0]), cls.scalar)]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """The node `ONNX`."""
        return [g.node(cls.ONNX, call.inputs)]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Operands of shapes that broadcast, within `LOW` and `HIGH`."""
        count = len(cls.get_irdl_definition().operands)
        dtype = s.choice(cls.DTYPES)
        return Sample(tuple(s.array(shape, dtype, cls.LOW, cls.HIGH) for shape in s.broadcastable(count)), {})


class UnaryOp(ElementwiseOp):
    """An elementwise op of one operand."""

    x = operand_def(TensorType[Attribute])
    result = result_def(TensorType[Attribute])


class BinaryOp(ElementwiseOp):
    """An elementwise op of two operands."""

    x = operand_def(TensorType[Attribute])
    y = operand_def(TensorType[Attribute])
    result = result_def(TensorType[Attribute])


class ComparisonOp(BinaryOp):
    """A binary op that answers with a boolean."""

    @classmethod
    def result_dtype(cls, dtype: np.dtype) -> np.dtype:
        """bool."""
        return BOOL


def is_float(value: SSAValue) -> bool:
    """Whether a scalar SSA value is of a floating-point type."""
    return dtype_of(value.type).kind == "f"
