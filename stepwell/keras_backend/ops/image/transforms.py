"""Images seen from elsewhere, and distorted ones."""

from __future__ import annotations

from typing import Any

from keras.src.backend.config import standardize_data_format
from keras.src.random.seed_generator import draw_seed

import stepwell as sw

from ..core import convert_to_tensor
from ..core import shape as shape_of
from .coordinates import interpolated
from .filters import gaussian_blur
from .layout import channels_first, channels_last, check_choice, check_rank, of_batch

AFFINE_TRANSFORM_INTERPOLATIONS = ("nearest", "bilinear")
AFFINE_TRANSFORM_FILL_MODES = ("constant", "nearest", "wrap", "mirror", "reflect")


def affine_transform(
    images: Any,
    transform: Any,
    interpolation: str = "bilinear",
    fill_mode: str = "constant",
    fill_value: Any = 0,
    data_format: str | None = None,
) -> sw.Tensor:
    """Images whose elements are those at places that eight numbers each compute."""
    check_choice("interpolation", interpolation, AFFINE_TRANSFORM_INTERPOLATIONS)
    check_choice("fill_mode", fill_mode, AFFINE_TRANSFORM_FILL_MODES)
    images, transform = convert_to_tensor(images), convert_to_tensor(transform)
    check_rank(images)
    if len(transform.shape) not in (1, 2):
        raise ValueError(
            "Invalid transform rank: expected rank 1 (single transform) or rank 2 (batch of transforms). "
            f"Received input with shape: transform.shape={transform.shape}"
        )
    if len(transform.shape) == 1:
        transform = sw.expand_dims(transform, 0)
    if fill_mode not in ("wrap", "mirror"):
        return _projected(images, transform, interpolation, fill_mode, fill_value, data_format)
    data_format = standardize_data_format(data_format)
    order = AFFINE_TRANSFORM_INTERPOLATIONS.index(interpolation)

    def batch(images: sw.Tensor) -> sw.Tensor:
        images = channels_last(images, data_format)
        sizes = shape_of(images)
        down, across = (sw.cast(sw.range(size), transform.dtype) for size in sizes[1:3])
        numbers = [sw.reshape(transform[:, i], [-1, 1, 1]) for i in range(6)]
        rows, columns = (
            numbers[i] * across + numbers[i + 1] * sw.expand_dims(down, 1) + numbers[i + 2] for i in (3, 0)
        )
        return channels_first(_sampled(images, rows, columns, order, fill_mode, fill_value), data_format)

    return of_batch(batch, images)


def _sampled(
    images: sw.Tensor, rows: sw.Tensor, columns: sw.Tensor, order: int, fill_mode: str, fill_value: Any
) -> sw.Tensor:
    """The pixels of each image at places of its own."""
    sizes = shape_of(images)[:3]
    number = sw.reshape(sw.cast(sw.range(sizes[0]), rows.dtype), [-1, 1, 1])
    places = [sw.broadcast_to(place, sizes) for place in (number, rows, columns)]
    return sw.ensure_shape(interpolated(images, places, order, fill_mode, fill_value), images.shape)


def _projected(
    images: sw.Tensor, transform: sw.Tensor, interpolation: str, fill_mode: str, fill_value: Any, data_format: Any
) -> sw.Tensor:
    data_format = standardize_data_format(data_format)

    def batch(images: sw.Tensor) -> sw.Tensor:
        images = channels_last(images, data_format)
        found = sw.raw_ops.ImageProjectiveTransformV3(
            images=images,
            transforms=sw.cast(transform, "float32"),
            output_shape=sw.shape(images)[1:3],
            fill_value=fill_value,
            interpolation=interpolation.upper(),
            fill_mode=fill_mode.upper(),
        )
        return channels_first(sw.ensure_shape(found, images.shape), data_format)

    return of_batch(batch, images)


def perspective_transform(
    images: Any,
    start_points: Any,
    end_points: Any,
    interpolation: str = "bilinear",
    fill_value: Any = 0,
    data_format: str | None = None,
) -> sw.Tensor:
    """Images in which four points of each have moved to others."""
    images = convert_to_tensor(images)
    start_points, end_points = convert_to_tensor(start_points, "float32"), convert_to_tensor(end_points, "float32")
    check_choice("interpolation", interpolation, AFFINE_TRANSFORM_INTERPOLATIONS)
    check_rank(images)
    for name, points in {"start_points": start_points, "end_points": end_points}.items():
        if len(points.shape) not in (2, 3) or points.shape[-2:] != (4, 2):
            raise ValueError(
                f"Invalid {name} shape: expected (4,2) for a single image or (N,4,2) for a batch. "
                f"Received shape: {points.shape}"
            )
    if start_points.shape != end_points.shape:
        raise ValueError(
            "start_points and end_points must have the same shape. Received "
            f"start_points.shape={start_points.shape}, end_points.shape={end_points.shape}"
        )
    if len(start_points.shape) == 2:
        start_points, end_points = sw.expand_dims(start_points, 0), sw.expand_dims(end_points, 0)
    transform = compute_homography_matrix(start_points, end_points)
    return _projected(images, transform, interpolation, "constant", fill_value, data_format)


def compute_homography_matrix(start_points: Any, end_points: Any) -> sw.Tensor:
    """The eight numbers of the projections that take four end points each back to the start points."""
    start, end = convert_to_tensor(start_points), convert_to_tensor(end_points)
    ones, zeros = sw.ones_like(end[..., :1]), sw.zeros_like(end)
    plain = sw.concat([end, ones], -1)
    empty = sw.concat([zeros, zeros[..., :1]], -1)
    rows_of_x = sw.concat([plain, empty, -start[..., :1] * end], -1)
    rows_of_y = sw.concat([empty, plain, -start[..., 1:] * end], -1)
    equations = sw.reshape(sw.stack([rows_of_x, rows_of_y], -2), [-1, 8, 8])
    return sw.reshape(sw.linalg.solve(equations, sw.reshape(start, [-1, 8, 1])), [-1, 8])


def elastic_transform(
    images: Any,
    alpha: Any = 20.0,
    sigma: Any = 5.0,
    interpolation: str = "bilinear",
    fill_mode: str = "reflect",
    fill_value: Any = 0.0,
    seed: Any = None,
    data_format: str | None = None,
) -> sw.Tensor:
    """Images whose elements are moved by random distances, which are alike for neighbours (Simard, 2003)."""
    data_format = standardize_data_format(data_format)
    check_choice("interpolation", interpolation, AFFINE_TRANSFORM_INTERPOLATIONS)
    check_choice("fill_mode", fill_mode, AFFINE_TRANSFORM_FILL_MODES)
    images = convert_to_tensor(images)
    check_rank(images)
    order = AFFINE_TRANSFORM_INTERPOLATIONS.index(interpolation)

    def batch(images: sw.Tensor) -> sw.Tensor:
        images = channels_last(images, data_format)
        sizes = shape_of(images)
        moved = _displacement(sizes[:3], alpha, sigma, images.dtype, draw_seed(seed))
        down, across = (sw.cast(sw.range(size), images.dtype) for size in sizes[1:3])
        rows, columns = sw.expand_dims(down, 1) + moved, across + moved
        return channels_first(_sampled(images, rows, columns, order, fill_mode, fill_value), data_format)

    return of_batch(batch, images)


def _displacement(sizes: Any, alpha: Any, sigma: Any, dtype: Any, seed: Any) -> sw.Tensor:
    """By how far elements move along either axis: blurred normal numbers, the same for both as in TensorFlow."""
    alpha, sigma = sw.cast(alpha, dtype), sw.cast(sigma, dtype)
    drawn = sw.random.stateless_normal(sizes, seed, dtype=dtype) * sigma
    size = 6 * int(sw.cast(sigma, "int32")) | 1
    return alpha * gaussian_blur(sw.expand_dims(drawn, -1), (size, size), (sigma, sigma), "channels_last")[..., 0]
