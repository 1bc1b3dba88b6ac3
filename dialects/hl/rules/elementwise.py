"""What all elementwise ops share: broadcasting, one scalar body for lowering, one numpy function for meaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from xdsl.dialects import arith
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, TensorType
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import operand_def, result_def
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern

from ...dtypes import BOOL, FLOATS, DType, dtype_of
from ...emitter import Emitter
from ...types import DYNAMIC, array_of, shape_of, tensor_type
from .base import DTypeError, HLOp, InferenceError, Types, not_differentiable
from .batching import elementwise_batch
from .facets import Attrs, OnnxGraph, OpCall, Sample, Sampler
from .functions import Functions, Value
from .linalg_builder import elementwise, type_of
from .widening import widened_body


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
    name of the ONNX operator with the same meaning (or its own `onnx`). Samples lie between `LOW` and `HIGH`, where
    gradients can be checked, and unless `WILD` is off also anywhere: NaN, infinities, extremes.
    """

    CONSTRAINTS: ClassVar[Mapping[str, str]] = {"C2": "the dtype is {dtypes}."}
    CHEAP: ClassVar[bool] = True
    ONNX: ClassVar[str] = ""
    LOW: ClassVar[float | None] = None
    HIGH: ClassVar[float | None] = None
    WILD: ClassVar[bool] = True

    batch = elementwise_batch

    @classmethod
    def compute(cls, *operands: np.ndarray) -> np.ndarray:
        """The meaning on arrays of one dtype; warnings for infinities and NaN are off around the call."""
        raise TypeError(f"{cls.name} does not say its meaning")

    @classmethod
    def scalar(cls, e: Emitter, *operands: SSAValue) -> SSAValue:
        """Emit the computation on scalars."""
        raise TypeError(f"{cls.name} does not say its lowering")

    @classmethod
    def result_dtype(cls, dtype: DType) -> DType:
        """The result's dtype for the operands' dtype."""
        return dtype

    @classmethod
    def _dtype_of_results(cls) -> DType | None:
        found = {cls.result_dtype(dtype) for dtype in cls.DTYPES}
        return found.pop() if len(found) == 1 and found != set(cls.DTYPES) else None

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The broadcast shape, and the operands' common dtype."""
        dtypes = [dtype_of(type_) for type_ in types]
        if len(set(dtypes)) > 1:
            raise DTypeError("C1", f"operands have one dtype, got {' and '.join(d.name for d in dtypes)}")
        if not cls.takes(dtypes[0]):
            allowed = ", ".join(d.name for d in cls.accepted())
            raise DTypeError("C2", f"expected a dtype of {allowed}, got {dtypes[0].name}")
        return [tensor_type(broadcast_shapes([shape_of(t) for t in types]), cls.result_dtype(dtypes[0]))]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """`compute`, in the result's dtype."""
        with np.errstate(all="ignore"):
            result = np.asarray(cls.compute(*operands))
            return (result.astype(cls.result_dtype(dtype_of(operands[0])), copy=False),)

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """One `linalg.generic` over the result with `scalar` as its body."""
        return [elementwise(e, op.operands, type_of(op.results[0]), cls.scalar)]

    @classmethod
    def lowering(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """One `linalg.generic`, in whose body float16 and bfloat16 are widened."""
        if cls.KEEPS_VALUES or cls.lower.__func__ is not ElementwiseOp.lower.__func__:  # pyright: ignore
            return super().lowering(e, op)
        result = type_of(op.results[0])
        return [elementwise(e, op.operands, result, widened_body(cls.scalar, result.element_type))]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """The node `ONNX`."""
        return [g.node(cls.ONNX, call.inputs)]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Operands of shapes that broadcast, within `LOW` and `HIGH` or, where `WILD`, of any values."""
        count = len(cls.get_irdl_definition().operands)
        dtype = s.choice(cls.DTYPES)
        low, high = (None, None) if cls.WILD and s.boolean() else (cls.LOW, cls.HIGH)
        return Sample(tuple(s.array(shape, dtype, low, high) for shape in s.broadcastable(count)), {})


class UnaryOp(ElementwiseOp):
    """An elementwise op of one operand."""

    x = operand_def(TensorType[Attribute])
    result = result_def(TensorType[Attribute])


class FloatUnaryOp(UnaryOp):
    """An elementwise op of one operand, a float."""

    DTYPES: ClassVar[tuple[DType, ...]] = FLOATS


class FloatFunctionOp(FloatUnaryOp):
    """An elementwise function of a float, which each engine may round in a way of its own."""

    EXACT: ClassVar[bool] = False
    CHEAP: ClassVar[bool] = False


class BinaryOp(ElementwiseOp):
    """An elementwise op of two operands; `COMMUTES` says that they may change places."""

    CONSTRAINTS: ClassVar[Mapping[str, str]] = {
        "C1": "`x` and `y` have one dtype, and shapes that broadcast as NumPy's do; "
        "the result has the broadcast shape.",
        "C2": "the dtype is {dtypes}.",
    }
    COMMUTES: ClassVar[bool] = False

    x = operand_def(TensorType[Attribute])
    y = operand_def(TensorType[Attribute])
    result = result_def(TensorType[Attribute])

    @classmethod
    def neutral(cls, dtype: DType) -> float:
        """The number that as second operand changes nothing, exactly; NaN where there is none."""
        return float("nan")


class ComparisonOp(BinaryOp):
    """A binary op that answers with a boolean; NaN is unequal to, and not ordered with, everything.

    A subclass gives the predicates of `arith.cmpi` and `arith.cmpf`.
    """

    INTEGERS: ClassVar[str] = ""
    REALS: ClassVar[str] = ""

    gradient = not_differentiable("its values are booleans")

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue, y: SSAValue) -> SSAValue:
        """`arith.cmpf` or `arith.cmpi`."""
        return e.value(arith.CmpfOp(x, y, cls.REALS) if is_float(x) else arith.CmpiOp(x, y, cls.INTEGERS))

    @classmethod
    def result_dtype(cls, dtype: DType) -> DType:
        """bool."""
        return BOOL


def is_float(value: SSAValue) -> bool:
    """Whether a scalar SSA value is of a floating-point type."""
    return dtype_of(value.type).is_floating


def for_operands(m: Functions, call: OpCall, *grads: Value | None) -> list[Value | None]:
    """Gradients in the result's shape, summed down to the operands' own shapes; `None` stays."""
    return [None if grad is None else m.sum_to_shape_of(grad, x) for grad, x in zip(grads, call.inputs, strict=True)]


def splat_of(value: SSAValue) -> Any:
    """The one element value of a constant all of whose elements are equal, else `None`. -0 and 0 differ."""
    op = value.owner
    if not (isinstance(op, arith.ConstantOp) and isinstance(op.value, DenseIntOrFPElementsAttr)):
        return None
    array = array_of(op.value)
    if not array.size:
        return None
    first = array.reshape(-1)[:1]
    return first[0] if array.tobytes() == first.tobytes() * array.size else None


def is_exactly(value: SSAValue, number: float) -> bool:
    """Whether `value` is a constant all of whose elements are `number`, the sign of a zero included."""
    splat = splat_of(value)
    return splat is not None and splat == number and bool(np.signbit(float(splat))) == bool(np.signbit(number))


class DropNeutral(RewritePattern):
    """`x op neutral` and, for ops that say so, `neutral op x` are `x`, where the shape stays."""

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        """Replace the op by the operand that it does not change."""
        if not isinstance(op, BinaryOp):
            return
        neutral = op.neutral(dtype_of(op.result.type))
        for kept, other, allowed in ((op.x, op.y, True), (op.y, op.x, op.COMMUTES)):
            if allowed and kept.type == op.result.type and is_exactly(other, neutral):
                rewriter.replace(op, [], [kept])
                return


def undone_by_itself(op_class: type[HLOp]) -> type[RewritePattern]:
    """The pattern that removes two applications in a row of a unary op that undoes itself."""

    class Undone(RewritePattern):
        """`f(f(x))` is `x`."""

        def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
            inner = op.operands[0].owner if isinstance(op, op_class) else None
            if isinstance(inner, op_class) and inner.operands[0].type == op.results[0].type:
                rewriter.replace(op, [], [inner.operands[0]])

    return Undone
