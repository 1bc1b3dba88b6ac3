"""0 is greater than -0: the greater and the lesser of zeros, whatever the order and the number of them."""

import itertools

import numpy as np
import pytest

from stepwell.dialects.hl import OPS

ZEROS = (0.0, -0.0)


def _is_negative(op, *arrays, **attrs):
    (result,) = OPS[op].evaluate([np.asarray(array, np.float32) for array in arrays], attrs)
    assert result == 0
    return bool(np.signbit(result))


@pytest.mark.parametrize("x, y", list(itertools.product(ZEROS, ZEROS)))
def test_of_two(x, y):
    signs = [bool(np.signbit(value)) for value in (x, y)]
    assert _is_negative("hl.maximum", x, y) == all(signs)
    assert _is_negative("hl.minimum", x, y) == any(signs)


@pytest.mark.parametrize("zeros", list(itertools.product(ZEROS, repeat=3)))
def test_of_many(zeros):
    signs = [bool(np.signbit(value)) for value in zeros]
    assert _is_negative("hl.max", [*zeros, -1.0], axes=(0,), keepdims=False) == all(signs)
    assert _is_negative("hl.min", [*zeros, 1.0], axes=(0,), keepdims=False) == any(signs)
