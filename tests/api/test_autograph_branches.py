"""Programs of `if`, conditional expressions and logic, compiled and as plain Python: the results must be the same."""

from __future__ import annotations

import pytest
from support.beside_python import FLOATS, INTS, PAIRS, Programs

program = Programs()


@program(INTS)
def if_else(x):
    if x > 2:
        y = x * 2
    else:
        y = x - 1
    return y


@program(INTS)
def if_without_else(x):
    y = x
    if x > 2:
        y = x * 10
    return y


@program(INTS)
def elif_chain(x):
    if x < 0:
        r = 100
    elif x == 0:
        r = 200
    elif x < 3:
        r = 300
    else:
        r = 400
    return r + x


@program(PAIRS)
def nested_if(x, y):
    if x > y:
        if x > 4:
            z = x - y
        else:
            z = y - x
    else:
        if y > 3:
            z = x * y
        else:
            z = x + y
    return z


@program(INTS)
def returns_tuple(x):
    if x > 2:
        return x, (x + 1, x * 2.0 if False else x)
    return -x, (x, x)


@program(INTS)
def python_condition(x, flag=True):
    if flag:
        x = x + 1
    if not flag:
        x = "never"
    return x


@program(INTS)
def number_and_tensor(x):
    y = 0
    if x > 2:
        y = x
    return y


@program(FLOATS)
def int_number_meets_float(x):
    y = 0
    if x > 1:
        y = x
    return y + x


@program(INTS)
def swaps(x):
    a, b = x, x + 1
    if x > 2:
        a, b = b, a
    return a * 10 + b


@program(INTS)
def conditional_expression(x):
    return (x if x > 2 else -x) + (1 if x > 5 else 2)


@program(INTS)
def nested_conditional_expression(x):
    return 1 if x > 5 else 2 if x > 2 else 3


@program(PAIRS)
def and_or_not(x, y):
    r = 0
    if x > 0 and y > 0:
        r = r + 1
    if x > 2 or y > 2:
        r = r + 10
    if not x > y:
        r = r + 100
    if not (x == y or y < x) and x != 5:
        r = r + 1000
    return r


@program(PAIRS)
def comparison_chain(x, y):
    r = 0
    if 0 < x < y:
        r = 1
    if 0 <= x <= y <= 4:
        r = r + 2
    return r


@program(PAIRS)
def boolean_values(x, y):
    both = x > 0 and y > 0
    either = x > 2 or y > 2
    return both, either, not both


@program(PAIRS)
def lazy_right_side(x, y):
    def positive(v):
        r = v
        while r > 3:
            r = r - 3
        return r > 1

    if x > 0 and positive(y):
        return 1
    if x > 3 or positive(x + y):
        return 2
    return 3


@program(INTS)
def try_finally(x):
    s = 0
    try:
        if x > 2:
            s = x
    finally:
        s = s + 1
    return s


@program(INTS)
def with_statement(x):
    import contextlib

    with contextlib.nullcontext(3) as three:
        if x > three:
            return x
        x = x + three
    return x


@program(INTS)
def del_variable(x):
    t = x + 1
    if x > 2:
        x = t * 2
    del t
    return x


@program(INTS)
def walrus(x):
    if (y := x * 2) > 5:
        return y
    return y - 1


@program(INTS)
def pass_and_docstring(x):
    """A docstring."""
    if x > 2:
        pass
    else:
        x = 0
    return x


@program(INTS)
def string_state(x):
    mode = "a"
    for k in range(3):
        if mode == "a":
            x = x + k
            mode = "b"
        else:
            x = x * 2
            mode = "a"
    return x


@pytest.mark.parametrize("case", program.cases, ids=str)
def test_compiled_is_python(case, engine):
    case.check(engine)
