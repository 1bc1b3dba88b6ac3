"""The text that represents a RaggedTensor for people, as TensorFlow has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...values.tensor import Tensor

if TYPE_CHECKING:
    from .tensor import RaggedTensor


def ragged_repr(ragged: RaggedTensor) -> str:
    """What `repr` and `str` return: the rows, or the parts where these are known only when a function runs.

    In a structure of specs, or of flags, the parts are no tensors.
    """
    parts = (ragged.flat_values, *ragged.nested_row_splits)
    if any(not isinstance(part, Tensor) or part.is_symbolic for part in parts):
        return f"tf.RaggedTensor(values={ragged.values}, row_splits={ragged.row_splits})"
    with np.printoptions(formatter={"all": _element}):
        return f"<tf.RaggedTensor {_element(ragged.numpy())}>"


def _element(value: object) -> str:
    """A part of an array of arrays, which NumPy prints without commas, and without rows that have no values."""
    if isinstance(value, np.ndarray):
        return np.array2string(value, separator=", ") if value.size else repr(value.tolist())
    return str(value)
