"""Gradients where rules differ: at zero, at ties, and where no size is known before the program runs."""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.effort import examples

import stepwell as sw
from stepwell.compiler.frontend.values.dispatch import apply
from stepwell.dialects.dtypes import FLOAT64
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.hl.rules.base import Because, InferenceError
from stepwell.testing.sampling import HypothesisSampler, Palette

DIFFERENTIABLE = sorted(name for name, op in OPS.items() if not isinstance(op.gradient, Because) and not op.STRUCTURED)

ARRAYS = {
    "a lone zero": [[2.0, 0.0, 3.0], [1.0, 5.0, -2.0]],
    "two zeros in a row": [[0.0, 4.0, 0.0], [-3.0, 0.0, 2.0]],
    "ties": [[1.0, 2.0, 2.0], [2.0, -1.0, -1.0]],
    "all equal": [[3.0, 3.0, 3.0], [3.0, 3.0, 3.0]],
    "nothing but zeros": [[0.0, 0.0, 0.0], [0.0, -0.0, 0.0]],
    "no ties": [[1.5, -2.0, 0.5], [4.0, -0.25, 3.0]],
}


def _gradient(f, x, way):
    """The gradient of a weighted sum of `f(x)`, with weights 1, 2, 3 ..., and the weights."""

    def gradient(x):
        with sw.GradientTape() as tape:
            tape.watch(x)
            y = f(x)
            flat = sw.reshape(y, [-1])
            total = sw.reduce_sum(flat * sw.range(1.0, sw.cast(sw.size(flat), x.dtype) + 1.0))
        return tape.gradient(total, x)

    if way == "sizes are ?":
        spec = [sw.TensorSpec([None] * x.ndim, x.dtype)]
        gradient = sw.function(gradient, input_signature=spec, engine="interpreter")
    elif way == "compiled":
        gradient = sw.function(gradient, engine="interpreter")
    return np.asarray(gradient(sw.constant(x)))


def _slopes(kind, row):
    """The partial derivatives of a reduction of a few numbers, from its definition."""
    count = len(row)
    if kind == "sum":
        return np.ones(count)
    if kind == "mean":
        return np.full(count, 1 / count)
    if kind == "prod":
        return np.array([math.prod(np.delete(row, place)) for place in range(count)])
    chosen = row == (row.max() if kind == "max" else row.min())
    return chosen / chosen.sum()


@pytest.mark.parametrize("way", ["eager", "compiled", "sizes are ?"])
@pytest.mark.parametrize("kind", ["sum", "mean", "prod", "max", "min"])
def test_gradients_of_reductions_at_zeros_and_ties(kind, way):
    reduce = getattr(sw, f"reduce_{kind}")
    for what, rows in ARRAYS.items():
        x = np.array(rows)
        for axis in (0, 1, None):
            got = _gradient(lambda v, axis=axis: reduce(v, axis=axis), x, way)
            if axis is None:
                expected = _slopes(kind, x.reshape(-1)).reshape(x.shape)
            else:
                lines = np.moveaxis(x, axis, -1)
                slopes = np.array([weight * _slopes(kind, line) for weight, line in enumerate(lines, 1)])
                expected = np.moveaxis(slopes, -1, axis)
            np.testing.assert_allclose(got, expected, rtol=1e-12, err_msg=f"{what}, axis {axis}")


AT_EDGES = [
    (sw.abs, 0.0, 0.0),
    (sw.abs, -0.0, 0.0),
    (sw.abs, -2.0, -1.0),
    (sw.sign, 0.0, 0.0),
    (sw.nn.relu, 0.0, 0.0),
    (sw.nn.relu, -0.0, 0.0),
    (sw.nn.relu, 2.0, 1.0),
    (sw.nn.relu, -2.0, 0.0),
    (sw.sqrt, 0.0, np.inf),
    (sw.sqrt, 4.0, 0.25),
    (sw.tanh, 0.0, 1.0),
    (sw.sigmoid, 0.0, 0.25),
    (sw.exp, 0.0, 1.0),
    (sw.sin, 0.0, 1.0),
    (sw.cos, 0.0, 0.0),
    (sw.math.log, 0.0, np.inf),
    (sw.math.log, 0.5, 2.0),
    (sw.math.log1p, 0.0, 1.0),
    (sw.math.expm1, 0.0, 1.0),
    (sw.math.erf, 0.0, 2 / np.sqrt(np.pi)),
    (sw.math.rsqrt, 4.0, -1 / 16),
    (sw.floor, 0.0, 0.0),
    (lambda x: x * x, 0.0, 0.0),
    (lambda x: x**2.0, 0.0, 0.0),
    (lambda x: x**0.0, 0.0, 0.0),
    (lambda x: x**1.0, 0.0, 1.0),
    (lambda x: sw.pow(sw.constant(0.0, sw.float64), x), 2.0, 0.0),
    (lambda x: x / 2.0, 0.0, 0.5),
    (lambda x: 1.0 / x, 0.0, -np.inf),
    (lambda x: x % 3.0, 3.0, 1.0),
    (lambda x: 7.0 % x, 2.0, -3.0),
    (lambda x: sw.where(x > 0.0, x, -3.0 * x), 0.0, -3.0),
]
"""A function, a point where its rule may differ, and the slope that TensorFlow gives there."""


@pytest.mark.parametrize("way", ["eager", "sizes are ?"])
def test_gradients_of_elementwise_functions_at_edges(way):
    for number, (f, point, slope) in enumerate(AT_EDGES):
        got = _gradient(f, np.array([point]), way)
        np.testing.assert_allclose(got, [slope], rtol=1e-12, err_msg=f"number {number}: at {point}")


SAME_FEW = settings(
    max_examples=examples(8),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
    derandomize=True,
)
DOUBLES = Palette(sides=(2, 3), dtypes=(FLOAT64,))
NEED_SIZES = {"hl.gather_nd", "hl.scatter", "hl.scatter_add", "hl.stop_gradient"}
"""Ops whose last axis of indices must be known, and one that has samples of integers alone."""


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_gradients_are_the_same_where_no_size_is_known(name):
    op, ran = OPS[name], []

    @settings(SAME_FEW)
    @given(st.data())
    def check(data):
        sample = op.sample(HypothesisSampler(data.draw, special=False, palette=DOUBLES))
        arrays = [np.asarray(array) for array in sample.operands]
        places = [n for n, array in enumerate(arrays) if array.dtype.kind in "fc"]
        if not places:
            return

        def gradients(*tensors):
            with sw.GradientTape() as tape:
                tape.watch([tensors[n] for n in places])
                results = apply(op, *tensors, **sample.attrs)
            results = results if isinstance(results, tuple) else (results,)
            floats = [result for result in results if result.dtype.is_floating or result.dtype.is_complex]
            return tape.gradient(floats, [tensors[n] for n in places], unconnected_gradients="zero")

        expected = gradients(*map(sw.constant, arrays))
        specs = [sw.TensorSpec([None] * array.ndim, array.dtype) for array in arrays]
        try:
            found = sw.function(gradients, input_signature=specs, engine="interpreter")(*map(sw.constant, arrays))
        except (InferenceError, ValueError) as error:
            if "size" in str(error) or "shape" in str(error) or "known" in str(error):
                return
            raise
        ran.append(name)
        for got, wanted in zip(found, expected, strict=True):
            assert got.shape == wanted.shape
            np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-6)

    check()
    assert ran or name in NEED_SIZES
