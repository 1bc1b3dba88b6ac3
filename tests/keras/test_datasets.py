"""Datasets of stepwell where Keras takes those of TensorFlow."""

import numpy as np
import pytest
from PIL import Image
from support.effort import some

import stepwell as sw
from stepwell import keras

RANDOM = np.random.default_rng(0)
X = RANDOM.standard_normal((70, 4)).astype(np.float32)
Y = (X.sum(axis=1) > 0).astype(np.int32)


def model():
    keras.utils.set_random_seed(1)
    found = keras.Sequential([keras.layers.Dense(8, activation="relu"), keras.layers.Dense(2)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    found.compile("adam", loss, metrics=["accuracy"])
    return found


def batches(arrays):
    return sw.data.Dataset.from_tensor_slices(arrays).batch(16)


def test_fit_takes_batches_of_a_dataset():
    one, other = model(), model()
    expected = one.fit(X, Y, batch_size=16, epochs=3, shuffle=False, verbose=0, validation_data=(X, Y))
    data = batches((X, Y)).prefetch(2)
    found = other.fit(data, epochs=3, shuffle=False, verbose=0, validation_data=data)
    for name, values in expected.history.items():
        np.testing.assert_allclose(found.history[name], values, rtol=1e-5, err_msg=name)
    np.testing.assert_allclose(other.evaluate(data, verbose=0), one.evaluate(X, Y, batch_size=16, verbose=0), rtol=1e-5)
    np.testing.assert_allclose(other.predict(data, verbose=0), one.predict(X, verbose=0), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("targets", some([Y, Y[:, None], np.eye(2, dtype=np.float32)[Y]], 1))
def test_class_weights_are_weights_of_samples(targets):
    loss = (
        "categorical_crossentropy" if targets.ndim > 1 and targets.shape[1] == 2 else "sparse_categorical_crossentropy"
    )
    losses = []
    for arguments in ((X, targets), (batches((X, targets)),)):
        found = model()
        found.compile("sgd", loss)
        history = found.fit(
            *arguments,
            shuffle=False,
            batch_size=16 if len(arguments) > 1 else None,
            verbose=0,
            class_weight={0: 1.0, 1: 5.0},
        )
        losses += history.history["loss"]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


def test_a_dataset_that_never_ends_is_taken_in_steps():
    found = model().fit(batches((X, Y)).repeat(), epochs=2, steps_per_epoch=3, shuffle=False, verbose=0)
    assert len(found.history["loss"]) == 2


@pytest.fixture
def pictures(tmp_path):
    for label in ("cat", "dog"):
        (tmp_path / label).mkdir()
        for i in range(5):
            pixels = RANDOM.integers(0, 255, (20 + i, 24, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / label / f"{i}.png")
    return tmp_path


def test_images_of_a_directory(pictures):
    options = {"image_size": (8, 9), "batch_size": 4, "shuffle": False, "verbose": False}
    data = keras.utils.image_dataset_from_directory(str(pictures), label_mode="categorical", **options)
    assert data.class_names == ["cat", "dog"]
    assert data.element_spec == (sw.TensorSpec([None, 8, 9, 3], sw.float32), sw.TensorSpec([None, 2], sw.float32))
    images, labels = map(np.concatenate, zip(*data.as_numpy_iterator(), strict=True))
    assert images.shape == (10, 8, 9, 3) and labels.argmax(axis=1).tolist() == [0] * 5 + [1] * 5
    first = np.asarray(Image.open(pictures / "cat" / "0.png"), np.float32)
    np.testing.assert_allclose(images[0], sw.image.resize(first, (8, 9)).numpy(), atol=1e-3)
    training, validation = keras.utils.image_dataset_from_directory(
        str(pictures), validation_split=0.4, subset="both", seed=1, **options
    )
    assert [sum(len(labels) for _, labels in part) for part in (training, validation)] == [6, 4]


def test_layers_are_functions_of_elements(pictures):
    layers = keras.Sequential([keras.layers.RandomFlip("horizontal"), keras.layers.Rescaling(1 / 255.0)])
    data = keras.utils.image_dataset_from_directory(str(pictures), image_size=(8, 8), batch_size=4, verbose=False)
    found = data.map(lambda images, labels: (layers(images, training=True), labels)).prefetch(2)
    assert all(images.max() <= 1.0 and images.shape[1:] == (8, 8, 3) for images, _ in found.as_numpy_iterator())


def test_texts_of_a_directory(tmp_path):
    for label in "ab":
        (tmp_path / label).mkdir()
        for i in range(2):
            (tmp_path / label / f"{i}.txt").write_text(f"text {label}{i} and more")
    data = keras.utils.text_dataset_from_directory(
        str(tmp_path), batch_size=3, max_length=7, shuffle=False, verbose=False
    )
    texts, labels = map(np.concatenate, zip(*data.as_numpy_iterator(), strict=True))
    assert texts.tolist() == [b"text a0", b"text a1", b"text b0", b"text b1"] and labels.tolist() == [0, 0, 1, 1]


def test_parts_of_a_series():
    data = keras.utils.timeseries_dataset_from_array(
        np.arange(10.0), np.arange(10), sequence_length=3, sampling_rate=2, batch_size=4
    )
    rows, targets = map(np.concatenate, zip(*data.as_numpy_iterator(), strict=True))
    assert rows.tolist() == [[i, i + 2.0, i + 4.0] for i in range(6)] and targets.tolist() == list(range(6))


def test_a_dataset_is_split():
    first, second = keras.utils.split_dataset(sw.data.Dataset.range(10), left_size=0.7)
    assert [*first.as_numpy_iterator(), *second.as_numpy_iterator()] == list(range(10)) and len(second) == 3


def test_layers_adapt_to_a_dataset():
    layer = keras.layers.Normalization()
    layer.adapt(batches(X))
    np.testing.assert_allclose(layer(X).numpy().mean(axis=0), 0, atol=1e-5)
    layer = keras.layers.Discretization(num_bins=4)
    layer.adapt(batches(X[:, :1]))
    counts = np.bincount(layer(X[:, :1]).numpy().ravel(), minlength=4)
    assert counts.min() > 10
