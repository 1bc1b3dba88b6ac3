"""Calls that go straight to machine code: only where they may, right in all references, whatever ends them."""

from __future__ import annotations

import contextlib
import copy
import gc
import sys
import threading
import tracemalloc
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples, is_thorough

import stepwell as sw
from stepwell.compiler.frontend.tracing.modes import IN_FORCE
from stepwell.compiler.frontend.values.tensor import Tensor

DTYPES = ("bool", "int8", "int32", "int64", "float32", "float64")


def tensor(*values, dtype="float32"):
    return sw.constant(np.array(values, dtype))


def entry_of(function, *args):
    """The entry point for Tensors of the trace for `args`."""
    return function.get_concrete_function(*args).executable.tensor_entry


def add(x, y):
    return x + y


def whole(result):
    """A result, after a look at all that a Tensor is."""
    assert type(result) is Tensor and not result.is_symbolic and gc.is_tracked(result)
    assert weakref.ref(result)() is result and result.ref().deref() is result
    assert not hasattr(result, "_literal") and not hasattr(result, "_deferred")
    references = sys.getrefcount(result._array)
    assert references == 2
    assert np.array_equal(copy.copy(result).numpy(), result.numpy())
    return result.numpy()


shapes = st.lists(st.integers(0, 3), max_size=3).map(tuple)


@settings(max_examples=examples(15), deadline=None)
@given(st.lists(st.tuples(st.sampled_from(DTYPES), shapes), max_size=4), st.data())
def test_tensors_go_in_and_come_out(kinds, data):
    args = [sw.constant((np.arange(np.prod(shape, dtype=int)) % 2).astype(t).reshape(shape)) for t, shape in kinds]
    order = data.draw(st.lists(st.integers(0, len(args) - 1), max_size=4)) if args else []

    @sw.function(autograph=False)
    def chosen(*xs):
        return tuple(xs[i] for i in order)

    entry = entry_of(chosen, *args)
    for results in (entry(*args), chosen(*args), chosen(*args)):
        results = (results,) if isinstance(results, Tensor) else results
        assert type(results) is tuple and len(results) == len(order)
        for result, i in zip(results, order, strict=True):
            expected = args[i].numpy()
            got = whole(result)
            assert got.dtype == expected.dtype and np.array_equal(got, expected)
    assert all(sys.getrefcount(arg._array) == 2 for arg in args)


class Special(Tensor):
    pass


def leaked():
    kept = []

    @sw.function
    def f(x):
        kept.append(x)
        return x

    f(tensor(1, 2))
    return kept[0]


OTHERS = {
    "array": lambda: np.ones(2, np.float32),
    "number": lambda: 1.0,
    "none": lambda: None,
    "variable": lambda: sw.Variable(np.ones(2, np.float32)),
    "subclass": lambda: Special(np.ones(2, np.float32)),
    "symbolic": leaked,
    "unfilled": lambda: Tensor.__new__(Tensor),
    "dtype": lambda: tensor(1, 1, dtype="float64"),
    "shape": lambda: tensor(1, 1, 1),
    "rank": lambda: tensor([1, 1]),
    "strided": lambda: Tensor(np.ones(4, np.float32)[::2]),
    "matrix": lambda: Tensor(np.ones((1, 2), np.float32).view(np.matrix)),
}


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("kind", OTHERS)
def test_the_entry_point_takes_tensors_that_fit_and_nothing_else(kind, place):
    function, other = sw.function(add), OTHERS[kind]()
    args = [tensor(1, 2), tensor(3, 4)]
    entry = entry_of(function, *args)
    args[place] = other
    arrays = [arg._array for arg in args if isinstance(arg, Tensor) and hasattr(arg, "_array")]
    before = [sys.getrefcount(array) for array in arrays]
    assert entry(*args) is NotImplemented
    for few in ((), args[:1], [*args, args[0]]):
        assert entry(*few) is NotImplemented
    assert before == [sys.getrefcount(array) for array in arrays]


@pytest.mark.parametrize("kind", ["array", "number", "variable", "subclass", "dtype", "shape", "strided"])
def test_other_arguments_mean_what_they_do_in_a_first_call(kind, engine):
    other, fitting = OTHERS[kind](), tensor(1, 2)
    warm = sw.function(add, engine=engine)
    warm(fitting, fitting), warm(fitting, fitting)
    answers = []
    for function in (sw.function(add, engine=engine), warm):
        try:
            answers.append(function(fitting, other).numpy().tolist())
        except Exception as error:
            answers.append(type(error))
    assert answers[0] == answers[1]
    assert warm(fitting, fitting).numpy().tolist() == [2, 4]


def test_a_tape_a_trace_a_guard_and_eager_mode_are_seen(engine):
    runs = []

    @sw.function(engine=engine)
    def ratio(x, y):
        runs.append(None)
        return x / y

    @sw.function(engine=engine)
    def outer(x, y):
        return ratio(x, y) * 2.0

    x, y, zero = tensor(1, 2), tensor(2, 4), tensor(0, 0)
    ratio(x, y), ratio(x, y)
    with sw.GradientTape() as tape:
        tape.watch(x)
        z = ratio(x, y)
    assert tape.gradient(z, x).numpy().tolist() == [0.5, 0.25]
    assert outer(x, y).numpy().tolist() == [1.0, 1.0]
    assert len(runs) == 1
    with sw.debugging.nan_guard(), pytest.raises(sw.errors.InvalidArgumentError, match="div"):
        ratio(x, zero)
    sw.config.run_functions_eagerly(True)
    try:
        ratio(x, y), ratio(x, y)
    finally:
        sw.config.run_functions_eagerly(False)
    assert len(runs) == 3
    assert np.isinf(ratio(x, zero).numpy()).all() and len(runs) == 3
    assert IN_FORCE == []


def test_modes_are_off_the_list_once_they_end_however_they_end():
    @sw.function
    def fails(x):
        raise KeyError("while tracing")

    x = tensor(1, 2)
    with pytest.raises(KeyError):
        fails(x)
    with pytest.raises(KeyError), sw.debugging.nan_guard(), sw.debugging.nan_guard(inf=False):
        raise KeyError
    tape = sw.GradientTape(persistent=True)
    with pytest.raises(KeyError), tape, sw.GradientTape() as inner:
        with tape.stop_recording(), inner.stop_recording():
            assert "tape" not in IN_FORCE
        tape.watch(x)
        tape.gradient(x * x, x)
        assert IN_FORCE == ["tape"]
        raise KeyError
    for eager in (False, True, True, False, False):
        sw.config.run_functions_eagerly(eager)
    assert IN_FORCE == []


def test_a_mode_is_that_of_its_thread():
    function, x, y = sw.function(add), tensor(1, 2), tensor(3, 4)
    function(x, y), function(x, y)
    recording, done, grads = threading.Event(), threading.Event(), []

    def records():
        with sw.GradientTape() as tape:
            tape.watch(x)
            recording.set()
            done.wait(60)
            z = function(x, y)
        grads.append(tape.gradient(z, x).numpy().tolist())

    thread = threading.Thread(target=records)
    thread.start()
    recording.wait(60)
    assert IN_FORCE == ["tape"]
    assert function(x, y).numpy().tolist() == [4, 6]
    done.set()
    thread.join(60)
    assert grads == [[1, 1]] and IN_FORCE == []


def scalar(x):
    return sw.reduce_sum(x)


def several(x):
    return x + 1.0, sw.reduce_sum(x), x[:1]


def structured(x):
    return {"a": x + 1.0, "b": [sw.reduce_max(x), None]}


def nothing(x):
    return ()


def checked(x):
    y = x + 1.0
    sw.debugging.Assert(sw.reduce_all(x > 0), [y])
    return y, x * 2.0


@pytest.mark.parametrize("body", [scalar, several, structured, nothing, checked])
@pytest.mark.parametrize("good", [True, False])
def test_many_calls_leave_nothing_behind(body, good):
    function, x = sw.function(body), tensor(1, 2) if good else tensor(-1, 2)
    fine = tensor(1, 2)
    function(fine), function(fine)
    count = 20_000 if is_thorough() else 5_000
    if not good and body is checked:
        count = 1_000

    def call(count):
        for _ in range(count):
            with contextlib.suppress(sw.errors.InvalidArgumentError):
                function(x)

    call(300)
    gc.collect()
    counted = x, x._array, Tensor, x.dtype, None
    counts = [sys.getrefcount(thing) for thing in counted]
    tracemalloc.start()
    try:
        call(100)
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        call(count)
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 16 * count
    after = [sys.getrefcount(thing) for thing in counted]
    assert all(abs(now - was) < 200 for now, was in zip(after, counts))


def test_results_are_freed_when_they_are_dropped():
    function, x = sw.function(several), tensor(1, 2)
    function(x)
    dropped = [weakref.ref(result) for result in function(x)] + [weakref.ref(r._array) for r in function(x)]
    assert [reference() for reference in dropped] == [None] * 6


def test_cycles_through_results_are_collected():
    class Node:
        result: Tensor

    function, x = sw.function(add), tensor(1, 2)
    function(x, x)
    node = Node()
    node.result = function(x, x)
    node.result._deferred = node  # pyright: ignore[reportAttributeAccessIssue]
    seen = weakref.ref(node)
    del node
    gc.collect()
    assert seen() is None
