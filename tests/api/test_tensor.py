"""Eager tensors: making them, their dtype rules, their Python protocol."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import stepwell as sw


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (1, "int32"),
        (1.5, "float32"),
        (True, "bool"),
        ([1, 2], "int32"),
        ([1, 2.5], "float32"),
        ([], "float32"),
        (2**31 - 1, "int32"),
        (2**31, "int64"),
        ([1, -(2**40)], "int64"),
        ([[True], [False]], "bool"),
        (np.float64(1), "float64"),
        (np.arange(3), "int64"),
        (np.zeros((0, 3), np.int32), "int32"),
    ],
)
def test_values_get_tensorflows_dtypes(value, dtype):
    tensor = sw.convert_to_tensor(value)
    assert tensor.dtype == np.dtype(dtype)
    assert tensor.shape == np.shape(value)
    np.testing.assert_array_equal(tensor.numpy(), value)


class _Column:
    """An array of another library, as a column of pandas is."""

    def __init__(self, array):
        self._array = array

    def __array__(self, dtype=None, copy=None):
        return self._array if dtype is None else self._array.astype(dtype)


@pytest.mark.parametrize("dtype", ["int64", "float64", "bool", "uint8"])
def test_arrays_of_other_libraries_keep_their_dtype(dtype):
    array = np.array([[0, 1], [1, 0]], dtype)
    for tensor in (sw.constant(_Column(array)), sw.convert_to_tensor(_Column(array)), sw.identity(_Column(array))):
        assert tensor.dtype == array.dtype
        np.testing.assert_array_equal(tensor.numpy(), array)


@pytest.mark.parametrize(
    ("value", "dtype", "error"),
    [
        (1.5, "int32", TypeError),
        (2**40, "int32", ValueError),
        ("text", "int32", TypeError),
        ([[1, 2], [3]], None, ValueError),
        (None, None, TypeError),
        (1, "bool", TypeError),
        (2**63, None, ValueError),
        (2**70, None, ValueError),
        (-1, "uint8", ValueError),
        (np.array([1.5]), "int32", TypeError),
        (np.array([2**40]), "int32", ValueError),
        (np.array([1]), "bool", TypeError),
    ],
)
def test_nothing_is_lost_silently(value, dtype, error):
    with pytest.raises(error):
        sw.convert_to_tensor(value, dtype)


def test_a_tensor_of_another_dtype_is_refused():
    with pytest.raises(TypeError, match=r"expected a tensor of dtype float64, got float32"):
        sw.convert_to_tensor(sw.constant(1.0), "float64")


@given(hnp.arrays(st.sampled_from(["int32", "float64", "bool"]), hnp.array_shapes(min_side=0)))
def test_numpy_round_trip_and_value_semantics(array):
    tensor = sw.convert_to_tensor(array)
    before = array.copy()
    if array.size:
        array.flat[0] = 0 if array.flat[0] else 1
    np.testing.assert_array_equal(tensor.numpy(), before)
    copy = tensor.numpy()
    if copy.size and copy.ndim:
        copy.flat[0] = 0
    np.testing.assert_array_equal(tensor.numpy(), before)


def test_python_protocol():
    scalar, row = sw.constant(3), sw.constant([1.0, 2.0])
    assert int(scalar) == 3
    assert float(row[1]) == 2.0
    assert bool(scalar)
    assert len(row) == 2
    assert [float(x) for x in row] == [1.0, 2.0]
    assert list(range(5))[scalar] == 3
    assert np.asarray(row).tolist() == [1.0, 2.0]
    assert f"{sw.constant(1.25):.1f}" == "1.2"
    with pytest.raises(TypeError, match="not hashable"):
        hash(scalar)
    assert scalar.ref() == scalar.ref()
    assert len({scalar.ref(), row.ref()}) == 2


def test_operators_take_python_numbers_in_the_tensors_dtype():
    x = sw.constant([1.0, 2.0], "float64")
    assert (x + 1).dtype == np.float64
    assert (2 * x).numpy().tolist() == [2.0, 4.0]
    assert (1 - x).numpy().tolist() == [0.0, -1.0]
    n = sw.constant([7, -7])
    assert (n // 2).numpy().tolist() == [3, -4]
    assert (n % 3).numpy().tolist() == [1, 2]
    assert (n / 2).numpy().tolist() == [3.5, -3.5]
    assert (-n).numpy().tolist() == [-7, 7]
    assert (n == 7).numpy().tolist() == [True, False]
    assert (n != 7).numpy().tolist() == [False, True]
    assert (~(n > 0)).numpy().tolist() == [False, True]
    assert (n & 3).numpy().tolist() == [3, 1]


def test_arrays_take_the_dtype_of_the_tensor_they_meet():
    x = sw.constant([1.0, 2.0])
    for result in (x + np.array([1.5, 2.5]), np.array([1.5, 2.5]) + x, x + np.float64(1.5), x + np.array([1, 2])):
        assert result.dtype == np.float32
    assert (sw.constant([1, 2]) + np.array([1, 2])).dtype == np.int32
    with pytest.raises(TypeError, match=r"add: y: cannot convert array\(\[1\.5, 2\.5\]\) to int32"):
        sw.constant([1, 2]) + np.array([1.5, 2.5])


def test_booleans_become_numbers_where_numbers_are_wanted():
    assert sw.constant([True, False], "float32").numpy().tolist() == [1.0, 0.0]
    assert sw.constant(np.array([True]), "int8").dtype == np.int8
    for x in (sw.constant([1, 2]), sw.constant([1.0, 2.0])):
        for result in (x + True, True + x, sw.add(x, np.True_)):
            assert (result.dtype, result.numpy().tolist()) == (x.dtype, [2, 3])
    assert sw.Variable(2.0).assign(True).numpy() == 1.0
    with pytest.raises(TypeError, match="cannot convert 1 to bool"):
        sw.constant(1, "bool")


def test_two_dtypes_are_an_error_that_says_so():
    with pytest.raises(TypeError, match=r"add.*expected.*float32.*float64"):
        sw.add(sw.constant(1.0), sw.constant(1.0, "float64"))
    with pytest.raises(TypeError):
        sw.constant(1) + 1.5


def test_equality_is_elementwise_and_has_one_dtype():
    x = sw.constant([1, 2])
    assert (x == [1, 3]).numpy().tolist() == [True, False]
    assert (x != 2).numpy().tolist() == [True, False]
    assert (x == None) is False  # noqa: E711
    with pytest.raises(TypeError, match="text"):
        x != "text"  # noqa: B015
    for other in (sw.constant([1.0, 2.0]), 1.5, np.array([1.5, 2.0])):
        with pytest.raises(TypeError, match="equal: y"):
            x == other  # noqa: B015


def test_shapes_that_do_not_broadcast_are_an_error_that_says_so():
    with pytest.raises(ValueError, match=r"add.*\[2\].*\[3\]"):
        sw.constant([1.0, 2.0]) + sw.constant([1.0, 2.0, 3.0])


def test_lists_with_tensors_are_stacked():
    row = sw.convert_to_tensor([sw.constant(1.0), 2.0])
    assert row.numpy().tolist() == [1.0, 2.0]


def test_an_unknown_name_suggests_the_nearest():
    with pytest.raises(AttributeError, match=r"did you mean 'sw\.reduce_sum'"):
        sw.reduce_summ  # noqa: B018


def test_programs_may_give_tensors_attributes_of_their_own():
    x = sw.constant(1.0)
    x.note = "mine"
    assert x.note == "mine"
    assert not hasattr(sw.constant(1.0), "note")

    @sw.function
    def f(x):
        x.note = "traced"
        return x + 1.0, x.note

    assert f(x)[1] == "traced"
    assert f(x)[0].numpy() == 2.0
