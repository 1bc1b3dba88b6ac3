"""Elementwise arithmetic: sums, products, quotients, signs, extremes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from xdsl.dialects import arith, math
from xdsl.ir import SSAValue
from xdsl.irdl import irdl_op_definition
from xdsl.pattern_rewriter import RewritePattern

from ..dtypes import FLOATS, DType, dtype_of
from ..emitter import Emitter
from .rules.adapters import NO_SLOPE, always, by_numpy, emits, pullback
from .rules.elementwise import BinaryOp, DropNeutral, UnaryOp, for_operands, is_float, undone_by_itself
from .rules.facets import OnnxGraph, OpCall
from .rules.functions import Functions, Gradients, Value
from .rules.pairs import by_formula, by_parts, magnitude, product, quotient


@irdl_op_definition
class AddOp(BinaryOp):
    """`x + y`, elementwise; integers wrap around.

    Definition: NumPy `add`; IEEE 754 addition for floats.
    """

    name = "hl.add"
    COMMON: ClassVar[bool] = True
    ONNX: ClassVar[str] = "Add"
    COMMUTES: ClassVar[bool] = True
    CANONICALIZATIONS: ClassVar[tuple[type[RewritePattern], ...]] = (DropNeutral,)

    compute = by_numpy(np.add)
    decompose = by_parts
    scalar = emits(arith.AddfOp, arith.AddiOp)
    gradient = pullback(lambda m, x, y, z, dz: (dz, dz))

    @classmethod
    def neutral(cls, dtype: DType) -> float:
        """0; for floats -0, since 0 turns -0 into 0."""
        return -0.0 if dtype.is_floating else 0


@irdl_op_definition
class SubOp(BinaryOp):
    """`x - y`, elementwise; integers wrap around.

    Definition: NumPy `subtract`; IEEE 754 subtraction for floats.
    """

    name = "hl.sub"
    COMMON: ClassVar[bool] = True
    ONNX: ClassVar[str] = "Sub"
    CANONICALIZATIONS: ClassVar[tuple[type[RewritePattern], ...]] = (DropNeutral,)

    neutral = always(0)
    compute = by_numpy(np.subtract)
    decompose = by_parts
    scalar = emits(arith.SubfOp, arith.SubiOp)
    gradient = pullback(lambda m, x, y, z, dz: (dz, m.negative(dz)))


def multiplied(x: Any, y: Any) -> Any:
    """`x * y`; of complex numbers with each product of parts rounded, where NumPy has fused ones on some CPUs."""
    if not np.iscomplexobj(x):
        return np.multiply(x, y)
    result: Any = np.empty(np.broadcast_shapes(x.shape, y.shape), x.dtype)
    result.real = x.real * y.real - x.imag * y.imag
    result.imag = x.real * y.imag + x.imag * y.real
    return result


@irdl_op_definition
class MulOp(BinaryOp):
    """`x * y`, elementwise; integers wrap around.

    Definition: NumPy `multiply`; IEEE 754 multiplication for floats.
    """

    name = "hl.mul"
    COMMON: ClassVar[bool] = True
    ONNX: ClassVar[str] = "Mul"
    COMMUTES: ClassVar[bool] = True
    CANONICALIZATIONS: ClassVar[tuple[type[RewritePattern], ...]] = (DropNeutral,)

    neutral = always(1)
    compute = by_numpy(multiplied)
    decompose = by_formula(product)
    scalar = emits(arith.MulfOp, arith.MuliOp)
    gradient = pullback(lambda m, x, y, z, dz: (m.multiply(dz, m.conj(y)), m.multiply(dz, m.conj(x))))


@irdl_op_definition
class DivOp(BinaryOp):
    """`x / y`, elementwise, of floats; division by zero gives an infinity or NaN.

    Definition: IEEE 754 division.
    """

    name = "hl.div"
    DTYPES: ClassVar[tuple[DType, ...]] = FLOATS
    ONNX: ClassVar[str] = "Div"
    LOW: ClassVar[float | None] = 0.5
    HIGH: ClassVar[float | None] = 4.0
    CANONICALIZATIONS: ClassVar[tuple[type[RewritePattern], ...]] = (DropNeutral,)

    neutral = always(1)
    compute = by_numpy(np.divide)
    decompose = by_formula(quotient)
    scalar = emits(arith.DivfOp)

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dz: Value) -> Gradients:
        """`dz / y` and `-dz / y * (x / y)`."""
        dx = m.divide(dz, m.conj(call.inputs[1]))
        return for_operands(m, call, dx, m.negative(m.multiply(dx, m.conj(call.outputs[0]))))


@irdl_op_definition
class NegOp(UnaryOp):
    """`-x`, elementwise; the most negative integer stays as it is.

    Definition: NumPy `negative`; for floats the sign is flipped, that of zero and NaN too.
    """

    name = "hl.neg"
    COMMON: ClassVar[bool] = True
    KEEPS_VALUES: ClassVar[bool] = True
    ONNX: ClassVar[str] = "Neg"

    compute = by_numpy(np.negative)
    decompose = by_parts
    gradient = pullback(lambda m, x, y, dy: m.negative(dy))

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue) -> SSAValue:
        """`arith.negf`, or the difference from 0."""
        return e.value(arith.NegfOp(x) if is_float(x) else arith.SubiOp(e.constant(0, x.type), x))


NegOp.CANONICALIZATIONS = (undone_by_itself(NegOp),)


@irdl_op_definition
class AbsOp(UnaryOp):
    """`|x|`, elementwise, which is real; the most negative integer stays as it is.

    Definition: NumPy `absolute`.
    """

    name = "hl.abs"
    KEEPS_VALUES: ClassVar[bool] = True
    ONNX: ClassVar[str] = "Abs"

    compute = by_numpy(np.absolute)
    decompose = by_formula(magnitude)
    gradient = pullback(lambda m, x, y, dy: m.multiply(m.cast(dy, x.dtype), m.sign(x)))

    @classmethod
    def result_dtype(cls, dtype: DType) -> DType:
        """That of a complex number's parts."""
        return dtype.real_dtype

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue) -> SSAValue:
        """`math.absf`, or a choice between `x` and `0 - x`."""
        if is_float(x):
            return e.value(math.AbsFOp(x))
        zero = e.constant(0, x.type)
        is_negative = e.value(arith.CmpiOp(x, zero, "slt"))
        return e.value(arith.SelectOp(is_negative, e.value(arith.SubiOp(zero, x)), x))


@irdl_op_definition
class SignOp(UnaryOp):
    """-1, 0 or 1 as `x` is negative, zero (of any sign) or positive, elementwise; NaN is NaN.

    Definition: NumPy `sign`.
    """

    name = "hl.sign"

    compute = by_numpy(np.sign)
    gradient = NO_SLOPE

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue) -> SSAValue:
        """Two comparisons; what is neither is 0, or NaN, which is the sum of itself and 0."""
        zero, one, minus_one = (e.constant(value, x.type) for value in (0, 1, -1))
        compare = (
            (lambda p: arith.CmpfOp(x, zero, f"o{p}")) if is_float(x) else lambda p: arith.CmpiOp(x, zero, f"s{p}")
        )
        neither = e.value(arith.AddfOp(x, zero)) if is_float(x) else zero
        below = e.value(arith.SelectOp(e.value(compare("lt")), minus_one, neither))
        return e.value(arith.SelectOp(e.value(compare("gt")), one, below))

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`Sign`; for floats ONNX Runtime's gives 0 for NaN, so `x` is put back there."""
        (x,) = call.inputs
        sign = g.node("Sign", [x])
        if g.exact and dtype_of(call.input_types[0]).is_floating:
            sign = g.node("Where", [g.node("IsNaN", [x]), x, sign])
        return [sign]


class _ExtremeOp(BinaryOp):
    """The greater or the lesser operand; its gradient goes to that one, and to `x` where they are equal."""

    COMMUTES: ClassVar[bool] = True
    FIRST: ClassVar[str]
    """The comparison that holds where the gradient goes to `x`; where one is NaN it goes to `y`."""

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dz: Value) -> Gradients:
        """`dz` to the operand that was chosen, to `x` on a tie, as TensorFlow."""
        first, nothing = getattr(m, cls.FIRST)(*call.inputs), m.zeros_like(dz)
        return for_operands(m, call, m.where(first, dz, nothing), m.where(first, nothing, dz))

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """The node `ONNX`; where an operand is NaN, the sum, which is NaN too."""
        result = g.node(cls.ONNX, call.inputs)
        if g.exact and dtype_of(call.input_types[0]).is_floating:
            total = g.node("Add", call.inputs)
            nan = [g.node("IsNaN", [x]) for x in call.inputs]
            result = g.node("Where", [g.node("Or", nan), total, result])
        return [result]


@irdl_op_definition
class MaximumOp(_ExtremeOp):
    """The greater of `x` and `y`, elementwise; NaN if either is NaN, and 0 is greater than -0.

    Definition: IEEE 754-2019 `maximum`; NumPy `maximum`, and the signs of zeros, of which that says nothing.
    """

    name = "hl.maximum"
    COMMON: ClassVar[bool] = True
    CHOOSES: ClassVar[bool] = True
    FIRST: ClassVar[str] = "greater_equal"
    ONNX: ClassVar[str] = "Max"

    compute = by_numpy(lambda x, y: np.where((x == 0) & (y == 0), x + y, np.maximum(x, y)))
    scalar = emits(arith.MaximumfOp, arith.MaxSIOp)


@irdl_op_definition
class MinimumOp(_ExtremeOp):
    """The lesser of `x` and `y`, elementwise; NaN if either is NaN, and -0 is less than 0.

    Definition: IEEE 754-2019 `minimum`; NumPy `minimum`, and the signs of zeros, of which that says nothing.
    """

    name = "hl.minimum"
    CHOOSES: ClassVar[bool] = True
    FIRST: ClassVar[str] = "less_equal"
    ONNX: ClassVar[str] = "Min"

    compute = by_numpy(lambda x, y: np.where((x == 0) & (y == 0), -(-x - y), np.minimum(x, y)))
    scalar = emits(arith.MinimumfOp, arith.MinSIOp)
