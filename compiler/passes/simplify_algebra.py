"""`simplify-algebra`: the laws of numbers, booleans and shapes, across ops."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern

from ...dialects.packing import uses_complex
from ..pipeline.base import Pass
from ..rewriting import Apply, apply_patterns, how_to_apply
from .algebra import integers, logic, numbers, shapes
from .algebra.rule import Rule

RULES: tuple[type[Rule], ...] = (*numbers.RULES, *integers.RULES, *logic.RULES, *shapes.RULES)
"""Every law, in the order in which they are tried."""


@dataclass(frozen=True)
class SimplifyAlgebraPass(Pass):
    """Replace expressions by simpler ones that have exactly the same values.

    Options: `inexact`, whether laws that hold up to the rounding of floats are applied too.

    Before:

        func.func @f(%n: tensor<i32>) -> tensor<i32> {
          %0 = arith.constant dense<8> : tensor<i32>
          %1 = hl.mod %n, %0 : (tensor<i32>, tensor<i32>) -> tensor<i32>
          %2 = hl.neg %1 : (tensor<i32>) -> tensor<i32>
          %3 = hl.sub %n, %2 : (tensor<i32>, tensor<i32>) -> tensor<i32>
          func.return %3 : tensor<i32>
        }

    After (`simplify-algebra,dce`):

        func.func @f(%n: tensor<i32>) -> tensor<i32> {
          %0 = arith.constant dense<7> : tensor<i32>
          %1 = hl.bitwise_and %n, %0 : (tensor<i32>, tensor<i32>) -> tensor<i32>
          %2 = hl.add %n, %1 : (tensor<i32>, tensor<i32>) -> tensor<i32>
          func.return %2 : tensor<i32>
        }

    Gradients, and code written for arbitrary arguments, contain many such expressions; rewrites of a single op are its
    canonicalizations instead. Float results are bit-identical, including NaN, infinities and the sign of zero, so
    `x * 0` and `x - x` are not simplified and sums are not reordered. Run-time checks of sizes are preserved.
    """

    inexact: bool = False

    name = "simplify-algebra"
    requires: ClassVar[str | None] = "hl"
    ensures: ClassVar[str | None] = "hl"
    nestable: ClassVar[bool] = True

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """To a fixed point."""
        laws = _Laws([rule() for rule in RULES if self.inexact or not rule.INEXACT])
        apply_patterns(op, [_Simplify(laws)], may_match=lambda inner: laws.of(type(inner)))


class _Laws:
    """The laws that are about ops of a class."""

    def __init__(self, rules: list[Rule]):
        self._rules = rules
        self._found: dict[type[Operation], list[Rule]] = {}

    def of(self, op_class: type[Operation]) -> list[Rule]:
        """Those of a class, in order."""
        found = self._found.get(op_class)
        if found is None:
            found = self._found[op_class] = [rule for rule in self._rules if issubclass(op_class, rule.OPS)]
        return found


@dataclass
class _Simplify(RewritePattern):
    """Applies the first law that fits an op."""

    laws: _Laws
    apply: Apply = field(default_factory=how_to_apply)

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        if uses_complex(op):  # the laws are about real numbers; `decompose-complex` leaves nothing else
            return
        for law in self.laws.of(type(op)):
            self.apply(law, op, rewriter)
            if rewriter.has_done_action:
                return
