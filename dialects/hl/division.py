"""Elementwise quotients rounded down, and the remainders that go with them: the sign of the divisor, as in Python."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from xdsl.dialects import arith, math
from xdsl.dialects.builtin import IntegerType, f64, i1
from xdsl.ir import SSAValue
from xdsl.irdl import irdl_op_definition

from ..dtypes import FLOAT64, DType, dtype_of
from ..emitter import Emitter
from .rules.adapters import by_numpy
from .rules.elementwise import BinaryOp, for_operands, is_float
from .rules.facets import OnnxGraph, OpCall
from .rules.functions import Functions, Gradients, Value

_STAGE = 2.0**52
"""How much of a quotient one division in float64 finds exactly."""


def _unsafe(e: Emitter, y: SSAValue) -> tuple[SSAValue, SSAValue, SSAValue]:
    """Whether an integer divisor is 0, whether it is -1, and the divisor made 1 in both cases.

    Division by -1 overflows for the most negative integer: it is done as a negation instead.
    """
    is_zero = e.value(arith.CmpiOp(y, e.constant(0, y.type), "eq"))
    if dtype_of(y.type).is_unsigned:
        return is_zero, e.constant(False, i1), e.value(arith.SelectOp(is_zero, e.constant(1, y.type), y))
    is_minus_one = e.value(arith.CmpiOp(y, e.constant(-1, y.type), "eq"))
    either = e.value(arith.OrIOp(is_zero, is_minus_one))
    return is_zero, is_minus_one, e.value(arith.SelectOp(either, e.constant(1, y.type), y))


def _onnx_unsafe(g: OnnxGraph, y: str, dtype: DType) -> tuple[str, str, str]:
    """`_unsafe` in ONNX."""
    is_zero = g.node("Equal", [y, g.constant(np.array(0, dtype))])
    if dtype.is_unsigned:
        return is_zero, g.constant(np.array(False)), g.node("Where", [is_zero, g.constant(np.array(1, dtype)), y])
    is_minus_one = g.node("Equal", [y, g.constant(np.array(-1, dtype))])
    safe = g.node("Where", [g.node("Or", [is_zero, is_minus_one]), g.constant(np.array(1, dtype)), y])
    return is_zero, is_minus_one, safe


def _needs_step_down(e: Emitter, remainder: SSAValue, y: SSAValue) -> SSAValue:
    """Whether a truncated quotient is one too large: the remainder is not 0 and has not the sign of `y`."""
    zero = e.constant(0, y.type)
    if is_float(y):
        left, right = (e.value(arith.CmpfOp(value, zero, "olt")) for value in (remainder, y))
        is_rest = e.value(arith.CmpfOp(remainder, zero, "one"))
        return e.value(arith.AndIOp(is_rest, e.value(arith.CmpiOp(left, right, "ne"))))
    is_rest = e.value(arith.CmpiOp(remainder, zero, "ne"))
    differs = e.value(arith.CmpiOp(e.value(arith.XOrIOp(remainder, y)), zero, "slt"))
    return e.value(arith.AndIOp(is_rest, differs))


@irdl_op_definition
class FloordivOp(BinaryOp):
    """The quotient `x / y` rounded down, elementwise. Integers wrap around, and are 0 where `y` is 0.

    Definition: for integers NumPy `floor_divide`; for floats `floor(x / y)`, the quotient rounded first, as TensorFlow
    has it.
    """

    name = "hl.floordiv"
    LOW: ClassVar[float | None] = 0.5
    HIGH: ClassVar[float | None] = 4.0

    compute = by_numpy(lambda x, y: np.floor(np.divide(x, y)) if dtype_of(x).is_floating else np.floor_divide(x, y))

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue, y: SSAValue) -> SSAValue:
        """`arith.divf` and `math.floor`; `arith.divsi`, one less where that rounded up."""
        if is_float(x):
            return e.value(math.FloorOp(e.value(arith.DivfOp(x, y))))
        zero = e.constant(0, x.type)
        is_zero, is_minus_one, safe = _unsafe(e, y)
        assert isinstance(x.type, IntegerType)
        down = e.value(arith.ExtUIOp(_needs_step_down(e, e.value(arith.RemSIOp(x, safe)), safe), x.type))
        quotient = e.value(arith.SubiOp(e.value(arith.DivSIOp(x, safe)), down))
        quotient = e.value(arith.SelectOp(is_minus_one, e.value(arith.SubiOp(zero, x)), quotient))
        return e.value(arith.SelectOp(is_zero, zero, quotient))

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dz: Value) -> Gradients:
        """0 wherever it is differentiable."""
        return [m.zeros_like(x) for x in call.inputs]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`Div` and `Floor`; for integers `x - x mod y`, divided."""
        (x, y), dtype = call.inputs, dtype_of(call.input_types[0])
        if dtype.is_floating:
            return [g.node("Floor", [g.node("Div", [x, y])])]
        is_zero, is_minus_one, safe = _onnx_unsafe(g, y, dtype)
        zero, one = (g.constant(np.array(n, dtype)) for n in (0, 1))
        rest = g.node("Mod", [x, safe], fmod=1)
        wrong = g.node("Less", [g.node("BitwiseXor", [rest, safe]), zero])
        down = g.node("And", [wrong, g.node("Not", [g.node("Equal", [rest, zero])])])
        quotient = g.node("Sub", [g.node("Div", [x, safe]), g.node("Where", [down, one, zero])])
        quotient = g.node("Where", [is_minus_one, g.node("Neg", [x]), quotient])
        return [g.node("Where", [is_zero, zero, quotient])]


@irdl_op_definition
class ModOp(BinaryOp):
    """The remainder of `x / y` with the sign of `y`, elementwise. Of integers 0 where `y` is 0; of floats NaN.

    For floats the remainder is exact, but where `|x / y|` is 2**104 or more: there it is 0. A remainder of zero is 0,
    not -0.

    Definition: for integers NumPy `mod`; for floats C's `fmod`, plus `y` where the signs differ, as TensorFlow has it.
    """

    name = "hl.mod"
    LOW: ClassVar[float | None] = 0.5
    HIGH: ClassVar[float | None] = 4.0

    @classmethod
    def compute(cls, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """NumPy's mod, or fmod and a correction."""
        if not dtype_of(x).is_floating:
            return np.mod(x, y)
        quotient = np.abs(x.astype(np.float64)) / np.abs(y.astype(np.float64))
        far = (quotient >= _STAGE * _STAGE) & np.isfinite(x) & (y != 0)
        rest = np.where(far, x.dtype.type(0), np.fmod(x, y)) + x.dtype.type(0)
        return np.where((rest != 0) & ((rest < 0) != (y < 0)) & ~np.isnan(rest), rest + y, rest)

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue, y: SSAValue) -> SSAValue:
        """`arith.remsi` and a correction; for floats two divisions in float64, the second of what the first leaves."""
        if not is_float(x):
            is_zero, _, safe = _unsafe(e, y)
            rest = e.value(arith.RemSIOp(x, safe))
            moved = e.value(arith.SelectOp(_needs_step_down(e, rest, safe), e.value(arith.AddiOp(rest, safe)), rest))
            return e.value(arith.SelectOp(is_zero, e.constant(0, x.type), moved))
        type_ = x.type
        if type_ != f64:
            x, y = e.value(arith.ExtFOp(x, f64)), e.value(arith.ExtFOp(y, f64))
        rest = _fmod(e, x, y)
        moved = e.value(arith.SelectOp(_needs_step_down(e, rest, y), e.value(arith.AddfOp(rest, y)), rest))
        return moved if type_ == f64 else e.value(arith.TruncFOp(moved, type_))

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dz: Value) -> Gradients:
        """`dz` and `-dz * floor(x / y)`."""
        return for_operands(m, call, dz, m.negative(m.multiply(dz, m.floordiv(*call.inputs))))

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`Mod`, whose form for floats is `fmod`, which is corrected."""
        (x, y), dtype = call.inputs, dtype_of(call.input_types[0])
        if not dtype.is_floating:
            is_zero, _, safe = _onnx_unsafe(g, y, dtype)
            return [g.node("Where", [is_zero, g.constant(np.array(0, dtype)), g.node("Mod", [x, safe])])]
        x, y = g.cast(x, FLOAT64), g.cast(y, FLOAT64)
        zero, bound = (g.constant(np.array(n, np.float64)) for n in (0, _STAGE * _STAGE))
        quotient = g.node("Abs", [g.node("Div", [x, y])])
        infinite = g.node("Or", [g.node("IsInf", [x]), g.node("Equal", [y, zero])])
        far = g.node("And", [g.node("GreaterOrEqual", [quotient, bound]), g.node("Not", [infinite])])
        rest = g.node("Where", [far, zero, g.node("Mod", [x, y], fmod=1)])
        signs = [g.node("Less", [value, zero]) for value in (rest, y)]
        same = g.node("Or", [g.node("Equal", [rest, zero]), g.node("Not", [g.node("Xor", signs)])])
        return [g.cast(g.node("Where", [same, rest, g.node("Add", [rest, y])]), dtype)]


def _fmod(e: Emitter, x: SSAValue, y: SSAValue) -> SSAValue:
    """C's `fmod` of float64, with 0 where the quotient is 2**104 or more, and for any zero."""
    zero, infinity = e.constant(0, f64), e.constant(float("inf"), f64)
    size, divisor = e.value(math.AbsFOp(x)), e.value(math.AbsFOp(y))
    multiple = e.value(arith.MulfOp(divisor, e.constant(_STAGE, f64)))
    rest = _fmod_stage(e, _fmod_stage(e, size, multiple), divisor)
    quotient = e.value(arith.DivfOp(size, divisor))
    far = e.value(arith.CmpfOp(quotient, e.constant(_STAGE * _STAGE, f64), "oge"))
    rest = e.value(arith.SelectOp(far, zero, rest))
    infinite = e.value(arith.CmpfOp(size, infinity, "ueq"))
    no_divisor = e.value(arith.CmpfOp(divisor, zero, "ueq"))
    undefined = e.value(arith.OrIOp(infinite, no_divisor))
    rest = e.value(arith.SelectOp(undefined, e.constant(float("nan"), f64), rest))
    return e.value(arith.SelectOp(e.value(arith.CmpfOp(x, zero, "olt")), e.value(arith.SubfOp(zero, rest)), rest))


def _fmod_stage(e: Emitter, x: SSAValue, y: SSAValue) -> SSAValue:
    """The remainder of non-negative numbers whose quotient is less than 2**52.

    The rounded quotient is at most one too large, and then the remainder, which `math.fma` gives exactly, is negative.
    """
    quotient = e.value(math.TruncOp(e.value(arith.DivfOp(x, y))))
    rest = e.value(math.FmaOp(e.value(arith.NegfOp(quotient)), y, x))
    negative = e.value(arith.CmpfOp(rest, e.constant(0, f64), "olt"))
    rest = e.value(arith.SelectOp(negative, e.value(arith.AddfOp(rest, y)), rest))
    return e.value(arith.SelectOp(e.value(arith.CmpfOp(x, y, "olt")), x, rest))
