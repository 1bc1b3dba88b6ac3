"""Errors are caught by their class: stepwell's own, or the class of Python that one would expect."""

import pytest

import stepwell as sw

PYTHON_CLASSES = {
    "ControlFlowError": (TypeError, ValueError),
    "ControlFlowGradientError": (TypeError,),
    "InvalidArgumentError": (ValueError,),
    "ResourceExhaustedError": (MemoryError,),
    "SymbolicTensorError": (TypeError,),
}


@pytest.mark.parametrize("name", sw.errors.__all__)
def test_every_class_says_what_it_is_for(name):
    found = getattr(sw.errors, name)
    assert issubclass(found, Exception)
    assert found.__doc__
    assert all(issubclass(found, parent) for parent in PYTHON_CLASSES.get(name, ()))


@pytest.mark.parametrize("name", ["InvalidArgumentError", "ResourceExhaustedError"])
def test_what_stops_a_program_is_an_execution_error_with_message_and_remedy(name):
    error = getattr(sw.errors, name)("too large", remedy="make it smaller")
    assert isinstance(error, sw.errors.ExecutionError)
    assert str(error) == "too large; make it smaller"
