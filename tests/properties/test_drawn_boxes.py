"""Frames drawn into images, one pixel after the other, and padded suppression beside that of one image."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples
from support.every_engine import EveryEngine

import stepwell as sw
from stepwell.errors import InvalidArgumentError, UnimplementedError

F = np.float32


def _drawn(images, boxes, colors):
    found = images.copy()
    _, height, width, channels = images.shape
    for image, rows in zip(found, boxes):
        for number, box in enumerate(rows):
            top, left, bottom, right = (int(F(v) * F(n)) for v, n in zip(box, [height - 1, width - 1] * 2))
            color = colors[number % len(colors), :channels]
            for row, column in np.ndindex(height, width):
                inside = top <= row <= bottom and left <= column <= right
                if inside and (row in (top, bottom) or column in (left, right)):
                    image[row, column] = color
    return found


@settings(max_examples=examples(40), deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([1, 3, 4]))
def test_frames_are_drawn_pixel_by_pixel(seed, channels):
    random = np.random.default_rng(seed)
    height, width, count = (int(n) for n in random.integers([1, 1, 0], [7, 7, 5]))
    images = random.random((2, height, width, channels)).astype(F)
    low = random.uniform(-0.5, 1.2, (2, count, 2))
    boxes = np.concatenate([low, low + random.uniform(-0.1, 1, low.shape)], -1).astype(F)
    colors = random.random((int(random.integers(1, 4)), 4)).astype(F)
    found = sw.image.draw_bounding_boxes(images, boxes, colors)
    np.testing.assert_array_equal(found, _drawn(images, boxes, colors))


BOXES = np.array([[[0.1, 0.2, 0.6, 0.7], [-0.5, 0.3, 0.5, 1.5], [0.5, 0.5, 0.1, 0.1], [1.2, 0, 1.5, 1]]], F)


def test_engines():
    images = np.random.default_rng(0).random((1, 6, 5, 3)).astype(F)
    colors = np.random.default_rng(1).random((2, 3)).astype(F)
    specs = (sw.TensorSpec([None, None, None, 3]), sw.TensorSpec([None, None, 4]), sw.TensorSpec([None, 3]))
    expected = _drawn(images, BOXES, colors)
    for engine in ("native", "interpreter", "onnx"):
        found = sw.function(sw.image.draw_bounding_boxes, engine=engine, input_signature=specs)(images, BOXES, colors)
        np.testing.assert_array_equal(found, expected)


def test_colors_by_default():
    drawn = sw.image.draw_bounding_boxes(np.zeros((1, 6, 6, 4), F), BOXES, None).numpy()[0]
    assert drawn[2, 2].tolist() == [0, 0, 1, 1] and drawn[3, 3].tolist() == [1, 1, 0, 1]
    gray = sw.image.draw_bounding_boxes(np.zeros((1, 6, 6, 1), F), BOXES, None).numpy()
    assert set(gray.ravel().tolist()) == {0.0, 1.0}
    half = sw.image.draw_bounding_boxes(np.zeros((1, 6, 6, 1), np.float16), BOXES, None)
    assert half.dtype == sw.float16 and half.numpy().tolist() == gray.tolist()


SQUARES = np.array([[0, 0, 1, 1], [0, 0.1, 1, 1.1], [0, 2, 1, 3], [0, 2.05, 1, 3.05], [5, 5, 6, 6]], F)
SCORES = np.array([0.9, 0.75, 0.6, 0.95, 0.5], F)


def test_padded_suppression():
    batch = np.stack([SQUARES, SQUARES[::-1]]), np.stack([SCORES, SCORES])

    def call(boxes, scores):
        one = sw.image.non_max_suppression_padded(boxes[0], scores[0], 2)
        return one, sw.image.non_max_suppression_padded(boxes, scores, 4, 0.5, 0.55, True)

    shapes = ((2, 5, 4), F), ((2, 5), F)
    (own, number), (indices, counts) = EveryEngine(call, *shapes).check(*batch)
    assert (own.numpy().tolist(), int(number)) == ([3, 0], 2)
    for image in range(2):
        best = sw.image.non_max_suppression(batch[0][image], batch[1][image], 4, 0.5, 0.55).numpy()
        assert counts.numpy()[image] == len(best)
        assert indices.numpy()[image].tolist() == [*best, *[0] * (4 - len(best))]
    assert indices.dtype == counts.dtype == sw.int32


ONE = np.zeros((1, 4, 4, 3), F)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: sw.image.draw_bounding_boxes(ONE[..., :2], BOXES, None), InvalidArgumentError),
        (lambda: sw.image.draw_bounding_boxes(ONE.astype(np.uint8), BOXES, None), TypeError),
        (lambda: sw.image.draw_bounding_boxes(ONE, BOXES[..., :3], None), InvalidArgumentError),
        (lambda: sw.image.draw_bounding_boxes(ONE, BOXES[0], None), InvalidArgumentError),
        (lambda: sw.image.draw_bounding_boxes(ONE, BOXES, [[1.0]]), InvalidArgumentError),
        (lambda: sw.image.non_max_suppression_padded(SQUARES, SQUARES, 1), InvalidArgumentError),
        (lambda: sw.image.non_max_suppression_padded(SQUARES[None], SCORES[None], 1), InvalidArgumentError),
    ],
)
def test_refusals(call, error):
    with pytest.raises(error, match="expected"):
        call()


def test_batches_of_unknown_sizes_are_refused():
    specs = sw.TensorSpec([None, 5, 4]), sw.TensorSpec([None, 5])

    def call(boxes, scores):
        return sw.image.non_max_suppression_padded(boxes, scores, 1, pad_to_max_output_size=True)

    with pytest.raises(UnimplementedError, match="batches of known sizes"):
        sw.function(call, input_signature=specs)(SQUARES[None], SCORES[None])
