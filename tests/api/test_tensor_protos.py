"""Tensors as messages: the fields are TensorFlow 2.21's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from support.effort import examples

import stepwell as sw

DTYPES = [np.int8, np.uint8, np.int16, np.int32, np.int64, np.uint16, np.float16, np.float32, np.float64, np.bool_]


@settings(max_examples=examples(60), deadline=None)
@given(st.sampled_from(DTYPES).flatmap(lambda dtype: arrays.arrays(dtype, arrays.array_shapes(min_dims=0, min_side=0))))
def test_arrays_come_back(array):
    message = sw.make_tensor_proto(array)
    found = sw.make_ndarray(message)
    assert found.dtype == array.dtype and found.shape == array.shape
    np.testing.assert_array_equal(found, array)
    assert [each.size for each in message.tensor_shape.dim] == list(array.shape)


def test_fields():
    assert list(sw.make_tensor_proto(1).int_val) == [1] and not sw.make_tensor_proto(1).tensor_content
    assert list(sw.make_tensor_proto([2.5]).float_val) == [2.5]
    assert list(sw.make_tensor_proto([True, False]).bool_val) == [True, False]
    assert sw.make_tensor_proto([1, 2]).tensor_content == b"\1\0\0\0\2\0\0\0"
    assert list(sw.make_tensor_proto([b"a", "b"]).string_val) == [b"a", b"b"]
    assert sw.make_ndarray(sw.make_tensor_proto([b"a", "b"])).tolist() == [b"a", b"b"]


def test_shapes():
    assert sw.make_ndarray(sw.make_tensor_proto(1, sw.float32, [2, 2])).tolist() == [[1.0, 1.0], [1.0, 1.0]]
    assert sw.make_ndarray(sw.make_tensor_proto([1, 2], shape=[3])).tolist() == [1, 2, 2]
    for call in (
        lambda: sw.make_tensor_proto([1, 2, 3, 4, 5], shape=[3]),
        lambda: sw.make_tensor_proto([1], shape=[3], verify_shape=True),
        lambda: sw.make_tensor_proto([1.5], sw.int32),
        lambda: sw.make_tensor_proto(None),
        lambda: sw.make_ndarray(3),
    ):
        with pytest.raises((ValueError, TypeError)):
            call()


def test_summaries_of_programs(tmp_path):
    image = sw.compat.v1.Summary.Image(height=2, width=3, colorspace=1, encoded_image_string=b"")
    summary = sw.compat.v1.Summary()
    summary.value.add(tag="picture", image=image)
    assert sw.compat.v1.Summary.FromString(summary.SerializeToString()).value[0].image.width == 3
