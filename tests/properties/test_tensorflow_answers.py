"""Calls that TensorFlow was given, made again: a recorded sample of `make compare-tf`."""

import json
from collections import defaultdict

import numpy as np
import pytest
from support.compare_tf.__main__ import RECORDED
from support.compare_tf.calls import Call, recipes
from support.compare_tf.compare import answer, difference, scale_of
from support.compare_tf.messages import decoded

ANSWERS = defaultdict(list)
for line in RECORDED.read_text().splitlines():
    name, args, options, theirs = decoded(json.loads(line))
    ANSWERS[name].append((Call(name, args, options), theirs))


def test_every_function_has_answers():
    assert set(ANSWERS) == {name for name, _ in recipes()}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_function_answers_as_tensorflow_does(name):
    found = {str(call): difference(answer(call), theirs, scale_of(call)) for call, theirs in ANSWERS[name]}
    assert not {call: text for call, text in found.items() if text}


@pytest.mark.parametrize(
    ("ours", "theirs", "found"),
    [
        ([1.0, 2.0], [1.0, 2.5], "values"),
        ([1.0, 2.0], [[1.0, 2.0]], "shape"),
        ([1, 2], [1.0, 2.0], "dtype"),
        ([1.0, 1e-3], [1.0, float("nan")], "values"),
    ],
)
def test_what_differs_is_seen(ours, theirs, found):
    mine, wanted, error = {"value": np.array(ours)}, {"value": np.array(theirs)}, {"error": ["ValueError"], "text": ""}
    assert difference(mine, wanted).startswith(found)
    assert difference(error, wanted).startswith("raises ValueError")
    assert difference(mine, error).startswith("returns a value; TensorFlow raises ValueError")
    assert difference(error, {"error": ["KeyError"], "text": ""}).startswith("raises ValueError, not KeyError")
