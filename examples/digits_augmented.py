"""Read handwritten digits with a convolutional net that never sees the same image twice.

Layers at the start of the model move and turn each image by random amounts while it is trained, and do nothing
afterwards. The random numbers are drawn in the compiled step, from a seed that is part of the model's state.
"""

from __future__ import annotations

import numpy as np
from digits import load_digits
from report import Run, main, show_images

from stepwell import keras


def make_augmentation():
    """Layers that change training images a little."""
    return keras.Sequential(
        [
            keras.layers.RandomTranslation(0.1, 0.1, fill_mode="constant", seed=1),
            keras.layers.RandomRotation(0.04, fill_mode="constant", seed=2),
        ],
        name="augmentation",
    )


def make_model():
    """Two convolutions, and a score for each of the ten digits."""
    return keras.Sequential(
        [
            keras.Input([8, 8, 1]),
            make_augmentation(),
            keras.layers.Conv2D(16, 3, padding="same", activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(32, 3, padding="same", activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dropout(0.3, seed=3),
            keras.layers.Dense(10),
        ]
    )


def train(run: Run, epochs: int = 30, images: int = 1797) -> None:
    """Train on four fifths of the images, each time others, and test on the rest as they are."""
    data = load_digits(images)
    keras.utils.set_random_seed(1)
    model = make_model()
    model.compile(
        optimizer=keras.optimizers.Adam(0.003),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    run.phase("convolutional net", epochs)
    model.fit(
        data.train_images[..., np.newaxis],
        data.train_labels,
        validation_data=(data.test_images[..., np.newaxis], data.test_labels),
        epochs=epochs,
        shuffle=False,
        verbose=0,
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: run.log(**logs))],
    )
    originals = data.test_images[:16]
    augmented = np.asarray(model.layers[0](originals[..., np.newaxis], training=True))[..., 0]
    run.panel("images, and the same augmented", lambda axes: show_images(axes, np.vstack([originals, augmented])))


if __name__ == "__main__":
    main(train)
