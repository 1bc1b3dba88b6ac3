"""Functions, classes, generators, calls and scopes in converted functions: they do what they do in Python."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import functools
import types

import pytest

from stepwell.compiler.frontend.autograph import convert
from stepwell.compiler.frontend.autograph.transpile import NotConvertibleError, transpile

PROGRAMS = []


def program(*inputs):
    def add(function):
        PROGRAMS.append((function, inputs or ((),)))
        return function

    return add


module_variable = 1


@program((2,))
def comprehensions(n):
    x = "outer"
    squares = [x * x for x in range(n) if x]
    pairs = {(x, y) for x in range(n) for y in range(x + 1) if x != y or not x}
    table = {str(x): [y for y in range(x)] for x in range(n)}
    lazy = (x + n for x in range(n) if x > 0 and n)
    nested = [[row[i] for row in ([1, 2], [3, 4])] for i in range(2)]
    return (
        x,
        squares,
        sorted(pairs),
        table,
        list(lazy),
        nested,
        [f(1) for f in [lambda v, k=k: v + k for k in range(2)]],
    )


@program((3,))
def generators(n):
    def count(limit, *, start=0):
        i = start
        while i < limit and limit:
            got = yield i
            if got is not None:
                i = got
            i += 1
        return "done"

    def delegate():
        result = yield from count(n)
        yield result

    it = count(10)
    return list(delegate()), next(it), it.send(5), [x for x in count(n, start=1)]


@program((1,))
def generator_sees_later_values(n):
    def show():
        yield value

    value = 0
    if n > 0:
        value = n
    return list(show())


@program((1,))
def generator_that_assigns_outside(n):
    total = 0

    def add():
        nonlocal total
        for i in range(3):
            total += i
            yield total

    if n:
        seen = list(add())
    return total, seen


@program((2,))
def coroutines(n):
    class Manager:
        async def __aenter__(self):
            return n

        async def __aexit__(self, *_):
            return False

    async def ticks():
        for i in range(n):
            yield i

    async def main():
        found = []
        async for i in ticks():
            found.append(i)
        async with Manager() as m:
            found.append(m)
        found += [i async for i in ticks() if i and n]
        found.append(await asyncio.sleep(0, "slept"))
        return found

    return asyncio.run(main())


@program((2,))
def classes(n):
    class Base:
        attribute: int = n
        table = {k: v for k, v in [("a", n)]}

        def __init__(self, x):
            self.__hidden = x if x > 0 and x else -x

        def hidden(self):
            return self.__hidden

        @property
        def twice(self):
            return self.hidden() * 2

        @classmethod
        def make(cls, *args, **kwargs):
            return cls(*args, **kwargs)

        @staticmethod
        def plain(x, /, y=1, *, z=2):
            return x, y, z

    class Derived(Base):
        """A docstring."""

        def hidden(self):
            if n > 1:
                return super().hidden() + 100
            return 0

        def who(self):
            return __class__.__name__

    d = Derived.make(-3)
    return d.twice, d.who(), Derived.__doc__, Derived.plain(1, z=5), d.attribute, Derived.table


@program((5,))
def decorators(n):
    def twice(f):
        @functools.wraps(f)
        def wrapper(*args, **kwargs):
            return f(f(*args, **kwargs))

        return wrapper

    @twice
    @functools.cache
    def add(x):
        """Adds."""
        return x + n

    return add(1), add.__name__, add.__doc__


@program((1, 2))
def signatures(a, b):
    def f(p, /, q, r=3, *args, s, t=5, **kw):
        return p, q, r, args, s, t, kw

    def g(*, only):
        return only

    values, options = [1, 2, 3, 4], {"s": 6, "u": 7}
    dict = tuple = list  # names of the user's
    return f(*values, *[9], **options), f(a, q=b, s=0), g(only=1), f(1, *"xy", t=1, **{"s": 2}), dict((1,)), tuple("a")


def bad_call():
    def f(a):
        return a

    return f(a=1, **{"a": 2})


@program()
def errors_of_calls():
    found = []
    for call in (bad_call, lambda: (lambda x: x)(), lambda: len(1, 2)):
        try:
            call()
        except TypeError as error:
            found.append("multiple" in str(error) or "missing" in str(error) or "argument" in str(error))
    return found


@program()
def deleted_global():
    global temporary_variable
    temporary_variable = 3
    del temporary_variable
    return "temporary_variable" in globals()


@program((3,))
def annotations(n):
    x: int = n
    y: list[int]
    box = types.SimpleNamespace()
    box.z: str = "z"
    if n > 1:
        x: int = x + 1

    def g(a: int, *b: "str", c: float = 1.0) -> None:
        pass

    return x, box.z, g.__annotations__


@program((4,))
def lambdas(n):
    fs = [lambda x, k=k: x + k for k in range(3)]
    compose = lambda f, g: lambda *a, **k: f(g(*a, **k))
    recursive = lambda k: 1 if k < 2 else k * recursive(k - 1)
    return [f(n) for f in fs], compose(str, abs)(-n), recursive(n), (lambda *, a=1: a)(), (lambda: None)()


@program((10,))
def sorted_by_key(n):
    return sorted(range(n), key=lambda v: (v % 3, -v)), max([1, -5], key=abs), list(map(lambda v: v and -v, (0, 1)))


@program((2,))
def recursion(n):
    def depth(k):
        if k == 0:
            return 0
        return 1 + depth(k - 1)

    return depth(n * 20)


@program((2,))
def introspection(n):
    local = locals()
    return sorted(local), eval("n + 1"), "module_variable" in globals(), callable(print)


def result_of(function, arguments):
    try:
        return "returns", repr(function(*arguments))
    except Exception as error:
        return "raises", type(error), str(error)


@pytest.mark.parametrize(("function", "inputs"), PROGRAMS, ids=lambda value: getattr(value, "__name__", ""))
def test_converted_is_python(function, inputs):
    for arguments in inputs:
        expected = result_of(function, arguments)
        assert result_of(transpile(function), arguments) == expected
        assert result_of(convert(function), arguments) == expected
