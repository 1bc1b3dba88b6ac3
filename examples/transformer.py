"""Sort numbers by a small transformer: attention lets each position of the output look at the whole input.

The model reads a row of numbers, and for each position of the sorted row it predicts which number is there. It sees
each row once: new ones are drawn for every epoch.
"""

from __future__ import annotations

import numpy as np
from report import Run, main

import stepwell as tf
from stepwell import keras

NUMBERS = 16


class PositionalEmbedding(keras.layers.Layer):
    """A vector for each number, plus one for its position in the row."""

    def __init__(self, length, width, **options):
        super().__init__(**options)
        self.numbers = keras.layers.Embedding(NUMBERS, width)
        self.positions = keras.layers.Embedding(length, width)

    def call(self, numbers):
        return self.numbers(numbers) + self.positions(tf.range(numbers.shape[1]))


def block(x, heads):
    """Attention and a perceptron, each added to what it reads (Vaswani and others, 2017)."""
    width = x.shape[-1]
    normal = keras.layers.LayerNormalization()(x)
    x += keras.layers.MultiHeadAttention(heads, width // heads)(normal, normal)
    normal = keras.layers.LayerNormalization()(x)
    hidden = keras.layers.Dense(2 * width, activation="gelu")(normal)
    return x + keras.layers.Dense(width)(hidden)


def make_model(length, width, blocks):
    """From rows of numbers `[batch, length]` to scores of all numbers for each position of the sorted rows."""
    numbers = keras.Input([length], dtype="int32")
    x = PositionalEmbedding(length, width)(numbers)
    for _ in range(blocks):
        x = block(x, heads=4)
    return keras.Model(numbers, keras.layers.Dense(NUMBERS)(keras.layers.LayerNormalization()(x)))


def train(run: Run, epochs: int = 40, rows: int = 2048, length: int = 10, width: int = 32, blocks: int = 2) -> None:
    """Train on new rows in each epoch, and test on others."""
    keras.utils.set_random_seed(1)
    model = make_model(length, width, blocks)
    model.compile(
        optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.003, epochs * rows // 64)),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    random = np.random.default_rng(0)
    test = random.integers(0, NUMBERS, [1024, length], np.int32)
    for _ in run.phase("transformer", epochs):
        numbers = random.integers(0, NUMBERS, [rows, length], np.int32)
        history = model.fit(numbers, np.sort(numbers), batch_size=64, shuffle=False, verbose=0).history
        run.log(loss=history["loss"][0], accuracy=history["accuracy"][0])
    sorted_rows = model.predict(test, verbose=0).argmax(-1)
    run.result(test_accuracy=np.mean(sorted_rows == np.sort(test)))
    run.result(rows_accuracy=np.mean(np.all(sorted_rows == np.sort(test), axis=1)))
    run.text(f"{test[0]} sorted by the transformer is {sorted_rows[0]}")


if __name__ == "__main__":
    main(train)
