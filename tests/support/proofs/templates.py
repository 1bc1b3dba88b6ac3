"""For each pattern on integers and booleans the snippets it is proven on; for each other one why it is only tested."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from xdsl.ir import SSAValue
from xdsl.pattern_rewriter import RewritePattern

from stepwell.compiler.passes.algebra import integers, logic, numbers, shapes
from stepwell.compiler.passes.simplify_algebra import RULES
from stepwell.dialects.dtypes import BOOL, INT32, INT64, DType
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.hl.rules.elementwise import DropNeutral
from stepwell.dialects.hl.selection import CastToSame, SelectConstant

from .snippets import Make, Snippet

PatternClass = type[RewritePattern]

MOVES = "moves elements, no arithmetic"
FLOATS = "floats"
REGROUPS = "regroups a reduction of any number of elements"

PAIRS = ((1, 1), (5, 3), (-4, 7), (-1, -1), (6, 6), (0, -9))
"""Constants that are combined."""
TRUTHS = tuple(product((False, True), repeat=2))
POWERS = (1, 2, 3, 7, 15, 24, 30)
"""Exponents of the powers of two that are divided by."""
COMPARISONS = ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal")
CONNECTIVES = ("logical_and", "logical_or", "logical_xor")


def patterns() -> Iterator[tuple[str, PatternClass]]:
    """Every pattern of `canonicalize` and `simplify-algebra`, with the name of each op that it looks at."""
    for name, op in OPS.items():
        for pattern in op.CANONICALIZATIONS:
            yield name, pattern
    for rule in RULES:
        for name, op in OPS.items():
            if issubclass(op, rule.OPS):
                yield name, rule


Operand = str | int | bool
"""A parameter, after the names of ops that are applied to it, or a constant."""


def binary(name: str, first: Operand, second: Operand) -> Make:
    """An op on two parameters, or a parameter and a constant; the name of an op before a parameter applies it.

    `binary("add", "neg x", 1)` is `-x + 1`.
    """
    return lambda s: getattr(s, name)(_operand(s, first), _operand(s, second))


def _operand(s: Snippet, what: Operand) -> SSAValue:
    if isinstance(what, bool):
        return s.truth(what)
    if isinstance(what, int):
        return s.c(what)
    *names, parameter = what.split()
    value = getattr(s, parameter)
    for name in reversed(names):
        value = getattr(s, name)(value)
    return value


def unary(*names: str, of: str = "x") -> Make:
    """Ops one after the other, the last one first: `unary("abs", "neg")` is `|-x|`."""
    return lambda s: _operand(s, " ".join((*names, of)))


def select(condition: Operand, x: Operand, y: Operand) -> Make:
    """A choice."""
    return lambda s: s.select(_operand(s, condition), _operand(s, x), _operand(s, y))


def twice(outer: str, inner: str, first: int | bool, second: int | bool) -> Make:
    """`(x inner first) outer second`."""
    parameter = "p" if isinstance(first, bool) else "x"
    return lambda s: getattr(s, outer)(
        getattr(s, inner)(getattr(s, parameter), _operand(s, first)), _operand(s, second)
    )


def compared(name: str) -> Make:
    """`not (x < y)` and the like."""
    return lambda s: s.logical_not(getattr(s, name)(s.x, s.y))


def casts(source: DType, middle: DType, target: DType) -> Make:
    """A conversion of a conversion."""
    return lambda s: s.cast(s.cast(s.parameter("v", source), dtype=middle), dtype=target)


def _nested_choice(place: int) -> Make:
    def make(s: Snippet) -> SSAValue:
        inner = s.select(s.p, s.x, s.y)
        return s.select(s.p, inner, s.z) if place == 1 else s.select(s.p, s.z, inner)

    return make


SYMMETRIC_INTS = ("add", "mul", "maximum", "minimum", "bitwise_and", "bitwise_or", "bitwise_xor")


def _numbers() -> dict[PatternClass, list[Make]]:
    equations = [*SYMMETRIC_INTS, *COMPARISONS]
    mirrored = [binary(name, constant, "x") for name in equations for constant in (5, -3)]
    combined = [twice(name, name, *pair) for name in SYMMETRIC_INTS for pair in PAIRS]
    differences = [("sub", "sub"), ("add", "sub"), ("sub", "add")]
    return {
        numbers.ConstantSecond: [
            *mirrored,
            *(binary(name, truth, "p") for name in CONNECTIVES for truth in (False, True)),
        ],
        numbers.CombineConstants: [
            *combined,
            *(twice(name, name, *pair) for name in CONNECTIVES for pair in TRUTHS),
        ],
        numbers.CombineDifferences: [twice(*names, *pair) for names in differences for pair in PAIRS],
        numbers.SubtractFromZero: [binary("sub", 0, "x")],
        numbers.MultiplyByMinusOne: [binary("mul", "x", -1)],
        numbers.MultiplyByZero: [binary("mul", "x", 0)],
        numbers.SubtractItself: [binary("sub", "x", "x")],
        numbers.ExtremeOfItself: [binary(name, "x", "x") for name in ("maximum", "minimum")],
        numbers.CompareWithItself: [binary(name, "x", "x") for name in COMPARISONS],
        numbers.AddNegative: [binary("add", "x", "neg y"), binary("add", "neg x", "y")],
        numbers.SubtractNegative: [binary("sub", "x", "neg y")],
        numbers.NegativesCancel: [binary("mul", "neg x", "neg y")],
        numbers.NegateDifference: [lambda s: s.neg(s.sub(s.x, s.y))],
        numbers.SizeOfNegative: [unary("abs", "neg")],
        numbers.OnceIsEnough: [unary(name, name) for name in ("abs", "sign", "stop_gradient")],
        numbers.KnownPower: [binary("pow", "x", exponent) for exponent in (0, 1, 2)],
    }


def _integers() -> dict[PatternClass, list[Make]]:
    neutral = {"bitwise_and": -1, "bitwise_or": 0, "bitwise_xor": 0, "left_shift": 0, "right_shift": 0, "floordiv": 1}
    powers = [1 << places for places in POWERS]
    return {
        integers.NeutralNumber: [binary(name, "x", number) for name, number in neutral.items()],
        integers.AbsorbingNumber: [binary("bitwise_and", "x", 0), binary("bitwise_or", "x", -1)],
        integers.IntegerWithItself: [
            binary(name, "x", "x") for name in ("bitwise_and", "bitwise_or", "bitwise_xor", "mod")
        ],
        integers.FlipAllBits: [binary("bitwise_xor", "x", -1)],
        integers.DivideIntegerByConstant: [binary("floordiv", "x", n) for n in (0, -1, *powers)],
        integers.RemainderByConstant: [binary("mod", "x", n) for n in (0, 1, -1, *powers)],
    }


def _logic() -> dict[PatternClass, list[Make]]:
    truths = (False, True)
    alike = [("p", "p"), ("p", "logical_not p"), ("logical_not p", "p")]
    return {
        logic.KnownTruth: [binary(name, "p", truth) for name in CONNECTIVES for truth in truths],
        logic.TruthWithItself: [binary(name, *pair) for name in CONNECTIVES for pair in alike],
        logic.NotOfComparison: [compared(name) for name in COMPARISONS],
        logic.NegatedChoice: [select("logical_not p", "x", "y")],
        logic.ChoiceOfTruths: [
            select("p", True, "q"),
            select("p", "q", False),
            select("p", False, True),
            select("p", True, False),
        ],
        logic.ChoiceInChoice: [_nested_choice(1), _nested_choice(2)],
    }


def _canonical() -> dict[PatternClass, list[Make]]:
    twice_undone = {name: [unary(name, name, of=of)] for name, of in INVOLUTIONS.items()}
    neutral = [binary("add", "x", 0), binary("sub", "x", 0), binary("mul", "x", 1)]
    swapped = [lambda s: s.add(s.c(0), s.x), lambda s: s.mul(s.c(1), s.x)]
    return {
        DropNeutral: [*neutral, *swapped],
        SelectConstant: [select(True, "x", "y"), select(False, "x", "y"), select("p", "x", "x")],
        CastToSame: [lambda s: s.cast(s.x, dtype=s.dtype)],
        **{OPS[f"hl.{name}"].CANONICALIZATIONS[0]: makes for name, makes in twice_undone.items()},
    }


INVOLUTIONS = {"neg": "x", "logical_not": "p", "bitwise_not": "x"}
CASTS = (
    (INT32, INT64, INT32),
    (INT32, INT64, BOOL),
    (BOOL, INT32, INT64),
    (BOOL, INT64, INT32),
    (BOOL, INT32, BOOL),
    (INT64, INT64, INT32),
    (INT32, INT32, INT64),
)

TEMPLATES: dict[PatternClass, list[Make]] = {
    **_canonical(),
    **_numbers(),
    **_integers(),
    **_logic(),
    shapes.CastOfCast: [casts(*dtypes) for dtypes in CASTS],
}
"""The snippets that each pattern on integers and booleans is proven on."""


def _canonicalization(name: str, pattern: str) -> PatternClass:
    """A pattern by the name of its op and its own."""
    return next(found for found in OPS[name].CANONICALIZATIONS if found.__name__ == pattern)


TESTED_ONLY: dict[PatternClass, str] = {
    numbers.CombineFloatConstants: FLOATS,
    numbers.DivideByPowerOfTwo: FLOATS,
    numbers.DivideByConstant: FLOATS,
    numbers.KnownRoot: FLOATS,
    shapes.BroadcastOfBroadcast: MOVES,
    shapes.BroadcastIntoOp: MOVES,
    shapes.ReduceSingleElements: MOVES,
    shapes.ReduceOfReduce: REGROUPS,
    shapes.SqueezeOfExpandDims: MOVES,
    shapes.SizeOfElementwise: "sizes, which elementwise ops keep; no arithmetic",
    shapes.SliceOfAll: MOVES,
    shapes.PadWithNothing: MOVES,
    shapes.ConcatOfConcat: MOVES,
    _canonicalization("hl.reshape", "ReshapeOfReshape"): MOVES,
    _canonicalization("hl.dim", "KnownShape"): "sizes, which the type says; no arithmetic",
    _canonicalization("hl.matmul", "FoldTransposeIntoMatmul"): MOVES,
    _canonicalization("hl.broadcast_to", "BroadcastToSame"): MOVES,
    _canonicalization("hl.transpose", "ComposeTransposes"): MOVES,
    _canonicalization("hl.reverse", "UndoReverse"): MOVES,
    _canonicalization("hl.concat", "ConcatOfOne"): MOVES,
}
"""Why patterns are not proven."""

TESTED_ONLY_ON: dict[tuple[str, PatternClass], str] = {
    ("hl.div", DropNeutral): FLOATS,
    ("hl.div", numbers.NegativesCancel): FLOATS,
    **{(f"hl.{name}", numbers.OnceIsEnough): FLOATS for name in ("relu", "floor", "ceil", "round")},
}
"""Why patterns that are proven on some ops are not on others."""


def reason(op: str, pattern: PatternClass) -> str | None:
    """Why a pattern is only tested on an op; `None` where it is to be proven."""
    return TESTED_ONLY.get(pattern) or TESTED_ONLY_ON.get((op, pattern))
