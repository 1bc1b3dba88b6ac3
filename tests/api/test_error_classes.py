"""Common refusals are caught as in TensorFlow: `refusals.txt` has the class that TensorFlow 2.21 raises for each."""

from pathlib import Path

import numpy as np
import pytest

import stepwell as sw

TABLE = Path(__file__).with_name("refusals.txt")
REFUSALS = [line.partition(" | ")[::2] for line in TABLE.read_text().splitlines()]

DIFFERENT = {
    'tf.range("a")': "an AssertionError of TensorFlow's own",
    "tf.range(5, 0)": "empty, as Python's range is",
    "range(tf.constant(1.5))": "a TypeError, as Python has it for other floats",
    "[1,2,3][tf.constant(1.0)]": "a TypeError, as Python has it for other floats",
    "f=tf.function(lambda x: [i for i in x], autograph=False);; f(tf.zeros([2]))": "the length is known",
    "f=tf.function(lambda x: tf.debugging.assert_equal(x, 1.));; f(tf.zeros([2]))": "the assertion fails first",
    "tape=tf.GradientTape();; tape.gradient(1, 2)": "the arguments are looked at first",
}
"""Where the class differs, and why."""


def evaluated(text):
    *statements, last = text.split(";;")
    names = {"tf": sw, "np": np}
    for statement in statements:
        exec(statement.strip(), names)
    return eval(last.strip(), names)


@pytest.mark.parametrize(("error", "text"), REFUSALS, ids=[text for _, text in REFUSALS])
def test_refusals(error, text):
    if text in DIFFERENT:
        try:
            evaluated(text)
        except Exception as caught:
            assert error not in [each.__name__ for each in type(caught).__mro__], "take it out of DIFFERENT"
        return
    with pytest.raises(Exception) as caught:
        evaluated(text)
    assert error in [each.__name__ for each in type(caught.value).__mro__], repr(caught.value)


def test_most_refusals_are_the_same():
    assert len(REFUSALS) >= 220 and len(DIFFERENT) <= 10
    assert set(DIFFERENT) <= {text for _, text in REFUSALS}


@pytest.mark.parametrize("other", [[1.0, 2.0, 3.0], np.zeros([2, 4], np.float32), sw.zeros([3])])
def test_shapes_that_do_not_broadcast_are_not_equal(other):
    x = sw.zeros([2])
    assert not bool(x == other) and bool(x != other)
    with pytest.raises(sw.errors.InvalidArgumentError):
        sw.equal(x, other)
