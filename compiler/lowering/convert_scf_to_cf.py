"""scf → cf."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects import scf
from xdsl.dialects.arith import IndexCastOp
from xdsl.dialects.builtin import DenseIntElementsAttr, ModuleOp, UnknownLoc, VectorType, i64
from xdsl.dialects.cf import BranchOp, ConditionalBranchOp, SwitchOp
from xdsl.ir import Block, Operation, Region, SSAValue
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern
from xdsl.rewriter import BlockInsertPoint, InsertPoint
from xdsl.transforms.convert_scf_to_cf import ForLowering, IfLowering

from ...dialects.emitter import Emitter
from ...dialects.walk import ops_in, ops_of
from ..pipeline.base import Pass
from ..rewriting import apply_patterns
from .loops.builder import for_loop


class _WhileLowering(RewritePattern):
    """`scf.while` → a block that decides, a block that goes on, and a branch back."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: scf.WhileOp, rewriter: PatternRewriter, /) -> None:
        before = op.parent_block()
        assert before is not None
        after = before.split_before(op)
        header, body = op.before_region.blocks[0], op.after_region.blocks[0]
        decision, again = op.before_region.blocks[-1].last_op, op.after_region.blocks[-1].last_op
        assert isinstance(decision, scf.ConditionOp) and isinstance(again, scf.YieldOp)
        rewriter.insert(BranchOp(header, *op.arguments), InsertPoint.at_end(before))
        rewriter.inline_region(op.before_region, BlockInsertPoint.before(after))
        rewriter.inline_region(op.after_region, BlockInsertPoint.before(after))
        rewriter.replace(again, BranchOp(header, *again.operands))
        values = decision.args
        for argument, value in zip(body.args, values, strict=True):
            argument.replace_all_uses_with(value)
        results = list(values)
        rewriter.replace(decision, ConditionalBranchOp(decision.condition, body, (), after, ()))
        for argument in reversed(body.args):
            rewriter.erase_block_argument(argument)
        rewriter.replace(op, [], results)


class _SwitchLowering(RewritePattern):
    """`scf.index_switch` → `cf.switch` on all bits of the index, where xDSL's pattern looks at the lower half only."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: scf.IndexSwitchOp, rewriter: PatternRewriter, /) -> None:
        before = op.parent_block()
        assert before is not None
        after = _continued(op, before, rewriter)
        default, *others = [_branching_to(region, after, rewriter) for region in list(op.regions)]
        end = InsertPoint.at_end(before)
        if others:
            flag = rewriter.insert(IndexCastOp(op.arg, i64), end).result
            cases = DenseIntElementsAttr.from_list(VectorType(i64, [len(others)]), list(op.cases.get_values()))
            rewriter.insert(SwitchOp(flag, default, [], cases, others, [[] for _ in others]), end)
        else:
            rewriter.insert(BranchOp(default), end)
        rewriter.replace(op, [], after.args)


def _continued(op: Operation, before: Block, rewriter: PatternRewriter) -> Block:
    """A new block with arguments for the results of `op`, from which what stands behind `op` goes on."""
    rest = before.split_before(op)
    after = Block(arg_types=op.result_types)
    region = before.parent_region()
    assert region is not None
    region.insert_block_before(after, rest)
    rewriter.insert(BranchOp(rest), InsertPoint.at_end(after))
    return after


def _branching_to(region: Region, after: Block, rewriter: PatternRewriter) -> Block:
    """The first block of a region that is put before `after`, to which it branches instead of giving values."""
    first = region.blocks[0]
    for block in region.blocks:
        if isinstance(last := block.last_op, scf.YieldOp):
            rewriter.replace(last, BranchOp(after, *last.operands))
    rewriter.inline_region(region, BlockInsertPoint.before(after))
    return first


class _ExecuteRegionLowering(RewritePattern):
    """`scf.execute_region` → its blocks, which branch to what follows instead of giving values."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: scf.ExecuteRegionOp, rewriter: PatternRewriter, /) -> None:
        before = op.parent_block()
        assert before is not None
        after = _continued(op, before, rewriter)
        first = _branching_to(op.region, after, rewriter)
        rewriter.insert(BranchOp(first), InsertPoint.at_end(before))
        rewriter.replace(op, [], after.args)


def _sequential(op: scf.ParallelOp) -> None:
    """Turn a `scf.parallel` into a nest of `scf.for`, which carries the totals."""
    body = op.body.block
    reduce = body.last_op
    assert isinstance(reduce, scf.ReduceOp)
    bounds = list(zip(op.lowerBound, op.upperBound, op.step, strict=True))

    def nest(e: Emitter, indices: list[SSAValue], totals: Sequence[SSAValue]) -> Sequence[SSAValue]:
        if len(indices) == len(bounds):
            return _one_point(e, body, reduce, indices, totals)
        loop = bounds[len(indices)]
        return for_loop(e, loop, lambda inner, i, *so_far: nest(inner, [*indices, i], so_far), totals)

    for old, new in zip(op.results, nest(Emitter.before(op), [], op.initVals), strict=True):
        old.replace_all_uses_with(new)
    op.detach()
    op.erase()


def _one_point(
    e: Emitter, body: Block, reduce: scf.ReduceOp, indices: Sequence[SSAValue], totals: Sequence[SSAValue]
) -> list[SSAValue]:
    """The body of a parallel loop, moved to where it runs once for each point; gives the totals with its parts."""
    for argument, index in zip(body.args, indices, strict=True):
        argument.replace_all_uses_with(index)
    results = []
    combined = list(zip(reduce.reductions, totals, reduce.args, strict=True))
    for op in list(body.ops):
        if op is not reduce:
            op.detach()
            e.add(op)
    for region, total, part in combined:
        results.append(_combined(e, region.block, (total, part)))
    return results


def _combined(e: Emitter, block: Block, values: tuple[SSAValue, SSAValue]) -> SSAValue:
    for argument, value in zip(block.args, values, strict=True):
        argument.replace_all_uses_with(value)
    last = block.last_op
    assert isinstance(last, scf.ReduceReturnOp)
    result = last.result
    for op in list(block.ops):
        if op is not last:
            op.detach()
            e.add(op)
    return result


_STRUCTURED = {scf.IndexSwitchOp, scf.IfOp, scf.ForOp, scf.WhileOp, scf.ExecuteRegionOp}


@dataclass(frozen=True)
class ConvertScfToCfPass(Pass):
    """Lower structured control flow to basic blocks and branches.

    Before:

        func.func @sum(%x: memref<?xf32>, %n: index) -> f32 {
          %0 = arith.constant 0 : index
          %1 = arith.constant 1 : index
          %2 = arith.constant 0.000000e+00 : f32
          %sum = scf.for %i = %0 to %n step %1 iter_args(%so_far = %2) -> (f32) {
            %a = memref.load %x[%i] : memref<?xf32>
            %next = arith.addf %so_far, %a : f32
            scf.yield %next : f32
          }
          func.return %sum : f32
        }

    After:

        func.func @sum(%x: memref<?xf32>, %n: index) -> f32 {
          %0 = arith.constant 0 : index
          %1 = arith.constant 1 : index
          %2 = arith.constant 0.000000e+00 : f32
          cf.br ^bb1(%0, %2 : index, f32)
        ^bb1(%i: index, %so_far: f32):
          %3 = arith.cmpi slt, %i, %n : index
          cf.cond_br %3, ^bb2, ^bb3
        ^bb2:
          %a = memref.load %x[%i] : memref<?xf32>
          %next = arith.addf %so_far, %a : f32
          %4 = arith.addi %i, %1 : index
          cf.br ^bb1(%4, %next : index, f32)
        ^bb3:
          func.return %so_far : f32
        }

    Machine code has branches only. Loops that may run in parallel become sequential ones.
    """

    name = "convert-scf-to-cf"
    requires: ClassVar[str | None] = "loops"
    ensures: ClassVar[str | None] = "cfg"
    nestable: ClassVar[bool] = True

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Lower every loop and conditional of `op`."""
        for inner in ops_of(op, scf.ParallelOp):
            _sequential(inner)
        patterns = [_SwitchLowering(), IfLowering(), ForLowering(), _WhileLowering(), _ExecuteRegionLowering()]
        # The last op first: each splits its block, and what follows it is moved, which is then short.
        apply_patterns(op, patterns, repeat=False, reverse=True, may_match=lambda inner: type(inner) in _STRUCTURED)
        _locate_arguments(op)


def _locate_arguments(module: ModuleOp) -> None:
    """Give each block argument without a location the one of the block's first op."""
    for op in ops_in(module):
        for region in op.regions:
            for block in region.blocks:
                for argument in block.args:
                    if isinstance(argument.location, UnknownLoc) and block.first_op is not None:
                        argument.location = block.first_op.location
