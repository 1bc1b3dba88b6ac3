"""Programs that call helpers, closures, methods and builtins, compiled and as plain Python: the same results."""

from __future__ import annotations

import pytest
from support.beside_python import INTS, VECTORS, Programs

program = Programs()


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
def list_comprehension(x):
    values = [helper(x + k) for k in range(3)]
    return sum(values)


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
    f = lambda v: v * 2 if v > 3 else v
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
def python_recursion(x, depth=3):
    if depth == 0:
        return x
    if x > 5:
        return python_recursion(x - 3, depth - 1)
    return python_recursion(x + 2, depth - 1)


@pytest.mark.parametrize("case", program.cases, ids=str)
def test_compiled_is_python(case, engine):
    case.check(engine)
