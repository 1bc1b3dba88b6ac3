"""Generated calls of functions that models and their tests are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from .recipes import Draw, array, axis_of, choice, dtype, flag, floats, ints, shape, whole

Recipe = Callable[[Draw], tuple[list[Any], dict[str, Any]]]


def _images(draw: Draw, kind: str, least: int = 1, fewest: int = 0) -> np.ndarray:
    sizes = (whole(draw, fewest, 2), whole(draw, least, 5), whole(draw, least, 5), whole(draw, 1, 3))
    return array(draw, kind, sizes, special=False)


def _lrn(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [_images(draw, choice(draw, "float32", "float16"))], {
        "depth_radius": whole(draw, 0, 3),
        "bias": float(whole(draw, 1, 3)),
        "alpha": whole(draw, 1, 4) / 4,
        "beta": choice(draw, 0.5, 0.75, 1.0),
    }


def _moments(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, floats(draw), shape(draw, least=1), special=False)
    weights = np.abs(array(draw, x.dtype.name, x.shape[-1:] if flag(draw, 2) else x.shape, special=False)) + 1
    return [x, [whole(draw, 0, x.ndim - 1)], weights.astype(x.dtype)], {"keepdims": flag(draw, 2)}


def _statistics(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, floats(draw), shape(draw, least=1), special=False)
    shift = array(draw, x.dtype.name, (), special=False) if flag(draw, 2) else None
    return [x, [whole(draw, 0, x.ndim - 1)]], {"shift": shift, "keepdims": flag(draw, 2)}


def _normalized(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    kind, sizes = floats(draw), shape(draw)
    parts = [array(draw, kind, sizes, special=False) for _ in range(3)]
    return [np.array(whole(draw, 1, 5), parts[0].dtype), *parts[:2], parts[2] if flag(draw, 2) else None], {}


def _crelu(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, floats(draw), shape(draw, least=1))
    return [x], {"axis": axis_of(draw, x)}


def _poisson(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    kind, sizes = choice(draw, "float32", "float64"), shape(draw)
    targets = np.abs(array(draw, kind, sizes, special=False))
    return [targets, array(draw, kind, sizes, special=False)], {"compute_full_loss": flag(draw, 2)}


def _space_to_batch(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x, block = _images(draw, dtype(draw)), [whole(draw, 1, 3) for _ in range(whole(draw, 1, 2))]
    around = [[low := whole(draw, 0, 2), (-x.shape[axis] - low) % each] for axis, each in enumerate(block, 1)]
    if flag(draw, 10):
        around[0][1] += 1
    return [x, block, around], {}


def _batch_to_space(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    block = [whole(draw, 1, 3) for _ in range(whole(draw, 1, 2))]
    sizes = (int(np.prod(block)) * whole(draw, 1, 2) + flag(draw, 10), whole(draw, 1, 3), whole(draw, 1, 3), 2)
    crops = [[whole(draw, 0, each - 1), whole(draw, 0, 1)] for each in block]
    return [array(draw, choice(draw, "float32", "float64", "int32"), sizes), block, crops], {}


def _with_places(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = _images(draw, choice(draw, "float32", "float64", "int32"), 2, 1)
    options = {"include_batch_in_index": flag(draw, 2), "output_dtype": f"dtype:{choice(draw, 'int32', 'int64')}"}
    sizes = [[1, whole(draw, 1, 2), whole(draw, 1, 2), 1] for _ in range(2)]
    return [x, *sizes, choice(draw, "VALID", "SAME")], options


def _dilated(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = _images(draw, choice(draw, "float32", "float64", "int32"), 3)
    filters = array(draw, x.dtype.name, (whole(draw, 1, 2), whole(draw, 1, 2), x.shape[-1]), special=False)
    strides, rates = ([1, whole(draw, 1, 2), whole(draw, 1, 2), 1] for _ in range(2))
    return [x, filters, strides, choice(draw, "VALID", "SAME"), "NHWC", rates], {}


def _patches(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = _images(draw, choice(draw, "float32", "int32", "uint8"), 3)
    sizes, strides, rates = ([1, whole(draw, 1, 2), whole(draw, 1, 2), 1] for _ in range(3))
    return [x, sizes, strides, rates, choice(draw, "VALID", "SAME")], {}


def _edges(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [_images(draw, "float32", 2)], {}


def _alike(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    sizes = (*shape(draw)[:1], 12, 13, whole(draw, 1, 3))
    images = [np.abs(array(draw, "float32", sizes, special=False)) for _ in range(2)]
    return [*images, 4.0], {"return_index_map": flag(draw, 2), "filter_size": choice(draw, 11, 5)}


def _alike_at_scales(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    sizes = (*shape(draw)[:1], 13, 12, whole(draw, 1, 2))
    images = [np.abs(array(draw, "float32", sizes, special=False)) for _ in range(2)]
    return [*images, 4.0], {"power_factors": [0.25, 0.75], "filter_size": 5}


def _log_summed(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, floats(draw), shape(draw, least=1), special=flag(draw, 3))
    return [x], {"axis": axis_of(draw, x), "exclusive": flag(draw, 2), "reverse": flag(draw, 2)}


def _unravelled(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    kind = np.dtype(choice(draw, "int32", "int64"))
    dims = np.array([whole(draw, 1, 4) for _ in range(whole(draw, 1, 3))], kind)
    total = int(np.prod(dims)) - 1 + flag(draw, 12)
    return [np.array([whole(draw, 0, total) for _ in range(whole(draw, 1, 4))], kind), dims], {}


def _saturated(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, choice(draw, "float32", "float64", "int32", "int16"), shape(draw), special=False)
    return [x * np.array(choice(draw, 1, 100, 7000)).astype(x.dtype)], {
        "dtype": f"dtype:{choice(draw, 'float32', ints(draw))}"
    }


def _next(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    kind, sizes = choice(draw, "float32", "float64"), shape(draw)
    x = array(draw, kind, sizes)
    return [x, x if flag(draw, 5) else array(draw, kind, sizes)], {}


def _summed(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    kind, sizes = floats(draw), shape(draw)
    return [[array(draw, kind, sizes) for _ in range(whole(draw, 1, 3))]], {}


def _old_loss(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    sizes = shape(draw, least=1)
    labels, predictions = (np.abs(array(draw, "float32", sizes, special=False)) for _ in range(2))
    weights: Any = choice(draw, 1.0, 0.0, np.round(np.abs(array(draw, "float32", sizes, special=False)) / 4))
    kinds = ("none", "weighted_sum", "weighted_mean", "weighted_sum_over_batch_size", "weighted_sum_by_nonzero_weights")
    return [labels, predictions], {"weights": weights, "reduction": choice(draw, *kinds)}


def _old_entropy(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    sizes = (whole(draw, 1, 3), whole(draw, 2, 3))
    labels = np.eye(sizes[1], dtype=np.float32)[[whole(draw, 0, sizes[1] - 1) for _ in range(sizes[0])]]
    logits = array(draw, "float32", sizes, special=False)
    return [labels, logits], {
        "label_smoothing": choice(draw, 0, 0.25),
        "reduction": choice(draw, "none", "weighted_sum"),
    }


def _old_where(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    kind, sizes = dtype(draw), shape(draw, least=1)
    test = array(draw, "bool", sizes[:1] if flag(draw, 2) else sizes)
    return [test, array(draw, kind, sizes), array(draw, kind, sizes)], {}


def _boxes(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    count = whole(draw, 0, 6)
    corners = array(draw, "float32", (count, 2, 2), special=False)
    boxes = np.concatenate([corners.min(1), corners.max(1)], -1)
    scores = np.abs(array(draw, "float32", (count,), special=False))
    options = {"iou_threshold": choice(draw, 0.5, 0.1), "score_threshold": choice(draw, 0.0, 1.0)}
    return [boxes, scores, whole(draw, 0, 7)], options


def _soft_boxes(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    args, options = _boxes(draw)
    return args, {**options, "soft_nms_sigma": choice(draw, 0.0, 0.5, 1.0)}


def _padded_boxes(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    (boxes, scores, count), options = _boxes(draw)
    if not scores.size:  # which TensorFlow fails for
        boxes, scores = np.array([[0, 0, 1, 1]], np.float32), np.ones(1, np.float32)
    low, high = np.abs(boxes[:, :2]), np.abs(boxes[:, 2:])
    boxes = np.concatenate([np.minimum(low, high), np.maximum(low, high) + 1], -1)
    return [boxes, scores, count], {**options, "pad_to_max_output_size": flag(draw, 2)}


def _drawn(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    channels, kind = choice(draw, 1, 3, 4, 2), choice(draw, "float32", "float32", "float16", "uint8")
    images = np.abs(array(draw, kind, (2, whole(draw, 1, 6), whole(draw, 1, 6), channels), special=False))
    boxes = array(draw, "float32", (2, whole(draw, 0, 3), 4), special=False) / 8 + np.array(
        [0.2, 0.2, 0.7, 0.7], np.float32
    )
    colors = None if flag(draw, 2) else np.abs(array(draw, "float32", (whole(draw, 1, 2), 4), special=False))
    return [images, boxes, colors], {}


def _true_classes(draw: Draw, most: int) -> np.ndarray:
    """Rows of true classes; rarely one out of range."""
    sizes = (whole(draw, 1, 3), whole(draw, 1, 2))
    found = [whole(draw, 0, most - 1 + flag(draw, 30)) for _ in range(sizes[0] * sizes[1])]
    return np.array(found, np.int64 if not flag(draw, 20) else np.int32).reshape(sizes)


def _sampled_classes(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    most = choice(draw, 6, 8, 50, 1000)
    true = _true_classes(draw, most)
    seed = whole(draw, 1, 2**31 - 2)
    return [true, true.shape[1] + flag(draw, 20), whole(draw, 1, 7), flag(draw, 2), most], {"seed": seed}


def _weighted_classes(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    weights = [float(whole(draw, 1, 5)) for _ in range(whole(draw, 3, 9))]
    true = _true_classes(draw, len(weights) + (reserved := whole(draw, 0, 2)))
    most, seed = len(weights) + reserved + flag(draw, 12), whole(draw, 1, 2**31 - 2)
    options = {"distortion": choice(draw, 1.0, 0.75), "num_reserved_ids": reserved, "unigrams": weights, "seed": seed}
    return [true, true.shape[1], whole(draw, 1, 3), flag(draw, 2), most], options


def _all_classes(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    true = _true_classes(draw, most := whole(draw, 1, 9))
    return [true, true.shape[1], most, flag(draw, 2)], {}


def _hits(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    true = _true_classes(draw, 5)
    found = np.array([whole(draw, 0, 4) for _ in range(whole(draw, 1, 5))], np.int64)
    return [true, found, true.shape[1] + flag(draw, 20)], {}


def _sampled_loss(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    classes, width, number = whole(draw, 3, 9), whole(draw, 1, 4), whole(draw, 1, 4)
    count = whole(draw, 1, 2)
    true = np.stack([draw(st.permutations(range(classes)))[:count] for _ in range(2)]).astype(np.int64)
    shapes = ((classes, width), (classes,), (2, width))
    weights, biases, inputs = (array(draw, "float32", sizes, special=False) for sizes in shapes)
    found = np.array([whole(draw, 0, classes - 1) for _ in range(number)], np.int64)
    counts = [np.abs(array(draw, "float32", sizes, special=False)) + 0.5 for sizes in (true.shape, (number,))]
    values = [found, *(x.astype(np.float32) for x in counts)]
    options = {"sampled_values": values, "remove_accidental_hits": flag(draw, 2), "num_true": true.shape[1]}
    return [weights, biases, true, inputs, number, classes], options


def _projected(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = _images(draw, choice(draw, "float32", "float64", "uint8", "int32", "float16"), fewest=1)
    rows = choice(draw, 1, len(x), 2)
    near = np.array([1, 0, 0, 0, 1, 0, 0, 0], np.float32)
    steps = np.array([0.25, 0.25, 1, 0.25, 0.25, 1, 0.01, 0.01], np.float32)
    transforms = near + array(draw, "float32", (rows, 8), special=False) * steps
    if flag(draw, 3):
        transforms = np.round(transforms)
    return [], {
        "images": x,
        "transforms": transforms,
        "output_shape": [whole(draw, 1, 6), whole(draw, 1, 6)],
        "fill_value": float(whole(draw, 0, 3)),
        "interpolation": choice(draw, "NEAREST", "BILINEAR"),
        "fill_mode": choice(draw, "CONSTANT", "CONSTANT", "REFLECT", "WRAP", "NEAREST"),
    }


def _overlaps(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    count = whole(draw, 1, 6)
    shares = np.abs(array(draw, "float32", (count, count + flag(draw, 20)), special=False)) / 8
    scores = np.abs(array(draw, "float32", (count,), special=False))
    options = {"overlap_threshold": choice(draw, 0.5, 0.1), "score_threshold": choice(draw, 0.0, 1.0)}
    return [shares, scores, whole(draw, 0, 7)], options


def _boxes_of_classes(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    images, count, classes = whole(draw, 1, 2), whole(draw, 1, 7), whole(draw, 1, 3)
    corners = array(draw, "float32", (images, count, choice(draw, 1, classes), 2, 2), special=False) / 4
    boxes = np.concatenate([corners.min(-2), corners.max(-2)], -1)
    scores = np.abs(array(draw, "float32", (images, count + flag(draw, 20), classes), special=False))
    return [boxes.astype(np.float32), scores, whole(draw, 1, 6), whole(draw, 1, 9)], {
        "iou_threshold": choice(draw, 0.5, 0.1, 0.0, 1.5),
        "score_threshold": choice(draw, 0.0, 1.0, float("-inf")),
        "pad_per_class": flag(draw, 2),
        "clip_boxes": flag(draw, 2),
    }


def _distorted(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    sizes = np.array([whole(draw, 1, 40), whole(draw, 1, 60), 3], choice(draw, "int32", "int64", "int16"))
    corners = np.abs(array(draw, "float32", (1, whole(draw, 1, 3), 2, 2), special=False)) / 12
    boxes = np.concatenate([corners.min(-2), corners.max(-2)], -1).astype(np.float32)
    low, first = choice(draw, 0.05, 0.3), choice(draw, 0.5, 0.9)
    return [sizes, boxes, [whole(draw, -9, 9), whole(draw, 0, 9)]], {
        "min_object_covered": choice(draw, 0.1, 0.0, 0.9),
        "area_range": [low, choice(draw, low, 1.0)],
        "aspect_ratio_range": [first, choice(draw, first, 2.0)],
        "max_attempts": whole(draw, 1, 9),
    }


RECIPES: dict[Recipe, str] = {
    _distorted: "image.stateless_sample_distorted_bounding_box",
    _overlaps: "image.non_max_suppression_overlaps",
    _boxes_of_classes: "image.combined_non_max_suppression",
    _projected: "raw_ops.ImageProjectiveTransformV3",
    _sampled_classes: "random.uniform_candidate_sampler random.log_uniform_candidate_sampler "
    "random.learned_unigram_candidate_sampler",
    _weighted_classes: "random.fixed_unigram_candidate_sampler",
    _all_classes: "random.all_candidate_sampler",
    _hits: "nn.compute_accidental_hits",
    _sampled_loss: "nn.sampled_softmax_loss nn.nce_loss",
    _padded_boxes: "image.non_max_suppression_padded",
    _drawn: "image.draw_bounding_boxes",
    _boxes: "image.non_max_suppression",
    _soft_boxes: "image.non_max_suppression_with_scores",
    _old_loss: "compat.v1.losses.mean_squared_error compat.v1.losses.absolute_difference compat.v1.losses.huber_loss "
    "compat.v1.losses.log_loss",
    _old_entropy: "compat.v1.losses.sigmoid_cross_entropy compat.v1.losses.softmax_cross_entropy",
    _old_where: "compat.v1.where",
    _lrn: "nn.local_response_normalization",
    _moments: "nn.weighted_moments",
    _statistics: "nn.sufficient_statistics",
    _normalized: "nn.normalize_moments",
    _crelu: "nn.crelu",
    _poisson: "nn.log_poisson_loss",
    _space_to_batch: "space_to_batch",
    _batch_to_space: "batch_to_space",
    _with_places: "nn.max_pool_with_argmax",
    _dilated: "nn.dilation2d nn.erosion2d",
    _patches: "image.extract_patches",
    _edges: "image.sobel_edges",
    _alike: "image.ssim",
    _alike_at_scales: "image.ssim_multiscale",
    _log_summed: "math.cumulative_logsumexp",
    _unravelled: "unravel_index",
    _saturated: "saturate_cast",
    _next: "math.nextafter",
    _summed: "math.accumulate_n shape_n",
}
"""The functions of each recipe."""
