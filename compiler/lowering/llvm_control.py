"""cf and func → llvm: branches, and returns that hand memory over."""

from __future__ import annotations

from xdsl.dialects import cf, func
from xdsl.dialects.builtin import DYNAMIC_INDEX, MemRefType, i32
from xdsl.ir import Operation, SSAValue

from . import llvm_abi as abi
from .llvm_descriptor import MemRef, from_parts, to_parts
from .llvm_function import FunctionLowering, Handler
from .llvm_memory_plan import RESULT
from .llvm_memref import copy


def _parts(f: FunctionLowering, values: tuple[SSAValue, ...], targets: tuple[SSAValue, ...]) -> list[SSAValue]:
    parts: list[SSAValue] = []
    for value, target in zip(values, targets, strict=True):
        if isinstance(target.type, MemRefType):
            parts += to_parts(f.b, f.memref(value), target.type)
        else:
            parts.append(f.get(value))
    return parts


def _branch(f: FunctionLowering, op: Operation) -> None:
    assert isinstance(op, cf.BranchOp)
    f.b.branch(f.block(op.successor), *_parts(f, tuple(op.arguments), op.successor.args))


def _cond_branch(f: FunctionLowering, op: Operation) -> None:
    from xdsl.dialects import llvm

    assert isinstance(op, cf.ConditionalBranchOp)
    then = _parts(f, tuple(op.then_arguments), op.then_block.args)
    other = _parts(f, tuple(op.else_arguments), op.else_block.args)
    f.b.add(llvm.CondBrOp(f.get(op.cond), f.block(op.then_block), then, f.block(op.else_block), other))


def _return(f: FunctionLowering, op: Operation) -> None:
    assert isinstance(op, func.ReturnOp)
    for number, value in enumerate(op.operands):
        if isinstance(value.type, MemRefType):
            _return_memref(f, number, value, value.type)
        else:
            pointer = f.result(number, MemRefType(value.type, []), [])
            f.store_element(f.get(value), pointer, value.type)
    f.leave(f.b.constant(abi.OK, i32))


def _return_memref(f: FunctionLowering, number: int, value: SSAValue, type_: MemRefType) -> None:
    """Hand a memref over: it was made as this result, or it is copied into one."""
    made = value
    while isinstance(made.owner, Operation) and made.owner.name == "memref.cast":
        made = made.owner.operands[0]
    place = f.plan.places.get(made.owner) if isinstance(made.owner, Operation) else None
    if place is not None and place.kind == RESULT and place.at == number:
        return
    source = f.memref(value)
    sizes = [f.b.i64(at) for at, known in zip(source.sizes, type_.get_shape(), strict=True) if known == DYNAMIC_INDEX]
    pointer = f.result(number, type_, sizes)
    target = from_parts(f.b, [pointer, *sizes], MemRefType(type_.element_type, type_.get_shape()))
    copy(f, MemRef(source.pointer, source.element, target.sizes, source.strides, source.contiguous), target)


def _call(f: FunctionLowering, op: Operation) -> None:
    """A call inside the module: it has the caller's frame, and its failure is the caller's."""
    assert isinstance(op, func.CallOp)
    callee = f.functions[op.callee.string_value()]
    parts: list[SSAValue] = []
    for value, type_ in zip(op.arguments, callee.function_type.inputs.data, strict=True):
        parts += to_parts(f.b, f.memref(value), type_) if isinstance(type_, MemRefType) else [f.get(value)]
    status = f.b.call(op.callee.string_value(), [f.frame, f.arena, *parts], i32)
    assert status is not None
    f.leave_unless(f.b.icmp("eq", status, f.b.constant(abi.OK, i32)), lambda: status)


HANDLERS: dict[type[Operation], Handler] = {
    cf.BranchOp: _branch,
    cf.ConditionalBranchOp: _cond_branch,
    func.CallOp: _call,
    func.ReturnOp: _return,
}
"""How each op is lowered."""
