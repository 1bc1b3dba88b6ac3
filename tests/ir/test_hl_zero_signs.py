"""The signs of zeros: 0 is greater than -0, and every lowering gives the sign that an op's definition gives."""

import itertools

import numpy as np
import pytest
from support.op_checks import lowered_to_linalg

from stepwell.dialects.dtypes import FLOAT64
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.hl.rules.elementwise import BinaryOp, UnaryOp
from stepwell.dialects.hl.rules.facets import Sample
from stepwell.runtime.engines.interpreter import run_module
from stepwell.testing.engines import WAYS
from stepwell.testing.op_checks import op_module

ZEROS = (0.0, -0.0)


def _is_negative(op, *arrays, **attrs):
    (result,) = OPS[op].evaluate([np.asarray(array, np.float32) for array in arrays], attrs)
    assert result == 0
    return bool(np.signbit(result))


@pytest.mark.parametrize("x, y", list(itertools.product(ZEROS, ZEROS)))
def test_of_two(x, y):
    signs = [bool(np.signbit(value)) for value in (x, y)]
    assert _is_negative("hl.maximum", x, y) == all(signs)
    assert _is_negative("hl.minimum", x, y) == any(signs)


@pytest.mark.parametrize("zeros", list(itertools.product(ZEROS, repeat=3)))
def test_of_many(zeros):
    signs = [bool(np.signbit(value)) for value in zeros]
    assert _is_negative("hl.max", [*zeros, -1.0], axes=(0,), keepdims=False) == all(signs)
    assert _is_negative("hl.min", [*zeros, 1.0], axes=(0,), keepdims=False) == any(signs)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("count", [1, 4, 27])
def test_relu_of_minus_zero_is_zero_everywhere(way, count):
    given = Sample((np.full(count, -0.0, np.float32),), {})
    (result,) = WAYS[way](op_module(OPS["hl.relu"], given, dynamic=False), given.operands)
    assert not np.signbit(result).any()


SPECIAL = np.array([0.0, -0.0, 1.0, -1.0, 2.5, np.inf, -np.inf, np.nan])
ELEMENTWISE = [op for op in OPS.values() if issubclass(op, UnaryOp | BinaryOp) and FLOAT64 in op.DTYPES]
ELEMENTWISE.remove(OPS["hl.complex"])  # its result has two signs


@pytest.mark.parametrize("op", ELEMENTWISE, ids=lambda op: op.name)
def test_lowered_ops_give_the_signs_of_their_definitions(op):
    pairs = np.stack(np.meshgrid(SPECIAL, SPECIAL)).reshape(2, -1)
    sample = Sample(tuple(pairs) if issubclass(op, BinaryOp) else (SPECIAL,), {})
    (got,) = run_module(lowered_to_linalg(op, sample, False), list(sample.operands))
    with np.errstate(all="ignore"):
        (expected,) = op.evaluate(sample.operands, {})
    np.testing.assert_array_equal(np.isnan(got), np.isnan(expected))
    numbers = ~np.isnan(expected)
    np.testing.assert_array_equal(np.signbit(got)[numbers], np.signbit(expected)[numbers])


@pytest.mark.parametrize(
    "way", ["interpreter at hl", "interpreter at linalg", "interpreter at loops", "native", "onnx"]
)
@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 1)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_power_of_a_half_is_not_a_square_root(way, shape, dtype):
    """C's `pow`: infinity for -infinity, and 0 for -0."""
    for base, expected in ((-np.inf, np.inf), (-0.0, 0.0)):
        sample = Sample((np.full(shape, base, dtype), np.array(0.5, dtype)), {})
        (got,) = WAYS[way](op_module(OPS["hl.pow"], sample), list(sample.operands))
        np.testing.assert_array_equal(got, np.full(shape, expected, dtype))
        assert not np.signbit(got).any() or way == "onnx"


@pytest.mark.parametrize("way", [way for way in WAYS if way != "onnx"])
@pytest.mark.parametrize("exclusive", [False, True])
def test_sums_up_to_each_element_begin_with_zero(way, exclusive):
    x, op = np.float32([-0.0, -0.0, 1.0]), OPS["hl.cumsum"]
    sample = Sample((x,), {"axis": 0, "exclusive": exclusive, "reverse": False})
    (got,) = WAYS[way](op_module(op, sample, False), [x])
    assert not np.signbit(got).any()
