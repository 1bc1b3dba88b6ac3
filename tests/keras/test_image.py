"""keras.ops.image on stepwell, against NumPy and TensorFlow 2.21."""

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
image = keras.src.backend.image

PADS = {"nearest": "edge", "wrap": "wrap", "mirror": "reflect", "reflect": "symmetric", "constant": "constant"}


@pytest.mark.parametrize("fill_mode", PADS)
@given(st.integers(2, 5), st.integers(0, 1))
@settings(max_examples=examples(8), deadline=None)
def test_elements_at_places(fill_mode, size, order):
    rng = np.random.default_rng(size)
    x, places = rng.normal(size=(size, 3)), rng.uniform(-6, 9, (2, 4, 2))
    options = {"constant_values": 7.0} if fill_mode == "constant" else {}
    padded = np.pad(x, 12, PADS[fill_mode], **options)
    expected = np.zeros((4, 2))
    for at in np.ndindex(4, 2):
        place = places[(slice(None), *at)]
        if order == 0:
            expected[at] = padded[tuple(np.round(place).astype(int) + 12)]
            continue
        low = np.floor(place).astype(int)
        for corner in itertools.product((0, 1), repeat=2):
            weight = np.prod([1 - abs(p - start - c) for p, start, c in zip(place, low, corner, strict=True)])
            expected[at] += weight * padded[tuple(low + corner + 12)]
    found = image.map_coordinates(x, places, order, fill_mode, 7.0)
    np.testing.assert_allclose(found.numpy(), expected)


def test_elements_at_places_of_arrays_of_unknown_sizes():
    def found(x, places):
        return [image.map_coordinates(x, places, 1, fill_mode) for fill_mode in ("mirror", "constant")]

    signature = [sw.TensorSpec([None, None], "float64"), sw.TensorSpec([2, None, None], "float64")]
    rng = np.random.default_rng(1)
    arrays = rng.normal(size=(4, 3)), rng.uniform(-6, 9, (2, 4, 2))
    compiled = sw.function(found, input_signature=signature)(*arrays)
    for ours, expected in zip(compiled, found(*arrays), strict=True):
        np.testing.assert_allclose(ours.numpy(), expected.numpy())


@pytest.mark.parametrize("fill_mode", PADS)
def test_affine_transforms_read_pixels_elsewhere(fill_mode):
    x = np.random.default_rng(0).normal(size=(2, 4, 5, 3)).astype(np.float32)
    shifts = np.array([[1, 0, 2, 0, 1, -1, 0, 0], [1, 0, -3, 0, 1, 2, 0, 0]], np.float32)
    options = {"constant_values": 9.0} if fill_mode == "constant" else {}
    padded = np.pad(x, [(0, 0), (4, 4), (4, 4), (0, 0)], PADS[fill_mode], **options)
    expected = np.stack([padded[0, 3:7, 6:11], padded[1, 6:10, 1:6]])
    found = image.affine_transform(x, shifts, "bilinear", fill_mode, 9.0, "channels_last").numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    first, shift = x.transpose(0, 3, 1, 2), shifts[1]
    single = image.affine_transform(first[1], shift, "nearest", fill_mode, 9.0, "channels_first").numpy()
    np.testing.assert_allclose(single.transpose(1, 2, 0), expected[1], rtol=1e-5)


def test_affine_transforms_of_any_number_of_images():
    x = np.random.default_rng(0).normal(size=(2, 4, 5, 3)).astype(np.float32)
    turn = np.array([0.8, 0.6, 0, -0.6, 0.8, 1, 0, 0], np.float32)

    def found(x):
        return image.affine_transform(x, turn, "bilinear", "wrap", 9.0, "channels_last")

    compiled = sw.function(found, input_signature=[sw.TensorSpec([None, 4, 5, 3])])(x)
    np.testing.assert_allclose(compiled.numpy(), found(x).numpy(), rtol=1e-5)


def test_projections_take_end_points_to_start_points():
    rng = np.random.default_rng(0)
    corners = np.array([[0, 0], [9, 0], [0, 7], [9, 7]], np.float64)
    start, end = (corners + rng.uniform(-2, 2, (3, 4, 2)) for _ in range(2))
    for row, starts, ends in zip(image.compute_homography_matrix(start, end).numpy(), start, end, strict=True):
        found = np.c_[ends, np.ones(4)] @ np.append(row, 1).reshape(3, 3).T
        np.testing.assert_allclose(found[:, :2] / found[:, 2:], starts, atol=1e-9)
    x = rng.normal(size=(4, 5, 3)).astype(np.float32)
    np.testing.assert_allclose(image.perspective_transform(x, corners, corners).numpy(), x, atol=1e-4)
    with pytest.raises(ValueError, match="Invalid end_points shape"):
        image.perspective_transform(x, corners, corners[:3])


def test_resized_images_keep_their_proportions():
    x = np.arange(24.0, dtype=np.float32).reshape(1, 4, 6, 1)
    cut = image.resize(x, (2, 2), "nearest", crop_to_aspect_ratio=True, data_format="channels_last")
    np.testing.assert_array_equal(cut.numpy()[0, ..., 0], x[0, 1::2, 2:5:2, 0])
    padded = image.resize(x, (6, 6), "nearest", pad_to_aspect_ratio=True, fill_value=-1.0, data_format="channels_last")
    np.testing.assert_array_equal(padded.numpy()[0, 1:5, :, 0], x[0, ..., 0])
    assert (padded.numpy()[0, [0, 5]] == -1).all()
    compiled = sw.function(
        lambda x: image.resize(x, (2, 2), "nearest", crop_to_aspect_ratio=True, data_format="channels_last"),
        input_signature=[sw.TensorSpec([None, None, None, 1])],
    )
    np.testing.assert_array_equal(compiled(x).numpy(), cut.numpy())


@pytest.mark.parametrize("method", ["linear", "cubic", "lanczos3", "lanczos5"])
def test_scaling_and_moving(method):
    x = np.random.default_rng(0).normal(size=(6, 5, 2))
    same = image.scale_and_translate(x, (6, 5, 2), [1.0, 1.0], [0.0, 0.0], (0, 1), method)
    np.testing.assert_allclose(same.numpy(), x, atol=1e-6)
    moved = image.scale_and_translate(x, (6, 5, 2), [1.0, 1.0], [2.0, 0.0], (0, 1), method)
    np.testing.assert_allclose(moved.numpy()[2:], x[:4], atol=1e-6)
    assert (moved.numpy()[:2] == 0).all()


def test_elastic_transforms_move_channels_alike():
    x = np.random.default_rng(0).normal(size=(2, 6, 7, 1)).astype(np.float32)
    both = np.concatenate([x, 2 * x], -1)
    found = image.elastic_transform(both, 1.0, 1.0, seed=3, data_format="channels_last").numpy()
    np.testing.assert_allclose(found[..., 1], 2 * found[..., 0], rtol=1e-6)
    assert not np.allclose(found, both)
    still = image.elastic_transform(both, 0.0, 1.0, seed=3, data_format="channels_last").numpy()
    np.testing.assert_allclose(still, both, rtol=1e-6)
    first = image.elastic_transform(both.transpose(0, 3, 1, 2), 1.0, 1.0, seed=3, data_format="channels_first")
    np.testing.assert_allclose(first.numpy().transpose(0, 2, 3, 1), found, rtol=1e-6)


def test_blurs_are_weighted_means():
    x = np.zeros((7, 9, 1), np.float32)
    x[3, 4] = 1
    found = image.gaussian_blur(x, (5, 5), (1.0, 2.0), "channels_last").numpy()[..., 0]
    columns, rows = (np.exp(-0.5 * (np.arange(-2, 3) / sigma) ** 2) for sigma in (1.0, 2.0))
    expected = np.outer(rows / rows.sum(), columns / columns.sum())
    np.testing.assert_allclose(found[1:6, 2:7], expected, rtol=1e-5)
    np.testing.assert_allclose(found.sum(), 1, rtol=1e-5)


def test_colours():
    x = np.array([[[1.0, 0.5, 0.0], [0.2, 0.2, 0.2]]], np.float32)
    gray = image.rgb_to_grayscale(x, "channels_last").numpy()
    np.testing.assert_allclose(gray[0, :, 0], [0.5924, 0.2], atol=1e-4)
    there = image.rgb_to_hsv(x.transpose(2, 0, 1), "channels_first")
    np.testing.assert_allclose(there.numpy()[:, 0, 0], [1 / 12, 1, 1], rtol=1e-5)
    np.testing.assert_allclose(image.hsv_to_rgb(there, "channels_first").numpy().transpose(1, 2, 0), x, atol=1e-6)
    with pytest.raises(ValueError, match="Invalid channel size"):
        image.rgb_to_grayscale(np.ones((2, 2, 2)), "channels_last")
