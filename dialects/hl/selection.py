"""Choosing between values, converting them, hiding them from gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from xdsl.dialects import arith
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern

from ..dtypes import ALL, BOOL, FLOAT32, HALVES, INTS, DType, dtype_of, element_type
from ..emitter import Emitter
from ..types import shape_of, tensor_type
from .rules.adapters import by_numpy, emits, pullback
from .rules.base import DTypeError, HLOp, Types
from .rules.batching import leading
from .rules.elementwise import ElementwiseOp, UnaryOp, broadcast_shapes, for_operands, splat_of
from .rules.facets import Attrs, OnnxGraph, OpCall, Sample, Sampler
from .rules.functions import Functions, Gradients, Value
from .rules.linalg_builder import elementwise, type_of
from .rules.pairs import Pair, Part, Real, by_parts
from .rules.saturation import onnx_saturating, saturated, to_integer
from .rules.widening import rounded, widened


class SelectConstant(RewritePattern):
    """A choice that is known, or between a value and itself."""

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        """Replace by the value chosen, where it has the result's sizes and all sizes are known to broadcast."""
        if not isinstance(op, SelectOp):
            return
        condition = splat_of(op.condition)
        if op.x is not op.y and condition is None:
            return
        chosen = op.x if condition is None or condition else op.y
        if chosen.type == op.result.type and all(type_of(value).has_static_shape() for value in op.operands):
            rewriter.replace(op, [], [chosen])


@irdl_op_definition
class SelectOp(ElementwiseOp):
    """`x` where `condition` holds, else `y`, elementwise.

    C1: `condition` is bool, `x` and `y` have one dtype; the three shapes broadcast as NumPy's do.
    C2: the dtype of `x` and `y` is {dtypes}.

    Definition: NumPy `where`.
    """

    name = "hl.select"
    COMMON: ClassVar[bool] = True
    KEEPS_VALUES: ClassVar[bool] = True
    CHOOSES: ClassVar[bool] = True
    TAKES_STRINGS: ClassVar[bool] = True
    DTYPES: ClassVar[tuple[DType, ...]] = ALL
    CANONICALIZATIONS: ClassVar[tuple[type[RewritePattern], ...]] = (SelectConstant,)

    condition = operand_def(TensorType[Attribute])
    x = operand_def(TensorType[Attribute])
    y = operand_def(TensorType[Attribute])
    result = result_def(TensorType[Attribute])

    scalar = emits(arith.SelectOp)
    decompose = by_parts

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The broadcast shape and the values' dtype."""
        condition, x, y = map(dtype_of, types)
        if condition != BOOL:
            raise DTypeError("C1", f"expected a condition of dtype bool, got dtype {condition.name}")
        if x != y:
            raise DTypeError("C1", f"x and y have one dtype, got {x.name} and {y.name}")
        if not cls.takes(x):
            raise DTypeError("C2", f"expected a dtype of {', '.join(d.name for d in cls.accepted())}, got {x.name}")
        return [tensor_type(broadcast_shapes([shape_of(t) for t in types]), x)]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """NumPy's where."""
        return (np.where(*operands),)

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dz: Value) -> Gradients:
        """`dz` to the value chosen."""
        condition, nothing = call.inputs[0], m.zeros_like(dz)
        return for_operands(m, call, None, m.where(condition, dz, nothing), m.where(condition, nothing, dz))

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`Where`; on booleans, which ONNX Runtime's does not know, logic."""
        condition, x, y = call.inputs
        if dtype_of(call.input_types[1]) != BOOL:
            return [g.node("Where", call.inputs)]
        chosen = g.node("And", [condition, x])
        return [g.node("Or", [chosen, g.node("And", [g.node("Not", [condition]), y])])]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Three operands of shapes that broadcast."""
        dtype = s.choice(cls.DTYPES)
        dtypes = (BOOL, dtype, dtype)
        return Sample(tuple(s.array(shape, d) for shape, d in zip(s.broadcastable(3), dtypes, strict=True)), {})


class CastToSame(RewritePattern):
    """A cast to the dtype that the operand has."""

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        """Replace by the operand."""
        if isinstance(op, CastOp) and op.x.type == op.result.type:
            rewriter.replace(op, [], [op.operands[0]])


@irdl_op_definition
class CastOp(HLOp):
    """`x` in another dtype, elementwise.

    To bool: whether it is not zero (NaN is not). From bool: 0 or 1. Between integers: the lower bits, or sign-extended.
    Integers to floats: the nearest float, ties to even. Floats to integers: rounded towards zero, the nearest integer
    of the dtype for what is too large or an infinity, 0 for NaN. Between floats: the nearest. To float16 and bfloat16:
    the nearest of the nearest float32. From a complex dtype to a real one: the real part, converted.

    C1: `dtype` is {dtypes}, as is that of `x`.

    Definition: TensorFlow `cast`, with the conversions it leaves open as LLVM's `fptosi.sat` has them.
    """

    name = "hl.cast"
    CHEAP: ClassVar[bool] = True
    COMMON: ClassVar[bool] = True
    WIDENS: ClassVar[bool] = False
    DTYPES: ClassVar[tuple[DType, ...]] = ALL
    CANONICALIZATIONS: ClassVar[tuple[type[RewritePattern], ...]] = (CastToSame,)

    x = operand_def(TensorType[Attribute])
    dtype = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    batch = leading

    @classmethod
    def decompose(cls, e: Emitter, op: Operation, operands: Sequence[Part]) -> Sequence[Part]:
        """Casts of the parts; the imaginary part of a real number is 0."""
        (x,), target = operands, dtype_of(op.results[0].type)
        if isinstance(x, Real):
            real = x.apply("cast", dtype=target.real_dtype)
            return [Pair(real, real.zeros())]
        if target.is_bool:
            return [x.real.differs(0) | x.imaginary.differs(0)]
        if not target.is_complex:
            return [x.real.apply("cast", dtype=target)]
        return [Pair(*(part.apply("cast", dtype=target.real_dtype) for part in x))]

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The operand's shape."""
        for dtype in (dtype_of(types[0]), attrs["dtype"]):
            if not cls.takes(dtype):
                raise DTypeError(
                    "C1", f"expected a dtype of {', '.join(d.name for d in cls.accepted())}, got {dtype.name}"
                )
        return [tensor_type(shape_of(types[0]), attrs["dtype"])]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """NumPy's conversion, but for floats to integers."""
        (x,), dtype = operands, attrs["dtype"]
        if dtype_of(x).is_complex and not (dtype.is_complex or dtype.is_bool):
            x = np.real(x)
        with np.errstate(all="ignore"):
            if {dtype_of(x), dtype} & HALVES:
                x = x.astype(FLOAT32)
            return (saturated(x, dtype) if dtype_of(x).is_floating and dtype.is_integer else x.astype(dtype),)

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """One `linalg.generic`."""
        target = type_of(op.results[0])

        def body(inner: Emitter, x: SSAValue) -> SSAValue:
            return convert(inner, x, dtype_of(target))

        return [elementwise(e, op.operands, target, body)]

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """`dy` in the operand's dtype, if both are floats or complex."""
        dtypes = [dtype_of(t) for t in (call.input_types[0], call.output_types[0])]
        return [m.cast(dy, dtypes[0]) if all(d.is_inexact for d in dtypes) else None]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`Cast`, after what is too large is taken care of."""
        (x,), source, target = call.inputs, dtype_of(call.input_types[0]), call.attrs["dtype"]
        if source != target and {source, target} & HALVES:
            x, source = g.cast(x, FLOAT32), FLOAT32
        if source.is_floating and target.is_integer:
            return [onnx_saturating(g, x, source, target)]
        return [g.cast(x, target)]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Any two dtypes."""
        return Sample((s.array(s.shape(), s.choice(ALL)),), {"dtype": s.choice(ALL)})


def convert(e: Emitter, x: SSAValue, target: DType) -> SSAValue:
    """A scalar in another dtype, by the rules of `hl.cast`."""
    source = dtype_of(x.type)
    if source == target:
        return x
    if target in HALVES:
        return rounded(e, convert(e, x, target.accumulates_in), element_type(target))
    x = widened(e, x)
    source = dtype_of(x.type)
    if source == target:
        return x
    type_: Any = element_type(target)  # a float's or an integer's, as `target` is
    if source.is_floating:
        return _convert_float(e, x, target, type_)
    if target.is_bool:
        return e.value(arith.CmpiOp(x, e.constant(0, x.type), "ne"))
    if target.is_floating:
        return e.value(arith.UIToFPOp(x, type_) if source.is_bool else arith.SIToFPOp(x, type_))
    if source.is_bool:
        return e.value(arith.ExtUIOp(x, type_))
    if target.size == source.size:
        return e.value(arith.BitcastOp(x, type_))
    return e.value(arith.ExtSIOp(x, type_) if target.size > source.size else arith.TruncIOp(x, type_))


def _convert_float(e: Emitter, x: SSAValue, target: DType, type_: Any) -> SSAValue:
    if target.is_bool:
        return e.value(arith.CmpfOp(x, e.constant(0, x.type), "une"))
    if target.is_integer:
        return to_integer(e, x, target)
    return e.value(arith.ExtFOp(x, type_) if target.size > dtype_of(x.type).size else arith.TruncFOp(x, type_))


@irdl_op_definition
class StopGradientOp(UnaryOp):
    """`x`, through which no gradient flows.

    Definition: TensorFlow `stop_gradient`.
    """

    name = "hl.stop_gradient"
    KEEPS_VALUES: ClassVar[bool] = True
    TAKES_STRINGS: ClassVar[bool] = True
    DTYPES: ClassVar[tuple[DType, ...]] = ALL
    ONNX: ClassVar[str] = "Identity"

    compute = by_numpy(lambda x: x)
    decompose = by_parts
    gradient = pullback(lambda m, x, y, dy: None)

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """Nothing is left of it."""
        return [op.operands[0]]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """No floats: their gradient is, on purpose, not the one that differences of values show."""
        return Sample((s.array(s.shape(), s.choice((BOOL, *INTS))),), {})
