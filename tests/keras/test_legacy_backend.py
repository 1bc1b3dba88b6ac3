"""The functions of `tf.keras.backend`, which programs for older Keras call: values as TensorFlow's."""

import numpy as np
import pytest
from support.legacy_backend import CALLS, arguments, plain

from stepwell import keras


@pytest.mark.parametrize("call", CALLS)
def test_values_are_those_of_tensorflow(call):
    found = plain(eval(call, arguments(keras.backend)))
    _compare(found, CALLS[call])


def _compare(found, expected):
    if isinstance(expected, dict):
        assert found["dtype"] == expected["dtype"]
        np.testing.assert_allclose(found["values"], expected["values"], rtol=1e-5, atol=1e-6)
    elif isinstance(expected, list) and any(isinstance(each, dict) for each in expected):
        for one, other in zip(found, expected, strict=True):
            _compare(one, other)
    else:
        assert found == expected
