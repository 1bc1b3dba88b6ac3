"""Images: what TensorFlow 2.21 returned for the same arguments, and every engine for images of unknown sizes."""

import json
from pathlib import Path

import numpy as np
import pytest
from support.effort import by_turns
from support.every_engine import EveryEngine

import stepwell as sw
from stepwell.errors import InvalidArgumentError
from stepwell.runtime.engines import ENGINES
from stepwell.testing.gradient_checks import check_gradients

F = np.float32
IMAGE = np.array([1, 5, 2, 8, 3, 9, 4, 7, 6, 0, 1, 3], F).reshape(3, 4, 1)
RGB = np.array([0.1, 0.5, 0.9, 1, 0, 0, 0.2, 0.2, 0.2, 0, 0.3, 0.6], F).reshape(2, 2, 3)
RESIZED = json.loads((Path(__file__).parent / "resized_images.json").read_text(encoding="utf-8"))
"""Elements of `IMAGE` in other sizes, as TensorFlow 2.21 returned them, by method and size."""
METHODS = [value for name, value in vars(sw.image.ResizeMethod).items() if name.isupper()]


@pytest.mark.parametrize("case", RESIZED)
def test_resized_images_are_those_of_tensorflow(case):
    flags, _, size = case.rpartition(" [")
    flags, size = flags.split(), f"[{size}"
    method = flags[-1] if flags and flags[-1] in METHODS else "bilinear"
    found = sw.image.resize(IMAGE, json.loads(size), method, "par" in flags, "aa" in flags)
    np.testing.assert_allclose(found[..., 0], RESIZED[case], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("method", "engine"), by_turns(["bilinear", "nearest", "bicubic", "area"], ENGINES))
def test_resized_images_on_all_engines(method, engine):
    def resized(x, size):
        with sw.GradientTape() as tape:
            tape.watch(x)
            result = sw.image.resize(x, size, method)
            total = sw.reduce_sum(result * result)
        return result, sw.image.resize(x, size, method, antialias=True), tape.gradient(total, x)

    engines = EveryEngine(resized, 4, ((2,), np.int32), engines=[engine])
    batch = np.stack([IMAGE, 9 - IMAGE])
    for size in ([2, 2], [5, 3]):
        found, smoothed, _ = engines.check(batch, np.array(size, np.int32), rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(found[0, ..., 0], RESIZED[f"{method} {size}"], rtol=1e-4, atol=1e-4)
        np.testing.assert_allclose(smoothed[0, ..., 0], RESIZED[f"aa {method} {size}"], rtol=1e-4, atol=1e-4)


def test_dtypes_and_proportions_of_resized_images():
    whole = IMAGE.astype(np.int32)
    assert sw.image.resize(whole, [3, 4]).dtype == F
    assert sw.image.resize(whole, [2, 2], "nearest")[..., 0].numpy().tolist() == [[5, 8], [0, 3]]
    wide = sw.image.resize_with_pad(IMAGE, 2, 9)[..., 0].numpy().tolist()
    assert wide == [[0, 0, 0, 3.75, 5.125, 0, 0, 0, 0], [0, 0, 0, 3.75, 2.875, 0, 0, 0, 0]]
    engines = EveryEngine(lambda x, n: sw.image.resize_with_pad(x, n, 4), 3, ((), np.int32))
    np.testing.assert_array_equal(engines.check(IMAGE, np.array(4, np.int32)), np.pad(IMAGE, [(0, 1), (0, 0), (0, 0)]))
    engines = EveryEngine(lambda x, n: sw.image.resize(x, [n, 9], preserve_aspect_ratio=True), 3, ((), np.int32))
    assert engines.check(IMAGE, np.array(2, np.int32)).shape == (2, 3, 1)


def test_turns_mirrors_and_parts():
    def turned(x, n):
        return [
            sw.image.flip_left_right(x),
            sw.image.flip_up_down(x),
            sw.image.transpose(x),
            *[sw.image.rot90(x, k) for k in (1, 2, 3, -1, 4)],
            sw.image.central_crop(x, 0.5),
            sw.image.crop_to_bounding_box(x, 1, n, 2, 2),
            sw.image.pad_to_bounding_box(x, 1, 0, n + 3, 5),
            sw.image.resize_with_crop_or_pad(x, 2, 6),
            sw.image.resize_with_crop_or_pad(x, 5, n + 2),
        ]

    x = IMAGE
    expected = [
        x[:, ::-1],
        x[::-1],
        x.swapaxes(0, 1),
        *[np.rot90(x, k) for k in (1, 2, 3, -1, 4)],
        x[:, 1:3],
        x[1:3, 1:3],
        np.pad(x, [(1, 0), (0, 1), (0, 0)]),
        np.pad(x[:2], [(0, 0), (1, 1), (0, 0)]),
        np.pad(x[:, :3], [(1, 1), (0, 0), (0, 0)]),
    ]
    for batches in (False, True):
        engines = EveryEngine(turned, 4 if batches else 3, ((), np.int32))
        found = engines.check(x[None] if batches else x, np.array(1, np.int32))
        for got, want in zip(found, expected, strict=True):
            np.testing.assert_array_equal(got, want[None] if batches else want)
        engines.refuses(x[None] if batches else x, np.array(3, np.int32))


COLORS = {
    "rgb_to_grayscale": [0.42599, 0.2989, 0.19998, 0.2445],
    "rgb_to_hsv": [0.58333, 0.88889, 0.9, 0, 1, 1, 0, 0, 0.2, 0.58333, 1, 0.6],
    "rgb_to_yuv": [0.426, 0.23326, -0.28599, 0.299, -0.14714, 0.61498, 0.2, 0, 0, 0.2445, 0.17495, -0.2145],
    "rgb_to_yiq": [0.426, -0.3669, 0.03986, 0.299, 0.5959, 0.2115, 0.2, 0, -0.00001, 0.2445, -0.27517, 0.0299],
}
BACK = {"rgb_to_hsv": "hsv_to_rgb", "rgb_to_yuv": "yuv_to_rgb", "rgb_to_yiq": "yiq_to_rgb"}


@pytest.mark.parametrize(("name", "engine"), by_turns(COLORS, ENGINES))
def test_colors(name, engine):
    function = getattr(sw.image, name)
    found = EveryEngine(function, 3, engines=[engine]).check(RGB, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found.numpy().reshape(-1), COLORS[name], atol=1e-5)
    if name in BACK:
        np.testing.assert_allclose(getattr(sw.image, BACK[name])(found), RGB, atol=1e-4)
        check_gradients(function, RGB * 0.9 + [0.01, 0.02, 0.03])


def test_adjusted_images():
    def adjusted(x):
        return [
            sw.image.adjust_brightness(x, 0.2),
            sw.image.adjust_contrast(x, 2.0),
            sw.image.adjust_gamma(x, 2.0, 3.0),
            sw.image.adjust_saturation(x, 0.5),
            sw.image.adjust_hue(x, 0.2),
            sw.image.grayscale_to_rgb(x[..., :1]),
        ]

    expected = [
        RGB + F(0.2),
        (RGB - RGB.mean((0, 1))) * 2 + RGB.mean((0, 1)),
        RGB**2 * 3,
        [0.5, 0.7, 0.9, 1, 0.5, 0.5, 0.2, 0.2, 0.2, 0.3, 0.45, 0.6],
        [0.66, 0.1, 0.9, 0.8, 1, 0, 0.2, 0.2, 0.2, 0.42, 0, 0.6],
        np.repeat(RGB[..., :1], 3, -1),
    ]
    found = EveryEngine(adjusted, 3).check(RGB, rtol=1e-5, atol=1e-6)
    for got, want in zip(found, expected, strict=True):
        np.testing.assert_allclose(got.numpy(), np.reshape(want, got.shape), rtol=1e-5, atol=1e-5)


def test_images_of_other_dtypes():
    def converted(x, n):
        return [
            sw.image.convert_image_dtype(x, sw.int32),
            sw.image.convert_image_dtype(n, sw.float32),
            sw.image.convert_image_dtype(n, sw.int64),
            sw.image.convert_image_dtype(sw.image.convert_image_dtype(n, sw.int64), sw.int32),
            sw.image.convert_image_dtype(x * 3.0, sw.int32, saturate=True),
        ]

    found = EveryEngine(converted, 1, (1, np.int32)).check(np.array([0, 0.5], F), np.array([0, 2**30], np.int32))
    assert [each.numpy().tolist() for each in found] == [
        [0, 2**30],
        [0, 0.5],
        [0, 2**62],
        [0, 2**30],
        [0, 2**31 - 128],
    ]


def test_differences_of_images():
    def measured(x, y):
        return [
            sw.image.psnr(x, y, 1.0),
            sw.image.total_variation(x),
            sw.image.image_gradients(sw.expand_dims(x, 0)),
            sw.image.per_image_standardization(x),
        ]

    ratio, variation, (dy, dx), standard = EveryEngine(measured, 3, 3).check(
        IMAGE, IMAGE * F(0.9), rtol=1e-4, atol=1e-5
    )
    np.testing.assert_allclose(sw.image.psnr(RGB, RGB * F(0.9), 1.0), 26.57577, rtol=1e-5)
    assert np.isinf(sw.image.psnr(RGB, RGB, 1.0)) and np.isfinite(ratio) and float(variation) == 64
    np.testing.assert_array_equal(dy[0, :-1], np.diff(IMAGE, axis=0))
    np.testing.assert_array_equal(dx[0, :, :-1], np.diff(IMAGE, axis=1))
    np.testing.assert_allclose(standard, (IMAGE - IMAGE.mean()) / IMAGE.std(), rtol=1e-5)
    assert not np.any(sw.image.per_image_standardization(sw.ones([2, 2, 1])))


@pytest.mark.parametrize(
    "call",
    [
        lambda: sw.image.resize(sw.zeros([3, 4]), [2, 2]),
        lambda: sw.image.resize(IMAGE, [2]),
        lambda: sw.image.resize(IMAGE, [0, 2]),
        lambda: sw.image.resize(IMAGE, [2, 2], "cubic"),
        lambda: sw.image.central_crop(IMAGE, 0.0),
        lambda: sw.image.crop_to_bounding_box(IMAGE, 2, 2, 2, 2),
        lambda: sw.image.pad_to_bounding_box(IMAGE, 1, 0, 3, 5),
        lambda: sw.image.rgb_to_grayscale(IMAGE),
        lambda: sw.image.adjust_gamma(IMAGE, -2.0),
        lambda: sw.image.flip_left_right(IMAGE[0]),
    ],
)
def test_images_that_do_not_fit_are_errors(call):
    with pytest.raises(InvalidArgumentError, match="expected"):
        call()
