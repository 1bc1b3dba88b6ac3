"""What layers of Keras that preprocess data need of this backend: strings in batches, and the tables of layers."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from keras.src import tree
from keras.src.trainers.data_adapters import array_slicing
from keras.src.utils import tf_utils

import stepwell as sw
from stepwell._keras_names import in_tf_graph as in_tf_graph


def convert_tf_tensor(outputs: Any, dtype: Any = None) -> Any:
    """What a layer returns: as with TensorFlow as the backend, the tensors that it has."""
    del dtype
    return outputs


def ensure_tensor(inputs: Any, dtype: Any = None) -> Any:
    """What a layer is given, as a tensor: as Keras's own function, and also ragged and sparse tensors of TensorFlow."""
    of_keras: Any = tf_utils
    return of_keras.ensure_tensor_of_keras(inputs if in_tf_graph() else _of_tensorflow(inputs), dtype)


def _of_tensorflow(x: Any) -> Any:
    """A tensor of TensorFlow as an array, or as a ragged or sparse tensor of stepwell; other values as they are."""
    if not type(x).__module__.startswith("tensorflow."):
        return x
    tf: Any = sys.modules["tensorflow"]
    if isinstance(x, tf.RaggedTensor):
        splits = [each.numpy() for each in x.nested_row_splits]
        return sw.RaggedTensor.from_nested_row_splits(x.flat_values.numpy(), splits, validate=False)
    if isinstance(x, tf.SparseTensor):
        return sw.sparse.SparseTensor(*(each.numpy() for each in (x.indices, x.values, x.dense_shape)))
    return x.numpy() if isinstance(x, tf.Tensor) else x


class _Strings(array_slicing.Sliceable):
    """A tensor of strings, of which batches are taken."""

    def __getitem__(self, indices: Any) -> Any:
        return self.array[indices] if isinstance(indices, slice) else sw.gather(self.array, indices, axis=0)


def convert_to_sliceable(arrays: Any, target_backend: str | None = None) -> Any:
    """What Keras takes batches of: as its own function, and also tensors and arrays of strings."""
    of_keras: Any = array_slicing

    def converted(x: Any) -> Any:
        if not _has_strings(x):
            return of_keras.convert_to_sliceable_of_keras(x, target_backend)
        tensor = sw.convert_to_tensor(x, sw.string)
        return tensor if target_backend == "tensorflow" else _Strings(tensor)

    return tree.map_structure(converted, arrays)


def _has_strings(x: Any) -> bool:
    if isinstance(x, np.ndarray):
        of_objects = x.dtype == object and all(isinstance(each, str | bytes) for each in x.reshape(-1))
        return np.issubdtype(x.dtype, np.character) or of_objects
    return isinstance(x, sw.Tensor) and x.dtype == sw.string


def tables_of(layers: Any) -> list[Any]:
    """The lookup tables that layers have, and those below them."""
    parts = [part for layer in layers for part in layer._flatten_layers()]
    found = [value for part in parts for value in vars(part).values()]
    return [value for value in found if isinstance(value, sw.lookup.StaticHashTable)]
