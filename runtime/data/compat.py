"""`compat.v1.data`: what programs for TensorFlow 1 ask of datasets, in eager mode."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import optree

from ...compiler.frontend.tracing.signature import TensorSpec
from ...compiler.frontend.values.tensor import Tensor
from ...dialects.public import public
from .dataset import Dataset
from .iterator import DatasetIterator


def _of_each(source: Any, ask: Callable[[Any], Any]) -> Any:
    """Something of each component of elements, in their structure."""
    return optree.tree_map(ask, source.element_spec)


@public("compat.v1.data")
def get_output_shapes(dataset_or_iterator: Any) -> Any:
    """The shape of each component of elements.

    Example:
        >>> import stepwell as sw
        >>> sw.compat.v1.data.get_output_shapes(sw.data.Dataset.from_tensors({"a": [1, 2]}))
        {'a': TensorShape([2])}
    """
    return _of_each(dataset_or_iterator, lambda spec: spec.shape)


@public("compat.v1.data")
def get_output_types(dataset_or_iterator: Any) -> Any:
    """The dtype of each component of elements.

    Example:
        >>> import stepwell as sw
        >>> sw.compat.v1.data.get_output_types(sw.data.Dataset.from_tensors({"a": [1, 2]}))
        {'a': tf.int32}
    """
    return _of_each(dataset_or_iterator, lambda spec: spec.dtype)


@public("compat.v1.data")
def get_output_classes(dataset_or_iterator: Any) -> Any:
    """The class of each component of elements.

    Example:
        >>> import stepwell as sw
        >>> sw.compat.v1.data.get_output_classes(sw.data.Dataset.range(2)) is sw.Tensor
        True
    """
    return _of_each(dataset_or_iterator, lambda spec: Tensor if isinstance(spec, TensorSpec) else Dataset)


@public("compat.v1.data")
def make_one_shot_iterator(dataset: Dataset) -> DatasetIterator:
    """The iterator of a dataset: `iter`.

    Example:
        >>> import stepwell as sw
        >>> int(sw.compat.v1.data.make_one_shot_iterator(sw.data.Dataset.range(2)).get_next())
        0
    """
    return iter(dataset)
