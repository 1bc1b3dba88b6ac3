"""`hoist-loop-invariants`: what is the same in each iteration is computed once, before the loop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects import scf
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Operation, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.traits import IsTerminator, is_side_effect_free

from ...dialects import state
from ...dialects.hl.movement import BroadcastToOp
from ...dialects.walk import ops_in
from ..pipeline.base import Pass
from ..rewriting import refuse
from .speculation import constant_index, why_not_speculated
from .variable_writes import VariableWrites

Loop = scf.ForOp | scf.WhileOp

NAME = "hoist-loop-invariants"


@dataclass(frozen=True)
class HoistLoopInvariantsPass(Pass):
    """Move ops out of `scf.for` and `scf.while` whose operands are the same in each iteration.

    Before:

        func.func @f(%x: tensor<3xf32>, %n: index) -> tensor<3xf32> {
          %0 = arith.constant 0 : index
          %1 = arith.constant 1 : index
          %2 = scf.for %i = %0 to %n step %1 iter_args(%y = %x) -> (tensor<3xf32>) {
            %3 = hl.exp %x : (tensor<3xf32>) -> tensor<3xf32>
            %4 = hl.add %y, %3 : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
            scf.yield %4 : tensor<3xf32>
          }
          func.return %2 : tensor<3xf32>
        }

    After:

        func.func @f(%x: tensor<3xf32>, %n: index) -> tensor<3xf32> {
          %0 = arith.constant 0 : index
          %1 = arith.constant 1 : index
          %2 = hl.exp %x : (tensor<3xf32>) -> tensor<3xf32>
          %3 = scf.for %i = %0 to %n step %1 iter_args(%y = %x) -> (tensor<3xf32>) {
            %4 = hl.add %y, %2 : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
            scf.yield %4 : tensor<3xf32>
          }
          func.return %3 : tensor<3xf32>
        }

    User programs contain such ops, and no pass below this level can move a matrix product. Ops without effects are
    moved, and reads of a Variable if no op in the loop writes it. An op that can fail, such as one that checks sizes at
    run time, is moved only if the loop always executes it, with no effect before it: a loop that runs no iteration, or
    prints first, must still do so. Ops inside a branch are not moved, nor is a broadcast that is unused outside the
    loop: in the loop it costs nothing, since its operand is read directly. Inner loops are processed first, so that an
    op can leave several loops.
    """

    name = NAME
    requires: ClassVar[str | None] = "hl"
    ensures: ClassVar[str | None] = "hl"
    nestable: ClassVar[bool] = True

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Empty the loops, inner ones first."""
        _visit(op, VariableWrites(op))


def _visit(op: Operation, writes: VariableWrites) -> None:
    for region in op.regions:
        for block in region.blocks:
            for inner in list(block.ops):
                _visit(inner, writes)
    if isinstance(op, Loop):
        for block, certain in _bodies(op):
            for moved in _Body(op, block, certain, writes).invariants():
                moved.detach()
                Rewriter.insert_op(moved, InsertPoint.before(op))


def _bodies(loop: Loop) -> Iterator[tuple[Block, bool]]:
    """The loop's blocks, and whether each is sure to run once the loop does."""
    if isinstance(loop, scf.WhileOp):
        yield loop.before_region.block, True
        yield loop.after_region.block, False
        return
    low, high, step = map(constant_index, (loop.lb, loop.ub, loop.step))
    yield loop.body.block, low is not None and high is not None and low < high and step is not None and step > 0


class _Body:
    """One block of a loop."""

    def __init__(self, loop: Loop, block: Block, certain: bool, writes: VariableWrites):
        self.loop, self.block, self.certain, self.writes = loop, block, certain, writes
        self.outside: set[Operation] = set()

    def invariants(self) -> Sequence[Operation]:
        """The ops to move, in order."""
        for op in self.block.ops:
            if op.has_trait(IsTerminator):
                break
            if self._is_invariant(op):
                reason = self._why_it_stays(op)
                if reason is None:
                    self.outside.add(op)
                    continue
                refuse(NAME, op, reason)
            self.certain = self.certain and why_not_speculated(op) is None
        for op in reversed(list(self.block.ops)):
            if op in self.outside and isinstance(op, BroadcastToOp) and not self._is_needed_outside(op):
                refuse(NAME, op, "a broadcast is read in place inside of the loop")
                self.outside.remove(op)
        return [op for op in self.block.ops if op in self.outside]

    def _is_invariant(self, op: Operation) -> bool:
        """Whether nothing that `op`, and what is nested in it, uses changes from iteration to iteration."""
        return all(
            op.is_ancestor(operand.owner) or self._is_outside(operand)
            for inner in ops_in(op)
            for operand in inner.operands
        )

    def _is_outside(self, value: SSAValue) -> bool:
        return value.owner in self.outside or not self.loop.is_ancestor(value.owner)

    def _is_needed_outside(self, op: Operation) -> bool:
        """Whether an op that is moved uses it, or one nested in such an op."""
        users = [use.operation for result in op.results for use in result.uses]
        return any(moved.is_ancestor(user) for moved in self.outside for user in users)

    def _why_it_stays(self, op: Operation) -> str | None:
        if isinstance(op, state.ReadOp):
            return "the loop may write the Variable" if self.writes.written_by(self.loop, [op.variable]) else None
        if not is_side_effect_free(op):
            return "it has an effect"
        return None if self.certain else why_not_speculated(op)
