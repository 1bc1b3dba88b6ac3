"""Training that goes on where another process was ended: `python -m tour.train FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

import stepwell as sw
from stepwell import keras
from tour.model import EPOCHS, Perceptron, images_and_labels


def main(folder: Path) -> None:
    """Train, with a checkpoint and summaries after each epoch."""
    images, labels, test_images, test_labels = images_and_labels()
    model, optimizer, epoch = Perceptron(), keras.optimizers.Adam(0.003), sw.Variable(0)
    data = sw.data.Dataset.from_tensor_slices((images, labels)).shuffle(1500, seed=1).batch(32).prefetch(2)
    test = sw.data.Dataset.from_tensor_slices((test_images, test_labels)).batch(100)
    loss_of, accuracy = keras.losses.SparseCategoricalCrossentropy(from_logits=True), keras.metrics.Mean()
    mean_loss = keras.metrics.Mean()
    optimizer.build(model.trainable_variables)

    @sw.function
    def train(data):
        for images, labels in data:
            with sw.GradientTape() as tape:
                loss = loss_of(labels, model.scores(images)["scores"])
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
            mean_loss.update_state(loss)

    @sw.function
    def evaluate(data):
        for images, labels in data:
            found = sw.argmax(model.scores(images)["scores"], axis=1, output_type=sw.int32)
            accuracy.update_state(sw.cast(found == labels, sw.float32))

    checkpoint = sw.train.Checkpoint(model=model, optimizer=optimizer, epoch=epoch)
    manager = sw.train.CheckpointManager(checkpoint, str(folder / "checkpoints"), max_to_keep=2)
    manager.restore_or_initialize()
    with sw.summary.create_file_writer(str(folder / "logs")).as_default():
        while int(epoch) < EPOCHS:
            mean_loss.reset_state()
            accuracy.reset_state()
            train(data)
            evaluate(test)
            epoch.assign_add(1)
            sw.summary.scalar("loss", mean_loss.result(), step=epoch)
            sw.summary.scalar("accuracy", accuracy.result(), step=epoch)
            manager.save()
            text = f"loss {float(mean_loss.result()):.4f}, accuracy {float(accuracy.result()):.4f}"
            print(f"epoch {int(epoch)}: {text}", flush=True)


main(Path(sys.argv[1]))
