"""Long calls: the user can stop them, other Python threads run meanwhile, and Variables stay whole."""

import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import stepwell as sw
from stepwell.runtime.engines.interpreter import run_module

ENDLESS = sw.constant(2**62, dtype=sw.int64)


@pytest.fixture(autouse=True)
def _sigint_is_heard():
    """Python's own handler: a shell that starts the tests in the background has them ignore the signal."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def interrupted(call, after=0.3):
    """Run `call`, which does not end, until a signal stops it; seconds from the signal to the exception."""
    sent = []

    def send():
        sent.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(after, send)
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            call()
        return time.perf_counter() - sent[0]
    finally:
        timer.cancel()
        timer.join()


@sw.function
def spin(x):
    n = sw.cast(x * 0.0, sw.int32)
    while n < 10:
        x = x * 0.5 + 1.0
        n = n * 1
    return x


@sw.function
def count(x, rounds):
    for _ in sw.range(rounds):
        x = x * 0.5 + 1.0
    return x


@sw.function
def nested(x, rounds):
    for _ in sw.range(rounds):
        n = sw.cast(x * 0.0, sw.int32)
        while n < 3:
            x = x * 0.5 + 1.0
            n += 1
    return x


@sw.function
def powers(x, rounds):
    for _ in sw.range(rounds):
        x = sw.matmul(x, x)
    return x


@sw.function
def table(x, rounds):
    for _ in sw.range(rounds):
        x = sw.exp(x * 0.5)
    return x


CASES = {
    "while": (spin, (1.0,)),
    "for": (count, (1.0, ENDLESS)),
    "nested": (nested, (1.0, ENDLESS)),
    "matmul": (powers, (np.ones((300, 300), np.float32), ENDLESS)),
    "elementwise": (table, (np.ones((500, 700), np.float32), ENDLESS)),
}


@pytest.mark.parametrize("name", CASES)
def test_an_endless_loop_can_be_interrupted_while_other_threads_run(name):
    function, args = CASES[name]
    args = [sw.constant(arg) for arg in args]
    assert function.get_concrete_function(*args).executable
    steps, done = [0], threading.Event()

    def other():
        while not done.wait(0.001):
            steps[0] += 1

    thread = threading.Thread(target=other)
    thread.start()
    seconds = interrupted(lambda: function(*args))
    done.set()
    thread.join()
    assert seconds < 2.0
    assert steps[0] > 20


@pytest.mark.parametrize("engine", ["interpreter", "onnx"])
def test_other_engines_can_be_interrupted(engine):
    v = sw.Variable(1.0)

    @sw.function(engine=engine)
    def f(x, rounds):
        i = rounds * 0
        while i < rounds:
            x = x * 0.5 + 1.0
            i += 1
        v.assign(x)
        return x

    f(sw.constant(1.0), sw.constant(2, dtype=sw.int64))
    assert interrupted(lambda: f(sw.constant(1.0), ENDLESS)) < 5.0
    assert float(v) == 1.75


def test_a_model_can_be_interrupted_where_signals_restart_system_calls():
    """As after `asyncio`'s `add_signal_handler`."""
    signal.siginterrupt(signal.SIGINT, False)
    try:
        test_other_engines_can_be_interrupted("onnx")
    finally:
        signal.siginterrupt(signal.SIGINT, True)


def test_a_users_handler_runs_and_the_call_goes_on():
    n = sw.constant(2 * 10**8, dtype=sw.int64)
    calls = []
    before = signal.signal(signal.SIGUSR1, lambda *_: calls.append(threading.current_thread()))
    try:
        count(sw.constant(1.0), sw.constant(2, dtype=sw.int64))
        timer = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGUSR1))
        timer.start()
        assert float(count(sw.constant(1.0), n)) == 2.0
        timer.join()
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert calls == [threading.main_thread()]


def test_calls_of_threads_run_side_by_side_and_the_main_thread_can_be_stopped():
    results = []
    n = sw.constant(10**8, dtype=sw.int64)
    count(sw.constant(1.0), sw.constant(2, dtype=sw.int64))
    threads = [threading.Thread(target=lambda: results.append(float(count(sw.constant(1.0), n)))) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert interrupted(lambda: spin(sw.constant(1.0))) < 2.0
    for thread in threads:
        thread.join()
    assert results == [2.0] * 3


def test_an_interrupt_leaves_whole_values_in_variables():
    first, second = sw.Variable(np.zeros((400, 300), np.float32)), sw.Variable(np.zeros((300,), np.float32))

    @sw.function
    def train(x, rounds):
        i = x[0, 0] * 0.0
        for _ in sw.range(rounds):
            i += 1.0
            first.assign(sw.exp(sw.math.log(x * i)))
            second.assign(sw.reduce_sum(x * i, axis=0))
        return i

    x = sw.constant(np.ones((400, 300), np.float32))
    train(x, sw.constant(1, dtype=sw.int64))
    assert interrupted(lambda: train(x, ENDLESS)) < 2.0
    for variable in (first, second):
        values = np.unique(variable.numpy())
        assert len(values) == 1 and values[0] > 1.0
    train(x, sw.constant(1, dtype=sw.int64))
    np.testing.assert_allclose(first.numpy(), 1.0, rtol=1e-6)


def test_what_was_assigned_before_the_interrupt_stays():
    v, w = sw.Variable(0.0), sw.Variable(0.0)

    @sw.function
    def f(x):
        v.assign(x)
        n = sw.cast(x * 0.0, sw.int32)
        while n < 10:
            n = n * 1
        w.assign(x)
        return n

    assert f.get_concrete_function(sw.constant(7.0)).executable
    interrupted(lambda: f(sw.constant(7.0)))
    assert (float(v), float(w)) == (7.0, 0.0)


def test_a_long_call_can_print_and_make_results():
    @sw.function
    def f(x, n):
        for i in sw.range(n):
            x = x * 0.5 + 1.0
            if i % 40_000_000 == 0:
                sw.print("at", i)
        return x, sw.zeros([sw.cast(n // 50_000_000, sw.int32)])

    x, zeros = f(sw.constant(1.0), sw.constant(10**8, dtype=sw.int64))
    assert float(x) == 2.0 and zeros.shape == (2,)


def test_the_interpreter_runs_the_llvm_text_of_loops_that_poll():
    text = sw.ir(nested, sw.constant(1.0), sw.constant(3, dtype=sw.int64), level="llvm")
    assert "stepwell_poll" in str(text)
    from stepwell.compiler.interchange.mlir.text import parse_module

    (found,) = run_module(parse_module(str(text), "text"), [np.float32(1.0), np.int64(3)])
    assert found == nested(sw.constant(1.0), sw.constant(3, dtype=sw.int64)).numpy()


def test_a_daemon_thread_in_a_long_call_does_not_keep_the_process():
    code = f"import runpy; runpy.run_path({__file__!r}, run_name='__daemon__')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "done"), done.stderr


if __name__ == "__daemon__":
    assert spin.get_concrete_function(sw.constant(1.0)).executable
    threading.Thread(target=spin, args=(sw.constant(1.0),), daemon=True).start()
    time.sleep(0.3)
    print("done", flush=True)
