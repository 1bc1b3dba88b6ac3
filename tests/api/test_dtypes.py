"""Arrays of dtypes that tensors do not have: converted where no number changes, otherwise refused by name."""

import numpy as np
import pytest

import stepwell as sw

ENTRIES = {
    "constant": sw.constant,
    "convert_to_tensor": sw.convert_to_tensor,
    "argument": sw.function(lambda x: x + x),
    "Variable": sw.Variable,
    "assign": lambda a: sw.Variable(np.zeros(3, a.dtype.newbyteorder("="))).assign(a),
    "captured": lambda a: sw.function(lambda x: sw.cast(x, "float32") + sw.cast(a, "float32"))(sw.constant(1.0)),
    "captured, large": lambda a: sw.function(lambda x: x + sw.cast(np.resize(a, 200), "float32"))(sw.constant(1.0)),
    "operand": lambda a: a + sw.constant([1, 2, 3], a.dtype),
    "op": sw.reduce_sum,
    "dtype": lambda a: sw.zeros([3], a.dtype),
    "cast": lambda a: sw.cast([1, 2, 3], a.dtype),
    "spec": lambda a: sw.TensorSpec([3], a.dtype),
}


@pytest.mark.parametrize("dtype", [">f4", ">f8", ">i4", ">i8"])
@pytest.mark.parametrize("entry", ENTRIES)
def test_another_byte_order_is_converted(entry, dtype):
    array = np.array([1, 2, 3]).astype(dtype)
    native = array.astype(array.dtype.newbyteorder("="))
    got, expected = (ENTRIES[entry](given) for given in (array, native))
    assert got.dtype == expected.dtype and got.dtype.dtype.isnative
    if entry != "spec":
        assert np.array_equal(np.asarray(got), np.asarray(expected))


def test_compiled_code_knows_the_dtypes_of_tensors():
    """It compares the objects, and takes a slow way for a dtype that is only equal."""
    odd = np.dtype(np.float32).newbyteorder("<")
    arrays = [sw.ones([2]), sw.zeros([2], odd), sw.fill([2], 1.0), sw.constant(np.zeros(2, odd)), sw.cast([1, 2], odd)]
    function = sw.function(lambda x: x + 1.0)
    for array in arrays:
        function(array)
        entry = function.get_concrete_function(array).executable.entry
        assert entry(array._array) is not NotImplemented


OTHERS = {
    "longdouble": np.zeros(3, np.longdouble),
    "clongdouble": np.zeros(3, np.clongdouble),
    "object": np.array([None, "a", 3], object),
    "void": np.zeros(3, [("a", "f4"), ("b", "i4")]),
    "datetime64": np.array(["2020-01-01"] * 3, "datetime64[D]"),
    "timedelta64": np.array([1, 2, 3], "timedelta64[s]"),
}


@pytest.mark.parametrize("kind", OTHERS)
@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if entry not in ("assign", "operand")])
def test_other_dtypes_are_refused_by_name(entry, kind):
    array = OTHERS[kind]
    if (kind, entry) in [("object", "dtype"), ("object", "cast"), ("object", "spec")]:
        return  # as a dtype it is that of strings
    with pytest.raises(TypeError) as raised:
        ENTRIES[entry](array)
    assert array.dtype.name in str(raised.value) or repr(array.dtype) in str(raised.value)


@pytest.mark.parametrize(
    "entry", ["constant", "convert_to_tensor", "argument", "Variable", "captured", "operand", "op"]
)
def test_arrays_that_mask_elements_are_refused_and_others_are_arrays(entry):
    masked = np.ma.array([1.0, 2.0, 3.0], np.float32, mask=[False, True, False])
    with pytest.raises(TypeError, match="masked array"):
        ENTRIES[entry](masked)
    ENTRIES[entry](np.ma.array([1.0, 2.0, 3.0], np.float32))


@pytest.mark.parametrize("dtype", ["nonsense", 2.5, None, [1], str])
def test_what_is_no_dtype_is_refused_by_argument(dtype):
    with pytest.raises(TypeError, match=r"^zeros: dtype: expected a dtype of bool, .*, got "):
        sw.zeros([2], dtype)


def test_profiles_of_functions_of_unsigned_integers_time_their_ops():
    f = sw.function(lambda x: sw.cumsum(x) // 3)
    found = f.profile(sw.constant([200, 100], "uint8"), repeat=1)
    assert "floordiv" in str(found)
