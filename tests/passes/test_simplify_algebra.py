"""simplify-algebra: every law on everything its operands can be, and what must not be simplified, with the reason."""

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples
from xdsl.dialects.builtin import FileLineColLoc, IntAttr, StringAttr

from stepwell.compiler.frontend.tracing.tracer import Tracer, tracing
from stepwell.compiler.interchange.mlir.text import print_module
from stepwell.compiler.passes.algebra.shapes import keeps_every_value
from stepwell.compiler.passes.simplify_algebra import RULES, SimplifyAlgebraPass
from stepwell.compiler.pipeline.manager import PassManager
from stepwell.compiler.rewriting import collect_refusals
from stepwell.dialects.context import make_context
from stepwell.dialects.dtypes import ALL, BOOL, FLOAT32, FLOAT64, INT32, INT64
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.types import tensor_type
from stepwell.runtime.outcomes import Tolerance, difference, observe
from stepwell.testing import hl_modules, validate
from stepwell.testing.sampling import HypothesisSampler

INT, FLOAT = INT32, FLOAT32
WIDE, DOUBLE = INT64, FLOAT64


def extremes(dtype):
    """What is extreme for a dtype."""
    if dtype.is_bool:
        return [True, False]
    if dtype.is_integer:
        return [number for number in (0, 1, -1, 2, 7, -8, dtype.min, dtype.max) if dtype.min <= number <= dtype.max]
    tiny = float(ml_dtypes.finfo(dtype.dtype).tiny)
    return [0.0, -0.0, 1, -1.5, np.nan, np.inf, -np.inf, float(dtype.max), tiny, 3e-39]


class Build:
    """Ops by their names without the dialect: `b.add(x, b.c(1))` emits `hl.add`."""

    def __init__(self, tracer, dtype):
        self.tracer, self.dtype = tracer, dtype

    def c(self, value, dtype=None):
        """A constant."""
        return self.tracer.constant(np.array(value, dtype or self.dtype))

    def __getattr__(self, name):
        def emit(*operands, **attrs):
            return self.tracer.emit(OPS[f"hl.{name}"], list(operands), attrs).results[0]

        return emit


def program(dtypes, expression, shape=(2, 3), sizes=None):
    """A module that computes an expression of parameters of these dtypes."""
    tracer = Tracer("main")
    tracer.location = FileLineColLoc(StringAttr("algebra.py"), IntAttr(1), IntAttr(0))
    with tracing(tracer), tracer.at(tracer.location):
        arguments = [tracer.argument(tensor_type(sizes or shape, dtype), "x") for dtype in dtypes]
        return tracer.finish([expression(Build(tracer, dtypes[0]), *arguments)])


def simplified(module, options=""):
    """A simplified copy, and what happened."""
    after = module.clone()
    with collect_refusals() as log:
        PassManager(make_context(), verify_each=True).run(after, f"simplify-algebra{options}")
    return after, log


LAWS = {
    "ConstantSecond": [
        ((INT,), lambda b, x: b.add(b.c(3), x)),
        ((FLOAT,), lambda b, x: b.less(b.c(3), x)),
        ((FLOAT,), lambda b, x: b.greater_equal(b.c([1, 2, np.nan]), x)),
        ((INT,), lambda b, x: b.minimum(b.c(-2), x)),
    ],
    "MultiplyByZero": [((INT,), lambda b, x: b.mul(x, b.c(0))), ((WIDE,), lambda b, x: b.mul(b.c([[0], [0]]), x))],
    "MultiplyByMinusOne": [((dtype,), lambda b, x: b.mul(x, b.c(-1))) for dtype in (INT, WIDE, FLOAT, DOUBLE)],
    "SubtractItself": [((INT,), lambda b, x: b.sub(x, x))],
    "SubtractFromZero": [((INT,), lambda b, x: b.sub(b.c(0), x)), ((FLOAT,), lambda b, x: b.sub(b.c(-0.0), x))],
    "CombineDifferences": [
        ((INT,), lambda b, x: b.sub(b.sub(x, b.c(2**31 - 1)), b.c([1, 2, -3]))),
        ((INT,), lambda b, x: b.add(b.sub(x, b.c(np.iinfo(INT).min)), b.c(1))),
        ((WIDE,), lambda b, x: b.sub(b.add(x, b.c([[5], [6]])), b.c(7))),
    ],
    "SubtractNegative": [((dtype, dtype), lambda b, x, y: b.sub(x, b.neg(y))) for dtype in (INT, FLOAT)],
    "AddNegative": [
        ((FLOAT, FLOAT), lambda b, x, y: b.add(x, b.neg(y))),
        ((FLOAT, FLOAT), lambda b, x, y: b.add(b.neg(x), y)),
        ((INT,), lambda b, x: b.add(b.neg(x), b.c(5))),
    ],
    "NegativesCancel": [
        ((INT, INT), lambda b, x, y: b.mul(b.neg(x), b.neg(y))),
        ((FLOAT, FLOAT), lambda b, x, y: b.mul(b.neg(x), b.neg(y))),
        ((FLOAT, FLOAT), lambda b, x, y: b.div(b.neg(x), b.neg(y))),
    ],
    "NegateDifference": [((INT, INT), lambda b, x, y: b.neg(b.sub(x, y)))],
    "CombineConstants": [
        ((INT,), lambda b, x: b.add(b.add(x, b.c(2**31 - 1)), b.c([1, 2, 3]))),
        ((INT,), lambda b, x: b.mul(b.mul(x, b.c(65537)), b.c(-65537))),
        ((INT,), lambda b, x: b.maximum(b.maximum(x, b.c(1)), b.c(-3))),
        ((WIDE,), lambda b, x: b.bitwise_xor(b.bitwise_xor(x, b.c(12)), b.c(10))),
        ((BOOL,), lambda b, x: b.logical_xor(b.logical_xor(x, b.c([True, False, True])), b.c([True, True, False]))),
    ],
    "ExtremeOfItself": [((dtype,), lambda b, x: b.maximum(x, x)) for dtype in (INT, FLOAT)],
    "CompareWithItself": [
        *(((INT,), lambda b, x, name=name: getattr(b, name)(x, x)) for name in ("equal", "less_equal", "not_equal")),
        *(((FLOAT,), lambda b, x, name=name: getattr(b, name)(x, x)) for name in ("less", "greater")),
    ],
    "SizeOfNegative": [((dtype,), lambda b, x: b.abs(b.neg(x))) for dtype in (INT, FLOAT)],
    "OnceIsEnough": [
        ((INT,), lambda b, x: b.abs(b.abs(x))),
        ((FLOAT,), lambda b, x: b.relu(b.relu(x))),
        ((FLOAT,), lambda b, x: b.sign(b.sign(x))),
        *(((FLOAT,), lambda b, x, f=f: getattr(b, f)(b.ceil(x))) for f in ("floor", "round", "ceil")),
    ],
    "DivideByPowerOfTwo": [
        ((FLOAT,), lambda b, x: b.div(x, b.c(-4))),
        ((DOUBLE,), lambda b, x: b.div(x, b.c(2.0**-1000))),
        ((FLOAT,), lambda b, x: b.div(x, b.c(2.0**126))),
    ],
    "KnownPower": [
        *(((INT,), lambda b, x, n=n: b.pow(x, b.c(n))) for n in (0, 1, 2)),
        *(((FLOAT,), lambda b, x, n=n: b.pow(x, b.c(n))) for n in (0, 1, 2)),
        *(((FLOAT,), lambda b, x, n=n: b.pow(x, b.c([n] * 3))) for n in (0, 1, 2)),
    ],
    "NeutralNumber": [
        ((INT,), lambda b, x: b.bitwise_and(x, b.c(-1))),
        ((INT,), lambda b, x: b.bitwise_or(b.c(0), x)),
        ((WIDE,), lambda b, x: b.left_shift(x, b.c(0))),
        ((INT,), lambda b, x: b.floordiv(x, b.c(1))),
    ],
    "AbsorbingNumber": [
        ((INT,), lambda b, x: b.bitwise_and(x, b.c(0))),
        ((INT,), lambda b, x: b.bitwise_or(x, b.c(-1))),
    ],
    "IntegerWithItself": [
        *(((INT,), lambda b, x, f=f: getattr(b, f)(x, x)) for f in ("bitwise_and", "bitwise_or", "bitwise_xor", "mod"))
    ],
    "FlipAllBits": [((WIDE,), lambda b, x: b.bitwise_xor(x, b.c(-1)))],
    "DivideIntegerByConstant": [
        *(((INT,), lambda b, x, n=n: b.floordiv(x, b.c(n))) for n in (0, -1, 2, 8, 2**30)),
        ((WIDE,), lambda b, x: b.floordiv(x, b.c(2**62))),
    ],
    "RemainderByConstant": [
        *(((INT,), lambda b, x, n=n: b.mod(x, b.c(n))) for n in (0, 1, -1, 2, 8, 2**30)),
        ((WIDE,), lambda b, x: b.mod(x, b.c([2**62]))),
    ],
    "KnownTruth": [
        ((BOOL,), lambda b, x, f=f, t=t: getattr(b, f)(x, b.c(t)))
        for f in ("logical_and", "logical_or", "logical_xor")
        for t in (True, False)
    ],
    "TruthWithItself": [
        *(((BOOL,), lambda b, x, f=f: getattr(b, f)(x, x)) for f in ("logical_and", "logical_or", "logical_xor")),
        ((BOOL,), lambda b, x: b.logical_and(x, b.logical_not(x))),
        ((BOOL,), lambda b, x: b.logical_or(b.logical_not(x), x)),
        ((BOOL,), lambda b, x: b.logical_xor(b.logical_not(x), x)),
    ],
    "NotOfComparison": [
        *(
            ((INT, INT), lambda b, x, y, f=f: b.logical_not(getattr(b, f)(x, y)))
            for f in ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal")
        ),
        *(((FLOAT, FLOAT), lambda b, x, y, f=f: b.logical_not(getattr(b, f)(x, y))) for f in ("equal", "not_equal")),
    ],
    "NegatedChoice": [((BOOL, FLOAT, FLOAT), lambda b, c, x, y: b.select(b.logical_not(c), x, y))],
    "ChoiceOfTruths": [
        ((BOOL, BOOL), lambda b, c, y: b.select(c, b.c(True), y)),
        ((BOOL, BOOL), lambda b, c, x: b.select(c, x, b.c([False, False, False]))),
        ((BOOL,), lambda b, c: b.select(c, b.c(True), b.c(False))),
        ((BOOL,), lambda b, c: b.select(c, b.c(False), b.c(True))),
    ],
    "ChoiceInChoice": [
        ((BOOL, INT, INT, INT), lambda b, c, x, y, z: b.select(c, b.select(c, x, y), z)),
        ((BOOL, INT, INT, INT), lambda b, c, x, y, z: b.select(c, x, b.select(c, y, z))),
    ],
    "CastOfCast": [
        ((source,), lambda b, x, m=m, t=t: b.cast(b.cast(x, dtype=m), dtype=t))
        for source, m, t in [
            (source, m, t)
            for source in ALL
            for m in ALL
            for t in ALL
            if len({source, m}) == 2 and m != t and keeps_every_value(source, m)
            if t == source or not (m.is_floating and source.is_integer and t.is_integer)
        ][::11]
    ],
    "BroadcastOfBroadcast": [
        ((FLOAT,), lambda b, x: b.broadcast_to(b.broadcast_to(x, shape=(4, 2, 3)), shape=(2, 4, 2, 3)))
    ],
    "BroadcastIntoOp": [
        ((INT, INT), lambda b, x, y: b.add(b.broadcast_to(b.c([1, 2, 3]), shape=(2, 3)), y)),
        ((BOOL, INT), lambda b, c, x: b.select(c, b.broadcast_to(b.c(7, INT), shape=(2, 3)), x)),
        ((FLOAT,), lambda b, x: b.less(x, b.broadcast_to(b.c([[1], [2]]), shape=(2, 3)))),
    ],
    "ReduceSingleElements": [
        *(
            ((dtype,), lambda b, x, f=f, k=k: getattr(b, f)(b.expand_dims(x, axes=(0,)), axes=(0,), keepdims=k))
            for dtype in (INT, FLOAT)
            for f in ("sum", "mean", "prod", "max", "min")
            for k in (True, False)
        ),
        ((FLOAT,), lambda b, x: b.sum(x, axes=(), keepdims=False)),
        ((BOOL,), lambda b, x: b.any(b.expand_dims(x, axes=(1,)), axes=(1,), keepdims=False)),
    ],
    "ReduceOfReduce": [
        ((INT,), lambda b, x: b.sum(b.sum(x, axes=(0,), keepdims=False), axes=(0,), keepdims=False)),
        ((INT,), lambda b, x: b.max(b.max(x, axes=(1,), keepdims=True), axes=(0,), keepdims=True)),
        ((BOOL,), lambda b, x: b.all(b.all(x, axes=(0,), keepdims=False), axes=(0,), keepdims=False)),
    ],
    "SqueezeOfExpandDims": [
        ((INT,), lambda b, x: b.squeeze(b.expand_dims(x, axes=(1,)), axes=(1,))),
        ((INT,), lambda b, x: b.expand_dims(b.squeeze(b.expand_dims(x, axes=(0, 2)), axes=(0,)), axes=(0,))),
    ],
    "SizeOfElementwise": [
        ((FLOAT,), lambda b, x: b.dim(b.exp(x), axis=1, dtype=INT)),
        ((FLOAT,), lambda b, x: b.shape_of(b.cast(x, dtype=INT), dtype=WIDE)),
    ],
    "SliceOfAll": [((INT,), lambda b, x: b.slice(x, begin=(0, 0), end=(2, 2**63 - 1), strides=(1, 1)))],
    "PadWithNothing": [((INT,), lambda b, x: b.pad(x, b.c(0), low=(0, 0), high=(0, 0), interior=(0, 0)))],
    "ConcatOfConcat": [
        ((INT, INT), lambda b, x, y: b.concat(b.concat(x, y, axis=1), x, axis=1)),
        ((INT, INT), lambda b, x, y: b.concat(x, b.concat(y, b.concat(x, x, axis=0), axis=0), axis=0)),
    ],
}
INEXACT_LAWS = {
    "CombineFloatConstants": [
        ((DOUBLE,), lambda b, x: b.add(b.add(x, b.c(0.1)), b.c(0.2))),
        ((DOUBLE,), lambda b, x: b.mul(b.mul(x, b.c(0.1)), b.c(0.3))),
    ],
    "DivideByConstant": [((DOUBLE,), lambda b, x: b.div(x, b.c(3.0)))],
    "KnownRoot": [((DOUBLE,), lambda b, x, n=n: b.pow(b.abs(x), b.c(n))) for n in (0.5, -0.5, -1.0)],
}


def cases(laws):
    """Every case of a table, as parameters."""
    return [
        pytest.param(law, dtypes, expression, id=f"{law}-{number}")
        for law, found in laws.items()
        for number, (dtypes, expression) in enumerate(found)
    ]


def special(dtype, shape, turn):
    """An array of what is extreme for a dtype."""
    values = np.array(extremes(dtype), dtype)
    return np.resize(np.roll(values, turn), shape)


def test_every_law_is_tested():
    assert {rule.__name__ for rule in RULES if not rule.INEXACT} == set(LAWS)
    assert {rule.__name__ for rule in RULES if rule.INEXACT} == set(INEXACT_LAWS)


@pytest.mark.parametrize(("law", "dtypes", "expression"), cases(LAWS))
def test_law_holds_to_the_last_bit(law, dtypes, expression):
    module = program(dtypes, expression)
    after, log = simplified(module)
    assert log.applied.get(law), f"{law} was not applied, but {log.applied}: {[r.reason for r in log.refusals]}"
    for turn in range(24):
        # Two operands meet in different pairs each time.
        inputs = [special(dtype, (2, 3), turn * (1 + 3 * place)) for place, dtype in enumerate(dtypes)]
        expected = observe(module, inputs)
        assert difference(observe(after, inputs), expected, Tolerance()) is None
        assert expected.failure is None


@settings(deadline=None, max_examples=examples(8))
@given(data=st.data())
@pytest.mark.parametrize(("law", "dtypes", "expression"), cases({law: found[:2] for law, found in LAWS.items()}))
def test_law_holds_for_any_values(law, dtypes, expression, data):
    module = program(dtypes, expression)
    inputs = [HypothesisSampler(data.draw).array((2, 3), dtype) for dtype in dtypes]
    assert difference(observe(simplified(module)[0], inputs), observe(module, inputs), Tolerance()) is None


@pytest.mark.parametrize(("law", "dtypes", "expression"), cases(INEXACT_LAWS))
def test_inexact_law_is_applied_only_where_asked_for(law, dtypes, expression):
    module = program(dtypes, expression)
    same, _ = simplified(module)
    assert print_module(same) == print_module(module)
    after, log = simplified(module, "{inexact=true}")
    assert log.applied.get(law)
    inputs = [np.random.default_rng(3).uniform(0.1, 5, (2, 3)) for _ in dtypes]
    assert difference(observe(after, inputs), observe(module, inputs), Tolerance(4e-16)) is None


NOT_SIMPLIFIED = [
    ((FLOAT,), lambda b, x: b.mul(x, b.c(0)), "NaN and infinities times 0 are NaN"),
    ((FLOAT,), lambda b, x: b.sub(x, x), "for NaN and infinities the difference is NaN"),
    ((FLOAT,), lambda b, x: b.sub(b.c(0), x), "0 - 0 is 0, and the negative of 0 is -0"),
    ((FLOAT,), lambda b, x: b.add(b.add(x, b.c(0.1)), b.c(0.2)), "how floats are rounded depends on the order"),
    ((FLOAT,), lambda b, x: b.sub(b.add(x, b.c(0.1)), b.c(0.2)), "how floats are rounded depends on the order"),
    ((FLOAT,), lambda b, x: b.maximum(b.c(0), x), "which of 0 and -0 is the greater"),
    ((FLOAT, FLOAT), lambda b, x, y: b.neg(b.sub(x, y)), "one is -0 and the other 0"),
    ((FLOAT,), lambda b, x: b.equal(x, x), "NaN is not equal to itself"),
    ((FLOAT,), lambda b, x: b.less_equal(x, x), "NaN is not equal to itself"),
    ((FLOAT, FLOAT), lambda b, x, y: b.logical_not(b.less(x, y)), "NaN is neither less than"),
    ((FLOAT,), lambda b, x: b.div(x, b.c(3)), "the reciprocal is not exact"),
    ((FLOAT,), lambda b, x: b.div(x, b.c(2.0**127)), "the reciprocal is not exact"),
    ((FLOAT,), lambda b, x: b.div(x, b.c(0)), "the reciprocal is not exact"),
    ((FLOAT,), lambda b, x: b.mod(x, x), "the remainder of 0, an infinity or NaN by itself is NaN"),
    ((FLOAT,), lambda b, x: b.pow(x, b.c([[[2]]])), "the exponent has another shape"),
    ((INT,), lambda b, x: b.bitwise_or(x, b.c([[[0]]])), "another shape than the result"),
    ((INT,), lambda b, x: b.floordiv(x, b.c([[[4]]])), "another shape than the result"),
    ((INT,), lambda b, x: b.mod(x, b.c([[[4]]])), "another shape than the result"),
    ((BOOL, BOOL), lambda b, c, x: b.select(c, x, b.c([[[False]]])), "the constant decides the shape"),
    (
        (BOOL, INT, INT),
        lambda b, c, x, z: b.select(c, b.select(c, x, b.c([[[1]]], INT)), z),
        "has a say in the shape",
    ),
    ((WIDE,), lambda b, x: b.cast(b.cast(x, dtype=DOUBLE), dtype=WIDE), "float64 does not hold every int64"),
    ((INT,), lambda b, x: b.cast(b.cast(x, dtype=FLOAT), dtype=INT), "float32 does not hold every int32"),
    ((DOUBLE,), lambda b, x: b.cast(b.cast(x, dtype=FLOAT), dtype=DOUBLE), "float32 does not hold every float64"),
    (
        (FLOAT,),
        lambda b, x: b.max(b.max(x, axes=(0,), keepdims=False), axes=(0,), keepdims=False),
        "may depend on the order",
    ),
    (
        (INT,),
        lambda b, x: b.sum(b.sum(x, axes=(0,), keepdims=True), axes=(0, 1), keepdims=False),
        "one keeps the axes, the other does not",
    ),
    (
        (INT,),
        lambda b, x: b.add(b.broadcast_to(x, shape=(4, 2, 3)), b.c([[1], [2]])),
        "no other operand has the shape of the result",
    ),
]


@pytest.mark.parametrize(("dtypes", "expression", "reason"), NOT_SIMPLIFIED, ids=[n[2] for n in NOT_SIMPLIFIED])
def test_refused_with_a_reason(dtypes, expression, reason):
    module = program(dtypes, expression)
    after, log = simplified(module)
    assert print_module(after) == print_module(module)
    assert any(reason in refusal.reason for refusal in log.refusals), [r.reason for r in log.refusals]


UNKNOWN_SIZES = [
    ((INT,), lambda b, x: b.mul(x, b.c([0, 0, 0]))),
    ((INT,), lambda b, x: b.sub(x, x)),
    ((INT,), lambda b, x: b.bitwise_and(x, b.c([[0], [0]]))),
    ((INT, INT), lambda b, x, y: b.add(b.broadcast_to(b.c([1, 2, 3]), shape=(2, 3)), b.add(x, y))),
    ((BOOL,), lambda b, x: b.logical_and(x, b.c([False, False, False]))),
    ((BOOL, INT, INT, INT), lambda b, c, x, y, z: b.select(c, b.select(c, x, y), z)),
]


@pytest.mark.parametrize(("dtypes", "expression"), UNKNOWN_SIZES)
def test_no_check_of_sizes_is_lost(dtypes, expression):
    module = program(dtypes, expression, sizes=(None, None))
    after, log = simplified(module)
    assert log.total == 0
    wrong = [np.zeros((2, 3) if place else (5, 7), dtype) for place, dtype in enumerate(dtypes)]
    assert observe(module, wrong).failure == observe(after, wrong).failure


def test_unknown_sizes_are_no_obstacle_where_they_do_not_matter():
    module = program((INT,), lambda b, x: b.add(b.mod(x, b.c(8)), b.neg(b.floordiv(x, b.c(2)))), sizes=(None, 3))
    after, _ = simplified(module)
    assert [op.name for op in after.walk() if op.name.startswith("hl.")][-1] == "hl.sub"
    names = {op.name for op in after.walk()}
    assert {"hl.bitwise_and", "hl.right_shift"} <= names and not {"hl.mod", "hl.floordiv"} & names
    inputs = [np.arange(-6, 6, dtype=INT).reshape(4, 3)]
    assert difference(observe(after, inputs), observe(module, inputs), Tolerance()) is None


def test_generated_programs_keep_their_meaning():
    chains = [
        "add",
        "sub",
        "mul",
        "neg",
        "abs",
        "div",
        "floordiv",
        "mod",
        "pow",
        "less",
        "equal",
        "logical_not",
        "select",
    ]
    chains += ["logical_and", "bitwise_and", "maximum", "cast", "broadcast_to", "sum", "max", "expand_dims", "squeeze"]
    validate("simplify-algebra", hl_modules(ops=[f"hl.{name}" for name in chains]), max_examples=examples(60))


def test_options_are_options():
    assert SimplifyAlgebraPass(inexact=True).inexact


@pytest.mark.parametrize("exponent", [[1.0], [2.0], [2.0] * 4099], ids=["itself", "square", "one exponent each"])
@pytest.mark.parametrize("dtype", [FLOAT, DOUBLE], ids=str)
def test_squares_are_rounded_as_products_are_however_many_there_are(dtype, exponent):
    x = np.random.default_rng(0).uniform(-8, 8, 4099).astype(dtype)
    module = program([dtype], lambda b, x: b.pow(x, b.c(exponent)), x.shape)
    after, _ = simplified(module)
    assert "hl.pow" not in print_module(after) or len(exponent) == 1
    for each in (module, after):
        assert np.array_equal(observe(each, [x]).results[0], x * x if exponent[0] == 2 else x)
