"""The interpreter on vectors, on the functions of `math`, and on what rounds once."""

from fractions import Fraction
from math import erf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

from stepwell.runtime.engines.interpreter import InterpreterError, run_text
from stepwell.runtime.engines.interpreter.fused import fused_multiply_add

V = np.array([1.5, -2.5, 0.5, 4.0], np.float32)


def lanes(body, inputs, result="vector<4xf32>", outside=""):
    """The result of a body on memrefs %x, %y, … of the inputs, as an array."""
    names = dict(zip("xyz", inputs, strict=False))
    kinds = {"float32": "f32", "int32": "i32", "float64": "f64", "bool": "i1", "int64": "i64"}
    types = ", ".join(
        f"%{n}: memref<{''.join(f'{s}x' for s in a.shape)}{kinds[a.dtype.name]}>" for n, a in names.items()
    )
    indices = "\n".join(f"  %c{n} = arith.constant {n} : index" for n in range(6))
    text = f"func.func @main({types}) -> {result} {{\n{indices}\n{body}\n  func.return %r : {result}\n}}"
    return run_text(text, [a.copy() for a in inputs])[0]


def test_load_arithmetic_and_store():
    x, out = np.arange(8, dtype=np.float32).reshape(2, 4), np.zeros((2, 4), np.float32)
    run_text(
        """
func.func @main(%x: memref<2x4xf32>, %out: memref<2x4xf32>) {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %two = arith.constant 2.0 : f32
  %twos = vector.broadcast %two : f32 to vector<3xf32>
  %a = vector.load %x[%1, %1] : memref<2x4xf32>, vector<3xf32>
  %b = arith.mulf %a, %twos : vector<3xf32>
  vector.store %b, %out[%0, %1] : memref<2x4xf32>, vector<3xf32>
  %whole = vector.load %x[%0, %0] : memref<2x4xf32>, vector<2x2xf32>
  %c = vector.extract %whole[1] : vector<2xf32> from vector<2x2xf32>
  vector.store %c, %out[%1, %0] : memref<2x4xf32>, vector<2xf32>
  func.return
}""",
        [x, out],
    )
    assert out.tolist() == [[0, 10, 12, 14], [4, 5, 0, 0]]


def test_masks_leave_memory_alone():
    x = np.arange(3, dtype=np.float32)
    out = np.full(3, -1, np.float32)
    run_text(
        """
func.func @main(%x: memref<?xf32>, %out: memref<?xf32>) {
  %0 = arith.constant 0 : index
  %2 = arith.constant 2 : index
  %5 = arith.constant 5 : index
  %m = vector.create_mask %2 : vector<4xi1>
  %none = vector.create_mask %0 : vector<4xi1>
  %p = arith.constant dense<9.0> : vector<4xf32>
  %a = vector.maskedload %x[%2], %none, %p : memref<?xf32>, vector<4xi1>, vector<4xf32> into vector<4xf32>
  vector.maskedstore %out[%0], %m, %a : memref<?xf32>, vector<4xi1>, vector<4xf32>
  vector.maskedstore %out[%5], %none, %a : memref<?xf32>, vector<4xi1>, vector<4xf32>
  func.return
}""",
        [x, out],
    )
    assert out.tolist() == [9, 9, -1]
    body = """
  %m = vector.create_mask %c3 : vector<4xi1>
  %p = arith.constant dense<9.0> : vector<4xf32>
  %r = vector.maskedload %x[%c2], %m, %p : memref<4xf32>, vector<4xi1>, vector<4xf32> into vector<4xf32>"""
    with pytest.raises(
        InterpreterError, match=r"index 4 is out of range for axis 0 of shape \[4\] \[vector.maskedload\]"
    ):
        lanes(body, [V])
    with pytest.raises(InterpreterError, match=r"index 4 is out of range .* \[vector.load\]"):
        lanes("%r = vector.load %x[%c1] : memref<4xf32>, vector<4xf32>", [V])


REDUCTIONS = {
    "add": 3.5,
    "mul": -7.5,
    "maximumf": 4.0,
    "minimumf": -2.5,
    "maxnumf": 4.0,
    "minnumf": -2.5,
}


@pytest.mark.parametrize("kind", REDUCTIONS)
def test_reduction_of_floats(kind):
    body = "%v = vector.load %x[%c0] : memref<4xf32>, vector<4xf32>\n"
    body += f"%r = vector.reduction <{kind}>, %v : vector<4xf32> into f32"
    assert lanes(body, [V], "f32") == REDUCTIONS[kind]


def test_reduction_of_nan():
    v = np.array([1, np.nan, 3, 2], np.float32)
    body = "%v = vector.load %x[%c0] : memref<4xf32>, vector<4xf32>\n"
    assert np.isnan(lanes(body + "%r = vector.reduction <maximumf>, %v : vector<4xf32> into f32", [v], "f32"))
    assert lanes(body + "%r = vector.reduction <maxnumf>, %v : vector<4xf32> into f32", [v], "f32") == 3


@pytest.mark.parametrize(
    "kind,expected",
    [
        ("add", 3),
        ("mul", 0),
        ("maxsi", 4),
        ("minsi", -1),
        ("maxui", -1),
        ("minui", 0),
        ("and", 0),
        ("or", -1),
        ("xor", -5),
    ],
)
def test_reduction_of_integers_with_an_accumulator(kind, expected):
    v = np.array([4, -1, 0], np.int32)
    body = "%v = vector.load %x[%c0] : memref<3xi32>, vector<3xi32>\n%i = arith.constant 0 : i32\n"
    assert lanes(body + f"%r = vector.reduction <{kind}>, %v, %i : vector<3xi32> into i32", [v], "i32") == expected


def test_halves_are_added_before_halves_of_halves():
    """As machine code does it; from the first lane to the last, the sum would be 0."""
    v = np.array([1, 2**24, 1, -(2**24)], np.float32)
    body = "%v = vector.load %x[%c0] : memref<4xf32>, vector<4xf32>\n"
    assert lanes(body + "%r = vector.reduction <add>, %v : vector<4xf32> into f32", [v], "f32") == 2


def test_lanes_are_moved():
    body = """
  %v = vector.load %x[%c0] : memref<4xf32>, vector<4xf32>
  %s = vector.shuffle %v, %v [3, 0, 5, 1] : vector<4xf32>, vector<4xf32>
  %e = vector.extract %v[2] : f32 from vector<4xf32>
  %t = vector.insert %e, %s[%c1] : f32 into vector<4xf32>
  %i = vector.bitcast %t : vector<4xf32> to vector<4xi32>
  %r = vector.bitcast %i : vector<4xi32> to vector<4xf32>"""
    assert lanes(body, [V]).tolist() == [4, 0.5, -2.5, -2.5]


def test_transfers_permute_pad_and_mask():
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    body = """
  %p = arith.constant -1.0 : f32
  %r = vector.transfer_read %x[%c1, %c1], %p {permutation_map = affine_map<(d0, d1) -> (d1, d0)>} : memref<2x3xf32>, vector<3x2xf32>"""  # noqa: E501
    assert lanes(body, [x], "vector<3x2xf32>").tolist() == [[4, -1], [5, -1], [-1, -1]]
    body = """
  %p = arith.constant -1.0 : f32
  %m = vector.create_mask %c1 : vector<2xi1>
  %r = vector.transfer_read %x[%c0, %c1], %p, %m {in_bounds = [true]} : memref<2x3xf32>, vector<2xf32>"""
    assert lanes(body, [x], "vector<2xf32>").tolist() == [1, -1]
    with pytest.raises(InterpreterError, match=r"a transfer leaves axis 1 of shape \[2, 3\]"):
        lanes(body.replace("%x[%c0, %c1]", "%x[%c0, %c2]"), [x], "vector<2xf32>")
    body = """
  %v = vector.load %x[%c0, %c0] : memref<2x3xf32>, vector<3xf32>
  vector.transfer_write %v, %x[%c1, %c1] : vector<3xf32>, memref<2x3xf32>
  %r = vector.load %x[%c1, %c0] : memref<2x3xf32>, vector<3xf32>"""
    assert lanes(body, [x], "vector<3xf32>").tolist() == [3, 0, 1]


def test_simd_means_arith_lane_by_lane():
    ints = np.array([3, -1, 0, 7], np.int32)
    body = """
  %v = vector.load %x[%c0] : memref<4xf32>, vector<4xf32>
  %n = vector.load %y[%c0] : memref<4xi32>, vector<4xi32>
  %f = simd.cast "sitofp", %n : vector<4xi32> to vector<4xf32>
  %lt = simd.cmpf 4, %v, %f : vector<4xf32> -> vector<4xi1>
  %zero = arith.constant dense<0> : vector<4xi32>
  %neg = simd.cmpi 2, %n, %zero : vector<4xi32> -> vector<4xi1>
  %b = arith.xori %lt, %neg : vector<4xi1>
  %r = simd.select %b, %v, %f : vector<4xi1>, vector<4xf32>"""
    expected = np.where((ints > V) ^ (ints < 0), V, ints.astype(np.float32))
    assert lanes(body, [V, ints]).tolist() == expected.tolist()


UNARY = {
    "absf": np.abs,
    "acos": np.arccos,
    "acosh": np.arccosh,
    "asin": np.arcsin,
    "asinh": np.arcsinh,
    "atan": np.arctan,
    "atanh": np.arctanh,
    "cbrt": np.cbrt,
    "ceil": np.ceil,
    "cos": np.cos,
    "cosh": np.cosh,
    "erf": lambda x: np.array([erf(float(v)) for v in x], x.dtype),
    "exp": np.exp,
    "exp2": np.exp2,
    "expm1": np.expm1,
    "floor": np.floor,
    "log": np.log,
    "log10": np.log10,
    "log1p": np.log1p,
    "log2": np.log2,
    "roundeven": np.rint,
    "round": lambda x: np.array([2, -3, 1, 4, 0, np.nan], x.dtype),
    "rsqrt": lambda x: x.dtype.type(1) / np.sqrt(x),
    "sin": np.sin,
    "sinh": np.sinh,
    "sqrt": np.sqrt,
    "tan": np.tan,
    "tanh": np.tanh,
    "trunc": np.trunc,
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", UNARY)
def test_function_of_one_float(name, dtype):
    x = np.array([1.5, -2.5, 0.5, 4.0, -0.0, np.nan], dtype)
    kind = "f32" if dtype is np.float32 else "f64"
    body = f"%v = vector.load %x[%c0] : memref<6x{kind}>, vector<6x{kind}>\n%r = math.{name} %v : vector<6x{kind}>"
    result = lanes(body, [x], f"vector<6x{kind}>")
    with np.errstate(all="ignore"):
        expected = UNARY[name](x)
    np.testing.assert_array_equal(result, expected)
    assert np.signbit(result[4]) == (np.signbit(x[4]) if name == "round" else np.signbit(expected[4]))
    assert result.dtype == dtype


@pytest.mark.parametrize(
    "name,expected",
    [
        ("absi", [4, 1, 0, -(2**31)]),
        ("ctpop", [1, 32, 0, 1]),
        ("ctlz", [29, 0, 32, 0]),
        ("cttz", [2, 0, 32, 31]),
    ],
)
def test_function_of_one_integer(name, expected):
    x = np.array([4, -1, 0, -(2**31)], np.int32)
    body = f"%v = vector.load %x[%c0] : memref<4xi32>, vector<4xi32>\n%r = math.{name} %v : vector<4xi32>"
    assert lanes(body, [x], "vector<4xi32>").tolist() == expected


@pytest.mark.parametrize("name,function", [("powf", np.power), ("atan2", np.arctan2), ("copysign", np.copysign)])
def test_function_of_two_floats(name, function):
    y = np.array([-2.0, 3.0, -0.0, 0.5], np.float32)
    body = "%v = vector.load %x[%c0] : memref<4xf32>, vector<4xf32>\n"
    body += "%w = vector.load %y[%c0] : memref<4xf32>, vector<4xf32>\n"
    result = lanes(body + f"%r = math.{name} %v, %w : vector<4xf32>", [V, y])
    np.testing.assert_array_equal(result, function(V, y))


def test_integer_powers_wrap_and_negative_ones_are_zero():
    x, n = np.array([3, -1, 2, 1], np.int32), np.array([25, -3, -1, -9], np.int32)
    body = "%v = vector.load %x[%c0] : memref<4xi32>, vector<4xi32>\n"
    body += "%w = vector.load %y[%c0] : memref<4xi32>, vector<4xi32>\n%r = math.ipowi %v, %w : vector<4xi32>"
    wrapped = (3**25 + 2**31) % 2**32 - 2**31
    assert lanes(body, [x, n], "vector<4xi32>").tolist() == [wrapped, -1, 0, 1]


def test_fma_of_the_two_dialects():
    body = """
  %v = vector.load %x[%c0] : memref<4xf32>, vector<4xf32>
  %a = vector.fma %v, %v, %v : vector<4xf32>
  %r = math.fma %a, %v, %v : vector<4xf32>"""
    assert lanes(body, [V]).tolist() == ((V * V + V) * V + V).tolist()


FINITE32 = st.floats(width=32, allow_nan=False, allow_infinity=False)
FINITE64 = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e150, max_value=1e150)


def _nearest32(exact):
    """The float32 nearest to a fraction, ties to even: of the neighbours of an approximation the closest."""
    with np.errstate(over="ignore"):
        guess = np.float32(float(exact))
    candidates = [np.nextafter(guess, np.float32(-np.inf)), guess, np.nextafter(guess, np.float32(np.inf))]
    candidates = [c for c in candidates if np.isfinite(c)]
    best = min(abs(Fraction(float(c)) - exact) for c in candidates)
    closest = [c for c in candidates if abs(Fraction(float(c)) - exact) == best]
    return min(closest, key=lambda c: int(c.view(np.int32)) & 1)


@settings(max_examples=examples(300), deadline=None)
@given(FINITE32, FINITE32, FINITE32)
def test_fused_multiply_add_of_floats_rounds_once(a, b, c):
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    if abs(exact) >= Fraction(float(np.finfo(np.float32).max)):
        return
    with np.errstate(all="ignore"):
        assert fused_multiply_add(np.float32(a), np.float32(b), np.float32(c)) == _nearest32(exact)


@settings(max_examples=examples(300), deadline=None)
@given(FINITE64, FINITE64, FINITE64)
def test_fused_multiply_add_of_doubles_rounds_once(a, b, c):
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    assert fused_multiply_add(np.float64(a), np.float64(b), np.float64(c)) == float(exact)


def test_fused_multiply_add_where_rounding_twice_is_wrong():
    """The product lies just above the middle of two floats by less than a double can say once `c` is added."""
    a, b, c = np.float32(1 + 2**-12), np.float32(1 + 2**-12), np.float32(2**-80)
    assert np.float32(np.float64(a) * np.float64(b) + np.float64(c)) == np.float32(1 + 2**-11)
    assert fused_multiply_add(a, b, c) == np.float32(1 + 2**-11 + 2**-23)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_fused_multiply_add_of_special_values(dtype):
    inf, big = np.inf, np.finfo(dtype).max
    cases = [(inf, 0, 1), (big, big, -inf), (big, big, 0), (-big, big, 0), (0, 5, -0.0), (-0.0, 5, -0.0), (2, 3, -6)]
    a, b, c = (np.array(column, dtype) for column in zip(*cases, strict=True))
    with np.errstate(all="ignore"):
        result = fused_multiply_add(a, b, c)
    np.testing.assert_array_equal(result, [np.nan, -inf, inf, -inf, 0, 0, 0])
    assert np.signbit(result[1:]).tolist() == [True, False, True, False, True, False]


def test_vectors_are_not_read_from_memory_with_gaps():
    text = """
func.func @main(%x: memref<8xf32>) -> f32 {
  %zero = arith.constant 0 : index
  %part = memref.subview %x[0][4][2] : memref<8xf32> to memref<4xf32, strided<[2]>>
  %lanes = vector.load %part[%zero] : memref<4xf32, strided<[2]>>, vector<4xf32>
  %sum = vector.reduction <add>, %lanes : vector<4xf32> into f32
  func.return %sum : f32
}"""
    with pytest.raises(InterpreterError, match="last axis has a stride of 2, expected 1"):
        run_text(text, [np.ones(8, np.float32)])
