"""Programs stop at the first NaN, print and stop at breakpoints, the same eagerly and compiled; and are profiled."""

import contextlib
import re
import sys
from pathlib import Path

import numpy as np
import pytest

import stepwell as sw
from stepwell.compiler.interchange.mlir.text import parse_module, print_module
from stepwell.compiler.passes.insert_timers import TIMERS, InsertTimersPass
from stepwell.compiler.pipeline.manager import PassManager
from stepwell.compiler.pipeline.pipelines import steps_between
from stepwell.dialects.context import make_context
from stepwell.dialects.diagnostics import ExecutionError, ParseError, UnsupportedError
from stepwell.runtime.engines.interpreter.run import run_module
from stepwell.runtime.engines.lower import lowered

ALL_ENGINES = ["interpreter", "native", "onnx"]
STOPPING = pytest.mark.parametrize("engine", ["interpreter", "native"])
"""The engines that can print, stop, and show values in errors."""


def line_of(text):
    """The number of the only line of this file that ends with a comment `# <text>`."""
    found = [n for n, line in enumerate(Path(__file__).read_text().splitlines(), 1) if line.endswith(f"  # {text}")]
    assert len(found) == 1, found
    return found[0]


guarded = sw.debugging.nan_guard


def logs(engine):
    """A function that takes logarithms in a branch in a loop."""

    @sw.function(engine=engine)
    def f(x, n):
        i = 0
        while i < n:
            x = x - 1.0
            if i > 1:
                x = sw.math.log(x)  # the logarithm
            i += 1
        return x

    return f


@pytest.mark.parametrize("engine", ALL_ENGINES)
def test_guard_names_the_op_the_line_and_the_operands_in_loops_and_branches(engine):
    f, x = logs(engine), sw.constant([5.0, 4.0])
    with guarded():
        np.testing.assert_allclose(f(x, sw.constant(3)).numpy(), np.log(np.float32([2.0, 1.0])), rtol=1e-6)
        with pytest.raises(Exception) as caught:
            f(x, sw.constant(4))
    text = str(caught.value)
    assert f"test_debugging.py:{line_of('the logarithm')}" in text
    assert "log: made NaN of operands without: operand 0 from" in text
    if engine != "onnx":
        smallest, largest = map(float, re.search(r"from (\S+) to (\S+)", text).groups())
        np.testing.assert_allclose([smallest, largest], [-1.0, np.log(2.0) - 1.0], rtol=1e-5)


def test_guard_is_off_again_afterwards_also_after_an_error(engine):
    f, x = logs(engine), sw.constant([5.0, 4.0])
    with pytest.raises(Exception, match="made NaN"), sw.debugging.nan_guard():
        f(x, sw.constant(4))
    assert np.isnan(f(x, sw.constant(4)).numpy()).all()


def test_guards_nest_and_decorate():
    @sw.debugging.nan_guard(inf=False)
    def divided(x):
        with sw.debugging.nan_guard(nan=False):
            sw.constant(0.0) / x * 0.0
        return sw.constant(1.0) / x

    assert divided(sw.constant(0.0)).numpy() == np.inf
    with pytest.raises(ExecutionError, match="made NaN"), sw.debugging.nan_guard(inf=False):
        sw.constant(0.0) / sw.constant(0.0)
    with pytest.raises(ExecutionError, match="made an infinity"), sw.debugging.nan_guard(nan=False):
        sw.constant(1.0) / sw.constant(0.0)


def test_guard_checks_eagerly_and_names_the_line():
    with pytest.raises(ExecutionError) as caught, sw.debugging.nan_guard():
        sw.math.log(sw.constant([1.0, -2.0]))  # eager
    assert caught.value.location.line.data == line_of("eager")
    assert caught.value.message == "log: made NaN of operands without: operand 0 from -2.0 to 1.0"


def test_values_that_came_in_are_handed_on(engine):
    @sw.function(engine=engine)
    def f(x, y):
        return sw.exp(x) + y, sw.reduce_sum(x)

    with guarded():
        first, total = f(sw.constant([np.nan, 1.0]), sw.constant([-np.inf, np.inf]))
    assert np.isnan(total.numpy()) and np.isinf(first.numpy()[1])


@STOPPING
def test_nan_made_of_infinities_is_told(engine):
    @sw.function(engine=engine)
    def f(x):
        return x - sw.reduce_max(x)

    with pytest.raises(Exception, match="sub: made NaN of operands without: operand 0 from -inf to -inf"), guarded():
        f(sw.constant([-np.inf, -np.inf]))


@STOPPING
def test_gradients_are_guarded(engine):
    @sw.function(engine=engine)
    def f(x):
        return sw.math.sqrt(x)

    x = sw.constant([0.0, 1.0])
    with guarded(), sw.GradientTape() as tape:
        tape.watch(x)
        y = f(x)  # where the gradient is made
    message = f":{line_of('where the gradient is made')}:.*div: made an infinity"
    with pytest.raises(Exception, match=message) as caught, guarded():
        tape.gradient(y, x)
    assert "operand 1 from 0.0 to 1.0" in str(caught.value)


@pytest.mark.parametrize("shape", [[0], [3, 0], []])
def test_guard_of_empty_and_rank_0_tensors(engine, shape):
    @sw.function(engine=engine, input_signature=[sw.TensorSpec([None] * len(shape), sw.float64)])
    def f(x):
        return sw.exp(x) * 2.0

    with guarded():
        assert f(np.zeros(shape)).shape == tuple(shape)


def test_guarded_code_is_compiled_once_and_the_plain_code_is_untouched():
    @sw.function
    def f(x):
        return x * 2.0

    x = sw.constant([1.0])
    concrete = f.get_concrete_function(x)
    plain, executable = print_module(concrete.module), concrete.executable
    with guarded():
        f(x)
        checked = concrete._executable_now()
        f(x)
        assert concrete._executable_now() is checked
    assert checked is not executable
    assert concrete._executable_now() is executable
    assert print_module(concrete.module) == plain
    checks = [
        [site for site in each.info.assertions if site.error != "resource-exhausted"] for each in (executable, checked)
    ]
    assert [len(found) for found in checks] == [0, 2]


def test_guard_wants_something_to_look_for():
    with pytest.raises(ValueError, match="nan_guard: expected nan or inf"):
        sw.debugging.nan_guard(nan=False, inf=False)


@STOPPING
def test_prints_are_the_same_eagerly_and_compiled_in_loops(engine, capfd):
    def f(x, n):
        for i in range(n):
            sw.debugging.print("step {", i, "}", x)
            x = x * 2.0
        return x

    compiled = sw.function(f, engine=engine)
    f(sw.constant([1.0, 2.5]), 2)
    eager = capfd.readouterr().err
    compiled(sw.constant([1.0, 2.5]), sw.constant(2))
    assert eager == capfd.readouterr().err == "step { 0 } [1 2.5]\nstep { 1 } [2 5]\n"


@pytest.fixture
def stops():
    """The breakpoints that were reached."""
    found = []
    previous = sw.debugging.set_breakpoint_handler(found.append)
    yield found
    sw.debugging.set_breakpoint_handler(previous)


def loop(x, n):
    for i in range(n):
        sw.print("before", i)
        sw.debugging.breakpoint(x, i, name="loop")  # in the loop
        x = x * 2.0
        if i > 0:
            sw.debugging.breakpoint(x[1:])  # in the branch
    return x


EXPECTED = [("loop", [[1.0, 2.0], 0]), ("loop", [[2.0, 4.0], 1]), ("", [[8.0]])]


def check_stops(stops):
    assert [(stop.name, [value.tolist() for value in stop.values]) for stop in stops] == EXPECTED
    lines = [line_of("in the loop")] * 2 + [line_of("in the branch")]
    assert [(stop.file, stop.line) for stop in stops] == [(__file__, line) for line in lines]


@STOPPING
def test_breakpoints_in_loops_and_branches(engine, stops):
    result = sw.function(loop, engine=engine)(sw.constant([1.0, 2.0]), sw.constant(2))
    check_stops(stops)
    assert result.numpy().tolist() == [4.0, 8.0]


@pytest.mark.parametrize("level", ["hl", "linalg", "loops", "cfg", "llvm"])
def test_breakpoints_at_every_level(level, stops):
    concrete = sw.function(loop).get_concrete_function(sw.constant([1.0, 2.0]), sw.constant(2))
    run_module(lowered(concrete.module, level), [np.float32([1, 2]), np.int32(2)])
    check_stops(stops)


def test_breakpoints_when_eager(stops):
    x = sw.Variable([1.0, 2.0])
    sw.debugging.breakpoint(x, 3, name="here")  # eager stop
    x.assign([7.0, 7.0])
    (stop,) = stops
    assert (stop.name, stop.line) == ("here", line_of("eager stop"))
    assert [value.tolist() for value in stop.values] == [[1.0, 2.0], 3]
    assert str(stop) == f"breakpoint 'here' at {__file__}:{stop.line}\n  value 0: [1. 2.]\n  value 1: 3"


@STOPPING
def test_prints_and_breakpoints_keep_their_order(engine, capfd):
    previous = sw.debugging.set_breakpoint_handler(lambda stop: print("stop", stop.name, file=sys.stderr))
    try:
        sw.function(loop, engine=engine)(sw.constant([1.0, 2.0]), sw.constant(2))
    finally:
        sw.debugging.set_breakpoint_handler(previous)
    assert capfd.readouterr().err.split("\n")[:-1] == ["before 0", "stop loop", "before 1", "stop loop", "stop "]


@STOPPING
def test_what_a_handler_raises_ends_the_program(engine):
    def handler(stop):
        raise KeyError(stop.name)

    variable = sw.Variable(1.0)

    @sw.function(engine=engine)
    def f():
        variable.assign(2.0)
        sw.debugging.breakpoint(variable, name="enough")
        variable.assign(3.0)

    previous = sw.debugging.set_breakpoint_handler(handler)
    try:
        with pytest.raises(KeyError, match="enough"):
            f()
    finally:
        assert sw.debugging.set_breakpoint_handler(previous) is handler
    assert variable.numpy() == 2.0


@STOPPING
def test_breakpoints_stop_once_under_a_tape(engine, stops):
    @sw.function(engine=engine)
    def f(x):
        if sw.reduce_sum(x) > 0.0:
            sw.debugging.breakpoint(x, name="branch")
            x = x * x
        return x

    x = sw.constant([1.0, 2.0])
    with sw.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    assert tape.gradient(y, x).numpy().tolist() == [2.0, 4.0]
    assert [stop.name for stop in stops] == ["branch"]


def test_a_model_cannot_stop():
    @sw.function(engine="onnx")
    def f(x):
        sw.debugging.breakpoint(x)
        return x

    with pytest.raises(UnsupportedError, match=r"'debug\.break' has no ONNX form, since a model cannot stop"):
        f(sw.constant(1.0))


def test_the_debugger_stops_in_the_users_frame(monkeypatch, capfd):
    commands = iter(["p secret + 1", "p __values__[0].tolist()", "c"])
    monkeypatch.setattr("pdb.Pdb.cmdloop", lambda self: [self.onecmd(command) for command in commands])
    secret = 41
    assert secret == 41

    @sw.function
    def f(x):
        sw.debugging.breakpoint(x, name="look")
        return x + 1.0

    assert f(sw.constant([1.0])).numpy().tolist() == [2.0]
    lines = capfd.readouterr().out.splitlines()
    assert lines[0].startswith(f"breakpoint 'look' at {__file__}:")
    assert lines[1:3] == ["  value 0: [1.]", "  (they are in __values__)"]
    assert lines[-2:] == ["42", "[1.0]"]
    assert "__values__" not in globals()


def program():
    """A function with a fused chain, a contraction, a loop of the user's and an assignment."""
    weights = sw.Variable(np.ones((16, 8), np.float32))

    @sw.function
    def f(x, n):
        h = sw.nn.relu(x @ weights)  # the product
        h = sw.exp(h) * 0.5  # the chain
        while n > 0:  # the loop
            h = h - sw.reduce_mean(h)  # its body
            n -= 1
        weights.assign(weights * 0.5)
        return h

    return f, weights


def test_profile_names_ops_and_lines_and_adds_up():
    f, weights = program()
    x = sw.constant(np.ones((30, 16), np.float32))
    profile = f.profile(x, sw.constant(3), repeat=7)
    assert (profile.name, profile.repeat) == ("f", 7)
    assert profile.plain_seconds > 0 and all(row.seconds >= 0 for row in profile.rows)
    np.testing.assert_allclose(sum(row.seconds for row in profile.rows), profile.seconds)
    assert [row.seconds for row in profile.rows] == sorted((row.seconds for row in profile.rows), reverse=True)
    assert weights.numpy()[0, 0] == 1.0
    rows = {(row.what.split("_")[0], row.ops): row for row in profile.rows}
    product, chain = rows["@matmul", ("matmul",)], rows["loop", ("relu", "exp", "mul")]
    assert {place.line for place in product.places} == {line_of("the product")}
    assert {place.line for place in chain.places} == {line_of("the product"), line_of("the chain")}
    mean, loop_row = rows["loop", ("mean",)], next(row for row in profile.rows if row.what == "loop itself")
    assert {place.line for place in mean.places} == {line_of("its body")}
    assert {(place.file, place.line) for place in loop_row.places} == {(__file__, line_of("the loop"))}
    calls = product.calls, chain.calls, mean.calls, loop_row.calls, rows["call", ()].calls
    assert calls == (1.0, 1.0, 3.0, 1.0, 1.0)


def test_profile_prints_a_table():
    f, _ = program()
    profile = f.profile(sw.constant(np.ones((30, 16), np.float32)), n=sw.constant(3), repeat=2)
    text = str(profile)
    assert "relu, exp, mul (loop)" in text
    assert f"test_debugging.py:{line_of('the product')}, {line_of('the chain')}" in text
    assert text.startswith("f: ") and "2 calls" in text.splitlines()[0]
    assert len([line for line in text.splitlines() if line.startswith("│")]) >= len(profile.rows)


def test_profile_of_code_without_loops_names_its_lines():
    @sw.function
    def f(x):
        return x * x + 1.0

    profile = f.profile(sw.constant(2.0))
    assert profile.repeat > 2
    (row,) = (row for row in profile.rows if row.what == "everything else")
    assert row.ops == ("mul", "add")


@pytest.mark.parametrize("level", ["loops", "cfg", "llvm"])
def test_timed_programs_mean_the_same_at_every_level(level):
    f, _ = program()
    x, n = np.full((5, 16), 0.1, np.float32), np.int32(2)
    concrete = f.get_concrete_function(sw.constant(x), sw.constant(n))
    module = lowered(concrete.module, "loops")
    InsertTimersPass().apply(make_context(), module)
    (function,) = (op for op in module.ops if TIMERS in op.attributes)
    PassManager(make_context()).run(module, steps_between("loops", level))
    times = np.zeros(1 + 2 * len(function.attributes[TIMERS]), np.int64)
    weights = np.ones((16, 8), np.float32)
    (result,) = run_module(module, [x, n, weights, times])
    expected = f(sw.constant(x), sw.constant(n)).numpy()
    np.testing.assert_allclose(result, expected, rtol=1e-5)
    np.testing.assert_array_equal(weights, np.full((16, 8), 0.5, np.float32))
    assert times[1 + 1 : 3] == 1 and max(times[2::2]) >= 2 and all(times[1::2] >= 0)


def test_profile_says_where_it_cannot_measure():
    @sw.function(engine="interpreter")
    def f(x):
        return x

    with pytest.raises(UnsupportedError, match="profile: there are no timers on the interpreter engine"):
        f.profile(sw.constant(1.0))
    with pytest.raises(ValueError, match="profile: repeat: expected 1 or more, got 0"):
        sw.function(lambda x: x).profile(sw.constant(1.0), repeat=0)


def test_lap_verifies_its_slot():
    text = "func.func @f(%t: memref<6xi64>) {\n  debug.lap %t[2] : memref<6xi64>\n  func.return\n}\n"
    with pytest.raises(ParseError, match=r"t.mlir:2:3: .*\[debug.lap C1\] slot 2 is not in memref<6xi64>"):
        parse_module(text, "t.mlir")


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("{0} and {1}", "got '1'"),
        ("{x}", "got 'x'"),
        ("{}", "got ''"),
        ("{0:.2f}", "got '0'"),
        ("{0!r}", "got '0'"),
        ("{0", "expected '}' before end of string"),
        ("}", "Single '}' encountered"),
        ("{{0}} {0}", None),
        ("no values", None),
    ],
)
@pytest.mark.parametrize("op", ['debug.print "{}"(%x) : (f32)', 'debug.assert %c, "{}"(%x) : i1, (f32)'])
def test_texts_name_the_values_of_their_op(op, text, wrong):
    program = f"func.func @f(%c: i1, %x: f32) {{\n  {op.replace('{}', text)}\n  func.return\n}}\n"
    if wrong is None:
        parse_module(program, "t.mlir")
        return
    with pytest.raises(ParseError, match=r"t.mlir:2:3: .*\[debug\.") as caught:
        parse_module(program, "t.mlir")
    assert wrong in str(caught.value)


GUIDE = Path(__file__).parents[2] / "docs" / "debugging.md"


def test_the_guide_shows_what_happens(tmp_path, capfd, monkeypatch):
    blocks = re.findall(r"```python\n(.*?)```\n+```text\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert len(blocks) == GUIDE.read_text().count("```python") == 4
    for number, (code, shown) in enumerate(blocks):
        folder = tmp_path / str(number)
        folder.mkdir()
        monkeypatch.chdir(folder)
        path = folder / "program.py"
        path.write_text(code)
        with contextlib.redirect_stderr(sys.stdout):
            exec(compile(code, str(path), "exec"), {"__name__": "__main__"})
        printed = capfd.readouterr().out.replace(f"{folder}/", "")
        if "profile" in code:
            shown, printed = without_times(shown), without_times(printed)
        assert printed.splitlines() == shown.splitlines()


def without_times(table):
    """A profile without numbers, and what depends on how many digits they have; its rows in alphabetical order."""
    lines = [re.sub(r"[\d.]+ ?([mµn]?s\b|calls|│)|[━─┏┳┓┡╇┩└┴┘ ]+", "", line) for line in table.splitlines()]
    return "\n".join(sorted(lines))
