"""`trim-poly`: no highest powers whose coefficient is 0."""

from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import AnyFloat, DenseArrayBase, ModuleOp, i64
from xdsl.ir import Operation
from xdsl.pattern_rewriter import PatternRewriter

from stepwell.plugins import Pass, Pattern, apply_patterns, refuse

from .dialect import EvalOp


@dataclass(frozen=True)
class TrimPolyPass(Pass):
    """Removes highest powers whose coefficient is 0.

    Before:

        func.func @f(%x: tensor<4xi32>) -> tensor<4xi32> {
          %y = poly.eval %x {coefficients = array<i64: 1, 2, 0>} : tensor<4xi32> -> tensor<4xi32>
          func.return %y : tensor<4xi32>
        }

    After:

        func.func @f(%x: tensor<4xi32>) -> tensor<4xi32> {
          %y = poly.eval %x {coefficients = array<i64: 1, 2>} : tensor<4xi32> -> tensor<4xi32>
          func.return %y : tensor<4xi32>
        }

    Each power costs a product and a sum. For floats the powers stay: infinity times 0 is NaN.
    """

    minimum: int = 2

    name = "trim-poly"
    nestable: ClassVar[bool] = True

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """In one walk."""
        apply_patterns(op, [TrimEval(self.minimum)])


@dataclass
class TrimEval(Pattern):
    """Removes zeros from the end of the coefficients, down to a minimum of them."""

    minimum: int

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        """Replace the op by one with fewer coefficients."""
        if not isinstance(op, EvalOp):
            return
        kept = list(op.powers)
        while len(kept) > max(self.minimum, 2) and kept[-1] == 0:
            kept.pop()
        if len(kept) == len(op.powers):
            return
        if isinstance(op.x.type.element_type, AnyFloat):
            refuse(self, op, "infinity times 0 is NaN")
            return
        coefficients = DenseArrayBase.from_list(i64, kept)
        rewriter.replace(
            op, EvalOp(operands=[op.x], result_types=[op.y.type], properties={"coefficients": coefficients})
        )
