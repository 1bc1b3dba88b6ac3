"""Variables, checks, prints, calls and returns."""

from __future__ import annotations

from xdsl.dialects import bufferization, func, memref
from xdsl.dialects.builtin import DYNAMIC_INDEX, FunctionType, MemRefType, TensorType
from xdsl.ir import Operation, SSAValue

from ....dialects.debug import AssertOp, BreakOp, PrintOp, UnmaskInterruptsOp
from ....dialects.emitter import Emitter
from .placement import uses_with_views
from .rewriter import Handler, Rewriter
from .storage import Buffer, Storage, is_row_major, memref_of


def _rewrite_read(r: Rewriter, op: bufferization.ToTensorOp) -> None:
    """A read is the variable's own memory, unless the value is still read after a later assignment."""
    e = Emitter.before(op)
    variable = r.buffers.get(op.memref) or Buffer(op.memref, Storage(op.memref))
    if _is_read_after_a_write(r, op):
        memory = r.own(e, memref_of(op.tensor.type), _sizes(r, e, op.memref))
        e.add(memref.CopyOp(op.memref, memory.memref))
        r.place(op.tensor, memory)
    else:
        r.place(op.tensor, variable)
    r.drop(op)


def _is_read_after_a_write(r: Rewriter, op: bufferization.ToTensorOp) -> bool:
    """Whether the variable may have another value when what was read of it is used; a called function does both."""
    scope = r.order.scope(op.tensor)
    reads = [use.op for use in uses_with_views(r, op.tensor)]
    return any(
        isinstance(write, func.CallOp) if read is write else r.order.may_follow(read, write, scope)
        for write in r.writes_of(op.memref)
        for read in reads
    )


def _sizes(r: Rewriter, e: Emitter, memory: SSAValue) -> list[SSAValue]:
    assert isinstance(memory.type, MemRefType)
    open_axes = [axis for axis, size in enumerate(memory.type.get_shape()) if size == DYNAMIC_INDEX]
    return [e.value(memref.DimOp(memory, e.index(axis))) for axis in open_axes]


def _rewrite_assign(r: Rewriter, op: bufferization.MaterializeInDestinationOp) -> None:
    """An assignment copies, unless the value was produced in the variable's memory."""
    e = Emitter.before(op)
    r.copy(e, op.source, op.dest)
    if op in r.masked:
        e.add(UnmaskInterruptsOp.create())
    r.drop(op)


def _rewrite_debug(r: Rewriter, op: Operation) -> None:
    """Checks and prints look at memory."""
    e = Emitter.before(op)
    op.operands = [r.read_row_major(e, value) for value in op.operands]


def _rewrite_call(r: Rewriter, op: func.CallOp) -> None:
    """A called function reads its arguments' memory, and gives fresh memory for its results."""
    if not any(isinstance(v.type, TensorType) for v in (*op.operands, *op.results)):
        return
    e = Emitter.before(op)
    arguments = [r.read_row_major(e, value) for value in op.operands]
    types = [memref_of(v.type) if isinstance(v.type, TensorType) else v.type for v in op.results]
    call = e.add(func.CallOp(op.callee, arguments, types))
    for old, new in zip(op.results, call.results, strict=True):
        if isinstance(old.type, TensorType):
            r.owned[new] = None
            r.place(old, Buffer(new, Storage(new, writable=True)))
        else:
            old.replace_all_uses_with(new)
    r.drop(op)


def _rewrite_return(r: Rewriter, op: func.ReturnOp) -> None:
    """Each returned tensor is memory of its own: made here, whole, and not returned twice."""
    e = Emitter.before(op)
    given: set[Storage] = set()
    values = []
    for value in op.operands:
        if not isinstance(value.type, TensorType):
            values.append(value)
            continue
        values.append(_given_away(r, e, value, given))
    r.drop(op)
    e.add(func.ReturnOp(*values))


def _given_away(r: Rewriter, e: Emitter, value: SSAValue, given: set[Storage]) -> SSAValue:
    source = r.buffers.get(value)
    if source is not None and source.storage not in given:
        root = source.storage.root
        if root in r.owned and is_row_major(source.memref):
            given.add(source.storage)
            return source.memref
    memory = r.own(e, memref_of(value.type), r.dynamic_sizes(e, value)).memref
    r.copy(e, value, memory)
    return memory


def convert_signature(r: Rewriter) -> None:
    """Give the function memrefs for tensors; the tensor arguments stay until the body is rewritten."""
    block = r.function.body.block
    for argument in list(block.args):
        if isinstance(argument.type, TensorType):
            new = block.insert_arg(memref_of(argument.type), argument.index)
            new.name_hint = argument.name_hint
            new.location = argument.location
            r.place(argument, Buffer(new, Storage(new)))
        elif isinstance(argument.type, MemRefType):
            r.buffers[argument] = Buffer(argument, Storage(argument))


def finish_signature(r: Rewriter) -> None:
    """Remove the tensor arguments, and update the function's type."""
    block = r.function.body.block
    for argument in list(block.args):
        if isinstance(argument.type, TensorType):
            block.erase_arg(argument)
    last = block.last_op
    assert last is not None
    types = [argument.type for argument in block.args], [operand.type for operand in last.operands]
    r.function.function_type = FunctionType.from_lists(*types)


HANDLERS: dict[type, Handler] = {
    bufferization.ToTensorOp: _rewrite_read,
    bufferization.MaterializeInDestinationOp: _rewrite_assign,
    AssertOp: _rewrite_debug,
    PrintOp: _rewrite_debug,
    BreakOp: _rewrite_debug,
    func.CallOp: _rewrite_call,
    func.ReturnOp: _rewrite_return,
}
"""How each op is rewritten."""
