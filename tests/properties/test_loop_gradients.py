"""Generated programs with loops: their derivatives are those of Python, and those that differences show."""

import pytest
from hypothesis import HealthCheck, given, settings
from support.effort import examples
from support.gradient_checks import check_beside_python, check_differences, check_native
from support.loop_programs import loop_program, loop_programs

from stepwell.dialects.hl.special import SinOp, TanhOp
from stepwell.testing.python_programs import PythonProgram

drawn = settings(derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None)


@settings(drawn, max_examples=examples(16))
@given(program=loop_programs())
def test_derivatives_are_those_of_python(program):
    check_beside_python(program)


@settings(drawn, max_examples=examples(10))
@given(program=loop_programs())
def test_native_code_computes_the_same(program):
    check_native(program)


@settings(drawn, max_examples=examples(12))
@given(program=loop_programs())
def test_derivatives_are_those_that_differences_show(program):
    check_differences(program)


def test_most_programs_have_differences_to_compare():
    assert sum(check_differences(loop_program(seed)) for seed in range(10)) >= 8


def test_a_wrong_derivative_is_found(monkeypatch):
    monkeypatch.setattr(TanhOp, "gradient", SinOp.gradient)
    program = PythonProgram(
        "def program(x, v, n):\n    for _ in sw.range(n):\n        x = sw.tanh(x * v)\n    return x\n"
    )
    assert check_beside_python(program)  # which finds the same in both
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        check_differences(program)


def test_programs_have_all_statements():
    texts = [loop_program(seed).source for seed in range(50)]
    assert len(set(texts)) == 50
    for word in (
        "for ",
        "while ",
        "break",
        "continue",
        "return h * s",
        "else:",
        "p.write",
        "assign",
        "helper(",
        "stack",
    ):
        assert any(word in text for text in texts), word
