"""Operands that an op does not accept stop compiled programs and ONNX models too: none goes on with other results.

The error has one class for one kind of refusal, eagerly and on every engine.
"""

import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.effort import by_turns, examples

from stepwell.compiler.frontend.values.dispatch import apply
from stepwell.compiler.frontend.values.tensor import Tensor
from stepwell.dialects.diagnostics import ExecutionError, InvalidArgumentError, failed_check_class
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.hl.rules.base import Because, InferenceError
from stepwell.dialects.hl.rules.elementwise import ElementwiseOp
from stepwell.dialects.hl.rules.facets import Sample
from stepwell.dialects.hl.rules.reductions import ReduceOp
from stepwell.dialects.types import DYNAMIC
from stepwell.runtime.engines.onnx import compile_hl
from stepwell.testing.engines import Descent, assert_close
from stepwell.testing.everywhere import ATOL, RTOL
from stepwell.testing.op_checks import op_module
from stepwell.testing.sampling import HypothesisSampler, samples

WAYS = ("eager", "interpreter at hl", "interpreter at linalg", "native", "onnx")


def _may_refuse(name, op):
    """Whether there are operands of the right types that the op does not accept; one elementwise op stands for all."""
    return name == "hl.select" or not issubclass(op, ElementwiseOp | ReduceOp)


OF_SORTED_ROWS = {"hl.searchsorted"}
"""Ops whose result is defined for sorted rows of the first operand only."""
NOT_OF_NOTHING = {"hl.fourier"}
"""Ops that ONNX Runtime refuses for axes that are empty as the model runs, and for a lone number to be made none."""
MADE_BY_PASSES = {"hl.on_packed"}
"""Ops that only passes make, of sizes that were checked before."""
CHECKED = sorted(name for name, op in OPS.items() if _may_refuse(name, op) and name not in MADE_BY_PASSES)
OTHERS = [name for name in CHECKED if isinstance(OPS[name].onnx, Because) or name in NOT_OF_NOTHING]
EXPORTED = [name for name in CHECKED if name not in OTHERS]
"""Those that are run as ONNX models too."""


def _changed(data, array):
    """The array, or one with other integers, or one with other sizes where they are dynamic (not 1)."""
    kind = data.draw(st.integers(0, 2))
    if kind == 0:
        return array
    if array.dtype.kind == "i" and (kind == 1 or array.ndim == 0):
        values = data.draw(st.lists(st.integers(-3, 6), min_size=array.size, max_size=array.size))
        return np.array(values, array.dtype).reshape(array.shape)
    if array.ndim == 0 and array.dtype.kind == "f":  # a step of a range: not so small that it has no room
        return np.array(data.draw(st.integers(-6, 6)) / 2, array.dtype)
    shape = [size if size == 1 else data.draw(st.integers(0, 4)) for size in array.shape]
    return HypothesisSampler(data.draw).array(shape, array.dtype, -9, 9)


def _meaning(op, operands, attrs):
    """What numpy says, or the class of the error where the operands are not accepted."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return op.computed(operands, attrs)
        except InferenceError as error:
            return failed_check_class(error.kind)
        except (ValueError, IndexError):
            return InvalidArgumentError


def _ready(way, op, sample, module):
    """The op as a function of its operands, at once or ready to run."""
    if way != "eager":
        return Descent(module).ready(way)

    def run(operands):
        results = apply(op, *map(Tensor, operands), **sample.attrs)
        return [np.asarray(result) for result in (results if isinstance(results, tuple) else (results,))]

    return run


@pytest.mark.parametrize(("name", "way"), [*by_turns(EXPORTED, WAYS), *by_turns(OTHERS, WAYS[:-1])])
def test_what_an_op_refuses_every_way_to_run_it_refuses(name, way):
    op = OPS[name]

    @settings(max_examples=examples(10), deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(sample=samples(op), data=st.data())
    def check(sample, data):
        try:
            module = op_module(op, sample, dynamic=True)
        except InferenceError:
            return
        operands = [_changed(data, array) for array in sample.operands]
        if name in OF_SORTED_ROWS:
            operands[0] = np.sort(operands[0], -1)
        expected = _meaning(op, operands, sample.attrs)
        run = _ready(way, op, sample, module)
        if isinstance(expected, type):
            with pytest.raises(expected, match=r"^\w+: " if way == "eager" else r"^op\.py:1:0: ") as caught:
                run(operands)
            if way in ("eager", "native"):  # ONNX Runtime may find the second of two faults first
                assert caught.type is expected
            return
        if way == "eager":  # what is known of sizes is refused before the op runs, such as an empty axis of argmin
            return
        for got, want in zip(run(operands), expected, strict=True):
            assert_close(got, want, name, rtol=RTOL.get(want.dtype.name, 0), atol=ATOL.get(want.dtype.name, 0))

    check()


@pytest.mark.parametrize(
    "name, attrs, operands, message",
    [
        ("hl.gather", {"axis": 0, "batch_dims": 0}, [[1.0, 2.0], -1], "gather: an index is out of range"),
        ("hl.gather", {"axis": 0, "batch_dims": 0}, [[1.0, 2.0], [0, 2]], "gather: an index is out of range"),
        ("hl.gather_nd", {"count": 1}, [[1.0, 2.0], [-1]], "gather_nd: an index is out of range"),
        ("hl.scatter_add", {"count": 1}, [[1, 2], [[2]], [1]], "scatter_add: an index is out of range"),
        ("hl.concat", {"axis": 0}, [[[]], [[1.0, 2.0]]], "concat: sizes of the other axes must agree"),
        ("hl.range", {}, [1, 5, 0], "range: expected a delta other than 0"),
        ("hl.range", {}, [1.0, 5.0, 0.0], "range: from ? to ? by ? there is no length"),
    ],
)
def test_the_error_has_the_message_and_the_line(name, attrs, operands, message):
    arrays = [np.array(operand) for operand in operands]
    module = op_module(OPS[name], Sample(tuple(arrays), attrs), dynamic=True)
    with pytest.raises(ExecutionError) as caught:
        compile_hl(module).run(*arrays)
    assert str(caught.value) == f"op.py:1:0: {message}"


_WINDOWS = {"totals": (DYNAMIC,), "strides": (2,), "dilations": (1,), "padding": "SAME"}


@pytest.mark.parametrize("way", WAYS[1:])
@pytest.mark.parametrize(
    "name, shapes, attrs",
    [
        ("hl.convolution_backprop_input", [(1, 0, 1), (1, 1, 1)], _WINDOWS | {"groups": 1}),
        ("hl.add_patches", [(1, 0, 1, 1)], _WINDOWS | {"window": (1,)}),
    ],
)
def test_a_negative_size_of_a_result_is_refused(name, shapes, attrs, way):
    operands = [np.zeros(shape, np.float32) for shape in shapes] + [np.array(-1)]
    module = op_module(OPS[name], Sample(tuple(operands), attrs), dynamic=True)
    with pytest.raises(ExecutionError, match=r"^op\.py:1:0: .*expected .* of 0 or more"):
        Descent(module).ready(way)(operands)
