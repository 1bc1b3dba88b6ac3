"""Boxes in images and initializers: what TensorFlow 2.21 returned for the same arguments, on all engines."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples
from support.every_engine import EveryEngine

import stepwell as sw
from stepwell.errors import InvalidArgumentError

F = np.float32
IMAGE = np.array([1, 5, 2, 8, 3, 9, 4, 7, 6, 0, 1, 3], F).reshape(1, 3, 4, 1)
BOXES = np.array([[0, 0, 1, 1], [0, 0.1, 1, 1.1], [0, 2, 1, 3], [0, 2.05, 1, 3.05], [5, 5, 6, 6]], F)
SCORES = np.array([0.9, 0.75, 0.6, 0.95, 0.5], F)
BEST = EveryEngine(
    lambda boxes, scores, count, share: sw.image.non_max_suppression(boxes, scores, count, share, 0.05),
    2,
    1,
    ((), np.int32),
    ((), F),
)


def _best(boxes, scores, count, share, least):
    """One box after the other."""

    def area(low, high):
        return max(high[0] - low[0], 0) * max(high[1] - low[1], 0)

    kept = []
    for number in np.argsort(-scores, kind="stable"):
        low, high = np.minimum(boxes[number, :2], boxes[number, 2:]), np.maximum(boxes[number, :2], boxes[number, 2:])
        shares = []
        for other in kept:
            a, b = np.minimum(boxes[other, :2], boxes[other, 2:]), np.maximum(boxes[other, :2], boxes[other, 2:])
            common = area(np.maximum(low, a), np.minimum(high, b))
            whole = area(low, high) + area(a, b) - common
            shares.append(common / whole if area(low, high) > 0 and area(a, b) > 0 else 0)
        if all(each <= share for each in shares):
            kept.append(int(number))
    return [number for number in kept if scores[number] > least][:count]


@settings(max_examples=examples(15), deadline=None)
@given(count=st.integers(0, 6), size=st.integers(0, 6), share=st.sampled_from([0.0, 0.3, 0.6]), seed=st.integers(0, 99))
def test_the_best_boxes(count, size, share, seed):
    random = np.random.default_rng(seed)
    boxes, scores = random.integers(0, 4, (size, 4)).astype(F), random.permutation(size).astype(F) / 10
    found = BEST.check(boxes, scores, np.array(count, np.int32), np.array(share, F))
    assert found.numpy().tolist() == _best(boxes, scores, count, share, 0.05) and found.dtype == np.int32


def test_the_best_boxes_are_those_of_tensorflow():
    assert sw.image.non_max_suppression(BOXES, SCORES, 3).numpy().tolist() == [3, 0, 4]
    assert sw.image.non_max_suppression(BOXES, SCORES, 5, score_threshold=0.55).numpy().tolist() == [3, 0]
    assert sw.image.non_max_suppression(BOXES, SCORES, 5, 0.9, 0.6).numpy().tolist() == [3, 0, 1]
    with pytest.raises(InvalidArgumentError, match="expected rows of 4 numbers"):
        sw.image.non_max_suppression(BOXES[:, :3], SCORES, 3)


def test_parts_of_images_of_one_size():
    def parts(x, boxes, owners):
        return [
            sw.image.crop_and_resize(x, boxes, owners, [2, 2]),
            sw.image.crop_and_resize(x, boxes[:1] * 1.5, owners[:1], [2, 3], "nearest", -1.0),
            sw.image.crop_and_resize(x, boxes[:1] - 0.5, owners[:1], [3, 1], extrapolation_value=7.0),
        ]

    boxes = np.array([[0, 0, 1, 1], [0.2, 0.1, 0.8, 0.7], [0.9, 0.9, 0.1, 0.1]], F)
    engines = EveryEngine(parts, 4, 2, (1, np.int32))
    whole, nearest, middle = engines.check(IMAGE, boxes, np.zeros(3, np.int32), rtol=1e-5)
    expected = [[[1, 8], [6, 3]], [[3.24, 3.28], [4.44, 2.44]], [[3.14, 4.32], [6.18, 2.72]]]
    np.testing.assert_allclose(whole[..., 0], expected, rtol=1e-5)
    assert nearest.shape == (1, 2, 3, 1) and nearest[0, 1, :, 0].numpy().tolist() == [-1, -1, -1]
    assert middle[0, :, 0, 0].numpy().tolist() == [7, 1, 3]
    engines.refuses(IMAGE, boxes, np.ones(3, np.int32))
    found = sw.image.crop_and_resize(IMAGE, [[0, 0, 1.5, 1]], [0], [2, 3], "nearest", -1)
    assert found[0, ..., 0].numpy().tolist() == [[1, 2, 8], [-1, -1, -1]]
    assert float(sw.image.crop_and_resize(IMAGE, [[0, 0, 1, 1]], [0], [1, 1])[0, 0, 0, 0]) == 6.5


def test_initializers():
    sw.random.set_seed(1)
    assert sw.zeros_initializer()([2], sw.int32).numpy().tolist() == [0, 0]
    assert sw.ones_initializer()([2]).numpy().tolist() == [1, 1]
    assert sw.constant_initializer(3)([2]).numpy().tolist() == [3, 3]
    assert sw.constant_initializer([1, 2, 3, 4])([2, 2], dtype=sw.float32).numpy().tolist() == [[1, 2], [3, 4]]
    with_seed = sw.random_normal_initializer(seed=5)
    for _ in range(2):
        np.testing.assert_allclose(with_seed([3]), [-0.102769, 0.057909, 0.00958], atol=1e-6)
    np.testing.assert_allclose(sw.random_normal_initializer(1.0, 2.0)([3]), [-1.20244, 4.091503, 1.767288], atol=1e-5)
    np.testing.assert_allclose(sw.random_uniform_initializer(seed=5)([3]), [-0.043815, 0.033167, 0.047358], atol=1e-6)
    assert sw.random_uniform_initializer(0, 10, seed=1)([3], sw.int32).numpy().tolist() == [9, 4, 0]
    assert with_seed.get_config() == {"mean": 0.0, "stddev": 0.05, "seed": 5}
    assert sw.random_normal_initializer.from_config(with_seed.get_config()).seed == 5
    with pytest.raises(InvalidArgumentError, match="expected a floating-point dtype, got int32"):
        with_seed([3], sw.int32)


def test_scores_fall_with_what_boxes_have_in_common():
    def suppressed(boxes, scores):
        return sw.image.non_max_suppression_with_scores(boxes, scores, 3, 0.9, 0.1, soft_nms_sigma=0.5)

    boxes = np.float32([[0, 0, 1, 1], [0, 0, 1, 0.5], [0, 2, 1, 3], [0, 0, 1, 1]])
    scores = np.float32([0.8, 0.9, 0.7, 0.05])
    indices, found = EveryEngine(suppressed, ([None, 4], np.float32), 1, engines=["interpreter"]).check(
        boxes, scores, rtol=1e-6
    )
    assert indices.numpy().tolist() == [1, 2, 0]  # the third score is 0.8 * exp(-0.5 ** 2)
    np.testing.assert_allclose(found, [0.9, 0.7, 0.8 * np.exp(-0.25)], rtol=1e-6)
    least = sw.image.non_max_suppression_with_scores(boxes, scores, 3, 0.1, 0.1, soft_nms_sigma=0.5)
    assert least[0].numpy().tolist() == [1, 2, 0]  # TensorFlow 2.21: the threshold does not leave out then
    assert sw.image.non_max_suppression_with_scores(boxes, scores, 9)[0].numpy().tolist() == [1, 0, 2]
