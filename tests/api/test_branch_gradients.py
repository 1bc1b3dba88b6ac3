"""Gradients through compiled branches are those of the Python that they were written in; those of loops are refused."""

import inspect

import numpy as np
import pytest

import stepwell as sw
from stepwell.compiler.frontend.control_flow.recorded import ControlFlowGradientError

POINTS = [-2.0, -0.5, 0.5, 1.5, 3.0]
factor = sw.Variable(1.5, name="factor")


def two_sides(x):
    if x > 0.0:
        y = x * x
    else:
        y = -3.0 * x
    return y


def one_side(x):
    y = sw.sin(x)
    if x > 1.0:
        y = y * x
    return y


def nested(x):
    y = x * x
    if x > 0.0:
        if x > 1.0:
            y = y * x
        else:
            y = sw.exp(y)
            if x > 0.7:
                y = y + x
    return y * x


def chained(x):
    if x > 0.0:
        y = x * x
    else:
        y = x * x * x
    if y > 1.0:
        z = sw.exp(-y)
    else:
        z = y * x
    return z


def side_without_the_argument(x):
    if x > 1.0:
        y = x * x
    else:
        y = sw.constant(2.0)
    return y


def variable_inside(x):
    if x > 0.0:
        y = x * factor
        if x > 1.0:
            y = y * factor
    else:
        y = factor * factor
    return y


def integers_beside(x):
    count = 1
    y = x
    if x > 0.0:
        count, y = 3, x * x
    return y * sw.cast(count, np.float32)


PROGRAMS = [two_sides, one_side, nested, chained, side_without_the_argument, variable_inside, integers_beside]


def derivatives(function, x, order):
    """The derivatives up to `order` with respect to x, and the first one with respect to `factor`."""
    x = sw.constant(x)
    with sw.GradientTape() as outer:
        outer.watch(x)
        with sw.GradientTape() as inner:
            inner.watch(x)
            y = function(x)
        found = inner.gradient(y, [x, factor])
    if order > 1:
        found.append(outer.gradient(found[0], x) if found[0] is not None else None)
    return [0.0 if value is None else float(value) for value in found]


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_gradients_are_those_of_python(program, order):
    compiled = sw.function(program, engine="interpreter")
    for x in POINTS:
        np.testing.assert_allclose(derivatives(compiled, x, order), derivatives(program, x, order), rtol=1e-5)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_gradients_inside_of_a_function(program):
    @sw.function(engine="interpreter")
    def gradient(x):
        with sw.GradientTape() as tape:
            tape.watch(x)
            y = program(x)
        return tape.gradient(y, x, unconnected_gradients="zero")

    for x in POINTS:
        np.testing.assert_allclose(float(gradient(sw.constant(x))), derivatives(program, x, 1)[0], rtol=1e-5)


def for_loop(x):
    y = x
    for _ in sw.range(3):
        y = y * x
    return y


def while_loop(x):
    y = x
    while y < 100.0:
        y = y * 2.0
    return y


def loop_in_a_branch(x):
    y = x
    if x > 0.0:
        while y < 100.0:
            y = y * 2.0
    return y


LOOPS = [(for_loop, 2), (while_loop, 2), (loop_in_a_branch, 3)]


@pytest.mark.parametrize("program, line", LOOPS, ids=lambda value: getattr(value, "__name__", ""))
def test_loops_are_refused_at_their_line(program, line):
    place = f"{__file__}:{inspect.getsourcelines(program)[1] + line}"
    compiled = sw.function(program, engine="interpreter")
    with pytest.raises(ControlFlowGradientError) as caught:
        derivatives(compiled, 2.0, 1)
    assert f" at {place} is not available: a compiled loop has no gradient rule" in str(caught.value)
    assert float(compiled(sw.constant(2.0))) == float(program(sw.constant(2.0)))


def test_a_loop_that_the_result_does_not_depend_on_is_no_hindrance():
    @sw.function(engine="interpreter")
    def power(x):
        n = 0
        while n < 3:
            n += 1
        return x * sw.cast(n, np.float32)

    assert derivatives(power, 2.0, 1)[0] == 3.0
