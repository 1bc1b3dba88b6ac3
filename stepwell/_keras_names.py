"""TensorFlow's names for modules of Keras that are written in them: those of stepwell.

`data.Dataset` has as its instances datasets of TensorFlow too, where somebody has it: Keras takes both.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import stepwell


class _AnyDataset(type):
    def __instancecheck__(cls, instance: object) -> bool:
        from keras.src.backend.stepwell.datasets import is_tf_dataset  # pyright: ignore[reportMissingImports]

        return is_tf_dataset(instance)

    def __getattr__(cls, name: str) -> Any:
        return getattr(stepwell.data.Dataset, name)


class Dataset(metaclass=_AnyDataset):
    """Datasets of stepwell, and of TensorFlow."""


class _Data(SimpleNamespace):
    def __getattr__(self, name: str) -> Any:
        return getattr(stepwell.data, name)


data = _Data(Dataset=Dataset)

available = True
"""Modules of Keras ask whether TensorFlow is installed."""


def __getattr__(name: str) -> Any:
    return getattr(stepwell, name)
