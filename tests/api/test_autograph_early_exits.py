"""Programs left by `break`, `continue` and `return`, compiled and as plain Python: the results must be the same."""

from __future__ import annotations

import pytest
from support.beside_python import ENGINES, INTS, VECTORS, Programs
from support.effort import by_turns

program = Programs()


@program(INTS)
def early_return(x):
    if x > 4:
        return x
    x = x + 1
    if x > 2:
        return x * 2
    return x * 3


@program(INTS)
def nested_early_return(x):
    if x > 0:
        if x > 4:
            return x * 7
        x = x + 100
    else:
        x = x - 1
        if x < -3:
            return x
    return x + 5


@program(INTS)
def while_break(x):
    i = 0
    while i < 100:
        i = i + 3
        if i > x:
            break
    return i


@program(INTS)
def while_true_break(x):
    while True:
        x = x + 7
        if x > 20:
            break
    return x


@program(INTS)
def while_true_break_first(x):
    n = 0
    while True:
        if x > 20:
            break
        x = x + 7
        n = n + 1
    return x, n


@program(INTS)
def while_true_return(x):
    while True:
        x = x + 7
        if x > 20:
            return x * 2


@program(INTS)
def while_true_return_and_break(x):
    while True:
        x = x + 5
        if x == 10:
            return -1
        if x > 20:
            break
    return x


@program(INTS)
def while_continue(x):
    i = 0
    s = 0
    while i < x:
        i = i + 1
        if i % 2 == 0:
            continue
        s = s + i
        if s > 10:
            continue
        s = s + 1
    return s


@program(INTS)
def while_break_continue(x):
    s = 0
    while x > -10:
        x = x - 1
        if x % 3 == 0:
            continue
        if s > 30:
            break
        s = s + abs(x)
    return s, x


@program(INTS)
def nested_while_true(x):
    n = 0
    while True:
        y = x
        while True:
            y = y + 3
            if y > 9:
                break
        n = n + y
        x = x + 1
        if x > 9:
            break
    return n


@program(INTS)
def python_while_tensor_break(x):
    k = 0
    while k < 4:
        x = x + k
        k += 1
        if x > 6:
            break
    return x + k


@program(INTS)
def while_else(x):
    i = 0
    while i < x:
        i = i + 2
        if i == 4:
            break
    else:
        i = i + 100
    return i


@program(INTS)
def assigned_before_break(x):
    while True:
        y = x * x
        if y > 30:
            break
        x = x + 1
    return y


@program(INTS)
def for_break(n):
    s = 0
    for i in range(n):
        if i > 4:
            break
        s = s + i
    return s


@program(INTS)
def for_continue(n):
    s = 0
    for i in range(n):
        if i % 3 == 1:
            continue
        s = s + i
    return s


@program(INTS)
def for_break_and_continue(n):
    s = 0
    for i in range(n):
        if i % 2 == 1:
            continue
        s = s + i
        if s > 5:
            break
        s = s + 1
    return s


@program(INTS)
def for_return(n):
    for i in range(n):
        if i * i > 10:
            return i
    return -1


@program(INTS)
def nested_for_return(n):
    for i in range(n):
        for j in range(i):
            if i * j > 10:
                return i * 100 + j
    return -1


@program(INTS)
def nested_for_break(n):
    s = 0
    for i in range(n):
        for j in range(i):
            if j > 2:
                break
            s = s + i * j
        if s > 20:
            break
    return s


@program(INTS)
def for_else(n):
    s = 0
    for i in range(n):
        s = s + i
        if s > 5:
            break
    else:
        s = -s
    return s


@program(VECTORS)
def for_rows_break(v):
    s = 0
    for x in v:
        if x < 0:
            break
        s = s + x
    return s


@program(VECTORS)
def for_rows_return_index(v):
    i = 0
    for x in v:
        if x > 2:
            return i
        i = i + 1
    return -1


@program(VECTORS)
def for_enumerate_start(v):
    s = 0
    for i, x in enumerate(v, 5):
        if x == 9:
            break
        s = s + i * x
    return s


@program(INTS)
def for_list_tensor_break(x):
    s = 0
    for k in [3, 1, 2]:
        if x == k:
            break
        s = s + k
    return s


@program(INTS)
def for_list_tensor_return(x):
    for k in [3, 1, 2]:
        if x == k:
            return k * 10
    return -1


@program(INTS)
def for_list_tensor_continue(x):
    s = 0
    for k in [3, 1, 2]:
        if x == k:
            continue
        s = s + k
    return s


@program([(5,), (9,), (30,)])
def found_before_break(n):
    for i in range(n):
        if i * i > 10:
            found = i
            break
    return found


@program(INTS)
def is_prime(n):
    if n < 2:
        return False
    d = 2
    while d * d <= n:
        if n % d == 0:
            return False
        d = d + 1
    return True


@program(INTS)
def triple_nesting(n):
    s = 0
    for i in range(n):
        j = i
        while j > 0:
            j = j - 2
            for k in range(3):
                if k == j:
                    continue
                s = s + k
            if s > 50:
                break
        if s > 80:
            return s
    return -s


@program(INTS)
def defined_unless_left(n):
    s = 0
    for i in range(n):
        if i != 3:
            step = i * 2
        else:
            s = s + 100
            break
        s = s + step
    return s


@program(INTS)
def defined_unless_returned(x):
    if x > 2:
        y = x * 2
    elif x > 0:
        return -1
    else:
        y = x - 1
    return y * 10


@program(INTS)
def never_reached(n):
    for i in range(n):
        if i > 100:
            y = i
        else:
            if n == 5:
                return -i
            continue
        n = n + y
    return n


@program(INTS)
def list_made_unless_returned(x):
    if x > 1:
        if x != 3:
            pair = [x, 1]
        else:
            pair = [1, x]
            return pair[1]
    else:
        return x
    x = x + 1
    pair[1] = x * 2
    return pair[0] + pair[1]


@pytest.mark.parametrize(("case", "engine"), by_turns(program.cases, ENGINES), ids=str)
def test_compiled_is_python(case, engine):
    case.check(engine)
