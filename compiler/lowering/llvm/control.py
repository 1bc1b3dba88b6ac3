"""cf and func → llvm: branches, and returns that hand memory over."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects import cf, func
from xdsl.dialects.builtin import DYNAMIC_INDEX, MemRefType, VectorType, i32
from xdsl.ir import Attribute, Block, Operation, SSAValue

from . import abi
from .descriptor import MemRef, from_parts, to_parts
from .function import FunctionLowering, Handler, result_parts
from .memory_plan import RESULT
from .memref import copy


def _parts(f: FunctionLowering, values: Sequence[SSAValue], types: Sequence[Attribute]) -> list[SSAValue]:
    """The llvm values that represent values where types are expected."""
    parts: list[SSAValue] = []
    for value, type_ in zip(values, types, strict=True):
        if isinstance(type_, MemRefType):
            parts += to_parts(f.b, f.memref(value), type_)
        else:
            parts.append(f.get(value))
    return parts


def _types(block: Block) -> list[Attribute]:
    return [argument.type for argument in block.args]


def _branch(f: FunctionLowering, op: Operation) -> None:
    assert isinstance(op, cf.BranchOp)
    f.b.branch(f.block(op.successor), *_parts(f, op.arguments, _types(op.successor)))


def _cond_branch(f: FunctionLowering, op: Operation) -> None:
    assert isinstance(op, cf.ConditionalBranchOp)
    then = f.block(op.then_block), _parts(f, op.then_arguments, _types(op.then_block))
    other = f.block(op.else_block), _parts(f, op.else_arguments, _types(op.else_block))
    polled = f.polls.rounds.get(op)
    if polled is None:
        f.b.branch_with(f.get(op.cond), *then, *other)
        return
    round_ = Block()
    into, then, other = (then, (round_, []), other) if polled.if_true else (other, then, (round_, []))
    f.b.branch_with(f.get(op.cond), *then, *other)
    f.open(round_)
    f.poll(f.b.i64(polled.cost))
    f.b.branch(into[0], *into[1])


def _switch(f: FunctionLowering, op: Operation) -> None:
    """One comparison after the other."""
    assert isinstance(op, cf.SwitchOp)
    flag = f.get(op.flag)
    numbers = op.case_values.get_values() if op.case_values is not None else ()
    for number, block, operands in zip(numbers, op.case_blocks, op.case_operand, strict=True):
        is_case, others = f.b.icmp("eq", flag, f.b.constant(int(number), flag.type)), Block()
        parts = _parts(f, operands, _types(block))
        f.b.branch_with(is_case, f.block(block), parts, others, [])
        f.open(others)
    f.b.branch(f.block(op.default_block), *_parts(f, op.default_operands, _types(op.default_block)))


def _return(f: FunctionLowering, op: Operation) -> None:
    assert isinstance(op, func.ReturnOp)
    for number, value in enumerate(op.operands):
        if f.is_private:
            _store_parts(f, value, f.function.function_type.outputs.data[number], f.outs[number])
        elif isinstance(value.type, MemRefType):
            _return_memref(f, number, value, value.type)
        else:
            pointer = f.result(number, MemRefType(value.type, []), [])
            f.store_element(f.get(value), pointer, value.type)
    f.leave(f.b.constant(abi.OK, i32))


def _store_parts(f: FunctionLowering, value: SSAValue, type_: Attribute, places: Sequence[SSAValue]) -> None:
    """Leave a result of a private function where its caller wants it: memory stays where it is."""
    for part, place in zip(_parts(f, (value,), (type_,)), places, strict=True):
        f.b.store(part, place)


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
    """A call inside the module: it has the caller's frame, its failure is the caller's, its results go on the stack."""
    assert isinstance(op, func.CallOp)
    callee = f.functions[op.callee.string_value()]
    types = callee.function_type
    passed = _parts(f, op.arguments, types.inputs.data)
    places = [[_place(f, part) for part in result_parts(type_)] for type_ in types.outputs.data]
    given = [f.frame, f.arena, *passed, *(place for each in places for place in each)]
    polls = op.callee.string_value() in f.polls.polling
    if polls:
        f.hand_budget_over()
    status = f.b.call(op.callee.string_value(), given, i32)
    assert status is not None
    if polls:
        f.receive_budget()
    f.leave_unless(f.b.icmp("eq", status, f.b.constant(abi.OK, i32)), lambda: status)
    for result, type_, each in zip(op.results, types.outputs.data, places, strict=True):
        parts = [f.b.load(place, part) for place, part in zip(each, result_parts(type_), strict=True)]
        f.set(result, from_parts(f.b, parts, type_) if isinstance(type_, MemRefType) else parts[0])


def _place(f: FunctionLowering, type_: Attribute) -> SSAValue:
    """Stack memory for a value; a vector is aligned to its size."""
    return f.stack(type_, 1, abi.ALIGNMENT if isinstance(type_, VectorType) else abi.WORD)


HANDLERS: dict[type[Operation], Handler] = {
    cf.BranchOp: _branch,
    cf.ConditionalBranchOp: _cond_branch,
    cf.SwitchOp: _switch,
    func.CallOp: _call,
    func.ReturnOp: _return,
}
"""How each op is lowered."""
