"""All of Python's statements and expressions pass through the converter: converted, they do what they do in Python."""

# ruff: noqa: B012, B018

from __future__ import annotations

import ast
import asyncio
import contextlib
import functools
import types
from pathlib import Path

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


@program((0,), (3,), (11,))
def if_elif_else(n):
    if n == 0:
        return "zero"
    elif n < 5:
        pass
    else:
        n = -n
    return n


@program((0,), (7,))
def loops_with_else(n):
    found = []
    for i in range(n):
        if i == 5:
            break
        if i % 2:
            continue
        found.append(i)
    else:
        found.append("for-else")
    while n > 3:
        n -= 1
        if n == 100:
            break
    else:
        found.append("while-else")
    return found, n


@program((0,), (1,), (2,))
def try_everything(n):
    log = []
    try:
        log.append("try")
        if n == 1:
            raise ValueError("one")
        if n == 2:
            raise KeyError("two")
    except ValueError as error:
        log.append(repr(error))
    except (KeyError, IndexError) as error:
        log.append(type(error).__name__)
        error = None
    else:
        log.append("else")
    finally:
        log.append("finally")
    return log


@program((0,), (1,))
def name_of_an_exception_is_gone(n):
    try:
        if n:
            raise ValueError("x")
    except ValueError as error:
        text = str(error)
        if n > 0:
            text = text + str(error)
        try:
            raise RuntimeError("y") from error
        except RuntimeError as inner:
            text += type(inner.__cause__).__name__
    else:
        text = ""
    try:
        error
    except NameError:
        return text + " gone"


@program((0,), (1,), (2,), (3,))
def returns_in_try(n):
    log = []

    def inner():
        try:
            if n == 0:
                return "body"
            if n == 1:
                raise ValueError
        except ValueError:
            return "handler"
        else:
            log.append("else")
            if n == 2:
                return "else"
        finally:
            log.append("finally")
        return "end"

    return inner(), log


@program((0,), (1,), (2,))
def loop_jumps_in_try(n):
    log = []
    for i in range(3):
        try:
            if i == n:
                break
            if i == 1:
                continue
        except ValueError:
            pass
        else:
            log.append(("else", i))
        finally:
            log.append(("finally", i))
    return log


@program((0,), (1,))
def bare_raise(n):
    try:
        try:
            {}[n]
        except KeyError:
            if n:
                raise
            return "swallowed"
    except KeyError as error:
        return error.args


@program((0,), (1,), (2,))
def exception_groups(n):
    log = []
    try:
        if n == 1:
            raise ExceptionGroup("g", [ValueError("a"), TypeError("b"), ValueError("c")])
        if n == 2:
            raise ValueError("alone")
    except* ValueError as group:
        log.append([str(e) for e in group.exceptions])
    except* TypeError as group:
        log.append(len(group.exceptions))
    else:
        log.append("else")
    finally:
        log.append("finally")
    return log


@program((1,), ("a",), ([1, 2, 3],), ({"k": 5, "l": 6},), ((1, (2, 3)),), (None,), (4.5,), ([0],), (7,))
def match_statement(value):
    match value:
        case 1 | 2:
            kind = "small"
        case str(text) if text == "a":
            return "letter " + text
        case [first, *rest] if rest:
            kind = ("list", first, rest)
        case {"k": number, **others}:
            kind = ("dict", number, others)
        case (a, (b, c)):
            kind = a + b + c
        case None:
            kind = "none"
        case float() as number:
            kind = number * 2
        case [_]:
            kind = "one"
        case _:
            kind = "other"
    return kind


@program((3,), (0,))
def match_in_a_loop(n):
    log = []
    for item in [*range(n), "stop", "never"]:
        match item:
            case 1:
                continue
            case "stop":
                break
            case types.SimpleNamespace(x=1):
                pass
            case int(x):
                log.append(x)
    return log


@program((0,), (5,), (12,))
def walrus(n):
    if (a := n + 1) > 5 and (b := a * 2) > 12:
        return a, b
    found = [y for x in range(n) if (y := x * 2) > 2]
    total = (c := 3) + c
    if not ((d := n) or (e := 7)):
        return "never"
    f = (g := n) and (h := g + 1)
    return found, total, a, n and y, f, d, n or e, n and h, n or (i := 4)


@program((0,), (4,))
def walrus_in_loops(n):
    numbers = iter(range(n))
    log = []
    while (x := next(numbers, None)) is not None and (y := x + 1) < 4:
        log.append((x, y))
    while (n := n - 1) > 0:
        log.append(n)
    else:
        log.append("else")
    return log, (lambda: (z := n) + z)()


@program((7,))
def formatted(n):
    width, name = 10, "x"
    nested = f"{n:>{width}.{2 + 1}f}|{name!r:^{width}}|{'a' if n > 3 else 'b'}|{n and f'{n + 1}'}|{{}}|{n=}"
    return nested, f"{(lambda v: v * 2)(n)}", rb"\d", "ab", f"""{n}"""


@program((3,))
def slices(n):
    items = list(range(10))
    items[1:3] = [(m := n), m + 1]
    items[-1] += 5
    del items[0], items[1:2]
    first, *middle, last = items
    [a, (b, *c)] = [1, (2, 3, 4)]
    grid = types.SimpleNamespace(**{"x": {(1, 2): "t"}})
    return items[:: m - 1], items[(k := 2)], k, first, middle, last, a, b, c, grid.x[1, 2], items[...:] if False else 0


@program((2,))
def scopes(n):
    global module_variable
    module_variable = module_variable + n
    counter = 0

    def bump():
        nonlocal counter
        counter += 1
        return counter

    if n > 1:
        bump()
        module_variable += 1
    for _ in range(2):
        bump()
    result = module_variable, counter
    module_variable = 1
    del counter
    try:
        counter
    except NameError as error:
        result += (type(error) is NameError or type(error) is UnboundLocalError or isinstance(error, NameError),)
    return result


@program((1,), (-1,))
def unassigned(n):
    if n > 0:
        x = 1
    try:
        return x
    except UnboundLocalError as error:
        return str(error)


@program((1, 5), (2, 0))
def operators(a, b):
    x = a + b - a * b // (a or 1) % 7 | a & b ^ ~a << 2 >> 1
    x **= 2
    x @= types.SimpleNamespace() if False else _Matrix()
    truth = not a, a and b, a or b, a and b and 3, a or b or 3, not (a and b), -a if a else +b
    chain = a < b < 10, 0 <= a <= b != 7 >= a, a is a is not None, a in (1, 2) not in [[]], 1 < (m := a + b) < 7 < 8, m
    return (
        x,
        truth,
        chain,
        a if a > b else b if b > 3 else 0,
        (a, *[b], *()),
        [*range(a)],
        {**{"a": a}, "b": b},
        {a, *[b]},
    )


class _Matrix:
    def __rmatmul__(self, other):
        return other + 1000


@program((0,), (2,))
def contexts(n):
    log = []

    @contextlib.contextmanager
    def noted(name):
        log.append("+" + name)
        try:
            yield name.upper()
        finally:
            log.append("-" + name)

    with noted("a") as a, noted("b") as (b):
        log.append(a + b)
        if n:
            with contextlib.suppress(ZeroDivisionError):
                return log, 1 / (n - 2)
    with noted("c") as c, noted("d"):
        log.append(c)
    return log


@program((3,))
def imports(n):
    import math as m
    import os.path
    from collections import OrderedDict as Ordered
    from collections import deque

    if n > 2:
        import json
    return m.floor(2.5), os.path.basename("a/b"), list(Ordered(a=1)), deque([1]).pop(), json.dumps([n])


@program((3,))
def simple_statements(n):
    ...
    "text"
    pass
    assert n, f"no {n}"
    a = b = c = n
    (a) = b = [c]
    n
    b
    if n:
        n = n
        b.append(1)
    while False:
        pass
    for _ in ():
        pass
    try:
        assert n == 0, "message"
    except AssertionError as e:
        a = "message" in str(e)
    return a, b


@program((3,), (0,))
def early_returns_in_loops(n):
    for i in range(n):
        for j in range(n):
            if i * j == 2:
                return i, j
            elif i + j > 100:
                break
        else:
            continue
        break
    return None


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


def test_every_kind_of_syntax_is_in_the_corpus():
    files = [Path(__file__), Path(__file__).with_name("test_autograph_definitions.py")]
    statements = [node for file in files for node in ast.parse(file.read_text()).body]
    bodies = [node for node in statements if isinstance(node, ast.FunctionDef) and node.decorator_list]
    seen = {type(part) for body in bodies for part in ast.walk(body)}
    wanted = [ast.stmt, ast.expr, ast.pattern, ast.excepthandler, ast.operator, ast.unaryop, ast.boolop, ast.cmpop]
    old = {
        "Num",
        "Str",
        "Bytes",
        "NameConstant",
        "Ellipsis",
        "Index",
        "ExtSlice",
        "Suite",
        "AugLoad",
        "AugStore",
        "Param",
    }
    kinds = {kind for base in wanted for kind in base.__subclasses__() if kind.__name__ not in old}
    new = {kind.__name__ for kind in kinds - seen} - {"TypeAlias", "TemplateStr", "Interpolation"}  # of later Pythons
    assert new == set()


def return_in_finally(n):
    try:
        1 / n
    finally:
        return "swallowed"


def break_in_finally(n):
    while True:
        try:
            1 / n
        finally:
            break
    return "left"


@pytest.mark.parametrize("function", [return_in_finally, break_in_finally])
def test_what_is_not_converted_runs_as_it_is(function):
    with pytest.raises(NotConvertibleError, match="'finally' cannot be converted"):
        transpile(function)
    for n in (0, 1):
        assert convert(function)(n) == function(n)
