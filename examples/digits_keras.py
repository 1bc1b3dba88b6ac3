"""Read handwritten digits with a perceptron, in Keras style: describe the layers, compile, fit, evaluate.

`keras` is Keras 3 itself, with stepwell as its backend. Each step of `fit` is one compiled call.
"""

from __future__ import annotations

from digits import load_digits
from report import Run, main

from stepwell import keras


def train(run: Run, epochs: int = 30, images: int = 1797) -> None:
    """Train on four fifths of the images, and evaluate on the others."""
    data = load_digits(images)
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            keras.Input([8, 8]),
            keras.layers.Flatten(),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(10),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(0.002),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    run.phase("perceptron", epochs)
    model.fit(
        data.train_images,
        data.train_labels,
        epochs=epochs,
        shuffle=False,  # the images are in a random order, and the same for every backend of Keras
        verbose=0,
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: run.log(**logs))],
    )
    loss, accuracy = model.evaluate(data.test_images, data.test_labels, verbose=0)
    run.result(test_loss=loss, test_accuracy=accuracy)


if __name__ == "__main__":
    main(train)
