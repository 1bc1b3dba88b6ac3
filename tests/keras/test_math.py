"""keras.ops.math on stepwell, against NumPy."""

from __future__ import annotations

import importlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

import stepwell as sw
from stepwell._keras_import import install

install()
keras = importlib.import_module("keras")
math = keras.src.backend.math

SEGMENTS = {
    "sum": (np.add, 0.0),
    "prod": (np.multiply, 1.0),
    "max": (np.maximum, -np.inf),
    "min": (np.minimum, np.inf),
}


@pytest.mark.parametrize("name", SEGMENTS)
@given(st.lists(st.integers(-1, 4), min_size=1, max_size=8), st.booleans())
@settings(max_examples=examples(10), deadline=None)
def test_segments(name, ids, is_sorted):
    ids = np.array(sorted(ids) if is_sorted else ids, np.int32)
    data = np.random.default_rng(len(ids)).normal(size=(len(ids), 2))
    combine, empty = SEGMENTS[name]
    expected = np.full((6, 2), empty)
    for index, row in zip(ids, data, strict=True):
        if index >= 0:
            expected[index] = combine(expected[index], row)
    function = getattr(math, f"segment_{name}")
    found = function(data, ids, 6, sorted=is_sorted)
    np.testing.assert_allclose(found.numpy(), expected)
    compiled = sw.function(
        lambda data, ids: function(data, ids, sorted=is_sorted),
        input_signature=[sw.TensorSpec([None, 2], "float64"), sw.TensorSpec([None], "int32")],
    )
    np.testing.assert_allclose(compiled(data, ids).numpy(), expected[: ids.max() + 1])


def test_fourier_transforms():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3, 4, 6)), rng.normal(size=(3, 4, 6))
    z = x[0] + 1j * x[1]
    for ours, theirs in ((math.fft, np.fft.fft), (math.fft2, np.fft.fft2), (math.ifft2, np.fft.ifft2)):
        real, imaginary = ours(x)
        np.testing.assert_allclose(real.numpy() + 1j * imaginary.numpy(), theirs(z))
    real, imaginary = math.rfft(x[0], 5)
    np.testing.assert_allclose(real.numpy() + 1j * imaginary.numpy(), np.fft.rfft(x[0], 5))
    np.testing.assert_allclose(math.irfft((real, imaginary), 5).numpy(), x[0][..., :5])
    with pytest.raises(ValueError, match="tuple of two tensors"):
        math.fft(x[0])


@pytest.mark.parametrize("center", [True, False])
@pytest.mark.parametrize("window", ["hann", "hamming"])
def test_a_signal_comes_back_from_its_short_time_transforms(center, window):
    x = np.random.default_rng(0).normal(size=(2, 64)).astype(np.float32)
    sizes = {"sequence_length": 12, "sequence_stride": 3, "fft_length": 16, "window": window, "center": center}

    @sw.function(input_signature=[sw.TensorSpec([None, 64])])
    def there_and_back(x):
        return math.istft(math.stft(x, **sizes), **sizes)

    found = there_and_back(x).numpy()
    inner = slice(16, 40)
    np.testing.assert_allclose(found[:, inner], x[:, inner], atol=1e-4)


def test_distances_and_sequences():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 4, 3)), rng.normal(size=(2, 5, 3))
    expected = np.linalg.norm(x[:, :, None] - y[:, None], axis=-1)
    np.testing.assert_allclose(math.cdist(x, y).numpy(), expected)
    assert math.extract_sequences(np.arange(6), 3, 2).numpy().tolist() == [[0, 1, 2], [2, 3, 4]]
    values, indices = math.top_k([1, 3, 2], 2)
    assert (values.numpy().tolist(), indices.numpy().tolist()) == ([3, 2], [1, 2])
    half = math.erfinv(np.array([0.5], np.float16))
    assert half.dtype == sw.float16
    np.testing.assert_allclose(half.numpy(), [0.4769], atol=1e-3)
