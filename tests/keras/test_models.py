"""Models of Keras that stepwell runs, trains and exports."""

import numpy as np
import onnxruntime
import pytest

import stepwell as sw
from stepwell import keras

layers = keras.layers


def data(count=24, classes=3):
    generator = np.random.default_rng(0)
    x = generator.normal(size=(count, 4)).astype(np.float32)
    return x, generator.integers(0, classes, size=count)


def classifier(**options):
    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.Input((4,)), layers.Dense(8, activation="relu"), layers.Dense(3)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss, metrics=["accuracy"], **options)
    return model


LOSSES = [1.2664240598678589, 1.1862186193466187, 1.1299890279769897]
"""TensorFlow 2.21 with Keras 3.15, from the same seed."""


def test_initial_numbers_and_losses_are_tensorflows():
    history = classifier().fit(*data(), epochs=3, batch_size=8, shuffle=False, verbose=0)
    np.testing.assert_allclose(history.history["loss"], LOSSES, rtol=1e-5)


@pytest.mark.filterwarnings("ignore:Your input ran out of data")  # Keras says so of the last execution
@pytest.mark.parametrize("options", [{"run_eagerly": True}, {"steps_per_execution": 2}, {"steps_per_execution": 8}])
def test_each_way_to_run_steps_gives_the_same(options):
    model = classifier(**options)
    history = model.fit(*data(20), epochs=2, batch_size=8, shuffle=False, verbose=0)
    expected = classifier()
    other = expected.fit(*data(20), epochs=2, batch_size=8, shuffle=False, verbose=0)
    np.testing.assert_allclose(history.history["loss"], other.history["loss"], rtol=1e-5)
    for one, two in zip(model.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-4, atol=1e-6)


def test_interrupted_training_goes_on_where_it_was(tmp_path):
    class Stops(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                raise KeyboardInterrupt

    model, whole = classifier(), classifier()
    backup = keras.callbacks.BackupAndRestore(tmp_path / "backup")
    given = {"batch_size": 8, "shuffle": False, "verbose": 0}
    with pytest.raises(KeyboardInterrupt):
        model.fit(*data(), epochs=4, callbacks=[backup, Stops()], **given)
    history = model.fit(*data(), epochs=4, callbacks=[backup], **given)
    assert history.epoch == [2, 3]
    assert history.history["loss"] == whole.fit(*data(), epochs=4, **given).history["loss"][2:]


@pytest.mark.filterwarnings("ignore:Your input ran out of data")  # Keras says so at the end of each generator
def test_batches_of_outputs_of_several_sizes_are_filled_with_zeros():
    model = keras.Sequential([layers.Rescaling(2.0)])
    batches = ((np.full((2, n, 1), n, np.float32),) for n in (1, 3, 2))
    found = model.predict(batches, verbose=0)
    assert found.shape == (6, 3, 1)
    assert found[::2, :, 0].tolist() == [[2, 0, 0], [6, 6, 6], [4, 4, 0]]


def test_data_that_do_not_divide_are_traced_once():
    model = classifier()
    model.fit(*data(20), epochs=2, batch_size=8, verbose=0)
    (function,) = model.train_function._single.values()
    assert len(function.explain().events) == 1


def test_a_layer_knows_sizes_of_time_at_run_time_only():
    model = keras.Sequential([keras.Input((None, 2)), layers.LSTM(3, return_sequences=True), layers.Dense(1)])
    model.compile("sgd", "mse")
    for length in (3, 4):
        x = np.ones((2, length, 2), np.float32)
        assert np.isfinite(model.train_on_batch(x, np.zeros((2, length, 1))))
        assert model.predict(x, verbose=0).shape == (2, length, 1)


def test_a_model_in_a_function_under_a_tape():
    model, optimizer = classifier(), keras.optimizers.SGD(0.1)
    optimizer.build(model.trainable_variables)
    x, y = data()

    @sw.function
    def step(x, y):
        with sw.GradientTape() as tape:
            logits = model(x, training=True)
            loss = sw.reduce_mean(sw.nn.sparse_softmax_cross_entropy_with_logits(y, logits))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        return loss

    losses = [float(step(x, y)) for _ in range(5)]
    assert losses == sorted(losses, reverse=True)


def test_modules_find_variables_of_keras():
    class Holder(sw.Module):
        def __init__(self):
            super().__init__()
            self.model = keras.Sequential([keras.Input((4,)), layers.Dense(2), layers.BatchNormalization()])
            self.own = sw.Variable(1.0)
            self.keras_variable = keras.Variable([1.0, 2.0])

    holder = Holder()
    assert len(holder.variables) == 8
    assert {id(v) for v in holder.model.trainable_variables} <= {id(v) for v in holder.trainable_variables}
    assert len(holder.non_trainable_variables) == 2


def test_export(tmp_path):
    first, second = keras.Input((4,), name="first"), keras.Input((4,), name="second")
    model = keras.Model([first, second], layers.Dense(3)(layers.Dropout(0.5)(layers.Concatenate()([first, second]))))
    x, _ = data()
    path = tmp_path / "model.onnx"
    model.export(path, format="onnx", verbose=False)
    session = onnxruntime.InferenceSession(str(path))
    assert [each.name for each in session.get_inputs()] == ["first", "second"]
    (found,) = session.run(None, {"first": x, "second": x})
    np.testing.assert_allclose(found, model.predict([x, x], verbose=0), rtol=1e-5, atol=1e-6)


def test_save_and_load(tmp_path):
    model = classifier()
    x, y = data()
    model.train_on_batch(x, y)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.predict(x, verbose=0), model.predict(x, verbose=0))
