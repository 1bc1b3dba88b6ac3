"""The ONNX engine where kernels of ONNX Runtime have other results for NaN, or results that are too coarse."""

import itertools

import numpy as np
import pytest

import stepwell as sw

NAN, INF = np.nan, np.inf


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "int32"])
@pytest.mark.parametrize("mode", ["min", "max"])
def test_extremes_at_places_keep_nan_and_leave_out_new_ones(mode, dtype):
    values = [NAN, INF, -INF, 0.0, 1.0, -2.0] if dtype.startswith("float") else [0, 1, -2]
    pairs = np.array(list(itertools.product(values, values)), dtype)
    scatter = getattr(sw, f"tensor_scatter_nd_{mode}")
    places = np.arange(len(pairs))[:, None]
    run = sw.function(scatter, engine="onnx")
    found = run(sw.constant(pairs[:, 0]), sw.constant(places), sw.constant(pairs[:, 1])).numpy()
    old, new = pairs.T
    np.testing.assert_array_equal(found, np.where(np.isnan(old), old, getattr(np, f"f{mode}")(old, new)))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_tails_of_the_logistic_function_have_their_digits(dtype):
    x = np.array([-80.0, -30.0, -15.0, -8.0, 0.0, 8.0, 40.0, -INF, INF, NAN], dtype)
    found = sw.function(sw.sigmoid, engine="onnx")(sw.constant(x)).numpy()
    np.testing.assert_allclose(found, 1 / (1 + np.exp(-x.astype(np.longdouble))), rtol=1e-6, atol=0)
