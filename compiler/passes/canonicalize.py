"""`canonicalize`: each op in its simplest form."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import ClassVar

import numpy as np
from xdsl.context import Context
from xdsl.dialects import arith, scf
from xdsl.dialects.builtin import Float32Type, Float64Type, FloatAttr, ModuleOp
from xdsl.ir import Operation
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern
from xdsl.rewriter import InsertPoint
from xdsl.traits import ConstantLike, HasCanonicalizationPatternsTrait
from xdsl.transforms.canonicalization_patterns.arith import FoldConstConstOp
from xdsl.transforms.canonicalization_patterns.scf import RehoistConstInLoops

from ...dialects.dtypes import dtype_of
from ...dialects.hl.rules.base import HLOp
from ...dialects.packing import uses_complex
from ..pipeline.base import Pass
from ..rewriting import Apply, apply_patterns, how_to_apply
from ..rewriting.branches import Branching, remove_unreachable_blocks
from .dce import is_dead


@dataclass(frozen=True)
class CanonicalizePass(Pass):
    """Apply every op's canonicalization patterns until none matches, and remove ops that become unused.

    Before:

        func.func @f(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
          %0 = hl.transpose %x {perm = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
          %1 = hl.transpose %0 {perm = array<i64: 1, 0>} : (tensor<3x2xf32>) -> tensor<2x3xf32>
          func.return %1 : tensor<2x3xf32>
        }

    After:

        func.func @f(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
          func.return %x : tensor<2x3xf32>
        }

    Other passes then have fewer forms to recognise. All patterns are exact, and apply at any level: those of `hl` ops
    are defined with the ops, those of xDSL's dialects in xDSL.
    """

    name = "canonicalize"
    nestable: ClassVar[bool] = True

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """To a fixed point; a block that is no longer reached is no predecessor of others any more."""
        remove_unreachable_blocks(op)
        apply_patterns(op, [_Canonicalize()], may_match=_may_match)
        while remove_unreachable_blocks(op):
            apply_patterns(op, [_Canonicalize()], may_match=_may_match)


def _may_match(op: Operation) -> bool:
    return bool(_patterns(type(op))) or is_dead(op)


@cache
def _patterns(op_class: type[Operation]) -> tuple[RewritePattern, ...]:
    """The canonicalizations of a class of ops."""
    if issubclass(op_class, HLOp):
        return tuple(pattern() for pattern in op_class.CANONICALIZATIONS)
    traits = op_class.get_traits_of_type(HasCanonicalizationPatternsTrait)
    found = (pattern for trait in traits for pattern in trait.get_patterns(op_class))
    own: dict[type[RewritePattern], RewritePattern] = {
        FoldConstConstOp: FoldFloats(),
        RehoistConstInLoops: HoistConstants(),
    }
    return tuple(own.get(type(pattern), pattern) for pattern in found)


_ARITHMETIC: dict[type[Operation], np.ufunc] = {
    arith.AddfOp: np.add,
    arith.SubfOp: np.subtract,
    arith.MulfOp: np.multiply,
    arith.DivfOp: np.divide,
}


class FoldFloats(RewritePattern):
    """Sums, differences, products and quotients of constants, in their own format.

    It replaces xDSL's pattern, which computes in float64 and fails where the result is too large for float32.
    """

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        """Replace by the constant."""
        compute = _ARITHMETIC.get(type(op))
        numbers = [operand.owner.value for operand in op.operands if isinstance(operand.owner, arith.ConstantOp)]
        if compute is None or len(numbers) != 2 or not all(isinstance(n, FloatAttr) for n in numbers):
            return
        type_ = op.results[0].type
        if not isinstance(type_, Float32Type | Float64Type):
            return
        dtype = dtype_of(type_)
        with np.errstate(all="ignore"):
            value = compute(*(dtype.as_numpy_dtype(n.value.data) for n in numbers if isinstance(n, FloatAttr)))
        rewriter.replace(op, arith.ConstantOp(FloatAttr(float(value), type_)))


class HoistConstants(RewritePattern):
    """Constants of a loop's body go before the outermost of the loops around them that are directly in each other.

    It replaces xDSL's pattern, which makes new constants, and carries them out of one loop each time that it has gone
    over the whole module.
    """

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: scf.ForOp, rewriter: PatternRewriter, /) -> None:
        """Move the constants."""
        constants = [inner for inner in op.body.block.ops if _is_constant(type(inner))]
        if not constants:
            return
        outermost: Operation = op
        while isinstance(around := outermost.parent_op(), scf.ForOp):
            outermost = around
        for constant in constants:
            constant.detach()
        rewriter.insert(constants, InsertPoint.before(outermost))


@cache
def _is_constant(op_class: type[Operation]) -> bool:
    return op_class.has_trait(ConstantLike)


@dataclass
class RemoveDead(RewritePattern):
    """Removes an op whose results are unused and that has no effect."""

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        """Erase `op` if it is dead."""
        if is_dead(op):
            rewriter.erase(op)


_REMOVE_DEAD = RemoveDead()


@dataclass
class _Canonicalize(RewritePattern):
    """Removes a dead op, or applies the first of an op's own patterns that fits."""

    branching: Branching = field(default_factory=Branching)
    apply: Apply = field(default_factory=how_to_apply)

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        if op.parent is None:
            return
        if is_dead(op):  # asked of every op: so it is no pattern among the others, each of which is counted and watched
            self.apply(_REMOVE_DEAD, op, rewriter)
            return
        patterns = _patterns(type(op))
        if not patterns or (isinstance(op, HLOp) and uses_complex(op)):  # patterns of `hl` are about real numbers
            return
        branches = bool(op.successors)
        for pattern in patterns:
            if branches and not self.branching.may_try(pattern, op):
                continue
            self.apply(pattern, op, rewriter)
            if rewriter.has_done_action:
                if branches:
                    self.branching.changed()
                return
