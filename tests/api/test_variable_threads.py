"""Variables in several threads: no update is lost, no value is half written, and nobody waits for ever."""

import copy
import threading
from contextlib import contextmanager

import numpy as np
import pytest

import stepwell as sw

ENGINES = ["native", "interpreter", "onnx"]
ROUNDS = {"native": 400, "interpreter": 40, "onnx": 60, "eager": 400}


def in_threads(*works, seconds=120):
    """Run each of `works` in a thread of its own; the first error of any is raised here."""
    errors = []

    def guarded(work):
        try:
            work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(work,), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds)
    assert not any(thread.is_alive() for thread in threads), "the threads wait for each other"
    if errors:
        raise errors[0]


@contextmanager
def breakpoints(handler):
    """Call `handler` at breakpoints."""
    before = sw.debugging.set_breakpoint_handler(handler)
    try:
        yield
    finally:
        sw.debugging.set_breakpoint_handler(before)


def repeat(count, call):
    return lambda: [call() for _ in range(count)]


@pytest.mark.parametrize("size", [1, 50_000])
@pytest.mark.parametrize("engine", ENGINES)
def test_no_update_is_lost(engine, size):
    v = sw.Variable(np.zeros(size, np.float32))

    @sw.function(engine=engine)
    def add(x):
        v.assign(v + x)

    x = sw.constant(np.ones(size, np.float32))
    add(x)
    rounds = ROUNDS[engine]
    in_threads(*[repeat(rounds, lambda: add(x))] * 4)
    assert set(v.numpy()) == {4.0 * rounds + 1.0}


@pytest.mark.parametrize("size", [1, 50_000])
def test_no_eager_update_is_lost_beside_compiled_ones(size):
    v = sw.Variable(np.zeros(size, np.float32))
    x = sw.constant(np.ones(size, np.float32))

    @sw.function
    def add():
        v.assign_add(x)

    add()
    eager = repeat(300, lambda: v.assign_add(x))
    in_threads(eager, eager, repeat(300, add), repeat(300, add))
    assert set(v.numpy()) == {1201.0}


@pytest.mark.parametrize("engine", ENGINES)
def test_functions_that_share_variables_in_another_order_do_not_wait_for_each_other(engine):
    a, b, c = (sw.Variable(np.zeros(3000, np.float32)) for _ in range(3))

    @sw.function(engine=engine)
    def forth():
        a.assign_add(b * 0.0 + 1.0)
        b.assign_add(c * 0.0 + 1.0)

    @sw.function(engine=engine)
    def back():
        c.assign_add(a * 0.0 + 1.0)
        b.assign_add(a * 0.0 + 1.0)

    forth(), back()
    rounds = ROUNDS[engine]
    in_threads(*[repeat(rounds, forth), repeat(rounds, back)] * 2)
    assert [set(v.numpy()) for v in (a, b, c)] == [{2.0 * rounds + 1}, {4.0 * rounds + 2}, {2.0 * rounds + 1}]


@pytest.mark.parametrize("engine", ENGINES)
def test_readers_see_the_variables_of_one_moment(engine):
    v, w = (sw.Variable(np.zeros(60_000, np.float32)) for _ in range(2))

    @sw.function(engine=engine)
    def write():
        v.assign_add(sw.ones_like(v))
        w.assign_add(sw.ones_like(w))

    @sw.function(engine=engine)
    def read():
        return sw.reduce_min(v), sw.reduce_max(v), sw.reduce_min(w), sw.reduce_max(w)

    def compiled():
        found = {float(value) for value in read()}
        assert len(found) == 1, found

    def eager():
        assert len(set(v.numpy())) == 1

    write(), read()
    rounds = ROUNDS[engine] // 2
    in_threads(repeat(rounds, write), repeat(rounds, write), repeat(rounds, compiled), repeat(rounds, eager))


def test_a_tensor_that_was_read_does_not_change_while_others_write():
    v = sw.Variable(np.zeros(50_000, np.float32))

    @sw.function
    def write():
        v.assign_add(sw.ones_like(v))

    def hold():
        for _ in range(200):
            value = v.read_value()
            first = value.numpy()
            assert (value.numpy() == first).all() and len(set(first)) == 1

    write()
    in_threads(repeat(300, write), repeat(300, write), hold, hold)


def test_what_runs_inside_of_a_call_may_use_its_variables():
    v = sw.Variable([1.0, 2.0])
    seen = []

    @sw.function
    def other():
        v.assign_add([10.0, 10.0])
        return v + 0.0

    @sw.function
    def outer(x):
        v.assign(v + x)
        sw.debugging.breakpoint(x)
        v.assign(v * 2.0)
        return v + 0.0

    def stopped(stop):
        held = v.read_value()
        seen.append((held.numpy().tolist(), other().numpy().tolist(), held.numpy().tolist()))

    other()
    v.assign([1.0, 2.0])
    with breakpoints(stopped):
        result = outer(sw.constant([1.0, 1.0]))
    assert seen == [([2.0, 3.0], [12.0, 13.0], [2.0, 3.0])]
    assert result.numpy().tolist() == v.numpy().tolist()


def test_calls_on_other_variables_do_not_wait():
    v, w = sw.Variable(0.0), sw.Variable(0.0)
    started, checked = threading.Event(), threading.Event()

    @sw.function
    def slow(x):
        v.assign_add(x)
        sw.debugging.breakpoint(x)

    @sw.function
    def quick(x):
        w.assign_add(x)
        return w + 0.0

    def stopped(stop):
        started.set()
        assert checked.wait(60)

    one = sw.constant(1.0)
    quick(one)

    def look():
        assert started.wait(60)
        assert float(quick(one)) == 2.0
        checked.set()

    with breakpoints(stopped):
        in_threads(lambda: slow(one), look)
    assert float(v) == 1.0


def test_a_copy_has_a_writer_of_its_own():
    v = sw.Variable([1.0])
    w = copy.deepcopy(v)
    assert w._writer is not v._writer
    w.assign_add([1.0])
    assert (v.numpy().tolist(), w.numpy().tolist()) == ([1.0], [2.0])
