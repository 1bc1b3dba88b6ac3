"""Every op, on every engine and at every level, against its numpy meaning; with static and with dynamic sizes."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stepwell.compiler.lowering.convert_hl_to_linalg import ConvertHlToLinalgPass
from stepwell.dialects.context import make_context
from stepwell.dialects.hl import OPS
from stepwell.dialects.hl.rules.base import Because, InferenceError
from stepwell.runtime.engines.interpreter import run_module
from stepwell.testing.engines import WAYS, assert_close
from stepwell.testing.op_checks import op_module
from stepwell.testing.sampling import samples


def tolerance(op, dtype):
    """How far an engine's results may be off: for ops that say they are exact, not at all."""
    if op.EXACT:
        return {"rtol": 0, "atol": 0}
    return {"rtol": 1e-4, "atol": 1e-6} if dtype == np.float32 else {"rtol": 1e-9, "atol": 1e-12}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", sorted(OPS))
def test_op_means_what_numpy_says(name, way):
    op = OPS[name]
    if way == "onnx" and isinstance(op.onnx, Because):
        return

    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(sample=samples(op), dynamic=st.booleans())
    def check(sample, dynamic):
        expected = op.evaluate(sample.operands, sample.attrs)
        try:
            module = op_module(op, sample, dynamic)
        except InferenceError:
            module = op_module(op, sample, False)
        results = WAYS[way](module, [np.array(array) for array in sample.operands])
        for got, want in zip(results, expected, strict=True):
            assert_close(got, want, f"{name}, {way}", **tolerance(op, want.dtype))

    check()


@pytest.mark.parametrize("name", sorted(OPS))
def test_a_lowering_needs_to_know_nothing_of_the_sizes_of_results(name):
    op = OPS[name]

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(sample=samples(op), dynamic=st.booleans())
    def check(sample, dynamic):
        expected = op.evaluate(sample.operands, sample.attrs)
        try:
            module = op_module(op, sample, dynamic, vague=True)
        except InferenceError:
            module = op_module(op, sample, vague=True)
        ConvertHlToLinalgPass().apply(make_context(), module)
        module.verify()
        for got, want in zip(run_module(module, sample.operands), expected, strict=True):
            assert_close(got, want, name, **tolerance(op, want.dtype))

    check()
