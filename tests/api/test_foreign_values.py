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


class Weight:
    """One that represents a Variable, as the weights of some libraries do."""

    def __init__(self, value):
        self.variable = sw.Variable(value)

    def __stepwell_tensor__(self):
        return self.variable


@pytest.mark.parametrize("kind", [Celsius, Weight])
def test_sizes_and_indices(kind):
    two, x = kind(2), sw.constant([1, 2, 3])
    assert sw.zeros([two]).shape == sw.eye(two).shape[:1] == sw.fill([two], 0).shape == (2,)
    assert sw.reshape(sw.range(two), [two, 1]).shape == (2, 1)
    assert x[two].numpy() == 3 and x[:two].numpy().tolist() == [1, 2]
    assert sw.tile(x, [two]).shape == (6,) and sw.pad(x, [[two, two]]).shape == (7,)
    assert sw.one_hot(x, two).shape == (3, 2) and sw.random.uniform([two]).shape == (2,)
    assert sw.roll(x, two, 0).numpy().tolist() == [2, 3, 1]


@pytest.mark.parametrize("compiled", [lambda f: f, sw.function])
def test_there_are_gradients_with_respect_to_what_represents_a_variable(compiled):
    w = Weight([1.0, 2.0])
    f = compiled(lambda x: sw.reduce_sum(sw.multiply(w, x) * w))
    with sw.GradientTape(persistent=True) as tape:
        y = f(sw.constant([3.0, 4.0]))
    assert tape.gradient(y, {"w": w})["w"].numpy().tolist() == [6.0, 16.0]
    assert tape.jacobian(y, [w])[0].numpy().tolist() == [6.0, 16.0]
    with sw.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(w)
        y = sw.multiply(w, 2.0)
    assert tape.gradient(y, w).numpy().tolist() == [2.0, 2.0]
    own = sw.custom_gradient(lambda x: (sw.multiply(x, 2.0), lambda dy: dy * 7.0))
    with sw.GradientTape() as tape:
        y = own(w)
    assert tape.gradient(y, w).numpy().tolist() == [7.0, 7.0]


def test_no_gradient_is_none_for_lack_of_identity():
    x = Celsius([1.0, 2.0])
    with sw.GradientTape() as tape:
        y = sw.multiply(x, 2.0)
    with pytest.raises(TypeError, match=r"the tensor that Celsius.__stepwell_tensor__\(\) returns is not one"):
        tape.gradient(y, x)


def test_shapes_are_inferred_without_compiling(monkeypatch):
    f = sw.function(lambda x, n: {"y": sw.matmul(x, sw.zeros([n, 5])), "n": n})
    concrete = f.get_concrete_function(sw.TensorSpec([None, 3]), 3)
    monkeypatch.setattr("stepwell.runtime.functions.concrete.compile_for", None)
    found = concrete.structured_outputs
    assert found["y"].shape == (None, 5) and found["y"].dtype == sw.float32
    assert concrete.output_shapes["y"] == (None, 5)
