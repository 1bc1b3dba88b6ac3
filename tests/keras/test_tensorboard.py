"""Keras's TensorBoard callback writes stepwell's summaries; what it writes with TensorFlow is recorded here."""

import numpy as np
import pytest
from support.events import points_in, summaries_in

import stepwell as sw
from stepwell import keras


class Watched(keras.layers.Layer):
    """Writes how its inputs are distributed."""

    def call(self, x):
        sw.summary.histogram("outputs", x, buckets=2)
        return x


TRAIN = """
0 keras
1 sequential/mine/outputs
1 batch_steps_per_second
1 batch_loss
1 sequential/mine/outputs
2 batch_steps_per_second
2 batch_loss
0 epoch_loss
0 epoch_learning_rate
0 epoch_steps_per_second
0 sequential/d1/kernel/histogram
0 sequential/d1/kernel/image
0 sequential/d1/bias/histogram
0 sequential/d1/bias/image
0 sequential/d2/kernel/histogram
0 sequential/d2/kernel/image
0 sequential/d2/bias/histogram
1 sequential/mine/outputs
3 batch_steps_per_second
3 batch_loss
1 sequential/mine/outputs
4 batch_steps_per_second
4 batch_loss
1 epoch_loss
1 epoch_learning_rate
1 epoch_steps_per_second
1 sequential/d1/kernel/histogram
1 sequential/d1/kernel/image
1 sequential/d1/bias/histogram
1 sequential/d1/bias/image
1 sequential/d2/kernel/histogram
1 sequential/d2/kernel/image
1 sequential/d2/bias/histogram
"""
VALIDATION = """
1 sequential/mine/outputs
2 evaluation_loss_vs_iterations
0 epoch_loss
1 sequential/mine/outputs
4 evaluation_loss_vs_iterations
1 epoch_loss
"""


def lines_of(folder):
    return "\n".join(f"{each.step} {each.tag}" for each in summaries_in(folder))


def test_the_callback_writes_what_it_writes_with_tensorflow(tmp_path):
    layers = [keras.layers.Dense(4, name="d1"), Watched(name="mine"), keras.layers.Dense(1, name="d2")]
    model = keras.Sequential(layers, name="sequential")
    model.compile("sgd", "mse")
    callback = keras.callbacks.TensorBoard(
        tmp_path, update_freq=1, histogram_freq=1, write_images=True, write_steps_per_second=True
    )
    x, y = np.ones((8, 3)), np.ones((8, 1))
    history = model.fit(
        x, y, batch_size=4, epochs=2, verbose=0, validation_data=(x[:4], y[:4]), callbacks=[callback]
    ).history
    assert lines_of(tmp_path / "train") == TRAIN.strip()
    assert lines_of(tmp_path / "validation") == VALIDATION.strip()
    losses = [value for _, tag, value in points_in(tmp_path / "train") if tag == "epoch_loss"]
    np.testing.assert_allclose(losses, history["loss"])
    [first, *_] = summaries_in(tmp_path / "train")
    assert (first.plugin, first.content) == ("graph_keras_model", b"1")
    assert b'"class_name": "Sequential"' in first.array.item()
    kernels = [each for each in summaries_in(tmp_path / "train") if each.tag == "sequential/d1/kernel/histogram"]
    kernel = layers[0].kernel.numpy()
    assert (kernels[-1].array[0, 0], kernels[-1].array[-1, 1]) == (kernel.min(), kernel.max())


def test_iterations_of_the_optimizer_are_steps_of_a_custom_train_step(tmp_path):
    class Model(keras.Model):
        """Writes its loss in each step."""

        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(1)

        def call(self, x):
            return self.dense(x)

        def train_step(self, data):
            x, y = data
            with sw.GradientTape() as tape:
                loss = self.compute_loss(y=y, y_pred=self(x, training=True))
            variables = self.trainable_variables
            self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
            with sw.summary.record_if(self.optimizer.iterations % 2 == 0):
                sw.summary.scalar("loss", loss, step=self.optimizer.iterations)
            return {"loss": loss}

    model = Model()
    model.compile("sgd", "mse", steps_per_execution=2)
    with sw.summary.create_file_writer(tmp_path).as_default():
        model.fit(np.ones((12, 3)), np.ones((12, 1)), batch_size=2, epochs=2, verbose=0)
    assert [(step, tag) for step, tag, _ in points_in(tmp_path)] == [(step, "loss") for step in range(2, 13, 2)]
    model.fit(np.ones((12, 3)), np.ones((12, 1)), batch_size=2, verbose=0)  # the writer of the trace


@pytest.mark.parametrize("frequency", ["epoch", 2])
def test_summaries_of_layers_are_written_as_often_as_the_callback_says(tmp_path, frequency):
    model = keras.Sequential([Watched(name="mine"), keras.layers.Dense(1)], name="sequential")
    model.compile("sgd", "mse")
    callback = keras.callbacks.TensorBoard(tmp_path, update_freq=frequency, write_graph=False)
    model.fit(np.ones((8, 3)), np.ones((8, 1)), batch_size=2, verbose=0, callbacks=[callback])
    tags = [tag for _, tag, _ in points_in(tmp_path / "train")]
    expected = ["epoch_loss", "epoch_learning_rate"]
    assert tags == (expected if frequency == "epoch" else ["batch_loss", "batch_loss", *expected])
