"""Programs with Keras's layers that preprocess data; `python tests/support/preprocessing.py` records results."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

RECORDED = Path(__file__).parents[1] / "keras" / "preprocessing.json"
DOCUMENTS = ["the cat, sat!", "The dog sat", "a  bird"]


@dataclass(frozen=True)
class Libraries:
    """What programs use: TensorFlow or what is in its place, and Keras with it as the backend."""

    tf: Any
    keras: Any

    @property
    def layers(self) -> Any:
        """Keras's layers."""
        return self.keras.layers


Program = Callable[[Libraries], Any]


def plain(value: Any) -> Any:
    """A value as JSON has it: numbers rounded, tensors with their dtype."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if type(value).__name__ == "RaggedTensor":
        return ["ragged", value.dtype.name, plain(value.to_list())]
    if type(value).__name__ == "SparseTensor":
        dense = np.zeros(value.dense_shape.numpy(), value.dtype.as_numpy_dtype)
        dense[tuple(value.indices.numpy().T)] = value.values.numpy()
        return ["sparse", value.dtype.name, plain(dense)]
    if hasattr(value, "numpy"):
        return [value.dtype.name, plain(np.asarray(value.numpy()))]
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, bytes):
        return value.decode()
    return float(f"{value:.5g}") if isinstance(value, float) else value


def _text_vectorization(mode: str, ragged: bool, split: str | None, ngrams: Any) -> Program:
    def program(lib: Libraries) -> Any:
        layer = lib.layers.TextVectorization(output_mode=mode, ragged=ragged, split=split, ngrams=ngrams)
        layer.adapt(DOCUMENTS)
        found = [layer.get_vocabulary(), layer(lib.tf.constant(["the bird sat", "", "cat"]))]
        if split is not None:
            found.append(layer(lib.tf.constant([["the bird sat"], ["x"]])))
        return found if split is None or ragged else [*found, layer(lib.tf.constant("the cat"))]

    return program


def _lookup(kind: str, mode: str, sparse: bool, buckets: int) -> Program:
    def program(lib: Libraries) -> Any:
        constant = lib.tf.constant
        words = {"StringLookup": ["a", "b", "c", "zz", "q"], "IntegerLookup": [1, 2, 3, 40, -5]}[kind]
        options = {"mask_token": 7} if kind == "IntegerLookup" else {}
        layer = getattr(lib.layers, kind)(output_mode=mode, num_oov_indices=buckets, sparse=sparse, **options)
        layer.adapt(constant([words[:2], [words[2], words[0]]]))
        asked = words if buckets else words[:3]
        found = [layer.get_vocabulary(), layer(constant(asked)), layer(constant([[word] for word in asked]))]
        return [*found, layer.vocabulary_size()]

    return program


def _mapped(lib: Libraries) -> Any:
    layer = lib.layers.TextVectorization(max_tokens=5, output_sequence_length=3, pad_to_max_tokens=True)
    dataset = lib.tf.data.Dataset.from_tensor_slices(DOCUMENTS)
    layer.adapt(dataset.batch(2))
    mapped = dataset.batch(3).map(layer)
    return layer.get_vocabulary(), list(mapped), list(dataset.map(layer)), mapped.element_spec.shape.as_list()


def _own_functions(lib: Libraries) -> Any:
    tf, layer = lib.tf, lib.layers.TextVectorization
    bare = layer(standardize=lambda x: tf.strings.regex_replace(tf.strings.lower(x), "[aeiou]", ""), vocabulary=["th"])
    parts = layer(standardize="strip_punctuation", split=lambda x: tf.strings.split(x, "-"), vocabulary=["The"])
    lower = layer(standardize="lower", vocabulary=["the!"])
    return bare(tf.constant(["the cat"])), parts(tf.constant(["The-x"])), lower(tf.constant(["The! x"]))


def _from_a_file(lib: Libraries) -> Any:
    path = Path(tempfile.mkdtemp()) / "words.txt"
    path.write_text("earth\nwind\nand\nfire\n")
    layer = lib.layers.TextVectorization(vocabulary=str(path))
    return layer(lib.tf.constant(["wind and fire and air"])), layer.get_vocabulary()


def _kinds_of_tensors(lib: Libraries) -> Any:
    tf, lookup = lib.tf, lib.layers.StringLookup
    layer = lookup(vocabulary=["a", "b"], mask_token="", oov_token="?")
    inverse = lookup(vocabulary=["a", "b"], invert=True, mask_token="", oov_token="?")
    ids = layer(tf.constant(["", "a", "z"]))
    ragged, sparse = tf.ragged.constant([["a"], ["b", "z"]]), tf.sparse.from_dense([["a", ""], ["", "z"]])
    salted = lookup(vocabulary=["a"], num_oov_indices=4, salt=3)(tf.constant(["q", "r", "s"]))
    others = [layer([["a", "b"]]), layer(np.array(["a"])), layer(tf.constant("b"))]
    return ids, inverse(ids), layer(ragged), layer(sparse), salted, others, layer.get_vocabulary(False)


def _weights(lib: Libraries) -> Any:
    options = {"vocabulary": ["a", "b"], "idf_weights": [0.5, 0.25], "max_tokens": 6, "pad_to_max_tokens": True}
    layer = lib.layers.StringLookup(output_mode="tf_idf", **options)
    adapted = lib.layers.StringLookup(output_mode="tf_idf")
    adapted.adapt(lib.tf.data.Dataset.from_tensor_slices([["a", "b"], ["a", "c"], ["d", "a"]]).batch(2))
    return layer(lib.tf.constant([["a", "z"]])), adapted.get_vocabulary(), adapted(lib.tf.constant([["a", "z"]]))


def _hashing(lib: Libraries) -> Any:
    tf, hashing = lib.tf, lib.layers.Hashing
    words, rows = tf.constant(["a", "b", "c"]), tf.constant([["a", "b"], ["c", "c"]])
    found = [hashing(3)(words), hashing(3, mask_value="b")(words), hashing(3, salt=[133, 137])(words)]
    found += [hashing(3, salt=133)(tf.constant([1, 2])), hashing(4, output_mode="one_hot")(words)]
    found += [hashing(4, output_mode=mode)(rows) for mode in ("multi_hot", "count")]
    found += [hashing(5)(tf.ragged.constant([["a"], ["b", "z"]])), hashing(5)(tf.sparse.from_dense([["a", ""]]))]
    return [*found, hashing(4, output_mode="multi_hot", sparse=True)(rows)]


def _crossing(lib: Libraries) -> Any:
    tf, crossing = lib.tf, lib.layers.HashedCrossing
    numbers, words = tf.constant([1, 0, 3]), tf.constant(["a", "b", "c"])
    columns = tf.constant([[1], [0]]), tf.constant([["a"], ["b"]])
    found = [crossing(5)((numbers, words)), crossing(7)((words, words)), crossing(7)((words[0], words[1]))]
    return [*found, *(crossing(5, output_mode="one_hot", sparse=sparse)(columns) for sparse in (False, True))]


def _discretization(lib: Libraries) -> Any:
    tf, discretization = lib.tf, lib.layers.Discretization
    layer = discretization(num_bins=3, epsilon=0.01)
    layer.adapt(np.array([[-1.5, 1, 3.4, 0.5], [0, 3, 1.3, 0]]))
    rows = tf.constant([[-1.5, 1.0, 3.4, 0.5]])
    modes = [discretization([0.0, 1.0, 2.0], output_mode=mode)(rows) for mode in ("int", "multi_hot", "count")]
    return layer.bin_boundaries, layer(tf.constant([-1.0, 0.5, 3.0])), modes


def _category_encoding(lib: Libraries) -> Any:
    tf, encoding = lib.tf, lib.layers.CategoryEncoding
    rows = tf.constant([[3, 2, 0, 3]])
    found = [encoding(4, mode, sparse=sparse)(rows) for mode in ("multi_hot", "count") for sparse in (False, True)]
    found += [encoding(4, "one_hot", sparse=sparse)(tf.constant([3, 2])) for sparse in (False, True)]
    return [*found, encoding(4, "count")(tf.constant([[0, 1], [0, 0]]), count_weights=tf.constant([[0.5, 1], [2, 4]]))]


def _feature_space(lib: Libraries) -> Any:
    space, data = lib.keras.utils.FeatureSpace, {"f": np.arange(10) * 0.1, "c": ["a", "b"] * 5}
    data |= {"i": np.arange(10) % 3, "h": ["x", "y", "z", "x", "y"] * 2}
    features = {"f": space.float_normalized(), "c": space.string_categorical(), "i": space.integer_categorical()}
    layer = space(features | {"h": space.string_hashed(4)}, crosses=[("c", "i")], crossing_dim=6, output_mode="concat")
    dataset = lib.tf.data.Dataset.from_tensor_slices(data)
    layer.adapt(dataset)
    one, two = ({key: column[part] for key, column in data.items()} for part in (3, slice(2)))
    return layer(one), layer(two), list(dataset.batch(4).map(layer).take(1))


def _saved_features(lib: Libraries) -> Any:
    data = {"f": np.arange(10) * 0.1, "c": ["a", "b"] * 5}
    layer = lib.keras.utils.FeatureSpace({"f": "float_discretized", "c": "string_categorical"}, output_mode="dict")
    layer.adapt(lib.tf.data.Dataset.from_tensor_slices(data))
    path = f"{tempfile.mkdtemp()}/features.keras"
    layer.save(path)
    two = {key: column[:2] for key, column in data.items()}
    return layer(two), lib.keras.models.load_model(path)(two)


def _saved_models(lib: Libraries) -> Any:
    keras, layers, found = lib.keras, lib.layers, []
    adapted = layers.StringLookup(output_mode="tf_idf")
    adapted.adapt(lib.tf.constant([["a", "b"], ["c", "a"]]))
    counting = layers.StringLookup(vocabulary=["a", "b"], output_mode="count")
    for layer in (counting, layers.TextVectorization(vocabulary=["a", "b"], output_sequence_length=3), adapted):
        model = keras.Sequential([keras.Input((1,), dtype="string"), layer])
        path, x = f"{tempfile.mkdtemp()}/model.keras", lib.tf.constant([["a"], ["q"]])
        model.save(path)
        loaded = keras.models.load_model(path)
        found.append((model.predict(x, verbose=0), loaded.predict(x, verbose=0), loaded.layers[-1].get_vocabulary()))
    return found


def _functional(lib: Libraries) -> Any:
    keras, layers = lib.keras, lib.layers
    words, numbers = keras.Input((1,), dtype="string", name="s"), keras.Input((1,), dtype="int64", name="i")
    word = layers.StringLookup(vocabulary=["a", "b"], output_mode="one_hot")(words)
    number = layers.IntegerLookup(vocabulary=[4, 5], output_mode="one_hot")(numbers)
    model = keras.Model({"s": words, "i": numbers}, layers.Concatenate()([word, number]))
    x = {"s": lib.tf.constant([["a"], ["z"]]), "i": lib.tf.constant([[4], [9]], "int64")}
    return model.output_shape, model.predict(x, verbose=0), model(x)


def _programs() -> Iterator[tuple[str, Program]]:
    for mode in ("int", "ragged", "multi_hot", "count", "tf_idf"):
        for split, ngrams in product(("whitespace", "character", None), (None, 2, (1, 2))):
            options = ("int", True) if mode == "ragged" else (mode, False)
            yield f"text {mode} {split} {ngrams}", _text_vectorization(*options, split, ngrams)
    for kind, mode in product(("StringLookup", "IntegerLookup"), ("int", "one_hot", "multi_hot", "count", "tf_idf")):
        for sparse, buckets in product((False, True), (0, 1, 3)):
            if not (sparse and mode in ("int", "tf_idf")):  # with tf_idf TensorFlow fails
                yield f"{kind} {mode} {'sparse' if sparse else 'dense'} {buckets}", _lookup(kind, mode, sparse, buckets)
    for program in (_mapped, _own_functions, _from_a_file, _kinds_of_tensors, _weights, _hashing, _crossing):
        yield program.__name__[1:], program
    for program in (_discretization, _category_encoding, _feature_space, _saved_features, _saved_models, _functional):
        yield program.__name__[1:], program


PROGRAMS = dict(_programs())
"""What is run, by name."""


def main() -> None:
    """Record what TensorFlow returns."""
    import keras  # pyright: ignore[reportMissingImports]
    import tensorflow as tf  # pyright: ignore[reportMissingImports]

    found = {name: plain(program(Libraries(tf, keras))) for name, program in PROGRAMS.items()}
    lines = (f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in found.items())
    RECORDED.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
