"""What branches give and loops carry: one value less."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xdsl.dialects import scf
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation, SSAValue

from .edits import Edit, Ops, Strategy, is_in
from .rebuild import drop_block_argument, drop_operand, rebuilt, without
from .values import in_scope, zero


class DropCarried(Strategy):
    """Removes results of branches, and values that loops carry from one iteration to the next."""

    name = "drop carried values"

    def edits(self, module: ModuleOp) -> list[Edit]:
        """One for each result of a branch, and for each value that a loop carries."""
        found: list[Edit] = []
        for number, op in enumerate(module.walk()):
            if isinstance(op, scf.IfOp | scf.ForOp | scf.WhileOp):
                found += [_DropCarried(number, result, _GIVES[type(op)]) for result in range(len(op.results))]
            if isinstance(op, scf.WhileOp):
                found += [_DropCarried(number, operand, _while_takes) for operand in range(len(op.operands))]
        return found[::-1]


@dataclass(frozen=True)
class _DropCarried:
    number: int
    value: int
    drop: Callable[[Operation, int], bool]

    def __call__(self, ops: Ops) -> bool:
        op = ops[self.number]
        return is_in(op, ops) and self.drop(op, self.value)


def _instead(op: Operation, value: SSAValue) -> SSAValue | None:
    """What is used instead of a value that `op` defines or its bodies take."""
    return next(in_scope(op, value.type), None) or zero(op, value.type)


def _if_gives(op: Operation, number: int) -> bool:
    assert isinstance(op, scf.IfOp)
    value = _instead(op, op.results[number])
    if value is None:
        return False
    op.results[number].replace_all_uses_with(value)
    for region in op.regions:
        if region.blocks and region.block.last_op is not None:
            drop_operand(region.block.last_op, number)
    rebuilt(op, range(len(op.operands)), without(len(op.results), number))
    return True


def _for_gives(op: Operation, number: int) -> bool:
    assert isinstance(op, scf.ForOp)
    body, start = op.body.block, op.iter_args[number]
    assert body.last_op is not None
    op.results[number].replace_all_uses_with(start)
    drop_block_argument(body, 1 + number, start)
    drop_operand(body.last_op, number)
    rebuilt(op, without(len(op.operands), 3 + number), without(len(op.results), number))
    return True


def _while_takes(op: Operation, number: int) -> bool:
    """What the loop starts with, and its body hands to the next test."""
    assert isinstance(op, scf.WhileOp)
    before, end = op.before_region.block, op.after_region.block.last_op
    assert end is not None
    drop_block_argument(before, number, op.operands[number])
    drop_operand(end, number)
    rebuilt(op, without(len(op.operands), number), range(len(op.results)))
    return True


def _while_gives(op: Operation, number: int) -> bool:
    """What the test hands to the body, and the loop gives in the end."""
    assert isinstance(op, scf.WhileOp)
    value = _instead(op, op.results[number])
    test = op.before_region.block.last_op
    if value is None or test is None:
        return False
    op.results[number].replace_all_uses_with(value)
    drop_block_argument(op.after_region.block, number, value)
    drop_operand(test, 1 + number)
    rebuilt(op, range(len(op.operands)), without(len(op.results), number))
    return True


_GIVES: dict[type[Operation], Callable[[Operation, int], bool]] = {
    scf.IfOp: _if_gives,
    scf.ForOp: _for_gives,
    scf.WhileOp: _while_gives,
}
