"""Programs as ONNX models: what ONNX Runtime computes is what the interpreter computes."""

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from support.beside_python import Programs
from support.effort import examples
from support.onnx_models import EXPORTED, check_model

import stepwell as sw
from stepwell.compiler.interchange.onnx_export.export import export_module
from stepwell.dialects.dtypes import as_dtype
from stepwell.runtime.engines import compile_for
from stepwell.runtime.outcomes import observe
from stepwell.testing import hl_modules
from stepwell.testing.engines import assert_close

TELL_ZEROS_APART = ("hl.div", "hl.floordiv", "hl.mod")
"""Ops that differ for 0 and -0, of which the standard does not say which one a maximum is."""
PROGRAMS = hl_modules(
    [name for name in EXPORTED if name not in TELL_ZEROS_APART],
    max_statements=8,
    effects=False,
    exact=True,
    control_flow=4,
)


@settings(max_examples=examples(40), deadline=None, suppress_health_check=list(HealthCheck))
@given(case=PROGRAMS)
def test_generated_programs_agree_with_the_interpreter(case):
    expected = observe(case.module, case.inputs, any_failure=True)
    assume(not expected.failure)  # programs that fail are compared in test_fuzz.py
    results = compile_for("onnx", case.module).run(*case.inputs)
    for number, (got, want) in enumerate(zip(results, expected.results, strict=True)):
        assert_close(got, want, f"result {number}")


@settings(max_examples=examples(25), deadline=None, suppress_health_check=list(HealthCheck))
@given(case=hl_modules(EXPORTED, max_statements=8, effects=False, control_flow=4))
def test_generated_models_are_valid_and_every_node_has_a_line(case):
    check_model(export_module(case.module, {}).proto, case.module)


program = Programs()
COUNTS = [(0,), (1,), (4,)]
SPECIAL = [([1.5, -2.0, 3.0],), ([],), ([float("nan"), float("inf"), float("-inf"), -0.0],)]


@program(COUNTS)
def carries_a_tensor_that_grows(n):
    squares = sw.zeros([0], np.int32)
    for i in sw.range(n):
        squares = sw.concat([squares, [i * i]], 0)
    return squares


@program([(0,), (2,), (5,)])
def carries_a_tensor_that_shrinks(n):
    numbers = sw.range(n)
    while sw.size(numbers) > 2:
        numbers = numbers[1:]
    return numbers


@program(COUNTS)
def nests_loops_and_branches(n):
    total = 0
    for i in sw.range(n):
        for j in sw.range(i):
            if j % 2 == 0:
                k = j
                while k > 0:
                    total += k
                    k -= 1
            else:
                total -= 1
    return total


@program(COUNTS)
def uses_outer_values_inside(n):
    scale, total = sw.cast(n, np.float32), sw.cast(n, np.float32)
    for i in sw.range(n):
        if i > 0:
            total = total + scale * sw.cast(i, np.float32)
    return total, n


@program(COUNTS)
def swaps_what_it_carries(n):
    a, b = n, n + 1
    for _ in sw.range(n):
        a, b = b, a
    return a, b


@program(COUNTS)
def returns_an_argument_from_both_branches(n):
    if n > 1:
        m = n
    else:
        m = n
    return m


@program([([[1.0, 2.0], [3.0, 4.0]],), ([[9.0, 9.0]],)])
def iterates_over_rows_and_breaks(x):
    total = 0.0
    for row in x:
        if sw.reduce_sum(row) > 4.0:
            break
        total += row[0]
    return total


@program([(2147483647,), (-2147483648,), (7,)])
def integers_wrap(x):
    y = sw.cast(x, np.int64) * 4611686018427387904
    return x + 1, x * x, -x, abs(x), x - 2147483647, y, y * 3, sw.reduce_sum([x, x]), sw.reduce_prod([x, x, x])


@program([(7, 2), (-7, 2), (7, -2), (-7, -2), (0, 3), (-2147483648, -1)])
def integers_divide_towards_minus_infinity(x, y):
    return x // y, x % y, sw.cast(x, np.int64) // sw.cast(y, np.int64), sw.cast(x, np.int64) % sw.cast(y, np.int64)


@program(SPECIAL)
def floats_are_special(x):
    compared = x > 0.0, x == x, x != x, x <= x
    picked = sw.maximum(x, 1.0), sw.minimum(x, 1.0), sw.where(x > 0.0, x, 0.0 * x), sw.sign(x), abs(x), -x
    return compared, picked, (x // 2.0, x % 2.0, sw.floor(x), sw.round(x)), sw.cast(x, np.float64) * 1e308 * 10.0


@program([([],), ([3.0, 1.0],)])
def reductions_of_nothing(x):
    return sw.reduce_sum(x), sw.reduce_prod(x), sw.reduce_max(x), sw.reduce_min(x), sw.reduce_all(x > 2.0)


@program([([[], []],), ([[1, 2], [3, 4]],)])
def empty_tensors_have_shapes(x):
    return sw.concat([x, x], 1), sw.transpose(x), sw.reduce_sum(x, 0), sw.reshape(x, [-1]), sw.matmul(x, x, False, True)


@pytest.mark.parametrize("case", program.cases, ids=str)
def test_program_is_python(case):
    case.check("onnx")


@pytest.mark.parametrize("dtype", [np.int32, np.int64])
def test_random_bits_are_those_of_the_interpreter(dtype):
    def draw(state, n):
        from stepwell.compiler.frontend.values.dispatch import apply
        from stepwell.dialects.hl.random import RandomUniformOp
        from stepwell.dialects.types import DYNAMIC

        return apply(RandomUniformOp, state, n, shape=(3, DYNAMIC), dtype=as_dtype(dtype))

    arguments = sw.constant([5, -7, 2**40], np.int64), sw.constant(4)
    got = [sw.function(draw, engine=engine)(*arguments).numpy() for engine in ("onnx", "interpreter")]
    assert got[0].dtype == dtype and got[0].shape == (3, 4)
    assert len(np.unique(got[0])) == 12
    np.testing.assert_array_equal(got[0], got[1])
