"""`forward-reads`: a read of a Variable whose value is known already is that value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects import scf
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Operation, SSAValue
from xdsl.traits import IsolatedFromAbove

from ...dialects import state
from ..pipeline.base import Pass
from .variable_writes import VariableWrites

Known = dict[SSAValue, SSAValue]
"""The value of each Variable that is known at a point of the program."""


@dataclass(frozen=True)
class ForwardReadsPass(Pass):
    """Replace a read of a Variable by the value last read or assigned, if no write can be in between.

    Before:

        func.func @f(%v: !state.variable<tensor<f32>>, %w: !state.variable<tensor<f32>>, %x: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
          %0 = state.read %v : !state.variable<tensor<f32>> -> tensor<f32>
          state.assign %w, %x : !state.variable<tensor<f32>>, tensor<f32>
          %1 = state.read %v : !state.variable<tensor<f32>> -> tensor<f32>
          %2 = state.read %w : !state.variable<tensor<f32>> -> tensor<f32>
          %3 = hl.add %0, %1 : (tensor<f32>, tensor<f32>) -> tensor<f32>
          func.return %2, %3 : tensor<f32>, tensor<f32>
        }

    After:

        func.func @f(%v: !state.variable<tensor<f32>>, %w: !state.variable<tensor<f32>>, %x: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
          %0 = state.read %v : !state.variable<tensor<f32>> -> tensor<f32>
          state.assign %w, %x : !state.variable<tensor<f32>>, tensor<f32>
          %1 = hl.add %0, %0 : (tensor<f32>, tensor<f32>) -> tensor<f32>
          func.return %x, %1 : tensor<f32>, tensor<f32>
        }

    Each use of a Variable in a program is a read, and an optimizer reads its learning rate once per weight: `cse` can
    merge computations on these reads only once they are the same value. Values known before a branch are known in it;
    in a loop, only those of Variables that the loop does not write. Values read in a branch or loop are not known after
    it.
    """  # noqa: E501

    name = "forward-reads"
    requires: ClassVar[str | None] = "hl"
    ensures: ClassVar[str | None] = "hl"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """One walk in program order."""
        _forward(op.body.block, {}, VariableWrites(op))


def _forward(block: Block, known: Known, writes: VariableWrites) -> None:
    """Replace the reads in a block, keeping `known` up to date."""
    for op in list(block.ops):
        if isinstance(op, state.ReadOp):
            _forward_read(op, known)
            continue
        if op.regions:
            _forward_nested(op, known, writes)
        for variable in writes.written_by(op, known):
            del known[variable]
        if isinstance(op, state.AssignOp):
            known[op.variable] = op.value


def _forward_read(op: state.ReadOp, known: Known) -> None:
    value = known.setdefault(op.variable, op.value)
    if value is not op.value:
        op.value.replace_all_uses_with(value)
        op.detach()
        op.erase()


def _forward_nested(op: Operation, known: Known, writes: VariableWrites) -> None:
    """Replace the reads in what is nested in an op, given what is known before it."""
    inside = {} if op.has_trait(IsolatedFromAbove, value_if_unregistered=True) else dict(known)
    if not isinstance(op, scf.IfOp):  # what is nested may be run after a part that writes, or again
        for variable in writes.written_by(op, inside):
            del inside[variable]
    for region in op.regions:
        for block in region.blocks:
            _forward(block, dict(inside) if len(region.blocks) == 1 else {}, writes)


__all__ = ["ForwardReadsPass"]
