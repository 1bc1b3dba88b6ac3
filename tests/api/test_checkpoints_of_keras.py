"""Keras models and optimizers in checkpoints: all that they hold, also what has no attribute."""

import numpy as np
import pytest

import stepwell as sw
from stepwell import keras

X = np.linspace(0, 1, 8, dtype=np.float32).reshape(4, 2)


class Parts(keras.Model):
    """A model with layers in a list, a dict and a set, and a Variable without an attribute."""

    def __init__(self):
        super().__init__()
        self.first = keras.layers.Dense(2)
        self.more = [keras.layers.Dense(2), keras.layers.Dropout(0.5, seed=3)]
        self.named = {"last": keras.layers.Dense(1)}
        self.in_a_set = {keras.layers.Dense(1)}
        self.add_weight(shape=(3,), initializer="ones", trainable=False)
        self.own = sw.Variable([1.0, 2.0])

    def call(self, x, training=False):
        x = self.more[1](self.more[0](self.first(x)), training=training)
        (other,) = self.in_a_set
        return self.named["last"](x) + other(x)


def trained(seed, make=Parts, epochs=1):
    keras.utils.set_random_seed(seed)
    model = make()
    model.compile(keras.optimizers.Adam(0.1), "mse", run_eagerly=True)
    model.fit(X, X[:, :1], epochs=epochs, verbose=0)
    return model


def values(model):
    return [variable.numpy() for variable in [*model.variables, *model.optimizer.variables]]


def assert_equal(one, other):
    assert len(one) == len(other)
    for a, b in zip(one, other, strict=True):
        assert np.array_equal(a, b)


def test_all_that_a_model_holds_is_restored(tmp_path):
    model = trained(1)
    model.own.assign([5.0, 6.0])
    (hidden,) = (weight for weight in model.non_trainable_variables if weight.shape == (3,))
    hidden.assign([7.0, 8.0, 9.0])
    assert len(model.weights) == 9
    path = sw.train.Checkpoint(model=model).save(tmp_path / "model")
    other = trained(2)
    sw.train.Checkpoint(model=other).restore(path).assert_consumed()
    assert_equal(values(other), values(model))
    assert other.own.numpy().tolist() == [5.0, 6.0]


def test_training_goes_on_as_if_it_had_not_been_interrupted(tmp_path):
    model = trained(1)
    path = sw.train.Checkpoint(model=model).save(tmp_path / "model")
    other = trained(2)
    sw.train.Checkpoint(model=other).restore(path).assert_consumed()
    for each in (model, other):
        each.fit(X, X[:, :1], epochs=2, shuffle=False, verbose=0)  # with dropout from the same seeds
    assert_equal(values(other), values(model))


@pytest.mark.parametrize(
    "make",
    [
        lambda: keras.Sequential([keras.layers.Dense(3), keras.layers.BatchNormalization(), keras.layers.Dense(1)]),
        lambda: keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]),
    ],
)
@pytest.mark.parametrize("optimizer", ["adam", "sgd", "rmsprop", "adafactor"])
def test_models_that_are_built_later_have_the_values_then(tmp_path, make, optimizer):
    def compiled(seed):
        keras.utils.set_random_seed(seed)
        model = make()
        model.compile(optimizer, "mse", run_eagerly=True)
        return model

    model = compiled(1)
    model.fit(X, X[:, :1], verbose=0)
    path = sw.train.Checkpoint(model=model).save(tmp_path / "model")
    late = compiled(2)
    status = sw.train.Checkpoint(model=late).restore(path)
    late.build((None, 2))
    late.optimizer.build(late.trainable_variables)
    status.assert_consumed()
    assert_equal(values(late), values(model))


def test_a_layer_with_a_shared_variable_and_a_module(tmp_path):
    layer = keras.layers.Dense(2)
    layer.build((None, 3))
    module = sw.Module()
    module.layer, module.kernel = layer, layer.kernel
    path = sw.train.Checkpoint(module).save(tmp_path / "m")
    assert [key.split("/.")[0] for key, _ in sw.train.list_variables(path)] == ["kernel", "layer/bias", "save_counter"]
    expected = layer.kernel.numpy()
    layer.kernel.assign(expected * 0)
    sw.train.Checkpoint(module).restore(path).assert_consumed()
    assert np.array_equal(layer.kernel.numpy(), expected)


def test_metrics_and_seeds_by_themselves(tmp_path):
    mean, seeds = keras.metrics.Mean(), keras.random.SeedGenerator(3)
    mean.update_state([1.0, 3.0])
    seeds.next()
    path = sw.train.Checkpoint(mean=mean, seeds=seeds).save(tmp_path / "m")
    expected = np.asarray(seeds.next())
    other = sw.train.Checkpoint(mean=keras.metrics.Mean(), seeds=keras.random.SeedGenerator(4))
    other.restore(path).assert_consumed()
    assert float(other.mean.result()) == 2.0 and np.array_equal(other.seeds.next(), expected)
