"""Sums of floats, whatever is summed and how: their error is bounded as that of pairwise summation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import by_turns, examples

import stepwell as sw
from stepwell.compiler.interchange.mlir.text import parse_module
from stepwell.compiler.pipeline.manager import PassManager
from stepwell.dialects.context import make_context
from stepwell.runtime.engines.interpreter import run_module

ENGINES = ["native", "interpreter", "onnx"]
DTYPES = [np.float32, np.float64]


def bound(terms, dtype, magnitude):
    """What pairwise summation in blocks of 32 may be off by, for terms whose absolute values add up to `magnitude`."""
    return (32 + math.log2(max(terms, 2))) * np.finfo(dtype).eps / 2 * magnitude


def check(result, x, axes):
    """The sum of `x` along `axes` against exact sums."""
    kept = [axis for axis in range(x.ndim) if axis not in axes]
    rows = np.transpose(x, [*kept, *axes]).reshape([*(x.shape[axis] for axis in kept), -1])
    for where in np.ndindex(rows.shape[:-1]):
        row = rows[where].astype(np.float64)
        exact, allowed = math.fsum(row), bound(row.size, x.dtype, float(np.abs(row).sum()))
        assert abs(float(result[where]) - exact) <= allowed, (where, float(result[where]), exact)


LONG_SUMS = [
    ((10**6,), (0,)),
    ((300_000, 3), (0,)),
    ((3, 300_000), (1,)),
    ((7, 30_000, 3), (0, 1)),
    ((30_000, 7, 3), (0, 2)),
    ((2, 30_000, 17), (1,)),
    ((30_001, 33), (0,)),
    ((100, 100, 40), (0, 1, 2)),
]
"""Shapes, and the axes to sum along."""


@pytest.mark.parametrize(("long", "engine"), by_turns(LONG_SUMS, ENGINES))
@pytest.mark.parametrize("known", [True, False])
def test_the_error_of_a_long_sum_is_small(engine, long, known):
    """The sum of many equal numbers: each addition is wrong in the same direction."""
    shape, axes = long
    x = np.full(shape, 0.1, np.float32)
    compiled = sw.function(lambda x: sw.reduce_sum(x, axes), engine=engine)
    spec = sw.TensorSpec(shape if known else [None] * len(shape), sw.float32)
    check(compiled.get_concrete_function(spec)(sw.constant(x)).numpy(), x, axes)


@st.composite
def arrays(draw):
    """Arrays of floats of very different magnitudes, and some of their axes."""
    dtype, rank = draw(st.sampled_from(DTYPES)), draw(st.integers(1, 3))
    long = draw(st.integers(0, rank - 1))
    shape = [draw(st.integers(1, 4000 if axis == long else 5)) for axis in range(rank)]
    axes = tuple(sorted({long, *draw(st.sets(st.integers(0, rank - 1)))}))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    x = random.standard_normal(shape) * 2.0 ** random.integers(-draw(st.integers(0, 20)), 20, shape)
    return (np.abs(x) if draw(st.booleans()) else x).astype(dtype), axes


_DYNAMIC = {
    (rank, axes, dtype): sw.function(lambda x, axes=axes: sw.reduce_sum(x, axes))
    for rank in (1, 2, 3)
    for dtype in DTYPES
    for axes in [tuple(a for a in range(rank) if mask >> a & 1) for mask in range(1, 2**rank)]
}


@settings(max_examples=examples(60), deadline=None)
@given(arrays())
def test_the_error_of_any_sum_is_bounded(drawn):
    x, axes = drawn
    compiled = _DYNAMIC[x.ndim, axes, x.dtype.type]
    concrete = compiled.get_concrete_function(sw.TensorSpec([None] * x.ndim, x.dtype))
    check(concrete(sw.constant(x)).numpy(), x, axes)
    check(sw.reduce_sum(sw.constant(x), axes).numpy(), x, axes)


@pytest.mark.parametrize("items", [[np.inf, 1.0], [np.inf, -np.inf], [3e38, 3e38], [np.nan, 1.0], [-0.0, -0.0]])
@pytest.mark.parametrize("shape, axis", [((4096,), 0), ((4096, 3), 0), ((3, 4096), 1)])
def test_infinities_nans_and_zeros_are_those_of_plain_sums(items, shape, axis):
    x = np.full(shape, -0.0 if items[0] == 0 else 0.5, np.float32)
    for number, item in enumerate(items):
        x[(slice(None),) * axis + (number * 1000 + 7,)] = item
    compiled = sw.function(lambda x: sw.reduce_sum(x, axis))
    got = compiled.get_concrete_function(sw.TensorSpec([None] * x.ndim, sw.float32))(sw.constant(x)).numpy()
    with np.errstate(all="ignore"):
        expected = np.sum(x, axis)
    np.testing.assert_array_equal(got, expected)
    np.testing.assert_array_equal(compiled(sw.constant(x)), expected)


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_made_of_sums_is_as_good(engine):
    x = np.full((200_000, 3), 0.1, np.float32)
    one, error = float(np.float32(0.1)), 1e-5

    def close(function, expected, *arguments):
        got = sw.function(function, engine=engine)(*map(sw.constant, arguments))
        np.testing.assert_allclose(got, expected, rtol=error)

    close(lambda x: sw.reduce_mean(x, 0), [one] * 3, x)
    close(lambda x: sw.reduce_mean(x * x), one * one, x)
    close(lambda x: sw.sqrt(sw.reduce_sum(x * x)), one * math.sqrt(x.size), x)
    close(lambda x: sw.matmul(x, x, transpose_a=True), np.full((3, 3), one * one * 200_000), x)
    close(lambda x, y: sw.matmul(x, y), [[one * one * 600_000]], x.reshape(1, -1), x.reshape(-1, 1))

    def gradient(x, b):
        with sw.GradientTape() as tape:
            tape.watch(b)
            loss = sw.reduce_sum(x * b)
        return tape.gradient(loss, b)

    close(gradient, [one * 200_000] * 3, x, np.ones(3, np.float32))


@pytest.mark.parametrize("rows, columns", [(1, 1), (2, 40), (30, 3), (40, 40)])
@pytest.mark.parametrize("transposed", [False, True])
def test_the_error_of_a_long_product_is_small(rows, columns, transposed):
    x, y = np.full((rows, 100_000), 0.1, np.float32), np.full((100_000, columns), 0.1, np.float32)
    if transposed:
        x = np.ascontiguousarray(x.T)
    got = sw.function(lambda x, y: sw.matmul(x, y, transpose_a=transposed))(sw.constant(x), sw.constant(y))
    expected = float(np.float32(0.1)) ** 2 * 100_000
    np.testing.assert_allclose(got, np.full((rows, columns), expected), rtol=60 * np.finfo(np.float32).eps)


def test_marked_loops_of_any_step_and_length_are_split():
    text = """
    func.func @main(%x: memref<1000xf64>, %low: index, %high: index, %step: index) -> f64 {
      %zero = arith.constant 0.0 : f64
      %r = scf.for %i = %low to %high step %step iter_args(%s = %zero) -> (f64) {
        %a = memref.load %x[%i] : memref<1000xf64>
        %t = arith.addf %a, %s : f64
        scf.yield %t : f64
      } {stepwell.reduction}
      func.return %r : f64
    }
    """
    x = np.random.default_rng(0).standard_normal(1000)
    module = parse_module(text, "program.mlir")
    PassManager(make_context(), verify_each=True).run(module, "block-sums")
    assert str(module).count("scf.for") == 2
    for low, high, step in [(0, 1000, 1), (3, 999, 7), (5, 5, 1), (9, 2, 3), (0, 33, 1), (17, 1000, 31)]:
        (got,) = run_module(module, [x, low, high, step])
        assert got == pytest.approx(math.fsum(x[low:high:step]), rel=1e-12, abs=1e-13)
