"""Programs of `for` loops, compiled and as plain Python: the results must be the same."""

from __future__ import annotations

import pytest
from support.beside_python import INTS, PAIRS, VECTORS, Programs

program = Programs()


@program(INTS)
def for_range_tensor(n):
    s = 0
    for i in range(n):
        s += i
    return s


@program(PAIRS)
def for_range_two(a, b):
    s = 0
    for i in range(a, b):
        s = s * 2 + i
    return s


@program(PAIRS)
def for_range_step(a, b):
    s = 0
    for i in range(a, b * 4, 3):
        s = s + i
    return s


@program(PAIRS)
def for_range_negative_step(a, b):
    s = 1
    for i in range(b + 5, a, -2):
        s = s + i * s % 7
    return s


@program([(1, 2), (3, -1), (-2, -2), (2, 5)])
def for_range_tensor_step(a, step):
    s = 0
    for i in range(a, a + 4 * step, step):
        s = s * 3 + i
    return s


@program(INTS)
def for_python_range(x):
    for i in range(4):
        if x > i:
            x = x + i
    return x


@program(INTS)
def for_else_plain(n):
    s = 0
    for i in range(n):
        s = s + i
    else:
        s = s + 1000
    return s


@program(VECTORS)
def for_rows(v):
    s = 0
    for x in v:
        s = s * 2 + x
    return s


@program(VECTORS)
def for_enumerate(v):
    s = 0
    for i, x in enumerate(v):
        s = s + i * x
    return s


@program(VECTORS)
def for_zip(v):
    s = 0
    for a, b in zip(v, v):
        s = s + a * b
    return s


@program([(3, [1, 2, 3, 4]), (0, [1, 2, 3, 4]), (6, [1, 2, 3, 4])])
def for_zip_range(n, v):
    s = 0
    for i, x in zip(range(n), v):
        s = s + i * x
    return s


@program(INTS)
def for_list(x):
    s = 0
    for k in [3, 1, 2]:
        if x > k:
            s = s + k * x
    return s


@program(INTS)
def for_dict_items(x):
    for name, k in {"a": 1, "b": 5}.items():
        if x > k:
            x = x - k if name == "a" else x + k
    return x


@program(INTS)
def loop_in_branch(x):
    if x > 3:
        s = 0
        for i in range(x):
            s = s + i
    else:
        s = x
        while s < 10:
            s = s * 2 + 1
    return s


@program(INTS)
def previous_value(n):
    s = 0
    for i in range(n):
        if i > 0:
            s = s + previous * i
        previous = i + 1
    return s


@program([(1,), (3,)])
def counter_after_loop(n):
    for i in range(n):
        pass
    return i


@program(INTS)
def unused_counter(x):
    for _ in range(3):
        x = x + x
    return x


@program(INTS)
def fibonacci(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


@pytest.mark.parametrize("case", program.cases, ids=str)
def test_compiled_is_python(case, engine):
    case.check(engine)
