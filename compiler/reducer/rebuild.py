"""Ops with fewer operands and results than they had."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import DenseArrayBase, i32
from xdsl.ir import Attribute, Block, Operation, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter

_SEGMENTS = "operandSegmentSizes"


def erase(op: Operation) -> None:
    """Take an op that is unused out of its block."""
    op.detach()
    op.erase()


def rebuilt(op: Operation, operands: Sequence[int], results: Sequence[int], **properties: Attribute) -> Operation:
    """Replace `op` by an op that is like it, but has only the operands and results with these indices.

    Its regions are those of `op`. Results that go must not be used. `properties` are replaced.
    """
    changed = {**op.properties, **properties}
    if _SEGMENTS in changed:
        changed[_SEGMENTS] = _segments(changed[_SEGMENTS], operands)
    new = type(op).create(
        operands=[op.operands[number] for number in operands],
        result_types=[op.results[number].type for number in results],
        properties=changed,
        attributes=dict(op.attributes),
        successors=list(op.successors),
        regions=[op.detach_region(region) for region in list(op.regions)],
        location=op.location,
    )
    Rewriter.insert_op(new, InsertPoint.before(op))
    for number, result in zip(results, new.results, strict=True):
        result.name_hint = op.results[number].name_hint
        op.results[number].replace_all_uses_with(result)
    erase(op)
    return new


def _segments(old: Attribute, kept: Sequence[int]) -> Attribute:
    """How many operands each group has, when only those of the numbers `kept` are left."""
    assert isinstance(old, DenseArrayBase)
    counts, start = [], 0
    for size in map(int, old.get_values()):
        counts.append(sum(start <= number < start + size for number in kept))
        start += size
    return DenseArrayBase.from_list(i32, counts)


def without(count: int, number: int) -> list[int]:
    """The numbers below `count` but one."""
    return [n for n in range(count) if n != number]


def drop_operand(op: Operation, number: int) -> None:
    """Take one operand from a terminator, or from another op that may have any number of them."""
    op.operands = [operand for n, operand in enumerate(op.operands) if n != number]


def drop_block_argument(block: Block, number: int, value: SSAValue) -> None:
    """Take an argument from a block; its uses are given `value`."""
    argument = block.args[number]
    argument.replace_all_uses_with(value)
    block.erase_arg(argument)
