"""TensorFlow's names for modules of Keras that are written in them: those of stepwell.

In a function that TensorFlow itself traces, as its datasets do with what they map, the names are its own: tensors there
are symbols of its graph.

`data.Dataset`, `RaggedTensor` and `SparseTensor` have as their instances those of TensorFlow too, where somebody has
it: Keras takes both.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import stepwell


def in_tf_graph() -> bool:
    """Whether a function of TensorFlow itself is being traced, such as one of its datasets calls."""
    tensorflow: Any = sys.modules.get("tensorflow")
    return getattr(tensorflow, "__name__", "") == "tensorflow" and not tensorflow.executing_eagerly()


class _AnyDataset(type):
    def __instancecheck__(cls, instance: object) -> bool:
        from keras.src.backend.stepwell.datasets import is_tf_dataset  # pyright: ignore[reportMissingImports]

        return is_tf_dataset(instance)

    def __getattr__(cls, name: str) -> Any:
        return getattr(stepwell.data.Dataset, name)


class Dataset(metaclass=_AnyDataset):
    """Datasets of stepwell, and of TensorFlow."""


class _Either(type):
    """A class of stepwell, the instances of which are also those of the class of TensorFlow that has its name."""

    of_stepwell: type

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, (cls.of_stepwell, getattr(sys.modules.get("tensorflow"), cls.__name__, ())))

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        return cls.of_stepwell(*args, **kwargs)

    def __getattr__(cls, name: str) -> Any:
        return getattr(cls.of_stepwell, name)


class RaggedTensor(metaclass=_Either):
    """Ragged tensors."""

    of_stepwell = stepwell.RaggedTensor


class SparseTensor(metaclass=_Either):
    """Sparse tensors."""

    of_stepwell = stepwell.sparse.SparseTensor


class StaticHashTable(stepwell.lookup.StaticHashTable):
    """A table of a layer, which the graphs of TensorFlow look up in a copy of their own."""

    _copy: Any = None

    def lookup(self, keys: Any, name: str | None = None) -> Any:
        """The values of keys: a tensor of stepwell, or of TensorFlow where that traces."""
        return self._copied().lookup(keys) if in_tf_graph() else super().lookup(keys, name)

    def _copied(self) -> Any:
        if self._copy is None:
            tf: Any = sys.modules["tensorflow"]
            keys, values = (each.numpy() for each in self.export())
            with tf.init_scope():
                entries = tf.lookup.KeyValueTensorInitializer(keys, values, self.key_dtype.name, self.value_dtype.name)
                self._copy = tf.lookup.StaticHashTable(entries, self.default_value.numpy())
        return self._copy


class _Names(SimpleNamespace):
    """A module of stepwell, some names of which are others."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.module, name)


_OWN = {
    "data": _Names(module=stepwell.data, Dataset=Dataset),
    "lookup": _Names(module=stepwell.lookup, StaticHashTable=StaticHashTable),
    "RaggedTensor": RaggedTensor,
    "SparseTensor": SparseTensor,
}

available = True
"""Modules of Keras ask whether TensorFlow is installed."""


def __getattr__(name: str) -> Any:
    traced = in_tf_graph()
    if name == "keras_backend":
        return import_module(f"keras.src.backend.{'tensorflow' if traced else 'stepwell'}")
    if traced:
        return getattr(sys.modules["tensorflow"], name)
    return _OWN[name] if name in _OWN else getattr(stepwell, name)
