"""Elementwise powers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from xdsl.dialects import arith, math
from xdsl.ir import Operation, SSAValue
from xdsl.irdl import irdl_op_definition

from ..dtypes import BOOL, UINT64, DType, dtype_of
from ..emitter import Emitter
from .rules.elementwise import BinaryOp, for_operands, is_float, splat_of
from .rules.facets import OnnxGraph, OpCall, Sample, Sampler
from .rules.functions import Functions, Gradients, Value
from .rules.linalg_builder import elementwise, type_of
from .rules.pairs import by_formula, power


def float_power(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """C's `pow` of floats, whose shapes broadcast; squares are rounded as products are.

    NumPy takes the square root where it is given one exponent of 0.5 for all, which is NaN for -infinity and -0 for -0,
    instead of infinity and 0; given an exponent for each element it does not. Its vectorised power of many elements is
    not always the nearest float, even where the exponent is 1 or 2.
    """
    bases, exponents = np.broadcast_arrays(x, y)
    powers = np.power(np.array(bases, ndmin=1), np.array(exponents, ndmin=1)).reshape(bases.shape)
    return np.where(exponents == 2, bases * bases, np.where(exponents == 1, bases, powers))


@irdl_op_definition
class PowOp(BinaryOp):
    """`x ** y`, elementwise.

    Integers wrap around. An integer to a negative power is 0, but 1 and -1 stay what they are: `1 ** y` is 1, and
    `(-1) ** y` is 1 or -1 as `y` is even or odd; 0 to a negative power is 0 too.

    Definition: for floats C's `pow`; for integers NumPy `power`, which has no negative exponents.
    """

    name = "hl.pow"
    EXACT: ClassVar[bool] = False
    CHEAP: ClassVar[bool] = False
    ONNX: ClassVar[str] = "Pow"
    LOW: ClassVar[float | None] = 0.25
    HIGH: ClassVar[float | None] = 3.0

    decompose = by_formula(power)

    @classmethod
    def compute(cls, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """NumPy's power, and the rule for negative exponents."""
        if dtype_of(x).is_floating:
            return float_power(x, y)
        if dtype_of(x).is_complex:
            return np.power(x, y)
        one, zero = x.dtype.type(1), x.dtype.type(0)
        of_unit = np.where((x == -1) & (y & one == one), -one, np.where(np.abs(x) == 1, one, zero))
        return np.where(y < 0, of_unit, np.power(x, np.maximum(y, zero)))

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """One `linalg.generic`; with few multiplications for a constant exponent."""
        exponent = splat_of(op.operands[1])
        if exponent is None or not (0 <= exponent <= 64 if dtype_of(exponent).is_integer else exponent == 2):
            return super().lower(e, op)

        def body(inner: Emitter, x: SSAValue, _: SSAValue) -> SSAValue:
            return _known_power(inner, x, int(exponent))

        return [elementwise(e, op.operands, type_of(op.results[0]), body)]

    @classmethod
    def scalar(cls, e: Emitter, x: SSAValue, y: SSAValue) -> SSAValue:
        """`math.powf`; for integers a square and a product for each bit of the exponent."""
        if is_float(x):
            return e.value(math.PowFOp(x, y))
        zero, one, minus_one = (e.constant(n, x.type) for n in (0, 1, -1))  # of unsigned integers there is no -1
        total, power = one, x
        for bit in range(_exponent_bits(dtype_of(x.type))):
            mask = e.value(arith.AndIOp(y, e.constant(1 << bit, y.type)))
            is_set = e.value(arith.CmpiOp(mask, zero, "ne"))
            total = e.value(arith.SelectOp(is_set, e.value(arith.MuliOp(total, power)), total))
            power = e.value(arith.MuliOp(power, power))
        if dtype_of(x.type).is_unsigned:
            return total
        is_odd = e.value(arith.CmpiOp(e.value(arith.AndIOp(y, one)), zero, "ne"))
        unit = e.value(arith.SelectOp(is_odd, minus_one, one))
        unit = e.value(arith.SelectOp(e.value(arith.CmpiOp(x, minus_one, "eq")), unit, zero))
        unit = e.value(arith.SelectOp(e.value(arith.CmpiOp(x, one, "eq")), one, unit))
        return e.value(arith.SelectOp(e.value(arith.CmpiOp(y, zero, "slt")), unit, total))

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dz: Value) -> Gradients:
        """`dz * y * x ** (y - 1)`, 0 where `y` is 0; and `dz * x ** y * log(x)`, 0 where `x` is not positive.

        Of complex numbers the conjugates of these slopes, the second of them 0 where `x` is 0.
        """
        x, y = call.inputs
        zero, one = m.cast(0, dz.dtype), m.cast(1, dz.dtype)
        slope = m.multiply(y, m.pow(x, m.subtract(y, one)))
        dx = m.multiply(dz, m.where(m.equal(y, zero), zero, m.conj(slope)))
        positive = m.not_equal(x, zero) if x.dtype.is_complex else m.greater(x, zero)
        log = m.where(positive, m.log(m.where(positive, x, one)), zero)
        return for_operands(m, call, dx, m.multiply(dz, m.conj(m.multiply(call.outputs[0], log))))

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`Pow`; for integers, where ONNX Runtime's rounds, a square and a product for each bit of the exponent."""
        (x, y), dtype = call.inputs, dtype_of(call.input_types[0])
        if dtype.is_floating:
            return [g.node("Pow", [x, y])]
        zero, one = (g.constant(np.array(n, dtype)) for n in (0, 1))
        bits, lowest = g.cast(y, UINT64), g.constant(np.array(1, np.uint64))
        total, power, odd = one, x, ""
        for bit in range(_exponent_bits(dtype)):
            amount = g.constant(np.array(bit, np.uint64))
            moved = g.node("BitShift", [bits, amount], direction="RIGHT")
            is_set = g.cast(g.node("BitwiseAnd", [moved, lowest]), BOOL)
            odd = odd or is_set
            total = g.node("Mul", [total, g.node("Where", [is_set, power, one])])
            power = g.node("Mul", [power, power])
        if dtype.is_unsigned:
            return [total]
        minus_one = g.constant(np.array(-1, dtype))
        unit = g.node("Where", [odd, minus_one, one])
        unit = g.node("Where", [g.node("Equal", [x, minus_one]), unit, zero])
        unit = g.node("Where", [g.node("Equal", [x, one]), one, unit])
        return [g.node("Where", [g.node("Less", [y, zero]), unit, total])]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Positive floats to moderate powers, any floats to whole ones, any integers."""
        first, second = s.broadcastable(2)
        dtype = s.choice(cls.DTYPES)
        if not dtype.is_floating:
            return Sample((s.array(first, dtype), s.array(second, dtype)), {})
        if s.boolean():
            return Sample((s.array(first, dtype, 0.25, 3), s.array(second, dtype, -3, 3)), {})
        whole = np.asarray(np.round(s.array(second, dtype, -4, 4)))
        return Sample((s.array(first, dtype, -3, 3), whole), {})


def _exponent_bits(dtype: DType) -> int:
    """The bits of an exponent that is not negative."""
    return dtype.bits if dtype.is_unsigned else dtype.bits - 1


def _known_power(e: Emitter, x: SSAValue, exponent: int) -> SSAValue:
    """`x` to a power that is not negative, by squaring."""
    total = None
    power = x
    while exponent:
        if exponent & 1:
            total = power if total is None else _product(e, total, power)
        exponent >>= 1
        if exponent:
            power = _product(e, power, power)
    return e.constant(1, x.type) if total is None else total


def _product(e: Emitter, x: SSAValue, y: SSAValue) -> SSAValue:
    return e.value(arith.MulfOp(x, y) if is_float(x) else arith.MuliOp(x, y))
