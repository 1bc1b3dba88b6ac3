"""Tapes and compiled control flow: branches and loops are differentiated, to any order."""

from __future__ import annotations

import numpy as np
import pytest

import stepwell as sw


def gradients(function, x, order):
    """The derivatives of a function up to an order, by nested tapes around it."""
    if order == 0:
        return [function(x)]
    with sw.GradientTape() as tape:
        tape.watch(x)
        *lower, last = gradients(function, x, order - 1)
    return [*lower, last, tape.gradient(last, x, unconnected_gradients="zero")]


def both_sides(x):
    if x > 1.0:
        return x * x * x
    return -2.0 * x * x


def only_one_side(x):
    y = x * x
    if x > 1.0:
        y = y * x
    return y


def nested(x):
    if x > 0.0:
        y = x * x
        if x > 2.0:
            y = y * y
        y = y * 3.0
    else:
        y = sw.exp(x)
    return y


def conditional_expression(x):
    return (x * x if x > 1.0 else x * 5.0) * x


def constant_on_a_side(x):
    y = 7.0
    if x > 1.0:
        y = x * x
    return y + x


def early_return(x):
    if x < 0.0:
        return x * 10.0
    x = x * x
    if x > 4.0:
        return x * x
    return x


def two_results(x):
    if x > 1.0:
        a, b = x * x, x
    else:
        a, b = x, x * 3.0
    return a * b


PROGRAMS = [both_sides, only_one_side, nested, conditional_expression, constant_on_a_side, early_return, two_results]


@pytest.mark.parametrize("function", PROGRAMS, ids=lambda f: f.__name__)
def test_branches_of_compiled_calls(function, engine):
    compiled = sw.function(function, engine=engine)
    for value in (-0.5, 0.5, 1.5, 2.5):
        x = sw.constant(value, "float64")
        expected = gradients(function, x, 2)
        np.testing.assert_allclose(gradients(compiled, x, 2), expected, rtol=1e-12)


@pytest.mark.parametrize("function", PROGRAMS, ids=lambda f: f.__name__)
def test_branches_with_tapes_inside_of_the_function(function, engine):
    compiled = sw.function(lambda x: gradients(function, x, 3), engine=engine)
    for value in (-0.5, 0.5, 1.5, 2.5):
        x = sw.constant(value, "float64")
        np.testing.assert_allclose(compiled(x), gradients(function, x, 3), rtol=1e-12)


def test_sizes_known_at_run_time_only(engine):
    def loss(x):
        if sw.reduce_sum(x) > 1.0:
            y = x * x
        else:
            y = sw.concat([x, x], 0)
        return sw.reduce_sum(y)

    compiled = sw.function(loss, engine=engine)
    for values in ([1.0, 2.0], [0.5, 0.25, 0.0], [5.0], [-1.0, 0.5]):
        x = sw.constant(values)
        np.testing.assert_allclose(gradients(compiled, x, 1)[1].numpy(), gradients(loss, x, 1)[1].numpy(), rtol=1e-6)


def test_variables_that_a_side_reads(engine):
    w, b = sw.Variable(3.0), sw.Variable(0.5)

    @sw.function(engine=engine)
    def f(x):
        if x > 0.0:
            y = w * x
        else:
            y = b
        w.assign(100.0)
        return y

    for value, expected in ((2.0, (3.0, 2.0, 0.0)), (-2.0, (0.0, 0.0, 1.0))):
        w.assign(3.0)
        x = sw.constant(value)
        with sw.GradientTape() as tape:
            tape.watch(x)
            y = f(x)
        assert float(w) == 100.0
        found = tape.gradient(y, [x, w, b], unconnected_gradients="zero")
        assert tuple(float(g) for g in found) == expected


@pytest.mark.parametrize("engine", ["interpreter", "native"])
def test_what_a_side_prints_and_checks_it_does_once(engine, capfd):
    @sw.function(engine=engine)
    def f(x):
        with sw.GradientTape() as tape:
            tape.watch(x)
            y = x
            if x > 0.0:
                sw.print("side", x)
                y = x * x
        return tape.gradient(y, x)

    assert float(f(sw.constant(2.0))) == 4.0
    assert capfd.readouterr().err == "side 2\n"


def while_loop(x):
    while x < 10.0:
        x = x * x
    return x


def for_loop(x):
    y = x
    for _ in sw.range(sw.cast(x, "int32")):
        y = y * x
    return y


v = sw.Variable(1.0)


def assigns(x):
    if x > 0.0:
        v.assign(x)
        x = x * v
    return x


@pytest.mark.parametrize(
    ("function", "grad"), [(while_loop, 32.0), (for_loop, 12.0), (assigns, 2.0)], ids=["while", "for", "assigns"]
)
def test_loops_and_branches_that_assign(function, grad, engine):
    """What TensorFlow gives: of an assigned Variable each read counts, and the assignment does not."""
    x = sw.constant(2.0)
    inside = sw.function(lambda x: gradients(function, x, 1), engine=engine)
    around = sw.function(function, engine=engine)
    assert float(inside(x)[1]) == grad
    assert float(gradients(around, x, 1)[1]) == grad


def test_loops_that_the_target_does_not_depend_on(engine):
    @sw.function(engine=engine)
    def f(x):
        with sw.GradientTape() as tape:
            tape.watch(x)
            y = x
            while y < 10.0:
                y = y * 2.0
            z = x * x
        return tape.gradient(z, x), y

    grad, y = f(sw.constant(3.0))
    assert (float(grad), float(y)) == (6.0, 12.0)


def test_tapes_in_loops_and_branches(engine):
    @sw.function(engine=engine)
    def minimum(x, steps):
        for i in sw.range(steps):
            with sw.GradientTape() as tape:
                tape.watch(x)
                y = (x - 3.0) * (x - 3.0)
            if i % 2 == 0:
                x = x - 0.4 * tape.gradient(y, x)
        return x

    x = 10.0
    for _ in range(5):
        x -= 0.4 * 2 * (x - 3.0)
    assert float(minimum(sw.constant(10.0), sw.constant(10))) == pytest.approx(x, rel=1e-5)


def test_compiled_calls_inside_of_compiled_calls(engine):
    @sw.function(engine=engine)
    def square(x):
        return x * x if x > 0.0 else x

    @sw.function(engine=engine)
    def f(x):
        return square(square(x)) + square(-x)

    for value in (2.0, -2.0):
        x = sw.constant(value)
        expected = 4 * value**3 - 1 if value > 0 else 1 + 2 * value
        assert float(gradients(f, x, 1)[1]) == expected


def test_the_same_value_in_several_tensors(engine):
    """A loop gives each iteration new tensors for what it carries; a tape knows them by their values."""

    @sw.function(engine=engine)
    def f(x):
        pair = (x, x)
        with sw.GradientTape(persistent=True) as tape:
            tape.watch(x)
            y = pair[0] * pair[1]
            z = sw.reduce_sum(sw.stack([y, x]))
        return tape.gradient(z, x), tape.gradient(y, pair)

    dz, dy = f(sw.constant(3.0))
    assert float(dz) == 7.0
    assert [float(g) for g in dy] == [6.0, 6.0]
