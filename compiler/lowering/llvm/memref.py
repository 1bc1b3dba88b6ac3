"""memref → llvm: addresses from typed element pointers, and memory where the plan says."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from xdsl.dialects import llvm, memref
from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    ArrayAttr,
    BFloat16Type,
    DenseIntOrFPElementsAttr,
    IntegerAttr,
    MemRefType,
    i1,
    i32,
    i64,
)
from xdsl.ir import Block, Operation, SSAValue

from ....dialects.diagnostics import UnsupportedError
from . import abi
from .arith import bfloat16_bits
from .builder import I8, PTR, Index, byte_size, storage_type
from .descriptor import MemRef, from_parts, is_identity, row_major, view
from .function import FunctionLowering, Handler
from .memory_plan import ARENA, HEAP, RESULT, STACK


def _type(value: SSAValue) -> MemRefType:
    assert isinstance(value.type, MemRefType)
    return value.type


def _load(f: FunctionLowering, op: Operation) -> None:
    assert isinstance(op, memref.LoadOp)
    address = f.memref(op.memref).address(f.b, [f.get(index) for index in op.indices])
    f.set(op.res, f.load_element(address, op.res.type))


def _store(f: FunctionLowering, op: Operation) -> None:
    assert isinstance(op, memref.StoreOp)
    address = f.memref(op.memref).address(f.b, [f.get(index) for index in op.indices])
    f.store_element(f.get(op.value), address, op.value.type)


def _alloc(f: FunctionLowering, op: Operation) -> None:
    assert isinstance(op, memref.AllocOp)
    type_, place = _type(op.memref), f.plan.places[op]
    dynamic = [f.get(size) for size in op.dynamic_sizes]
    rest = iter(dynamic)
    sizes: list[Index] = [next(rest) if size == DYNAMIC_INDEX else size for size in type_.get_shape()]
    if place.kind == STACK:
        stored = storage_type(type_.element_type)
        pointer = f.stack(stored, max(prod(type_.get_shape()), 1), abi.ALIGNMENT)
    elif place.kind == ARENA:
        pointer = f.b.gep(f.arena, I8, place.at)
    elif place.kind == RESULT:
        returned = _result_type(f, place.at)
        pointer = f.result(place.at, returned, _dynamic(f, sizes, returned))
    else:
        assert place.kind == HEAP
        pointer = _heap(f, sizes, type_)
    f.set(op.memref, MemRef(pointer, type_.element_type, tuple(sizes), row_major(f.b, sizes)))


def _result_type(f: FunctionLowering, number: int) -> MemRefType:
    type_ = f.function.function_type.outputs.data[number]
    assert isinstance(type_, MemRefType)
    return type_


def _dynamic(f: FunctionLowering, sizes: Sequence[Index], type_: MemRefType) -> list[SSAValue]:
    return [f.b.i64(at) for at, known in zip(sizes, type_.get_shape(), strict=True) if known == DYNAMIC_INDEX]


def _heap(f: FunctionLowering, sizes: Sequence[Index], type_: MemRefType) -> SSAValue:
    name = f.declarations.declare(abi.ALLOCATE, [PTR, i64], PTR, fresh=True)
    pointer = f.b.call(name, [f.frame, _bytes(f, sizes, type_)], PTR)
    assert pointer is not None
    return f.unless_null(pointer, type_.element_type, sizes)


def _bytes(f: FunctionLowering, sizes: Sequence[Index], type_: MemRefType) -> SSAValue:
    """The bytes of a buffer, without sign; a product that does not fit, or of a negative size, is the largest number.

    Saturation costs a comparison for each unknown size, and no branch: the allocator refuses such a number.
    """
    known = prod(size for size in sizes if isinstance(size, int)) * byte_size(type_.element_type)
    count = f.b.i64(min(known, 2**63 - 1))
    for size in sizes:
        if isinstance(size, SSAValue):
            found = f.b.intrinsic("llvm.umul.fix.sat.i64", [count, size, f.b.constant(0, i32)], i64)
            assert found is not None
            count = found
    return count


def _dealloc(f: FunctionLowering, op: Operation) -> None:
    assert isinstance(op, memref.DeallocOp)
    place = f.plan.places.get(op.memref.owner) if isinstance(op.memref.owner, Operation) else None
    if place is None or place.kind == HEAP:
        name = f.declarations.declare(abi.FREE, [PTR, PTR], None)
        f.b.call(name, [f.frame, f.memref(op.memref).pointer])


def _dim(f: FunctionLowering, op: Operation) -> None:
    assert isinstance(op, memref.DimOp)
    source, owner = f.memref(op.source), op.index.owner
    number = owner.properties.get("value") if isinstance(owner, Operation) and owner.name == "arith.constant" else None
    if isinstance(number, IntegerAttr):
        f.set(op.result, f.b.i64(source.sizes[number.value.data]))
        return
    value = f.b.i64(source.sizes[0])
    for axis, size in enumerate(source.sizes[1:], 1):
        is_axis = f.b.icmp("eq", f.get(op.index), f.b.i64(axis))
        value = f.b.select(is_axis, f.b.i64(size), value)
    f.set(op.result, value)


def _rank(f: FunctionLowering, op: Operation) -> None:
    f.set(op.results[0], f.b.i64(_type(op.operands[0]).get_num_dims()))


def _cast(f: FunctionLowering, op: Operation) -> None:
    source = f.memref(op.operands[0])
    type_ = _type(op.results[0])
    known = type_.get_shape()
    sizes = [at if size == DYNAMIC_INDEX else size for at, size in zip(source.sizes, known, strict=True)]
    contiguous = source.contiguous or is_identity(type_)
    strides = row_major(f.b, sizes) if contiguous else source.strides
    f.set(op.results[0], MemRef(source.pointer, source.element, tuple(sizes), strides, contiguous))


def _mixed(f: FunctionLowering, static: Sequence[int], dynamic: Sequence[SSAValue]) -> list[Index]:
    rest = iter(dynamic)
    return [f.get(next(rest)) if value == DYNAMIC_INDEX else value for value in static]


def _subview(f: FunctionLowering, op: Operation) -> None:
    assert isinstance(op, memref.SubviewOp)
    source = f.memref(op.source)
    offsets = _mixed(f, op.static_offsets.get_values(), op.offsets)
    sizes = _mixed(f, op.static_sizes.get_values(), op.sizes)
    steps = _mixed(f, op.static_strides.get_values(), op.strides)
    strides = [f.b.mul_index(step, stride) for step, stride in zip(steps, source.strides, strict=True)]
    pointer = source.pointer
    if any(offset != 0 for offset in offsets):
        pointer = source.address(f.b, offsets)
    kept = _kept(list(op.static_sizes.get_values()), list(_type(op.result).get_shape()))
    f.set(op.result, view(source, pointer, [sizes[k] for k in kept], [strides[k] for k in kept]))


def _kept(sizes: list[int], shape: list[int]) -> list[int]:
    """The dimensions of a subview that its result keeps; the others have size 1."""
    kept: list[int] = []
    wanted = len(shape)
    for position, size in enumerate(sizes):
        left = len(sizes) - position
        droppable = size == 1 and left > wanted - len(kept)
        if len(kept) < wanted and not (droppable and shape[len(kept)] != 1):
            kept.append(position)
    return kept


def _collapse(f: FunctionLowering, op: Operation) -> None:
    assert isinstance(op, memref.CollapseShapeOp)
    source = f.memref(op.src)
    sizes: list[Index] = []
    strides: list[Index] = []
    for group in _groups(op):
        size: Index = 1
        for dim in group:
            size = f.b.mul_index(size, source.sizes[dim])
        sizes.append(size)
        strides.append(source.strides[group[-1]] if group else 1)
    _reshaped(f, op, source, sizes, strides)


def _expand(f: FunctionLowering, op: Operation) -> None:
    assert isinstance(op, memref.ExpandShapeOp)
    source = f.memref(op.src)
    sizes = _mixed(f, op.static_output_shape.get_values(), op.output_shape)
    strides: list[Index] = []
    for dim, group in enumerate(_groups(op)):
        step: Index = source.strides[dim]
        inner: list[Index] = []
        for position in reversed(group):
            inner.append(step)
            if len(inner) < len(group):
                step = f.b.mul_index(step, sizes[position])
        strides += reversed(inner)
    _reshaped(f, op, source, sizes, strides if strides or not sizes else row_major(f.b, sizes))


def _reshaped(
    f: FunctionLowering, op: Operation, source: MemRef, sizes: Sequence[Index], strides: Sequence[Index]
) -> None:
    if source.contiguous:
        strides = row_major(f.b, sizes)
    new = MemRef(source.pointer, source.element, tuple(sizes), tuple(strides), source.contiguous)
    f.set(op.results[0], new)


def _groups(op: memref.CollapseShapeOp | memref.ExpandShapeOp) -> list[list[int]]:
    groups = []
    for group in op.reassociation.data:
        assert isinstance(group, ArrayAttr)
        groups.append([item.value.data for item in group.data if isinstance(item, IntegerAttr)])
    return groups


def _reinterpret(f: FunctionLowering, op: Operation) -> None:
    assert isinstance(op, memref.ReinterpretCastOp)
    source = f.memref(op.source)
    (offset,) = _mixed(f, op.static_offsets.get_values(), op.offsets)
    sizes = _mixed(f, op.static_sizes.get_values(), op.sizes)
    strides = _mixed(f, op.static_strides.get_values(), op.strides)
    pointer = source.pointer
    if offset != 0:
        pointer = f.b.gep(pointer, storage_type(source.element), offset)
    f.set(op.result, view(source, pointer, sizes, strides))


def _copy(f: FunctionLowering, op: Operation) -> None:
    assert isinstance(op, memref.CopyOp)
    copy(f, f.memref(op.source), f.memref(op.destination))


def copy(f: FunctionLowering, source: MemRef, target: MemRef) -> None:
    """Copy all elements; the two have the same sizes."""
    if source.contiguous and target.contiguous:
        count = f.b.mul_index(_known_count(f, source, target), byte_size(source.element))
        move_bytes(f, target.pointer, source.pointer, count)
        return
    _copy_loops(f, source, target, [])


def _known_count(f: FunctionLowering, source: MemRef, target: MemRef) -> Index:
    known = all(isinstance(size, int) for size in source.sizes)
    return (source if known else target).count(f.b)


def move_bytes(f: FunctionLowering, target: SSAValue, source: SSAValue, count: Index) -> None:
    """Copy bytes between places that may be the same."""
    no = f.b.constant(0, i1)
    f.b.intrinsic("llvm.memmove.p0.p0.i64", [target, source, f.b.i64(count), no], None)


def _copy_loops(f: FunctionLowering, source: MemRef, target: MemRef, indices: list[Index]) -> None:
    """Loops over the dimensions that are left; the last one moves whole rows where both have them."""
    axis = len(indices)
    if axis == len(source.sizes):
        stored = storage_type(source.element)
        f.b.store(f.b.load(source.address(f.b, indices), stored), target.address(f.b, indices))
        return
    if axis == len(source.sizes) - 1 and source.strides[-1] == 1 and target.strides[-1] == 1:
        at: list[Index] = [*indices, 0]
        count = f.b.mul_index(source.sizes[-1], byte_size(source.element))
        move_bytes(f, target.address(f.b, at), source.address(f.b, at), count)
        return
    header, body, after = Block(arg_types=[i64]), Block(), Block()
    f.b.branch(header, f.b.i64(0))
    f.open(header)
    index = header.args[0]
    f.b.branch_if(f.b.icmp("slt", index, f.b.i64(source.sizes[axis])), body, after)
    f.open(body)
    _copy_loops(f, source, target, [*indices, index])
    following = f.b.add_index(index, 1)
    assert isinstance(following, SSAValue)
    f.b.branch(header, following)
    f.open(after)


def _get_global(f: FunctionLowering, op: Operation) -> None:
    assert isinstance(op, memref.GetGlobalOp)
    type_ = _type(op.memref)
    name = op.name_.root_reference.data
    pointer = f.b.value(llvm.AddressOfOp(name, PTR))
    f.set(op.memref, from_parts(f.b, [pointer], type_))


def lower_global(op: memref.GlobalOp) -> llvm.GlobalOp:
    """A constant in memory."""
    type_ = op.type
    assert isinstance(type_, MemRefType)
    stored = storage_type(type_.element_type)
    count = prod(type_.get_shape())
    value = op.initial_value
    if not isinstance(value, DenseIntOrFPElementsAttr):
        raise UnsupportedError("a global memref without a value has no native form", location=op.location)
    if isinstance(type_.element_type, BFloat16Type):
        value = bfloat16_bits(value)
    new = llvm.GlobalOp(
        llvm.LLVMArrayType(count, stored),
        op.sym_name,
        "internal",
        constant=True,
        value=value,
        alignment=abi.ALIGNMENT,
    )
    new.location = op.location
    return new


HANDLERS: dict[type[Operation], Handler] = {
    memref.LoadOp: _load,
    memref.StoreOp: _store,
    memref.AllocOp: _alloc,
    memref.DeallocOp: _dealloc,
    memref.DimOp: _dim,
    memref.RankOp: _rank,
    memref.CastOp: _cast,
    memref.SubviewOp: _subview,
    memref.CollapseShapeOp: _collapse,
    memref.ExpandShapeOp: _expand,
    memref.ReinterpretCastOp: _reinterpret,
    memref.CopyOp: _copy,
    memref.GetGlobalOp: _get_global,
}
"""How each op is lowered."""
