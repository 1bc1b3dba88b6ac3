"""Images in files: pixels as TensorFlow 2.21 decodes them, and files that are decoded again."""

import base64

import numpy as np
import pytest

import stepwell as sw

FILES = {
    "rgb": "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAHElEQVQImWP4xSXH8L+Bk4OdgZGJ+USK0f///wE5+wcbyhU3RwAAAABJRU5ErkJggg==",  # noqa: E501
    "gray": "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAAAAAC4HznGAAAAEElEQVQImWP4xcDJwHjiPwAJnQLM1tZIugAAAABJRU5ErkJggg==",
    "rgba": "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAYAAACddGYaAAAAI0lEQVQImWP4xSX3i+F/AwMnBzsnAyMTM+OJFKMT/////w8AaV0J5nv0URMAAAAASUVORK5CYII=",  # noqa: E501
    "gray16": "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACEAAAAADoj+WFAAAAFklEQVQImWP4os7AzHGWgeHv4eCfnAAgBQUJr07EZQAAAABJRU5ErkJggg==",  # noqa: E501
    "jpeg": "/9j/4AAQSkZJRgABAQEBLAEsAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//wAARCAACAAMDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAb/xAAdEAAABgMBAAAAAAAAAAAAAAAAAQIDBAUGESES/8QAFQEBAQAAAAAAAAAAAAAAAAAAAQL/xAAYEQACAwAAAAAAAAAAAAAAAAAAAQIxMv/aAAwDAQACEQMRAD8ApMSp6udi1dJm1sOQ+4yXt15hK1K1zpmWz4QAAmOULs//2Q==",  # noqa: E501
}  # fmt: skip
CONTENTS = {name: base64.b64decode(text) for name, text in FILES.items()}
PIXELS = {
    ("rgb", 0): [[[250, 10, 30], [0, 255, 128], [9, 8, 7]], [[1, 2, 3], [200, 100, 50], [255, 255, 255]]],
    ("rgb", 1): [[[84], [164], [8]], [[1], [124], [255]]],
    ("rgb", 3): [[[250, 10, 30], [0, 255, 128], [9, 8, 7]], [[1, 2, 3], [200, 100, 50], [255, 255, 255]]],
    ("rgb", 4): [
        [[250, 10, 30, 255], [0, 255, 128, 255], [9, 8, 7, 255]],
        [[1, 2, 3, 255], [200, 100, 50, 255], [255, 255, 255, 255]],
    ],
    ("gray", 0): [[[250], [0], [9]], [[1], [200], [255]]],
    ("gray", 1): [[[250], [0], [9]], [[1], [200], [255]]],
    ("gray", 3): [[[250, 250, 250], [0, 0, 0], [9, 9, 9]], [[1, 1, 1], [200, 200, 200], [255, 255, 255]]],
    ("gray", 4): [
        [[250, 250, 250, 255], [0, 0, 0, 255], [9, 9, 9, 255]],
        [[1, 1, 1, 255], [200, 200, 200, 255], [255, 255, 255, 255]],
    ],
    ("rgba", 0): [
        [[250, 10, 30, 250], [0, 255, 128, 0], [9, 8, 7, 9]],
        [[1, 2, 3, 1], [200, 100, 50, 200], [255, 255, 255, 255]],
    ],
    ("rgba", 1): [[[84], [164], [8]], [[1], [124], [255]]],
    ("rgba", 3): [[[250, 10, 30], [0, 255, 128], [9, 8, 7]], [[1, 2, 3], [200, 100, 50], [255, 255, 255]]],
    ("rgba", 4): [
        [[250, 10, 30, 250], [0, 255, 128, 0], [9, 8, 7, 9]],
        [[1, 2, 3, 1], [200, 100, 50, 200], [255, 255, 255, 255]],
    ],
    ("gray16", 0): [[[244], [0], [8]], [[0], [195], [249]]],
    ("gray16", 1): [[[244], [0], [8]], [[0], [195], [249]]],
    ("gray16", 3): [[[244, 244, 244], [0, 0, 0], [8, 8, 8]], [[0, 0, 0], [195, 195, 195], [249, 249, 249]]],
    ("gray16", 4): [
        [[244, 244, 244, 255], [0, 0, 0, 255], [8, 8, 8, 255]],
        [[0, 0, 0, 255], [195, 195, 195, 255], [249, 249, 249, 255]],
    ],
    ("jpeg", 0): [[[102, 94, 57], [159, 151, 114], [29, 22, 6]], [[10, 2, 0], [174, 166, 129], [223, 216, 200]]],
    ("jpeg", 1): [[[92], [149], [22]], [[0], [164], [216]]],
    ("jpeg", 3): [[[102, 94, 57], [159, 151, 114], [29, 22, 6]], [[10, 2, 0], [174, 166, 129], [223, 216, 200]]],
}
"""What `decode_png`, and `decode_jpeg` by its accurate method, return for a number of channels."""
ENGINES = ("native", "interpreter")
GIFS = {
    "one": "R0lGODlhAwACAIEAAP8AAAD/AAAA/wkIBywAAAAAAwACAAACBESoESkAOw==",
    "over": "R0lGODlhAwACAIEAAP8AAAD/AAAA/wkIByH5BAgKAAAALAAAAAADAAIAAAIERKgRKQAh+QQNCgADACwBAAEAAgABAAACAtQKACwAAAAAAgABAIEBAgMoMjxGUFrI0twCAkwKADs=",  # noqa: E501
    "interlaced": "R0lGODlhAgAFAIEAAP8AAAD/AAAA/wkIByH5BAEKAAAALAAAAAACAAUAQAIGRAhQY8ShADs=",
    "screen": "R0lGODlhCQAJAIEAAP8AAAD/AAAA/wkIByH5BAEKAAIALAEAAAACAAIAAAIDRKgVACwAAAUAAQABAAACAkQBADs=",
    "cut off": "R0lGODlhAwACAIEAAP8AAAD/AAAA/wkIByH5BAgKAAAALAAAAAADAAIAAAIERKgRKQAh+QQNCgADACwBAAEAAgABAAACAtQKACwAAAAAAgABAIEBAgMoMjw=",  # noqa: E501
}  # fmt: skip
GIFS = {name: base64.b64decode(text) for name, text in GIFS.items()}
IMAGES = {
    "one": [[[[255, 0, 0], [0, 255, 0], [0, 0, 255]], [[9, 8, 7], [255, 0, 0], [0, 255, 0]]]],
    "over": [
        [[[255, 0, 0], [0, 255, 0], [0, 0, 255]], [[9, 8, 7], [255, 0, 0], [0, 255, 0]]],
        [[[255, 0, 0], [0, 255, 0], [0, 0, 255]], [[9, 8, 7], [0, 0, 255], [0, 255, 0]]],
        [[[40, 50, 60], [40, 50, 60], [0, 0, 255]], [[9, 8, 7], [0, 0, 255], [0, 255, 0]]],
    ],
    "interlaced": [
        [
            [[0, 0, 0], [0, 255, 0]],
            [[0, 255, 0], [0, 0, 255]],
            [[0, 0, 255], [9, 8, 7]],
            [[9, 8, 7], [0, 0, 0]],
            [[0, 0, 0], [0, 0, 0]],
        ]
    ],
    "screen": [[[[0, 0, 0], [255, 0, 0]], [[0, 0, 0], [0, 0, 0]]], [[[0, 0, 0], [255, 0, 0]], [[0, 0, 0], [0, 0, 0]]]],
    "cut off": [
        [[[255, 0, 0], [0, 255, 0], [0, 0, 255]], [[9, 8, 7], [255, 0, 0], [0, 255, 0]]],
        [[[255, 0, 0], [0, 255, 0], [0, 0, 255]], [[9, 8, 7], [0, 0, 255], [0, 255, 0]]],
    ],
}
"""What `decode_gif` returns."""


@pytest.mark.parametrize(("name", "channels"), PIXELS)
def test_pixels_are_tensorflows(name, channels):
    expected, contents = PIXELS[name, channels], sw.constant(CONTENTS[name])
    for decode in (sw.io.decode_image, sw.image.decode_jpeg, sw.io.decode_png):
        found = decode(contents, channels=channels)
        assert (found.dtype, found.numpy().tolist()) == (sw.uint8, expected)
    if name in ("rgb", "rgba", "gray"):
        wide = sw.io.decode_png(contents, channels=channels, dtype=sw.uint16)
        assert (wide.dtype, wide.numpy().tolist()) == (sw.uint16, (257 * np.array(expected)).tolist())
    if name == "jpeg":
        wide = sw.io.decode_image(contents, channels=channels, dtype=sw.uint16)
        assert wide.numpy().tolist() == (256 * np.array(expected)).tolist()
    assert sw.io.extract_jpeg_shape(contents).numpy().tolist()[:2] == [2, 3]


def test_gray_of_16_bits():
    found = sw.io.decode_png(CONTENTS["gray16"], dtype=sw.uint16)
    assert found.numpy().reshape(-1).tolist() == [62503, 3, 2253, 253, 50003, 63753]


@pytest.mark.parametrize("engine", ENGINES)
def test_functions_decode_images(engine, tmp_path):
    def pixels(path):
        contents = sw.io.read_file(path)
        return sw.io.decode_jpeg(contents, channels=3), sw.shape(sw.io.decode_png(contents))

    for name in ("rgb", "jpeg"):
        (tmp_path / name).write_bytes(CONTENTS[name])
    decode = sw.function(pixels, engine=engine)
    assert decode.get_concrete_function(sw.TensorSpec([], sw.string)).output_shapes[0] == [None, None, 3]
    for name in ("rgb", "jpeg"):
        found, sizes = decode(sw.constant(str(tmp_path / name)))
        assert (found.numpy().tolist(), sizes.numpy().tolist()) == (PIXELS[name, 3], [2, 3, 3])
    with pytest.raises(sw.errors.InvalidArgumentError, match="expected the contents of an image"):
        decode(sw.constant(__file__))
    with pytest.raises(sw.errors.NotFoundError):
        decode(sw.constant(str(tmp_path / "nothing")))


@pytest.mark.parametrize("name", GIFS)
def test_images_of_a_gif_are_tensorflows(name):
    contents, expected = sw.constant(GIFS[name]), np.array(IMAGES[name], np.uint8)
    for decode in (sw.io.decode_gif, sw.image.decode_gif, sw.io.decode_image):
        found = decode(contents)
        assert found.dtype == sw.uint8 and found.numpy().tolist() == IMAGES[name]
    first = sw.io.decode_image(contents, 3, expand_animations=False)
    assert first.numpy().tolist() == IMAGES[name][0]
    assert (sw.io.decode_image(contents, dtype=sw.uint16).numpy() == expected.astype(np.uint16) * 256).all()
    assert np.allclose(sw.io.decode_image(contents, dtype=sw.float32).numpy(), expected / 255)
    if len(expected) == 1:
        assert sw.io.decode_png(contents).numpy().tolist() == IMAGES[name][0]
    else:
        with pytest.raises(
            sw.errors.InvalidArgumentError, match=f"expected one image, got a GIF file of {len(expected)}"
        ):
            sw.io.decode_jpeg(contents)


@pytest.mark.parametrize("engine", ENGINES)
def test_functions_decode_gifs(engine):
    gif = sw.function(lambda x: (sw.io.decode_gif(x), sw.io.decode_image(x, expand_animations=False)), engine=engine)
    shapes = gif.get_concrete_function(sw.TensorSpec([], sw.string)).output_shapes
    assert shapes == ([None, None, None, 3], [None, None, None])
    for name, contents in GIFS.items():
        images, first = gif(sw.constant(contents))
        assert (images.numpy().tolist(), first.numpy().tolist()) == (IMAGES[name], IMAGES[name][0])
    images, first = gif(sw.constant(CONTENTS["rgb"]))
    assert images.numpy().tolist() == [first.numpy().tolist()] == [PIXELS["rgb", 3]]
    any_file = sw.function(lambda x: sw.io.decode_image(x), engine=engine)
    assert any_file(sw.constant(CONTENTS["rgb"])).numpy().tolist() == PIXELS["rgb", 3]
    with pytest.raises(sw.errors.InvalidArgumentError, match="expand_animations=False"):
        any_file(sw.constant(GIFS["over"]))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_part_of_a_jpeg_image_is_decoded(engine):
    crop = sw.function(sw.io.decode_and_crop_jpeg, engine=engine)
    contents, expected = sw.constant(CONTENTS["jpeg"]), np.array(PIXELS["jpeg", 0])
    for top, left, height, width in ((0, 0, 2, 3), (1, 0, 1, 2), (0, 2, 2, 1)):
        window, part = sw.constant([top, left, height, width]), expected[top : top + height, left : left + width]
        for found in (crop(contents, window), sw.image.decode_and_crop_jpeg(contents, window)):
            assert (found.dtype, found.numpy().tolist()) == (sw.uint8, part.tolist())
    for window in (
        [0, 0, 3, 1],
        [0, 0, 0, 1],
        [-1, 0, 1, 1],
        [1, 2, 1, 2],
        [0, 0, 2**31 - 1, 2**31 - 1],
        [0, 0, 1, -1],
    ):
        with pytest.raises(sw.errors.InvalidArgumentError, match="crop_window: expected a part of an image of 2 by 3"):
            crop(contents, sw.constant(window))


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_images_are_written(channels):
    image = (np.arange(24 * channels).reshape(4, 6, channels) * 7 % 256).astype(np.uint8)
    for compression in (-1, 0, 9):
        assert (sw.io.decode_png(sw.io.encode_png(image, compression)).numpy() == image).all()
    if channels in (1, 3):
        flat = np.full((8, 8, channels), 90, np.uint8)
        again = sw.io.decode_jpeg(sw.function(lambda x: sw.io.encode_jpeg(x, quality=100))(sw.constant(flat)))
        assert again.shape == flat.shape
        assert np.abs(again.numpy().astype(int) - 90).max() <= 1
    assert sw.io.is_jpeg(CONTENTS["jpeg"]).numpy() and not sw.io.is_jpeg(CONTENTS["rgb"]).numpy()


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: sw.io.decode_image(b"junk"), sw.errors.InvalidArgumentError),
        (lambda: sw.io.decode_jpeg(b""), sw.errors.InvalidArgumentError),
        (lambda: sw.io.decode_jpeg(CONTENTS["jpeg"][:300]), sw.errors.InvalidArgumentError),
        (lambda: sw.io.decode_png(CONTENTS["rgb"][:60]), sw.errors.InvalidArgumentError),
        (lambda: sw.io.decode_jpeg([CONTENTS["jpeg"]]), sw.errors.InvalidArgumentError),
        (lambda: sw.io.decode_jpeg(CONTENTS["jpeg"], channels=4), sw.errors.InvalidArgumentError),
        (lambda: sw.io.decode_png(CONTENTS["rgb"], channels=2), sw.errors.InvalidArgumentError),
        (lambda: sw.io.decode_png(CONTENTS["rgb"], dtype=sw.float32), sw.errors.InvalidArgumentError),
        (lambda: sw.io.decode_image(b"GIF89a"), sw.errors.InvalidArgumentError),
        (lambda: sw.io.decode_gif(GIFS["over"][:30]), sw.errors.InvalidArgumentError),
        (lambda: sw.io.decode_gif(GIFS["one"][:-9] + b"\xff" * 7 + b"\0;"), sw.errors.InvalidArgumentError),
        (lambda: sw.io.decode_gif(GIFS["one"][:10] + b"\0" + GIFS["one"][11:]), sw.errors.InvalidArgumentError),
        (lambda: sw.io.decode_gif(b"junk"), sw.errors.InvalidArgumentError),
        (lambda: sw.io.decode_image(GIFS["one"], channels=1), sw.errors.InvalidArgumentError),
        (lambda: sw.io.decode_and_crop_jpeg(CONTENTS["jpeg"], [0, 0, 1]), sw.errors.InvalidArgumentError),
        (lambda: sw.io.decode_and_crop_jpeg(CONTENTS["rgb"], [0, 0, 1, 1]), sw.errors.InvalidArgumentError),
        (lambda: sw.io.decode_and_crop_jpeg(CONTENTS["jpeg"], [0, 0, 1, 1], ratio=2), sw.errors.UnimplementedError),
        (lambda: sw.io.decode_jpeg(CONTENTS["jpeg"], ratio=2), sw.errors.UnimplementedError),
        (lambda: sw.io.encode_png(np.zeros((2, 2, 3), np.float32)), sw.errors.InvalidArgumentError),
        (lambda: sw.io.encode_png(np.zeros((2, 2), np.uint8)), sw.errors.InvalidArgumentError),
        (lambda: sw.io.encode_png(np.zeros((2, 2, 5), np.uint8)), sw.errors.InvalidArgumentError),
        (lambda: sw.io.encode_png(np.zeros((0, 2, 3), np.uint8)), sw.errors.InvalidArgumentError),
        (lambda: sw.io.encode_jpeg(np.zeros((2, 2, 2), np.uint8)), sw.errors.InvalidArgumentError),
    ],
)
def test_refusals(call, error):
    with pytest.raises(error):
        call()
