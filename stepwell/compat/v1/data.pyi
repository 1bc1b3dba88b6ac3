# Written by `python -m stepwell.tools.public_api --write`.

from typing import Any
from stepwell.data import Dataset, Dataset as Dataset
from stepwell.types import DatasetIterator

def get_output_classes(dataset_or_iterator: Any) -> Any:
    """The class of each component of elements."""

def get_output_shapes(dataset_or_iterator: Any) -> Any:
    """The shape of each component of elements."""

def get_output_types(dataset_or_iterator: Any) -> Any:
    """The dtype of each component of elements."""

def make_one_shot_iterator(dataset: Dataset) -> DatasetIterator:
    """The iterator of a dataset: `iter`."""
