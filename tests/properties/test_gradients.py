"""Each op's gradient rule against differences of its values in float64."""

from functools import partial

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.effort import examples

import stepwell as sw
from stepwell.compiler.frontend.values.dispatch import apply
from stepwell.dialects.dtypes import FLOAT64
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.hl.rules.base import Because
from stepwell.testing.gradient_checks import differences
from stepwell.testing.sampling import HypothesisSampler, Palette

_FLOAT64 = Palette(dtypes=(FLOAT64,))
"""Differences of other floats drown in their rounding."""

DIFFERENTIABLE = sorted(name for name, op in OPS.items() if not isinstance(op.gradient, Because) and not op.STRUCTURED)


def _value(op, attrs, weights, arrays):
    """A weighted sum of the op's floating-point results."""
    results = op.evaluate(arrays, attrs)
    floats = [result for result in results if result.dtype.kind == "f"]
    return sum(float((result * weight).sum()) for result, weight in zip(floats, weights, strict=True))


def _sample(op, data):
    """A sample whose floats are moderate, distinct float64 values: away from kinks and ties."""
    sample = op.sample(HypothesisSampler(data.draw, special=False, palette=_FLOAT64))
    random = np.random.default_rng(data.draw(st.integers(0, 2**16)))
    operands = []
    for array in sample.operands:
        if array.dtype.kind == "f":
            low, high = getattr(op, "LOW", None), getattr(op, "HIGH", None)
            low, high = (-2.0 if low is None else low), (2.0 if high is None else high)
            margin = (high - low) * 0.05
            array = random.uniform(low + margin, high - margin, array.shape)
        operands.append(array)
    return operands, dict(sample.attrs)


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_gradient_matches_differences(name):
    op = OPS[name]

    @settings(max_examples=examples(12), deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.data())
    def check(data):
        arrays, attrs = _sample(op, data)
        floats = [i for i, array in enumerate(arrays) if array.dtype == np.float64]
        if not floats:
            return
        tensors = [sw.constant(array) for array in arrays]
        with sw.GradientTape() as tape:
            tape.watch([tensors[i] for i in floats])
            results = apply(op, *tensors, **attrs)
        results = results if isinstance(results, tuple) else (results,)
        outputs = [result for result in results if result.dtype.is_floating]
        if any(output.dtype != np.float64 for output in outputs):
            return  # differences drown in the rounding of float32
        random = np.random.default_rng(0)
        weights = [random.uniform(0.5, 1.5, output.shape) for output in outputs]
        found = tape.gradient(outputs, [tensors[i] for i in floats], [sw.constant(w) for w in weights])
        value = partial(_value, op, attrs, weights)
        for gradient, index in zip(found, floats, strict=True):
            expected = differences(value, arrays, index)
            got = np.zeros(arrays[index].shape) if gradient is None else gradient.numpy()
            assert got.shape == arrays[index].shape
            np.testing.assert_allclose(got, expected, rtol=2e-4, atol=2e-4)

    check()
