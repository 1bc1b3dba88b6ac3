"""Read handwritten digits with a perceptron, in raw style: Variables in a Module, a tape, and an optimizer of your own.

`Perceptron` and `Adam` are modules: they find the Variables in their attributes. `train_step` is one compiled function:
it computes the loss, its gradients, and the new values of all Variables, which are updated in place.
"""

from __future__ import annotations

import numpy as np
from digits import load_digits
from report import Run, main

import stepwell as tf


class Dense(tf.Module):
    """A layer of neurons: `activation(x @ w + b)`."""

    def __init__(self, inputs, outputs, activation, seed):
        super().__init__()
        limit = np.sqrt(6 / (inputs + outputs))  # Glorot and Bengio, 2010
        self.w = tf.Variable(tf.random.stateless_uniform([inputs, outputs], seed, -limit, limit))
        self.b = tf.Variable(tf.zeros([outputs]))
        self.activation = activation

    def __call__(self, x):
        return self.activation(x @ self.w + self.b)


class Perceptron(tf.Module):
    """Two layers: 64 pixels, 128 hidden neurons, a score for each of the ten digits."""

    def __init__(self):
        super().__init__()
        self.hidden = Dense(64, 128, tf.nn.relu, seed=[0, 1])
        self.scores = Dense(128, 10, tf.identity, seed=[0, 2])

    def __call__(self, images):
        return self.scores(self.hidden(tf.reshape(images, [-1, 64])))


class Adam(tf.Module):
    """Gradient descent with a step size for each weight (Kingma and Ba, 2015)."""

    def __init__(self, variables, rate=0.002, beta1=0.9, beta2=0.999):
        super().__init__()
        self.beta1, self.beta2 = beta1, beta2
        self.rate = tf.Variable(rate)  # a Variable can be changed after the step is compiled
        self.steps = tf.Variable(0.0)
        self.means = [tf.Variable(tf.zeros_like(variable)) for variable in variables]
        self.squares = [tf.Variable(tf.zeros_like(variable)) for variable in variables]

    def apply(self, gradients, variables):
        """Move each variable against its gradient."""
        self.steps.assign_add(1.0)
        rate = self.rate * tf.sqrt(1 - self.beta2**self.steps) / (1 - self.beta1**self.steps)
        for gradient, variable, mean, square in zip(gradients, variables, self.means, self.squares):
            mean.assign_add((gradient - mean) * (1 - self.beta1))
            square.assign_add((gradient**2 - square) * (1 - self.beta2))
            variable.assign_sub(rate * mean / (tf.sqrt(square) + 1e-7))


def train(run: Run, epochs: int = 30, images: int = 1797, batch: int = 32) -> None:
    """Train on four fifths of the images, and test on the others after each epoch."""
    data = load_digits(images)
    model = Perceptron()
    optimizer = Adam(model.trainable_variables)

    @tf.function
    def train_step(images, labels):
        with tf.GradientTape() as tape:
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, model(images))
            loss = tf.reduce_mean(losses)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply(gradients, model.trainable_variables)
        return loss

    @tf.function
    def accuracy(images, labels):
        predicted = tf.argmax(model(images), axis=-1, output_type=tf.int32)
        return tf.reduce_mean(tf.cast(predicted == labels, tf.float32))

    for epoch in run.phase("perceptron", epochs):
        order = np.random.default_rng(epoch).permutation(len(data.train_labels))
        losses = []
        for start in range(0, len(order) - batch + 1, batch):
            chosen = order[start : start + batch]
            losses.append(train_step(tf.constant(data.train_images[chosen]), tf.constant(data.train_labels[chosen])))
        tested = accuracy(tf.constant(data.test_images), tf.constant(data.test_labels))
        run.log(loss=np.mean(losses), test_accuracy=tested)


if __name__ == "__main__":
    main(train)
