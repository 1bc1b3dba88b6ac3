"""Transposed convolutions over one and three axes, and pools by their names: as those over two axes, on all engines."""

import numpy as np
import pytest
from support.every_engine import EveryEngine

import stepwell as sw
from stepwell.errors import InvalidArgumentError

F = np.float32


def _windows(x, w):
    deep, wide = x[:, None, None, :, :], w[None, None]
    return [
        sw.nn.conv1d_transpose(x, w, [2, 6, 3], 2),
        sw.nn.conv2d_transpose(x[:, None], w[None], [2, 1, 6, 3], [1, 2])[:, 0],
        sw.nn.conv3d_transpose(deep, wide, [2, 1, 1, 6, 3], [1, 1, 2])[:, 0, 0],
        sw.nn.atrous_conv2d(x[:, None], sw.transpose(w, [0, 2, 1])[None], 2, "SAME"),
        sw.nn.conv2d(x[:, None], sw.transpose(w, [0, 2, 1])[None], 1, "SAME", dilations=2),
        sw.nn.pool(x, [2], "MAX"),
        sw.nn.pool(x, 2, "AVG", strides=[2], padding="SAME"),
        sw.nn.pool(x[:, None], [1, 2], "MAX", data_format="NHWC")[:, 0],
    ]


def test_convolutions_over_any_number_of_axes():
    random = np.random.default_rng(0)
    x, w = random.integers(-3, 4, (2, 3, 2)).astype(F), random.integers(-3, 4, (2, 3, 2)).astype(F)
    found = EveryEngine(_windows, ((None, 3, 2), F), ((2, 3, 2), F)).check(x, w)
    for one, other in ((0, 1), (1, 2), (3, 4), (5, 7)):
        np.testing.assert_array_equal(found[one], found[other])
    np.testing.assert_array_equal(found[5], np.maximum(x[:, :-1], x[:, 1:]))
    np.testing.assert_array_equal(found[6], np.stack([(x[:, 0] + x[:, 1]) / 2, x[:, 2]], 1))


def test_pools_that_are_not_there():
    x = np.ones((1, 3, 1), F)
    for call in (lambda: sw.nn.pool(x, 2, "SUM"), lambda: sw.nn.pool(x, 2, "MAX", dilations=[2])):
        with pytest.raises(InvalidArgumentError, match="expected"):
            call()
