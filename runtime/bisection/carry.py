"""A value inside of branches and loops, made a result of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xdsl.dialects import arith, func, scf
from xdsl.dialects.builtin import IntegerAttr, i1
from xdsl.ir import Block, Operation, Region, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter

from ...compiler.reducer.values import zero
from ...dialects.emitter import Emitter


def carried_out(value: SSAValue, first: bool) -> SSAValue | None:
    """A value at the top of the function that is what `value` was in the first iteration, or in the last.

    It is zero where `value` was never computed. None where it cannot be had.
    """
    while True:
        block = value.owner.parent if isinstance(value.owner, Operation) else value.owner
        around = block.parent_op() if block is not None else None
        if block is None or around is None:
            return None
        if isinstance(around, func.FuncOp):
            return value
        carry = _CARRY.get(type(around))
        start, no = zero(around, value.type), zero(around, i1)
        if carry is None or start is None or no is None:
            return None
        out = carry(_Carried(around, block, value, start, no, first))
        if out is None:
            return None
        value = out


class _Carried:
    """A value in a region of an op.

    Attributes:
        op: the branch or loop.
        block: the block in it that the value stands in.
        value: the value.
        start: a zero of its type.
        no: a boolean that is false.
        first: whether the first iteration counts, or the last.
    """

    def __init__(self, op: Operation, block: Block, value: SSAValue, start: SSAValue, no: SSAValue, first: bool):
        self.op, self.block, self.value, self.start, self.no, self.first = op, block, value, start, no, first

    def latest(self, kept: SSAValue, done: SSAValue) -> list[SSAValue]:
        """At the end of the block: what the value is now, and that there is one; or what was kept from earlier."""
        assert self.block.last_op is not None
        e = Emitter(InsertPoint.before(self.block.last_op), self.op.location)
        yes = e.value(arith.ConstantOp(IntegerAttr(1, i1, truncate_bits=True)))
        if not self.first:
            return [self.value, yes]
        kept_side, new_side = (Region(Block([scf.YieldOp(each)])) for each in (kept, self.value))
        return [e.value(scf.IfOp(done, [self.value.type], kept_side, new_side)), yes]

    def more_arguments(self, block: Block) -> list[SSAValue]:
        """Two more arguments of a block: what was kept, and whether anything was."""
        return [block.insert_arg(value.type, len(block.args)) for value in (self.start, self.no)]

    def added(self, operands: Sequence[SSAValue], results: Sequence[SSAValue]) -> SSAValue:
        """Replace the op by one that has more operands and results; returns the first of these."""
        old = self.op
        new = type(old).create(
            operands=[*old.operands, *operands],
            result_types=[*old.result_types, *(value.type for value in results)],
            properties=dict(old.properties),
            attributes=dict(old.attributes),
            regions=[old.detach_region(region) for region in list(old.regions)],
            location=old.location,
        )
        Rewriter.insert_op(new, InsertPoint.before(old))
        for before, after in zip(old.results, new.results):
            before.replace_all_uses_with(after)
        count = len(old.results)
        old.detach()
        old.erase()
        return new.results[count]


def _hand_over(block: Block, values: Sequence[SSAValue]) -> None:
    assert block.last_op is not None
    block.last_op.operands = [*block.last_op.operands, *values]


def _from_if(carried: _Carried) -> SSAValue | None:
    op = carried.op
    assert isinstance(op, scf.IfOp)
    if not op.false_region.blocks:
        return None
    for region in op.regions:
        _hand_over(region.block, [carried.value if region.block is carried.block else carried.start])
    return carried.added([], [carried.value])


def _from_for(carried: _Carried) -> SSAValue:
    kept, done = carried.more_arguments(carried.block)
    _hand_over(carried.block, carried.latest(kept, done))
    starts = [carried.start, carried.no]
    return carried.added(starts, starts)


def _from_while(carried: _Carried) -> SSAValue:
    op = carried.op
    assert isinstance(op, scf.WhileOp)
    before, after = op.before_region.block, op.after_region.block
    in_before, in_after = carried.more_arguments(before), carried.more_arguments(after)
    if carried.block is after:
        _hand_over(before, in_before)
        _hand_over(after, carried.latest(*in_after))
    else:
        _hand_over(before, carried.latest(*in_before))
        _hand_over(after, in_after)
    starts = [carried.start, carried.no]
    return carried.added(starts, starts)


_CARRY: dict[type[Operation], Callable[[_Carried], SSAValue | None]] = {
    scf.IfOp: _from_if,
    scf.ForOp: _from_for,
    scf.WhileOp: _from_while,
}
