"""Control flow that goes: a branch becomes one of its sides, a loop what its body does once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xdsl.dialects import scf
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Operation, Region, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter

from .edits import Edit, Ops, Strategy, is_in
from .rebuild import erase


@dataclass(frozen=True)
class Unwrap(Strategy):
    """Replaces an op by the contents of one of its regions.

    Attributes:
        last: of the ways to do it for an op (the branches of a condition) the last one is tried, otherwise the first.
    """

    last: bool = False
    name = "unwrap regions"

    def edits(self, module: ModuleOp) -> list[Edit]:
        """One for each branch and loop; inner ones are part of what replaces outer ones."""
        return [_Unwrap(number, self.last) for number, op in enumerate(module.walk()) if type(op) in _UNWRAP]


@dataclass(frozen=True)
class _Unwrap:
    number: int
    last: bool

    def __call__(self, ops: Ops) -> bool:
        op = ops[self.number]
        if not is_in(op, ops):
            return False
        results = _UNWRAP[type(op)](op, self.last)
        if results is None:
            return False
        for old, new in zip(op.results, results, strict=True):
            old.replace_all_uses_with(new)
        erase(op)
        return True


def _splice(block: Block, values: Sequence[SSAValue], before: Operation) -> list[SSAValue]:
    """Move the ops of a block before an op, given values for its arguments; what its terminator hands over."""
    last = block.last_op
    assert last is not None
    for argument, value in zip(block.args, values, strict=True):
        argument.replace_all_uses_with(value)
    handed = list(last.operands)
    erase(last)
    for op in list(block.ops):
        op.detach()
        Rewriter.insert_op(op, InsertPoint.before(before))
    return handed


def _side(op: Operation, last: bool) -> list[SSAValue] | None:
    """One side of `scf.if`; the results of one without `else` are none."""
    assert isinstance(op, scf.IfOp)
    region = op.false_region if last else op.true_region
    return _splice(region.block, [], op) if region.blocks else []


def _counted(op: Operation, last: bool) -> list[SSAValue]:
    """The body of `scf.for` for the first value of the counter."""
    assert isinstance(op, scf.ForOp)
    return _splice(op.body.block, [op.lb, *op.iter_args], op)


def _parallel(op: Operation, last: bool) -> list[SSAValue] | None:
    """The body of `scf.parallel` at its first point; reductions are left alone."""
    assert isinstance(op, scf.ParallelOp)
    if op.initVals:
        return None
    _splice(op.body.block, list(op.lowerBound), op)
    return []


def _while(op: Operation, last: bool) -> list[SSAValue]:
    """`scf.while` as if its condition did not hold the first time, or (`last`) held once."""
    assert isinstance(op, scf.WhileOp)
    if not last:
        return _splice(op.before_region.block, list(op.operands), op)[1:]
    again = op.before_region.clone()
    handed = _splice(op.before_region.block, list(op.operands), op)[1:]
    carried = _splice(op.after_region.block, handed, op)
    return _splice(again.block, carried, op)[1:]


def _once(op: Operation, last: bool) -> list[SSAValue] | None:
    """The body of `scf.execute_region`, if it is one block."""
    assert isinstance(op, scf.ExecuteRegionOp)
    return _splice(op.region.block, [], op) if len(op.region.blocks) == 1 else None


def _switch(op: Operation, last: bool) -> list[SSAValue]:
    """The default of `scf.index_switch`, or (`last`) its first case."""
    assert isinstance(op, scf.IndexSwitchOp)
    region: Region = op.case_regions[0] if last and op.case_regions else op.default_region
    return _splice(region.block, [], op)


_UNWRAP = {
    scf.IfOp: _side,
    scf.ForOp: _counted,
    scf.ParallelOp: _parallel,
    scf.WhileOp: _while,
    scf.ExecuteRegionOp: _once,
    scf.IndexSwitchOp: _switch,
}


class DropElse(Strategy):
    """Removes the `else` of branches that give no results."""

    name = "drop else"

    def edits(self, module: ModuleOp) -> list[Edit]:
        """One for each."""
        return [
            _DropElse(number)
            for number, op in enumerate(module.walk())
            if isinstance(op, scf.IfOp) and not op.results and op.false_region.blocks
        ]


@dataclass(frozen=True)
class _DropElse:
    number: int

    def __call__(self, ops: Ops) -> bool:
        op = ops[self.number]
        if not is_in(op, ops):
            return False
        assert isinstance(op, scf.IfOp)
        for block in list(op.false_region.blocks):
            op.false_region.erase_block(block)
        return True
