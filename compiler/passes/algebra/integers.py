"""Laws of bits, and of quotients and remainders of integers by constants."""

from __future__ import annotations

import numpy as np
from xdsl.ir import SSAValue

from ....dialects.hl.arithmetic import NegOp
from ....dialects.hl.bitwise import BitwiseAndOp, BitwiseNotOp, BitwiseOrOp, BitwiseXorOp, LeftShiftOp, RightShiftOp
from ....dialects.hl.division import FloordivOp, ModOp
from .rule import Match, OpClass, Rule, number_of

NEUTRAL: dict[OpClass, int] = {
    BitwiseAndOp: -1,
    BitwiseOrOp: 0,
    BitwiseXorOp: 0,
    LeftShiftOp: 0,
    RightShiftOp: 0,
    FloordivOp: 1,
}
"""The number that as second operand changes nothing."""
ABSORBING: dict[OpClass, int] = {BitwiseAndOp: 0, BitwiseOrOp: -1}
"""The number that as second operand is the result."""
WITH_ITSELF: dict[OpClass, int | None] = {BitwiseAndOp: None, BitwiseOrOp: None, BitwiseXorOp: 0, ModOp: 0}
"""What an op gives for two equal operands: a number, or (`None`) that operand."""


class NeutralNumber(Rule):
    """`x & -1`, `x | 0`, `x << 0`, `x // 1` and the like are `x`, for integers."""

    OPS = tuple(NEUTRAL)

    def rewrite(self, match: Match) -> SSAValue | None:
        """The first operand."""
        x, y = match.operands
        number = number_of(y)
        if number is None or match.is_float or number != NEUTRAL[type(match.op)]:
            return None
        return match.same(x)


class AbsorbingNumber(Rule):
    """`x & 0` is 0, `x | -1` is -1."""

    OPS = tuple(ABSORBING)

    def rewrite(self, match: Match) -> SSAValue | None:
        """A constant."""
        number, wanted = number_of(match.operands[1]), ABSORBING[type(match.op)]
        return None if number is None or number != wanted else match.everywhere(wanted)


class IntegerWithItself(Rule):
    """`x & x` and `x | x` are `x`; `x ^ x` and `x % x` are 0."""

    OPS = tuple(WITH_ITSELF)

    def rewrite(self, match: Match) -> SSAValue | None:
        """The operand, or a constant."""
        x, y = match.operands
        if x is not y:
            return None
        if match.is_float:
            match.refuse("the remainder of 0, an infinity or NaN by itself is NaN")
            return None
        number = WITH_ITSELF[type(match.op)]
        return match.same(x) if number is None else match.everywhere(number)


class FlipAllBits(Rule):
    """`x ^ -1` is `~x`."""

    OPS = (BitwiseXorOp,)

    def rewrite(self, match: Match) -> SSAValue | None:
        """The complement."""
        x, y = match.operands
        number = number_of(y)
        if number is None or number != -1 or x.type != match.type:
            return None
        return match.build(BitwiseNotOp, x)


class DivideIntegerByConstant(Rule):
    """`x // 8` is `x >> 3`, `x // -1` is `-x`, `x // 0` is 0: both sides round down."""

    OPS = (FloordivOp,)

    def rewrite(self, match: Match) -> SSAValue | None:
        """A shift, or less."""
        x, y = match.operands
        divisor = number_of(y)
        if divisor is None or match.is_float:
            return None
        if divisor == 0:
            return match.everywhere(0)
        if x.type != match.type:
            match.refuse("the divisor has another shape than the result")
            return None
        if divisor == -1:
            return match.build(NegOp, x)
        places = _log2(int(divisor))
        return None if not places else match.build(RightShiftOp, x, match.constant(np.array(places, match.dtype)))


class RemainderByConstant(Rule):
    """`x % 8` is `x & 7`; by 1, -1 and 0 it is 0."""

    OPS = (ModOp,)

    def rewrite(self, match: Match) -> SSAValue | None:
        """The low bits."""
        x, y = match.operands
        divisor = number_of(y)
        if divisor is None or match.is_float:
            return None
        if divisor in (-1, 0, 1):
            return match.everywhere(0)
        if _log2(int(divisor)) is None:
            return None
        if x.type != match.type:
            match.refuse("the divisor has another shape than the result")
            return None
        return match.build(BitwiseAndOp, x, match.constant(np.array(int(divisor) - 1, match.dtype)))


def _log2(number: int) -> int | None:
    """The exponent of a power of 2, `None` for another number."""
    return number.bit_length() - 1 if number > 0 and number & (number - 1) == 0 else None


RULES: tuple[type[Rule], ...] = (
    NeutralNumber,
    AbsorbingNumber,
    IntegerWithItself,
    FlipAllBits,
    DivideIntegerByConstant,
    RemainderByConstant,
)
