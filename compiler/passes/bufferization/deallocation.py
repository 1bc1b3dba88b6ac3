"""Memory is freed once, after its last use, unless it is handed on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from xdsl.dialects import func, memref, scf
from xdsl.ir import Block, Operation, SSAValue

from ....dialects.emitter import Emitter, locate
from ...lowering.loops.memref_views import VIEWS

HANDED_ON_BY = (func.ReturnOp, scf.YieldOp, scf.ConditionOp, scf.ForOp, scf.WhileOp)
"""Ops that pass the ownership of their operands on."""


def insert_deallocations(owned: Iterable[SSAValue]) -> None:
    """Free each of `owned` after its last use in its block, unless it is handed on."""
    for value in owned:
        users = list(_users(value))
        if not any(isinstance(op, HANDED_ON_BY) for op in users):
            _free(value, users)


def _users(value: SSAValue) -> Iterator[Operation]:
    """The ops that use `value` or a view of it."""
    for use in value.uses:
        yield use.operation
        if isinstance(use.operation, VIEWS):
            yield from _users(use.operation.results[0])


def _free(value: SSAValue, users: list[Operation]) -> None:
    block = value.owner if isinstance(value.owner, Block) else value.owner.parent
    assert block is not None
    inside = {_in_block(op, block) for op in users}
    op = block.last_op
    while op is not None and op not in inside and op is not value.owner:
        op = op.prev_op
    new = memref.DeallocOp.get(value)
    if op is None:
        first = block.first_op
        assert first is not None
        Emitter.before(first).add(new)
    else:
        locate(new, op.location)
        Emitter.after(op).add(new)


def _in_block(op: Operation, block: Block) -> Operation:
    """The op of `block` that `op` is, or is nested in."""
    while op.parent is not block:
        parent = op.parent_op()
        assert parent is not None
        op = parent
    return op
