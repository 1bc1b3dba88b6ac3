"""Activations, normalisation and losses: against their definitions, where these overflow, natively, differentiated."""

import math

import numpy as np
import pytest

import stepwell as sw


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


_ERF = np.vectorize(math.erf, otypes=[np.float64])

ACTIVATIONS = {
    "relu": lambda x: np.maximum(x, 0),
    "relu6": lambda x: np.clip(x, 0, 6),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.2 * x),
    "elu": lambda x: np.where(x > 0, x, np.exp(np.minimum(x, 0)) - 1),
    "selu": lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * (np.exp(np.minimum(x, 0)) - 1)),
    "gelu": lambda x: 0.5 * x * (1 + _ERF(x / math.sqrt(2))),
    "silu": lambda x: x * _sigmoid(x),
    "sigmoid": _sigmoid,
    "tanh": np.tanh,
    "softplus": lambda x: np.log(1 + np.exp(x)),
    "softsign": lambda x: x / (1 + abs(x)),
    "softmax": lambda x: np.exp(x) / np.exp(x).sum(-1, keepdims=True),
    "log_softmax": lambda x: np.log(np.exp(x) / np.exp(x).sum(-1, keepdims=True)),
}
SPARSE = sw.nn.sparse_softmax_cross_entropy_with_logits
X = np.array([[-7.0, -1.5, -0.25, 0.0], [0.5, 2.0, 5.5, 8.0]])


@pytest.mark.parametrize("engine", ["native", "interpreter", "onnx"])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation(name, engine):
    function = getattr(sw.nn, name)
    np.testing.assert_allclose(function(X).numpy(), ACTIVATIONS[name](X), rtol=1e-12, atol=1e-15)
    compiled = sw.function(function, engine=engine, input_signature=[sw.TensorSpec([None, 4], sw.float32)])
    x = X.astype(np.float32)
    np.testing.assert_allclose(compiled(x).numpy(), ACTIVATIONS[name](X), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_gradient_of_activation(name):
    """At 0 too, where the pieces of softplus and others meet smoothly."""
    kinked = {"relu": {0.0}, "leaky_relu": {0.0}, "relu6": {0.0}, "selu": {0.0}}.get(name, set())
    x, weights = sw.constant(X), np.arange(1.0, 9.0).reshape(X.shape)
    with sw.GradientTape() as tape:
        tape.watch(x)
        y = getattr(sw.nn, name)(x)
    found, step = tape.gradient(y, x, sw.constant(weights)).numpy(), 1e-6
    for place in np.ndindex(X.shape):
        moved = [X.copy(), X.copy()]
        moved[0][place] += step
        moved[1][place] -= step
        above, below = (float((ACTIVATIONS[name](m) * weights).sum()) for m in moved)
        if X[place] not in kinked:
            assert found[place] == pytest.approx((above - below) / (2 * step), rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("name", "x", "expected", "slope"),
    [
        ("softplus", [-1000.0, 0.0, 1000.0], [0.0, math.log(2), 1000.0], [0.0, 0.5, 1.0]),
        ("log_sigmoid", [-1000.0, 0.0, 1000.0], [-1000.0, -math.log(2), 0.0], [1.0, 0.5, 0.0]),
        ("elu", [-1000.0, 0.0, 1000.0], [-1.0, 0.0, 1000.0], [0.0, 1.0, 1.0]),
        ("relu6", [-1.0, 3.0, 1000.0], [0.0, 3.0, 6.0], [0.0, 1.0, 0.0]),
        ("gelu", [-1000.0, 0.0, 1000.0], [0.0, 0.0, 1000.0], [0.0, 0.5, 1.0]),
        ("sigmoid", [-1000.0, 0.0, 1000.0], [0.0, 0.5, 1.0], [0.0, 0.25, 0.0]),
    ],
)
def test_far_from_zero(name, x, expected, slope, dtype):
    function = getattr(sw.nn, name, None) or getattr(sw.math, name)

    def both(x):
        with sw.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        return y, tape.gradient(y, x)

    for run in (both, sw.function(both)):
        y, gradient = run(sw.constant(np.array(x, dtype)))
        np.testing.assert_allclose(y.numpy(), np.array(expected, dtype), rtol=1e-6, atol=1e-30)
        np.testing.assert_allclose(gradient.numpy(), np.array(slope, dtype), rtol=1e-6, atol=1e-30)


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_nan_stays(name):
    x = sw.constant([[np.nan, 1.0]])
    assert np.isnan(getattr(sw.nn, name)(x).numpy()[0, 0])
    assert np.isnan(sw.function(getattr(sw.nn, name))(x).numpy()[0, 0])


def test_softmax_of_large_and_absent_logits():
    logits = sw.constant([[1000.0, 1000.0, -np.inf], [-1000.0, 0.0, -2000.0]])
    assert sw.nn.softmax(logits).numpy().tolist() == [[0.5, 0.5, 0.0], [0.0, 1.0, 0.0]]
    log_half = np.float32(-math.log(2))
    np.testing.assert_allclose(sw.nn.log_softmax(logits).numpy()[0], [log_half, log_half, -np.inf], rtol=1e-6)
    with sw.GradientTape() as tape:
        tape.watch(logits)
        y = sw.nn.softmax(logits)[:, 0]
    np.testing.assert_allclose(tape.gradient(y, logits).numpy(), [[0.25, -0.25, 0.0], [0.0, 0.0, 0.0]], atol=1e-7)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_softmax_along_an_axis(axis):
    expected = np.exp(X) / np.exp(X).sum(axis, keepdims=True)
    np.testing.assert_allclose(sw.nn.softmax(X, axis).numpy(), expected, rtol=1e-12)
    np.testing.assert_allclose(sw.nn.log_softmax(X, axis=axis).numpy(), np.log(expected), rtol=1e-9)


LABELS, LOGITS = np.array([[0.0, 1.0, 0.25], [1.0, 0.0, 0.5]]), np.array([[-3.0, 0.0, 2.0], [1.5, -0.5, 0.25]])


@pytest.mark.parametrize("compiled", [False, True])
def test_cross_entropies(compiled):
    def losses(labels, places, logits):
        return (
            sw.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits),
            sw.nn.weighted_cross_entropy_with_logits(labels, logits, pos_weight=3.0),
            sw.nn.softmax_cross_entropy_with_logits(labels, logits),
            sw.nn.sparse_softmax_cross_entropy_with_logits(places, logits),
        )

    p, q = _sigmoid(LOGITS), np.exp(LOGITS) / np.exp(LOGITS).sum(-1, keepdims=True)
    places = np.array([2, 0])
    expected = (
        -LABELS * np.log(p) - (1 - LABELS) * np.log(1 - p),
        -3 * LABELS * np.log(p) - (1 - LABELS) * np.log(1 - p),
        -(LABELS * np.log(q)).sum(-1),
        -np.log(q[[0, 1], places]),
    )
    for got, want in zip((sw.function(losses) if compiled else losses)(LABELS, places, LOGITS), expected):
        np.testing.assert_allclose(got.numpy(), want, rtol=1e-12)


@pytest.mark.parametrize("compiled", [False, True])
def test_gradients_of_cross_entropies(compiled):
    """The known ones: probabilities less labels."""
    places = np.array([2, 0])

    def gradients(logits):
        with sw.GradientTape(persistent=True) as tape:
            tape.watch(logits)
            first = sw.nn.sigmoid_cross_entropy_with_logits(LABELS, logits)
            second = sw.nn.softmax_cross_entropy_with_logits(LABELS, logits)
            third = sw.nn.sparse_softmax_cross_entropy_with_logits(places, logits)
        return [tape.gradient(loss, logits) for loss in (first, second, third)]

    q = np.exp(LOGITS) / np.exp(LOGITS).sum(-1, keepdims=True)
    expected = [_sigmoid(LOGITS) - LABELS, q * LABELS.sum(-1, keepdims=True) - LABELS, q - np.eye(3)[places]]
    for got, want in zip((sw.function(gradients) if compiled else gradients)(sw.constant(LOGITS)), expected):
        np.testing.assert_allclose(got.numpy(), want, rtol=1e-12, atol=1e-15)


def test_cross_entropies_of_certainties():
    big = sw.constant([[1000.0, -1000.0]])
    assert sw.nn.sigmoid_cross_entropy_with_logits([[1.0, 1.0]], big).numpy().tolist() == [[0.0, 1000.0]]
    assert sw.nn.softmax_cross_entropy_with_logits([[0.0, 1.0]], big).numpy().tolist() == [2000.0]
    assert sw.nn.sparse_softmax_cross_entropy_with_logits([1], big).numpy().tolist() == [2000.0]


@pytest.mark.parametrize("axis", [None, 0, [0, 1], -1])
def test_normalisation(axis):
    length = np.sqrt((X**2).sum(tuple(axis) if isinstance(axis, list) else axis, keepdims=True))
    np.testing.assert_allclose(sw.math.l2_normalize(X, axis).numpy(), X / length, rtol=1e-12)
    assert sw.nn.l2_normalize([0.0, 0.0]).numpy().tolist() == [0.0, 0.0]


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axes", [[0], [1], [0, 1]])
def test_moments(axes, keepdims):
    mean, variance = sw.nn.moments(X, axes, keepdims=keepdims)
    np.testing.assert_allclose(mean.numpy(), X.mean(tuple(axes), keepdims=keepdims), rtol=1e-12)
    np.testing.assert_allclose(variance.numpy(), X.var(tuple(axes), keepdims=keepdims), rtol=1e-12)
    normal = sw.nn.batch_normalization(X, *sw.nn.moments(X, axes, keepdims=True), 1.0, 2.0, 1e-3).numpy()
    expected = (X - X.mean(tuple(axes), keepdims=True)) / np.sqrt(X.var(tuple(axes), keepdims=True) + 1e-3) * 2 + 1
    np.testing.assert_allclose(normal, expected, rtol=1e-9)


def test_bias_add():
    x, bias = np.arange(24.0).reshape(2, 3, 2, 2), np.array([10.0, 20.0, 30.0])
    np.testing.assert_array_equal(sw.nn.bias_add(x[:, 0], bias[:2]).numpy(), x[:, 0] + bias[:2])
    found = sw.nn.bias_add(x, bias, data_format="NCHW").numpy()
    np.testing.assert_array_equal(found, x + bias[:, None, None])
    with pytest.raises(ValueError, match="bias_add: bias: expected 2 elements"):
        sw.nn.bias_add(x, bias)


def test_dropout():
    x = sw.ones([40, 50])
    y = sw.nn.dropout(x, rate=0.25, seed=3).numpy()
    kept = y != 0
    np.testing.assert_allclose(y[kept], 4 / 3, rtol=1e-6)
    assert 0.7 < kept.mean() < 0.8
    assert sw.nn.dropout(x, rate=0).numpy().tolist() == x.numpy().tolist()
    rows = sw.function(lambda x: sw.nn.dropout(x, 0.5, noise_shape=[40, 1]))(x).numpy()
    assert (rows == rows[:, :1]).all()
    assert 0 < (rows[:, 0] != 0).sum() < 40
    with pytest.raises(ValueError, match="dropout: rate: expected a number from 0"):
        sw.nn.dropout(x, 1.0)


@pytest.mark.parametrize("axis", [None, 0, -1])
def test_statistics(axis):
    np.testing.assert_allclose(sw.reduce_logsumexp(X, axis).numpy(), np.log(np.exp(X).sum(axis)), rtol=1e-12)
    np.testing.assert_allclose(sw.math.reduce_variance(X, axis).numpy(), X.var(axis), rtol=1e-12)
    np.testing.assert_allclose(sw.math.reduce_std(X, axis, keepdims=True).numpy(), X.std(axis, keepdims=True))
    inf = sw.constant([[np.inf, 0.0], [-np.inf, -np.inf], [1000.0, 1000.0]])
    assert sw.reduce_logsumexp(inf, 1).numpy()[:2].tolist() == [np.inf, -np.inf]
    assert float(sw.reduce_logsumexp(inf[2])) == pytest.approx(1000 + math.log(2))


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: sw.nn.softmax([1, 2]), TypeError, "softmax: logits: expected floats, got dtype int32"),
        (lambda: sw.nn.softmax([1.0, 2.0], 1), ValueError, "softmax: axis: expected an axis of 1 axes, got 1"),
        (lambda: sw.nn.elu(sw.constant([1])), TypeError, "elu: features: expected floats"),
        (
            lambda: sw.nn.sigmoid_cross_entropy_with_logits([1.0], [[1.0]]),
            ValueError,
            r"sigmoid_cross_entropy_with_logits: labels: expected the shape of logits, \(1, 1\), got \(1,\)",
        ),
        (lambda: sw.nn.sigmoid_cross_entropy_with_logits([1.0]), ValueError, "expected labels and logits"),
        (
            lambda: sw.nn.sparse_softmax_cross_entropy_with_logits([[1]], [[1.0]]),
            ValueError,
            "labels: expected an axis",
        ),
        (lambda: sw.nn.sparse_softmax_cross_entropy_with_logits([3], [[1.0]]), ValueError, "index 3 is out of range"),
        (
            lambda: sw.nn.sparse_softmax_cross_entropy_with_logits([0.5], [[1.0]]),
            TypeError,
            "labels: expected integers",
        ),
    ],
)
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()


@pytest.mark.parametrize("engine", ["native", "interpreter", "onnx"])
def test_a_label_out_of_range_stops_the_program(engine):
    loss = sw.function(sw.nn.sparse_softmax_cross_entropy_with_logits, engine=engine)
    assert loss([1], [[0.0, 0.0]]).numpy()[0] == pytest.approx(math.log(2))
    with pytest.raises(Exception, match=r"index .*is out of range"):
        loss(sw.constant([2]), [[0.0, 0.0]])
