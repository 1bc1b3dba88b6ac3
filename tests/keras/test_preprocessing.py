"""Keras's layers that preprocess data: results are TensorFlow's, which `tests/support/preprocessing.py` recorded."""

import json
import re
import string

import numpy as np
import pytest
from support.effort import some
from support.preprocessing import PROGRAMS, RECORDED, Libraries, plain

import stepwell as sw
from stepwell import keras

EXPECTED = json.loads(RECORDED.read_text(encoding="utf-8"))


def test_all_programs_are_recorded():
    assert PROGRAMS.keys() == EXPECTED.keys()


@pytest.mark.parametrize("name", some(list(PROGRAMS)))
def test_results_are_those_of_tensorflow(name):
    assert json.loads(json.dumps(plain(PROGRAMS[name](Libraries(sw, keras))))) == EXPECTED[name]


def _reviews(folder):
    """Files of reviews, good and bad ones, of which a word tells which."""
    words = np.random.default_rng(0).choice(["film", "the", "<br />", "plot", "Was", "very", "long!"], [40, 6])
    for number, row in enumerate(words):
        kind, word = (("neg", "awful"), ("pos", "great"))[number % 2]
        (folder / kind).mkdir(exist_ok=True)
        (folder / kind / f"{number}.txt").write_text(" ".join([*row, word]))


def test_texts_are_classified(tmp_path):
    """The tutorial "Basic text classification", on small data."""
    _reviews(tmp_path)
    keras.utils.set_random_seed(0)
    raw = keras.utils.text_dataset_from_directory(tmp_path, batch_size=10, seed=1, verbose=False)

    def standardize(text):
        plain_text = sw.strings.regex_replace(sw.strings.lower(text), "<br />", " ")
        return sw.strings.regex_replace(plain_text, f"[{re.escape(string.punctuation)}]", "")

    vectorize = keras.layers.TextVectorization(50, standardize, output_sequence_length=8)
    vectorize.adapt(raw.map(lambda text, label: text))
    assert {"awful", "great", "film", "long"} < set(
        vectorize.get_vocabulary()
    ) and "br" not in vectorize.get_vocabulary()
    train = raw.map(lambda text, label: (vectorize(sw.expand_dims(text, -1)), label)).cache().prefetch(sw.data.AUTOTUNE)
    layers = [keras.layers.Embedding(50, 8), keras.layers.GlobalAveragePooling1D(), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input((8,), dtype="int64"), *layers])
    model.compile(keras.optimizers.Adam(0.1), keras.losses.BinaryCrossentropy(from_logits=True))
    losses = model.fit(train, epochs=15, shuffle=False, verbose=0).history["loss"]
    assert losses[-1] < 0.2 < losses[0]
    whole = keras.Sequential([keras.Input((1,), dtype="string"), vectorize, model, keras.layers.Activation("sigmoid")])
    texts = sw.constant([["The film was great!"], ["An awful plot"]])
    good, bad = whole.predict(texts, verbose=0)[:, 0]
    assert good > 0.5 > bad
    whole.export(tmp_path / "model", verbose=False)
    served = sw.saved_model.load(tmp_path / "model").serve(texts)
    np.testing.assert_allclose(served[:, 0], [good, bad], rtol=1e-5)


def test_structured_data_are_classified(tmp_path):
    """The tutorial "Classify structured data using Keras preprocessing layers", on small data."""
    keras.utils.set_random_seed(0)
    layers, rng = keras.layers, np.random.default_rng(0)
    kinds, ages = rng.choice(["Cat", "Dog"], 60), rng.choice([1, 2, 5], 60)
    features = {"Type": kinds[:, None], "Age": ages[:, None], "Fee": rng.uniform(0, 9, [60, 1]).astype(np.float32)}
    target = (kinds == "Dog").astype(np.int64)
    dataset = sw.data.Dataset.from_tensor_slices((features, target)).batch(20)
    normalize, lookup = layers.Normalization(axis=None), layers.StringLookup(max_tokens=5)
    index = layers.IntegerLookup()
    for layer, name in ((normalize, "Fee"), (lookup, "Type"), (index, "Age")):
        layer.adapt(dataset.map(lambda x, y, name=name: x[name]))
    fee, kind, age = (
        keras.Input((1,), name=name, dtype=dtype)
        for name, dtype in (("Fee", "float32"), ("Type", "string"), ("Age", "int64"))
    )
    encode_kind, encode_age = layers.CategoryEncoding(lookup.vocabulary_size()), layers.CategoryEncoding(4)
    joined = layers.concatenate([normalize(fee), encode_kind(lookup(kind)), encode_age(index(age))])
    model = keras.Model({"Fee": fee, "Type": kind, "Age": age}, layers.Dense(1)(joined))
    model.compile(keras.optimizers.Adam(0.1), keras.losses.BinaryCrossentropy(from_logits=True), metrics=["accuracy"])
    model.fit(dataset, epochs=10, shuffle=False, verbose=0)
    assert model.evaluate(dataset, verbose=0, return_dict=True)["accuracy"] > 0.95
    model.save(tmp_path / "pets.keras")
    loaded = keras.models.load_model(tmp_path / "pets.keras")
    sample = {"Type": sw.constant([["Cat"]]), "Age": sw.constant([[5]], sw.int64), "Fee": sw.constant([[1.0]])}
    np.testing.assert_array_equal(loaded.predict(sample, verbose=0), model.predict(sample, verbose=0))


def test_arrays_of_strings_are_predicted():
    inputs = keras.Input((1,), dtype="string")
    model = keras.Model(inputs, keras.layers.StringLookup(vocabulary=["a", "b"])(inputs))
    for x in (np.array([["a"], ["z"]]), np.array([["a"], ["z"]], object), sw.constant([["a"], ["z"]])):
        assert model.predict(x, batch_size=1, verbose=0).tolist() == [[1], [0]]
