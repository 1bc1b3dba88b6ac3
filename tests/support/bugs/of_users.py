"""Wrong passes as users write them: each has one narrow pattern, which is right most of the time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from xdsl.context import Context
from xdsl.dialects import arith, scf
from xdsl.dialects.builtin import IntegerAttr, ModuleOp
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern
from xdsl.rewriter import InsertPoint
from xdsl.traits import is_side_effect_free

from stepwell.compiler.rewriting import apply_patterns
from stepwell.dialects.debug import PrintOp
from stepwell.dialects.dtypes import dtype_of
from stepwell.dialects.emitter import Emitter
from stepwell.dialects.hl.arithmetic import AddOp, DivOp, MulOp, NegOp
from stepwell.dialects.hl.bitwise import LeftShiftOp, RightShiftOp
from stepwell.dialects.hl.division import FloordivOp
from stepwell.dialects.hl.movement import ConcatOp, TransposeOp
from stepwell.dialects.hl.rules.base import HLOp
from stepwell.dialects.hl.rules.elementwise import splat_of
from stepwell.dialects.hl.slicing import SliceOp
from stepwell.dialects.hl.transcendental import SqrtOp
from stepwell.dialects.state import AssignOp, ReadOp
from stepwell.dialects.types import dense

from .bug import Answer, NamedBug
from .mutant import validated


class WrongPattern(RewritePattern):
    """A pattern of one op, which `rewrite` replaces by another value of its type, or leaves."""

    def rewrite(self, e: Emitter, op: Operation) -> SSAValue | None:
        """What replaces the op; ops go where `e` puts them."""
        raise NotImplementedError

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        """Replace the op."""
        value = self.rewrite(Emitter.before(op), op)
        if value is not None and value.type == op.results[0].type:
            rewriter.replace(op, [], [value])


@dataclass(frozen=True)
class WrongPass(ModulePass):
    """A pass of one wrong pattern."""

    name: ClassVar[str] = "wrong"
    kind: ClassVar[str]
    pattern: ClassVar[type[RewritePattern]]

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Rewrite once wherever the pattern matches."""
        apply_patterns(op, [self.pattern()], repeat=False)


def _number(value: SSAValue) -> float | None:
    return splat_of(value)


def _built(e: Emitter, op_class: type[HLOp], operands: Sequence[SSAValue]) -> SSAValue:
    return e.value(op_class.build(operands))


class CancelFactor(WrongPattern):
    """`(x * 3) // 3` is `x`: not where the product wraps around."""

    def rewrite(self, e: Emitter, op: Operation) -> SSAValue | None:
        """The other factor."""
        if not isinstance(op, FloordivOp) or not isinstance(op.x.owner, MulOp) or not dtype_of(op.x.type).is_integer:
            return None
        return op.x.owner.x if _number(op.y) == _number(op.x.owner.y) == 3 else None


class HalveByShift(WrongPattern):
    """`x // -2` is `-(x >> 1)`: not for odd numbers."""

    def rewrite(self, e: Emitter, op: Operation) -> SSAValue | None:
        """A shift, and a change of sign."""
        if not isinstance(op, FloordivOp) or _number(op.y) != -2 or not dtype_of(op.y.type).is_integer:
            return None
        one = e.value(arith.ConstantOp(dense(np.ones((), dtype_of(op.y.type)))))
        return _built(e, NegOp, [_built(e, RightShiftOp, [op.x, one])])


class ShiftForthAndBack(WrongPattern):
    """`(x << 4) >> 4` is `x`: not where bits are lost."""

    def rewrite(self, e: Emitter, op: Operation) -> SSAValue | None:
        """What was shifted."""
        if not isinstance(op, RightShiftOp) or not isinstance(op.x.owner, LeftShiftOp):
            return None
        return op.x.owner.x if _number(op.y) == _number(op.x.owner.y) == 4 else None


class Distribute(WrongPattern):
    """`x*y + x*z` is `x*(y + z)`: not as floats are rounded."""

    def rewrite(self, e: Emitter, op: Operation) -> SSAValue | None:
        """A product."""
        if not isinstance(op, AddOp) or not isinstance(op.x.owner, MulOp) or not isinstance(op.y.owner, MulOp):
            return None
        first, second = op.x.owner, op.y.owner
        if first.x is not second.x:
            return None
        return _built(e, MulOp, [first.x, _built(e, AddOp, [first.y, second.y])])


class MultiplyByInverse(WrongPattern):
    """`x / 3` is `x * (1 / 3)`: not as floats are rounded."""

    def rewrite(self, e: Emitter, op: Operation) -> SSAValue | None:
        """A product."""
        if not isinstance(op, DivOp) or _number(op.y) != 3:
            return None
        dtype = dtype_of(op.y.type)
        return _built(e, MulOp, [op.x, e.value(arith.ConstantOp(dense(np.array(1 / 3, dtype))))])


class RootOfSquare(WrongPattern):
    """`sqrt(x * x)` is `x`: not for negative numbers."""

    def rewrite(self, e: Emitter, op: Operation) -> SSAValue | None:
        """What was squared."""
        if isinstance(op, SqrtOp) and isinstance(op.x.owner, MulOp) and op.x.owner.x is op.x.owner.y:
            return op.x.owner.x
        return None


class MovesBackInRankThree(WrongPattern):
    """Two transpositions of rank 3 are none: most are not."""

    def rewrite(self, e: Emitter, op: Operation) -> SSAValue | None:
        """What was transposed."""
        inner = op.operands[0].owner if isinstance(op, TransposeOp) else None
        if not isinstance(inner, TransposeOp) or len(inner.attrs()["perm"]) != 3:
            return None
        return inner.operands[0]


class SliceOfConcat(WrongPattern):
    """The first part of a concatenation, whatever is sliced out of it, if the sizes fit."""

    def rewrite(self, e: Emitter, op: Operation) -> SSAValue | None:
        """The first operand."""
        inner = op.operands[0].owner if isinstance(op, SliceOp) else None
        return inner.operands[0] if isinstance(inner, ConcatOp) else None


class LoopOfOneRound(RewritePattern):
    """A loop up to 1 is its body, run once: also where it starts at 1, or carries what it does not yield first."""

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        """Replace the results by what the loop began with."""
        if not isinstance(op, scf.ForOp) or not op.iter_args or not isinstance(op.ub.owner, arith.ConstantOp):
            return
        bound = op.ub.owner.value
        pure = all(is_side_effect_free(inner) for inner in op.body.block.ops)
        if isinstance(bound, IntegerAttr) and bound.value.data == 1 and pure:
            rewriter.replace(op, [], list(op.iter_args))


class HoistFromBranch(RewritePattern):
    """What a branch computes from outside it can be computed before: not where it fails."""

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        """Move ops of the branch that is taken."""
        if not isinstance(op, scf.IfOp):
            return
        for inner in list(op.true_region.block.ops):
            outside = all(not op.is_ancestor(operand.owner) for operand in inner.operands)
            if isinstance(inner, HLOp) and outside and inner.results[0].first_use is not None:
                inner.detach()
                rewriter.insert(inner, InsertPoint.before(op))


class ForwardAssigned(RewritePattern):
    """A read of a Variable is what was assigned to it last: also where it was added to since."""

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        """Replace the read by the value assigned."""
        before = op.prev_op if isinstance(op, ReadOp) else None
        while before is not None:
            if isinstance(before, AssignOp) and before.variable is op.operands[0]:
                if before.value.type == op.results[0].type:
                    rewriter.replace(op, [], [before.value])
                return
            before = before.prev_op


class DropRepeatedPrint(RewritePattern):
    """Of two prints of one value the second is none: it was printed, but not twice."""

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        """Erase the second."""
        if not isinstance(op, PrintOp) or not op.values:
            return
        before = op.prev_op
        while before is not None:
            if isinstance(before, PrintOp) and tuple(before.values) == tuple(op.values):
                rewriter.erase(op)
                return
            before = before.prev_op


def _wrong(name_: str, kind_: str, pattern_: type[RewritePattern]) -> WrongPass:
    """An instance of a class of its own."""
    return type(
        "WrongPass", (WrongPass,), {"name": name_, "kind": kind_, "pattern": pattern_, "__module__": __name__}
    )()


WRONG_PASSES: tuple[WrongPass, ...] = (
    _wrong("cancel-factor", "integer", CancelFactor),
    _wrong("halve-by-shift", "integer", HalveByShift),
    _wrong("shift-forth-and-back", "integer", ShiftForthAndBack),
    _wrong("distribute", "float", Distribute),
    _wrong("multiply-by-inverse", "float", MultiplyByInverse),
    _wrong("root-of-square", "float", RootOfSquare),
    _wrong("moves-back-in-rank-three", "shape", MovesBackInRankThree),
    _wrong("slice-of-concat", "shape", SliceOfConcat),
    _wrong("loop-of-one-round", "control flow", LoopOfOneRound),
    _wrong("hoist-from-branch", "control flow", HoistFromBranch),
    _wrong("forward-assigned", "effects", ForwardAssigned),
    _wrong("drop-repeated-print", "effects", DropRepeatedPrint),
)
"""Two or three for each kind of mistake."""


def _validated(name: str, examples: int) -> Answer:
    (wrong,) = (each for each in WRONG_PASSES if each.name == name)
    return validated([wrong], examples)


BUGS = tuple(NamedBug(each.name, "validate", "a pass of a user", _validated) for each in WRONG_PASSES)
"""The same, as bugs."""
