"""An object that has nothing but `__stepwell_tensor__` is used as the tensor that it returns, wherever tensors are."""

import numpy as np
import pytest

import stepwell as sw


class Celsius:
    """A class of another library."""

    def __init__(self, degrees):
        self.degrees = degrees

    def __stepwell_tensor__(self):
        return sw.constant(self.degrees)


class Named(Celsius):
    """One whose dtype is a name, as some libraries have it."""

    dtype = "float32"
    shape = (3,)


def total(values):
    result = 0.0
    for value in values:
        result += value
    return result


def uses(x):
    """Each use, with what it is of the tensor."""
    t = x.__stepwell_tensor__()
    yield sw.add(x, 1.0), t + 1.0
    yield sw.add(1.0, x), t + 1.0
    yield t * x, t * t
    yield sw.concat([x, x], 0), sw.concat([t, t], 0)
    yield sw.stack([x, t]), sw.stack([t, t])
    yield sw.constant([x, x]), sw.stack([t, t])
    yield sw.matmul(sw.expand_dims(x, 0), sw.expand_dims(x, 1)), sw.reshape(sw.reduce_sum(t * t), [1, 1])
    yield sw.where(t > 1.5, x, 0.0), sw.where(t > 1.5, t, 0.0)
    yield sw.cond(t[0] < 5.0, lambda: x, lambda: t * 2.0), t
    yield sw.while_loop(lambda y: sw.reduce_sum(y) < 40.0, lambda y: [sw.multiply(y, 2.0)], [x])[0], t * 8.0


@pytest.mark.parametrize("kind", [Celsius, Named])
@pytest.mark.parametrize("engine", ["eager", "native", "interpreter", "onnx"])
def test_it_is_the_tensor(kind, engine):
    x = kind([1.0, 2.0, 3.0])

    def run():
        return [(sw.add(got, 0.0), expected) for got, expected in uses(x)]

    pairs = run() if engine == "eager" else sw.function(run, engine=engine, autograph=False)()
    for got, expected in pairs:
        np.testing.assert_array_equal(got.numpy(), expected.numpy())


@pytest.mark.parametrize("kind", [Celsius, Named])
def test_a_loop_iterates_over_it(kind):
    x = kind([1.0, 2.0, 3.0])
    assert float(sw.function(total)(sw.constant([1.0, 2.0]))) == 3.0
    assert float(sw.function(lambda: total(x))()) == 6.0


def test_two_dtypes_are_an_error_as_of_tensors():
    with pytest.raises(TypeError, match="float32"):
        sw.add(Celsius([1.0]), sw.constant([1]))
