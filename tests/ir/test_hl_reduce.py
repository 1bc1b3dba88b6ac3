"""Reductions: each rule of each op, empty axes, overflow, NaN, and the sums that undo a broadcast."""

import numpy as np
import pytest
from support.op_checks import check_lowering, check_onnx, check_rules, check_samples

import stepwell as sw
from stepwell.compiler.frontend.ops.reduce import sum_to_shape_of
from stepwell.dialects.diagnostics import StepwellError
from stepwell.dialects.dtypes import INT32
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.hl.rules.base import InferenceError
from stepwell.dialects.hl.rules.facets import Sample
from stepwell.dialects.types import tensor_type
from stepwell.runtime.engines.interpreter import InterpreterError
from stepwell.testing.engines import WAYS
from stepwell.testing.op_checks import op_module

pytestmark = pytest.mark.filterwarnings("ignore:Importing .* from 'xdsl.dialects.linalg':DeprecationWarning")


def _mean(x, axes, keepdims):
    total = x.sum(axes, dtype=x.dtype, keepdims=keepdims)
    count = int(np.prod([x.shape[axis] for axis in axes], dtype=int))
    if x.dtype.kind == "f":
        return (total / np.asarray(count, x.dtype)).astype(x.dtype)
    values = [(abs(int(t)) // count) * (1 if t >= 0 else -1) if count else 0 for t in np.asarray(total).flat]
    return np.array(values, x.dtype).reshape(np.shape(total))


def _extreme(function):
    def reference(x, axes, keepdims):
        if x.dtype.kind == "f":
            initial = -np.inf if function is np.max else np.inf
        else:
            info = np.iinfo(x.dtype)
            initial = info.min if function is np.max else info.max
        return function(x, axes, keepdims=keepdims, initial=initial)

    return reference


def _sum_to(x, like):
    lead = x.ndim - like.ndim
    x = x.sum(tuple(range(lead)), dtype=x.dtype)
    ones = tuple(axis for axis in range(like.ndim) if like.shape[axis] == 1)
    return np.asarray(np.asarray(x).sum(ones, dtype=x.dtype, keepdims=True))


REFERENCES = {
    "sum": lambda x, axes, keepdims: x.sum(axes, dtype=x.dtype, keepdims=keepdims),
    "prod": lambda x, axes, keepdims: x.prod(axes, dtype=x.dtype, keepdims=keepdims),
    "mean": _mean,
    "max": _extreme(np.max),
    "min": _extreme(np.min),
    "any": lambda x, axes, keepdims: x.any(axes, keepdims=keepdims),
    "all": lambda x, axes, keepdims: x.all(axes, keepdims=keepdims),
    "argmax": lambda x, axis: np.asarray(x.argmax(axis)),
    "argmin": lambda x, axis: np.asarray(x.argmin(axis)),
    "sum_to": _sum_to,
}


@pytest.mark.parametrize("name", REFERENCES)
def test_rules(name):
    check_samples(OPS[f"hl.{name}"], REFERENCES[name], examples=20)


EMPTY = {"sum": 0, "prod": 1, "max": -np.inf, "min": np.inf, "mean": np.nan}


@pytest.mark.parametrize("dynamic", [False, True])
@pytest.mark.parametrize("name", EMPTY)
def test_of_nothing(name, dynamic):
    op, sample = OPS[f"hl.{name}"], Sample((np.zeros((2, 0), np.float32),), {"axes": (1,), "keepdims": False})
    np.testing.assert_array_equal(op.evaluate(sample.operands, sample.attrs)[0], np.full(2, EMPTY[name], np.float32))
    check_lowering(op, sample, dynamic)
    check_onnx(op, sample, dynamic)


@pytest.mark.parametrize("dtype", [np.int32, np.int64])
@pytest.mark.parametrize("name", ["sum", "prod", "mean", "max", "min"])
def test_integers_wrap_around_everywhere(name, dtype):
    info = np.iinfo(dtype)
    x = np.array([[info.max, 3, info.max // 2 + 5], [info.max, info.max, 2**30 + 1]], dtype)
    for axes in ((0,), (1,), (0, 1)):
        sample = Sample((x,), {"axes": axes, "keepdims": False})
        check_rules(OPS[f"hl.{name}"], sample, True, REFERENCES[name])
        check_onnx(OPS[f"hl.{name}"], sample, dynamic=False)


@pytest.mark.parametrize("name", ["max", "min", "argmax", "argmin"])
def test_nan_wins_and_the_first_place_counts(name):
    x = np.array([[1, np.nan, np.inf, np.nan], [3, -np.inf, 3, -np.inf], [-np.inf] * 4, [np.inf] * 4])
    attrs = {"axis": 1} if name.startswith("arg") else {"axes": (1,), "keepdims": True}
    check_rules(OPS[f"hl.{name}"], Sample((x,), attrs), True, REFERENCES[name])
    if name.startswith("arg"):
        check_lowering(OPS[f"hl.{name}"], Sample((x,), attrs), dynamic=False)


@pytest.mark.parametrize(("axes", "constraint"), [((2,), "C1"), ((0, 0), "C1"), ((-1,), "C1")])
def test_axes_are_checked(axes, constraint):
    with pytest.raises(InferenceError) as caught:
        OPS["hl.sum"].infer([tensor_type((2, 3), INT32)], {"axes": axes, "keepdims": False})
    assert caught.value.constraint == constraint


def test_sum_to_wants_a_shape_it_was_broadcast_from():
    types = [tensor_type((2, 3), INT32), tensor_type((2,), INT32)]
    with pytest.raises(InferenceError, match="does not broadcast") as caught:
        OPS["hl.sum_to"].infer(types, {})
    assert caught.value.constraint == "C1"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("shape", "like"), [((2, 2), (3,)), ((3, 2), (2, 3)), ((1, 2), (3, 2)), ((2, 3), (0,))])
def test_sum_to_checks_sizes_at_run_time(way, shape, like):
    given = Sample((np.zeros(shape, np.float32), np.zeros(like, np.float32)), {})
    module = op_module(OPS["hl.sum_to"], given, dynamic=True)
    with pytest.raises((StepwellError, InterpreterError), match=r"sum_to: |does not broadcast"):
        WAYS[way](module, given.operands)


def test_public_functions():
    x = sw.constant([[1, 2], [3, 4]])
    assert sw.reduce_sum(x).numpy() == 10
    assert sw.reduce_sum(x, -1, keepdims=True).numpy().tolist() == [[3], [7]]
    for axes in ([0, 1], (-1, 0), np.array([0, 1]), sw.constant([1, 0])):
        assert sw.reduce_max(x, axes).numpy() == 4
    for axis in (1, np.int64(-1), np.array([1]), sw.constant(1)):
        assert sw.reduce_max(x, axis).numpy().tolist() == [2, 4]
    assert sw.reduce_max(x, []).numpy().tolist() == [[1, 2], [3, 4]]
    assert sw.argmax(x, axis=1).dtype == np.int64
    assert sw.argmax(x, axis=1, output_type=sw.int32).dtype == np.int32
    assert sum_to_shape_of(x, sw.constant([[0], [0]])).numpy().tolist() == [[3], [7]]
    with pytest.raises(ValueError, match="reduce_sum: axis: expected an axis of 2 axes, got 2"):
        sw.reduce_sum(x, 2)
    with pytest.raises(ValueError, match="reduce_sum: axis: expected different axes"):
        sw.reduce_sum(x, [0, -2])
    with pytest.raises(TypeError, match=r"reduce_max: axis: expected an int, got 0\.5"):
        sw.reduce_max(x, 0.5)
    with pytest.raises(TypeError, match=r"argmax: axis: expected an int, got 0\.5"):
        sw.argmax(x, 0.5)
    with pytest.raises(TypeError, match="any: expected a dtype of bool, got int32"):
        sw.reduce_any(x)
