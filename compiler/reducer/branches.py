"""Basic blocks: a conditional branch goes one way, blocks that follow each other become one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xdsl.dialects import cf, func, llvm
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter

from ..pipeline.verification import immediate_dominators
from .edits import Edit, Ops, Strategy, is_in
from .rebuild import drop_block_argument, erase, rebuilt
from .values import in_scope, zero


class TakeBranch(Strategy):
    """Replaces a conditional branch by a jump, removes blocks that are then out of reach, and joins others."""

    name = "take branch"

    def edits(self, module: ModuleOp) -> list[Edit]:
        """One for each way that a branch may take."""
        return [
            _Take(number, way)
            for number, op in enumerate(module.walk())
            for way in range(len(_ways(op)))
            if len(_ways(op)) > 1
        ]


def _ways(op: Operation) -> list[tuple[Block, list[SSAValue]]]:
    """Where a branch may go, and what it hands over there."""
    match op:
        case cf.ConditionalBranchOp():
            return [(op.then_block, list(op.then_arguments)), (op.else_block, list(op.else_arguments))]
        case llvm.CondBrOp():
            return [(op.then_block, list(op.then_arguments)), (op.else_block, list(op.else_arguments))]
        case cf.SwitchOp():
            cases = [(block, list(values)) for block, values in zip(op.case_blocks, op.case_operand, strict=True)]
            return [(op.default_block, list(op.default_operands)), *cases]
    return []


@dataclass(frozen=True)
class _Take:
    number: int
    way: int

    def __call__(self, ops: Ops) -> bool:
        op = ops[self.number]
        ways = _ways(op) if is_in(op, ops) else []
        if len(ways) <= self.way:
            return False
        block, values = ways[self.way]
        jump = llvm.BrOp(block, *values) if isinstance(op, llvm.CondBrOp) else cf.BranchOp(block, *values)
        jump.location = op.location
        region = op.parent_region()
        assert region is not None
        Rewriter.insert_op(jump, InsertPoint.before(op))
        erase(op)
        _drop_unreachable(region)
        while _join_two(region):
            pass
        return True


def _drop_unreachable(region: Region) -> None:
    reached = immediate_dominators(region)
    gone = [block for block in region.blocks if block not in reached]
    for block in gone:
        for op in block.ops:
            op.drop_all_references()
    for block in gone:
        region.detach_block(block)
        block.erase(safe_erase=False)


def _join_two(region: Region) -> bool:
    """Append a block to the only one that jumps to it."""
    for block, jump in _jumps(region):
        target = jump.successors[0]
        if target is region.blocks.first or target is block or len(_predecessors(region, target)) != 1:
            continue
        for number, value in reversed(list(enumerate(jump.operands))):
            drop_block_argument(target, number, value)
        erase(jump)
        for op in list(target.ops):
            op.detach()
            block.add_op(op)
        region.detach_block(target)
        target.erase()
        return True
    return False


def _jumps(region: Region) -> Iterator[tuple[Block, Operation]]:
    for block in region.blocks:
        if isinstance(block.last_op, cf.BranchOp | llvm.BrOp):
            yield block, block.last_op


def _predecessors(region: Region, target: Block) -> list[Block]:
    return [block for block in region.blocks if block.last_op is not None and target in block.last_op.successors]


class JoinBlocks(Strategy):
    """Joins blocks that follow each other."""

    name = "join blocks"

    def edits(self, module: ModuleOp) -> list[Edit]:
        """One for each op that has several blocks."""
        ops = enumerate(module.walk())
        return [_Join(number) for number, op in ops if any(len(region.blocks) > 1 for region in op.regions)]


@dataclass(frozen=True)
class _Join:
    number: int

    def __call__(self, ops: Ops) -> bool:
        op = ops[self.number]
        if not is_in(op, ops):
            return False
        joined = False
        for region in op.regions:
            while _join_two(region):
                joined = True
        return joined


class ReturnAtOnce(Strategy):
    """Leaves the function where it would have branched."""

    name = "return at once"

    def edits(self, module: ModuleOp) -> list[Edit]:
        """One for each branch from one block to others."""
        return [_ReturnAtOnce(number) for number, op in enumerate(module.walk()) if op.successors]


@dataclass(frozen=True)
class _ReturnAtOnce:
    number: int

    def __call__(self, ops: Ops) -> bool:
        op = ops[self.number]
        function = op.parent_op() if is_in(op, ops) else None
        if not isinstance(function, func.FuncOp | llvm.FuncOp):
            return False
        values: list[SSAValue] = []
        for type_ in _result_types(function):
            value = next(in_scope(op, type_), None) or zero(op, type_)
            if value is None:
                return False
            values.append(value)
        last = func.ReturnOp(*values) if isinstance(function, func.FuncOp) else llvm.ReturnOp(*values)
        last.location = op.location
        Rewriter.insert_op(last, InsertPoint.before(op))
        erase(op)
        _drop_unreachable(function.body)
        while _join_two(function.body):
            pass
        return True


def _result_types(function: func.FuncOp | llvm.FuncOp) -> Sequence[Attribute]:
    if isinstance(function, func.FuncOp):
        return function.function_type.outputs.data
    output = function.function_type.output
    return [] if isinstance(output, llvm.LLVMVoidType) else [output]


class DropBlockArguments(Strategy):
    """Removes arguments of blocks, and what branches hand over for them."""

    name = "drop block arguments"

    def edits(self, module: ModuleOp) -> list[Edit]:
        """One for each argument of a block that is not the first one of its region."""
        return [
            _DropBlockArgument(number, block, argument)
            for number, op in enumerate(module.walk())
            for region in op.regions[:1]
            for block in range(1, len(region.blocks))
            for argument in range(len(region.blocks[block].args))
        ][::-1]


@dataclass(frozen=True)
class _DropBlockArgument:
    number: int
    block: int
    argument: int

    def __call__(self, ops: Ops) -> bool:
        op = ops[self.number]
        if not is_in(op, ops) or self.block >= len(op.regions[0].blocks):
            return False
        block = op.regions[0].blocks[self.block]
        if self.argument >= len(block.args) or block.first_op is None:
            return False
        old = block.args[self.argument]
        entry = op.regions[0].blocks[0]
        value = next((a for a in entry.args if a.type == old.type), None)
        if value is None and old.first_use is not None:
            value = zero(block.first_op, old.type)
            if value is None:
                return False
        for branch in list(_branches_to(op.regions[0], block)):
            _hand_over_less(branch, block, self.argument)
        drop_block_argument(block, self.argument, value or old)
        return True


def _branches_to(region: Region, block: Block) -> Iterator[Operation]:
    for other in region.blocks:
        if other.last_op is not None and block in other.last_op.successors:
            yield other.last_op


def _hand_over_less(branch: Operation, block: Block, number: int) -> None:
    """Take the value for one argument of `block` from a branch, for each way that leads there."""
    start = len(branch.operands) - sum(len(values) for _, values in _handed(branch))
    dropped = []
    for target, values in _handed(branch):
        if target is block:
            dropped.append(start + number)
        start += len(values)
    rebuilt(branch, [n for n in range(len(branch.operands)) if n not in dropped], [])


def _handed(branch: Operation) -> list[tuple[Block, list[SSAValue]]]:
    """The ways of a branch in the order of its operands, with what is handed over."""
    return _ways(branch) or [(branch.successors[0], list(branch.operands))]
