"""Failing programs shrink: three planted bugs are reported by programs of at most three ops."""

from dataclasses import dataclass
from typing import ClassVar

import pytest
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import RewritePattern

from stepwell.compiler.interchange.mlir_text import parse_module
from stepwell.compiler.rewriting import apply_patterns
from stepwell.dialects.hl.arithmetic import MaximumOp, SubOp
from stepwell.dialects.hl.base import HLOp
from stepwell.dialects.hl.comparison import LessEqualOp, LessOp
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


PLANTED = {
    SwapDifferencePass: ("hl.sub", "hl.add", "hl.neg"),
    DropEqualityPass: ("hl.less_equal", "hl.add", "hl.neg", "hl.mul"),
    KeepFirstPass: ("hl.maximum", "hl.add", "hl.neg"),
}
"""The passes, and the ops of the programs that they are shown."""


@pytest.mark.parametrize("planted", PLANTED)
def test_the_program_that_is_reported_is_small(planted):
    programs = hl_modules(ops=PLANTED[planted], max_statements=5, depth=0, effects=False, max_side=2)
    with pytest.raises(ValidationError) as failure:
        validate(planted(), programs, max_examples=300)
    report = failure.value
    module = parse_module(report.before, "before.mlir")
    ops = [op.name for op in module.walk() if isinstance(op, HLOp)]
    assert 1 <= len(ops) <= 3, f"{len(ops)} ops:\n{report.before}"
    assert all(array.size <= 4 for array in report.inputs)
    assert report.passes == planted.name
