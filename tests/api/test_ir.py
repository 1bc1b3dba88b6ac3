"""`sw.ir`: the text of functions of all kinds, at every level, with and without the user's lines."""

import inspect

import numpy as np
import pytest

import stepwell as sw
from stepwell.compiler.interchange.mlir.text import parse_module
from stepwell.dialects.levels import LEVELS


@sw.function
def count_down(n, step=1):
    total = 0
    while n > 0:
        n -= step
        total += n
    return total


def places(text):
    return {(place.filename.data, place.line.data) for place in (op.location for op in parse_module(text, "t").walk())}


@pytest.mark.parametrize("level", LEVELS)
def test_each_op_at_each_level_shows_the_users_line(level):
    text = sw.ir(count_down, sw.constant(3), level=level, locations=True)
    assert next(LEVELS[level].illegal_ops(parse_module(text, "t")), None) is None
    lines, first = inspect.getsourcelines(count_down.python_function)
    found = {line for file, line in places(text) if file == __file__}
    assert {file for file, _ in places(text)} == {__file__}
    assert set(range(first + 3, first + 6)) <= found | {first + 3}
    assert " loc(" not in sw.ir(count_down, sw.constant(3), level=level)
    assert len(lines) == 7


def test_assembly_is_of_the_function():
    text = sw.ir(count_down, sw.constant(3), level="asm")
    assert "count_down" in text and ".text" in text


def test_specs_values_and_keywords_choose_the_trace():
    assert "tensor<?x3xf32>" in sw.ir(lambda x: x + 1.0, sw.TensorSpec([None, 3]))
    assert "%n: tensor<i64>" in sw.ir(count_down, sw.TensorSpec([], np.int64))
    assert "dense<5>" in sw.ir(count_down, n=sw.constant(3), step=5)
    assert "dense<5>" not in sw.ir(count_down, sw.constant(3))


def test_concrete_functions_methods_and_plain_functions_have_text():
    concrete = count_down.get_concrete_function(sw.constant(3))
    assert sw.ir(concrete) == sw.ir(count_down, sw.constant(3))

    class Doubler(sw.Module):
        @sw.function
        def call(self, x):
            return x + x

    doubler = Doubler()
    assert "hl.add %x, %x" in sw.ir(doubler.call, sw.constant(1.0))
    assert "hl.add %x, %x" in sw.ir(lambda x: x + x, np.ones(2, np.float32))


def test_looking_does_not_compile_or_change_the_function():
    concrete = count_down.get_concrete_function(sw.TensorSpec([], np.int32))
    before = str(concrete.module)
    for level in LEVELS:
        sw.ir(concrete, level=level)
    assert str(concrete.module) == before
    assert "executable" not in vars(concrete)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((count_down, 1, "low"), ValueError, "ir: level: expected one of hl, linalg, loops, cfg, llvm, asm, got 'low'"),
        ((3, 1, "hl"), TypeError, "ir: function: expected a function, got int"),
        ((sw.Module, 1, "hl"), TypeError, "ir: function: expected a function, got type"),
    ],
)
def test_what_is_wrong_is_named(arguments, error, message):
    function, value, level = arguments
    with pytest.raises(error) as caught:
        sw.ir(function, value, level=level)
    assert str(caught.value) == message
