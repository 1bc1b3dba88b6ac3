"""Where AutoGraph finds the source of functions, and which functions it leaves as they are."""

from __future__ import annotations

import ast
import linecache
import types

import pytest

import stepwell as sw
from stepwell.compiler.frontend.autograph import calls, source_tree, transpile

TEXT = "".join(
    f"def f{n}(x):\n    if x > {n}:\n        return x + {n}\n    return x\ng{n} = lambda x: x if x > {n} else -x\n"
    for n in range(20)
)


def loaded(text, file):
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    found = {}
    exec(compile(text, file, "exec"), found)
    return found


def test_a_file_is_parsed_once(monkeypatch):
    parsed = []
    parse = ast.parse
    monkeypatch.setattr(
        source_tree.ast, "parse", lambda text, *args, **kw: parsed.append(text) or parse(text, *args, **kw)
    )
    made = loaded(TEXT, "<parsed once>")
    for n in range(20):
        assert source_tree.find_function(made[f"f{n}"]).node.name == f"f{n}"
        assert isinstance(source_tree.find_function(made[f"g{n}"]).node, ast.Lambda)
    assert parsed.count(TEXT) == 1


def test_a_file_that_was_read_anew_is_parsed_anew():
    file = "<changed>"
    first = loaded("def f(x):\n    return x if x > 0 else 1\n", file)["f"]
    assert "> 0" in ast.unparse(source_tree.find_function(first).node)
    second = loaded("def f(x):\n    return x if x > 7 else 1\n", file)["f"]
    assert "> 7" in ast.unparse(source_tree.find_function(second).node)


def test_trees_are_the_callers_own():
    function = loaded(TEXT, "<own>")["f3"]
    found = source_tree.find_function(function).node
    found.body.clear()
    again = source_tree.find_function(function).node
    assert len(again.body) == 2
    assert ast.dump(again, include_attributes=True) == ast.dump(ast.parse(TEXT).body[6], include_attributes=True)


def arithmetic(x):
    y = x * 2 + x[0]
    return -y, {"a": y[1:]}


def calling(x):
    return abs(x)


def branching(x):
    return x and 1


def negating(x):
    return not x


def storing(x):
    x.field = 1


def checking(x):
    assert x


def comparing(x):
    return 1 < x < 3


def defining(x):
    return lambda: x


def looping(x):
    for _ in x:
        pass


@pytest.mark.parametrize(
    ("function", "needed"),
    [
        (arithmetic, False),
        *((f, True) for f in (calling, branching, negating, storing, checking, comparing, defining, looping)),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_only_code_with_control_flow_calls_or_stores_is_converted(function, needed):
    assert source_tree.needs_conversion(function.__code__) is needed


def test_code_that_needs_no_conversion_is_not_looked_up(monkeypatch):
    seen = []
    real = transpile.transpile
    monkeypatch.setattr(transpile, "transpile", lambda function: seen.append(function.__name__) or real(function))

    def step(x):
        return arithmetic(x)[0] + abs(x)

    sw.function(step)(sw.constant([1, 2]))
    assert seen == ["step"]


@pytest.mark.parametrize("name", ["keras", "numpy.linalg", "torch.nn", "stepwell.compiler.frontend.ops"])
def test_packages_that_are_never_converted(name):
    function = types.FunctionType(branching.__code__, {"__name__": name})
    if name.startswith("stepwell"):
        function = sw.zeros
    assert calls.converted_argument(function) is function


def test_a_module_whose_name_begins_like_a_library_is_the_users():
    function = types.FunctionType(branching.__code__, {"__name__": "numpy_helpers"})
    assert calls.converted_argument(function) is not function
