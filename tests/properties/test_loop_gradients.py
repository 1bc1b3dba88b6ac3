"""Generated programs with loops: their derivatives are those of Python, and those that differences show."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from support.effort import examples
from support.loop_programs import loop_program, loop_programs

import stepwell as sw

POINTS = [np.array([0.31, -0.47, 0.83]), np.array([-0.62, 0.29, 1.14])]
COUNT = 4


def derivatives(function, x, start):
    """The sum of a program's result, its derivatives with respect to x and v, and the second ones of these."""
    v = sw.Variable(np.float64(start))
    x = sw.constant(x)
    with sw.GradientTape(persistent=True) as outer:
        outer.watch(x)
        with sw.GradientTape() as inner:
            inner.watch(x)
            y = sw.reduce_sum(function(x, v, sw.constant(COUNT)) ** 2.0)
        dx, dv = inner.gradient(y, [x, v], unconnected_gradients="zero")
        norm = sw.reduce_sum(dx * dx) + dv * dv
    second = outer.gradient(norm, [x, v], unconnected_gradients="zero")
    return [np.asarray(each) for each in (y, dx, dv, *second)]


def eagerly(compute, *arguments):
    sw.config.run_functions_eagerly(True)
    try:
        return compute(*arguments)
    finally:
        sw.config.run_functions_eagerly(False)


def compare(program):
    with program.loaded() as function:
        compiled = sw.function(function, engine="interpreter")
        for x in POINTS:
            expected = eagerly(derivatives, function, x, 0.7)
            for found, other in zip(derivatives(compiled, x, 0.7), expected, strict=True):
                np.testing.assert_allclose(found, other, rtol=1e-7, atol=1e-9, err_msg=program.source)


drawn = settings(derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None)


@settings(drawn, max_examples=examples(16))
@given(program=loop_programs())
def test_derivatives_are_those_of_python(program):
    compare(program)


def gradient_inside(function, engine):
    """The gradients from a tape inside of a compiled function."""

    @sw.function(engine=engine)
    def gradient(x, v, n):
        with sw.GradientTape() as tape:
            tape.watch(x)
            y = sw.reduce_sum(function(x, v, n) ** 2.0)
        return tape.gradient(y, [x, v], unconnected_gradients="zero")

    return gradient


@settings(drawn, max_examples=examples(10))
@given(program=loop_programs())
def test_native_code_computes_the_same(program):
    with program.loaded() as function:
        gradient = gradient_inside(function, "native")
        for x in POINTS:
            found = gradient(sw.constant(x), sw.Variable(np.float64(0.7)), sw.constant(COUNT))
            expected = eagerly(derivatives, function, x, 0.7)[1:3]
            for one, other in zip(found, expected, strict=True):
                np.testing.assert_allclose(np.asarray(one), other, rtol=1e-7, atol=1e-9, err_msg=program.source)


def value(compiled, x):
    return float(sw.reduce_sum(compiled(sw.constant(x), sw.Variable(np.float64(0.7)), sw.constant(COUNT)) ** 2.0))


@settings(drawn, max_examples=examples(12))
@given(program=loop_programs())
def test_derivatives_are_those_that_differences_show(program):
    """Central differences along the gradient; a program that stops a gradient has no such derivative."""
    if "stop_gradient" in program.source:
        return
    with program.loaded() as function:
        compiled = sw.function(function, engine="interpreter")
        gradient = gradient_inside(function, "interpreter")
        for x in POINTS:
            dx = np.asarray(gradient(sw.constant(x), sw.Variable(np.float64(0.7)), sw.constant(COUNT))[0])
            direction = 1e-6 * np.array([0.6, -0.5, 0.7])
            shown = (value(compiled, x + direction) - value(compiled, x - direction)) / 2e-6
            np.testing.assert_allclose(dx @ direction * 1e6, shown, rtol=1e-4, atol=1e-5, err_msg=program.source)


def test_programs_have_all_statements():
    texts = [loop_program(seed).source for seed in range(50)]
    assert len(set(texts)) == 50
    for word in (
        "for ",
        "while ",
        "break",
        "continue",
        "return h * s",
        "else:",
        "p.write",
        "assign",
        "helper(",
        "stack",
    ):
        assert any(word in text for text in texts), word
