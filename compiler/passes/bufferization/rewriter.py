"""The walk over a function that puts every tensor into memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from xdsl.dialects import arith, func, memref, tensor
from xdsl.dialects.builtin import DYNAMIC_INDEX, MemRefType, ModuleOp, TensorType
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.dialects.linalg.ops import FillOp
from xdsl.ir import Attribute, Block, Operation, SSAValue

from ....dialects.emitter import Emitter
from .constants import Constants, filled_with, splat_value
from .function_memory import FunctionMemory
from .order import Use
from .placement import Harmless, continued, destination, in_place, never
from .storage import Buffer, Storage, allocate, is_row_major, memref_of

Handler = Callable[["Rewriter", Any], None]
"""Rewrites one op: emits memory ops before it, and says where its results live."""


class Rewriter(FunctionMemory):
    """Rewrites a function, op by op in program order.

    Ops on memory are inserted before the ops on tensors they replace; those stay, so that the order of the program
    can still be asked for, until the block they are in is done.

    Attributes:
        dead: replaced ops, in program order.
        owned: memrefs to be freed, unless they are handed on.
    """

    def __init__(self, function: func.FuncOp, constants: Constants, handlers: Mapping[type[Operation], Handler]):
        super().__init__(function)
        self.dead: list[Operation] = []
        self.owned: dict[SSAValue, None] = {}
        self.constants = constants
        self.handlers = handlers

    def run_block(self, block: Block, finish: Callable[[Operation], None] | None = None) -> None:
        """Rewrite the ops of a block (the last one by `finish`, if given), then remove those that were replaced."""
        start = len(self.dead)
        for op in list(block.ops):
            if finish is not None and op.next_op is None:
                finish(op)
            else:
                self._run_op(op)
        self.remove_dead(start)

    def _run_op(self, op: Operation) -> None:
        handler = self.handlers.get(type(op))
        if handler is None and isinstance(op, LinalgStructuredOperation):
            handler = self.handlers[LinalgStructuredOperation]
        if handler is not None:
            handler(self, op)
            return
        for region in op.regions:
            for block in region.blocks:
                self.run_block(block)
        assert not any(isinstance(v.type, TensorType) for v in (*op.operands, *op.results)), f"{op.name} on tensors"

    def remove_dead(self, start: int) -> None:
        """Remove the ops that were replaced since there were `start` of them."""
        for op in reversed(self.dead[start:]):
            if op.parent is not None:
                op.detach()
            op.erase(safe_erase=False)
        del self.dead[start:]

    def own(self, e: Emitter, type_: MemRefType[Attribute], sizes: Sequence[SSAValue]) -> Buffer:
        """Fresh memory, which will be freed after its last use."""
        root = allocate(e, type_, sizes)
        self.owned[root] = None
        return Buffer(root, Storage(root, writable=True))

    def buffer(self, value: SSAValue) -> Buffer:
        """Where a tensor lives; constants and uninitialised tensors get memory when somebody asks."""
        found = self.buffers.get(value)
        if found is not None:
            return found
        op = value.owner
        e = Emitter.before(op) if isinstance(op, Operation) else None
        assert e is not None and isinstance(op, tensor.EmptyOp | arith.ConstantOp), f"{value} has no memory"
        if isinstance(op, tensor.EmptyOp):
            found = self.own(e, memref_of(value.type), list(op.dynamic_sizes))
        else:
            root = self.constants.get(e, op)
            found = Buffer(root, Storage(root))
        self.place(value, found)
        return found

    def read(self, value: SSAValue) -> SSAValue:
        """The memref of a tensor; any other value as it is."""
        return self.buffer(value).memref if isinstance(value.type, TensorType) else value

    def read_row_major(self, e: Emitter, value: SSAValue) -> SSAValue:
        """The memref of a tensor, copied if it is a part of another one."""
        source = self.read(value)
        if not isinstance(source.type, MemRefType) or is_row_major(source):
            return source
        copy = self.own(e, memref_of(value.type), self.dynamic_sizes(e, value)).memref
        e.add(memref.CopyOp(source, copy))
        return copy

    def size(self, e: Emitter, value: SSAValue, axis: int) -> SSAValue:
        """The size of a tensor along an axis."""
        assert isinstance(value.type, TensorType)
        shape = value.type.get_shape()
        if shape[axis] != DYNAMIC_INDEX:
            return e.index(shape[axis])
        if value not in self.buffers and isinstance(value.owner, tensor.EmptyOp):
            return value.owner.dynamic_sizes[sum(size == DYNAMIC_INDEX for size in shape[:axis])]
        return e.value(memref.DimOp(self.read(value), e.index(axis)))

    def dynamic_sizes(self, e: Emitter, value: SSAValue) -> list[SSAValue]:
        """The sizes of a tensor that its type leaves open."""
        assert isinstance(value.type, TensorType)
        shape = value.type.get_shape()
        return [self.size(e, value, axis) for axis, size in enumerate(shape) if size == DYNAMIC_INDEX]

    def fresh(self, e: Emitter, op: Operation, result: SSAValue, sizes: Callable[[], Sequence[SSAValue]]) -> SSAValue:
        """Memory for a result that depends on none of the op's operands' memory: where it is wanted, or fresh."""
        found = destination(self, op, result, never) or self.own(e, memref_of(result.type), sizes())
        self.place(result, found)
        return found.memref

    def output(
        self, e: Emitter, use: Use, result: SSAValue, harmless: Harmless = never, reads: bool = True
    ) -> SSAValue:
        """The memory for `result`, which is operand `use` written over; `reads`: its old contents matter."""
        op, out = use.op, use.op.operands[use.index]
        empty = isinstance(out.owner, tensor.EmptyOp) and out not in self.buffers
        found = None if reads and not empty else destination(self, op, result, harmless)
        if found is None and not empty:
            found = in_place(self, use, harmless) or continued(self, use, result)
            if found is not None:
                self.forget_dead(found.storage, op)
        if found is None:
            found = destination(self, op, result, never) if reads and not empty else None
            found = found or self.own(e, memref_of(result.type), self.dynamic_sizes(e, out))
            if reads and not empty:
                self.copy(e, out, found.memref)
        self.place(result, found)
        return found.memref

    def forget_dead(self, storage: Storage, op: Operation) -> None:
        """Drop values from memory that `op` is about to write over: those that neither it nor a later op can use.

        A value of a block around that of `op` stays: another branch of that block may be still to come, and read it.
        An operand of `op` stays too: no other result of `op` may be in that memory.
        """
        around = self.order.blocks_around(op)
        kept = [v for v in storage.values if v in op.operands or self.order.scope(v) in around]
        storage.values = kept

    def copy(self, e: Emitter, value: SSAValue, target: SSAValue) -> None:
        """Copy a tensor to `target`; equal elements are filled in."""
        op = value.owner
        if value not in self.buffers:
            if isinstance(op, tensor.EmptyOp):
                return
            scalar = splat_value(e, value)
            if scalar is not None:
                e.add(FillOp([scalar], [target], ()))
                return
        source, scalar = self.read(value), filled_with(value)
        if source is target:
            return
        if scalar is not None:
            e.add(FillOp([scalar], [target], ()))
        else:
            e.add(memref.CopyOp(source, target))

    def drop(self, op: Operation) -> None:
        """Remove an op when its block is done."""
        self.dead.append(op)


def module_functions(module: ModuleOp) -> list[func.FuncOp]:
    """The functions of a module that have a body."""
    return [op for op in module.ops if isinstance(op, func.FuncOp) and op.body.blocks]


__all__ = ["Handler", "Rewriter", "module_functions"]
