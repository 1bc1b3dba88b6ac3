"""`nn.ctc_loss`: TensorFlow 2.21's values and slopes, and sums over all paths that are short enough to list."""

from itertools import product

import numpy as np
import pytest

import stepwell as sw

LOGITS = np.random.default_rng(0).normal(size=(6, 3, 4)).astype("f")
LABELS = np.array([[1, 2, 0], [3, 3, 1], [2, 0, 0]], np.int32)


def loss_and_slope(x, labels, lengths, frames):
    with sw.GradientTape() as tape:
        tape.watch(x)
        loss = sw.nn.ctc_loss(labels, x, lengths, frames)
    return loss, tape.gradient(loss, x)


def folded(slope):
    return float(np.sum(slope.numpy() * np.arange(slope.numpy().size).reshape(slope.shape)))


@pytest.mark.parametrize("mode", ["eager", "native", "interpreter"])
def test_values_and_slopes_are_tensorflows(mode):
    integers = [sw.TensorSpec([3, None], sw.int32), *[sw.TensorSpec([3], sw.int32)] * 2]
    call = {
        "eager": loss_and_slope,
        "native": sw.function(loss_and_slope),
        "interpreter": sw.function(
            loss_and_slope, engine="interpreter", input_signature=[sw.TensorSpec([None, 3, 4]), *integers]
        ),
    }[mode]
    as_given = [np.array([2, 3, 1], np.int32), np.array([6, 5, 4], np.int32)]
    loss, slope = call(sw.constant(LOGITS), sw.constant(LABELS), *map(sw.constant, as_given))
    np.testing.assert_allclose(loss, [3.9796226024627686, 4.984127521514893, 4.776037693023682], rtol=1e-5)
    start = [-0.3472607433795929, -0.252144992351532, 0.37808725237846375, 0.22131843864917755, -0.018171675503253937]
    np.testing.assert_allclose(slope.numpy().reshape(-1)[:5], start, rtol=1e-4)
    np.testing.assert_allclose(folded(slope), 6.2317047119140625, rtol=1e-3)
    none, frames = np.zeros(3, np.int32), np.array([6, 0, 4], np.int32)
    loss, slope = call(sw.constant(LOGITS), sw.constant(LABELS), none, frames)
    np.testing.assert_allclose(loss, [10.711191177368164, 0, 7.744448184967041], rtol=1e-5)
    np.testing.assert_allclose(folded(slope), 16.012115478515625, rtol=1e-3)


def test_a_compiled_function_is_differentiated_from_outside():
    f = sw.function(lambda x: sw.nn.ctc_loss(LABELS, x, [2, 3, 1], [6, 5, 4]))
    x = sw.constant(LOGITS)
    with sw.GradientTape() as tape:
        tape.watch(x)
        total = sw.reduce_sum(f(x) * [1.0, 2.0, 3.0])
    slope = tape.gradient(total, x)
    _, own = loss_and_slope(x, LABELS, [2, 3, 1], [6, 5, 4])
    np.testing.assert_allclose(slope, own.numpy() * np.array([1, 2, 3])[None, :, None], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("labels, blank", [([1], 0), ([1, 1], 0), ([2, 1], 0), ([0, 1], 2), ([0, 0], -1), ([], 0)])
def test_the_loss_is_the_sum_over_all_paths(labels, blank):
    frames, classes = 4, 3
    x = np.random.default_rng(3).normal(size=(1, frames, classes)).astype(np.float64)
    logs = x - np.log(np.exp(x).sum(-1, keepdims=True))
    nothing, total = blank % classes, 0.0
    for path in product(range(classes), repeat=frames):
        merged = [a for i, a in enumerate(path) if i == 0 or a != path[i - 1]]
        if [a for a in merged if a != nothing] == labels:
            total += np.exp(sum(logs[0, t, a] for t, a in enumerate(path)))
    rows = np.array([[*labels, 0, 0]], np.int64)
    loss = sw.nn.ctc_loss(rows, x, [len(labels)], [frames], logits_time_major=False, blank_index=blank)
    np.testing.assert_allclose(loss, [-np.log(total)], rtol=1e-9)


def test_a_sequence_that_is_too_short_has_a_finite_loss():
    loss, slope = loss_and_slope(sw.constant(LOGITS), LABELS, [2, 3, 1], [1, 3, 0])
    assert np.isfinite(slope.numpy()).all() and (np.array(loss) > 700).all() and (np.array(loss) < 720).all()


@pytest.mark.parametrize(
    "args, message",
    [
        ((LABELS, LOGITS[0], [1], [1]), "expected 3 axes of logits and 2 of labels"),
        ((LABELS.astype("f"), LOGITS, [1], [1]), "labels: expected integers"),
        ((LABELS, LOGITS.astype("i"), [1], [1]), "logits: expected floats"),
    ],
)
def test_arguments_that_do_not_fit(args, message):
    with pytest.raises(ValueError, match=message):
        sw.nn.ctc_loss(*args)
