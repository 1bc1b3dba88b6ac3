"""`stepwell demo`: what it shows, on a terminal and elsewhere."""

import io
import re

import pytest
from rich.console import Console

from stepwell.dialects.levels import LEVELS
from stepwell.tools.demo import collatz, run_demo
from stepwell.tools.listing import numbered


@pytest.fixture(scope="module")
def plain():
    """What it prints where there is no terminal."""
    file = io.StringIO()
    run_demo(Console(file=file, width=80, highlight=False))
    return file.getvalue()


def test_the_model_has_learned(plain):
    found = re.search(r"test accuracy (\d+\.\d+)%", plain)
    assert found and float(found[1]) >= 96.0


def test_the_engines_agree(plain):
    found = re.search(r"largest difference between the three engines: (\S+)", plain)
    assert found and float(found[1]) < 1e-5
    for engine in ("interpreter", "native", "ONNX Runtime"):
        assert re.search(rf"│ {engine} +│ 9\d\.\d\d% +│", plain)


def test_every_level_is_shown_and_computes_the_same(plain):
    for level in LEVELS.values():
        assert f"\n{level.name}\n{level.doc}\n" in plain
    assert "collatz(27): hl 111, linalg 111, loops 111, cfg 111, llvm 111, native 111" in plain


def test_every_op_has_its_python_line(plain):
    first = collatz.python_function.__code__.co_firstlineno
    assert f"{first:>4} │ @sw.function\n" in plain
    listed = re.findall(r"^( *\d*) │ (.*)$", plain, re.MULTILINE)
    shown = [(number.strip(), line.strip()) for number, line in listed]
    ops = [(number, line) for number, line in shown if re.match(r"(%\S+.* = )?[a-z]+\.[a-z]", line)]
    assert len(ops) > 80
    assert all(number and first <= int(number) <= first + 7 for number, _ in ops)
    assert all(line.startswith("^") for number, line in shown if not number)


def test_there_is_nothing_for_terminals_where_there_is_none(plain):
    assert "\x1b" not in plain and "\r" not in plain and "epoch" not in plain


def test_lines_keep_within_eighty_columns(plain):
    long = [line for line in plain.splitlines() if len(line) > 80]
    assert all(re.match(r" *\d* │ ", line) for line in long), "only IR may be longer, where it is not cut"


def test_a_margin_for_ops_with_regions():
    text = 'a.if {\n  a.b loc("p.py":3:4)\n} else {\n  ^bb0(%0: i32):\n} loc("p.py":2:0)\na.c loc(unknown)'
    assert numbered(text) == [
        (2, "a.if {"),
        (3, "  a.b"),
        (2, "} else {"),
        (None, "  ^bb0(%0: i32):"),
        (2, "}"),
        (None, "a.c"),
    ]
