"""Failing programs shrink: planted bugs are reported by programs of three ops, drawn from all ops there are."""

from dataclasses import dataclass
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, find, settings
from support.bugs.failures import SubtractNegated
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import RewritePattern

from stepwell.compiler.interchange.mlir.text import parse_module
from stepwell.compiler.rewriting import apply_patterns
from stepwell.dialects.hl.arithmetic import MaximumOp, SubOp
from stepwell.dialects.hl.comparison import LessEqualOp, LessOp
from stepwell.dialects.hl.rules.base import HLOp
from stepwell.dialects.state import ReadOp
from stepwell.testing import ValidationError, hl_modules, validate


class _SwapDifference(RewritePattern):
    """Wrong: `x - y` becomes `y - x`."""

    def match_and_rewrite(self, op, rewriter, /):
        if isinstance(op, SubOp) and "seen" not in op.attributes:
            new = SubOp.create(
                operands=[op.y, op.x], result_types=[op.result.type], attributes={"seen": op.result.type}
            )
            rewriter.replace(op, new)


class _DropEquality(RewritePattern):
    """Wrong: `x <= y` becomes `x < y`, which only differs where they are equal."""

    def match_and_rewrite(self, op, rewriter, /):
        if isinstance(op, LessEqualOp):
            rewriter.replace(op, LessOp.create(operands=op.operands, result_types=[op.result.type]))


class _ReadEarlier(RewritePattern):
    """Wrong: a read of a Variable is that of an earlier one, whatever was written since: it takes three ops to see."""

    def match_and_rewrite(self, op, rewriter, /):
        if isinstance(op, ReadOp):
            same = [user for user in (use.operation for use in op.variable.uses) if isinstance(user, ReadOp)]
            before = [user for user in same if user.parent is op.parent and user.is_before_in_block(op)]
            if before:
                rewriter.replace(op, [], [before[0].value])


class _KeepFirst(RewritePattern):
    """Wrong: the greater of `x` and `y` becomes `x`."""

    def match_and_rewrite(self, op, rewriter, /):
        if isinstance(op, MaximumOp) and op.x.type == op.result.type:
            rewriter.replace(op, [], [op.x])


@dataclass(frozen=True)
class _Planted(ModulePass):
    """A pass with a bug."""

    name: ClassVar[str] = "planted"
    pattern: ClassVar[type[RewritePattern]]

    def apply(self, ctx, op: ModuleOp) -> None:
        apply_patterns(op, [self.pattern()], repeat=False)


class SwapDifferencePass(_Planted):
    name = "swap-difference"
    pattern = _SwapDifference


class DropEqualityPass(_Planted):
    name = "drop-equality"
    pattern = _DropEquality


class KeepFirstPass(_Planted):
    name = "keep-first"
    pattern = _KeepFirst


class SubtractNegatedPass(_Planted):
    name = "subtract-negated"
    pattern = SubtractNegated


class ReadEarlierPass(_Planted):
    name = "read-earlier"
    pattern = _ReadEarlier


PLANTED = {
    SwapDifferencePass: 3,
    DropEqualityPass: 3,
    KeepFirstPass: 3,
    SubtractNegatedPass: 3,
    ReadEarlierPass: 4,
}
"""The passes, and how many ops are left at most; a read that is wrong is seen by a write of what was read."""


@pytest.mark.parametrize("planted", PLANTED)
def test_the_program_that_is_reported_is_small(planted):
    with pytest.raises(ValidationError) as failure:
        validate(planted(), max_examples=1500)
    report = failure.value
    module = parse_module(report.before, "before.mlir")
    ops = [op for op in module.walk() if isinstance(op, HLOp) or op.name.startswith(("state.", "debug.", "scf."))]
    assert 1 <= len(ops) <= PLANTED[planted], f"{len(ops)} ops:\n{report.before}"
    assert all(array.size <= 6 for array in report.inputs)  # of two that must not fit, neither gets smaller alone
    assert report.passes == planted.name


def test_the_strategy_shrinks_by_itself():
    """As it does in a user's own test: hypothesis makes statements nothing, one after the other."""
    holds = settings(max_examples=500, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    case = find(hl_modules(effects=False, max_statements=6), lambda case: case.ops["hl.concat"] > 0, settings=holds)
    assert sum(case.ops.values()) <= 3
