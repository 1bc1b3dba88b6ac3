"""Generated Python programs, as plain Python and compiled: the same results on every path."""

from hypothesis import HealthCheck, given, settings
from support.beside_python import same_results
from support.effort import examples

import stepwell as sw
from stepwell.testing.python_programs import INPUTS, python_program, python_programs

ENGINES = ("interpreter", "native")


@settings(
    max_examples=examples(24), derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
@given(program=python_programs())
def test_compiled_is_python(program):
    with program.loaded() as function:
        for engine in ENGINES:
            compiled = sw.function(function, engine=engine)
            for args in INPUTS:
                same_results(function, compiled, args)


def test_programs_are_those_of_their_seeds():
    assert python_program(7).source == python_program(7).source
    texts = [python_program(seed).source for seed in range(50)]
    assert len(set(texts)) == 50
    for word in (
        "while True",
        "break",
        "continue",
        "return",
        "for ",
        "enumerate",
        "helper0(",
        "sw.range",
        "else:",
        "elif",
    ):
        assert any(word in text for text in texts), word
