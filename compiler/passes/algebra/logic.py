"""Laws of booleans and of choices."""

from __future__ import annotations

from xdsl.ir import SSAValue

from ....dialects.dtypes import BOOL
from ....dialects.hl.comparison import EqualOp, GreaterEqualOp, GreaterOp, LessEqualOp, LessOp, NotEqualOp
from ....dialects.hl.logical import LogicalAndOp, LogicalNotOp, LogicalOrOp, LogicalXorOp
from ....dialects.hl.selection import SelectOp
from .rule import Match, OpClass, Rule, is_static, made_by, number_of

CONNECTIVES = (LogicalAndOp, LogicalOrOp, LogicalXorOp)
OPPOSITES: dict[OpClass, OpClass] = {
    EqualOp: NotEqualOp,
    NotEqualOp: EqualOp,
    LessOp: GreaterEqualOp,
    LessEqualOp: GreaterOp,
    GreaterOp: LessEqualOp,
    GreaterEqualOp: LessOp,
}
"""For each comparison the one that holds where it does not, if neither operand is NaN."""


class KnownTruth(Rule):
    """`x and True` is `x`, `x and False` is False, and so on for `or` and `xor`."""

    OPS = CONNECTIVES

    def rewrite(self, match: Match) -> SSAValue | None:
        """The operand, its negation, or a constant."""
        x, y = match.operands
        truth = number_of(y)
        if truth is None:
            return None
        if isinstance(match.op, LogicalXorOp) and truth:
            return match.build(LogicalNotOp, x) if x.type == match.type else None
        decides = (isinstance(match.op, LogicalAndOp) and not truth) or (isinstance(match.op, LogicalOrOp) and truth)
        return match.everywhere(bool(truth)) if decides else match.same(x)


class TruthWithItself(Rule):
    """`x and x` is `x`, `x xor x` is False; `x and not x` is False, `x or not x` and `x xor not x` are True."""

    OPS = CONNECTIVES

    def rewrite(self, match: Match) -> SSAValue | None:
        """The operand, or a constant."""
        x, y = match.operands
        if x is y:
            return match.everywhere(False) if isinstance(match.op, LogicalXorOp) else match.same(x)
        for one, other in ((x, y), (y, x)):
            negation = made_by(other, LogicalNotOp)
            if negation is not None and negation.operands[0] is one:
                return match.everywhere(not isinstance(match.op, LogicalAndOp))
        return None


class NotOfComparison(Rule):
    """`not (x < y)` is `x >= y` for integers; `not (x == y)` is `x != y` for all numbers."""

    OPS = (LogicalNotOp,)

    def rewrite(self, match: Match) -> SSAValue | None:
        """The opposite comparison."""
        inner = made_by(match.operands[0], *OPPOSITES)
        if inner is None:
            return None
        ordered = not isinstance(inner, EqualOp | NotEqualOp)
        if ordered and Match(self, inner, match.rewriter).is_float:
            match.refuse("NaN is neither less than, nor greater than or equal to, anything")
            return None
        return match.build(OPPOSITES[type(inner)], *inner.operands)


class NegatedChoice(Rule):
    """`select(not c, x, y)` is `select(c, y, x)`."""

    OPS = (SelectOp,)

    def rewrite(self, match: Match) -> SSAValue | None:
        """The choice the other way round."""
        condition, x, y = match.operands
        negation = made_by(condition, LogicalNotOp)
        return None if negation is None else match.build(SelectOp, negation.operands[0], y, x)


class ChoiceOfTruths(Rule):
    """`select(c, True, y)` is `c or y`, `select(c, x, False)` is `c and x`, `select(c, False, True)` is `not c`."""

    OPS = (SelectOp,)

    def rewrite(self, match: Match) -> SSAValue | None:
        """Logic."""
        condition, x, y = match.operands
        if match.dtype != BOOL:
            return None
        first, second = number_of(x), number_of(y)
        if first is not None and second is not None and condition.type == match.type and bool(first) != bool(second):
            return condition if first else match.build(LogicalNotOp, condition)
        if first is not None and first:
            return match.build(LogicalOrOp, condition, y) if _fits(match, condition, y) else None
        if second is not None and not second:
            return match.build(LogicalAndOp, condition, x) if _fits(match, condition, x) else None
        return None


def _fits(match: Match, *operands: SSAValue) -> bool:
    """Whether the result has its shape from these operands alone."""
    if any(operand.type == match.type for operand in operands):
        return True
    match.refuse("the constant decides the shape of the result")
    return False


class ChoiceInChoice(Rule):
    """`select(c, select(c, x, y), z)` is `select(c, x, z)`, and likewise for the other operand."""

    OPS = (SelectOp,)

    def rewrite(self, match: Match) -> SSAValue | None:
        """One choice."""
        condition, x, y = match.operands
        for place, value in ((1, x), (2, y)):
            inner = made_by(value, SelectOp)
            if inner is None or inner.operands[0] is not condition:
                continue
            chosen, dropped = inner.operands[place], inner.operands[3 - place]
            if chosen.type != value.type or not is_static(dropped):
                match.refuse("the value that is never chosen has a say in the shape of the result")
                continue
            operands = (condition, chosen, y) if place == 1 else (condition, x, chosen)
            return match.build(SelectOp, *operands)
        return None


RULES: tuple[type[Rule], ...] = (
    KnownTruth,
    TruthWithItself,
    NotOfComparison,
    NegatedChoice,
    ChoiceOfTruths,
    ChoiceInChoice,
)
