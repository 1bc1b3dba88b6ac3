"""Several rounds of a short loop that does not count, one after the other: so that it polls once for all of them.

A poll is a branch more in each round, which a loop of a few instructions feels. In the copies each round still decides
for itself whether there is another one; only the last of them leads back.
"""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects import cf, func, memref
from xdsl.ir import Block, Operation, SSAValue

from .cfg_loops import Loop, loops_of, reverse_postorder

MOST, WORK = 8, 96
"""How many rounds there are at most, and the ops that all of them may have."""

_ONCE = (func.CallOp, memref.AllocOp, memref.DeallocOp, memref.CopyOp)
"""Ops of which there must not be more than the program has; likewise those of `debug` and `host`."""


def copy_short_loops(function: func.FuncOp) -> None:
    """Put copies of the rounds behind each other in the innermost loops that are short and do not count."""
    loops = loops_of(reverse_postorder(function.body.blocks[0]))
    for number, loop in enumerate(loops):
        is_innermost = not any(inner.header in loop.blocks for inner in loops[:number])
        size = sum(len(block.ops) for block in loop.blocks)
        times = min(MOST, WORK // max(size, 1))
        if is_innermost and times > 1 and loop.count() is None and (end := _only_exit(loop)) is not None:
            _copy(loop, end, times)


def _only_exit(loop: Loop) -> Block | None:
    """The block behind a loop that is left from its header only, to where nothing else leads."""
    last = loop.header.last_op
    if len(loop.latches) != 1 or not isinstance(loop.latches[0].last_op, cf.BranchOp):
        return None
    if not isinstance(last, cf.ConditionalBranchOp) or any(
        _must_not_be_copied(op) for b in loop.blocks for op in b.ops
    ):
        return None
    leaving = [block for block in last.successors if block not in loop.blocks]
    inside = [s for b in loop.blocks if b is not loop.header and b.last_op is not None for s in b.last_op.successors]
    if len(leaving) != 1 or any(block not in loop.blocks for block in inside):
        return None
    return leaving[0] if len(list(leaving[0].predecessors())) == 1 else None


def _must_not_be_copied(op: Operation) -> bool:
    return isinstance(op, _ONCE) or bool(op.regions) or op.name.startswith(("debug.", "host."))


def _copy(loop: Loop, end: Block, times: int) -> None:
    _hand_over(loop, end)
    order = [block for block in reverse_postorder(loop.header) if block in loop.blocks]
    latch, region = loop.latches[0], loop.header.parent_region()
    assert region is not None
    place = previous = latch
    for _ in range(times - 1):
        blocks, copies = _clones(order)
        for block in copies:
            region.insert_block_after(block, place)
            place = block
        _lead(previous, copies[0])
        previous = blocks[latch]
    _lead(previous, loop.header)


def _hand_over(loop: Loop, end: Block) -> None:
    """Give what the header makes, and what is behind the loop uses, to the block behind as arguments."""
    old = loop.header.last_op
    assert isinstance(old, cf.ConditionalBranchOp)
    made: list[SSAValue] = [*loop.header.args, *(result for op in loop.header.ops for result in op.results)]
    passed: list[SSAValue] = []
    for value in made:
        uses = [use for use in value.uses if use.operation.parent_block() not in loop.blocks]
        if not uses:
            continue
        argument = end.insert_arg(value.type, len(end.args))
        argument.name_hint, argument.location = value.name_hint, old.location
        passed.append(value)
        for use in uses:
            use.operation.operands[use.index] = argument
    then, other = list(old.then_arguments), list(old.else_arguments)
    (then if old.then_block is end else other).extend(passed)
    new = cf.ConditionalBranchOp(old.cond, old.then_block, then, old.else_block, other)
    _replace(old, new)


def _clones(order: Sequence[Block]) -> tuple[dict[Block, Block], list[Block]]:
    """Copies of the blocks of a loop, which lead to each other."""
    values: dict[SSAValue, SSAValue] = {}
    blocks = {block: Block(arg_types=[argument.type for argument in block.args]) for block in order}
    for block, copy in blocks.items():
        for old, new in zip(block.args, copy.args, strict=True):
            new.name_hint, new.location = old.name_hint, old.location
            values[old] = new
    for block, copy in blocks.items():
        for op in block.ops:
            new = op.clone(values, blocks)
            new.location = op.location
            copy.add_op(new)
    return blocks, list(blocks.values())


def _lead(latch: Block, header: Block) -> None:
    """Let the branch at the end of `latch` go to `header`."""
    old = latch.last_op
    assert isinstance(old, cf.BranchOp)
    _replace(old, cf.BranchOp(header, *old.arguments))


def _replace(old: Operation, new: Operation) -> None:
    block = old.parent_block()
    assert block is not None
    new.location = old.location
    old.detach()
    old.erase()
    block.add_op(new)


__all__ = ["copy_short_loops"]
