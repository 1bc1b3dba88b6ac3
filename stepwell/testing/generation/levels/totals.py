"""Totals: ops that combine any number of values in any order, and values for which that order does not matter."""

from __future__ import annotations

from xdsl.dialects import arith
from xdsl.dialects.builtin import AnyFloat
from xdsl.ir import Attribute, Operation, SSAValue

from .arithmetic import positive_zero
from .body import LevelBody
from .program import ANY, ROUGH, SMALL, Grade, Value

OF_INTEGERS: tuple[type[Operation], ...] = (
    arith.AddiOp,
    arith.MuliOp,
    arith.MaxSIOp,
    arith.MinSIOp,
    arith.MaxUIOp,
    arith.MinUIOp,
    arith.AndIOp,
    arith.OrIOp,
    arith.XOrIOp,
)
OF_FLOATS: tuple[type[Operation], ...] = (
    arith.AddfOp,
    arith.MaximumfOp,
    arith.MinimumfOp,
    arith.MulfOp,
    arith.MaxnumfOp,
    arith.MinnumfOp,
)
MOST_SUMMED = 500
"""Sums of floats have no more terms than this: then they are exact."""
MOST_FACTORS = 20
"""A product of so many small floats neither overflows nor underflows, in whatever order it is taken."""


def a_kind(body: LevelBody, type_: Attribute, count: int) -> type[Operation]:
    """An op that combines so many values of a type."""
    if not isinstance(type_, AnyFloat):
        return body.program.choice(OF_INTEGERS)
    most = {arith.MulfOp: MOST_FACTORS, arith.AddfOp: MOST_SUMMED}
    return body.program.choice([kind for kind in OF_FLOATS if count <= most.get(kind, count)])


def item_grade(kind: type[Operation]) -> Grade:
    """What may be combined in any order."""
    return Grade(9, 4) if kind is arith.AddfOp else SMALL if kind is arith.MulfOp else ANY


def prepared(body: LevelBody, kind: type[Operation], value: Value) -> Value:
    """A value as it may be combined: which of two zeros of unlike signs some ops give is not defined."""
    if kind not in (arith.MaxnumfOp, arith.MinnumfOp):
        return value
    return positive_zero(body, value)


def combined(body: LevelBody, kind: type[Operation], so_far: SSAValue, item: Value) -> SSAValue:
    """The total with one more item."""
    pair = (item.ssa, so_far) if body.program.chance(4) else (so_far, item.ssa)
    return body.code.value(kind(*pair))  # pyright: ignore[reportCallIssue]


def total_grade(kind: type[Operation]) -> Grade:
    """What a total may be."""
    return ROUGH if kind is arith.MulfOp else ANY
