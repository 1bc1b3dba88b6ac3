"""Laws of sums, products, negations, powers and comparisons: for integers, and those that floats obey too."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from xdsl.ir import SSAValue

from ....dialects.hl.arithmetic import AbsOp, AddOp, DivOp, MaximumOp, MinimumOp, MulOp, NegOp, SignOp, SubOp
from ....dialects.hl.bitwise import BitwiseAndOp, BitwiseOrOp, BitwiseXorOp
from ....dialects.hl.comparison import EqualOp, GreaterEqualOp, GreaterOp, LessEqualOp, LessOp, NotEqualOp
from ....dialects.hl.logical import LogicalAndOp, LogicalOrOp, LogicalXorOp
from ....dialects.hl.power import PowOp
from ....dialects.hl.rounding import CeilOp, FloorOp, RoundOp
from ....dialects.hl.selection import StopGradientOp
from ....dialects.hl.special import ReluOp
from ....dialects.hl.transcendental import RsqrtOp, SqrtOp
from .rule import Match, OpClass, Rule, constant_of, is_number, made_by, number_of

COMPARISONS = (EqualOp, NotEqualOp, LessOp, LessEqualOp, GreaterOp, GreaterEqualOp)
MIRRORED: dict[OpClass, OpClass] = {
    AddOp: AddOp,
    MulOp: MulOp,
    MaximumOp: MaximumOp,
    MinimumOp: MinimumOp,
    BitwiseAndOp: BitwiseAndOp,
    BitwiseOrOp: BitwiseOrOp,
    BitwiseXorOp: BitwiseXorOp,
    LogicalAndOp: LogicalAndOp,
    LogicalOrOp: LogicalOrOp,
    LogicalXorOp: LogicalXorOp,
    EqualOp: EqualOp,
    NotEqualOp: NotEqualOp,
    LessOp: GreaterOp,
    LessEqualOp: GreaterEqualOp,
    GreaterOp: LessOp,
    GreaterEqualOp: LessEqualOp,
}
"""For each op the one that means the same with its operands exchanged."""
EXTREMES = (MaximumOp, MinimumOp)


class ConstantSecond(Rule):
    """`c + x` is `x + c`; `c < x` is `x > c`. Other laws then look for constants in one operand only."""

    OPS = tuple(MIRRORED)

    def rewrite(self, match: Match) -> SSAValue | None:
        """Exchange the operands."""
        x, y = match.operands
        if constant_of(x) is None or constant_of(y) is not None:
            return None
        if isinstance(match.op, EXTREMES) and match.is_float:
            match.refuse("which of 0 and -0 is the greater may depend on their order")
            return None
        return match.build(MIRRORED[type(match.op)], y, x)


class CombineConstants(Rule):
    """`(x + c) + d` is `x + (c + d)`, for integers and for what does not round."""

    OPS = (
        AddOp,
        MulOp,
        MaximumOp,
        MinimumOp,
        BitwiseAndOp,
        BitwiseOrOp,
        BitwiseXorOp,
        LogicalAndOp,
        LogicalOrOp,
        LogicalXorOp,
    )

    def applies(self, match: Match) -> bool:
        """Whether the order of the operations does not matter."""
        if not match.is_float:
            return True
        match.refuse("how floats are rounded depends on the order")
        return False

    def rewrite(self, match: Match) -> SSAValue | None:
        """Compute the constant."""
        op_class = type(match.op)
        x, second = match.operands
        inner = made_by(x, op_class)
        if inner is None:
            return None
        first, outer = constant_of(inner.operands[1]), constant_of(second)
        if first is None or outer is None or constant_of(inner.operands[0]) is not None or not self.applies(match):
            return None
        (combined,) = op_class.computed([first, outer], {})
        return match.build(op_class, inner.operands[0], match.constant(combined))


class CombineFloatConstants(CombineConstants):
    """The same for sums and products of floats, which are then rounded once instead of twice."""

    OPS = (AddOp, MulOp)
    INEXACT: ClassVar[bool] = True

    def applies(self, match: Match) -> bool:
        """For floats; the law for integers is another one."""
        return match.is_float


class CombineDifferences(Rule):
    """`(x - c) - d` is `x - (c + d)`, `(x - c) + d` is `x + (d - c)`, `(x + c) - d` is `x + (c - d)`, for integers."""

    OPS = (AddOp, SubOp)

    def rewrite(self, match: Match) -> SSAValue | None:
        """Compute the constant."""
        x, second = match.operands
        inner = made_by(x, AddOp, SubOp)
        if inner is None or not any(isinstance(op, SubOp) for op in (inner, match.op)):
            return None
        first, outer = constant_of(inner.operands[1]), constant_of(second)
        if first is None or outer is None or constant_of(inner.operands[0]) is not None:
            return None
        if match.is_float:
            match.refuse("how floats are rounded depends on the order")
            return None
        if isinstance(inner, SubOp) and isinstance(match.op, SubOp):
            (total,) = AddOp.computed([first, outer], {})
            return match.build(SubOp, inner.operands[0], match.constant(total))
        (combined,) = SubOp.computed([outer, first] if isinstance(inner, SubOp) else [first, outer], {})
        return match.build(AddOp, inner.operands[0], match.constant(combined))


class SubtractFromZero(Rule):
    """`0 - x` is `-x`; for floats `-0 - x`, since `0 - 0` is 0 and not -0."""

    OPS = (SubOp,)

    def rewrite(self, match: Match) -> SSAValue | None:
        """Negate."""
        x, y = match.operands
        if number_of(x) is None or number_of(x) != 0 or y.type != match.type:
            return None
        if match.is_float and not is_number(x, -0.0):
            match.refuse("0 - 0 is 0, and the negative of 0 is -0")
            return None
        return match.build(NegOp, y)


class MultiplyByMinusOne(Rule):
    """`x * -1` is `-x`."""

    OPS = (MulOp,)

    def rewrite(self, match: Match) -> SSAValue | None:
        """Negate."""
        x, y = match.operands
        return match.build(NegOp, x) if x.type == match.type and is_number(y, -1) else None


class MultiplyByZero(Rule):
    """`x * 0` is 0, for integers."""

    OPS = (MulOp,)

    def rewrite(self, match: Match) -> SSAValue | None:
        """A constant."""
        number = number_of(match.operands[1])
        if number is None or number != 0:
            return None
        if match.is_float:
            match.refuse("NaN and infinities times 0 are NaN, and negative numbers give -0")
            return None
        return match.everywhere(0)


class SubtractItself(Rule):
    """`x - x` is 0, for integers."""

    OPS = (SubOp,)

    def rewrite(self, match: Match) -> SSAValue | None:
        """A constant."""
        x, y = match.operands
        if x is not y:
            return None
        if match.is_float:
            match.refuse("for NaN and infinities the difference is NaN")
            return None
        return match.everywhere(0)


class ExtremeOfItself(Rule):
    """The greater, or lesser, of `x` and `x` is `x`."""

    OPS = EXTREMES

    def rewrite(self, match: Match) -> SSAValue | None:
        """The operand."""
        x, y = match.operands
        return match.same(x) if x is y else None


class CompareWithItself(Rule):
    """`x < x` never holds; `x <= x` and `x == x` hold where `x` cannot be NaN."""

    OPS = COMPARISONS

    def rewrite(self, match: Match) -> SSAValue | None:
        """A constant."""
        x, y = match.operands
        if x is not y:
            return None
        if match.is_float and not isinstance(match.op, LessOp | GreaterOp):
            match.refuse("NaN is not equal to itself")
            return None
        return match.everywhere(isinstance(match.op, EqualOp | LessEqualOp | GreaterEqualOp))


class AddNegative(Rule):
    """`x + (-y)` is `x - y`, and `(-x) + y` is `y - x`."""

    OPS = (AddOp,)

    def rewrite(self, match: Match) -> SSAValue | None:
        """A difference."""
        x, y = match.operands
        negative = made_by(y, NegOp)
        if negative is not None:
            return match.build(SubOp, x, negative.operands[0])
        negative = made_by(x, NegOp)
        return None if negative is None else match.build(SubOp, y, negative.operands[0])


class SubtractNegative(Rule):
    """`x - (-y)` is `x + y`."""

    OPS = (SubOp,)

    def rewrite(self, match: Match) -> SSAValue | None:
        """A sum."""
        x, y = match.operands
        negative = made_by(y, NegOp)
        return None if negative is None else match.build(AddOp, x, negative.operands[0])


class NegativesCancel(Rule):
    """`(-x) * (-y)` is `x * y`, and for floats `(-x) / (-y)` is `x / y`."""

    OPS = (MulOp, DivOp)

    def rewrite(self, match: Match) -> SSAValue | None:
        """Without the negations."""
        first, second = (made_by(operand, NegOp) for operand in match.operands)
        if first is None or second is None:
            return None
        return match.build(type(match.op), first.operands[0], second.operands[0])


class NegateDifference(Rule):
    """`-(x - y)` is `y - x`, for integers."""

    OPS = (NegOp,)

    def rewrite(self, match: Match) -> SSAValue | None:
        """The difference the other way round."""
        inner = made_by(match.operands[0], SubOp)
        if inner is None:
            return None
        if match.is_float:
            match.refuse("where x and y are equal, one is -0 and the other 0")
            return None
        return match.build(SubOp, inner.operands[1], inner.operands[0])


class SizeOfNegative(Rule):
    """`|-x|` is `|x|`."""

    OPS = (AbsOp,)

    def rewrite(self, match: Match) -> SSAValue | None:
        """Without the negation."""
        inner = made_by(match.operands[0], NegOp)
        if inner is None:
            return None
        if match.dtype.is_unsigned:
            match.refuse("the opposite of an unsigned integer is another one, which is not negative either")
            return None
        return match.build(AbsOp, inner.operands[0])


WHOLE = (FloorOp, CeilOp, RoundOp)
ONCE_IS_ENOUGH: dict[OpClass, tuple[OpClass, ...]] = {
    AbsOp: (AbsOp,),
    SignOp: (SignOp,),
    ReluOp: (ReluOp,),
    StopGradientOp: (StopGradientOp,),
    **dict.fromkeys(WHOLE, WHOLE),
}
"""For each op those whose results it does not change."""


class OnceIsEnough(Rule):
    """`||x||` is `|x|`; a number that is rounded is whole already."""

    OPS = tuple(ONCE_IS_ENOUGH)

    def rewrite(self, match: Match) -> SSAValue | None:
        """The operand."""
        inner = made_by(match.operands[0], *ONCE_IS_ENOUGH[type(match.op)])
        return None if inner is None else match.same(inner.results[0])


class DivideByPowerOfTwo(Rule):
    """`x / 4.0` is `x * 0.25`: where the reciprocal is exact, so is the product, and it is quicker."""

    OPS = (DivOp,)

    def applies(self, match: Match, divisor: float) -> bool:
        """Whether the reciprocal is a float with a full mantissa."""
        mantissa, exponent = np.frexp(divisor)
        info = match.dtype.finfo
        if abs(mantissa) == 0.5 and info.minexp <= 1 - exponent < info.maxexp:
            return True
        match.refuse("the reciprocal is not exact")
        return False

    def rewrite(self, match: Match) -> SSAValue | None:
        """Multiply by the reciprocal."""
        x, y = match.operands
        divisor = number_of(y)
        if divisor is None or not match.is_float or not self.applies(match, float(divisor)):
            return None
        constant = constant_of(y)
        assert constant is not None
        return match.build(MulOp, x, match.constant(np.divide(match.dtype.as_numpy_dtype(1), constant)))


class DivideByConstant(DivideByPowerOfTwo):
    """The same for any divisor with a reciprocal, which is rounded then."""

    INEXACT: ClassVar[bool] = True

    def applies(self, match: Match, divisor: float) -> bool:
        """Whether the reciprocal is neither too large nor too small."""
        info = match.dtype.finfo
        return bool(4 * info.tiny < abs(divisor) < info.max / 4)


class KnownPower(Rule):
    """`x ** 0` is 1, `x ** 1` is `x`, `x ** 2` is `x * x`."""

    OPS = (PowOp,)

    def rewrite(self, match: Match) -> SSAValue | None:
        """What is quicker than a power."""
        x, y = match.operands
        exponent = number_of(y)
        if exponent is None or exponent not in (0, 1, 2):
            return None
        if exponent == 0:
            return match.everywhere(1)
        if x.type != match.type:
            match.refuse("the exponent has another shape than the base")
            return None
        return x if exponent == 1 else match.build(MulOp, x, x)


class KnownRoot(Rule):
    """`x ** 0.5` is the root of `x`, `x ** -1` is `1 / x`: but for the last bit, and for -0 and -infinity."""

    OPS = (PowOp,)
    INEXACT: ClassVar[bool] = True

    def rewrite(self, match: Match) -> SSAValue | None:
        """A root, or a quotient."""
        x, y = match.operands
        exponent = number_of(y)
        if exponent is None or not match.is_float or x.type != match.type:
            return None
        if exponent == -1:
            return match.build(DivOp, match.constant(np.array(1, match.dtype)), x)
        root = {0.5: SqrtOp, -0.5: RsqrtOp}.get(float(exponent))
        return None if root is None else match.build(root, x)


RULES: tuple[type[Rule], ...] = (
    ConstantSecond,
    MultiplyByZero,
    MultiplyByMinusOne,
    SubtractItself,
    SubtractFromZero,
    CombineDifferences,
    SubtractNegative,
    AddNegative,
    NegativesCancel,
    NegateDifference,
    CombineConstants,
    CombineFloatConstants,
    ExtremeOfItself,
    CompareWithItself,
    SizeOfNegative,
    OnceIsEnough,
    DivideByPowerOfTwo,
    DivideByConstant,
    KnownPower,
    KnownRoot,
)
