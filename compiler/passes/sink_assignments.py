"""`sink-assignments`: Variables are assigned after the computation around them, which then is fused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects import bufferization, func, tensor
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.ir import Block, Operation, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter

from ...dialects.walk import ops_of
from ..pipeline.base import Pass
from .speculation import why_not_speculated

Assignment = bufferization.MaterializeInDestinationOp


@dataclass(frozen=True)
class SinkAssignmentsPass(Pass):
    """Move each assignment of a Variable behind the computations that follow it.

    Before:

        func.func @f(%v: memref<4xf32>, %w: memref<4xf32>, %x: tensor<4xf32>) {
          bufferization.materialize_in_destination %x in writable %v : (tensor<4xf32>, memref<4xf32>) -> ()
          bufferization.materialize_in_destination %x in writable %w : (tensor<4xf32>, memref<4xf32>) -> ()
          %0 = tensor.empty() : tensor<4xf32>
          %1 = linalg.add ins(%x, %x : tensor<4xf32>, tensor<4xf32>) outs(%0 : tensor<4xf32>) -> tensor<4xf32>
          bufferization.materialize_in_destination %1 in writable %w : (tensor<4xf32>, memref<4xf32>) -> ()
          func.return
        }

    After:

        func.func @f(%v: memref<4xf32>, %w: memref<4xf32>, %x: tensor<4xf32>) {
          %0 = tensor.empty() : tensor<4xf32>
          %1 = linalg.add ins(%x, %x : tensor<4xf32>, tensor<4xf32>) outs(%0 : tensor<4xf32>) -> tensor<4xf32>
          bufferization.materialize_in_destination %x in writable %v : (tensor<4xf32>, memref<4xf32>) -> ()
          bufferization.materialize_in_destination %1 in writable %w : (tensor<4xf32>, memref<4xf32>) -> ()
          func.return
        }

    An optimizer assigns its moments and then the weight that it computes from them. Between these assignments
    `fuse-elementwise` must not move what reads a Variable; after the pass one loop computes all three. A read that an
    assignment would pass is the value that is assigned, and an assignment that another one overwrites goes. None
    passes what may fail, so that a failure finds the same values, and what has an effect, runs for long, or is a
    branch, a loop or a call.
    """

    name = "sink-assignments"
    requires: ClassVar[str | None] = "linalg"
    ensures: ClassVar[str | None] = "linalg"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """One walk over the blocks of each function."""
        functions = [function for function in op.ops if isinstance(function, func.FuncOp)]
        called = {call.callee.string_value() for call in ops_of(op, func.CallOp)}
        for function in functions:
            separate = _is_public(function) and function.sym_name.data not in called
            blocks = list(function.body.blocks)
            while blocks:
                block = blocks.pop()
                _Sinking(separate).run(block)
                blocks += [
                    nested
                    for inner in block.ops
                    if not isinstance(inner, LinalgStructuredOperation)
                    for region in inner.regions
                    for nested in region.blocks
                ]


def _is_public(function: func.FuncOp) -> bool:
    """Whether callers from outside call it, which give it each Variable once."""
    return function.sym_visibility is None or function.sym_visibility.data == "public"


class _Sinking:
    """Carries the assignments of a block along, as far as they may be moved.

    Attributes:
        separate: whether no two Variables can be one.
        carried: the assignments on the way, by Variable, in their order.
    """

    def __init__(self, separate: bool):
        self.separate = separate
        self.carried: dict[SSAValue, Assignment] = {}

    def run(self, block: Block) -> None:
        """Move the assignments of a block."""
        for op in list(block.ops):
            if isinstance(op, Assignment):
                earlier = self.carried.pop(op.dest, None)
                if earlier is not None:
                    earlier.detach()
                    earlier.erase()
                self._put_down(op, [variable for variable in self.carried if self._may_be(variable, op.dest)])
                self.carried[op.dest] = op
            elif isinstance(op, bufferization.ToTensorOp):
                self._read(op)
            elif not _may_be_passed(op):
                self._put_down(op, list(self.carried))

    def _read(self, op: bufferization.ToTensorOp) -> None:
        """A read of what is carried is the value; other reads stay behind what may be an assignment of theirs."""
        carried = self.carried.get(op.memref)
        if carried is not None and carried.source.type == op.tensor.type:
            op.tensor.replace_all_uses_with(carried.source)
            op.detach()
            op.erase()
        else:
            self._put_down(op, [variable for variable in self.carried if self._may_be(variable, op.memref)])

    def _may_be(self, one: SSAValue, other: SSAValue) -> bool:
        """Whether two names may be of one Variable."""
        return one is other or (not self.separate and one.type == other.type)

    def _put_down(self, before: Operation, variables: list[SSAValue]) -> None:
        """Let assignments stand before an op, in their order, unless they do."""
        ops = [self.carried.pop(variable) for variable in variables]
        if all(_only_assignments_between(op, before) for op in ops):
            return
        for op in ops:
            op.detach()
            Rewriter.insert_op(op, InsertPoint.before(before))


def _only_assignments_between(op: Operation, before: Operation) -> bool:
    following = op.next_op
    while isinstance(following, Assignment) and following is not before:
        following = following.next_op
    return following is before


def _may_be_passed(op: Operation) -> bool:
    """Whether an assignment may as well be after an op."""
    if isinstance(op, LinalgStructuredOperation):
        return not any(isinstance(inner, tensor.ExtractOp) for inner in op.body.block.ops)
    return not op.regions and why_not_speculated(op) is None


__all__ = ["SinkAssignmentsPass"]
