"""Failures planted in large modules: passes that are wrong, each in its own way, for the reducer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xdsl.dialects import arith, cf, func, llvm, memref, scf
from xdsl.dialects.builtin import IndexType, IntegerAttr, ModuleOp, UnknownLoc
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Operation
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern

from stepwell.compiler.passes.inline import InlinePass
from stepwell.compiler.pipeline.verification import first_invalid
from stepwell.compiler.reducer import reduce
from stepwell.compiler.rewriting import apply_patterns, limit_rewrites
from stepwell.dialects import debug, state
from stepwell.dialects.context import make_context
from stepwell.dialects.hl.arithmetic import AddOp, MaximumOp, MinimumOp, NegOp, SubOp
from stepwell.dialects.hl.comparison import LessEqualOp, LessOp
from stepwell.dialects.hl.movement import TransposeOp
from stepwell.dialects.hl.rules.reductions import ReduceOp
from stepwell.dialects.hl.selection import SelectOp
from stepwell.runtime.engines.lower import lowered

from .bug import Answer, NamedBug
from .failure import MAX_OPS, Planted, changes_meaning, function_ops, raises


class SubtractNegated(RewritePattern):
    """`x - (-y)` becomes `x - y`."""

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        """As it says."""
        if isinstance(op, SubOp) and isinstance(op.operands[1].owner, NegOp):
            rewriter.replace(op, SubOp.build([op.operands[0], op.operands[1].owner.operands[0]]))


class _TransposedNegation(RewritePattern):
    """Fails on what it did not expect: something negated that is transposed."""

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        if isinstance(op, TransposeOp) and isinstance(op.operands[0].owner, NegOp):
            raise IndexError("perm out of range")


class _AddReducedLast(RewritePattern):
    """Puts what was reduced last in a sum, and does not see when it is there: it never ends."""

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        if isinstance(op, AddOp) and any(isinstance(operand.owner, ReduceOp) for operand in op.operands):
            rewriter.replace(op, AddOp.build([op.operands[1], op.operands[0]]))


def _rewrites(pattern: RewritePattern) -> Callable[[ModuleOp], Any]:
    return lambda module: apply_patterns(module, [pattern])


def _never_ends(module: ModuleOp) -> bool:
    with limit_rewrites(50) as limit:
        apply_patterns(module, [_AddReducedLast()])
    return limit.is_reached


def _hoist_from_loops(module: ModuleOp) -> None:
    """Moves out of loops what depends on nothing but what they carry."""
    for op in function_ops(module):
        loop = op.parent_op()
        if not isinstance(op, MaximumOp) or not isinstance(loop, scf.ForOp) or loop.parent is None:
            continue
        if all(operand.owner is loop.body.block for operand in op.operands):
            op.detach()
            loop.parent.insert_op_before(op, loop)


def _is_broken_by_hoisting(module: ModuleOp) -> bool:
    _hoist_from_loops(module)
    return first_invalid(module) is not None


def _loses_line(module: ModuleOp) -> bool:
    """Makes one op of a maximum and a minimum, and forgets where they were from."""
    for op in function_ops(module):
        if isinstance(op, MinimumOp) and isinstance(op.operands[0].owner, MaximumOp):
            op.location = UnknownLoc()
    return any(isinstance(op.location, UnknownLoc) for op in module.walk())


def _drop_prints_in_loops(module: ModuleOp) -> None:
    """Takes a print in a loop for dead."""
    for op in function_ops(module):
        if isinstance(op, debug.PrintOp) and isinstance(op.parent_op(), scf.ForOp):
            op.detach()
            op.erase()


def _one_less(module: ModuleOp) -> None:
    """Lets loops that carry two values run once less."""
    for op in function_ops(module):
        if isinstance(op, scf.ForOp) and len(op.iter_args) == 2 and isinstance(op.ub.owner, arith.ConstantOp):
            bound = op.ub.owner.value
            assert isinstance(bound, IntegerAttr) and op.parent is not None
            less = arith.ConstantOp(IntegerAttr(max(bound.value.data - 1, 0), IndexType()))
            op.parent.insert_op_before(less, op)
            op.operands[1] = less.result


def _inline_swapped(module: ModuleOp) -> None:
    """Inlines calls; the first result is taken for the second."""
    for op in function_ops(module):
        if isinstance(op, func.CallOp) and len(op.results) > 1 and op.results[0].type == op.results[1].type:
            op.results[1].replace_all_uses_with(op.results[0])
    InlinePass().apply(make_context(), module)


def _read_late(module: ModuleOp) -> None:
    """Moves reads of Variables behind writes that follow at once."""
    for op in function_ops(module):
        block, following = op.parent, op.next_op
        if not isinstance(op, state.ReadOp) or not isinstance(following, state.AssignOp | state.AssignAddOp):
            continue
        if op.value not in following.operands and block is not None:
            op.detach()
            block.insert_op_after(op, following)


def _select_the_other(module: ModuleOp) -> None:
    """An engine that compares wrongly where two numbers are equal, and only in what is selected by it."""
    for op in function_ops(module):
        if isinstance(op, SelectOp) and isinstance(op.operands[0].owner, LessOp):
            less = op.operands[0].owner
            wrong = LessEqualOp.build(list(less.operands))
            assert less.parent is not None
            less.parent.insert_op_before(wrong, less)
            less.results[0].replace_all_uses_with(wrong.results[0])
    down = lowered(module, "linalg")
    for op in list(module.ops):
        op.detach()
        op.erase(safe_erase=False)
    for op in list(down.ops):
        op.detach()
        module.body.block.add_op(op)


def _fuse_wrongly(module: ModuleOp) -> None:
    """Swaps what a difference in the body of a generic op is taken of."""
    for op in function_ops(module):
        if isinstance(op, arith.SubfOp | arith.SubiOp) and isinstance(op.parent_op(), linalg.GenericOp):
            op.operands = [op.operands[1], op.operands[0]]


def _copies_in_loops_lost(module: ModuleOp) -> None:
    """Takes for dead, in a loop, the copy that hands a value to the next iteration."""
    for op in function_ops(module):
        if isinstance(op, memref.CopyOp) and isinstance(op.parent_op(), scf.ForOp):
            op.detach()
            op.erase()


def _drop_clamps(module: ModuleOp) -> None:
    """Takes the lower of a value's maximum for the value."""
    for op in function_ops(module):
        if isinstance(op, arith.MinSIOp) and isinstance(op.lhs.owner, arith.MaxSIOp):
            op.operands[0] = op.lhs.owner.lhs


def _branch_on_comparison(module: ModuleOp) -> None:
    """Fails on a branch on a comparison of floats, or on a flag in memory."""
    for op in function_ops(module):
        if isinstance(op, cf.ConditionalBranchOp) and isinstance(op.cond.owner, memref.LoadOp | arith.CmpfOp):
            raise KeyError("predicate")


def _subtract_loaded(module: ModuleOp) -> None:
    """Fails on the difference of what was loaded."""
    for op in function_ops(module):
        if isinstance(op, llvm.SubOp) and any(isinstance(operand.owner, llvm.LoadOp) for operand in op.operands):
            raise TypeError("lanes")


PLANTED: tuple[Planted, ...] = (
    Planted("wrong rewrite", "hl", changes_meaning(_rewrites(SubtractNegated()))),
    Planted("crash of a pattern", "hl", raises(_rewrites(_TransposedNegation()), Exception)),
    Planted("rewrites without end", "hl", _never_ends),
    Planted("use before definition", "hl", _is_broken_by_hoisting),
    Planted("lost line", "hl", _loses_line),
    Planted("dropped effect", "hl", changes_meaning(_drop_prints_in_loops), {"effects": True}),
    Planted("loop runs once less", "hl", changes_meaning(_one_less)),
    Planted("results of a call swapped", "hl", changes_meaning(_inline_swapped), {"calls": True}),
    Planted("read moved behind a write", "hl", changes_meaning(_read_late), {"effects": True}),
    Planted("engine that compares wrongly", "hl", changes_meaning(_select_the_other)),
    Planted("wrong body of a generic op", "linalg", changes_meaning(_fuse_wrongly)),
    Planted("value lost in a loop", "loops", changes_meaning(_copies_in_loops_lost)),
    Planted("dropped clamp", "cfg", changes_meaning(_drop_clamps)),
    Planted("crash on a branch", "cfg", raises(_branch_on_comparison, KeyError)),
    Planted("crash on an instruction", "llvm", raises(_subtract_loaded, TypeError)),
)
"""The failures, from the top level down."""


def reduced(name: str, _: int) -> Answer:
    """What is left of a failure."""
    (planted,) = (each for each in PLANTED if each.name == name)
    found = reduce(planted.module(), planted.shows)
    how = f"{found.ops_before} ops, {found.ops_after} are left after {found.calls} calls"
    return Answer(found.ops_after <= MAX_OPS, found.ops_after, how)


BUGS = tuple(NamedBug(each.name, "reduce", each.level, reduced, "ops left") for each in PLANTED)
"""The same, as bugs."""
