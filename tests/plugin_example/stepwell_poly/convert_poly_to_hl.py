"""`convert-poly-to-hl`: polynomials as products and sums."""

from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, TensorType

from stepwell.dialects.hl.arithmetic import AddOp, MulOp
from stepwell.plugins import Emitter, Pass

from .dialect import EvalOp


@dataclass(frozen=True)
class ConvertPolyToHlPass(Pass):
    """Evaluates every polynomial by Horner's method.

    Before:

        func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {
          %y = poly.eval %x {coefficients = array<i64: 1, 2>} : tensor<?xf32> -> tensor<?xf32>
          func.return %y : tensor<?xf32>
        }

    After:

        func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {
          %0 = arith.constant dense<2.0> : tensor<f32>
          %1 = hl.mul %0, %x : (tensor<f32>, tensor<?xf32>) -> tensor<?xf32>
          %2 = arith.constant dense<1.0> : tensor<f32>
          %3 = hl.add %1, %2 : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
          func.return %3 : tensor<?xf32>
        }

    It takes the fewest products, and there is no level below at which polynomials are known.
    """

    name = "convert-poly-to-hl"
    requires: ClassVar[str | None] = "poly"
    ensures: ClassVar[str | None] = "hl"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """One op after the other."""
        for inner in list(op.walk()):
            if isinstance(inner, EvalOp):
                _convert(inner)


def _convert(op: EvalOp) -> None:
    e = Emitter.before(op)
    scalar = TensorType(op.x.type.element_type, [])
    *lower, highest = op.powers
    value = e.constant(highest, scalar)
    for coefficient in reversed(lower):
        product = e.value(MulOp.build([value, op.x]))
        value = e.value(AddOp.build([product, e.constant(coefficient, scalar)]))
    op.y.replace_all_uses_with(value)
    op.detach()
    op.erase()
