"""Programs of `while` loops, compiled and as plain Python: the results must be the same."""

from __future__ import annotations

import pytest
from support.beside_python import INTS, PAIRS, Programs

program = Programs()


@program(INTS)
def while_counts(x):
    i = 0
    s = 0
    while i < x:
        s = s + i
        i += 1
    return s


@program(INTS)
def collatz(n):
    steps = 0
    while n > 1:
        if n % 2 == 0:
            n = n // 2
        else:
            n = 3 * n + 1
        steps += 1
    return steps


@program(PAIRS)
def gcd(a, b):
    a, b = abs(a), abs(b)
    while b > 0:
        a, b = b, a % b
    return a


@program(INTS)
def nested_while(x):
    s = 0
    i = 0
    while i < x:
        j = 0
        while j < i:
            s = s + j
            j += 1
        i += 1
    return s


@program(INTS)
def python_while(x):
    k = 0
    while k < 4:
        x = x + k
        k += 1
    return x


@program([(1,), (5,)])
def float_from_int_start(x):
    s = 0
    i = x
    while i > 0:
        s = s + 1.5
        i = i - 1
    return s


@program(INTS)
def while_and_condition(x):
    i = 0
    s = x
    while i < 10 and s < 20:
        s = s + i
        i = i + 1
    return s, i


@program(INTS)
def while_or_condition(x):
    i = 0
    while i < 3 or i * i < x:
        i = i + 1
    return i


@program(INTS)
def while_not(x):
    done = False
    while not done:
        x = x + 2
        done = x > 9
    return x


@program(INTS)
def assigned_first_in_loop(x):
    i = 0
    while i < 3:
        last = x + i
        i = i + 1
    return last


@program([(1,), (3,), (8,)])
def assigned_first_in_staged_loop(x):
    i = 0
    while i < x:
        last = i * 2
        i = i + 1
    return last


@program(INTS)
def walrus_in_while(x):
    s = 0
    while (x := x - 1) > 0:
        s = s + x
    return s


@program(INTS)
def augmented(x):
    y = x
    while y < 10:
        y *= 2
        y += 1
    y -= x
    return y


@pytest.mark.parametrize("case", program.cases, ids=str)
def test_compiled_is_python(case, engine):
    case.check(engine)
