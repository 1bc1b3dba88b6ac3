"""Arguments of the wrong kind: every public function refuses them by an error for its user, not by one from inside."""

import inspect

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.effort import examples

import stepwell as sw

X = sw.constant(np.arange(6, dtype=np.float32).reshape(2, 3))
RIGHT = {
    "axis": 0,
    "shape": [2, 3],
    "dims": [2, 3],
    "perm": [1, 0],
    "dtype": np.float32,
    "indices": [0, 1],
    "depth": 3,
    "multiples": [1, 2],
    "paddings": [[0, 0], [1, 1]],
    "repeats": 2,
    "begin": [0, 0],
    "size": [1, 2],
    "padding": "SAME",
    "values": [X, X],
    "num_or_size_splits": [1, 1],
    "segment_ids": [0, 1],
    "rate": 0.5,
}
WRONG = [
    *(None, "abc", 2.5, -3, 2**70, True, b"x", float("nan"), object, object(), 1j, ..., X),
    *([], {}, {1, 2}, [1, "a"], [[1, -1], [0, 0]], [[1, 2], [3]], (None,), slice(1)),
    *(np.array(["a"]), np.arange(3, dtype=">f4"), np.zeros((2, 0)), np.array([None])),
]
INSIDE = (AttributeError, KeyError, RecursionError, OverflowError, ZeroDivisionError, NotImplementedError)
NAMESPACES = {"": sw, "math": sw.math, "nn": sw.nn, "linalg": sw.linalg, "bitwise": sw.bitwise, "random": sw.random}
TAKES_FUNCTIONS = {"cond", "case", "switch_case", "while_loop", "ir", "function"}


def _functions():
    for prefix, namespace in NAMESPACES.items():
        for name in dir(namespace):
            function = getattr(namespace, name)
            if inspect.isfunction(function) and not name.startswith("_") and name not in TAKES_FUNCTIONS:
                yield f"{prefix}.{name}".lstrip("."), function


FUNCTIONS = dict(_functions())


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_wrong_arguments_are_refused_by_errors_for_users(name):
    function = FUNCTIONS[name]
    parameters = [p for p in inspect.signature(function).parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    right = {p.name: RIGHT.get(p.name, X) if p.default is p.empty else p.default for p in parameters}
    if not right:
        return

    @settings(max_examples=examples(20), deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.sampled_from(sorted(right)), st.sampled_from(WRONG))
    def check(argument, value):
        try:
            function(**{**right, argument: value})
        except sw.errors.OpError as error:  # such as UnimplementedError, for a cast that TensorFlow does not have
            assert str(error)
        except INSIDE as error:
            raise AssertionError(f"{name}: {argument}={value!r}: {type(error).__name__}: {error}") from error
        except Exception as error:
            assert not type(error).__module__.startswith("numpy"), (argument, value, error)

    check()


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: sw.Assert(True, [], message=2.0), "Assert: message: expected a text, got 2.0"),
        (lambda: sw.Assert([True, False]), r"Assert: condition: expected one boolean, got \[True, False\]"),
        (lambda: sw.nn.bias_add(X, [1.0, 2.0, 3.0], 2.0), "bias_add: data_format: expected a name .*, got 2.0"),
        (lambda: sw.nn.dropout(X, [0, 1]), r"dropout: rate: expected one number, got \[0, 1\]"),
        (lambda: sw.nn.dropout(X, 0.5, seed=[1]), r"dropout: seed: expected an int, got \[1\]"),
        (lambda: sw.ones([1, 2], []), r"ones: dtype: expected a dtype of .*, got \[\]"),
        (lambda: sw.constant(1.5, shape=[[1, -1], [0, 0]]), r"constant: shape: expected an integer, got \[1, -1\]"),
        (lambda: sw.constant(1.5, shape=[-1]), r"constant: shape: expected known sizes of 0 or more, got \[-1\]"),
        (lambda: sw.pad(X, None), "pad: paddings: expected a pair for each axis, got None"),
        (lambda: sw.pad(X, [[0, 0]] * 2, mode=3), "pad: mode: expected CONSTANT, REFLECT or SYMMETRIC, got 3"),
        (lambda: sw.transpose(X, 2.5), "transpose: perm: expected the axes in their new order, got 2.5"),
        (lambda: sw.reduce_sum(X, keepdims=np.zeros(3)), "reduce_sum: keepdims: expected True or False, got array"),
        (lambda: bool(X), r"its use as a Python bool needs a tensor of one element, got one of shape \(2, 3\)"),
        (lambda: float(X), r"float\(\) needs a tensor of one element, got one of shape \(2, 3\)"),
    ],
)
def test_the_function_and_the_argument_are_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
