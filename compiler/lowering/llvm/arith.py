"""arith and simd → llvm: on scalars, and on vectors lane by lane."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from xdsl.dialects import arith, llvm
from xdsl.dialects.builtin import (
    AnyFloat,
    BFloat16Type,
    DenseIntOrFPElementsAttr,
    FloatAttr,
    IntegerAttr,
    IntegerType,
    MemRefType,
    TensorType,
    VectorType,
    f32,
    i32,
)
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import IRDLOperation

from ....dialects import llvm as own
from ....dialects import simd
from ....dialects.dtypes import BFLOAT16
from ....dialects.types import vector_type
from .builder import I16, LlvmBuilder, mangled, value_type
from .descriptor import from_parts, to_parts
from .function import FunctionLowering, Handler

_BINARY: dict[type[Operation], type[Operation]] = {
    arith.AddiOp: llvm.AddOp,
    arith.SubiOp: llvm.SubOp,
    arith.MuliOp: llvm.MulOp,
    arith.DivSIOp: llvm.SDivOp,
    arith.DivUIOp: llvm.UDivOp,
    arith.RemSIOp: llvm.SRemOp,
    arith.RemUIOp: llvm.URemOp,
    arith.AndIOp: llvm.AndOp,
    arith.OrIOp: llvm.OrOp,
    arith.XOrIOp: llvm.XOrOp,
    arith.ShLIOp: llvm.ShlOp,
    arith.ShRSIOp: llvm.AShrOp,
    arith.ShRUIOp: llvm.LShrOp,
    arith.AddfOp: llvm.FAddOp,
    arith.SubfOp: llvm.FSubOp,
    arith.MulfOp: llvm.FMulOp,
    arith.DivfOp: llvm.FDivOp,
}
_INTRINSICS: dict[type[Operation], str] = {
    arith.MaxSIOp: "smax",
    arith.MinSIOp: "smin",
    arith.MaxUIOp: "umax",
    arith.MinUIOp: "umin",
    arith.MaximumfOp: "maximum",
    arith.MinimumfOp: "minimum",
    arith.MaxnumfOp: "maxnum",
    arith.MinnumfOp: "minnum",
}
_FCMP = (
    "false",
    "oeq",
    "ogt",
    "oge",
    "olt",
    "ole",
    "one",
    "ord",
    "ueq",
    "ugt",
    "uge",
    "ult",
    "ule",
    "une",
    "uno",
    "true",
)
_ICMP = tuple(llvm.ICmpPredicateFlag)


def element(type_: Attribute) -> Attribute:
    """The type of one lane of a vector, or the scalar type itself."""
    return type_.element_type if isinstance(type_, VectorType) else type_


def _width(type_: Attribute) -> int:
    lane = element(type_)
    assert isinstance(lane, IntegerType | AnyFloat)
    return lane.bitwidth


def _binary(f: FunctionLowering, op: Operation) -> None:
    lhs, rhs = op.operands
    f.set(op.results[0], f.b.binary(_BINARY[type(op)], f.get(lhs), f.get(rhs)))


def _intrinsic(f: FunctionLowering, op: Operation) -> None:
    args = [f.get(operand) for operand in op.operands]
    f.set(op.results[0], f.b.intrinsic_value(_INTRINSICS[type(op)], args))


def _constant(f: FunctionLowering, op: Operation) -> None:
    assert isinstance(op, arith.ConstantOp)
    type_, value = value_type(op.result.type), op.value
    if isinstance(element(op.result.type), BFloat16Type):
        value = bfloat16_bits(value)
    if isinstance(value, IntegerAttr | FloatAttr):
        f.set(op.result, f.b.constant(value.value.data, type_))
        return
    assert isinstance(value, DenseIntOrFPElementsAttr), value
    items = cast("tuple[float, ...]", value.get_values())  # no complex numbers here
    if value.is_splat():
        f.set(op.result, f.b.constant(items[0], type_))
        return
    dense = DenseIntOrFPElementsAttr.from_list(cast("VectorType[Any]", type_), items)
    f.set(op.result, f.b.attribute(dense, type_))


def _cmpi(f: FunctionLowering, op: Operation) -> None:
    assert isinstance(op, arith.CmpiOp | simd.CmpiOp)
    predicate = _ICMP[op.predicate.value.data].value
    f.set(op.result, f.b.icmp(predicate, f.get(op.lhs), f.get(op.rhs)))


def _cmpf(f: FunctionLowering, op: Operation) -> None:
    assert isinstance(op, arith.CmpfOp | simd.CmpfOp)
    predicate = _FCMP[op.predicate.value.data]
    if predicate in ("false", "true"):
        type_ = value_type(op.result.type)
        f.set(op.result, f.b.constant(int(predicate == "true"), type_))
        return
    f.set(op.result, f.b.fcmp(predicate, f.get(op.lhs), f.get(op.rhs)))


def _select(f: FunctionLowering, op: Operation) -> None:
    cond, lhs, rhs = op.operands
    if not isinstance(lhs.type, MemRefType):
        f.set(op.results[0], f.b.select(f.get(cond), f.get(lhs), f.get(rhs)))
        return
    type_ = lhs.type
    pairs = zip(to_parts(f.b, f.memref(lhs), type_), to_parts(f.b, f.memref(rhs), type_), strict=True)
    f.set(op.results[0], from_parts(f.b, [f.b.select(f.get(cond), a, b) for a, b in pairs], type_))


def _negf(f: FunctionLowering, op: Operation) -> None:
    f.set(op.results[0], f.b.value(llvm.FNegOp(f.get(op.operands[0]))))


def floor_div(b: LlvmBuilder, lhs: SSAValue, rhs: SSAValue, up: bool = False) -> SSAValue:
    """A quotient rounded down, or up."""
    zero, one = b.constant(0, lhs.type), b.constant(1, lhs.type)
    quotient = b.binary(llvm.SDivOp, lhs, rhs)
    rest = b.binary(llvm.SubOp, lhs, b.binary(llvm.MulOp, quotient, rhs))
    inexact = b.icmp("ne", rest, zero)
    opposite = b.icmp("sge" if up else "slt", b.binary(llvm.XOrOp, lhs, rhs), zero)
    adjusted = b.binary(llvm.AddOp if up else llvm.SubOp, quotient, one)
    return b.select(b.binary(llvm.AndOp, inexact, opposite), adjusted, quotient)


def _floor_div(f: FunctionLowering, op: Operation) -> None:
    lhs, rhs = (f.get(operand) for operand in op.operands)
    f.set(op.results[0], floor_div(f.b, lhs, rhs, up=isinstance(op, arith.CeilDivSIOp)))


def _ceil_div_unsigned(f: FunctionLowering, op: Operation) -> None:
    b, (lhs, rhs) = f.b, (f.get(operand) for operand in op.operands)
    quotient = b.binary(llvm.UDivOp, lhs, rhs)
    rest = b.binary(llvm.URemOp, lhs, rhs)
    more = b.binary(llvm.AddOp, quotient, b.constant(1, lhs.type))
    f.set(op.results[0], b.select(b.icmp("ne", rest, b.constant(0, lhs.type)), more, quotient))


def _resize(b: LlvmBuilder, value: SSAValue, type_: Attribute, signed: bool) -> SSAValue:
    """An integer of another width."""
    have, want = _width(value.type), _width(type_)
    if have == want:
        return value
    if have > want:
        return b.convert(llvm.TruncOp, value, type_)
    return b.convert(llvm.SExtOp if signed else llvm.ZExtOp, value, type_)


def _float(kind: type[IRDLOperation]) -> Callable[[LlvmBuilder, SSAValue, Attribute], SSAValue]:
    return lambda b, value, type_: b.convert(kind, value, type_)


def _saturating(name: str) -> Callable[[LlvmBuilder, SSAValue, Attribute], SSAValue]:
    """A conversion to an integer that gives the nearest one for what does not fit, and zero for NaN."""

    def convert(b: LlvmBuilder, value: SSAValue, type_: Attribute) -> SSAValue:
        found = b.intrinsic(f"llvm.{name}.sat.{mangled(type_)}.{mangled(value.type)}", [value], type_)
        assert found is not None
        return found

    return convert


_CASTS: dict[str, Callable[[LlvmBuilder, SSAValue, Attribute], SSAValue]] = {
    "extsi": lambda b, value, type_: _resize(b, value, type_, True),
    "extui": lambda b, value, type_: _resize(b, value, type_, False),
    "trunci": lambda b, value, type_: _resize(b, value, type_, True),
    "index_cast": lambda b, value, type_: _resize(b, value, type_, True),
    "sitofp": _float(llvm.SIToFPOp),
    "uitofp": _float(own.UIToFPOp),
    "fptosi": _saturating("fptosi"),
    "fptoui": _saturating("fptoui"),
    "extf": lambda b, value, type_: _extended(b, value, type_),
    "truncf": lambda b, value, type_: _truncated(b, value, type_),
    "bitcast": _float(llvm.BitcastOp),
}


def _like(type_: Attribute, lane: Attribute) -> Attribute:
    """The type of a scalar, or of a vector, with another element."""
    return vector_type(lane, *type_.get_shape()) if isinstance(type_, VectorType) else lane


def _extended(b: LlvmBuilder, value: SSAValue, type_: Attribute) -> SSAValue:
    """A float as a wider one; the bits of a bfloat16 are the upper half of those of the same float32."""
    if not isinstance(element(value.type), IntegerType):
        return b.convert(llvm.FPExtOp, value, type_)
    bits = b.convert(llvm.ZExtOp, value, wide := _like(type_, i32))
    single = b.convert(llvm.BitcastOp, b.binary(llvm.ShlOp, bits, b.constant(16, wide)), _like(type_, f32))
    return single if single.type == type_ else b.convert(llvm.FPExtOp, single, type_)


def _truncated(b: LlvmBuilder, value: SSAValue, type_: Attribute) -> SSAValue:
    """A float as a narrower one, ties to even; a bfloat16 by adding not quite half of the last bit that is kept."""
    if not isinstance(element(type_), IntegerType):
        return b.convert(llvm.FPTruncOp, value, type_)
    if element(value.type) != f32:
        value = b.convert(llvm.FPTruncOp, value, _like(type_, f32))
    wide = _like(type_, i32)
    bits, shift = b.convert(llvm.BitcastOp, value, wide), b.constant(16, wide)
    upper = b.binary(llvm.LShrOp, bits, shift)
    odd = b.binary(llvm.AndOp, upper, b.constant(1, wide))
    nearest = b.binary(llvm.AddOp, bits, b.binary(llvm.AddOp, odd, b.constant(0x7FFF, wide)))
    nan = b.binary(llvm.OrOp, upper, b.constant(0x40, wide))
    kept = b.select(b.fcmp("uno", value, value), nan, b.binary(llvm.LShrOp, nearest, shift))
    return b.convert(llvm.TruncOp, kept, type_)


def bfloat16_bits(value: Attribute) -> Attribute:
    """A constant of bfloat16 as one of their bits."""
    if isinstance(value, FloatAttr):
        number = np.asarray(value.value.data, BFLOAT16)
        return IntegerAttr(int(number.view(np.int16)), I16)
    assert isinstance(value, DenseIntOrFPElementsAttr)
    type_ = value.type
    if isinstance(type_, VectorType):
        return DenseIntOrFPElementsAttr(vector_type(I16, *type_.get_shape()), value.data)
    return DenseIntOrFPElementsAttr(TensorType(I16, type_.get_shape()), value.data)


def _cast(f: FunctionLowering, op: Operation) -> None:
    name = op.kind.data if isinstance(op, simd.CastOp) else op.name.removeprefix("arith.")
    type_ = value_type(op.results[0].type)
    value = f.get(op.operands[0])
    f.set(op.results[0], value if value.type == type_ and name == "bitcast" else _CASTS[name](f.b, value, type_))


def _add_extended(f: FunctionLowering, op: Operation) -> None:
    lhs, rhs = (f.get(operand) for operand in op.operands)
    total = f.b.binary(llvm.AddOp, lhs, rhs)
    f.set(op.results[0], total)
    f.set(op.results[1], f.b.icmp("ult", total, lhs))


def _mul_extended(f: FunctionLowering, op: Operation) -> None:
    """Both halves of a product: from one of twice the width, where there are integers of that width."""
    b, (lhs, rhs) = f.b, (f.get(operand) for operand in op.operands)
    width, signed = _width(lhs.type), isinstance(op, arith.MulSIExtendedOp)
    if width == 64:
        f.set(op.results[0], b.binary(llvm.MulOp, lhs, rhs))
        f.set(op.results[1], _high_word(b, lhs, rhs, signed))
        return
    wide: Attribute = IntegerType(2 * width)
    if isinstance(lhs.type, VectorType):
        wide = vector_type(wide, *lhs.type.get_shape())
    kind = llvm.SExtOp if signed else llvm.ZExtOp
    product = b.binary(llvm.MulOp, b.convert(kind, lhs, wide), b.convert(kind, rhs, wide))
    f.set(op.results[0], b.convert(llvm.TruncOp, product, lhs.type))
    high = b.binary(llvm.LShrOp, product, b.constant(width, wide))
    f.set(op.results[1], b.convert(llvm.TruncOp, high, lhs.type))


def _high_word(b: LlvmBuilder, lhs: SSAValue, rhs: SSAValue, signed: bool) -> SSAValue:
    """The upper half of a product of 64-bit integers, by schoolbook multiplication with digits of 32 bits.

    Knuth, The Art of Computer Programming, volume 2, section 4.3.1, algorithm M, for two digits: no sum of a product of
    digits and two carries exceeds 64 bits. Signed: Warren, Hacker's Delight, section 8-3: a negative operand `x` is
    `x + 2**64` as an unsigned one, so that the other operand is subtracted from the upper half.
    """
    half, low, top = b.constant(32, lhs.type), b.constant((1 << 32) - 1, lhs.type), b.constant(63, lhs.type)

    def add(x: SSAValue, y: SSAValue) -> SSAValue:
        return b.binary(llvm.AddOp, x, y)

    def product(x: SSAValue, y: SSAValue) -> SSAValue:
        return b.binary(llvm.MulOp, x, y)

    # 1. Digits: x = x1 2**32 + x0, y = y1 2**32 + y0.
    (x0, x1), (y0, y1) = (
        (b.binary(llvm.AndOp, value, low), b.binary(llvm.LShrOp, value, half)) for value in (lhs, rhs)
    )
    # 2. The middle digits, with the carry of the lowest; then what is carried from them into the upper half.
    first = add(product(x1, y0), b.binary(llvm.LShrOp, product(x0, y0), half))
    second = add(product(x0, y1), b.binary(llvm.AndOp, first, low))
    carried = add(b.binary(llvm.LShrOp, first, half), b.binary(llvm.LShrOp, second, half))
    high = add(product(x1, y1), carried)
    # 3. The correction for signed operands.
    if not signed:
        return high
    for value, other in ((lhs, rhs), (rhs, lhs)):
        sign = b.binary(llvm.AShrOp, value, top)  # all ones for negative numbers
        high = b.binary(llvm.SubOp, high, b.binary(llvm.AndOp, sign, other))
    return high


HANDLERS: dict[type[Operation], Handler] = {
    **dict.fromkeys(_BINARY, _binary),
    **dict.fromkeys(_INTRINSICS, _intrinsic),
    arith.ConstantOp: _constant,
    arith.CmpiOp: _cmpi,
    simd.CmpiOp: _cmpi,
    arith.CmpfOp: _cmpf,
    simd.CmpfOp: _cmpf,
    arith.SelectOp: _select,
    simd.SelectOp: _select,
    arith.NegfOp: _negf,
    arith.FloorDivSIOp: _floor_div,
    arith.CeilDivSIOp: _floor_div,
    arith.CeilDivUIOp: _ceil_div_unsigned,
    arith.AddUIExtendedOp: _add_extended,
    arith.MulSIExtendedOp: _mul_extended,
    arith.MulUIExtendedOp: _mul_extended,
    **dict.fromkeys(
        (
            simd.CastOp,
            arith.ExtSIOp,
            arith.ExtUIOp,
            arith.TruncIOp,
            arith.IndexCastOp,
            arith.SIToFPOp,
            arith.UIToFPOp,
            arith.FPToSIOp,
            arith.FPToUIOp,
            arith.ExtFOp,
            arith.TruncFOp,
            arith.BitcastOp,
        ),
        _cast,
    ),
}
"""How each op is lowered."""
