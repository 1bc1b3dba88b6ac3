"""Programs as ONNX models of standard operators: on finite values they compute what the interpreter computes."""

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.effort import examples
from support.onnx_models import EXPORTED, check_model

from stepwell.compiler.interchange.onnx_export.export import export_module
from stepwell.compiler.pipeline.manager import PassManager
from stepwell.dialects.context import make_context
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.hl.rules.base import InferenceError
from stepwell.dialects.packing import packed
from stepwell.runtime.engines import compile_for
from stepwell.runtime.engines.onnx import run_session
from stepwell.testing import hl_modules
from stepwell.testing.engines import assert_close
from stepwell.testing.everywhere import ATOL, RTOL
from stepwell.testing.op_checks import op_module
from stepwell.testing.sampling import samples


def run(proto, feeds, optimized):
    """The outputs of a model in ONNX Runtime."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level, options.intra_op_num_threads = 4, 1
    level = onnxruntime.GraphOptimizationLevel
    options.graph_optimization_level = level.ORT_ENABLE_ALL if optimized else level.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(proto.SerializeToString(), options, providers=["CPUExecutionProvider"])
    wanted = {value.name for value in session.get_inputs()}
    return run_session(session, [], {name: array for name, array in feeds.items() if name in wanted})


def _as_exported(array):
    """The array as inputs and outputs of models have it: complex numbers as two numbers along a last axis."""
    return packed(array) if np.iscomplexobj(array) else np.asarray(array)


def _greatest(array):
    """The greatest size of an element, at least 1: the errors of transforms are relative to it, where sums cancel too.

    Nicholas Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition, theorem 24.2.
    """
    return np.max(np.abs(array), initial=1)


def is_finite(module, inputs):
    """Whether a program makes neither NaN nor an infinity on its way."""
    checked = module.clone()
    PassManager(make_context()).run(checked, "insert-nan-checks")
    try:
        compile_for("interpreter", checked).run(*inputs)
    except Exception:
        return False
    return True


@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(case=hl_modules(EXPORTED, max_statements=8, effects=False, exact=True, control_flow=4))
def test_generated_programs_agree_on_finite_values(case):
    model = export_module(case.module, {}, exact=False)
    check_model(model.proto, case.module)
    if not is_finite(case.module, case.inputs):
        return
    results = run(model.proto, dict(zip(model.inputs, case.inputs, strict=True)), optimized=False)
    expected = compile_for("interpreter", case.module).run(*case.inputs)
    for number, (got, want) in enumerate(zip(results, expected, strict=True)):
        assert_close(got, want, f"result {number}")


@pytest.mark.parametrize("name", EXPORTED)
def test_an_op_means_what_numpy_says_of_finite_values(name):
    op = OPS[name]

    @settings(max_examples=examples(8), deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(sample=samples(op), dynamic=st.booleans(), optimized=st.booleans())
    def check(sample, dynamic, optimized):
        expected = op.computed(sample.operands, sample.attrs)
        try:
            module = op_module(op, sample, dynamic)
        except InferenceError:
            module = op_module(op, sample, False)
        model = export_module(module, {}, exact=False)
        onnx.checker.check_model(model.proto, full_check=True)
        given, expected = ([_as_exported(array) for array in arrays] for arrays in (sample.operands, expected))
        results = run(model.proto, dict(zip(model.inputs, given, strict=True)), optimized)
        if not all(np.all(np.isfinite(array)) for array in (*given, *expected) if array.dtype.kind == "f"):
            return
        for got, want in zip(results, expected, strict=True):
            atol = ATOL.get(want.dtype.name, 0) * (_greatest(want) if name == "hl.fourier" else 1)
            assert_close(got, want, name, rtol=RTOL.get(want.dtype.name, 0), atol=atol)

    check()
