"""Ops of `arith` and `math` on scalars, drawn so that each is defined: no division by zero, no shift by the width."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial

from xdsl.dialects import arith, math
from xdsl.dialects.builtin import AnyFloat, IndexType, f32, f64, i1, i32, i64
from xdsl.ir import Operation

from stepwell.dialects.dtypes import FLOAT32, FLOAT64

from ...numbers import notable_array
from ..draws import NOTHING, Kinds, chosen
from .body import FLOATS, INTEGERS, MORE, LevelBody, ops_made_by
from .program import ANY, ROUGH, SMALL, Bounds, Grade, Value, widest, width_of

Rule = Callable[[LevelBody, Value], None]
"""Adds an op on a given first operand, and notes what it gives."""

EXACT_DIGITS = 20
"""Numbers with no more digits than this are still exact, in float32, when a few are summed."""
REACH = 1 << 30
"""Bounds of an index beyond this are not kept."""


def _pair(body: LevelBody, x: Value) -> tuple[Value, Value]:
    """`x` and another operand of its type, in any order."""
    y = body.operand(x.type)
    return (y, x) if body.program.chance(2) else (x, y)


def _kept(low: int, high: int) -> Bounds | None:
    return (low, high) if -REACH <= low <= high <= REACH else None


_BOUNDS: dict[type[Operation], Callable[[Bounds, Bounds], Bounds | None]] = {
    arith.AddiOp: lambda a, b: _kept(a[0] + b[0], a[1] + b[1]),
    arith.SubiOp: lambda a, b: _kept(a[0] - b[1], a[1] - b[0]),
    arith.MuliOp: lambda a, b: _kept(
        min(x * y for x in a for y in b),
        max(x * y for x in a for y in b),
    ),
    arith.MinSIOp: lambda a, b: (min(a[0], b[0]), min(a[1], b[1])),
    arith.MaxSIOp: lambda a, b: (max(a[0], b[0]), max(a[1], b[1])),
}


def bounds_of(kind: type[Operation], a: Value, b: Value) -> Bounds | None:
    """Between which numbers an index lies that is computed from two others."""
    rule = _BOUNDS.get(kind)
    return None if rule is None or a.bounds is None or b.bounds is None else rule(a.bounds, b.bounds)


def added(*grades: Grade) -> Grade:
    """The grade of a sum."""
    both = widest(*grades)
    if both.rough or both.before is None:
        return both
    return _few_digits(Grade(both.before + 1, both.after))


def multiplied(a: Grade, b: Grade) -> Grade:
    """The grade of a product."""
    if a.rough or b.rough:
        return ROUGH
    if a.before is None or b.before is None:
        return ANY
    return _few_digits(Grade(a.before + b.before, a.after + b.after))


def _few_digits(grade: Grade) -> Grade:
    return grade if grade.digits() <= EXACT_DIGITS else ANY


def _whole(grade: Grade) -> Grade:
    """The grade of numbers that were rounded to whole ones."""
    return ANY if grade.before is None else Grade(grade.before + 1, 0)


def _of_integers(kind: type[Operation]) -> Rule:
    def rule(body: LevelBody, x: Value) -> None:
        a, b = _pair(body, x)
        body.scalar(body.code.value(kind(a.ssa, b.ssa)), ANY, bounds_of(kind, a, b))  # pyright: ignore

    return rule


def _of_one(kinds: Sequence[type[Operation]], graded: Callable[[Grade], Grade]) -> Rule:
    def rule(body: LevelBody, x: Value) -> None:
        body.scalar(body.code.value(body.program.choice(kinds)(x.ssa)), graded(x.grade))  # pyright: ignore

    return rule


def _same(grade: Grade) -> Grade:
    return grade


def _any(*grades: Grade) -> Grade:
    return ANY


def _compare_integers(body: LevelBody, x: Value) -> None:
    a, b = _pair(body, x)
    body.scalar(body.code.value(arith.CmpiOp(a.ssa, b.ssa, body.program.integer(0, 9))))


def _compare_floats(body: LevelBody, x: Value) -> None:
    a, b = _pair(body, x)
    body.scalar(body.code.value(arith.CmpfOp(a.ssa, b.ssa, body.program.integer(0, 15))))


def _select(body: LevelBody, x: Value) -> None:
    condition = body.truth()
    a, b = _pair(body, x)
    bounds = None
    if a.bounds and b.bounds:
        bounds = min(a.bounds[0], b.bounds[0]), max(a.bounds[1], b.bounds[1])
    body.scalar(body.code.value(arith.SelectOp(condition.ssa, a.ssa, b.ssa)), widest(a.grade, b.grade), bounds)


def _shift(body: LevelBody, x: Value) -> None:
    """A shift by what fits: a constant, or the lowest bits of something."""
    width = width_of(x.type)
    if body.program.chance(2):
        amount = body.code.value(arith.AndIOp(body.operand(x.type).ssa, body.code.constant(width - 1, x.type)))
    else:
        amount = body.code.constant(body.program.integer(0, width - 1), x.type)
    kind = body.program.choice((arith.ShLIOp, arith.ShRUIOp, arith.ShRSIOp))
    body.scalar(body.code.value(kind(x.ssa, amount)))


_SIGNED = (arith.FloorDivSIOp, arith.DivSIOp, arith.RemSIOp, arith.CeilDivSIOp)
_UNSIGNED = (arith.DivUIOp, arith.RemUIOp, arith.CeilDivUIOp)


def _divide(body: LevelBody, x: Value) -> None:
    """A division by a constant, or by something that is made to be at least 1."""
    kind = body.program.choice((*_SIGNED, *_UNSIGNED))
    if body.program.chance(2):
        at_least = arith.MaxSIOp if kind in _SIGNED else arith.MaxUIOp
        divisor = body.code.value(at_least(body.operand(x.type).ssa, body.code.constant(1, x.type)))
    else:
        divisor = body.code.constant(body.program.choice((2, 3, 7, -2, -3)), x.type)
    body.scalar(body.code.value(kind(x.ssa, divisor)))


def _extended(body: LevelBody, x: Value) -> None:
    """Sums and products that keep what does not fit."""
    a, b = _pair(body, x)
    kind = body.program.choice((arith.AddUIExtendedOp, arith.MulSIExtendedOp, arith.MulUIExtendedOp))
    for result in body.code.add(kind(a.ssa, b.ssa)).results:
        body.scalar(result)


def _to_index(body: LevelBody, x: Value) -> None:
    body.scalar(body.code.value(arith.IndexCastOp(x.ssa, IndexType())))


def _from_index(body: LevelBody, x: Value) -> None:
    body.scalar(body.code.value(arith.IndexCastOp(x.ssa, body.program.choice(INTEGERS))))


def _resize(body: LevelBody, x: Value) -> None:
    """An integer of another width."""
    wanted = body.program.choice([type_ for type_ in (*INTEGERS, i1) if type_ != x.type])
    if width_of(wanted) < width_of(x.type):
        body.scalar(body.code.value(arith.TruncIOp(x.ssa, wanted)))
    else:
        kind = body.program.choice((arith.ExtSIOp, arith.ExtUIOp))
        body.scalar(body.code.value(kind(x.ssa, wanted)))


def _to_float(body: LevelBody, x: Value) -> None:
    kind, wanted = body.program.choice((arith.SIToFPOp, arith.UIToFPOp)), body.program.choice(FLOATS)
    grade = Grade(width_of(x.type), 0) if width_of(x.type) <= 16 else ANY
    body.scalar(body.code.value(kind(x.ssa, wanted)), grade)


def _integer_to_bits(body: LevelBody, x: Value) -> None:
    """A float with the bits of an integer; NaN with other bits than usual is avoided."""
    wanted = f32 if width_of(x.type) == 32 else f64
    without_nan(body, Value(body.code.value(arith.BitcastOp(x.ssa, wanted))))


def without_nan(body: LevelBody, x: Value) -> Value:
    """`x`, and 0 where it is NaN: what bits a NaN has is not defined."""
    is_number = body.code.value(arith.CmpfOp(x.ssa, x.ssa, "ord"))
    zero = body.code.constant(0.0, x.type)
    return body.scalar(body.code.value(arith.SelectOp(is_number, x.ssa, zero)), widest(x.grade, SMALL))


def _float_to_bits(body: LevelBody, x: Value) -> None:
    wanted = i32 if x.type == f32 else i64
    body.scalar(body.code.value(arith.BitcastOp(without_nan(body, x).ssa, wanted)))


def _to_integer(body: LevelBody, x: Value) -> None:
    """The float is first brought to what every integer type can hold; NaN becomes a number on the way."""
    low, high = (-100.0, 100.0) if not body.program.chance(2) else (0.0, 200.0)
    at_least = body.code.value(arith.MaxnumfOp(x.ssa, body.code.constant(low, x.type)))
    within = body.code.value(arith.MinnumfOp(at_least, body.code.constant(high, x.type)))
    kind = arith.FPToSIOp if low else arith.FPToUIOp
    body.scalar(body.code.value(kind(within, body.program.choice(INTEGERS))))


def _other_float(body: LevelBody, x: Value) -> None:
    if x.type == f32:
        body.scalar(body.code.value(arith.ExtFOp(x.ssa, f64)), x.grade)
    else:
        body.scalar(body.code.value(arith.TruncFOp(x.ssa, f32)), x.grade)


def _of_floats(kind: type[Operation], graded: Callable[[Grade, Grade], Grade]) -> Rule:
    def rule(body: LevelBody, x: Value) -> None:
        a, b = _pair(body, x)
        body.scalar(body.code.value(kind(a.ssa, b.ssa)), graded(a.grade, b.grade))  # pyright: ignore

    return rule


def _number_preferred(body: LevelBody, x: Value) -> None:
    """`maxnumf` and `minnumf`; which of two zeros of unlike signs they give is not defined, so all are positive."""
    kind = body.program.choice((arith.MaxnumfOp, arith.MinnumfOp))
    a, b = (positive_zero(body, value) for value in _pair(body, x))
    body.scalar(body.code.value(kind(a.ssa, b.ssa)), widest(a.grade, b.grade))


def positive_zero(body: LevelBody, x: Value) -> Value:
    """`x`, and positive zero where it is a negative one."""
    total = arith.AddfOp(x.ssa, body.code.constant(0.0, x.type))
    return body.scalar(body.code.value(total), x.grade)


def _copy_sign(body: LevelBody, x: Value) -> None:
    sign = without_nan(body, body.operand(x.type))
    body.scalar(body.code.value(math.CopySignOp(x.ssa, sign.ssa)), x.grade)


def _fused(body: LevelBody, x: Value) -> None:
    y, z = body.operand(x.type), body.operand(x.type)
    grade = added(multiplied(x.grade, y.grade), z.grade)
    body.scalar(body.code.value(math.FmaOp(x.ssa, y.ssa, z.ssa)), grade)


_ELEMENTARY = (
    math.ExpOp,
    math.TanhOp,
    math.SinOp,
    math.CosOp,
    math.LogOp,
    math.Log1pOp,
    math.ExpM1Op,
    math.ErfOp,
)


def _elementary(body: LevelBody, x: Value) -> None:
    """A function of a float at hand, or of any float: formulas are of parts of their range, and wrong at the ends."""
    kind = body.program.choice([kind for kind in _ELEMENTARY if kind.name in body.program.wanted] or _ELEMENTARY)
    if body.program.chance(2):
        dtype = FLOAT32 if x.type == f32 else FLOAT64
        number = float(notable_array((), dtype, body.program.integer(0, 2**16)))
        x = body.scalar(body.code.constant(number, x.type), ANY)
    y = body.scalar(body.code.value(kind(x.ssa)), ROUGH)
    if body.program.chance(2):
        _magnify(body, x, y)


def _magnify(body: LevelBody, x: Value, y: Value) -> None:
    """The sign of a function's value, and its quotient by the argument.

    They show what is wrong with small values, which may be off by as much as is usual for others in their array.
    """
    is_number = body.code.value(arith.CmpfOp(y.ssa, y.ssa, "ord"))
    one = body.code.constant(1.0, y.type)
    sign = body.code.value(math.CopySignOp(one, y.ssa))
    body.scalar(body.code.value(arith.SelectOp(is_number, sign, one)), ROUGH)
    body.scalar(body.code.value(arith.DivfOp(y.ssa, x.ssa)), ROUGH)


def _power(body: LevelBody, x: Value) -> None:
    body.scalar(body.code.value(math.PowFOp(x.ssa, body.operand(x.type).ssa)), ROUGH)


_negate = _of_one((arith.NegfOp,), _same)
_absolute = _of_one((math.AbsFOp,), _same)
_OF_BOTH: tuple[tuple[int, Rule], ...] = (
    (3, _of_integers(arith.AddiOp)),
    (2, _of_integers(arith.MuliOp)),
    (2, _of_integers(arith.SubiOp)),
    (2, _compare_integers),
    (2, _select),
    (1, _of_integers(arith.MinSIOp)),
    (1, _of_integers(arith.MaxSIOp)),
    (1, _of_integers(arith.MinUIOp)),
    (1, _of_integers(arith.MaxUIOp)),
    (1, _of_integers(arith.AndIOp)),
    (1, _of_integers(arith.OrIOp)),
    (1, _of_integers(arith.XOrIOp)),
)
_OF_WIDE: tuple[tuple[int, Rule], ...] = ((2, _divide), (2, _shift))
_OF_INTEGERS: tuple[tuple[int, Rule], ...] = (
    (4, _resize),
    (1, _extended),
    (1, _of_one((math.AbsIOp, math.CtPopOp), _any)),
    (2, _to_index),
    (2, _to_float),
)
_OF_FLOATS: tuple[tuple[int, Rule], ...] = (
    (3, _of_floats(arith.AddfOp, added)),
    (3, _of_floats(arith.MulfOp, multiplied)),
    (2, _of_floats(arith.SubfOp, added)),
    (2, _compare_floats),
    (1, _select),
    (2, _of_floats(arith.MaximumfOp, widest)),
    (2, _of_floats(arith.MinimumfOp, widest)),
    (1, _of_floats(arith.DivfOp, _any)),
    (1, _negate),
    (1, _absolute),
    (1, _of_one((math.FloorOp, math.CeilOp, math.TruncOp, math.RoundEvenOp, math.RoundOp), _whole)),
    (1, _number_preferred),
    (1, _copy_sign),
    (1, _of_one((math.SqrtOp, math.RsqrtOp), _any)),
    (1, _fused),
    (2, _other_float),
    (2, _to_integer),
    (1, _float_to_bits),
    (1, _elementary),
    (1, _power),
)


def _rules(x: Value) -> Sequence[tuple[int, Rule]]:
    """The ops that a value may be the first operand of."""
    if x.grade.rough:
        return ((1, _negate), (1, _absolute))
    if isinstance(x.type, AnyFloat):
        return _OF_FLOATS
    if isinstance(x.type, IndexType):
        return (*_OF_BOTH, *_OF_WIDE, (2, _from_index))
    if x.type == i1:
        return (*_OF_BOTH, (1, _resize), (1, _to_float))
    cast = ((1, _integer_to_bits),) if width_of(x.type) >= 32 else ()
    return (*_OF_BOTH, *_OF_WIDE, *_OF_INTEGERS, *cast)


@cache
def is_arithmetic(wanted: frozenset[str]) -> bool:
    """Whether ops that a program is for are made by rules of this module."""
    rules = (*_OF_BOTH, *_OF_WIDE, *_OF_INTEGERS, *_OF_FLOATS)
    return any(wanted & ops_made_by(rule) for _, rule in rules)


class ArithmeticBody(LevelBody):
    """A body that computes with scalars."""

    def scalar_kinds(self) -> Kinds:
        """Arithmetic."""
        return [(32 if is_arithmetic(self.program.wanted) else 16, self.compute)]

    def compute_some(self, most: int) -> None:
        """Up to so many ops on scalars."""
        for _ in range(self.program.integer(0, most)):
            self.program.statement(lambda: [NOTHING, *self.scalar_kinds()])

    def compute(self) -> None:
        """One op on a scalar at hand, or on a new leaf."""
        type_ = self.type()
        options = self.unused_first(self.scalars(type_, rough=True))[:4]
        x = self.at_hand(options) or self.leaf(type_)
        wanted, rules = self.program.wanted, []
        for weight, rule in _rules(x):
            more = MORE * MORE if wanted & ops_made_by(rule) else 1
            rules.append((weight * more, partial(rule, self, x)))
        chosen(rules, self.program.integer(0, sum(weight for weight, _ in rules) - 1))()
