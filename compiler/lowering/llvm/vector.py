"""vector → llvm: whole vectors, vectors under a mask, and lanes of a vector as one value."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from xdsl.dialects import llvm, vector
from xdsl.dialects.builtin import (
    DenseArrayBase,
    DenseIntOrFPElementsAttr,
    IntegerType,
    MemRefType,
    VectorType,
    i1,
    i32,
    i64,
)
from xdsl.dialects.vector import CombiningKindFlag
from xdsl.ir import Attribute, Operation, SSAValue

from ....dialects import llvm as own
from ....dialects import simd
from ....dialects.diagnostics import UnsupportedError
from ....dialects.types import vector_type
from .builder import I8, LlvmBuilder, byte_size, mangled, storage_type, value_type
from .function import FunctionLowering, Handler

_COMBINE: dict[CombiningKindFlag, type[Operation] | str] = {
    CombiningKindFlag.MUL: llvm.MulOp,
    CombiningKindFlag.AND: llvm.AndOp,
    CombiningKindFlag.OR: llvm.OrOp,
    CombiningKindFlag.XOR: llvm.XOrOp,
    CombiningKindFlag.MINSI: "smin",
    CombiningKindFlag.MAXSI: "smax",
    CombiningKindFlag.MINUI: "umin",
    CombiningKindFlag.MAXUI: "umax",
    CombiningKindFlag.MINIMUMF: "minimum",
    CombiningKindFlag.MAXIMUMF: "maximum",
    CombiningKindFlag.MINNUMF: "minnum",
    CombiningKindFlag.MAXNUMF: "maxnum",
}
"""How two values combine; sums and products of floats have ops of their own."""


def _vector_type(value: SSAValue) -> VectorType[Attribute]:
    assert isinstance(value.type, VectorType)
    return value.type


def _stored(type_: VectorType[Attribute]) -> VectorType[Attribute]:
    """How a vector lies in memory: lanes of booleans are bytes."""
    return vector_type(storage_type(type_.element_type), *type_.get_shape())


def _address(f: FunctionLowering, base: SSAValue, indices: Sequence[SSAValue]) -> SSAValue:
    return f.memref(base).address(f.b, [f.get(index) for index in indices])


def _alignment(base: SSAValue) -> int:
    assert isinstance(base.type, MemRefType)
    return byte_size(base.type.element_type)


def _from_memory(f: FunctionLowering, value: SSAValue, type_: VectorType[Attribute]) -> SSAValue:
    if type_.element_type == i1:
        return f.b.icmp("ne", value, f.b.constant(0, value.type))
    return value


def _to_memory(f: FunctionLowering, value: SSAValue, type_: VectorType[Attribute]) -> SSAValue:
    if type_.element_type == i1:
        return f.b.convert(llvm.ZExtOp, value, _stored(type_))
    return value


def _load(f: FunctionLowering, op: Operation) -> None:
    assert isinstance(op, vector.LoadOp)
    type_ = _vector_type(op.result)
    loaded = f.b.load(_address(f, op.base, op.indices), _stored(type_), _alignment(op.base))
    f.set(op.result, _from_memory(f, loaded, type_))


def _store(f: FunctionLowering, op: Operation) -> None:
    assert isinstance(op, vector.StoreOp)
    value = _to_memory(f, f.get(op.vector), _vector_type(op.vector))
    f.b.store(value, _address(f, op.base, op.indices), _alignment(op.base))


def _masked_load(f: FunctionLowering, op: Operation) -> None:
    assert isinstance(op, vector.MaskedLoadOp)
    type_ = _vector_type(op.result)
    stored = _stored(type_)
    otherwise = _to_memory(f, f.get(op.pass_thru), type_)
    args = [_address(f, op.base, op.indices), f.get(op.mask), otherwise]
    loaded = f.b.intrinsic(f"llvm.masked.load.{mangled(stored)}.p0", args, stored)
    assert loaded is not None
    f.set(op.result, _from_memory(f, loaded, type_))


def _masked_store(f: FunctionLowering, op: Operation) -> None:
    assert isinstance(op, vector.MaskedStoreOp)
    type_ = _vector_type(op.value_to_store)
    args = [_to_memory(f, f.get(op.value_to_store), type_), _address(f, op.base, op.indices), f.get(op.mask)]
    f.b.intrinsic(f"llvm.masked.store.{mangled(_stored(type_))}.p0", args, None)


def broadcast(b: LlvmBuilder, value: SSAValue, type_: VectorType[Attribute]) -> SSAValue:
    """A vector with `value` in all lanes."""
    undefined = b.undefined(type_)
    operands = [undefined, value, b.constant(0, i64)]
    one = b.value(llvm.InsertElementOp.create(operands=operands, result_types=[type_]))
    return shuffle(b, one, [0] * type_.get_shape()[0])


def shuffle(b: LlvmBuilder, value: SSAValue, lanes: Sequence[int], other: SSAValue | None = None) -> SSAValue:
    """The vector of the lanes with these numbers; those of another vector have the numbers after them."""
    type_ = _vector_type(value)
    second = b.undefined(type_) if other is None else other
    result = vector_type(type_.element_type, len(lanes))
    properties = _mask(tuple(lanes)).copy()
    return b.value(llvm.ShuffleVectorOp.create(operands=[value, second], result_types=[result], properties=properties))


@lru_cache(maxsize=256)
def _mask(lanes: tuple[int, ...]) -> dict[str, Attribute]:
    return {"mask": DenseArrayBase.from_list(IntegerType(32), lanes)}


def _shuffle(f: FunctionLowering, op: Operation) -> None:
    assert isinstance(op, vector.ShuffleOp)
    if len(_vector_type(op.v1).get_shape()) != 1 or op.v1.type != op.v2.type:
        raise UnsupportedError("a shuffle of vectors of several axes or sizes has no native form", location=op.location)
    f.set(op.result, shuffle(f.b, f.get(op.v1), op.mask.get_values(), f.get(op.v2)))


def _dot(f: FunctionLowering, op: Operation) -> None:
    """The CPU's instruction for products of bytes, else products of extended lanes.

    Where lanes have 16 bits LLVM finds its instructions for pairs, `vpmaddwd` and `vpdpwssd`, in the latter.
    """
    assert isinstance(op, simd.DotOp)
    b, (lhs, rhs, total) = f.b, (f.get(operand) for operand in op.operands)
    name = _byte_products(f, op)
    if name is not None:
        args = [total, rhs, lhs] if op.signs.data == "su" else [total, lhs, rhs]
        found = b.intrinsic(name, args, total.type)
        assert found is not None
        f.set(op.result, found)
        return
    (lanes,), sums = _vector_type(lhs).get_shape(), _vector_type(total)
    wide = vector_type(sums.element_type, lanes)
    if wide != lhs.type:
        signs = zip(op.signs.data, (lhs, rhs), strict=True)
        lhs, rhs = (b.convert(llvm.ZExtOp if sign == "u" else llvm.SExtOp, value, wide) for sign, value in signs)
    products = b.binary(llvm.MulOp, lhs, rhs)
    first, *others = (shuffle(b, products, range(each, lanes, op.group)) for each in range(op.group))
    for other in others:
        first = b.binary(llvm.AddOp, first, other)
    f.set(op.result, b.binary(llvm.AddOp, first, total))


def _byte_products(f: FunctionLowering, op: simd.DotOp) -> str | None:
    """The intrinsic that adds products of four bytes to each lane of a register, where the target has it."""
    target, sums, signs = f.declarations.target, _vector_type(op.total), op.signs.data
    is_register = sums.element_type == i32 and sums.get_shape()[0] * 32 == target.vector_bits
    if not is_register or op.group != 4 or _vector_type(op.lhs).element_type != I8:
        return None
    if signs in ("us", "su") and "us" in target.byte_products:
        return f"llvm.x86.avx512.vpdpbusd.{target.vector_bits}"
    return f"llvm.aarch64.neon.{signs[0]}dot.v4i32.v16i8" if signs in target.byte_products else None


def _broadcast(f: FunctionLowering, op: Operation) -> None:
    assert isinstance(op, vector.BroadcastOp)
    type_ = value_type(op.vector.type)
    assert isinstance(type_, VectorType)
    if isinstance(op.source.type, VectorType):
        if op.source.type.get_shape() == type_.get_shape():
            f.set(op.vector, f.get(op.source))
            return
        raise UnsupportedError("a broadcast of a vector has no native form", location=op.location)
    f.set(op.vector, broadcast(f.b, f.get(op.source), type_))


def _fma(f: FunctionLowering, op: Operation) -> None:
    f.set(op.results[0], f.b.intrinsic_value("fma", [f.get(operand) for operand in op.operands]))


def _create_mask(f: FunctionLowering, op: Operation) -> None:
    """The first lanes: a comparison of lane numbers in bytes, which fit since a vector has at most 64 lanes."""
    assert isinstance(op, vector.CreateMaskOp)
    b, (count,) = f.b, op.mask_dim_sizes
    (lanes,) = _vector_type(op.mask_vector).get_shape()
    at_most = b.intrinsic_value("smin", [f.get(count), b.constant(lanes, i64)])
    clamped = b.intrinsic_value("smax", [at_most, b.constant(0, i64)])
    type_ = vector_type(I8, lanes)
    limit = broadcast(b, b.convert(llvm.TruncOp, clamped, I8), type_)
    numbers = b.attribute(DenseIntOrFPElementsAttr.from_list(type_, list(range(lanes))), type_)
    f.set(op.mask_vector, b.icmp("slt", numbers, limit))


def _extract(f: FunctionLowering, op: Operation) -> None:
    assert isinstance(op, vector.ExtractOp)
    positions = list(op.static_position.get_values())
    if len(positions) != 1 or isinstance(op.result.type, VectorType):
        raise UnsupportedError("an extraction of a vector has no native form", location=op.location)
    at = f.get(op.dynamic_position[0]) if op.dynamic_position else f.b.constant(int(positions[0]), i64)
    f.set(op.result, f.b.value(own.ExtractElementOp(f.get(op.vector), at)))


def _bitcast(f: FunctionLowering, op: Operation) -> None:
    f.set(op.results[0], f.b.convert(llvm.BitcastOp, f.get(op.operands[0]), value_type(op.results[0].type)))


def combine(b: LlvmBuilder, kind: CombiningKindFlag, lhs: SSAValue, rhs: SSAValue) -> SSAValue:
    """Two values, scalars or vectors, as one."""
    element = lhs.type.element_type if isinstance(lhs.type, VectorType) else lhs.type
    whole = isinstance(element, IntegerType)
    if kind is CombiningKindFlag.ADD:
        return b.binary(llvm.AddOp if whole else llvm.FAddOp, lhs, rhs)
    how = llvm.FMulOp if kind is CombiningKindFlag.MUL and not whole else _COMBINE[kind]
    return b.intrinsic_value(how, [lhs, rhs]) if isinstance(how, str) else b.binary(how, lhs, rhs)


def _reduction(f: FunctionLowering, op: Operation) -> None:
    """Halves combined with each other until one lane is left."""
    assert isinstance(op, vector.ReductionOp)
    value, kind = f.get(op.vector), op.kind.data
    (lanes,) = _vector_type(op.vector).get_shape()
    if lanes & (lanes - 1):
        raise UnsupportedError(f"a reduction of {lanes} lanes has no native form", location=op.location)
    while lanes > 1:
        lanes //= 2
        low, high = shuffle(f.b, value, range(lanes)), shuffle(f.b, value, range(lanes, 2 * lanes))
        value = combine(f.b, kind, low, high)
    result = f.b.value(own.ExtractElementOp(value, f.b.constant(0, i64)))
    f.set(op.dest, result if op.acc is None else combine(f.b, kind, f.get(op.acc), result))


HANDLERS: dict[type[Operation], Handler] = {
    vector.LoadOp: _load,
    vector.StoreOp: _store,
    vector.MaskedLoadOp: _masked_load,
    vector.MaskedStoreOp: _masked_store,
    vector.BroadcastOp: _broadcast,
    vector.FMAOp: _fma,
    vector.ShuffleOp: _shuffle,
    simd.DotOp: _dot,
    vector.CreateMaskOp: _create_mask,
    vector.ExtractOp: _extract,
    vector.BitcastOp: _bitcast,
    vector.ReductionOp: _reduction,
}
"""How each op is lowered."""
