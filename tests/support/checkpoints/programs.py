"""Objects that TensorFlow and stepwell save alike: each function takes the module, `tensorflow` or `stepwell`."""

from __future__ import annotations

from typing import Any

import numpy as np

DTYPES = ("float16", "bfloat16", "float32", "float64", "int8", "uint16", "int64", "bool", "complex64", "complex128")


def tree(tf: Any) -> Any:
    """A module with lists, dicts and tuples, a shared Variable, strings, and names that are no identifiers."""

    class Tree(tf.Module):
        def __init__(self) -> None:
            super().__init__()
            self.w = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
            self.same = self.w
            self.layers = [tf.Variable(1), [tf.Variable(2)]]
            self.by_name = {"a": tf.Variable(3.0), "b/c.d": tf.Variable(4.0), "ключ": tf.Variable(5.0)}
            self.pair = (tf.Variable(6.0), 7, {"x": tf.Variable(8.0)})
            self.text = tf.Variable(["one", "", "zwölf"])
            self.empty = tf.Variable(np.zeros((0, 3), np.float32))
            self.generator = tf.random.Generator.from_seed(9)

    return Tree()


def numbers(tf: Any) -> Any:
    """A module with a Variable of each dtype."""
    module = tf.Module()
    for name in DTYPES:
        setattr(module, name, tf.Variable(tf.cast(tf.constant([0, 1, 2, 100]), getattr(tf, name))))
    return module


def sequential(keras: Any) -> Any:
    """A Keras model with an optimizer that has made two steps."""
    keras.utils.set_random_seed(3)
    layers = keras.layers
    model = keras.Sequential([layers.Dense(3), layers.BatchNormalization(), layers.Dropout(0.5), layers.Dense(1)])
    model.compile("adam", "mse", metrics=["mae"], run_eagerly=True)
    x = np.linspace(0, 1, 8, dtype=np.float32).reshape(4, 2)
    model.fit(x, x[:, :1], batch_size=2, epochs=1, verbose=0, shuffle=False)
    return model


def functional(keras: Any) -> Any:
    """A Keras model of attention over a sequence, made of calls."""
    keras.utils.set_random_seed(4)
    layers = keras.layers
    tokens = keras.Input((5,), dtype="int32")
    x = layers.Embedding(7, 4)(tokens)
    x = layers.MultiHeadAttention(2, 2)(x, x) + x
    x = layers.LayerNormalization()(x)
    return keras.Model(tokens, layers.Bidirectional(layers.GRU(3))(x))
