"""Which op may run after which in structured code, and the uses of values: recorded before any op is rewritten.

The in-place decisions of bufferization rest on `may_follow`, which needs no data-flow analysis: in structured control
flow, whether an op can run after another follows from their common ancestors and the loops around them. MLIR's One-Shot
Bufferize decides the same (a read after a conflicting write) by dominance, with its rules for repetitive regions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from xdsl.dialects import func, scf, tensor
from xdsl.dialects.builtin import MemRefType, TensorType
from xdsl.ir import Block, BlockArgument, Operation, SSAValue

from ....dialects.debug import AssertOp, BreakOp
from ....dialects.host import CallOp

LOOPS = (scf.ForOp, scf.WhileOp, scf.ParallelOp)
"""Ops whose regions may run more than once."""

STOPPERS = (AssertOp, BreakOp, CallOp, func.CallOp)
"""Ops that may stop the program, or read memory in ways that are not visible here."""


class Use(NamedTuple):
    """An operand of an op."""

    op: Operation
    index: int


class ProgramOrder:
    """The order of a function's ops, by position in their blocks, and the uses of its tensors and memrefs."""

    def __init__(self, function: func.FuncOp):
        self.position: dict[Operation, int] = {}
        self.block: dict[Operation, Block] = {}
        self.parent: dict[Block, Operation] = {}
        self.uses: dict[SSAValue, list[Use]] = {}
        self.stops: dict[Operation, int] = {}
        for block in function.body.blocks:
            self._record(block, function)

    def _record(self, block: Block, parent: Operation) -> int:
        """Record a block; the number of its ops that may stop the program."""
        self.parent[block] = parent
        stops = 0
        for position, op in enumerate(block.ops):
            self.position[op] = position
            self.block[op] = block
            self.stops[op] = stops
            stops += isinstance(op, STOPPERS + LOOPS)
            if not isinstance(op, tensor.DimOp):  # a size does not depend on the contents of the memory
                self._record_uses(op)
            for region in op.regions:
                for inner in region.blocks:
                    stops += self._record(inner, op)
        return stops

    def _record_uses(self, op: Operation) -> None:
        for index, operand in enumerate(op.operands):
            if isinstance(operand.type, TensorType | MemRefType):
                self.uses.setdefault(operand, []).append(Use(op, index))

    def uses_of(self, value: SSAValue) -> list[Use]:
        """The uses of a tensor or memref in the original program, except those that only read its size."""
        return self.uses.get(value, [])

    def scope(self, value: SSAValue) -> Block:
        """The block in which a value of the original program is defined."""
        if isinstance(value, BlockArgument):
            return value.block
        assert isinstance(value.owner, Operation)
        return self.block[value.owner]

    def _ancestors(self, op: Operation) -> Iterator[Operation]:
        """`op` and the ops it is nested in, without the function."""
        while op in self.block:
            yield op
            op = self.parent[self.block[op]]

    def may_follow(self, later: Operation, earlier: Operation, scope: Block) -> bool:
        """Whether `later` may run after `earlier` while a value defined in `scope` is still the same value.

        The ops in the regions of `earlier` run after it begins, so they follow it; an op follows itself only by way
        of a loop around it.
        """
        # 1. The innermost block that contains both, and the ops of it that they are nested in: `first` and `second`.
        enclosing = {self.block[op]: op for op in self._ancestors(earlier)}
        second = next((op for op in self._ancestors(later) if self.block[op] in enclosing), None)
        if second is None:
            return False
        common = self.block[second]
        first = enclosing[common]
        # 2. In the order of that block.
        if self.position[first] < self.position[second]:
            return True
        # 3. Both in regions of one op: `later` follows if `earlier` is that op itself. The regions of a branch exclude
        #    each other; those of a `while` alternate, whichever of them is first in the text. But a value that is
        #    defined inside of that op is another one each time its block begins.
        if first is second and later is not earlier and not self._encloses(first, scope):
            if first is earlier:
                return True
            if second is not later and isinstance(first, scf.WhileOp):
                return True
        # 4. Otherwise only in a later iteration of a loop around both, but inside of the scope: the value is another
        #    one in each iteration of a loop around the block that defines it.
        return self.repeats(common, scope)

    def blocks_around(self, op: Operation) -> set[Block]:
        """The blocks of the function around the block of `op`, which is not one of them."""
        return {self.block[ancestor] for ancestor in self._ancestors(op)} - {self.block[op]}

    def _encloses(self, op: Operation, block: Block) -> bool:
        """Whether `block` is in a region of `op`, at any depth."""
        parent = self.parent[block]
        return any(ancestor is op for ancestor in self._ancestors(parent))

    def is_inside(self, op: Operation, outer: Operation) -> bool:
        """Whether `op` is nested in `outer`."""
        return op is not outer and any(ancestor is outer for ancestor in self._ancestors(op))

    def repeats(self, block: Block, scope: Block) -> bool:
        """Whether a loop is between `block` and the block `scope` around it."""
        repeated = False
        while block is not scope:
            parent = self.parent[block]
            if parent not in self.block:
                return False
            repeated = repeated or isinstance(parent, LOOPS)
            block = self.block[parent]
        return repeated

    def may_stop_between(self, first: Operation, second: Operation) -> bool:
        """Whether the program may stop, or call out, after `first` and before `second` of the same block.

        A loop may be interrupted in any iteration, whether it is between the two or the first of them.
        """
        own = isinstance(first, STOPPERS)
        return self.stops[second] - self.stops[first] > own


__all__ = ["LOOPS", "ProgramOrder", "Use"]
