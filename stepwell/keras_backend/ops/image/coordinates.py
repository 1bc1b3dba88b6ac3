"""Elements at places that are not integers."""

from __future__ import annotations

import itertools
from typing import Any

import stepwell as sw

from ..core import convert_to_tensor
from ..core import shape as shape_of

MAP_COORDINATES_FILL_MODES = {"constant", "nearest", "wrap", "mirror", "reflect"}


def map_coordinates(
    inputs: Any, coordinates: Any, order: int, fill_mode: str = "constant", fill_value: Any = 0.0
) -> sw.Tensor:
    """Elements of `inputs` at places: the nearest ones (order 0), or interpolated linearly (order 1)."""
    x = convert_to_tensor(inputs)
    if isinstance(coordinates, list | tuple):
        coordinates = sw.stack([convert_to_tensor(each) for each in coordinates])
    places = convert_to_tensor(coordinates)
    if places.shape[0] != len(x.shape):
        raise ValueError(
            "First dim of `coordinates` must be the same as the rank of `inputs`. Received inputs with shape: "
            f"{x.shape} and coordinate leading dim of {places.shape[0]}"
        )
    if len(places.shape) < 2:
        raise ValueError(
            f"Invalid coordinates rank: expected at least rank 2. Received input with shape: {places.shape}"
        )
    if fill_mode not in MAP_COORDINATES_FILL_MODES:
        raise ValueError(
            f"Invalid value for argument `fill_mode`. Expected one of {MAP_COORDINATES_FILL_MODES}. "
            f"Received: fill_mode={fill_mode}"
        )
    if order not in (0, 1):
        raise NotImplementedError("map_coordinates currently requires order<=1")
    return interpolated(x, sw.unstack(places), order, fill_mode, fill_value)


def interpolated(x: sw.Tensor, places: list[sw.Tensor], order: int, fill_mode: str, fill_value: Any) -> sw.Tensor:
    """What is at places along the first axes of `x`, with all other axes."""
    others = len(x.shape) - len(places)
    fill = sw.cast(convert_to_tensor(fill_value), x.dtype)
    total: Any = None
    for corner in itertools.product(*((_nearest, _linear)[order](place) for place in places)):
        found = _elements(x, [index for index, _ in corner], fill_mode, fill)
        for _, weight in corner:
            found = sw.cast(found, weight.dtype) * _widened(weight, others)
        total = found if total is None else total + found
    return sw.cast(sw.round(total) if x.dtype.is_integer else total, x.dtype)


def _widened(x: sw.Tensor, others: int) -> sw.Tensor:
    return sw.reshape(x, sw.concat([sw.shape(x), [1] * others], 0)) if others else x


def _nearest(place: sw.Tensor) -> list[tuple[sw.Tensor, sw.Tensor]]:
    index = place if place.dtype.is_integer else sw.round(place)
    return [(sw.cast(index, "int32"), sw.ones_like(place))]


def _linear(place: sw.Tensor) -> list[tuple[sw.Tensor, sw.Tensor]]:
    lower = sw.floor(place)
    index, share = sw.cast(lower, "int32"), place - lower
    return [(index, 1 - share), (index + 1, share)]


def _elements(x: sw.Tensor, indices: list[sw.Tensor], fill_mode: str, fill: sw.Tensor) -> sw.Tensor:
    """The elements at indices, which may be outside."""
    sizes = shape_of(x)[: len(indices)]
    inside = [_inside(index, size, fill_mode) for index, size in zip(indices, sizes, strict=True)]
    found = sw.gather_nd(x, sw.stack(inside, -1))
    if fill_mode != "constant":
        return found
    valid = sw.reduce_all(
        sw.stack([(index >= 0) & (index < size) for index, size in zip(indices, sizes, strict=True)]), 0
    )
    return sw.where(_widened(valid, len(x.shape) - len(indices)), found, fill)


def _inside(index: sw.Tensor, size: Any, fill_mode: str) -> sw.Tensor:
    """Indices from 0 to below a size: the nearest, or those that come by repetition."""
    if fill_mode in ("constant", "nearest"):
        return sw.clip_by_value(index, 0, size - 1)
    if fill_mode == "wrap":
        return index % size
    if fill_mode == "mirror":
        period = sw.maximum(2 * (size - 1), 1)
        return size - 1 - sw.abs(index % period - (size - 1))
    around = index % (2 * size)
    return sw.minimum(around, 2 * size - 1 - around)
