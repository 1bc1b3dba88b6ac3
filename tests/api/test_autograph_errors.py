"""Errors of control flow on tensors: they name the variable, both sides and the user's lines."""

from __future__ import annotations

import linecache
import traceback

import pytest

import stepwell as sw
from stepwell.compiler.frontend.ops.control_flow import ControlFlowError

HERE = __file__


def trace(function, *args):
    return sw.function(function, engine="interpreter").get_concrete_function(*args)


def line_of(text):
    """The number of the only line of this file that ends with a marker."""
    numbers = [n for n, line in enumerate(linecache.getlines(HERE), 1) if line.rstrip().endswith("# " + text)]
    assert len(numbers) == 1, text
    return f"{HERE}:{numbers[0]}"


def dtypes(x):
    if x > 0:
        y = x * 2  # dtypes-if
    else:
        y = x > 5  # dtypes-else
    return y


def shapes(x):
    if x[0] > 0:
        y = x  # shapes-if
    else:
        y = x[0]  # shapes-else
    return y


def structures(x):
    if x > 0:
        y = (x, x)  # structures-if
    else:
        y = [x]  # structures-else
    return y


def none_or_tensor(x):
    y = None
    if x > 0:
        y = x  # none-if
    else:
        y = None  # none-else
    return y


def nested(x):
    if x > 0:
        if x > 3:
            y = x + 1
        else:
            y = x + 2  # nested-if
    else:
        y = x > 5  # nested-else
    return y


@pytest.mark.parametrize(
    ("function", "what", "sides", "marks"),
    [
        (dtypes, "dtype of 'y'", ("int32", "bool"), ("dtypes-if", "dtypes-else")),
        (shapes, "shape of 'y'", ("int32[2]", "int32"), ("shapes-if", "shapes-else")),
        (structures, "structure of 'y'", ("a tuple of 2", "a list of 1"), ("structures-if", "structures-else")),
        (none_or_tensor, "value of 'y'", ("int32", "None"), ("none-if", "none-else")),
        (nested, "dtype of 'y'", ("int32", "bool"), ("nested-if", "nested-else")),
    ],
)
def test_sides_that_disagree(function, what, sides, marks):
    argument = sw.constant([1, 2]) if function is shapes else sw.constant(1)
    with pytest.raises(ControlFlowError) as info:
        trace(function, argument)
    text = str(info.value)
    assert what in text
    for side, mark in zip(sides, marks):
        assert side in text
        assert line_of(mark) in text


def only_one_side(x):
    if x > 0:
        y = x * 2  # only-if
    return y  # only-read


def test_variable_without_a_value_on_one_side():
    with pytest.raises(ControlFlowError) as info:
        trace(only_one_side, sw.constant(1))
    text = str(info.value)
    assert "'y' has a value after the if branch" in text
    assert line_of("only-if") in text
    assert "not after the else branch" in text
    assert text.startswith(line_of("only-read"))


def not_read_afterwards(x):
    if x > 0:
        y = x * 2
        x = y
    return x


def test_variable_without_a_value_that_nobody_reads():
    assert sw.function(not_read_afterwards, engine="interpreter")(sw.constant(3)).numpy() == 6


def loop_changes_dtype(x):
    s = sw.constant(0)
    while x > 0:
        s = s > 1  # loop-dtype
        x = x - 1
    return s


def loop_changes_rank(x):
    s = sw.constant(0)
    while s < 3:
        s = x  # loop-rank
    return s


def loop_grows_list(x):
    out = []
    for i in range(x):
        out.append(i)  # loop-list
    return out


@pytest.mark.parametrize(
    ("function", "texts", "mark"),
    [
        (loop_changes_dtype, ("'s' changes its dtype in a while loop", "int32", "bool"), "loop-dtype"),
        (loop_changes_rank, ("'s' changes its shape in a while loop", "int32[2]"), "loop-rank"),
        (loop_grows_list, ("'out' changes its structure in a for loop", "TensorArray"), "loop-list"),
    ],
)
def test_loop_variables_that_change(function, texts, mark):
    argument = sw.constant([1, 2]) if function is loop_changes_rank else sw.constant(1)
    with pytest.raises(ControlFlowError) as info:
        trace(function, argument)
    for text in (*texts, line_of(mark)):
        assert text in str(info.value)


def condition_of_int(x):
    if x:  # int-condition
        return 1
    return 2


def condition_of_vector(x):
    while x > 0:  # vector-condition
        x = x - 1
    return x


def test_conditions_that_are_no_boolean_scalar():
    with pytest.raises(ControlFlowError, match=r"condition of an if statement must be a boolean scalar.*int32") as info:
        trace(condition_of_int, sw.constant(1))
    assert str(info.value).startswith(line_of("int-condition"))
    with pytest.raises(
        ControlFlowError, match=r"condition of a while loop must be a boolean scalar.*bool\[2\]"
    ) as info:
        trace(condition_of_vector, sw.constant([1, 2]))
    assert str(info.value).startswith(line_of("vector-condition"))


def returns_on_one_path(x):
    if x > 0:
        return x


def test_a_function_that_returns_a_value_on_some_paths_only():
    with pytest.raises(ControlFlowError, match="'returns_on_one_path' returns a value on some paths"):
        trace(returns_on_one_path, sw.constant(1))


def factorial(n):
    if n > 1:
        return n * factorial(n - 1)
    return 1


def even(n):
    return True if n == 0 else odd(n - 1)


def odd(n):
    return False if n == 0 else even(n - 1)


@pytest.mark.parametrize("function", [factorial, even])
def test_recursion_on_a_tensor(function):
    with pytest.raises(ControlFlowError, match=rf"'{function.__name__}' calls itself under a condition on a tensor"):
        trace(function, sw.constant(3))


def fails(x):
    for i in range(x):
        if i > 1:
            {}["missing"]  # user-error
    return x


def test_errors_of_user_code_keep_their_type_and_place():
    with pytest.raises(KeyError, match="missing") as info:
        trace(fails, sw.constant(3))
    frames = traceback.extract_tb(info.value.__traceback__)
    assert f"{frames[-1].filename}:{frames[-1].lineno}" == line_of("user-error")
    assert not any("malt" in frame.filename or "operators.py" in frame.filename for frame in frames)


def never_assigned(x):
    while x > 0:
        x = x - y
        y = x
    return x


def never_assigned_on_a_path(n):
    s = 0
    for i in range(n):
        if i > 3:
            s = s + previous
            previous = i
    return s


@pytest.mark.parametrize("function", [never_assigned, never_assigned_on_a_path])
def test_variables_that_never_have_a_value(function):
    with pytest.raises(UnboundLocalError, match="cannot access local variable"):
        trace(function, sw.constant(3))


def after_a_loop(n):
    for i in range(n):
        last = i
    return last  # runtime-unbound


def test_a_variable_of_a_loop_that_may_not_run_is_checked_when_the_program_runs():
    concrete = trace(after_a_loop, sw.constant(3))
    text = str(concrete.module)
    assert "debug.assert" in text
    assert "cannot access local variable 'last'" in text


def test_discarded_traces_leave_no_ops_behind():
    concrete = trace(lambda x: failing_loop(x), sw.constant(3))
    loops = [op for op in concrete.module.walk() if op.name == "scf.while"]
    constants = [op for op in concrete.function.body.block.ops if op.name == "hl.add"]
    assert len(loops) == 1
    assert not constants


def failing_loop(x):
    s = 0
    i = 0
    while i < x:
        s = s + i
        i = i + 1
    return s


def test_a_failed_branch_restores_the_variables():
    seen = []

    def program(x):
        y = 1
        try:
            if x > 0:
                y = x
                z = {}["missing"]
            else:
                z = x
        except KeyError:
            seen.append(y)
            z = x
        return z

    trace(program, sw.constant(1))
    assert seen == [1]


def test_code_that_cannot_be_converted_says_why_when_that_matters():
    names = {}
    exec("def made_by_exec(x):\n    return x if x > 0 else -x", names)
    assert sw.function(names["made_by_exec"])(3) is not None
    with pytest.raises(TypeError, match=r"runs as plain Python, since it cannot be converted: the source of made_by"):
        trace(names["made_by_exec"], sw.constant(1))


def matches(x, mode="a"):
    match mode:
        case 1 | "a":
            return x if x > 0 else -x
    return x


def test_match_is_converted_for_python_values():
    for mode in ("a", "b"):
        assert int(sw.function(lambda x, mode=mode: matches(x, mode))(sw.constant(-3))) == matches(-3, mode)
    with pytest.raises(TypeError, match="its use as a Python bool needs the elements"):
        trace(lambda x: matches(1, x), sw.constant(1))


def unconverted(x):
    return x if x > 0 else -x


def test_without_autograph_conditions_on_tensors_are_refused():
    for function in (sw.function(unconverted, autograph=False), sw.function(sw.autograph.do_not_convert(unconverted))):
        with pytest.raises(TypeError, match="its use as a Python bool needs the elements"):
            function.get_concrete_function(sw.constant(1))


def unbound_after_a_break(n):
    s = 0
    for i in range(n):
        if i > 2:
            break
        s = s + y
        if i > 100:
            y = s
    return s


def test_a_variable_without_a_value_behind_a_break_is_found_when_the_program_gets_there():
    compiled = sw.function(unbound_after_a_break, engine="interpreter")
    assert compiled(sw.constant(0)).numpy() == 0
    with pytest.raises(Exception, match="cannot access local variable 'y'"):
        compiled(sw.constant(1))
