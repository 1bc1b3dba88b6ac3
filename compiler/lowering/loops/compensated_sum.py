"""Sums that keep what rounding takes from them, on scalars and on vectors (Neumaier, with the exact sum of Knuth)."""

from __future__ import annotations

from xdsl.dialects import arith
from xdsl.dialects.builtin import IntegerAttr, VectorType, i64
from xdsl.ir import SSAValue

from ....dialects import simd
from ....dialects.emitter import Emitter

NEUTRAL = -0.0
"""What changes no sum: 0.0 would change -0.0."""

_ONE = IntegerAttr(6, i64)
"""The number of `arith.cmpf`'s predicate "ordered and not equal"."""


def added(e: Emitter, total: SSAValue, error: SSAValue, item: SSAValue) -> tuple[SSAValue, SSAValue]:
    """`total + item`, and `error` with what the sum has lost by rounding.

    TAOCP volume 2, section 4.2.2, theorem B: the six operations give the loss exactly, whichever is larger.
    """
    result = e.value(arith.AddfOp(total, item))
    taken = e.value(arith.SubfOp(result, total))
    kept = e.value(arith.SubfOp(result, taken))
    lost = e.value(arith.AddfOp(e.value(arith.SubfOp(total, kept)), e.value(arith.SubfOp(item, taken))))
    return result, e.value(arith.AddfOp(error, lost))


def corrected(e: Emitter, total: SSAValue, error: SSAValue) -> SSAValue:
    """`total + error`; `total` itself where there is no error, or none that is a number.

    The error of an infinite sum is NaN, and a sum of -0.0 must not become 0.0.
    """
    zero = e.constant(0.0, total.type)
    both = e.value(arith.AddfOp(total, error))
    if isinstance(total.type, VectorType):
        counts = e.value(simd.CmpfOp(error, zero, _ONE))
        return e.value(simd.SelectOp(counts, both, total))
    return e.value(arith.SelectOp(e.value(arith.CmpfOp(error, zero, "one")), both, total))
