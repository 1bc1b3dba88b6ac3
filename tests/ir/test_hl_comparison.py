"""Comparisons, logic, selection and casts: each rule of each op."""

import numpy as np
import pytest
from support.op_checks import check_rules, check_samples

import stepwell as sw
from stepwell.compiler.rewriting import apply_patterns
from stepwell.dialects.dtypes import FLOAT32, HALVES, INT32, as_dtype
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.hl.rules.base import InferenceError
from stepwell.dialects.hl.rules.facets import Sample
from stepwell.dialects.types import tensor_type
from stepwell.testing.op_checks import op_module


def _cast(x, dtype):
    """Python's own numbers, an element at a time."""
    if HALVES & {as_dtype(x.dtype), dtype}:
        x = x.astype(np.float32)
    if not (as_dtype(x.dtype).is_floating and dtype.is_integer):
        return x.astype(dtype)
    info = np.iinfo(dtype)

    def one(value):
        value = float(value)
        if np.isnan(value):
            return 0
        return int(info.max if value >= info.max else info.min if value <= info.min else int(value))

    return np.array([one(value) for value in x.flat], dtype).reshape(x.shape)


REFERENCES = {
    "equal": lambda x, y: x == y,
    "not_equal": lambda x, y: x != y,
    "less": lambda x, y: x < y,
    "less_equal": lambda x, y: x <= y,
    "greater": lambda x, y: x > y,
    "greater_equal": lambda x, y: x >= y,
    "logical_and": lambda x, y: x & y,
    "logical_or": lambda x, y: x | y,
    "logical_xor": lambda x, y: x ^ y,
    "logical_not": lambda x: ~x,
    "select": np.where,
    "cast": _cast,
    "stop_gradient": lambda x: x,
}


@pytest.mark.parametrize("name", REFERENCES)
def test_rules(name):
    check_samples(OPS[f"hl.{name}"], REFERENCES[name], examples=16)


@pytest.mark.parametrize("source", ["float32", "float64"])
@pytest.mark.parametrize("target", ["bool", "int32", "int64"])
def test_casts_of_floats_that_do_not_fit(source, target):
    limits = [2.0**31, 2.0**31 - 1, -(2.0**31), -(2.0**31) - 1, 2.0**63, -(2.0**63), 1e30, -1e30]
    x = np.array([np.nan, np.inf, -np.inf, -0.0, 0.9, -0.9, 1e-40, *limits]).astype(source)
    check_rules(OPS["hl.cast"], Sample((x,), {"dtype": as_dtype(target)}), True, _cast)


def _left(name, sample, times=1):
    """How many ops of a kind are left after its canonicalizations, when it is applied `times` times."""
    op = OPS[name]
    module = op_module(op, sample)
    user = next(inner for inner in module.walk() if inner.name == name)
    for _ in range(times - 1):
        again = user.clone()
        user.parent.insert_op_after(again, user)
        user.results[0].replace_all_uses_with(again.results[0])
        again.operands[0] = user.results[0]
        again.location = user.location
        user = again
    apply_patterns(module, [pattern() for pattern in op.CANONICALIZATIONS])
    module.verify()
    returned = module.body.block.first_op.body.block.last_op.operands[0].owner
    return getattr(returned, "name", "argument")


def test_what_undoes_itself_goes():
    for name, x in (
        ("hl.logical_not", np.array([True])),
        ("hl.neg", np.float32([1])),
        ("hl.bitwise_not", np.int32([1])),
    ):
        assert _left(name, Sample((x,), {}), times=2) == "argument"
        assert _left(name, Sample((x,), {}), times=3) == name


def test_cast_to_the_same_dtype_goes():
    x = np.float32([1])
    assert _left("hl.cast", Sample((x,), {"dtype": FLOAT32})) == "argument"
    assert _left("hl.cast", Sample((x,), {"dtype": INT32})) == "hl.cast"


def test_select_wants_a_boolean():
    with pytest.raises(InferenceError, match="bool"):
        OPS["hl.select"].infer([tensor_type((2,), INT32)] * 3, {})
    with pytest.raises(TypeError, match=r"where: condition: expected a tensor of dtype bool, got int32"):
        sw.where([1], [1.0], [2.0])


def test_public_functions():
    x = sw.constant([1.0, float("nan")])
    assert (x == x).numpy().tolist() == [True, False]
    assert (x != x).numpy().tolist() == [False, True]
    assert (x < 2).numpy().tolist() == [True, False]
    assert sw.where(x < 2, 5.0, x).numpy()[0] == 5.0
    assert sw.cast(0.1, sw.float64).numpy() == 0.1
    assert sw.cast(300.7, sw.int32).numpy() == 300
    assert (sw.constant([True, False]) & True).numpy().tolist() == [True, False]
    with pytest.raises(TypeError, match="logical_and: expected a dtype of bool, got int32"):
        sw.logical_and([1], [2])
    with pytest.raises(TypeError, match=r"cast: dtype: expected a dtype of .*, got .*quint8"):
        sw.cast(x, "quint8")
