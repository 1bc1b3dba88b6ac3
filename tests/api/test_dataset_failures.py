"""Errors, threads that end, and interrupts: nothing hangs, and no thread stays."""

import signal
import subprocess
import sys
import threading
import time

import pytest

import stepwell as sw

Dataset = sw.data.Dataset


def without_threads(count):
    """Wait until there are no more threads than before."""
    deadline = time.monotonic() + 20
    while threading.active_count() > count and time.monotonic() < deadline:
        time.sleep(0.02)
    assert threading.active_count() <= count


def failing(error):
    def check(x):
        if x == 3:
            raise error("three")
        return x

    return lambda x: sw.numpy_function(check, [x], sw.TensorSpec([], sw.int64))


CHANGES = {
    "prefetch": lambda d: d.prefetch(2),
    "prefetch twice": lambda d: d.prefetch(2).prefetch(1),
    "take": lambda d: d.prefetch(3).take(100),
}


@pytest.mark.parametrize("calls", [None, 2])
@pytest.mark.parametrize("change", CHANGES)
def test_elements_after_an_error_come_through_threads(change, calls):
    before = threading.active_count()
    dataset = CHANGES[change](Dataset.range(6).map(failing(ValueError), calls))
    assert list(map(int, dataset.ignore_errors())) == [0, 1, 2, 4, 5]
    with pytest.raises(ValueError, match="three"):
        list(dataset)
    without_threads(before)


@pytest.mark.parametrize("calls", [None, 2])
@pytest.mark.parametrize("error", [ValueError, SystemExit, KeyboardInterrupt])
def test_what_ends_a_thread_is_raised_where_elements_are_asked_for(error, calls):
    before = threading.active_count()
    dataset = Dataset.range(9).map(failing(error), calls).prefetch(2)

    @sw.function
    def total():
        found = sw.constant(0, sw.int64)
        for x in dataset:
            found += x
        return found

    for run in (total, lambda: list(dataset)):
        with pytest.raises(error, match="three"):
            run()
    without_threads(before)


def test_a_generator_that_fails():
    before = threading.active_count()

    def generated():
        yield from range(3)
        raise OSError("the disk")

    dataset = Dataset.from_generator(generated, output_signature=sw.TensorSpec([], sw.int64)).prefetch(2)
    iterator = iter(dataset)
    assert [int(next(iterator)) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(OSError, match="the disk"):
        next(iterator)
    with pytest.raises(StopIteration):
        next(iterator)
    without_threads(before)


@pytest.mark.parametrize("in_function", [False, True])
def test_loops_that_are_left_early_end_their_threads(in_function):
    before = threading.active_count()
    dataset = Dataset.range(10**9).map(lambda x: x, num_parallel_calls=2).prefetch(2)

    def first_large():
        found = sw.constant(0, sw.int64)
        for x in dataset:
            if x > 4:
                found = x
                break
        return found

    assert int((sw.function(first_large) if in_function else first_large)()) == 5
    without_threads(before)


LOOPS = {
    "a slow generator": "list(slow.prefetch(2))",
    "a slow generator in a compiled loop": "total(slow.prefetch(2))",
    "a slow map of two threads": "list(endless.map(wait, 2).prefetch(2))",
    "a long step in a compiled loop": "steps(endless.prefetch(2))",
}

PROGRAM = """
import signal, sys, time
import stepwell as sw
signal.signal(signal.SIGINT, signal.default_int_handler)
def generated():
    yield 0
    print("ready", flush=True)
    time.sleep(60)
    yield 1
slow = sw.data.Dataset.from_generator(generated, output_signature=sw.TensorSpec([], "int64"))
endless = sw.data.Dataset.range(10**9)
def late(x):
    print("ready\\n", end="", flush=True)  # in one piece: two threads print it
    time.sleep(1)
    return x
wait = lambda x: sw.numpy_function(late, [x], sw.TensorSpec([], sw.int64))
@sw.function
def total(dataset):
    found = sw.constant(0, sw.int64)
    for x in dataset:
        found += x
    return found
@sw.function
def steps(dataset):
    found = sw.constant(0.0)
    for x in dataset:
        if x == 1:
            sw.py_function(lambda: print("ready", flush=True), [], [])
        for i in sw.range(10**5):
            found += sw.sin(found)
    return found
try:
    LOOP
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.mark.parametrize("loop", LOOPS)
def test_interrupts_end_loops(tmp_path, loop):
    program = tmp_path / "program.py"  # a file: functions are converted from their source
    program.write_text(PROGRAM.replace("LOOP", LOOPS[loop]))
    with subprocess.Popen([sys.executable, str(program)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "ready\n"
            process.send_signal(signal.SIGINT)
            output, _ = process.communicate(timeout=50)
            assert "interrupted" in output and process.returncode == 0  # threads may print after it
        finally:
            process.kill()
