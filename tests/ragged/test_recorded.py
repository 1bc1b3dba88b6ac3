"""Calls whose answers TensorFlow 2.21 gave: texts of tensors, RaggedTensors, specs and datasets, or errors."""

import json
from pathlib import Path

import pytest
from support.effort import some

import stepwell as sw

RECORDED = json.loads(Path(__file__).with_name("recorded.json").read_text())


ERRORS = ValueError, TypeError, IndexError, NotImplementedError, sw.errors.StepwellError


def _scope():
    scope = {"tf": sw}
    exec(RECORDED["setup"], scope)
    return scope


SCOPE = _scope()


def _printed(value):
    shape = f" {value.shape.as_list()}" if isinstance(value, sw.RaggedTensor) else ""
    return repr(value) + shape


def test_answers_of_tensorflow():
    wrong = []
    for call, answer in some(RECORDED["calls"]):
        try:
            found = _printed(eval(call, SCOPE))
        except Exception as error:
            assert isinstance(error, ERRORS), call
            found = "error"
        if found != answer:
            wrong.append((call, answer, found))
    assert not wrong


def test_an_argument_of_another_program_is_refused():
    with pytest.raises(ValueError, match="with_row_splits_dtype"):
        sw.concat([sw.ragged.constant([[1]], row_splits_dtype=sw.int32), sw.ragged.constant([[1]])], 0)
