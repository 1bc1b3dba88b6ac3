"""Tracebacks of users' errors show the users' lines, and stepwell's own on request."""

import os
import subprocess
import sys
import threading
import traceback

import pytest

import stepwell as sw
from stepwell.compiler.frontend.tracing import tracebacks

LINES = 15
"""How many lines the traceback of a user's error has at most."""


@pytest.fixture(autouse=True)
def filtering():
    sw.debugging.enable_traceback_filtering()
    yield
    sw.debugging.enable_traceback_filtering()


def weights():
    return sw.Variable(sw.ones([3, 4]))


def layer(x, w):
    if sw.reduce_sum(x) > 0:
        h = sw.matmul(x, w)  # wrong
    else:
        h = x
    return h


def in_a_branch(w, **options):
    return sw.function(lambda x: layer(x, w), **options)


def nested(w, **options):
    inner = sw.function(lambda x: layer(x, w), **options)

    @sw.function(**options)
    def outer(x):
        return inner(x + 1.0)

    return outer


def in_a_loop(w, **options):
    @sw.function(**options)
    def loop(x):
        for _ in sw.range(3):
            x = layer(x, w)
        return x

    return loop


def plain(w, **options):
    @sw.function(**options)
    def program(x):
        return sw.matmul(x, w)  # wrong

    return program


def of_python(w, **options):
    @sw.function(**options)
    def program(x):
        return {}["key"] + x  # wrong

    return program


def when_it_runs(w, **options):
    @sw.function(**options)
    def program(x):
        return sw.gather(sw.reshape(x, [10]), sw.cast(sw.reduce_sum(x), sw.int32) + 70)

    return program


def without_autograph(w, **options):
    return sw.function(lambda x: sw.matmul(x, w), autograph=False, **options)  # wrong


def fails(function, *arguments):
    """The error of a call, and its traceback as it is printed."""
    try:
        function(*arguments)
    except Exception as error:
        return error, traceback.format_exception(error)
    raise AssertionError("no error")


def files(error):
    return [frame.filename for frame in traceback.extract_tb(error.__traceback__)]


PROGRAMS = [in_a_branch, nested, in_a_loop, plain, of_python, when_it_runs, without_autograph]


@pytest.mark.parametrize("make", PROGRAMS)
@pytest.mark.parametrize("engine", ["native", "interpreter"])
def test_only_the_users_lines_are_shown(make, engine):
    error, text = fails(make(weights(), engine=engine), sw.ones([2, 5]))
    assert set(files(error)) == {__file__}
    if make is not nested:
        assert len("".join(text).splitlines()) <= LINES
    if make is not when_it_runs:
        assert "# wrong" in text[-2]
    assert type(error).__name__ in text[-1]


def test_the_second_call_and_the_gradient_show_them_too():
    w = weights()
    program = when_it_runs(w)
    for _ in range(2):
        error, _ = fails(program, sw.ones([2, 5]))
        assert set(files(error)) == {__file__}

    def gradient(x):
        with sw.GradientTape() as tape:
            tape.watch(x)
            y = plain(w)(x)
        return tape.gradient(y, x)

    error, text = fails(gradient, sw.ones([2, 5]))
    assert set(files(error)) == {__file__} and "# wrong" in text[-2]


def test_arguments_that_do_not_fit():
    for call in (plain(weights()), plain(weights()).get_concrete_function):
        error, text = fails(call, 1, 2, 3)
        assert set(files(error)) == {__file__} and len("".join(text).splitlines()) <= LINES


def test_eager_operations():
    for program in (
        lambda: sw.ones([2, 5]) + sw.ones([2, 4]),
        lambda: sw.ones([2, 5]) < sw.ones([2, 4]),
        lambda: sw.ones([2, 5])[7],
        lambda: 2.0 @ sw.ones([2, 5]),
    ):
        error, text = fails(program)
        assert set(files(error)) == {__file__} and len("".join(text).splitlines()) <= LINES
    error, text = fails(lambda: sw.matmul(sw.ones([2, 5]), weights()))
    assert files(error)[0] == __file__ and len("".join(text).splitlines()) <= LINES


def test_threads():
    found = []

    def run():
        found.append(fails(nested(weights()), sw.ones([2, 5]))[0])

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4 and all(set(files(error)) == {__file__} for error in found)


def test_the_switch_shows_all():
    few, _ = fails(in_a_branch(weights()), sw.ones([2, 5]))
    sw.debugging.disable_traceback_filtering()
    assert not sw.debugging.is_traceback_filtering_enabled()
    all_, _ = fails(in_a_branch(weights()), sw.ones([2, 5]))
    sw.debugging.enable_traceback_filtering()
    assert sw.debugging.is_traceback_filtering_enabled()
    assert len(files(all_)) > 3 * len(files(few)) and any("autograph" in file for file in files(all_))


@pytest.mark.parametrize(("value", "enabled"), [(None, True), ("on", True), ("off", False), ("0", False)])
def test_the_environment_variable(value, enabled):
    environment = {name: text for name, text in os.environ.items() if name != tracebacks.VARIABLE}
    if value is not None:
        environment[tracebacks.VARIABLE] = value
    code = "import stepwell as sw; print(sw.debugging.is_traceback_filtering_enabled())"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.stdout == f"{enabled}\n"


def test_causes_and_notes_are_kept():
    def broken(x):
        try:
            sw.matmul(x, sw.ones([3, 4]))
        except ValueError as error:
            told = RuntimeError("the model is wrong")
            told.add_note("see its documentation")
            raise told from error

    error, text = fails(sw.function(broken), sw.ones([2, 5]))
    assert isinstance(error, RuntimeError) and error.__notes__ == ["see its documentation"]
    assert isinstance(error.__cause__, ValueError)
    assert set(files(error)) == {__file__} == set(files(error.__cause__))
    assert "direct cause" in "".join(text) and len("".join(text).splitlines()) <= 2 * LINES


def test_mistakes_of_our_own_keep_all_frames(monkeypatch):
    from xdsl.dialects.builtin import NoneAttr

    from stepwell.dialects.emitter import constant_attr
    from stepwell.runtime.functions.trace_cache import TraceCache

    def broken(self, *_):
        constant_attr(1, NoneAttr())

    monkeypatch.setattr(TraceCache, "find", broken)
    error, _ = fails(plain(weights()), sw.ones([2, 3]))
    assert any(file.endswith(os.path.join("runtime", "functions", "function.py")) for file in files(error))


def test_a_users_assertion_is_not_one_of_them():
    @sw.function
    def checked(x):
        sw.debugging.assert_equal(x, 3.0)
        return x

    @sw.function
    def program(x):
        assert x.shape[0] == 3, "wrong"
        return x

    for call in (lambda: program(sw.ones([2])), lambda: checked(sw.ones([2]))):
        error, _ = fails(call)
        assert set(files(error)) == {__file__}
