"""Branches between blocks: which blocks run at all, and which patterns come to an end on them."""

from __future__ import annotations

from dataclasses import dataclass, field

from xdsl.dialects import cf
from xdsl.ir import Block, Operation, Region
from xdsl.pattern_rewriter import RewritePattern
from xdsl.transforms.canonicalization_patterns.cf import (
    SimplifyPassThroughBr,
    SimplifyPassThroughCondBranch,
    SimplifyPassThroughSwitch,
)

from ...dialects.walk import ops_in

_FOLLOWING = (SimplifyPassThroughBr, SimplifyPassThroughCondBranch, SimplifyPassThroughSwitch)
"""Patterns that follow branches through blocks in which nothing else stands."""


def reachable_blocks(region: Region) -> set[Block]:
    """The reachable blocks of a region."""
    first = region.blocks.first
    found: set[Block] = set()
    waiting = [] if first is None else [first]
    while waiting:
        block = waiting.pop()
        if block not in found:
            found.add(block)
            waiting += block.last_op.successors if block.last_op is not None else ()
    return found


def remove_unreachable_blocks(op: Operation) -> bool:
    """Remove the unreachable blocks nested in `op`; whether there were any."""
    removed = False
    regions = [
        region for inner in ops_in(op) for region in inner.regions if region.first_block is not region.last_block
    ]
    for region in reversed(regions):
        reached = reachable_blocks(region)
        dead = [block for block in region.blocks if block not in reached]
        removed = removed or bool(dead)
        for block in dead:
            region.detach_block(block)
        for block in dead:
            block.drop_all_references()
        for block in dead:
            block.erase(safe_erase=False)
    return removed


def _is_endless(block: Block) -> bool:
    """Whether a run that comes to `block` goes around in blocks that only branch, for ever."""
    seen: set[Block] = set()
    while isinstance(block.first_op, cf.BranchOp):
        if block in seen:
            return True
        seen.add(block)
        block = block.first_op.successor
    return False


@dataclass
class Branching:
    """Says which patterns may be tried on branches; told when one has changed a branch.

    Two blocks that only lead to each other can be merged for ever, and so can an endless loop be followed.
    """

    _reachable: dict[Region, set[Block]] = field(default_factory=dict)

    def may_try(self, pattern: RewritePattern, op: Operation) -> bool:
        """Whether `pattern` may be tried on `op`."""
        block = op.parent
        if not op.successors or block is None or block.parent is None:
            return True
        region = block.parent
        if region not in self._reachable:
            self._reachable[region] = reachable_blocks(region)
        if block not in self._reachable[region]:
            return False
        return not (isinstance(pattern, _FOLLOWING) and any(map(_is_endless, op.successors)))

    def changed(self) -> None:
        """A branch was changed."""
        self._reachable.clear()


__all__ = ["Branching", "reachable_blocks", "remove_unreachable_blocks"]
