"""Datasets of stepwell where Keras takes those of TensorFlow: in `fit`, and in `keras.utils`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from keras.src import tree
from keras.src.trainers.data_adapters import data_adapter_utils
from keras.src.trainers.data_adapters.data_adapter import DataAdapter
from keras.src.trainers.data_adapters.tf_dataset_adapter import TFDatasetAdapter as AdapterOfKeras

import stepwell as sw


def is_tf_dataset(dataset: object) -> bool:
    """Whether it is a dataset, of stepwell or of TensorFlow."""
    return isinstance(dataset, sw.data.Dataset | sw.distribute.DistributedDataset) or any(
        parent.__module__.startswith("tensorflow.python.") and parent.__name__ in _OF_TENSORFLOW
        for parent in type(dataset).__mro__
    )


_OF_TENSORFLOW = ("DatasetV2", "DistributedDataset", "DistributedDatasetsFromFunction")


def TFDatasetAdapter(dataset: Any, class_weight: Any = None, distribution: Any = None) -> DataAdapter:
    """What gives `fit` the batches of a dataset."""
    if isinstance(dataset, sw.distribute.DistributedDataset):
        dataset = dataset.local
    if isinstance(dataset, sw.data.Dataset):
        return DatasetAdapter(dataset, class_weight)
    return AdapterOfKeras(dataset, class_weight=class_weight, distribution=distribution)


class DatasetAdapter(DataAdapter):
    """Gives `fit` the batches of a dataset of stepwell.

    Args:
        dataset: of batches.
        class_weight: the weights of samples, by their class.
    """

    def __init__(self, dataset: sw.data.Dataset, class_weight: dict[int, float] | None = None):
        self._dataset = dataset
        if class_weight is not None:
            self._dataset = dataset.map(_weighting(class_weight)).prefetch(sw.data.AUTOTUNE)

    def get_numpy_iterator(self) -> Iterator[Any]:
        """The batches, of tensors."""
        return iter(self._dataset)

    def get_tf_dataset(self) -> sw.data.Dataset:
        """The dataset."""
        return self._dataset

    def get_jax_iterator(self) -> Iterator[Any]:
        """The batches as arrays."""
        return self._dataset.as_numpy_iterator()

    def get_torch_dataloader(self) -> Any:
        """The batches as PyTorch's loader gives them."""
        return data_adapter_utils.get_torch_dataloader(self._dataset)

    @property
    def num_batches(self) -> int | None:
        """How many batches there are; None where that is not known."""
        count = int(self._dataset.cardinality())
        return None if count < 0 else count

    @property
    def batch_size(self) -> int | None:
        """How many samples a batch has; None where that is not the same for all."""
        return tree.flatten(self._dataset.element_spec)[0].shape[0]

    @property
    def has_partial_batch(self) -> bool | None:
        """Whether the last batch is smaller; None where that is not known."""
        return None

    @property
    def partial_batch_size(self) -> int | None:
        """How many samples the last batch has; None where that is not known."""
        return None


def _weighting(class_weight: dict[int, float]) -> Callable[..., Any]:
    """A function that adds the weights of samples to a batch."""
    table = sw.constant([class_weight.get(label, 1.0) for label in range(max(class_weight) + 1)])

    def weighted(*data: Any) -> Any:
        parts: Any = data_adapter_utils.unpack_x_y_sample_weight(data)
        x, y, sample_weight = parts
        if sample_weight is not None:
            raise ValueError("You cannot `class_weight` and `sample_weight` at the same time.")
        if tree.is_nested(y):
            raise ValueError("`class_weight` is only supported for Models with a single output.")
        return x, y, sw.gather(table, _labels(y))

    return weighted


def _labels(y: sw.Tensor) -> sw.Tensor:
    """The classes of samples: of one-hot rows, of columns of one number, or of numbers."""
    if y.shape.rank is None or y.shape.rank < 2:
        return sw.cast(sw.round(sw.cast(y, sw.float32)), sw.int32)
    if y.shape[-1] == 1:
        return sw.cast(sw.round(sw.cast(sw.squeeze(y, axis=-1), sw.float32)), sw.int32)
    return sw.argmax(y, axis=-1, output_type=sw.int32)
