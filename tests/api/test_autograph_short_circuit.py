"""`and`, `or`, `any`, `all` on tensors: the right operand is evaluated, with its effects, only where Python does so."""

from __future__ import annotations

import linecache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.effort import examples

import stepwell as sw
from stepwell.compiler.frontend.ops.control_flow import ControlFlowError

ENGINES = ("interpreter", "native")

log = sw.Variable(0)
"""The numbers of the operands that were evaluated, as digits."""


def note(digit, value):
    log.assign(log * 10 + digit)
    return value


def measured(function, *arguments):
    log.assign(0)
    result = function(*map(sw.constant, arguments))
    return (result if not hasattr(result, "numpy") else result.numpy().item()), log.numpy().item()


def python_bool(x):
    return x > 5.0 and note(1, True)


def python_bool_or(x):
    return x > 5.0 or note(1, False)


def three_operands(x):
    return x > 5.0 and note(1, True) and note(2, x > 6.0) and note(3, x > 7.0)


def none_in_an_if(x):
    if x > 5.0 and note(1, None):
        return 1.0
    return 2.0


def number_in_an_elif(x):
    if x > 8.0:
        return 1.0
    elif x < 2.0 or note(1, 3):
        return 2.0
    return 3.0


def negated(x):
    return not (x > 5.0 and note(1, 0))


def statements(x):
    x > 5.0 and note(1, None)
    x > 5.0 or note(2, [])
    note(3, "a") if x > 5.0 else note(4, None)
    return x


def in_an_assert(x):
    assert x < 5.0 or note(1, "text")
    return x


def in_a_while(x):
    n = 0
    while n < 3 and x > 5.0 and note(1, True):
        n = n + 1
    return n


def in_a_while_on_a_tensor(x):
    n = 0
    while x > 5.0 and note(1, True):
        x = x - 1.0
        n = n + 1
    return n


def in_a_conditional_expression(x):
    return x * 2.0 if x > 5.0 and note(1, "yes") else x


def chained(x):
    return 1.0 < x < note(1, 7.0) < note(2, 9.0)


def in_any(x):
    return any(note(n, x > limit) for n, limit in ((1, 8.0), (2, 4.0), (3, 2.0)))


def in_all_of_mixed_values(x):
    return all(note(n, value) for n, value in ((1, True), (2, x > 4.0), (3, "a"), (4, x > 6.0), (5, 1)))


def in_a_lambda(x):
    choose = lambda limit: x > limit and note(1, True)
    return choose(5.0) or choose(2.0)


def in_an_inner_function(x):
    def inner(y):
        return y < 3.0 or note(1, y > 6.0)

    return inner(x) and inner(x + 1.0)


def prints(x):
    return x > 5.0 and sw.print("large", x) is None


PROGRAMS = [
    python_bool,
    python_bool_or,
    three_operands,
    none_in_an_if,
    number_in_an_elif,
    negated,
    statements,
    in_an_assert,
    in_a_while,
    in_a_while_on_a_tensor,
    in_a_conditional_expression,
    chained,
    in_any,
    in_all_of_mixed_values,
    in_a_lambda,
    in_an_inner_function,
]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("function", PROGRAMS, ids=lambda f: f.__name__)
def test_operands_are_evaluated_as_in_python(function, engine):
    compiled = sw.function(function, engine=engine)
    for x in (1.0, 3.0, 6.5, 9.0):
        assert measured(compiled, x) == measured(function, x)


def test_prints_only_where_python_prints(capfd):
    compiled = sw.function(prints, engine="interpreter")
    assert not compiled(sw.constant(1.0)).numpy()
    assert "large" not in capfd.readouterr().err
    assert compiled(sw.constant(6.0)).numpy()
    assert "large" in capfd.readouterr().err


def checked(x):
    return x > 5.0 and positive(-x)


def positive(x):
    sw.debugging.assert_greater(x, 0.0)
    return True


@pytest.mark.parametrize("engine", ENGINES)
def test_checks_run_only_where_python_runs_them(engine):
    compiled = sw.function(checked, engine=engine)
    assert not compiled(sw.constant(1.0)).numpy()
    with pytest.raises(Exception, match="assert_greater"):
        compiled(sw.constant(6.0))


def array_written(x):
    array = sw.TensorArray(sw.float32, size=2).write(0, x)

    def write():
        nonlocal array
        array = array.write(1, x)
        return True

    x > 5.0 and write()
    return array.stack()


@pytest.mark.parametrize("engine", ENGINES)
def test_an_array_is_written_only_where_python_writes_it(engine):
    compiled = sw.function(array_written, engine=engine)
    assert compiled(sw.constant(6.0)).numpy().tolist() == [6.0, 6.0]
    assert compiled(sw.constant(1.0)).numpy().tolist() == [1.0, 0.0]


@pytest.mark.parametrize("engine", ENGINES)
def test_random_numbers_are_drawn_only_where_python_draws_them(engine):
    generator = sw.random.Generator.from_seed(7)

    def drawn(x):
        return x > 5.0 and generator.uniform([]) < 2.0

    def state_after(x, function):
        generator.reset_from_seed(7)
        function(sw.constant(x))
        return generator.state.numpy().tolist()

    compiled = sw.function(drawn, engine=engine)
    for x in (1.0, 6.0):
        assert state_after(x, compiled) == state_after(x, drawn)
    assert state_after(1.0, compiled) != state_after(6.0, compiled)


def line_of(text):
    numbers = [n for n, line in enumerate(linecache.getlines(__file__), 1) if line.rstrip().endswith("# " + text)]
    assert len(numbers) == 1, text
    return f"{__file__}:{numbers[0]}"


def none_as_a_value(x):
    found = x > 5.0 and note(1, None)  # none-as-a-value
    return found


def number_as_a_value(x):
    return x > 5.0 or note(1, 3)  # number-as-a-value


def list_changed(x):
    seen = []
    found = x > 5.0 and (seen.append(x) or True)  # list-changed
    return found, seen


@pytest.mark.parametrize(
    ("function", "marker", "words"),
    [
        (none_as_a_value, "none-as-a-value", ["'and' of a tensor and None"]),
        (number_as_a_value, "number-as-a-value", ["'or' of a tensor and the Python int 3"]),
        (list_changed, "list-changed", ["'seen' is changed in an operand of 'and'"]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_cannot_be_chosen_is_refused_with_its_line(function, marker, words):
    with pytest.raises(ControlFlowError) as caught:
        sw.function(function)(sw.constant(1.0))
    for word in [*words, line_of(marker)]:
        assert word in str(caught.value)


LEAVES = ["x > 5.0", "x < 2.0", "True", "False"]


@st.composite
def conditions(draw, depth=3):
    """The text of a condition; `N` in it stands for the number of the operand."""
    kind = draw(st.integers(0, 9)) if depth else 0
    if kind < 4:
        value = draw(st.sampled_from([*LEAVES, *LEAVES[:2], "None", "0", "'a'"]))
        return f"note(N, {value})" if draw(st.booleans()) or value in ("None", "0", "'a'") else value
    parts = [draw(conditions(depth - 1)) for _ in range(draw(st.integers(2, 3)))]
    if kind == 4:
        return f"(not {parts[0]})"
    if kind == 5:
        return f"(x > 1.0 if {parts[0]} else bool({parts[1]}))"
    if kind == 6:
        return f"{draw(st.sampled_from(['any', 'all']))}(f() for f in (lambda: {parts[0]}, lambda: {parts[1]}))"
    return "(" + f" {'and' if kind == 7 else 'or'} ".join(parts) + ")"


SHAPES = [
    "    if {}:\n        return 1.0\n    return 2.0\n",
    "    n = 0\n    while n < 2 and {}:\n        n = n + 1\n    return n\n",
    "    assert True or {0}\n    return x if {0} else -x\n",
    "    {}\n    return x\n",
    "    return not {}\n",
]


@settings(
    max_examples=examples(40), derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
@given(text=conditions(), shape=st.sampled_from(SHAPES))
def test_generated_conditions_mean_what_they_mean_in_python(text, shape):
    first, *others = text.split("note(N,")
    text = first + "".join(f"note({number},{other}" for number, other in enumerate(others, 1))
    source = "def f(x):\n" + shape.format(text)
    file = f"<condition {hash(source)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    made = {"note": note}
    exec(compile(source, file, "exec"), made)
    compiled = sw.function(made["f"], engine="interpreter")
    for x in (1.0, 3.0, 6.0):
        assert measured(compiled, x) == measured(made["f"], x), source
