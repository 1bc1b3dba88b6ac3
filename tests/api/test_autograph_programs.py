"""Each program runs as plain Python on eager tensors and compiled: the results must be the same, on every path."""

from __future__ import annotations

import numpy as np
import optree
import pytest

import stepwell as sw

INTS = [(0,), (1,), (2,), (3,), (5,), (8,), (13,), (-4,)]
PAIRS = [(0, 0), (1, 5), (5, 1), (3, 3), (-2, 4), (7, 2)]
FLOATS = [(0.0,), (1.5,), (-2.25,), (30.0,)]
VECTORS = [([1, 2, 3],), ([0, -5, 9, 2],), ([4],)]

PROGRAMS = []


def program(inputs):
    def add(function):
        PROGRAMS.extend(pytest.param(function, args, id=f"{function.__name__}-{i}") for i, args in enumerate(inputs))
        return function

    return add


def results_of(value):
    return [np.asarray(sw.convert_to_tensor(leaf)) for leaf in optree.tree_leaves(value)]


COMPILED = {}


# --- if


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


# --- while


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
def python_while(x):
    k = 0
    while k < 4:
        x = x + k
        k += 1
    return x


@program(INTS)
def python_while_tensor_break(x):
    k = 0
    while k < 4:
        x = x + k
        k += 1
        if x > 6:
            break
    return x + k


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


# --- for


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
def for_enumerate(v):
    s = 0
    for i, x in enumerate(v):
        s = s + i * x
    return s


@program(VECTORS)
def for_enumerate_start(v):
    s = 0
    for i, x in enumerate(v, 5):
        if x == 9:
            break
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


@program([(5,), (9,), (30,)])
def found_before_break(n):
    for i in range(n):
        if i * i > 10:
            found = i
            break
    return found


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


# --- functions


def helper(x):
    if x > 2:
        return x * 2
    return x - 1


def helper_loop(x, n=3):
    for i in range(n):
        x = x + i
        if x > 6:
            break
    return x


@program(INTS)
def calls_helper(x):
    return helper(x) + helper(helper(x))


@program(INTS)
def calls_helper_in_loop(x):
    s = 0
    for i in range(x):
        s = s + helper_loop(i)
    return s


@program(INTS)
def calls_with_keywords(x):
    return helper_loop(x=x, n=x) + helper_loop(x, n=2)


@program(INTS)
def calls_with_stars(x):
    args, options = [x], {"n": 4}
    return helper_loop(*args, **options)


@program(INTS)
def inner_function(x):
    def inner(y):
        if y > x:
            return y - x
        return x - y

    return inner(3) + inner(x + 4)


@program(INTS)
def inner_with_nonlocal(x):
    total = 0

    def add(v):
        nonlocal total
        if v > 2:
            total = total + v

    add(x)
    add(x + 1)
    return total


@program(INTS)
def calls_lambda(x):
    f = lambda v: v * 2 if v > 3 else v  # noqa: E731
    return f(x) + f(x + 2)


@program(INTS)
def two_lambdas(x):
    f, g = (lambda v: v + 1 if v > 3 else v, lambda v: v * 10 if v > 1 else -v)
    return f(x), g(x)


class Counter:
    limit = 4

    def __init__(self, start):
        self.total = start
        self.__hidden = 1

    def add(self, x):
        if x > self.limit:
            self.total = self.total + x
        else:
            self.total = self.total - x
        return self

    def loop(self, n):
        for i in range(n):
            self.total = self.total + i * self.__hidden
        return self.total

    def __call__(self, x):
        if x > 0:
            return self.total
        return -self.total

    @staticmethod
    def static(x):
        return 1 if x > 2 else 2

    @classmethod
    def of_class(cls, x):
        return cls.limit if x > 2 else 2

    @property
    def doubled(self):
        return self.total * 2


class Louder(Counter):
    def add(self, x):
        super().add(x * 2)
        return self


@program(INTS)
def calls_methods(x):
    counter = Counter(x)
    counter.add(x).add(x + 2)
    return counter.loop(x) + counter(x) + Counter.static(x) + Counter.of_class(x)


@program(INTS)
def calls_super(x):
    louder = Louder(x * 0)
    return louder.add(x).total + louder.doubled


@program(INTS)
def attribute_in_branch(x):
    counter = Counter(x)
    if x > 2:
        counter.total = counter.total * 3
    return counter.total


@program(INTS)
def attribute_in_loop(n):
    counter = Counter(n)
    for i in range(n):
        counter.total = counter.total + i
        if counter.total > 10:
            break
    return counter.total


@program(INTS)
def dict_element_in_loop(n):
    state = {"a": 0, "b": n}
    for i in range(n):
        state["a"] = state["a"] + i
        if i > 2:
            state["b"] = state["b"] - 1
    return state["a"] * 100 + state["b"]


@program(INTS)
def tuple_variable(n):
    pair = (0, n)
    for i in range(n):
        pair = (pair[0] + i, pair[1] - 1)
    return pair


@program(INTS)
def dict_variable(n):
    state = {"sum": 0, "rest": [n, 1]}
    while state["rest"][0] > 0:
        state = {"sum": state["sum"] + state["rest"][0], "rest": [state["rest"][0] - 1, 1]}
    return state


@program(INTS)
def list_comprehension(x):
    values = [helper(x + k) for k in range(3)]
    return sum(values)


@program(INTS)
def builtins_on_tensors(x):
    low = min(x, 3)
    high = max(x, 3)
    return low * 100 + high + abs(x)


@program(VECTORS)
def builtins_on_rows(v):
    return len(v), sum(v), max(v), min(v)


@program(INTS)
def any_and_all(x):
    return any([x > 3, x == 0]), all([x > 0, x < 6])


@program(INTS)
def int_float_bool(x):
    return float(x) * 0.5, bool(x), int(x > 2)


@program(INTS)
def appends_to_list(x):
    values = []
    for k in range(3):
        values.append(x + k)
    return values


@program(INTS)
def appends_in_branch(x):
    values = [x]
    if x > 2:
        values.append(x * 2)
    else:
        values.append(-x)
    return values


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


@program(INTS)
def python_recursion(x, depth=3):
    if depth == 0:
        return x
    if x > 5:
        return python_recursion(x - 3, depth - 1)
    return python_recursion(x + 2, depth - 1)


# --- the test


@pytest.mark.parametrize(("function", "args"), PROGRAMS)
def test_compiled_is_python(function, args):
    tensors = [sw.constant(a) for a in args]
    expected = results_of(function(*tensors))
    compiled = COMPILED.setdefault(function, sw.function(function, engine="interpreter"))
    got = results_of(compiled(*tensors))
    assert len(got) == len(expected)
    for a, b in zip(got, expected):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)
