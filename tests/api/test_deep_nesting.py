"""Branches nested deeply: every part that walks programs gets to the bottom, or refuses by name."""

from __future__ import annotations

import sys
import threading

import numpy as np
import pytest

import stepwell as sw
from stepwell.compiler.interchange.mlir.text import parse_module, print_module
from stepwell.dialects.recursion import LIMIT, deep_recursion
from stepwell.errors import UnsupportedError
from stepwell.runtime.engines.interpreter.run import run_module


def nested(depth):
    def function(k, y):
        def level(n):
            return y * 2.0 if n == depth else sw.cond(k > n, lambda: level(n + 1), lambda: y - float(n))

        return level(0)

    return function


@pytest.mark.parametrize(("engine", "depth"), [("interpreter", 200), ("native", 60), ("onnx", 30)])
def test_branches_are_nested_deeply(engine, depth):
    limit = sys.getrecursionlimit()
    compiled = sw.function(nested(depth), engine=engine)
    for k in (0, 7, depth + 1):
        expected = nested(depth)(k, np.float32(1.0))
        assert compiled(sw.constant(k), sw.constant(1.0)).numpy() == expected
    assert sys.getrecursionlimit() == limit


def test_text_of_deep_nesting_is_read_back():
    text = sw.ir(nested(100), sw.constant(1), sw.constant(1.0))
    module = parse_module(text, "nested.mlir")
    assert print_module(module) == text
    [result] = run_module(module, [np.array(80, np.int32), np.array(1.0, np.float32)])
    assert result == 1.0 - 80


def test_models_that_no_reader_accepts_are_refused_by_name():
    with pytest.raises(UnsupportedError, match="nested more than 30 deep") as caught:
        sw.function(nested(31), engine="onnx")(sw.constant(1), sw.constant(1.0))
    assert __file__ in str(caught.value)


def depth_of(n):
    return 0 if n == 0 else 1 + depth_of(n - 1)


def test_the_limit_is_put_back():
    before = sys.getrecursionlimit()
    with deep_recursion(), deep_recursion():
        assert depth_of(LIMIT // 2) == LIMIT // 2
    assert sys.getrecursionlimit() == before


def test_the_limit_holds_for_threads_that_work_side_by_side():
    before = sys.getrecursionlimit()
    first, second = threading.Event(), threading.Event()
    found = []

    def work():
        with deep_recursion():
            first.set()
            second.wait()
            found.append(depth_of(2000))

    thread = threading.Thread(target=work)
    thread.start()
    first.wait()
    with deep_recursion():
        pass
    second.set()
    thread.join()
    assert found == [2000]
    assert sys.getrecursionlimit() == before


def test_a_limit_of_the_users_own_is_left_alone():
    before = sys.getrecursionlimit()
    try:
        with deep_recursion():
            sys.setrecursionlimit(before + 500)
        assert sys.getrecursionlimit() == before + 500
    finally:
        sys.setrecursionlimit(before)
