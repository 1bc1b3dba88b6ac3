"""Gradients through compiled branches are those of the Python that they were written in."""

import numpy as np
import pytest

import stepwell as sw

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
