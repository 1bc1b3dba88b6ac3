"""Derivatives of generated programs with loops, held against Python's own run of them and against differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import stepwell as sw
from stepwell.testing.python_programs import PythonProgram

POINTS = (np.array([0.31, -0.47, 0.83]), np.array([-0.62, 0.29, 1.14]))
"""Where programs are differentiated."""

START, COUNT = 0.7, 4
"""The value of a program's Variable at its start, and its number of steps."""

DIRECTION = np.array([0.6, -0.5, 0.7])
"""Along which differences are taken."""

STEPS = (1e-5, 1e-6)
"""The steps of differences; where these differ from each other, a branch or a kink lies between."""

Function = Callable[..., Any]


def derivatives(function: Function, point: np.ndarray) -> list[np.ndarray]:
    """The sum of a program's result, its derivatives with respect to x and v, and the second ones of these."""
    v = sw.Variable(np.float64(START))
    x = sw.constant(point)
    with sw.GradientTape(persistent=True) as outer:
        outer.watch(x)
        with sw.GradientTape() as inner:
            inner.watch(x)
            y = sw.reduce_sum(function(x, v, sw.constant(COUNT)) ** 2.0)
        dx, dv = inner.gradient(y, [x, v], unconnected_gradients="zero")
        norm = sw.reduce_sum(dx * dx) + dv * dv
    second = outer.gradient(norm, [x, v], unconnected_gradients="zero")
    return [np.asarray(each) for each in (y, dx, dv, *second)]


def eagerly(compute: Function, *arguments: Any) -> Any:
    """The result of a computation whose functions run as Python."""
    sw.config.run_functions_eagerly(True)
    try:
        return compute(*arguments)
    finally:
        sw.config.run_functions_eagerly(False)


def same(found: Sequence[Any], expected: Sequence[Any], program: PythonProgram) -> None:
    """Compare numbers up to rounding."""
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(np.asarray(one), other, rtol=1e-7, atol=1e-9, err_msg=program.source)


def check_beside_python(program: PythonProgram) -> int:
    """A compiled program has the first and second derivatives that the eager tape finds in Python's run.

    Returns:
        The number of points that were compared, as do the other checks.
    """
    with program.loaded() as function:
        compiled = sw.function(function, engine="interpreter")
        for x in POINTS:
            same(derivatives(compiled, x), eagerly(derivatives, function, x), program)
    return len(POINTS)


def gradient_inside(function: Function, engine: str) -> Function:
    """The gradients from a tape inside of a compiled function."""

    @sw.function(engine=engine)
    def gradient(x: Any, v: Any, n: Any) -> Any:
        with sw.GradientTape() as tape:
            tape.watch(x)
            y = sw.reduce_sum(function(x, v, n) ** 2.0)
        return tape.gradient(y, [x, v], unconnected_gradients="zero")

    return gradient


def _arguments(x: np.ndarray) -> tuple[Any, ...]:
    return sw.constant(x), sw.Variable(np.float64(START)), sw.constant(COUNT)


def check_native(program: PythonProgram) -> int:
    """A tape inside native code finds the derivatives of the eager one."""
    with program.loaded() as function:
        gradient = gradient_inside(function, "native")
        for x in POINTS:
            same(gradient(*_arguments(x)), eagerly(derivatives, function, x)[1:3], program)
    return len(POINTS)


def check_differences(program: PythonProgram) -> int:
    """The derivative along a direction is what central differences of the compiled program show.

    Returns:
        The number of points that could be compared: none in a program that stops a gradient, and not those at which
        the differences of two steps are not the same, so that the program has no derivative there.
    """
    if "stop_gradient" in program.source:
        return 0
    with program.loaded() as function:
        compiled = sw.function(function, engine="interpreter")
        gradient = gradient_inside(function, "interpreter")

        def value(x: np.ndarray) -> float:
            return float(sw.reduce_sum(compiled(*_arguments(x)) ** 2.0))

        compared = 0
        for x in POINTS:
            found = float(np.asarray(gradient(*_arguments(x))[0]) @ DIRECTION)
            shown = [(value(x + h * DIRECTION) - value(x - h * DIRECTION)) / (2 * h) for h in STEPS]
            if np.allclose(shown[0], shown[1], rtol=1e-4, atol=1e-5):
                compared += 1
                np.testing.assert_allclose(found, shown, rtol=1e-3, atol=1e-4, err_msg=program.source)
    return compared


CHECKS: dict[str, Callable[[PythonProgram], int]] = {
    "beside the eager tape, second order too": check_beside_python,
    "native beside the eager tape": check_native,
    "central differences": check_differences,
}
"""What is checked of a program, by name."""
