"""Images changed at random: what TensorFlow 2.21 returned for the same seeds; other sizes on all engines."""

import numpy as np
import pytest
from support.effort import some
from support.every_engine import EveryEngine

import stepwell as sw
from stepwell.errors import InvalidArgumentError

F = np.float32
IMAGE = np.array([1, 5, 2, 8, 3, 9, 4, 7, 6, 0, 1, 3], F).reshape(3, 4, 1)
RGB = np.array([0.1, 0.5, 0.9, 1, 0, 0, 0.2, 0.2, 0.2, 0, 0.3, 0.6], F).reshape(2, 2, 3)


def test_the_same_seeds_change_images_as_in_tensorflow():
    batch = np.stack([IMAGE, IMAGE + 10, IMAGE + 20, IMAGE + 30])
    sw.random.set_seed(3)
    assert [float(sw.image.random_flip_left_right(IMAGE, seed)[0, 0, 0]) for seed in range(6)] == [8, 1, 1, 8, 1, 8]
    assert sw.image.random_flip_left_right(batch, 1)[:, 0, 0, 0].numpy().tolist() == [1, 18, 28, 38]
    assert [float(sw.image.random_flip_up_down(IMAGE, seed)[0, 0, 0]) for seed in range(6)] == [1, 6, 6, 6, 1, 1]
    crops = [sw.image.random_crop(IMAGE, [2, 2, 1], seed)[..., 0].numpy().tolist() for seed in range(3)]
    assert crops == [[[5, 2], [9, 4]], [[3, 9], [6, 0]], [[3, 9], [6, 0]]]
    np.testing.assert_allclose(sw.image.random_brightness(RGB, 0.3, 1), RGB + F(0.04944), atol=1e-5)
    changed = [
        sw.image.random_contrast(RGB, 0.3, 2.0, 1)[0],
        sw.image.random_saturation(RGB, 0.3, 2.0, 1)[0],
        sw.image.random_hue(RGB, 0.3, 1)[0],
    ]
    expected = [
        [[-0.11335, 0.73705, 1.3504], [1.64004, -0.23705, -0.40299]],
        [[0.60503, 0.75252, 0.9], [1, 0.63129, 0.63129]],
        [[0.1, 0.9, 0.34068], [0.80084, 0, 1]],
    ]
    np.testing.assert_allclose(np.stack(changed), expected, atol=1e-5)


def test_stateless_changes_on_all_engines():
    def changed(x, seed):
        return [
            sw.image.stateless_random_crop(x, [2, 2, 1], seed),
            sw.image.stateless_random_flip_left_right(x, seed),
            sw.image.stateless_random_flip_up_down(sw.stack([x, x]), seed),
        ]

    engines = EveryEngine(changed, 3, ((2,), np.int32))
    found = [engines.check(IMAGE, np.array([seed, 2], np.int32)) for seed in range(6)]
    assert found[1][0][..., 0].numpy().tolist() == [[2, 8], [4, 7]]
    assert [float(each[1][0, 0, 0]) for each in found] == [8, 1, 1, 1, 8, 8]
    engines.refuses(IMAGE[:1], np.array([0, 2], np.int32))


STATELESS = {
    "brightness": (0.4, [-0.15306596, -0.06973263, 0.01360071, 0.09693404, 0.18026738, 0.26360071, 0.34693402]),
    "contrast": ((0.3, 2.5), [0.00784928, 0.09118259, 0.17451596, 0.25261641, 0.33594978, 0.41928309, 0.49738359]),
    "saturation": ((0.3, 2.5), [0.00348856, 0.08507761, 0.16666667, 0.25348857, 0.33507761, 0.41666666, 0.50348854]),
    "hue": (0.4, [0.0, 0.16666667, 0.09693404, 0.25, 0.41666666, 0.34693402, 0.5]),
}
"""The first elements of an image changed by the seed (3, 5), and by what."""


@pytest.mark.parametrize("change", some(STATELESS))
def test_stateless_colours_are_tensorflows_on_all_engines(change):
    limits, expected = STATELESS[change]
    function = getattr(sw.image, f"stateless_random_{change}")
    image = (np.arange(12, dtype=F) / F(12)).reshape(2, 2, 3)
    engines = EveryEngine(lambda x, seed: function(x, *np.atleast_1d(limits).tolist(), seed=seed), 3, ((2,), np.int32))
    found = engines.check(image, np.array([3, 5], np.int32))
    np.testing.assert_allclose(found.numpy().ravel()[: len(expected)], expected, atol=1e-6)


@pytest.mark.parametrize(
    "call",
    [
        lambda: sw.image.stateless_random_brightness(RGB, -1.0, [1, 2]),
        lambda: sw.image.stateless_random_contrast(RGB, -0.5, 1.0, [1, 2]),
        lambda: sw.image.stateless_random_saturation(RGB, 1.0, 1.0, [1, 2]),
        lambda: sw.image.stateless_random_hue(RGB, 0.7, [1, 2]),
        lambda: sw.image.random_crop(IMAGE, [2, 2]),
        lambda: sw.image.random_crop(IMAGE, [4, 2, 1]),
        lambda: sw.image.random_brightness(RGB, -1.0),
        lambda: sw.image.random_contrast(RGB, 2.0, 1.0),
        lambda: sw.image.random_hue(RGB, 0.7),
        lambda: sw.image.random_flip_up_down(IMAGE[0]),
    ],
)
def test_changes_that_do_not_fit_are_errors(call):
    with pytest.raises(InvalidArgumentError, match="expected"):
        call()
