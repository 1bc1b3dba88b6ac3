"""Python's less common statements and expressions, compiled and as plain Python: the same results."""

from __future__ import annotations

import contextlib
import functools
import itertools

import pytest
from support.beside_python import ENGINES, INTS, Programs
from support.effort import by_turns

program = Programs()


@program(INTS)
def annotated(x):
    y: int = 3
    z: "sw.Tensor"
    if x > y:
        y = x
    return y


@program(INTS)
def chained_assign(x):
    a = b = x + 1
    if x > 2:
        a = b = a * 2
    return a, b


@program(INTS)
def tuple_targets(x):
    s = 0
    for (a, b), c in [((1, 2), 3), ((x, x), 4)]:
        if a > 1:
            s = s + a * b + c
    return s


@program(INTS)
def fstring(x):
    name = f"{3:>4}"
    if x > 2:
        x = x + len(name)
    return x


G = 0


@program(INTS)
def global_in_branch(x):
    global G
    G = 1
    if x > 2:
        G = x * 2
    r = G
    G = 0
    return r


@program(INTS)
def comprehension(x):
    return sum([a * x for a in range(3)]), {k: x + k for k in (1, 2)}


@program(INTS)
def generator_expression(x):
    return sum(a * x for a in range(3))


@program(INTS)
def nested_comprehension_call(x):
    def f(v):
        if v > 2:
            return v
        return -v

    return [f(x + k) for k in range(3)], max(f(x + k) for k in range(2))


@program(INTS)
def try_except(x):
    try:
        y = {}["a"]
    except KeyError:
        y = x
        if x > 2:
            y = x * 3
    return y


@program(INTS)
def with_return(x):
    with contextlib.nullcontext():
        if x > 2:
            return x
        for i in range(x):
            if i > 0:
                return i
    return -1


@program(INTS)
def default_lambda(x):
    f = lambda v, k=3: v * k if v > k else v
    return f(x), f(x, 1)


@program(INTS)
def inner_decorated(x):
    def twice(f):
        @functools.wraps(f)
        def g(*a):
            return f(f(*a))

        return g

    @twice
    def inc(v):
        if v > 3:
            return v + 10
        return v + 1

    return inc(x)


@program(INTS)
def nested_function_nonlocal_loop(n):
    c = 0

    def inc(k):
        nonlocal c
        c = c + k

    for i in range(n):
        inc(i)
    return c


@program(INTS)
def closure_reads_loop_var(n):
    s = 0
    for i in range(n):
        f = lambda: i * 2
        s = s + f()
    return s


@program(INTS)
def while_with_call(n):
    def more(v):
        return v < 10

    while more(n):
        n = n + 3
    return n


@program(INTS)
def not_in(x):
    if x not in (None,):
        pass
    y = x if x is not None else 0
    return y


@program(INTS)
def is_none_default(x, y=None):
    if y is None:
        y = 1
    if x > y:
        return x
    return y


@program(INTS)
def or_python(x, y=None):
    z = y or 3
    return x + z


@program(INTS)
def bool_ops_mixed(x, flag=True):
    if flag and x > 2:
        return 1
    if (not flag) or x < 0:
        return 2
    return 3


@program(INTS)
def deep_elif(x):
    if x == 0:
        return 10
    elif x == 1:
        return 11
    elif x == 2:
        for i in range(x):
            if i == 1:
                return i * 100
    elif x == 3:
        pass
    else:
        while x > 0:
            x -= 2
            if x == 1:
                return 77
    return x


@program(INTS)
def assert_ok(x):
    assert x > -100, "too small"
    return x


@program(INTS)
def print_in_loop(n):
    for i in range(n):
        str(i)
    return n


@program(INTS)
def reversed_range(n):
    s = 0
    for i in reversed(range(4)):
        if n > i:
            s = s * 2 + i
    return s


@program(INTS)
def while_true_nested_return(x):
    while True:
        for i in range(x + 10):
            if i * i > 30:
                return i
        x = x + 1


@program([([[1, 2], [3, 4], [5, 6]],)])
def matrix_rows(m):
    s = m[0] * 0
    for row in m:
        if row[0] > 1:
            s = s + row
    for i, row in enumerate(m):
        s = s + i * row
    for a, b in zip(m, m):
        s = s + a * b
    return s


@program([(1.5,), (-2.0,)])
def float_builtins(x):
    return abs(x), max(x, 0.0), min(x, 0.0), round(x) if False else x, pow(x, 2)


@program(INTS)
def divmod_(x):
    q, r = x // 3, x % 3
    return q, r, -x, +x, x**2


@program(INTS)
def ternary_chain_cmp(x):
    return 1 if 0 < x < 3 else 2 if 3 <= x <= 5 else 3


@program(INTS)
def ternary_tuple(x):
    a, b = (x, 1) if x > 2 else (0, x)
    return a * 10 + b


@program(INTS)
def return_in_with_in_loop(n):
    for i in range(n):
        with contextlib.nullcontext(i) as j:
            if j > 2:
                return j
    return -1


@program(INTS)
def break_in_try(n):
    s = 0
    for i in range(n):
        try:
            if i > 3:
                break
            s = s + i
        finally:
            s = s + 1
    return s


@program(INTS)
def star_call(x):
    def f(a, b, *c, d=1, **e):
        if a > b:
            return a + sum(c) + d + sum(e.values())
        return b

    return f(x, *[1, 2], **{"d": x, "e": 3})


@program(INTS)
def bool_becomes(x):
    f = False
    for i in range(x):
        f = i > 2
    return f


@program(INTS)
def none_then_value(x):
    y = None
    if x > 2:
        y = x
    else:
        y = -x
    return y


@program(INTS)
def while_cond_tensor_or_python(x, k=3):
    while k > 0 and x < 100:
        x = x * 2 + 1
        k = k - 1
    return x, k


def rec_sum(values):
    if not values:
        return 0
    return values[0] + rec_sum(values[1:])


@program(INTS)
def python_recursion_list(x):
    return rec_sum([x, x + 1, 3])


@program(INTS)
def iter_tools(x):
    s = 0
    for a, b in itertools.product(range(2), range(2)):
        if x > a:
            s = s + b
    return s


@program(INTS)
def map_filter(x):
    def g(v):
        if v > 2:
            return v * 2
        return v

    return list(map(g, [x, x + 1])), functools.reduce(lambda a, b: a + b if a > b else a - b, [x, 1, 2])


@program(INTS)
def sorted_key(x):
    return [v for v in sorted([3, 1, 2], key=lambda k: -k)][0] + x


class Ctx:
    def __init__(self):
        self.v = 0

    def __enter__(self):
        return self

    def __exit__(self, *a):
        return False


@program(INTS)
def ctx_obj(x):
    with Ctx() as c:
        if x > 2:
            c.v = x
        else:
            c.v = 1
    return c.v


@program(INTS)
def unpack_in_loop(n):
    a, b, c = 0, 1, 2
    for _ in range(n):
        (a, b), c = (b, c), (a + b + c) % 100
    return a, b, c


@program(INTS)
def del_in_branch(x):
    if x > 2:
        t = x * 2
        x = t
        del t
    return x


@program(INTS)
def string_compare(x, m="a"):
    for ch in "abc":
        if ch == m:
            x = x + 1
        if x > 3:
            x = x - ch.count("a")
    return x


@pytest.mark.parametrize(("case", "engine"), by_turns(program.cases, ENGINES), ids=str)
def test_compiled_is_python(case, engine):
    case.check(engine)
