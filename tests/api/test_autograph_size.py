"""Functions with many statements, many branches and deep nesting: converted in time that grows with their size."""

from __future__ import annotations

import linecache
import time

import pytest

import stepwell as sw
from stepwell.compiler.frontend.autograph.dataflow import Names, fixed_point
from stepwell.compiler.frontend.autograph.transpile import transpile
from stepwell.compiler.frontend.ops.control_flow import ControlFlowError


def made(text, name="f"):
    """The function of a program's text, whose source Python can find."""
    file = f"<text {hash(text)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    found = {}
    exec(compile(text, file, "exec"), found)
    return found[name]


def block(*lines):
    return "def f(k, y):\n" + "".join(f"    {line}\n" for line in lines) + "    return y\n"


def in_a_row(count):
    return block(
        *[line for n in range(count) for line in (f"if k > {n}:", "    y = y + 1.0", "else:", "    y = y - 1.0")]
    )


def early_returns(count):
    return block(*[line for n in range(count) for line in (f"if k == {n}:", f"    return y + {n}.0")])


def elif_chain(count):
    first = ["if k == 0:", "    y = y + 0.5"]
    return block(*first, *[line for n in range(1, count) for line in (f"elif k == {n}:", f"    y = y + {n}.0")])


def nested_ifs(depth):
    return block(*["  " * n + f"if k > {n}:" for n in range(depth)], "  " * depth + "y = y + 1.0")


def nested_whiles(depth):
    lines = []
    for n in range(depth):
        lines += ["  " * n + f"i{n} = 0", "  " * n + f"while i{n} < k:", "  " * (n + 1) + f"i{n} = i{n} + 1"]
    return block(*lines, "  " * depth + "y = y + 1.0")


def long_sum(count):
    return block("return " + " + ".join(["y"] * count))


def nested_calls(depth):
    return block("y = " + "abs(" * depth + "y - k" + ")" * depth)


def nested_choices(depth):
    return block("y = " + "".join(f"y + {n}.0 if k == {n} else (" for n in range(depth)) + "y" + ")" * depth)


def ands(count):
    return block("if " + " and ".join(f"k > {n}" for n in range(count)) + ":", "    y = y + 1.0")


def straight(count):
    return block(*[f"x{n} = y + k * {n}" for n in range(count)], f"y = x{count - 1}")


def loop_with_exits(count):
    body = [
        line for n in range(count) for line in (f"    if k == {n}:", "        " + ("break" if n % 2 else "continue"))
    ]
    return block("while k > 0:", "    k = k - 3", *body, "    y = y + 1.0")


TEXTS = {
    "30 in a row": in_a_row(30),
    "60 early returns": early_returns(60),
    "elif chain of 100": elif_chain(100),
    "ifs 90 deep": nested_ifs(90),
    "whiles 19 deep": nested_whiles(19),
    "sum of 800": long_sum(800),
    "calls 90 deep": nested_calls(90),
    "choices 80 deep": nested_choices(80),
    "300 ands": ands(300),
    "400 lines": straight(400),
    "loop with 40 exits": loop_with_exits(40),
}


@pytest.mark.parametrize("name", TEXTS)
def test_large_functions_are_converted_and_mean_the_same(name):
    plain = made(TEXTS[name])
    start = time.process_time()
    converted = transpile(plain)
    assert time.process_time() - start < 30  # each of them: a second, or, where paths are counted, longer than we live
    for k in (1, 3) if "while" in name else (0, 1, 50, 95, 1000):
        assert converted(1 if "whiles" in name else k, 2.0) == plain(1 if "whiles" in name else k, 2.0)


@pytest.mark.parametrize("name", ["30 in a row", "60 early returns", "300 ands", "loop with 40 exits"])
def test_large_functions_of_tensors_are_staged(name):
    plain = made(TEXTS[name])
    staged = sw.function(plain, engine="interpreter")
    for k in (0, 7, 400):
        assert staged(sw.constant(k), sw.constant(2.0)).numpy() == plain(k, 2.0)


def test_a_fixed_point_is_found_in_few_steps():
    """A ladder of 200 diamonds has 2 ** 200 paths; each node is looked at a few times."""
    before, after = {0: []}, {}
    for n in range(0, 600, 3):
        after[n], after[n + 1], after[n + 2] = [n + 1, n + 2], [n + 3], [n + 3]
        before[n + 1], before[n + 2], before[n + 3] = [n], [n], [n + 1, n + 2]
    after[600] = []
    looked_at = []

    def transfer(node, bits):
        looked_at.append(node)
        return bits | 1 << node

    _, out = fixed_point(list(range(601)), before, after, transfer)
    assert out[600] == (1 << 601) - 1
    assert len(looked_at) <= 3 * 601


def test_sets_of_names_are_bits():
    names = Names()
    first, second = names.bits(["a", "b"]), names.bits(["b", "c"])
    assert names.names(first & second) == {"b"}
    assert names.names(first | second) == {"a", "b", "c"}
    assert names.names(0) == set()


def test_loops_on_tensors_nested_too_deeply_are_refused_by_name():
    staged = sw.function(made(nested_whiles(13)), engine="interpreter")
    start = time.process_time()
    with pytest.raises(ControlFlowError, match="a while loop on a tensor is nested in 12 others"):
        staged(sw.constant(1), sw.constant(1.0))
    assert time.process_time() - start < 30
    assert sw.function(made(nested_whiles(5)), engine="interpreter")(sw.constant(1), sw.constant(1.0)).numpy() == 2.0
