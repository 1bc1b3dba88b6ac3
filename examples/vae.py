"""Draw handwritten digits by a variational autoencoder (Kingma and Welling, 2014).

The encoder says of each image where its code lies, and how surely; the decoder draws an image from a code that is drawn
around there. Codes are pulled towards a standard normal distribution, so that the decoder can draw new digits from
random codes. The training step is written with a tape, and uses Keras's layers and optimizer.
"""

from __future__ import annotations

import numpy as np
from digits import load_digits
from report import Run, main, show_images

import stepwell as tf
from stepwell import keras


class Autoencoder(keras.Model):
    """From images to codes and back."""

    def __init__(self, codes):
        super().__init__()
        self.codes = codes
        self.encoder = keras.Sequential(
            [
                keras.Input([8, 8]),
                keras.layers.Flatten(),
                keras.layers.Dense(128, activation="relu"),
                keras.layers.Dense(2 * codes),
            ]
        )
        self.decoder = keras.Sequential(
            [
                keras.Input([codes]),
                keras.layers.Dense(128, activation="relu"),
                keras.layers.Dense(64),
                keras.layers.Reshape([8, 8]),
            ]
        )

    def call(self, images, noise):
        """Scores of the pixels drawn from noisy codes, and the distance of the codes from the normal distribution."""
        mean, log_variance = tf.split(self.encoder(images), 2, axis=1)
        codes = mean + noise * tf.exp(log_variance / 2)
        divergence = tf.reduce_sum(tf.exp(log_variance) + mean**2 - 1 - log_variance, axis=1) / 2
        return self.decoder(codes), divergence


def bound(model, images, seed):
    """An upper bound of how surprising the images are to the model, on average."""
    noise = tf.random.stateless_normal([tf.shape(images)[0], model.codes], seed)
    scores, divergence = model(images, noise)
    errors = tf.nn.sigmoid_cross_entropy_with_logits(labels=images, logits=scores)
    return tf.reduce_mean(tf.reduce_sum(errors, axis=[1, 2]) + divergence)


def train(run: Run, epochs: int = 60, images: int = 1797, codes: int = 8, batch: int = 64) -> None:
    """Train on four fifths of the images, and draw new ones."""
    data = load_digits(images)
    keras.utils.set_random_seed(1)
    model = Autoencoder(codes)
    optimizer = keras.optimizers.Adam(0.002)

    @tf.function
    def train_step(images, seed):
        with tf.GradientTape() as tape:
            loss = bound(model, images, seed)
        gradients = tape.gradient(loss, model.trainable_weights)
        optimizer.apply_gradients(zip(gradients, model.trainable_weights))
        return loss

    for epoch in run.phase("autoencoder", epochs):
        order = np.random.default_rng(epoch).permutation(len(data.train_images))
        losses = []
        for start in range(0, len(order) - batch + 1, batch):
            chosen = tf.constant(data.train_images[order[start : start + batch]])
            losses.append(train_step(chosen, tf.constant([epoch, start])))
        run.log(loss=np.mean(losses), test_loss=bound(model, tf.constant(data.test_images), [epoch, -1]))
    drawn = tf.sigmoid(model.decoder(tf.random.stateless_normal([40, codes], [0, 0]))).numpy()
    run.panel("digits drawn from random codes", lambda axes: show_images(axes, drawn))


if __name__ == "__main__":
    main(train)
