"""Resizing images: each axis by itself, with elements and their weights known while the graph is traced."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import floor

import numpy as np

from ......dialects.diagnostics import InvalidArgumentError
from .....frontend.values.dispatch import as_tensor, scalar_like
from .....frontend.values.tensor import Tensor
from ...rules import Call, axis_in, rule
from ...values import Value, m, tensor_of
from ..shapes import like

_MOST_LOOKS = 4
"""Up to as many elements for each result are gathered; more are a product with a matrix."""


_LARGEST, _MOST = 2**12, 2**22
"""The largest scale, or the inverse of the least one, and the largest size of an axis."""


@dataclass(frozen=True)
class Axis:
    """How an axis is resized.

    Attributes:
        size, wanted: the sizes before and after.
        scale: the ratio, as it was given.
        region: the part of the axis that is looked at, for `tf_crop_and_resize`.
    """

    size: int
    wanted: int
    scale: float
    region: tuple[float, float] = (0.0, 1.0)


@rule("Resize", since=11, takes_values=True)
def _resize(call: Call, x: Value, *_: Value) -> Value:
    tensor = tensor_of(x)
    axes = [axis_in(axis, tensor.ndim) for axis in call.ints("axes", list(range(tensor.ndim)))]
    own = _known_sizes(call, tensor, axes)
    plans = _plans(call, own)
    return like(x, _resized(call, tensor, dict(zip(axes, plans))))


@rule("Resize", since=10)
def _resize_10(call: Call, x: Tensor, scales: Tensor) -> Tensor:
    return _by_scales(call, x, [float(scale) for scale in call.fixed(1, "scales")])


@rule("Upsample", since=9)
def _upsample(call: Call, x: Tensor, scales: Tensor) -> Tensor:
    return _by_scales(call, x, [float(scale) for scale in call.fixed(1, "scales")])


@rule("Upsample")
def _old_upsample(call: Call, x: Tensor) -> Tensor:
    return _by_scales(call, x, call.floats("scales"))


def _by_scales(call: Call, x: Tensor, scales: Sequence[float]) -> Tensor:
    own = _known_sizes(call, x, range(x.ndim))
    if len(scales) != len(own) or any(not 1 / _LARGEST < s < _LARGEST or n * s > _MOST for n, s in zip(own, scales)):
        raise InvalidArgumentError(f"scales: expected {len(own)} scales that are possible, got {list(scales)}")
    plans = {axis: Axis(size, floor(size * scale), scale) for axis, (size, scale) in enumerate(zip(own, scales))}
    coordinates: Callable[[Axis], np.ndarray] = _asymmetric
    nearest = call.text("mode", "nearest") == "nearest"
    for axis, plan in plans.items():
        if plan.scale != 1:
            places = coordinates(plan)
            index, weights = _nearest(places, "floor") if nearest else _linear(places, 1.0, False)
            x = _looked(x, axis, plan, index, weights, False)
    return x


def _known_sizes(call: Call, x: Tensor, axes: Sequence[int]) -> list[int]:
    sizes = [x.shape[axis] for axis in axes]
    if None in sizes:
        raise call.not_known(0, "the sizes of its input have to be known before the model runs", by_shape=True)
    return [int(size) for size in sizes if size is not None]


def _plans(call: Call, own: Sequence[int]) -> list[Axis]:
    scales, sizes = call.value(2), call.value(3)
    regions = _regions(call, len(own))
    if sizes is not None and (scales is None or not call.fixed(2, "scales").size):
        wanted = call.known_ints(3, "sizes")
        if len(wanted) != len(own):
            raise InvalidArgumentError(f"sizes: expected {len(own)} sizes, got {wanted}")
        policy = call.text("keep_aspect_ratio_policy", "stretch")
        ratios = [size / max(old, 1) for size, old in zip(wanted, own)]
        if policy != "stretch":
            ratio = min(ratios) if policy == "not_larger" else max(ratios)
            ratios, wanted = [ratio] * len(own), [floor(ratio * old + 0.5) for old in own]
    elif scales is not None:
        ratios = [float(scale) for scale in call.fixed(2, "scales").reshape(-1)]
        if len(ratios) != len(own):
            raise InvalidArgumentError(f"scales: expected {len(own)} scales, got {ratios}")
        wanted = [floor(old * ratio) for old, ratio in zip(own, ratios)]
    else:
        raise InvalidArgumentError("expected scales or sizes, got none")
    if any(not 1 / _LARGEST < ratio < _LARGEST for ratio in ratios) or any(not 0 <= s < _MOST for s in wanted):
        raise InvalidArgumentError(f"expected scales and sizes that are possible, got {ratios} and {wanted}")
    return [Axis(*each) for each in zip(own, wanted, ratios, regions)]


def _regions(call: Call, rank: int) -> list[tuple[float, float]]:
    if call.text("coordinate_transformation_mode", "half_pixel") != "tf_crop_and_resize" or call.value(1) is None:
        return [(0.0, 1.0)] * rank
    region = [float(bound) for bound in call.fixed(1, "roi").reshape(-1)]
    if len(region) != 2 * rank:
        raise InvalidArgumentError(f"roi: expected {2 * rank} numbers, got {len(region)}")
    return list(zip(region[:rank], region[rank:]))


def _resized(call: Call, x: Tensor, plans: dict[int, Axis]) -> Tensor:
    mode, dtype = call.text("mode", "nearest"), x.dtype
    transformation = call.text("coordinate_transformation_mode", "half_pixel")
    place = _COORDINATES.get(transformation)
    if place is None:
        raise NotImplementedError(f"coordinate_transformation_mode {transformation!r}")
    exclude, antialias = bool(call.int("exclude_outside", 0)), bool(call.int("antialias", 0))
    outside: list[tuple[int, np.ndarray]] = []
    for axis, plan in plans.items():
        if plan.size == plan.wanted and plan.scale == 1 and plan.region == (0.0, 1.0):
            continue
        places = place(plan)
        if mode == "nearest":
            index, weights = _nearest(places, call.text("nearest_mode", "round_prefer_floor"))
        elif mode == "linear":
            index, weights = _linear(places, plan.scale, antialias)
        elif mode == "cubic":
            index, weights = _cubic(places, plan.scale, antialias, call.float("cubic_coeff_a", -0.75))
        else:
            raise InvalidArgumentError(f"attribute mode: expected nearest, linear or cubic, got {mode!r}")
        x = _looked(x, axis, plan, index, weights, exclude)
        if transformation == "tf_crop_and_resize":
            outside.append((axis, (places < 0) | (places > plan.size - 1)))
    for axis, mask in outside:
        shaped = as_tensor(mask.reshape([-1 if each == axis else 1 for each in range(x.ndim)]))
        x = m.where(shaped, scalar_like(call.float("extrapolation_value", 0.0), x), x)
    return m.cast(x, dtype)


def _looked(x: Tensor, axis: int, plan: Axis, index: np.ndarray, weights: np.ndarray, exclude: bool) -> Tensor:
    """For each result the weighted sum of the elements that it looks at; those outside are the ones at the edge."""
    if exclude:
        weights = np.where((index < 0) | (index >= plan.size), 0, weights)
        weights = weights / weights.sum(1, keepdims=True)
    index = np.clip(index, 0, plan.size - 1)
    if index.shape[1] == 1:
        return m.gather(x, index[:, 0], axis=axis)
    if not x.dtype.is_floating:
        x = m.cast(x, np.float32)
    if index.shape[1] > _MOST_LOOKS:
        matrix = np.zeros((plan.size, index.shape[0]))
        np.add.at(matrix, (index, np.arange(index.shape[0])[:, None]), weights)
        order = [*(each for each in range(x.ndim) if each != axis), axis]
        product = m.tensordot(m.transpose(x, order), m.cast(as_tensor(matrix), x.dtype), 1)
        return m.transpose(product, [order.index(each) for each in range(x.ndim)])
    total = None
    for look in range(index.shape[1]):
        weight = m.cast(as_tensor(weights[:, look].copy()), x.dtype)
        weight = m.reshape(weight, [-1 if each == axis else 1 for each in range(x.ndim)])
        part = m.gather(x, index[:, look].copy(), axis=axis) * weight
        total = part if total is None else total + part
    assert total is not None
    return total


def _results(plan: Axis) -> np.ndarray:
    return np.arange(plan.wanted, dtype=np.float64)


def _half_pixel(plan: Axis) -> np.ndarray:
    return (_results(plan) + 0.5) / plan.scale - 0.5


def _half_pixel_symmetric(plan: Axis) -> np.ndarray:
    adjustment = plan.wanted / (plan.scale * plan.size)
    return plan.size / 2 * (1 - adjustment) + (_results(plan) + 0.5) / plan.scale - 0.5


def _pytorch_half_pixel(plan: Axis) -> np.ndarray:
    return _half_pixel(plan) if plan.wanted > 1 else np.zeros(plan.wanted)


def _align_corners(plan: Axis) -> np.ndarray:
    """The size after resizing is that before times the scale, also where it is no integer."""
    wide = plan.scale * plan.size
    return np.zeros(plan.wanted) if plan.wanted == 1 or wide == 1 else _results(plan) * (plan.size - 1) / (wide - 1)


def _asymmetric(plan: Axis) -> np.ndarray:
    return _results(plan) / plan.scale


def _tf_half_pixel_for_nn(plan: Axis) -> np.ndarray:
    return (_results(plan) + 0.5) / plan.scale


def _tf_crop_and_resize(plan: Axis) -> np.ndarray:
    start, end = plan.region
    if plan.wanted > 1:
        step = (end - start) * (plan.size - 1) / (plan.scale * plan.size - 1)
        return start * (plan.size - 1) + _results(plan) * step
    return np.full(plan.wanted, 0.5 * (start + end) * (plan.size - 1))


_COORDINATES: dict[str, Callable[[Axis], np.ndarray]] = {
    "half_pixel": _half_pixel,
    "half_pixel_symmetric": _half_pixel_symmetric,
    "pytorch_half_pixel": _pytorch_half_pixel,
    "align_corners": _align_corners,
    "asymmetric": _asymmetric,
    "tf_half_pixel_for_nn": _tf_half_pixel_for_nn,
    "tf_crop_and_resize": _tf_crop_and_resize,
}


def _nearest(places: np.ndarray, mode: str) -> tuple[np.ndarray, np.ndarray]:
    rounded = {
        "round_prefer_floor": np.ceil(places - 0.5),
        "round_prefer_ceil": np.floor(places + 0.5),
        "floor": np.floor(places),
        "ceil": np.ceil(places),
    }
    if mode not in rounded:
        raise InvalidArgumentError(f"attribute nearest_mode: expected one of {', '.join(rounded)}, got {mode!r}")
    index = rounded[mode].astype(np.int64)[:, None]
    return index, np.ones(index.shape)


def _split(places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The element before each place, and how far behind it that is: in (0, 1], as in ONNX's definition."""
    before = np.ceil(places) - 1
    return before.astype(np.int64)[:, None], (places - before)[:, None]


def _linear(places: np.ndarray, scale: float, antialias: bool) -> tuple[np.ndarray, np.ndarray]:
    scale = min(scale, 1.0) if antialias else 1.0
    first = floor(-1 / scale) + 1
    before, ratio = _split(places)
    steps = np.arange(first, 2 - first)[None]
    weights = np.clip(1 - np.abs((steps - ratio) * scale), 0, 1)
    return before + steps, weights / weights.sum(1, keepdims=True)


def _cubic(places: np.ndarray, scale: float, antialias: bool, a: float) -> tuple[np.ndarray, np.ndarray]:
    scale = min(scale, 1.0) if antialias else 1.0
    first = floor(-2 / scale) + 1
    before, ratio = _split(places)
    steps = np.arange(first, 2 - first)[None]
    weights = cubic_kernel(np.abs((steps - ratio) * scale), a)
    return before + steps, weights / weights.sum(1, keepdims=True)


def cubic_kernel(x: np.ndarray, a: float) -> np.ndarray:
    """The weights of elements at a distance by the convolution of Keys, 1981."""
    near = (a + 2) * x**3 - (a + 3) * x**2 + 1
    far = a * x**3 - 5 * a * x**2 + 8 * a * x - 4 * a
    return np.where(x <= 1, near, np.where(x < 2, far, 0))
