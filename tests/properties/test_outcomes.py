"""What runs came to, and when two of them came to the same."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import stepwell as sw
from stepwell.compiler.interchange.mlir.text import parse_module
from stepwell.compiler.pipeline.pipelines import parse
from stepwell.compiler.pipeline.registry import pass_class
from stepwell.dialects.diagnostics import ExecutionError, UnsupportedError
from stepwell.dialects.levels import LEVELS
from stepwell.runtime.engines import compile_for
from stepwell.runtime.engines.lower import lowered
from stepwell.runtime.outcomes import (
    RTOL,
    Outcome,
    Tolerance,
    array_difference,
    difference,
    observe,
    observe_run,
    tolerance_after,
)

INF, NAN = np.inf, np.nan
EXACT = Tolerance()
LOOSE = Tolerance(RTOL)


def same(got, expected, tolerance=LOOSE, dtype=np.float32):
    """Whether two arrays are the same."""
    return array_difference("x", np.array(got, dtype), np.array(expected, dtype), tolerance) is None


# Tolerances.


@pytest.mark.parametrize("tolerance", [EXACT, LOOSE])
def test_special_values_equal_themselves_only(tolerance):
    values = [NAN, INF, -INF, 1.0, np.finfo(np.float32).max, -np.finfo(np.float32).max]
    for a, one in enumerate(values):
        for b, other in enumerate(values):
            assert same([one, 2.0], [other, 2.0], tolerance) == (a == b), (one, other)


def test_bit_for_bit_tells_zeros_apart_and_not_nans():
    assert not same([0.0], [-0.0], EXACT) and same([0.0], [-0.0], LOOSE)
    other_nan = np.array([0x7FC00001], np.uint32).view(np.float32)
    assert same(other_nan, [NAN], EXACT)
    assert not same([1.0], [np.nextafter(np.float32(1), np.float32(2))], EXACT)


def test_errors_are_relative_to_the_value_and_to_the_largest_of_its_array():
    assert same([1e-3 + 5e-5, 1.0], [1e-3, 1.0])  # what is left of numbers as large as 1
    assert not same([1e-3 + 5e-5], [1e-3])
    assert not same([2e-6], [1e-6])  # a small array is no excuse
    assert same([1.0, 1e6], [51.0, 1e6]) and not same([1.0, 1e6], [151.0, 1e6])
    assert same([1.0, INF], [1.00001, INF]) and not same([1.0, INF], [2.0, INF])  # infinity is not the largest


def test_a_dtype_allows_for_a_few_roundings_to_itself():
    after = np.float16(1)
    for _ in range(4):
        after = np.nextafter(after, np.float16(2))
    assert abs(float(after) - 1.0) > 2 * RTOL
    assert same(after, 1.0, LOOSE, np.float16) and not same(after, 1.0, EXACT, np.float16)
    assert not same(1.02, 1.0, LOOSE, np.float16)
    assert not same(1.0 + 1e-14, 1.0, Tolerance(1e-16), np.float64)


@pytest.mark.parametrize("dtype", [np.int64, np.uint8, np.bool_])
def test_what_is_no_float_has_to_be_the_same(dtype):
    assert same([1, 0], [1, 0], LOOSE, dtype) and not same([1, 1], [1, 0], LOOSE, dtype)
    assert not same(2**60 + 1, 2**60, LOOSE, np.int64)


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_both_parts_of_complex_numbers_have_to_be_the_same(dtype):
    values = [1 + 2j, 1 - 2j, 2 + 2j, complex(INF, 1), complex(1, INF), complex(-INF, 1)]
    for a, one in enumerate(values):
        for b, other in enumerate(values):
            assert same([one], [other], EXACT, dtype) == (a == b), (one, other)
    nans = [complex(NAN, 1), complex(1, NAN), complex(NAN, NAN), complex(INF, NAN)]
    assert all(same([one], [other], EXACT, dtype) for one in nans for other in nans)
    assert not any(same([one], [other], how, dtype) for one in nans for other in values for how in (EXACT, LOOSE))
    assert not same([complex(0.0, -0.0)], [0], EXACT, dtype)
    assert same([1 + 1e-6j], [1 + 2e-6j], LOOSE, dtype)  # what is left of numbers as large as 1
    assert not same([1e-6j], [2e-6j], LOOSE, dtype)


def test_where_complex_numbers_are_farthest_apart():
    found = array_difference("x", np.complex64([1j, 2 + 1j]), np.complex64([1j, 2 + 4j]), EXACT)
    assert (found.index, found.error, found.relative) == ((1,), 3.0, pytest.approx(3 / abs(2 + 4j)))


def test_empty_arrays_and_kinds():
    assert same(np.zeros((0, 3)), np.zeros((0, 3))) and not same(np.zeros((0, 3)), np.zeros((3, 0)))
    found = array_difference("result 0", np.zeros(1, np.float32), np.zeros(2, np.float64), LOOSE)
    assert str(found) == "result 0 is float32[1], expected float64[2]"


@given(st.lists(st.floats(width=32), max_size=4), st.sampled_from([EXACT, LOOSE]))
def test_everything_is_the_same_as_itself(values, tolerance):
    assert same(values, values, tolerance)


def test_what_passes_may_change():
    inexact = pass_class("vectorize")()
    reorders, exact = parse("convert-hl-to-linalg"), parse("cse,dce")
    assert tolerance_after(exact) == tolerance_after([]) == EXACT
    assert tolerance_after([*exact, inexact]) == Tolerance(RTOL)
    assert tolerance_after([inexact], 1e-2) == Tolerance(1e-2) and tolerance_after(exact, 1e-2) == EXACT
    assert tolerance_after(reorders) == Tolerance(RTOL) and tolerance_after(reorders, long_sums=False) == EXACT


# Differences.


def outcome(*values, **others):
    """What a run came to that gave these float32 arrays."""
    return Outcome(tuple(np.array(value, np.float32) for value in values), **others)


def told(got, expected, tolerance=EXACT):
    """How two runs differ, as text."""
    return str(difference(got, expected, tolerance))


def test_the_largest_difference_is_told():
    found = difference(outcome([1, 2], [[1, 5], [2, 9]]), outcome([1, 3], [[1, 1], [2, 9]]), EXACT)
    assert found is not None and (found.result, found.index, found.error, found.relative) == (1, (0, 1), 4.0, 4.0)
    assert str(found) == "result 1[0, 1] is 5.0, expected 1.0 (off by 4)"
    assert told(outcome(NAN), outcome(1)) == "result 0 is nan, expected 1.0"
    assert told(outcome(-0.0), outcome(0)) == "result 0 is -0.0, expected 0.0"


def test_variables_and_prints_count():
    one, two = (np.array(value, np.float32) for value in (1, 2))
    found = difference(outcome(1, variables=(one, two)), outcome(1, variables=(one, one)), EXACT)
    assert found is not None and (found.parameter, found.result) == (1, None)
    assert str(found) == "parameter 1 is 2.0, expected 1.0 (off by 1)"
    assert told(outcome(printed="a"), outcome(printed="b")) == "prints 'a', expected 'b'"
    assert difference(outcome(printed="a"), outcome(printed="b"), LOOSE) is None
    assert difference(outcome(printed="a"), outcome(printed=None), EXACT) is None
    effects = outcome(1, variables=(one,), printed="a")
    assert difference(effects.without_effects(), outcome(1), EXACT) is None


def test_results_come_before_variables():
    one, two, nine = np.float32(1.0), np.float32(2.0), np.float32(9.0)
    found = difference(
        outcome(np.asarray(two), variables=(np.asarray(nine),)),
        outcome(np.asarray(one), variables=(np.asarray(one),)),
        Tolerance(0.0),
    )
    assert found is not None and (found.result, found.parameter) == (0, None)


def test_numbers_of_results_and_parameters_count():
    assert told(outcome(1, 2), outcome(1)) == "has 2 results, expected 1"
    one = np.array(1)
    assert told(outcome(variables=(one,)), outcome()) == "has 1 parameters, expected 0"


def test_failures():
    fails, other = outcome(failure="no"), outcome(failure="never")
    assert difference(fails, other, EXACT) is None
    assert told(fails, outcome(1)) == "fails with no, expected a result"
    assert told(outcome(1), fails) == "does not fail, expected no"
    one, two = np.array(1), np.array(2)
    before = outcome(failure="no", variables=(one,)), outcome(failure="no", variables=(two,))
    assert told(*before) == "parameter 0 is 1, expected 2 (off by 1)"


def test_doing_what_is_undefined_is_no_way_to_fail():
    checked, undefined = outcome(failure="no"), outcome(failure="outside", undefined=True)
    assert told(undefined, checked) == "does what is undefined: outside, expected no"
    assert difference(checked, undefined, EXACT) is None and difference(undefined, undefined, EXACT) is None


# Runs that are observed.

TEXT = """
func.func @main(%v: !state.variable<tensor<f32>>, %x: tensor<?xf32>, %i: tensor<i32>) -> tensor<f32> {
  %y = hl.gather %x, %i {axis = 0 : i64, batch_dims = 0 : i64} : (tensor<?xf32>, tensor<i32>) -> tensor<f32>
  debug.print "y {0}" (%y) : (tensor<f32>)
  state.assign_add %v, %y : !state.variable<tensor<f32>>, tensor<f32>
  func.return %y : tensor<f32>
}
"""


def arguments(index):
    """Those of the function above."""
    return [np.array(1, np.float32), np.array([2, 3], np.float32), np.array(index, np.int32)]


@pytest.mark.parametrize("level", LEVELS)
def test_effects_and_failures_are_observed_at_every_level(level):
    module, inputs = lowered(parse_module(TEXT, "t.mlir"), level), arguments(1)
    ran = observe(module, inputs)
    assert (ran.results[0], ran.variables[0], ran.printed, ran.failure) == (3.0, 4.0, "y 3\n", None)
    assert inputs[0] == 1.0
    failed = observe(module, arguments(5))
    assert failed.results == () and failed.failure is not None and "out of range" in failed.failure
    assert failed.failed_op == ("hl.gather" if level == "hl" else "debug.assert")
    assert str(failed.failed_at).endswith('t.mlir":3:3)') and not failed.undefined and not failed.unfinished


def test_engines_are_observed_too():
    executable, inputs = compile_for("native", parse_module(TEXT, "t.mlir")), arguments(1)
    ran = observe_run(lambda arrays: executable.run(*arrays), inputs)
    assert (ran.results[0], ran.variables[0], ran.printed) == (3.0, 4.0, "y 3\n")
    assert inputs[0] == 1.0
    failed = observe_run(lambda arrays: executable.run(*arrays), arguments(5))
    assert failed.failure is not None and "out of range" in failed.failure and not failed.undefined


def test_only_failures_of_the_program_are_failures_unless_any_is_asked_for():
    def wrong(error):
        def run(arrays):
            raise error

        return run

    assert observe_run(wrong(ExecutionError("no")), []).failure == "no"
    for error in (UnsupportedError("not here"), ValueError("never")):
        with pytest.raises(type(error)):
            observe_run(wrong(error), [])
    assert observe_run(wrong(ValueError("never")), [], any_failure=True).failure == "ValueError: never"


@pytest.mark.parametrize("place", [-1, 3])
@pytest.mark.parametrize("size", [1, 8])
def test_a_write_outside_of_a_parameter_is_found_out(place, size):
    inputs = [np.zeros(2, np.float32), np.zeros(3, f"i{size}")]

    def writes_at(place):
        def run(arrays):
            ctypes.c_char.from_address(arrays[1].ctypes.data + place * size).value = b"\0"
            return []

        return run

    assert observe_run(writes_at(2), inputs).failure is None
    wrong = observe_run(writes_at(place), inputs)
    assert wrong.failure == "memory outside of parameter 1 was written to" and wrong.undefined


LOADS = """
func.func @main(%x: memref<2xf32>, %i: index) -> f32 {
  %y = memref.load %x[%i] : memref<2xf32>
  func.return %y : f32
}
"""


def test_an_access_outside_of_memory_is_undefined():
    failed = observe(parse_module(LOADS, "t.mlir"), [np.zeros(2, np.float32), np.array(7)])
    assert failed.undefined and failed.failed_op == "memref.load"


@pytest.mark.parametrize("limit", [{"max_ops": 500}, {"timeout": 0.2}])
def test_runs_are_stopped(limit):
    @sw.function
    def forever(x):
        while x < 1.0:
            x = x * 0.5
        return x

    module = forever.get_concrete_function(sw.TensorSpec([])).module
    stopped = observe(module, [np.float32(0.5)], **limit)
    assert stopped.unfinished and not stopped.undefined and stopped.failure is not None
    assert observe(module, [np.float32(2)], **limit).failure is None


def test_an_observer_sees_ops_and_may_be_limited_as_well():
    seen = []
    module = parse_module(TEXT, "t.mlir")
    observe(module, arguments(0), max_ops=100, observer=lambda at, values: seen.append(getattr(at, "name", "block")))
    assert seen[:3] == ["block", "hl.gather", "debug.print"]
