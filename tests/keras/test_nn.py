"""keras.ops.nn on stepwell, against NumPy."""

from __future__ import annotations

import importlib
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

import stepwell as sw
from stepwell._keras_import import install

install()
keras = importlib.import_module("keras")
nn = keras.src.backend.nn


def dynamic(function, *arrays):
    """What a function returns where it was compiled for arrays of unknown sizes."""
    signature = [sw.TensorSpec([None] * array.ndim, array.dtype.name) for array in arrays]
    return sw.function(function, input_signature=signature)(*arrays)


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


def _softmax(x, axis=-1):
    y = np.exp(x - x.max(axis, keepdims=True))
    return y / y.sum(axis, keepdims=True)


ACTIVATIONS = {
    "relu": lambda x: np.maximum(x, 0),
    "relu6": lambda x: np.clip(x, 0, 6),
    "sigmoid": _sigmoid,
    "sparse_sigmoid": lambda x: np.clip((x + 1) / 2, 0, 1),
    "tanh_shrink": lambda x: x - np.tanh(x),
    "softplus": lambda x: np.log1p(np.exp(x)),
    "softsign": lambda x: x / (1 + abs(x)),
    "soft_shrink": lambda x: np.sign(x) * np.maximum(abs(x) - 0.5, 0),
    "sparse_plus": lambda x: np.where(x <= -1, 0, np.where(x < 1, (x + 1) ** 2 / 4, x)),
    "silu": lambda x: x * _sigmoid(x),
    "squareplus": lambda x: (x + np.sqrt(x * x + 4)) / 2,
    "log_sigmoid": lambda x: np.log(_sigmoid(x)),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.2 * x),
    "hard_sigmoid": lambda x: np.clip((x + 3) / 6, 0, 1),
    "hard_silu": lambda x: x * np.clip((x + 3) / 6, 0, 1),
    "elu": lambda x: np.where(x > 0, x, np.expm1(x)),
    "celu": lambda x: np.where(x > 0, x, np.expm1(x)),
    "hard_tanh": lambda x: np.clip(x, -1, 1),
    "hard_shrink": lambda x: np.where(abs(x) > 0.5, x, 0),
    "softmax": _softmax,
    "log_softmax": lambda x: np.log(_softmax(x)),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_and_its_gradient(name):
    x = np.random.default_rng(3).uniform(-4, 8, (5, 4))
    function, reference = getattr(nn, name), ACTIVATIONS[name]
    np.testing.assert_allclose(dynamic(function, x).numpy(), reference(x), rtol=1e-10, atol=1e-12)
    weights = np.arange(20.0).reshape(5, 4)
    with sw.GradientTape() as tape:
        tape.watch(t := sw.constant(x))
        total = sw.reduce_sum(function(t) * weights)
    step = 1e-6
    expected = np.zeros_like(x)
    for place in np.ndindex(*x.shape):
        moved = np.zeros_like(x)
        moved[place] = step
        expected[place] = ((reference(x + moved) - reference(x - moved)) * weights).sum() / (2 * step)
    np.testing.assert_allclose(tape.gradient(total, t).numpy(), expected, rtol=1e-5, atol=1e-5)


@given(st.integers(1, 9), st.integers(1, 9), st.sampled_from(["channels_first", "channels_last"]), st.booleans())
@settings(max_examples=examples(20), deadline=None)
def test_adaptive_pools(size, count, data_format, is_max):
    x = np.random.default_rng(size).normal(size=(2, 3, size)).astype(np.float32)
    reduce = np.max if is_max else np.mean
    windows = [x[..., i * size // count : -(-(i + 1) * size // count)] for i in range(count)]
    expected = np.stack([reduce(window, -1) for window in windows], -1)
    function = nn.adaptive_max_pool if is_max else nn.adaptive_average_pool
    if data_format == "channels_last":
        found = function(x.transpose(0, 2, 1), count, data_format).numpy().transpose(0, 2, 1)
    else:
        found = function(x, (count,), data_format).numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@given(st.data())
@settings(max_examples=examples(15), deadline=None)
def test_fold_is_the_transpose_of_unfold(data):
    pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))
    kernel, dilation, stride = (data.draw(pairs) for _ in range(3))
    padding = data.draw(st.tuples(st.integers(0, 2), st.integers(0, 2)))
    options = {"kernel_size": kernel, "dilation": dilation, "padding": padding, "stride": stride}
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 3, 8, 9))
    windows = dynamic_batch(lambda x: nn.unfold(x, **options), x).numpy()
    y = rng.normal(size=windows.shape)
    image = dynamic_batch(lambda y: nn.fold(y, (8, 9), **options), y).numpy()
    np.testing.assert_allclose((windows * y).sum(), (x * image).sum(), rtol=1e-9)


def dynamic_batch(function, x):
    """What a function returns where it was compiled for any number of examples."""
    return sw.function(function, input_signature=[sw.TensorSpec([None, *x.shape[1:]], x.dtype.name)])(x)


def test_convolutions_of_both_layouts():
    rng = np.random.default_rng(0)
    x, depthwise, pointwise = (
        rng.normal(size=(2, 9, 8, 3)),
        rng.normal(size=(3, 2, 3, 2)),
        rng.normal(size=(1, 1, 6, 4)),
    )
    options = {"strides": 2, "padding": "same", "dilation_rate": (2, 1)}
    last = dynamic_batch(
        lambda x: nn.separable_conv(x, depthwise, pointwise, data_format="channels_last", **options), x
    )
    first = nn.separable_conv(x.transpose(0, 3, 1, 2), depthwise, pointwise, data_format="channels_first", **options)
    np.testing.assert_allclose(last.numpy(), first.numpy().transpose(0, 2, 3, 1), rtol=1e-9)
    full = np.einsum("hwcm,cmo->hwco", depthwise, pointwise.reshape(3, 2, 4))
    np.testing.assert_allclose(last.numpy(), nn.conv(x, full, **options).numpy(), rtol=1e-9)
    with pytest.raises(ValueError, match="empty output"):
        nn.conv(x, np.ones((10, 1, 3, 1)))


def test_conv_transpose_is_the_gradient_of_conv():
    rng = np.random.default_rng(0)
    x, kernel = rng.normal(size=(2, 7, 3)), rng.normal(size=(3, 3, 4))
    with sw.GradientTape() as tape:
        tape.watch(t := sw.constant(x))
        y = nn.conv(t, kernel, 2, "same")
    dy = rng.normal(size=y.shape)
    found = dynamic_batch(lambda dy: nn.conv_transpose(dy, kernel, 2, "same", output_padding=0), dy)
    np.testing.assert_allclose(found.numpy(), tape.gradient(y, t, dy).numpy(), rtol=1e-9)


def test_losses_use_the_logits_that_chances_were_computed_of():
    logits = np.array([[0.0, 200.0], [300.0, 0.0]], np.float32)

    def losses(logits):
        chances, single = nn.softmax(logits), nn.sigmoid(logits)
        return (
            nn.sparse_categorical_crossentropy([0, 0], chances),
            nn.categorical_crossentropy([[1.0, 0.0], [1.0, 0.0]], chances),
            nn.binary_crossentropy([[1.0, 0.0], [1.0, 1.0]], single),
        )

    for found in (losses(sw.constant(logits)), sw.function(losses)(logits)):
        np.testing.assert_allclose(found[0].numpy(), [200, 0], atol=1e-6)
        np.testing.assert_allclose(found[1].numpy(), [200, 0], atol=1e-6)
        np.testing.assert_allclose(found[2].numpy(), [[np.log(2), 200], [0, np.log(2)]], rtol=1e-6)
    with pytest.warns(UserWarning, match="from_logits=True"):
        nn.binary_crossentropy([0.0], nn.sigmoid([1.0]), from_logits=True)
    plain = sw.constant(_softmax(logits).astype(np.float32))
    found = nn.sparse_categorical_crossentropy([0, 0], plain).numpy()
    np.testing.assert_allclose(found[0], -np.log(1e-7), rtol=1e-5)
    with pytest.raises(ValueError, match="same shape"):
        nn.binary_crossentropy(np.ones((2, 3)), np.ones((2, 2)))


def test_attention():
    rng = np.random.default_rng(0)
    q, k, v = rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(2, 6, 2, 5)), rng.normal(size=(2, 6, 2, 5))
    mask = rng.random((2, 4, 3, 6)) < 0.7
    mask[..., 0] = True
    wide_k, wide_v = np.repeat(k, 2, 2), np.repeat(v, 2, 2)
    products = np.einsum("btnh,bsnh->bnts", q, wide_k) / np.sqrt(5)
    expected = np.einsum("bnts,bsnh->btnh", _softmax(np.where(mask, products, -1e30)), wide_v)
    np.testing.assert_allclose(nn.dot_product_attention(q, k, v, mask=mask).numpy(), expected, rtol=1e-4, atol=1e-6)
    half = nn.dot_product_attention(*(x.astype(np.float16) for x in (q, k, v)), mask=mask)
    assert half.dtype == sw.float16
    np.testing.assert_allclose(half.numpy(), expected, atol=1e-2)


def test_statistics_of_float16_are_those_of_float32():
    x = np.array([[200.0, 400.0], [65000.0, 65000.0]], np.float16)
    mean, variance = nn.moments(x, axes=[1])
    np.testing.assert_array_equal(mean.numpy(), np.array([300, 65000], np.float16))
    np.testing.assert_array_equal(variance.numpy(), np.array([10000, 0], np.float16))
    assert nn.moments(np.array([0, 60000], np.float16), axes=[0])[1].numpy() == np.finfo(np.float16).max


def test_batch_normalization_along_an_inner_axis():
    x = np.random.default_rng(0).normal(size=(4, 3, 5))
    mean, variance, offset, scale = np.arange(12.0).reshape(4, 3) + 1
    expected = (x - mean[:, None]) / np.sqrt(variance[:, None] + 1e-3) * scale[:, None] + offset[:, None]
    found = dynamic(
        lambda x, *s: nn.batch_normalization(x, s[0], s[1], 1, s[2], s[3]), x, mean, variance, offset, scale
    )
    np.testing.assert_allclose(found.numpy(), expected)


def test_hot_vectors():
    assert nn.one_hot([1, -1], 3, axis=0, dtype="bool").numpy().tolist() == [[False, False], [True, False], [False] * 2]
    assert nn.multi_hot([[0, 2], [1, 1]], 3, dtype="int32").numpy().tolist() == [[1, 0, 1], [0, 1, 0]]


def test_beam_search_finds_the_likeliest_labels_of_all():
    logits = np.random.default_rng(2).normal(size=(2, 4, 3)).astype(np.float32)
    labels, scores = sw.function(lambda x: nn.ctc_decode(x, [4, 3], "beam_search", 50, 2, mask_index=1))(logits)
    for example, length in enumerate([4, 3]):
        chances: dict[tuple[int, ...], float] = {}
        for path in itertools.product(range(3), repeat=length):
            merged = tuple(label for label, _ in itertools.groupby(path) if label != 1)
            steps = _softmax(logits[example])[range(length), path]
            chances[merged] = chances.get(merged, 0) + steps.prod()
        best = sorted(chances, key=lambda path: -chances[path])[:2]
        for rank, path in enumerate(best):
            assert labels[rank, example].numpy().tolist() == [*path] + [-1] * (4 - len(path))
            np.testing.assert_allclose(scores[example, rank].numpy(), np.log(chances[path]), rtol=1e-4)


def test_greedy_labels():
    steps = [[0, 1, 1, 2, 2, 0, 2]]
    labels, scores = nn.ctc_decode(np.eye(3, dtype=np.float32)[steps] * 5, [6], mask_index=0)
    assert labels.numpy().tolist() == [[[1, 2, -1, -1, -1, -1, -1]]]
    assert scores.numpy().tolist() == [[-30.0]]


def test_sparsemax_sums_to_one():
    x = np.random.default_rng(0).normal(size=(3, 5)) * 2
    found = dynamic(lambda x: nn.sparsemax(x, 0), x).numpy()
    np.testing.assert_allclose(found.sum(0), 1)
    inside = found > 0
    # The difference of x to the result is the same for all that are not 0, and less for the others.
    level = np.where(inside, x - found, -np.inf).max(0)
    np.testing.assert_allclose((x - found)[inside], np.broadcast_to(level, x.shape)[inside])
    assert (x <= level)[~inside].all()
