"""Boxes of images: suppression by classes, and random parts that show objects. Values are TensorFlow 2.21's."""

import numpy as np
import pytest
from support.effort import by_turns

import stepwell as sw

ENGINES = ["native", "interpreter", "onnx"]
BOXES = np.array([[[0.1, 0.2, 0.5, 0.9], [0.3, 0.3, 0.4, 0.4]]], np.float32)


def _iou(a, b):
    (y1, x1, y2, x2), (v1, u1, v2, u2) = a, b
    both = max(min(y2, v2) - max(y1, v1), 0) * max(min(x2, u2) - max(x1, u1), 0)
    areas = (y2 - y1) * (x2 - x1), (v2 - v1) * (u2 - u1)
    return both / (sum(areas) - both) if min(areas) > 0 else 0.0


def _greedy(boxes, scores, most, overlap, least):
    """The boxes of one class, one after the other."""
    taken = []
    for index in np.argsort(-scores, kind="stable"):
        better = any(_iou(boxes[index], boxes[other]) > overlap for other in taken)
        if scores[index] > least and not better and len(taken) < most:
            taken.append(index)
    return taken


def _combined(boxes, scores, per_class, total, overlap, least):
    """What is left of an image: scores, classes and boxes."""
    found = []
    for kind in range(scores.shape[1]):
        own = boxes[:, min(kind, boxes.shape[1] - 1)]
        for index in _greedy(own, scores[:, kind], per_class, overlap, least):
            found.append((scores[index, kind], kind, *own[index].clip(0, 1)))
    return sorted(found, key=lambda each: -each[0])[:total]


@pytest.mark.parametrize(("kinds", "engine"), by_turns([1, 3], [None, *ENGINES]))
def test_combined_suppression_is_greedy_class_by_class(kinds, engine):
    def run(boxes, scores):
        return sw.image.combined_non_max_suppression(boxes, scores, 4, 9, 0.4, 0.2)

    signature = [sw.TensorSpec([None, None, kinds, 4]), sw.TensorSpec([None, None, 3])]
    call = run if engine is None else sw.function(run, engine=engine, input_signature=signature)
    source = np.random.default_rng(kinds)
    for count in (1, 12):
        corners = source.uniform(-0.2, 1.2, (2, count, kinds, 2, 2))
        boxes = np.concatenate([corners.min(-2), corners.max(-2)], -1).astype(np.float32)
        scores = source.permutation(2 * count * 3).reshape(2, count, 3).astype(np.float32) / (2 * count * 3)
        found = call(sw.constant(boxes), sw.constant(scores))
        for image in range(2):
            wanted = _combined(boxes[image], scores[image], 4, 9, 0.4, 0.2)
            number = int(found.valid_detections[image])
            assert number == len(wanted)
            rows = np.zeros((9, 6), np.float32)
            rows[:number] = np.array(wanted, np.float32).reshape(-1, 6)
            np.testing.assert_allclose(found.nmsed_scores[image], rows[:, 0])
            np.testing.assert_array_equal(found.nmsed_classes[image], rows[:, 1])
            np.testing.assert_allclose(found.nmsed_boxes[image], rows[:, 2:])


def test_combined_suppression_pads_to_what_can_be_left():
    boxes, scores = np.zeros((1, 2, 1, 4), np.float32), np.ones((1, 2, 3), np.float32)
    assert sw.image.combined_non_max_suppression(boxes, scores, 1, 9).nmsed_scores.shape == (1, 9)
    found = sw.image.combined_non_max_suppression(boxes, scores, 1, 9, pad_per_class=True)
    assert found.nmsed_scores.shape == (1, 3)
    # Boxes without area overlap nothing, and each is taken once.
    assert sw.image.combined_non_max_suppression(boxes, scores, 9, 9).valid_detections.numpy().tolist() == [6]
    with pytest.raises(sw.errors.InvalidArgumentError, match=r"iou_threshold: expected a number from 0 to 1, got 1.5"):
        sw.image.combined_non_max_suppression(boxes, scores, 1, 9, 1.5)
    with pytest.raises(sw.errors.InvalidArgumentError, match="expected as many images, boxes and classes"):
        sw.image.combined_non_max_suppression(boxes[:, :1], scores, 1, 9)


@pytest.mark.parametrize("engine", [None, "native", "interpreter"])
def test_suppression_by_given_overlaps(engine):
    def run(overlaps, scores):
        return sw.image.non_max_suppression_overlaps(overlaps, scores, 3, 0.5, 0.15)

    call = run if engine is None else sw.function(run, engine=engine)
    overlaps = np.array([[1, 0.6, 0, 0], [0.1, 1, 0, 0], [0, 0, 1, 0.9], [0, 0, 0.9, 1]], np.float32)
    # How much the first overlaps the second is asked for: row 0 gives way to row 1, not the other way round.
    assert call(sw.constant(overlaps), sw.constant([0.8, 0.9, 0.1, 0.7])).numpy().tolist() == [1, 3]
    assert call(sw.constant(overlaps), sw.constant([0.9, 0.8, 0.3, 0.2])).numpy().tolist() == [0, 1, 2]


PARTS = [
    ([18, 145, 0], [119, 117, -1], [0.09000000357627869, 0.4833333194255829, 0.6850000023841858, 0.8733333349227905]),
    ([31, 164, 0], [54, 69, -1], [0.1550000011920929, 0.54666668176651, 0.42500001192092896, 0.7766666412353516]),
    ([46, 33, 0], [77, 65, -1], [0.23000000417232513, 0.10999999940395355, 0.6150000095367432, 0.3266666531562805]),
]


@pytest.mark.parametrize("engine", [None, *ENGINES])
def test_random_parts_are_those_of_tensorflow(engine):
    def run(size, boxes):
        return sw.image.sample_distorted_bounding_box(size, boxes, seed=5)

    sw.random.set_seed(3)
    signature = [sw.TensorSpec([3], sw.int32), sw.TensorSpec([1, None, 4])]
    call = run if engine is None else sw.function(run, engine=engine, input_signature=signature)
    for begin, size, box in PARTS:
        found = call(sw.constant([200, 300, 3]), sw.constant(BOXES))
        assert found.begin.numpy().tolist() == begin and found.size.numpy().tolist() == size
        np.testing.assert_allclose(found.bboxes, [[box]], rtol=1e-6)
        call(sw.constant([200, 300, 3]), sw.constant(BOXES))  # every other part is recorded


def test_stateless_parts_are_those_of_tensorflow():
    options = {"min_object_covered": 0.3, "area_range": [0.3, 0.5], "aspect_ratio_range": [0.5, 2.0]}
    found = [
        sw.image.stateless_sample_distorted_bounding_box(np.array([7, 9, 3]), BOXES, [seed, 2], **options)
        for seed in range(8)
    ]
    begins = [[0, 0], [0, 1], [0, 0], [0, 0], [1, 1], [0, 2], [0, 0], [1, 3]]
    sizes = [[5, 5], [4, 7], [6, 5], [4, 7], [4, 5], [7, 4], [6, 4], [5, 4]]
    assert [part.begin.numpy().tolist()[:2] for part in found] == begins
    assert [part.size.numpy().tolist()[:2] for part in found] == sizes
    assert found[0].begin.dtype == sw.int64 and found[0].size[2] == -1


def test_the_greatest_height_is_computed_in_float64():
    """In float32 a height of 9 fits 4 columns here, and the part is another one: TensorFlow's begins in row 14."""
    boxes = [[[0.04726334, 0.1306871, 0.10326588, 0.6103669], [0.08135571, 0.19345164, 0.44992685, 0.28604147]]]
    options = {"min_object_covered": 0.0, "area_range": [0.3, 1.0], "aspect_ratio_range": [0.5, 0.5]}
    found = sw.image.stateless_sample_distorted_bounding_box([23, 4, 3], boxes, [-1, 4], max_attempts=4, **options)
    assert found.begin.numpy().tolist() == [14, 0, 0]


@pytest.mark.parametrize("seed", range(5))
def test_a_random_part_has_the_area_and_ratio_and_shows_an_object(seed):
    options = {"min_object_covered": 0.4, "area_range": [0.1, 0.6], "aspect_ratio_range": [0.5, 1.5]}
    found = sw.image.stateless_sample_distorted_bounding_box([400, 500, 3], BOXES, [seed, 1], **options)
    (top, left, _), (height, width, _) = found.begin.numpy().tolist(), found.size.numpy().tolist()
    assert 0.099 <= height * width / (400 * 500) <= 0.601 and 0.49 <= width / height <= 1.51
    part = np.zeros((400, 500), bool)
    part[top : top + height, left : left + width] = True
    shown = [part[int(a * 400) : int(c * 400), int(b * 500) : int(d * 500)].mean() for a, b, c, d in BOXES[0]]
    assert max(shown) >= 0.4


def test_what_no_part_can_be_is_the_whole_image():
    found = sw.image.stateless_sample_distorted_bounding_box([20, 30, 3], BOXES, [1, 1], 1.5)
    assert found.begin.numpy().tolist() == [0, 0, 0] and found.size.numpy().tolist() == [20, 30, -1]
    assert found.bboxes.numpy().tolist() == [[[0, 0, 1, 1]]]


def test_parts_without_a_seed_differ():
    found = {tuple(sw.image.sample_distorted_bounding_box([2000, 3000, 3], BOXES).begin.numpy()) for _ in range(4)}
    f = sw.function(lambda: sw.image.sample_distorted_bounding_box([2000, 3000, 3], BOXES).begin)
    assert len(found) > 1 and len({tuple(f().numpy()) for _ in range(4)}) > 1


REFUSED = {
    "expected boxes, or use_image_if_no_bounding_boxes=True": ([20, 30, 3], np.zeros((1, 0, 4), np.float32), {}),
    r"bounding_boxes: expected shape \[images, boxes, 4\]": ([20, 30, 3], BOXES[0], {}),
    "bounding_boxes: expected numbers from 0 to 1": ([20, 30, 3], BOXES * 3, {}),
    "image_size: expected 3 integers": ([20, 30], BOXES, {}),
    "image_size: expected sizes of 1 or more, got -1 and 30": ([-1, 30, 3], BOXES, {}),
    "min_object_covered: expected 0 or more, got -0.5": ([20, 30, 3], BOXES, {"min_object_covered": -0.5}),
    "area_range: expected two numbers above 0": ([20, 30, 3], BOXES, {"area_range": [0.0, 0.5]}),
    "area_range: expected numbers up to 1": ([20, 30, 3], BOXES, {"area_range": [0.5, 1.1]}),
    "aspect_ratio_range: expected two numbers above 0": ([20, 30, 3], BOXES, {"aspect_ratio_range": [0.5]}),
    "max_attempts: expected a number of 1 or more, got 0": ([20, 30, 3], BOXES, {"max_attempts": 0}),
}


@pytest.mark.parametrize("message", REFUSED)
def test_errors_of_random_parts(message):
    size, boxes, options = REFUSED[message]
    with pytest.raises(sw.errors.InvalidArgumentError, match=f"^sample_distorted_bounding_box: .*{message}"):
        sw.image.sample_distorted_bounding_box(size, boxes, **options)


def test_the_whole_image_is_an_object_where_there_is_none():
    sw.random.set_seed(3)
    nothing = np.zeros((1, 0, 4), np.float32)
    options = {"seed": 5, "use_image_if_no_bounding_boxes": True}
    found = sw.image.sample_distorted_bounding_box([200, 300, 3], nothing, **options)
    assert found.begin.numpy().tolist() == PARTS[0][0]
