"""Transfer learning: a trunk and a head learn to read digits; a second head learns something else on the same trunk.

First the trunk and head 1 are trained together. Then the trunk is frozen, and head 2 alone learns whether a digit has a
hole, as 0, 6, 8 and 9 have: the trunk's weights stay the same, to the bit. At the end the trunk is saved by itself.
"""

from __future__ import annotations

import numpy as np
from digits import Digits, load_digits
from report import Run, main

from stepwell import keras

HOLES = np.array([1, 0, 0, 0, 0, 0, 1, 0, 1, 1], np.float32)
"""Which digits have a hole."""


def make_trunk():
    """From images to 32 features."""
    return keras.Sequential(
        [
            keras.Input([8, 8, 1]),
            keras.layers.Conv2D(16, 3, activation="relu"),
            keras.layers.Conv2D(32, 3, strides=2, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(32, activation="relu"),
        ],
        name="trunk",
    )


def bytes_of(model) -> np.ndarray:
    """All bytes of a model's weights, in a row."""
    return np.frombuffer(b"".join(np.asarray(weight).tobytes() for weight in model.weights), np.uint8)


def fit(run: Run, path: str, model, loss, accuracy, data: Digits, of_digit, epochs: int) -> None:
    """Train a model on a label of each digit, and evaluate it."""
    model.compile(optimizer=keras.optimizers.Adam(0.003), loss=loss, metrics=[accuracy])
    model.fit(
        data.train_images[..., np.newaxis],
        of_digit[data.train_labels],
        epochs=epochs,
        shuffle=False,
        verbose=0,
        callbacks=[logger(run, path)],
    )
    _, tested = model.evaluate(data.test_images[..., np.newaxis], of_digit[data.test_labels], verbose=0)
    run.result(**{f"{path}_test_accuracy": tested})


def train(run: Run, epochs: int = 20, images: int = 1797) -> None:
    """Train path 1, which is trunk and head 1, then head 2; save the trunk."""
    data = load_digits(images)
    keras.utils.set_random_seed(1)
    trunk = make_trunk()
    image = keras.Input([8, 8, 1])
    digit_path = keras.Model(image, keras.layers.Dense(10, name="digit")(trunk(image)))
    hole_path = keras.Model(image, keras.layers.Dense(1, name="hole")(trunk(image)))

    run.phase("trunk and head 1", epochs)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    fit(run, "digit", digit_path, loss, "accuracy", data, np.arange(10), epochs)

    trunk.trainable = False
    before = bytes_of(trunk)
    run.phase("head 2", epochs)
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    accuracy = keras.metrics.BinaryAccuracy(name="accuracy", threshold=0.0)
    fit(run, "hole", hole_path, loss, accuracy, data, HOLES, epochs)
    run.result(trunk_bytes=len(before), changed_trunk_bytes=np.sum(bytes_of(trunk) != before))

    trunk.save(run.folder / "trunk.keras")
    loaded = keras.models.load_model(run.folder / "trunk.keras")
    run.result(changed_bytes_after_loading=np.sum(bytes_of(loaded) != before))


def logger(run: Run, path: str):
    """A callback that logs each epoch's numbers under the name of a path."""

    def log(epoch, logs):
        run.log(**{f"{path}_{name}": number for name, number in logs.items()})

    return keras.callbacks.LambdaCallback(on_epoch_end=log)


if __name__ == "__main__":
    main(train)
