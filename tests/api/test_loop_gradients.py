"""Gradients through compiled loops are those of the Python that they were written in, and TensorFlow's."""

import subprocess
import sys

import numpy as np
import pytest
from support.effort import some

import stepwell as sw
from stepwell.testing import assert_same_on_all_engines
from stepwell.testing.engines import WAYS

v = sw.Variable(1.5, name="v")
w = sw.Variable([[0.2, 0.3], [0.1, -0.4]], name="w")


def counted(x, n):
    h = x
    for _ in sw.range(n):
        h = sw.tanh(h * v) + x
    return h


def until(x, n):
    y = x
    while sw.reduce_sum(y) < 100.0:
        y = y * 2.0 * v
    return y


def leaves_early(x, n):
    h = x
    for i in sw.range(n + 5):
        if sw.reduce_sum(h) > 20.0:
            break
        if i % 2 == 1:
            continue
        h = h * v * h + x
    return h


def array(x, n):
    parts = sw.TensorArray(sw.float32, n)
    h = x
    for i in sw.range(n):
        h = h * v * x
        parts = parts.write(i, h)
    return sw.reduce_sum(parts.stack() ** 2.0, 0)


TENSORFLOWS = {
    counted: (
        [1.2107337713241577, 1.039168119430542],
        0.19550561904907227,
        [-3.6901798248291016, -0.26429763436317444],
    ),
    until: ([243.0, 243.0], 810.0, [0.0, 0.0]),
    leaves_early: ([7.094387531280518, 164.05828857421875], 62.61658477783203, [881.7872314453125, 358262.3125]),
    array: ([0.34178489446640015, 26.038846969604492], 8.834169387817383, [2.923309803009033, 13421.021484375]),
}
"""The gradients with respect to x and v, and that of the sum of the first one's squares, as of TensorFlow 2.21."""


@pytest.mark.parametrize("program", TENSORFLOWS, ids=lambda program: program.__name__)
def test_gradients_are_tensorflows(program):
    compiled = sw.function(program, engine="interpreter")
    x, n = sw.constant([0.3, 0.7]), sw.constant(4)
    with sw.GradientTape() as outer:
        outer.watch(x)
        with sw.GradientTape() as inner:
            inner.watch(x)
            y = compiled(x, n)
        dx, dv = inner.gradient(y, [x, v])
        norm = sw.reduce_sum(dx**2.0)
    for found, expected in zip([dx, dv, outer.gradient(norm, x)], TENSORFLOWS[program], strict=True):
        np.testing.assert_allclose(np.asarray(found), expected, rtol=2e-5, atol=1e-6)


def returns_early(x, n):
    h = x
    for _ in sw.range(n + 5):
        if sw.reduce_sum(h) > 10.0:
            return h * h
        h = h * v + x
    return h


def nested(x, n):
    h = x
    for i in sw.range(n):
        for _ in sw.range(i):
            h = sw.tanh(h * v) + x
        h = sw.linalg.matvec(w, h) + sw.cast(i, sw.float32)
    return h


def nested_whiles(x, n):
    h, i = x, 0
    while i < n:
        k = sw.abs(sw.reduce_sum(h))
        while k < 5.0:
            k = k * v + 1.0
            h = sw.sin(h) * k
        h = h * 0.5
        i += 1
    return h


def array_of_rows(x, n):
    parts = sw.TensorArray(sw.float32, n)
    h = x
    for i in sw.range(n):
        h = h * v * x
        parts = parts.write(i, h)
    total = sw.zeros([2])
    for row in parts.stack():
        total = total * 0.9 + row * row
    return total + parts.read(1)


def array_that_grows(x, n):
    parts = sw.TensorArray(sw.float32, 0, dynamic_size=True)
    h = x
    while sw.reduce_sum(h) < 30.0:
        h = h * v * h + 1.0
        parts = parts.write(parts.size(), h)
    return sw.reduce_sum(parts.stack() ** 2.0, 0)


def array_of_parts(x, n):
    parts = sw.TensorArray(sw.float32, 2, clear_after_read=False).unstack(x * v)
    total = sw.constant(0.0)
    for i in sw.range(n):
        total = total * 0.5 + parts.read(i % 2) ** 2.0
    return total + sw.reduce_sum(parts.gather([1, 0]) * x)


def shapes_that_grow(x, n):
    h = x
    for _ in sw.range(n):
        h = sw.concat([h * v, h[:1] * h[1:2]], 0)
    return sw.stack([sw.reduce_sum(h), sw.reduce_prod(h)])


def loop_in_a_branch(x, n):
    y = x
    if sw.reduce_sum(x) > 0.0:
        for _ in sw.range(n):
            y = y * v + sw.sin(y)
    else:
        y = y * y
    return y


def branch_in_a_loop(x, n):
    y = x
    for i in sw.range(n):
        if i % 2 == 0:
            y = sw.exp(y * v) * 0.1
        else:
            y = y * y + x
    return y


def no_step(x, n):
    y = x * v
    for _ in sw.range(n - 4):
        y = y * v
    return y


def elements(x, n):
    z = sw.constant(0.0)
    for i in sw.range(n):
        z = z * v + x[i % 2] * x[(i + 1) % 2]
    return z * x


def scattered(x, n):
    b = sw.zeros([4])
    for i in sw.range(n):
        b = sw.tensor_scatter_nd_update(b, [[i]], [x[i % 2] * v])
        b = sw.tensor_scatter_nd_add(b, [[i]], [x[0] * b[i]])
    return b


def stopped(x, n):
    h = x
    for _ in sw.range(n):
        h = h * v + sw.stop_gradient(h * x)
    return h


def recomputed(x, n):
    h = x
    for _ in sw.range(n):
        h = sw.recompute_grad(lambda h, x: sw.tanh(h * x) + h)(h, x)
    return h * v


def swapped(x, n):
    a, b = x, x * v
    for _ in sw.range(n):
        a, b = b * 0.5, a
    return a * b


def called(x, n):
    step = sw.function(lambda h: sw.tanh(h * v), engine="interpreter")
    h = x
    for _ in sw.range(n):
        h = step(h) + x
    return h


def mapped(x, n):
    return sw.map_fn(lambda each: each * each * v, x) + sw.foldl(lambda a, b: a * b + 0.5, x)


def with_nan(x, n):
    h = x - 0.3
    for _ in sw.range(n):
        h = sw.sqrt(h) * v
    return h


PROGRAMS = [
    *TENSORFLOWS,
    returns_early,
    nested,
    nested_whiles,
    array_of_rows,
    array_that_grows,
    array_of_parts,
    shapes_that_grow,
    loop_in_a_branch,
    branch_in_a_loop,
    no_step,
    elements,
    scattered,
    stopped,
    recomputed,
    swapped,
    called,
    mapped,
    with_nan,
]


def derivatives(function, x, n):
    """First derivatives with respect to x and v, and the second ones of a sum of their squares."""
    with sw.GradientTape(persistent=True) as outer:
        outer.watch(x)
        with sw.GradientTape() as inner:
            inner.watch(x)
            y = function(x, n)
        first = inner.gradient(y, [x, v], unconnected_gradients="zero")
        norm = sw.reduce_sum(first[0] * first[0]) + first[1] * first[1]
    return [*first, *outer.gradient(norm, [x, v], unconnected_gradients="zero")]


def gradient(function, x, n):
    """First derivatives with respect to x and v."""
    with sw.GradientTape() as tape:
        tape.watch(x)
        y = function(x, n)
    return tape.gradient(y, [x, v], unconnected_gradients="zero")


@pytest.fixture
def expected():
    def eagerly(compute, *arguments):
        sw.config.run_functions_eagerly(True)
        try:
            return compute(*arguments)
        finally:
            sw.config.run_functions_eagerly(False)

    return eagerly


def assert_close(found, expected):
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(np.asarray(one), np.asarray(other), rtol=2e-4, atol=1e-5)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_derivatives_of_compiled_calls_are_those_of_python(program, expected):
    x, n = sw.constant([0.3, 0.7]), sw.constant(4)
    compiled = sw.function(program, engine="interpreter")
    assert_close(derivatives(compiled, x, n), expected(derivatives, program, x, n))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_derivatives_inside_of_a_function_are_those_of_python(program, expected):
    x, n = sw.constant([0.3, 0.7]), sw.constant(4)
    compiled = sw.function(lambda x, n: derivatives(program, x, n), engine="interpreter")
    assert_close(compiled(x, n), expected(derivatives, program, x, n))


@pytest.mark.parametrize("program", some(PROGRAMS, 8), ids=lambda program: program.__name__)
def test_engines_agree(program):
    slow = program in (nested_whiles, array_that_grows, shapes_that_grow)
    assert_same_on_all_engines(
        lambda x, n: gradient(program, x, n),
        sw.constant([0.3, 0.7]),
        sw.constant(4),
        rtol=2e-4,
        atol=1e-5,
        ways=["native", "onnx"] if slow else WAYS,
    )


MEASURED = """
import resource, sys
import numpy as np
import stepwell as sw

@sw.function
def grad(x, n):
    with sw.GradientTape() as tape:
        tape.watch(x)
        h, i = x, 0
        {loop}
            h = sw.tanh(h * 1.01) + x
            i += 1
    return tape.gradient(h, x)

x = sw.constant(np.linspace(-0.1, 0.1, 256, dtype=np.float32))
grad(x, sw.constant(10))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert np.isfinite(grad(x, sw.constant(10_000)).numpy()).all()
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


@pytest.mark.parametrize("loop", ["for _ in sw.range(n):", "while i < n:"], ids=["for", "while"])
def test_memory_of_a_long_loop(loop, tmp_path):
    """A state of 1 KB, 10,000 steps: a stack takes 10 MB, or up to 16 where it grows."""
    (tmp_path / "measured.py").write_text(MEASURED.format(loop=loop))
    run = subprocess.run([sys.executable, tmp_path / "measured.py"], capture_output=True, text=True, check=True)
    assert float(run.stdout) < 100.0


def counts_by_itself(x, n):
    h, i = x, 0
    while i < n:
        h = sw.tanh(h * x) + v
        i += 2
    return h


def test_a_while_that_counts_has_stacks_as_long_as_it_is(expected):
    """They do not grow: there is no loop in it."""
    compiled = sw.function(lambda x, n: gradient(counts_by_itself, x, n), engine="interpreter")
    x = sw.constant([0.3, 0.7])
    assert sw.ir(compiled, x, sw.constant(5)).count("scf.while") == 1
    for n in (-3, 0, 1, 4, 5):
        assert_close(compiled(x, sw.constant(n)), expected(gradient, counts_by_itself, x, sw.constant(n)))
