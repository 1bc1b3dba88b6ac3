"""Write documentation, a character at a time, after reading that of Python.

A recurrent net reads the docstrings of Python's own types and functions, and learns to predict the next character. Then
a compiled loop writes: each character is drawn from the net's prediction, and is what the net reads next.
"""

from __future__ import annotations

import builtins
import inspect

import numpy as np
from report import Run, main

import stepwell as tf
from stepwell import keras

TYPES = (str, bytes, int, float, list, dict, set, tuple, memoryview, property, type)


def docstrings(characters: int) -> str:
    """The docstrings of Python's types, their methods, and its functions: as many of the characters as asked for."""
    places = [builtins, *TYPES]
    members = [getattr(place, name) for place in places for name in sorted(vars(place)) if not name.startswith("_")]
    texts = dict.fromkeys(text for member in members if callable(member) and (text := inspect.getdoc(member)))
    return "\n\n".join(texts)[:characters]


class Writer(keras.Model):
    """From characters, as indices `[batch, time]`, to scores of the characters that follow."""

    def __init__(self, alphabet, units):
        super().__init__()
        self.embedding = keras.layers.Embedding(alphabet, 24)
        self.gru = keras.layers.GRU(units, return_sequences=True, return_state=True)
        self.scores = keras.layers.Dense(alphabet)

    def call(self, characters, state=None, return_state=False):
        """Scores, and if asked for the state from which to go on."""
        x, state = self.gru(self.embedding(characters), initial_state=state)
        scores = self.scores(x)
        return (scores, state) if return_state else scores


def rows_of(indices, time):
    """The text cut into rows of the same length, and for each row the characters that follow."""
    rows = (len(indices) - 1) // time
    return indices[: rows * time].reshape(rows, time), indices[1 : rows * time + 1].reshape(rows, time)


def make_write(model, units):
    """A compiled function that writes: from the index of a character to the indices of those that follow."""

    @tf.function
    def write(first, length, temperature):
        written = tf.TensorArray(tf.int32, size=length)
        character, state = tf.reshape(first, [1, 1]), tf.zeros([1, units])
        for t in tf.range(length):
            scores, state = model(character, state, return_state=True)
            character = tf.random.stateless_categorical(scores[:, -1] / temperature, 1, [0, t], dtype=tf.int32)
            written = written.write(t, character[0, 0])
        return written.stack()

    return write


def train(
    run: Run, epochs: int = 40, characters: int = 60_000, units: int = 128, time: int = 50, sample: int = 400
) -> None:
    """Train on rows of characters of the text, and write a sample."""
    text = docstrings(characters)
    alphabet = sorted(set(text))
    x, y = rows_of(np.searchsorted(alphabet, list(text)).astype(np.int32), time)
    keras.utils.set_random_seed(1)
    model = Writer(len(alphabet), units)
    model.compile(
        optimizer=keras.optimizers.Adam(0.005, clipnorm=1.0),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    run.phase("recurrent net", epochs)
    logger = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: run.log(**logs))
    model.fit(x, y, batch_size=32, epochs=epochs, shuffle=False, verbose=0, callbacks=[logger])

    write = make_write(model, units)
    written = write(tf.constant(alphabet.index("R"), tf.int32), tf.constant(sample), tf.constant(0.6))
    run.text("R" + "".join(alphabet[index] for index in written.numpy()))


if __name__ == "__main__":
    main(train)
