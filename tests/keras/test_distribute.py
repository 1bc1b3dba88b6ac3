"""Keras in the scope of a strategy; numbers of the loop are recorded from TensorFlow 2.21 with Keras 3.15."""

import numpy as np

import stepwell as sw
from stepwell import keras

X = (np.arange(96).reshape(24, 4) % 7 / 7.0).astype(np.float32)
Y = np.arange(24) % 3
ROW = sw.reshape(sw.cast(sw.range(15), sw.float32), [5, 3]) / 20.0
LOSSES = [1.1011972427368164, 1.099032998085022, 1.098608136177063]
TESTED = [1.0983917713165283, 1.098422646522522, 1.0984269380569458]
WEIGHTS = [0.020542806014418602, 0.0887877345085144, 0.06963292509317398]
"""The first row of the last layer's weights after 13 steps."""


def model_of():
    first = keras.layers.Dense(5, activation="relu", kernel_initializer=keras.initializers.Constant(0.1))
    first.bias_initializer = keras.initializers.Constant(0.05)
    last = keras.layers.Dense(3, kernel_initializer=lambda shape, dtype=None: ROW)
    return keras.Sequential([keras.layers.Input((4,)), first, last])


class Training:
    """The loop of a program for several replicas: steps in the replica, compiled around."""

    def __init__(self, strategy):
        self.strategy = strategy
        with strategy.scope():
            self.model, self.optimizer = model_of(), keras.optimizers.Adam(0.01)
            self.losses = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none")
            self.tested = keras.metrics.Mean()

    def train_step(self, batch):
        x, y = batch
        with sw.GradientTape() as tape:
            loss = sw.nn.compute_average_loss(self.losses(y, self.model(x, training=True)))
        weights = self.model.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        return loss

    def test_step(self, batch):
        x, y = batch
        self.tested.update_state(self.losses(y, self.model(x, training=False)))

    @sw.function
    def train(self, batch):
        losses = self.strategy.run(self.train_step, args=(batch,))
        return self.strategy.reduce(sw.distribute.ReduceOp.SUM, losses, axis=None)

    @sw.function
    def test(self, batch):
        self.strategy.run(self.test_step, args=(batch,))

    @sw.function
    def epoch(self, batches):
        total, count = 0.0, 0
        for batch in batches:
            total += self.strategy.reduce("SUM", self.strategy.run(self.train_step, args=(batch,)), axis=None)
            count += 1
        return total / sw.cast(count, sw.float32)


def test_a_loop_of_replicas():
    strategy = sw.distribute.MirroredStrategy()
    training = Training(strategy)
    batches = strategy.experimental_distribute_dataset(sw.data.Dataset.from_tensor_slices((X, Y)).batch(8))
    some = strategy.experimental_distribute_dataset(sw.data.Dataset.from_tensor_slices((X[:12], Y[:12])).batch(8))
    for loss, tested in zip(LOSSES, TESTED, strict=True):
        np.testing.assert_allclose(sum(training.train(batch) for batch in batches) / 3.0, loss, rtol=1e-6)
        for batch in some:
            training.test(batch)
        np.testing.assert_allclose(training.tested.result(), tested, rtol=1e-6)
        training.tested.reset_state()
    np.testing.assert_allclose(training.epoch(batches), 1.0983659029006958, rtol=1e-6)
    eager = strategy.run(training.train_step, args=(next(iter(batches)),))
    np.testing.assert_allclose(eager, 1.0968526601791382, rtol=1e-6)
    np.testing.assert_allclose(training.model.get_weights()[2][0], WEIGHTS, rtol=1e-5)


def test_fit_in_a_scope_is_fit():
    dataset = sw.data.Dataset.from_tensor_slices((X, Y)).batch(8)

    def fitted(strategy, data):
        with strategy.scope():
            model = model_of()
            model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
            history = model.fit(data, epochs=2, verbose=0, shuffle=False).history["loss"]
        return [*history, model.evaluate(data, verbose=0), *model.predict(data, verbose=0).ravel()]

    strategy = sw.distribute.MirroredStrategy()
    plain = fitted(sw.distribute.get_strategy(), dataset)
    assert fitted(strategy, dataset) == plain
    assert fitted(strategy, strategy.experimental_distribute_dataset(dataset)) == plain
