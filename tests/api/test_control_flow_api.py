"""`cond`, `while_loop`, `case`, `switch_case`: eager and compiled, the same results."""

from __future__ import annotations

import numpy as np
import pytest

import stepwell as sw
from stepwell.compiler.frontend.ops.control_flow import ControlFlowError, for_range


def both(function, *values):
    """The results of `function`, eager and compiled, which must agree."""
    tensors = [sw.constant(value) for value in values]
    eager = function(*tensors)
    compiled = sw.function(function, engine="interpreter", autograph=False)(*tensors)
    np.testing.assert_array_equal(np.asarray(eager), compiled.numpy())
    return compiled.numpy()


@pytest.mark.parametrize("x", [-1, 0, 7])
def test_cond(x):
    assert both(lambda x: sw.cond(x > 0, lambda: x * 2, lambda: x - 1), x) == (x * 2 if x > 0 else x - 1)


def test_cond_of_structures():
    def program(x):
        result = sw.cond(x > 0, lambda: {"a": x, "b": (1, None)}, lambda: {"a": -x, "b": (2, None)})
        assert result["b"][1] is None
        return result["a"] * 10 + result["b"][0]

    assert both(program, 3) == 31
    assert both(program, -3) == 32


def test_cond_unifies_sizes():
    def program(x):
        y = sw.cond(x[0] > 0, lambda: x, lambda: sw.constant([7, 8, 9]))
        return y + 1

    np.testing.assert_array_equal(both(program, [1, 2]), [2, 3])
    np.testing.assert_array_equal(both(program, [-1, 2]), [8, 9, 10])


def test_cond_runs_one_side():
    variable = sw.Variable(0)

    @sw.function(engine="interpreter")
    def program(x):
        sw.cond(x > 0, lambda: variable.assign_add(1), lambda: variable.assign_add(10))

    program(sw.constant(1))
    program(sw.constant(-1))
    program(sw.constant(2))
    assert variable.numpy() == 12


def test_cond_that_disagrees():
    @sw.function(autograph=False)
    def program(x):
        return sw.cond(x > 0, lambda: x, lambda: x > 1)

    with pytest.raises(ControlFlowError, match=r"differ in the dtype.*true_fn.*false_fn"):
        program(sw.constant(1))


@pytest.mark.parametrize("n", [0, 1, 10])
def test_while_loop(n):
    def program(n):
        _, total = sw.while_loop(lambda i, s: i < n, lambda i, s: (i + 1, s + i), (0, 0))
        return total

    assert both(program, n) == sum(range(n))


def test_while_loop_of_nested_structures():
    def program(n):
        state = {"i": 0, "pair": (n, n * 0)}
        (after,) = sw.while_loop(
            lambda s: s["i"] < n,
            lambda s: [{"i": s["i"] + 1, "pair": (s["pair"][1], s["pair"][0] + 1)}],
            [state],
        )
        return after["pair"][0] * 100 + after["pair"][1]

    both(program, 5)


def test_while_loop_of_one_variable():
    assert both(lambda n: sw.while_loop(lambda x: x < 100, lambda x: x * 3, n), 2) == 162


@pytest.mark.parametrize("limit", [0, 2, 50])
def test_while_loop_with_a_limit(limit):
    def program(n):
        return sw.while_loop(lambda x: x < 100, lambda x: x * 3, n, maximum_iterations=limit)

    both(program, 2)


def test_while_loop_generalises_sizes():
    def program(x):
        _, out = sw.while_loop(lambda i, v: i < x[0], lambda i, v: (i + 1, sw.concat([v, v], 0)), (0, x))
        return out

    np.testing.assert_array_equal(both(program, [2, 5]), [2, 5] * 4)


def test_while_loop_that_returns_too_little():
    @sw.function(autograph=False)
    def program(x):
        return sw.while_loop(lambda i, s: i < x, lambda i, s: (i + 1,), (0, 0))

    with pytest.raises(ControlFlowError, match="body returned 1 values for 2 loop_vars"):
        program(sw.constant(1))


@pytest.mark.parametrize("x", [-3, 0, 4, 40])
def test_case(x):
    def program(x):
        pairs = [(x < 0, lambda: x * 0 - 1), (x < 10, lambda: x)]
        return sw.case(pairs, default=lambda: x * 0 + 99)

    both(program, x)


@pytest.mark.parametrize("i", [-1, 0, 1, 2, 7])
def test_switch_case(i):
    both(lambda i: sw.switch_case(i, [lambda: i + 10, lambda: i + 20, lambda: i + 30]), i)
    both(lambda i: sw.switch_case(i, {1: lambda: i + 10, 7: lambda: i + 20}, default=lambda: i), i)


@pytest.mark.parametrize(("start", "stop", "step"), [(0, 5, 1), (7, -2, -3), (3, 3, 1), (-4, 9, 5)])
def test_for_range(start, stop, step):
    def program(start, stop, step):
        return for_range(start, stop, step, lambda i, s: (s * 3 + i,), [sw.constant(1)])[0]

    expected = 1
    for i in range(start, stop, step):
        expected = expected * 3 + i
    assert both(program, start, stop, step) == expected


def test_loops_over_numbers_known_while_tracing_are_still_loops():
    @sw.function(engine="interpreter")
    def program(x):
        for i in sw.range(1000):
            x = x + i
        return x

    assert program(sw.constant(0)).numpy() == sum(range(1000))
    text = str(program.get_concrete_function(sw.constant(0)).module)
    assert text.count("scf.for") == 1


def test_functions_given_to_cond_are_converted():
    def positive(x):
        if x > 5:
            return x
        return x + 1

    def program(x):
        return sw.cond(x > 0, lambda: positive(x), lambda: x)

    compiled = sw.function(program, engine="interpreter")
    assert [compiled(sw.constant(v)).numpy() for v in (-2, 3, 9)] == [-2, 4, 9]
