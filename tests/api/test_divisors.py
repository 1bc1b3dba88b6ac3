"""Integers are not divided by 0, nor raised to negative powers, eagerly and on every engine."""

import numpy as np
import pytest

import stepwell as sw

ENGINES = [None, "native", "interpreter", "onnx"]
FUNCTIONS = {
    "//": (lambda x, y: x // y, ZeroDivisionError),
    "%": (lambda x, y: x % y, ZeroDivisionError),
    "floormod": (lambda x, y: sw.math.floormod(x, y), ZeroDivisionError),
    "**": (lambda x, y: x ** (y - 1), ValueError),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("dtype", [sw.int32, sw.int64])
@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("shape", [[], [None]])
def test_refused_and_computed(name, dtype, engine, shape):
    function, python_class = FUNCTIONS[name]
    run = function
    if engine is not None:
        specs = [sw.TensorSpec(shape, dtype)] * 2
        run = sw.function(function, engine=engine, input_signature=specs)

    def tensor(*values):
        return sw.constant(values if shape else values[0], dtype)

    x, good = tensor(7, 8, 9), tensor(2, 3, 4)
    expected = function(np.array(x), np.array(good))
    assert np.array_equal(run(x, good), expected)
    with pytest.raises(sw.errors.InvalidArgumentError) as caught:
        run(x, tensor(0, 1, 2))
    assert isinstance(caught.value, python_class)


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_only_where_it_is_computed(engine):
    @sw.function(engine=engine)
    def f(n, x):
        if n > 0:
            return x // 0
        return x

    assert int(f(sw.constant(0), sw.constant(3))) == 3
    with pytest.raises(ZeroDivisionError, match="division by zero"):
        f(sw.constant(1), sw.constant(3))


def test_floats_unsigned_exponents_and_empty_tensors_are_not_checked():
    assert np.isposinf(sw.math.floordiv(1.0, 0.0)) and float(sw.pow(2.0, -1.0)) == 0.5
    assert sw.math.floordiv(sw.zeros([0], sw.int32), 0).shape == [0]


def test_known_divisors_need_no_check():
    text = sw.ir(lambda n: n // 3 % 5 + n**2, sw.constant(7))
    assert "debug.assert" not in text
    assert sw.ir(lambda n: n // n, sw.constant(7)).count("debug.assert") == 1
