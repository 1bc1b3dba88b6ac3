"""Programs taken down to each level and run there by the interpreter: what comes out is what numpy says."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import pytest

import stepwell as sw
from stepwell.compiler.pipeline.manager import PassManager
from stepwell.compiler.pipeline.named import STEPS
from stepwell.dialects.context import make_context
from stepwell.dialects.levels import LEVELS
from stepwell.runtime.engines.interpreter import InterpreterError, run_module
from stepwell.runtime.engines.lower import lowered
from stepwell.testing.engines import AT_LEVELS, assert_close, run_concrete, run_everywhere

F32, F64, I32, I64, BOOL = sw.float32, sw.float64, sw.int32, sw.int64, sw.bool


@dataclass(frozen=True)
class Program:
    """A function, its numpy meaning, and what to run it on.

    Attributes:
        function: what is compiled.
        specs: dtype and shape of its arguments.
        numpy: what it means; gives the flat results.
        inputs: arguments to run it on.
        rtol: how far floats may be off, since sums are taken in another order and products added without rounding.
    """

    function: Callable[..., Any]
    specs: Sequence[Any]
    numpy: Callable[..., Any]
    inputs: Sequence[Sequence[Any]] = field(default_factory=list)
    rtol: float = 0.0


PROGRAMS: dict[str, Program] = {}


def program(specs, numpy, inputs, rtol=0.0):
    """Add a function to `PROGRAMS`."""

    def add(function):
        shapes = [sw.TensorSpec(shape, dtype) for dtype, *shape in specs]
        PROGRAMS[function.__name__] = Program(function, shapes, numpy, inputs, rtol)
        return function

    return add


@cache
def trace(name):
    """The trace of a program."""
    found = PROGRAMS[name]
    return sw.function(found.function).get_concrete_function(*found.specs)


def rand(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


SPECIAL = [np.nan, np.inf, -np.inf, -0.0, 0.0, 1.5, -2.5]


@program(
    [(F32, None), (F32, None)], lambda x, y: x * y + 1, [(SPECIAL, SPECIAL[::-1]), ([], []), (rand(37), rand(37))], 1e-6
)
def elementwise(x, y):
    return x * y + 1.0


@program(
    [(F32, None, 3), (F32, 3)],
    lambda x, y: np.tanh(np.exp(x) - y),
    [(rand(5, 3), rand(3)), (np.zeros((0, 3)), rand(3))],
    1e-6,
)
def functions_and_broadcasting(x, y):
    return sw.tanh(sw.exp(x) - y)


@program(
    [(I32, None), (I32, None)],
    lambda x, y: (x + y, x * y, y // np.where(x == 0, 1, x), np.maximum(x, y), -x),
    [([2**31 - 1, 5, 0, -7], [1, -3, 4, 2]), ([], [])],
)
def integers_wrap(x, y):
    return x + y, x * y, y // sw.where(x == 0, 1, x), sw.maximum(x, y), -x


@program([(F64, 4, 5)], lambda x: (x.sum(0), x.sum(1), x.max(), x.mean(axis=1)), [(rand(4, 5),)], 1e-12)
def reductions(x):
    return sw.reduce_sum(x, axis=0), sw.reduce_sum(x, axis=1), sw.reduce_max(x), sw.reduce_mean(x, axis=1)


@program(
    [(F32, None, None)],
    lambda x: (x.sum(dtype=np.float32), x.max(1, initial=-np.inf), (x > 0).any(0), (x > 0).all()),
    [(rand(3, 70),), (np.zeros((2, 0)),), (np.zeros((0, 0)),)],
    1e-5,
)
def reductions_of_any_size(x):
    positive = x > 0.0
    return sw.reduce_sum(x), sw.reduce_max(x, axis=1), sw.reduce_any(positive, axis=0), sw.reduce_all(positive)


@program(
    [(F32, None, 4)],
    lambda x: (x.argmax(1).astype(np.int64), x.argmin(1).astype(np.int64)),
    [(rand(5, 4),), ([[1, np.nan, 3, np.nan], [2, 2, 1, 1]],)],
)
def arg_reductions(x):
    return sw.argmax(x, axis=1), sw.argmin(x, axis=1)


@program([(F32, 7, 9), (F32, 9, 5)], lambda a, b: a @ b, [(rand(7, 9), rand(9, 5))], 1e-5)
def matmul(a, b):
    return sw.matmul(a, b)


@program(
    [(F32, None, None), (F32, None, None)],
    lambda a, b: a @ b + 1,
    [
        (rand(3, 20), rand(20, 17)),
        (rand(1, 1), rand(1, 1)),
        (np.zeros((0, 2)), np.zeros((2, 3))),
        (rand(2, 0), rand(0, 2)),
    ],
    1e-5,
)
def matmul_of_any_size(a, b):
    return sw.matmul(a, b) + 1.0


@program([(F32, 2, 3, 4), (F32, 2, 5, 4)], lambda a, b: a @ b.swapaxes(1, 2), [(rand(2, 3, 4), rand(2, 5, 4))], 1e-5)
def batched_matmul(a, b):
    return sw.matmul(a, b, transpose_b=True)


def _collatz(n):
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return np.int32(steps)


@program([(I32,)], _collatz, [(1,), (6,), (27,)])
def collatz(n):
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps


@program([(F32, None)], lambda x: np.float32(sum(v for v in x if v > 0)), [([1, -2, 3],), ([],)])
def loop_over_a_tensor(x):
    total = 0.0
    for value in x:
        if value > 0.0:
            total += value
    return total


def _fibonacci(n):
    a = [1, 1]
    while len(a) < n:
        a.append(a[-1] + a[-2])
    return np.array(a[: int(n)], np.int32)


@program([(I32,)], _fibonacci, [(2,), (7,)])
def array_written_in_a_loop(n):
    array = sw.TensorArray(sw.int32, size=n)
    a, b = 1, 1
    for i in sw.range(n):
        array = array.write(i, a)
        a, b = b, a + b
    return array.stack()


@program(
    [(F32, None), (BOOL,)],
    lambda x, flag: (x * 2 if flag else x - 1, np.int32(1 if flag else 2)),
    [(rand(5), True), (rand(5), False), ([], True)],
)
def branches(x, flag):
    if flag:
        y, which = x * 2.0, 1
    else:
        y, which = x - 1.0, 2
    return y, which


def _newton(x):
    y, n = x.copy(), 0
    while np.abs(y * y - x).max(initial=0) > 1e-3 and n < 20:
        y, n = (y + x / y) / np.float32(2), n + 1
    return y, np.int32(n)


@program([(F32, None)], _newton, [([2, 9, 100],), ([],)], 1e-6)
def loop_until_tensors_agree(x):
    y, n = x, 0
    while sw.reduce_max(sw.abs(y * y - x)) > 1e-3 and n < 20:
        y = (y + x / y) / 2.0
        n += 1
    return y, n


def _early(x):
    for i, row in enumerate(x):
        for v in row:
            if v < 0:
                return np.int32(i)
    return np.int32(-1)


@program([(F32, None, 3)], _early, [([[1, 2, 3], [4, -1, 6]],), ([[1, 2, 3]],), (np.zeros((0, 3)),)])
def return_inside_nested_loops(x):
    for i, row in enumerate(x):
        for v in row:
            if v < 0.0:
                return i
    return -1


@program(
    [(F32, 4, 6)],
    lambda x: (x[1:3, ::2], x[:, -1], x[::-1, 0], x[2], x[..., None]),
    [(np.arange(24).reshape(4, 6),)],
)
def slices(x):
    return x[1:3, ::2], x[:, -1], x[::-1, 0], x[2], x[..., None]


@program(
    [(F32, None, 3), (I32,), (I32,)],
    lambda x, a, b: (x[a:b], x[a]),
    [(rand(6, 3), 1, 4), (rand(6, 3), 2, 2), (rand(6, 3), -3, 100)],
)
def slices_at_run_time(x, a, b):
    return x[a:b], x[a]


@program(
    [(F32, None, 2), (I32, None)],
    lambda x, i: (
        x[i],
        np.stack([np.eye(3, dtype=np.float32)[j % 3] for j in i]) if len(i) else np.zeros((0, 3), np.float32),
    ),
    [(rand(5, 2), [4, 0, 0]), (rand(5, 2), [])],
)
def gather_and_one_hot(x, i):
    return sw.gather(x, i), sw.one_hot(i % 3, 3)


def _scatter(x, i, u):
    out = x.copy()
    np.add.at(out, i[:, 0], u)
    return out


@program(
    [(F32, 5), (I32, None, 1), (F32, None)],
    _scatter,
    [(rand(5), [[1], [1], [4]], [1, 2, 3]), (rand(5), np.zeros((0, 1)), [])],
)
def scatter_add(x, i, u):
    return sw.tensor_scatter_nd_add(x, i, u)


@program(
    [(F32, None, 3), (F32, None, 3)],
    lambda a, b: (
        np.concatenate([a, b]),
        np.pad(a, ((1, 0), (0, 2))),
        a.T,
        a.reshape(-1),
        np.flip(b, 0),
        np.tile(a, (2, 1)),
    ),
    [(rand(2, 3), rand(4, 3)), (np.zeros((0, 3)), rand(1, 3))],
)
def movement(a, b):
    padded = sw.pad(a, [[1, 0], [0, 2]])
    return sw.concat([a, b], 0), padded, sw.transpose(a), sw.reshape(a, [-1]), sw.reverse(b, [0]), sw.tile(a, [2, 1])


@program(
    [(F32, None), (F32, None)],
    lambda x, y: (np.where(x > y, x, y), (x > y) & (x != 0), x.astype(np.int32), (x > y).astype(np.float32)),
    [([1, -2, 0], [0, 5, -1]), ([], [])],
)
def comparisons_and_casts(x, y):
    greater = x > y
    return (
        sw.where(greater, x, y),
        sw.logical_and(greater, x != 0.0),
        sw.cast(x, sw.int32),
        sw.cast(greater, sw.float32),
    )


def _softmax(x):
    e = np.exp(x - x.max(1, keepdims=True, initial=-np.inf))
    return e / e.sum(1, keepdims=True, dtype=np.float32)


@program([(F32, None, 10)], _softmax, [(rand(4, 10),), (np.zeros((0, 10)),)], 1e-5)
def softmax(x):
    e = sw.exp(x - sw.reduce_max(x, axis=1, keepdims=True))
    return e / sw.reduce_sum(e, axis=1, keepdims=True)


@program([(F32, None)], lambda x: (2 * x, np.cos(x)), [(rand(6),), ([],)], 1e-6)
def gradients(x):
    with sw.GradientTape(persistent=True) as tape:
        tape.watch(x)
        square, sine = x * x, sw.sin(x)
    return tape.gradient(square, x), tape.gradient(sine, x)


@program([(I32,)], lambda n: np.arange(n, dtype=np.int32) ** 2, [(0,), (1,), (20,)])
def size_from_a_value(n):
    r = sw.range(n)
    return r * r


@program([], lambda: (np.arange(100, dtype=np.float32), np.float32(2.5)), [()])
def constants():
    return sw.constant(np.arange(100, dtype=np.float32)), 2.5


def _helper(x):
    return x * 3.0


@program([(F32, 3), (F32, 3)], lambda x, y: (x * 3, x, y, y), [(rand(3), rand(3))])
def arguments_returned(x, y):
    return _helper(x), x, y, sw.identity(y)


@cache
def at_level(name, level):
    """The module of a program at a level, from the one at the level above."""
    above = dict(zip(list(LEVELS)[1:], LEVELS, strict=False)).get(level)
    module = trace(name).module if above is None else at_level(name, above)
    copy = module.clone()
    PassManager(make_context(), verify_each=True).run(copy, STEPS[level])
    return copy


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name, level):
    found = PROGRAMS[name]
    module = at_level(name, level)
    for inputs in found.inputs:
        arrays = [np.array(value, spec.dtype) for value, spec in zip(inputs, found.specs, strict=True)]
        before = [array.copy() for array in arrays]
        with np.errstate(all="ignore"):
            expected = found.numpy(*arrays)
        results = run_module(module, [*arrays, *map(np.array, trace(name).captures)])
        expected = expected if isinstance(expected, tuple) else (expected,)
        assert len(results) == len(expected)
        for number, (got, want) in enumerate(zip(results, expected, strict=True)):
            assert_close(got, np.asarray(want), f"{name} at {level}: result {number}", found.rtol, found.rtol)
        for array, old in zip(arrays, before, strict=True):
            np.testing.assert_array_equal(array, old, err_msg="an input was changed")


def test_inputs_may_overlap_and_lie_in_any_way():
    module = trace("elementwise").module
    x = np.arange(8, dtype=np.float32)[::-2]
    for level in LEVELS:
        (result,) = run_module(lowered(module, level), [x, x])
        assert result.tolist() == [50, 26, 10, 2], level
    fixed = np.ones(3, np.float32)
    fixed.flags.writeable = False
    for level in LEVELS:
        assert run_module(lowered(module, level), [fixed, fixed])[0].tolist() == [2, 2, 2], level


@pytest.mark.parametrize("way", AT_LEVELS)
def test_variables_are_updated_in_program_order(way):
    count, weights = sw.Variable(0, dtype=sw.int64), sw.Variable([1.0, 2.0])

    @sw.function
    def step(x):
        before = weights * 1.0
        for _ in sw.range(3):
            weights.assign_sub(x * 0.5)
            count.assign_add(1)
        if count > 3:
            weights.assign(-weights)
        return before, weights + 0.0, count

    concrete = step.get_concrete_function(sw.TensorSpec([2]))
    ran = run_concrete(concrete, [[2.0, 4.0]], way)
    assert [result.tolist() for result in ran.results] == [[1, 2], [-2, -4], 3]
    assert sorted(map(str, ran.captures)) == ["3", "[-2. -4.]"]
    count.assign(1)
    assert run_concrete(concrete, [[2.0, 4.0]], way).results[1].tolist() == [2, 4]
    assert weights.numpy().tolist() == [1, 2], "the Variable itself was changed"


@pytest.mark.parametrize("level", LEVELS)
def test_a_variable_given_as_the_argument_too(level):
    """What is read from the argument is its value at the call."""
    v = sw.Variable([1.0, 2.0])

    @sw.function
    def f(x):
        v.assign_add(x)
        v.assign_add(x)
        return x + v

    concrete = f.get_concrete_function(sw.TensorSpec([2]))
    shared = np.array([1, 2], np.float32)
    (result,) = run_module(lowered(concrete.module, level), [shared, shared])
    assert result.tolist() == [4, 8]
    assert shared.tolist() == [3, 6]


@pytest.mark.parametrize("level", LEVELS)
def test_prints_come_in_order(level):
    @sw.function
    def f(x, n):
        sw.print("start", x)
        for i in sw.range(n):
            sw.print(i, "of", n)
        return sw.reduce_sum(x)

    concrete = f.get_concrete_function(sw.TensorSpec([None], sw.int32), sw.TensorSpec([], sw.int32))
    out = io.StringIO()
    run_module(lowered(concrete.module, level), [np.array([5, 6], np.int32), np.int32(2)], stdout=out)
    assert out.getvalue() == "start [5 6]\n0 of 2\n1 of 2\n"


@pytest.mark.parametrize("level", LEVELS)
def test_a_failed_assertion_has_the_users_line(level):
    @sw.function
    def f(x):
        assert sw.reduce_min(x) > 0.0, "expected positive numbers"
        return sw.sqrt(x)

    line = f.python_function.__code__.co_firstlineno + 2
    concrete = f.get_concrete_function(sw.TensorSpec([None]))
    module = lowered(concrete.module, level)
    assert run_module(module, [np.array([4.0, 9.0], np.float32)])[0].tolist() == [2, 3]
    with pytest.raises(InterpreterError, match="expected positive numbers") as caught:
        run_module(module, [np.array([4.0, -9.0], np.float32)])
    assert f"test_interpreter_levels.py:{line}:" in str(caught.value)


@pytest.mark.parametrize("level", LEVELS)
def test_sizes_are_checked_when_the_program_runs(level):
    @sw.function
    def f(a, b):
        return sw.matmul(a, b)

    concrete = f.get_concrete_function(sw.TensorSpec([None, None]), sw.TensorSpec([None, None]))
    module = lowered(concrete.module, level)
    with pytest.raises(InterpreterError, match=r"3.*4|4.*3"):
        run_module(module, [np.zeros((2, 3), np.float32), np.zeros((4, 2), np.float32)])
    with pytest.raises(InterpreterError, match=r"argument 1: expected float32\[\?, \?\], got float64\[3, 2\]"):
        run_module(module, [np.zeros((2, 3), np.float32), np.zeros((3, 2))])


@pytest.mark.parametrize("level", LEVELS)
def test_an_index_out_of_range(level):
    concrete = sw.function(lambda x, i: sw.gather(x, i)).get_concrete_function(
        sw.TensorSpec([None]), sw.TensorSpec([None], sw.int32)
    )
    with pytest.raises(InterpreterError):
        run_module(lowered(concrete.module, level), [np.zeros(3, np.float32), np.array([0, 3], np.int32)])


def test_all_ways_agree_on_a_function():
    v = sw.Variable(3.0)

    @sw.function
    def f(x):
        v.assign_add(sw.reduce_sum(x))
        return x * v

    concrete = f.get_concrete_function(sw.TensorSpec([None]))
    for way, ran in run_everywhere(concrete, [[1.0, 2.0]]).items():
        assert ran.results[0].tolist() == [6, 12], way
        assert ran.captures[0] == 6, way
