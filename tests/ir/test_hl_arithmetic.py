"""Arithmetic, division, powers and bits: each rule of each op, the corners of integers and floats."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples
from support.op_checks import check_onnx, check_rules, check_samples

import stepwell as sw
from stepwell.compiler.rewriting import apply_patterns
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.hl.rules.base import InferenceError
from stepwell.dialects.hl.rules.facets import Sample
from stepwell.dialects.types import tensor_type
from stepwell.testing.op_checks import op_module


def _floordiv(x, y):
    return np.floor(x / y) if x.dtype.kind == "f" else np.where(y == 0, 0, np.floor_divide(x, y)).astype(x.dtype)


def _mod(x, y):
    """Python's own arithmetic, an element at a time."""
    if x.dtype.kind != "f":
        return np.where(y == 0, 0, np.mod(x, y)).astype(x.dtype)

    def one(a, b):
        a, b = float(a), float(b)
        if math.isnan(a) or math.isnan(b) or math.isinf(a) or b == 0:
            return math.nan
        if abs(a) / abs(b) >= 2.0**104:
            return 0.0
        rest = math.fmod(a, b)
        return rest + b if rest and (rest < 0) != (b < 0) else rest

    return np.asarray(np.vectorize(one, otypes=[np.float64])(x, y)).astype(x.dtype)


def _pow(x, y):
    if x.dtype.kind == "f":
        return np.power(x, y)
    modulus = 2 ** (8 * x.dtype.itemsize)

    def one(a, b):
        a, b = int(a), int(b)
        if b < 0:
            return {1: 1, -1: -1 if b % 2 else 1}.get(a, 0)
        value = pow(a, b, modulus)
        return value - modulus if value >= modulus // 2 and np.issubdtype(x.dtype, np.signedinteger) else value

    return np.asarray(np.vectorize(one, otypes=[x.dtype])(x, y))


REFERENCES = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y,
    "floordiv": _floordiv,
    "mod": _mod,
    "pow": _pow,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "neg": lambda x: -x,
    "abs": abs,
    "sign": np.sign,
    "bitwise_and": lambda x, y: x & y,
    "bitwise_or": lambda x, y: x | y,
    "bitwise_xor": lambda x, y: x ^ y,
    "bitwise_not": lambda x: ~x,
    "left_shift": np.left_shift,
    "right_shift": np.right_shift,
}


@pytest.mark.parametrize("name", REFERENCES)
def test_rules(name):
    check_samples(OPS[f"hl.{name}"], REFERENCES[name], examples=12)


INT_MIN = np.iinfo(np.int32).min
INTEGERS = np.array([INT_MIN, INT_MIN + 1, -7, -1, 0, 1, 7, 2**31 - 1], np.int32)


@pytest.mark.parametrize("name", ["floordiv", "mod", "pow", "mul", "left_shift", "right_shift"])
def test_every_pair_of_corner_integers(name):
    sample = Sample((INTEGERS[:, None], INTEGERS[None, :]), {})
    check_rules(OPS[f"hl.{name}"], sample, True, REFERENCES[name])


def test_division_by_zero_and_overflow_are_defined():
    assert OPS["hl.floordiv"].evaluate([np.int32([5, INT_MIN]), np.int32([0, -1])], {})[0].tolist() == [0, INT_MIN]
    assert OPS["hl.mod"].evaluate([np.int32([5, INT_MIN, -5]), np.int32([0, -1, 3])], {})[0].tolist() == [0, 0, 1]


@given(x=st.floats(2.0**-60, 2.0**60), y=st.floats(2.0**-40, 2.0**40), signs=st.tuples(st.booleans(), st.booleans()))
@settings(max_examples=examples(60), deadline=None)
def test_float_remainders_are_exact(x, y, signs):
    x, y = (-x if signs[0] else x), (-y if signs[1] else y)
    (found,) = OPS["hl.mod"].evaluate([np.array(x), np.array(y)], {})
    assert found == x % y


def test_negative_zero_and_nan():
    zeros = np.array([0.0, -0.0, np.nan, 1.0])
    for name, expected in (("neg", [True, False]), ("abs", [False, False])):
        (found,) = OPS[f"hl.{name}"].evaluate([zeros], {})
        assert np.signbit(found[:2]).tolist() == expected
    for name in ("maximum", "minimum", "sign"):
        operands = (zeros, zeros[::-1].copy()) if name != "sign" else (zeros,)
        assert np.isnan(OPS[f"hl.{name}"].evaluate(operands, {})[0]).any()
        check_onnx(OPS[f"hl.{name}"], Sample(operands, {}), dynamic=False)


@pytest.mark.parametrize(
    ("op", "types", "constraint"),
    [
        ("add", [((2,), "int32"), ((3,), "int32")], "C1"),
        ("add", [((2,), "int32"), ((2,), "int64")], "C1"),
        ("add", [((2,), "bool"), ((2,), "bool")], "C2"),
        ("div", [((2,), "int32"), ((2,), "int32")], "C2"),
        ("bitwise_and", [((2,), "float32"), ((2,), "float32")], "C2"),
    ],
)
def test_broken_constraints(op, types, constraint):
    with pytest.raises(InferenceError) as caught:
        OPS[f"hl.{op}"].infer([tensor_type(shape, np.dtype(dtype)) for shape, dtype in types], {})
    assert caught.value.constraint == constraint


def _simplified(op_name, *operands):
    """How many ops of the kind are left when the second operand is the constant given."""
    from xdsl.dialects import arith

    from stepwell.dialects.types import dense

    op = OPS[op_name]
    module = op_module(op, Sample(operands, {}))
    function = module.body.block.first_op
    user = next(inner for inner in module.walk() if inner.name == op_name)
    constant = arith.ConstantOp(dense(operands[1]))
    constant.location = user.location
    user.parent.insert_op_before(constant, user)
    user.operands[1] = constant.result
    apply_patterns(module, [pattern() for pattern in op.CANONICALIZATIONS])
    module.verify()
    assert function is module.body.block.first_op
    return sum(inner.name == op_name for inner in module.walk())


@pytest.mark.parametrize(
    ("op", "dtype", "neutral", "left"),
    [
        ("hl.add", "int32", 0, 0),
        ("hl.add", "float32", -0.0, 0),
        ("hl.add", "float32", 0.0, 1),
        ("hl.sub", "float32", 0.0, 0),
        ("hl.sub", "float32", -0.0, 1),
        ("hl.mul", "float64", 1.0, 0),
        ("hl.div", "float64", 1.0, 0),
        ("hl.mul", "int64", 2, 1),
    ],
)
def test_neutral_operands_go_where_that_is_exact(op, dtype, neutral, left):
    x = np.zeros(3, dtype)
    assert _simplified(op, x, np.array(neutral, dtype)) == left


def test_neutral_operand_that_broadcasts_stays():
    assert _simplified("hl.add", np.zeros(1, np.int32), np.zeros(3, np.int32)) == 1


def test_public_functions():
    x = sw.constant([7, -7, 7, -7])
    y = sw.constant([3, 3, -3, -3])
    assert (x // y).numpy().tolist() == [2, -3, -3, 2]
    assert (x % y).numpy().tolist() == [1, 2, -2, -1]
    assert (x / 2).numpy().tolist() == [3.5, -3.5, 3.5, -3.5]
    assert (x / 2).dtype == np.float64
    assert (x & 6).numpy().tolist() == [6, 0, 6, 0]
    assert (~x).numpy().tolist() == [-8, 6, -8, 6]
    assert (2 ** abs(x)).numpy().tolist() == [128] * 4
    with pytest.raises(TypeError, match=r"add: .*float32.*int32"):
        sw.add(sw.constant(1.0), sw.constant(1))
    with pytest.raises(ValueError, match=r"add: shapes \[4\] and \[3\] do not broadcast \[hl.add C1\]"):
        sw.add(x, [1, 2, 3])
