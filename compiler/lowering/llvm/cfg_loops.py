"""The loops of functions at the cfg level: natural loops of the control-flow graph, and those that count.

The algorithm is that of Aho, Lam, Sethi and Ullman: Compilers, 9.6.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from xdsl.dialects import arith, cf
from xdsl.dialects.builtin import IndexType, IntegerAttr, VectorType
from xdsl.ir import Block, BlockArgument, Operation, SSAValue


@dataclass(frozen=True)
class Count:
    """How a loop counts: from a start (one for each branch that enters it) by steps to an end; as signed numbers?"""

    starts: Sequence[SSAValue]
    end: SSAValue
    step: int
    is_signed: bool

    @property
    def is_of_indices(self) -> bool:
        """Whether the counter is an `index`."""
        return isinstance(self.end.type, IndexType)

    def rounds(self) -> int | None:
        """The trip count of the loop from the least start, where known."""
        return self._rounds(known(self.end))

    def most_rounds(self) -> int | None:
        """An upper bound of the trip count, where the end is a minimum of a value and a constant."""
        return self._rounds(_at_most(self.end, arith.MinSIOp if self.is_signed else arith.MinUIOp))

    def _rounds(self, end: int | None) -> int | None:
        starts = [known(start) for start in self.starts]
        least = [start for start in starts if start is not None]
        if end is None or not least or len(least) < len(starts) or (end < 0 and not self.is_signed):
            return None
        return max(-(-(end - min(least)) // self.step), 0)


class Loop:
    """The blocks of a natural loop: those from which a branch leads back to its header without passing it.

    Attributes:
        header: the block it is entered by.
        latches: the blocks with a branch back to it.
        outside: the blocks from which it is entered.
        blocks: all of its blocks.
    """

    def __init__(self, header: Block, latches: Sequence[Block], predecessors: Mapping[Block, Sequence[Block]]):
        self.header, self.latches = header, latches
        self.blocks = {header}
        waiting = list(latches)
        while waiting:
            block = waiting.pop()
            if block not in self.blocks:
                self.blocks.add(block)
                waiting += predecessors[block]
        self.outside = [block for block in predecessors[header] if block not in self.blocks]
        self._is_entered_elsewhere = len(self.outside) + len(latches) < len(predecessors[header])

    def ends(self) -> list[Operation]:
        """The branches back to the header."""
        return [op for block in self.latches if (op := block.last_op) is not None]

    def test(self) -> cf.ConditionalBranchOp | None:
        """The branch at the end of the header, if one successor is in the loop and the other is not."""
        last = self.header.last_op
        if not isinstance(last, cf.ConditionalBranchOp):
            return None
        return last if (last.then_block in self.blocks) != (last.else_block in self.blocks) else None

    def count(self) -> Count | None:
        """An upper bound of the trip count, where a counter that is compared with a bound determines it."""
        last = self.header.last_op
        if not isinstance(last, cf.ConditionalBranchOp) or last.then_block not in self.blocks:
            return None
        if last.else_block in self.blocks or self._is_entered_elsewhere:
            return None
        test = last.cond.owner
        if not isinstance(test, arith.CmpiOp) or test.predicate.value.data not in (2, 6):  # slt, ult
            return None
        counter = test.lhs
        if not (isinstance(counter, BlockArgument) and counter.block is self.header) or self._makes(test.rhs):
            return None
        starts = [value for value in _given(counter, self.outside) if value is not None]
        steps = [step for value in _given(counter, self.latches) if (step := _step(value, counter)) is not None]
        if len(starts) != len(self.outside) or len(steps) != len(self.latches) or min(steps, default=0) <= 0:
            return None
        return Count(starts, test.rhs, min(steps), test.predicate.value.data == 2)

    def _makes(self, value: SSAValue) -> bool:
        owner = value.owner
        return (owner if isinstance(owner, Block) else owner.parent_block()) in self.blocks

    def carries_vectors(self) -> bool:
        """Whether an iteration passes vectors to the next one."""
        return any(isinstance(argument.type, VectorType) for argument in self.header.args)


def _given(argument: BlockArgument, blocks: Iterable[Block]) -> list[SSAValue | None]:
    """What blocks that end in a plain branch give for an argument of the block they lead to."""
    ends = [block.last_op for block in blocks]
    return [end.arguments[argument.index] if isinstance(end, cf.BranchOp) else None for end in ends]


def known(value: SSAValue | None) -> int | None:
    """The integer that a value is known to be."""
    owner = value.owner if value is not None else None
    if not isinstance(owner, arith.ConstantOp):
        return None
    return owner.value.value.data if isinstance(owner.value, IntegerAttr) else None


def _at_most(value: SSAValue, minimum: type[arith.MinSIOp | arith.MinUIOp]) -> int | None:
    """What an integer is known not to exceed, as it is ordered by `minimum`."""
    owner = value.owner
    if isinstance(owner, minimum):
        return min((n for n in (known(owner.lhs), known(owner.rhs)) if n is not None), default=None)
    return known(value)


def _step(value: SSAValue | None, counter: BlockArgument) -> int | None:
    """What is added to the counter in a round."""
    owner = value.owner if value is not None else None
    if not isinstance(owner, arith.AddiOp) or counter not in (owner.lhs, owner.rhs):
        return None
    return known(owner.rhs if owner.lhs is counter else owner.lhs)


def loops_of(blocks: Sequence[Block]) -> list[Loop]:
    """The loops among blocks in reverse postorder, the inner ones first."""
    place = {block: number for number, block in enumerate(blocks)}
    predecessors: dict[Block, list[Block]] = {block: [] for block in blocks}
    for block in blocks:
        for successor in successors(block):
            predecessors[successor].append(block)
    back = {header: [b for b in predecessors[header] if place[b] >= place[header]] for header in blocks}
    return [Loop(header, back[header], predecessors) for header in reversed(blocks) if back[header]]


def reverse_postorder(entry: Block) -> list[Block]:
    """The blocks that can be reached, each after those that dominate it."""
    order: list[Block] = []
    seen = {entry}
    stack = [(entry, iter(_last_first(entry)))]
    while stack:
        block, rest = stack[-1]
        following = next((s for s in rest if s not in seen), None)
        if following is None:
            order.append(block)
            stack.pop()
        else:
            seen.add(following)
            stack.append((following, iter(_last_first(following))))
    return order[::-1]


def successors(block: Block) -> Sequence[Block]:
    """The blocks that a block's last op may lead to."""
    last = block.last_op
    return () if last is None else last.successors


def _last_first(block: Block) -> Sequence[Block]:
    return list(reversed(successors(block)))


__all__ = ["Count", "Loop", "known", "loops_of", "reverse_postorder", "successors"]
