"""Projective transforms of images; `make compare-tf` compares generated calls with TensorFlow."""

import numpy as np
import pytest
from support.effort import by_turns

import stepwell as sw

IMAGES = np.random.default_rng(0).uniform(0, 9, (2, 4, 5, 2)).astype(np.float32)
TURN = np.array([[0.9, 0.2, 0.3, -0.1, 1.1, 0.2, 0.01, 0.02], [1, 0.5, -1, 0.25, 1, 1, 0, 0.01]], np.float32)


def _call(images, transforms, size=(4, 5), interpolation="BILINEAR", mode="CONSTANT", fill=7.0):
    return sw.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=transforms,
        output_shape=size,
        fill_value=fill,
        interpolation=interpolation,
        fill_mode=mode,
    )


def _place(place, size, mode):
    """Where an axis is read, one place at a time."""
    if mode == "NEAREST":
        return min(max(place, 0), size - 1)
    if mode == "REFLECT":
        place = place % (2 * size)
        return min(max(2 * size - 1 - place if place >= size else place, 0), size - 1)
    return place


def _reference(images, transforms, size, interpolation, mode, fill):
    found = np.empty((len(images), *size, images.shape[3]))
    for index, image in enumerate(images):
        a0, a1, a2, b0, b1, b2, c0, c1 = transforms[index % len(transforms)].astype(float)

        def read(row, column, image=image):
            inside = 0 <= row < image.shape[0] and 0 <= column < image.shape[1]
            return image[int(row), int(column)] if inside else np.full(image.shape[2], fill)

        for y, x in np.ndindex(*size):
            k = c0 * x + c1 * y + 1
            column = _place((a0 * x + a1 * y + a2) / k, image.shape[1], mode)
            row = _place((b0 * x + b1 * y + b2) / k, image.shape[0], mode)
            if interpolation == "NEAREST":
                found[index, y, x] = read(np.floor(row + 0.5), np.floor(column + 0.5))
                continue
            top, left = np.floor(row), np.floor(column)
            parts = [
                read(top + dy, left + dx) * abs(1 - dy - (row - top)) * abs(1 - dx - (column - left))
                for dy in (0, 1)
                for dx in (0, 1)
            ]
            found[index, y, x] = sum(parts)
    return found


@pytest.mark.parametrize(
    ("mode", "interpolation", "engine"),
    by_turns(["CONSTANT", "REFLECT", "NEAREST"], ["BILINEAR", "NEAREST"], ["native", "interpreter", "onnx", None]),
)
def test_pixels_are_read_where_the_transform_points_to(interpolation, mode, engine):
    def run(images, transforms):
        return _call(images, transforms, (3, 6), interpolation, mode)

    signature = [sw.TensorSpec([None, None, None, 2]), sw.TensorSpec([None, 8])]
    call = run if engine is None else sw.function(run, engine=engine, input_signature=signature)
    wanted = _reference(IMAGES, TURN, (3, 6), interpolation, mode, 7.0)
    np.testing.assert_allclose(call(sw.constant(IMAGES), sw.constant(TURN)), wanted, rtol=1e-4, atol=1e-4)


def test_one_transform_is_for_all_images_and_wraps_them():
    shift = np.array([[1, 0, 2, 0, 1, 0, 0, 0]], np.float32)
    found = _call(IMAGES, shift, mode="WRAP", interpolation="NEAREST").numpy()
    np.testing.assert_array_equal(found, np.roll(IMAGES, -2, 2))


def test_bytes_are_rounded_down():
    image = np.array([[[[0], [7]]]], np.uint8)
    half = np.array([[1, 0, 0.5, 0, 1, 0, 0, 0]], np.float32)
    assert _call(image, half, (1, 1)).numpy().ravel().tolist() == [3]


def test_the_gradient_is_the_transpose_of_the_transform():
    x, weights = sw.constant(IMAGES), np.random.default_rng(1).normal(size=(2, 3, 6, 2)).astype(np.float32)
    with sw.GradientTape() as tape:
        tape.watch(x)
        y = sw.reduce_sum(_call(x, TURN, (3, 6), fill=0.0) * weights)
    slope = tape.gradient(y, x).numpy()
    other = np.random.default_rng(2).normal(size=IMAGES.shape).astype(np.float32)
    change = (_reference(other, TURN, (3, 6), "BILINEAR", "CONSTANT", 0.0) * weights).sum()
    np.testing.assert_allclose((slope * other).sum(), change, rtol=1e-4)


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [
        (sw.float16, [0.47998046875, 1.68359375, 3.015625, 6.42578125]),
        (sw.bfloat16, [0.48046875, 1.6875, 3.015625, 6.4375]),
    ],
)
def test_floats_of_16_bits_are_rounded_as_in_tensorflow(dtype, expected):
    images = sw.cast(sw.constant([0.3, 0.6, 0.9, 1.2], shape=[1, 2, 2, 1]), dtype)
    found = _call(images, [[1, 0.3, 0.1, 0.2, 1, 0.25, 0, 0]], (2, 2), fill=9.0)
    assert found.numpy().astype(np.float64).ravel().tolist() == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"images": IMAGES[0]}, "images: expected 4 axes"),
        ({"images": IMAGES > 1}, "images: expected a dtype of uint8"),
        ({"transforms": TURN[:, :7]}, "transforms: expected rows of 8 numbers"),
        ({"transforms": np.tile(TURN, (2, 1))}, "transforms: expected 1 or 2 rows, got 4"),
        ({"size": [2]}, "output_shape: expected a height and a width"),
        ({"size": [2, 0]}, "output_shape: expected sizes of 1 or more"),
        ({"interpolation": "CUBIC"}, "interpolation: expected NEAREST or BILINEAR"),
        ({"mode": "FILL"}, "fill_mode: expected CONSTANT, REFLECT, WRAP or NEAREST"),
    ],
)
def test_errors(options, message):
    with pytest.raises(sw.errors.InvalidArgumentError, match=f"ImageProjectiveTransformV3: {message}"):
        _call(**{"images": IMAGES, "transforms": TURN, **options})


def test_other_raw_operations_are_the_public_functions():
    with pytest.raises(AttributeError, match=r"no attribute 'Add'; instead: the public functions, such as sw.add"):
        sw.raw_ops.Add  # noqa: B018
