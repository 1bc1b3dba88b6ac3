"""What features are parsed to: their shapes and dtypes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ....dialects.dtypes import DTypeLike
from ....dialects.public import public


@public("io")
@dataclass(frozen=True)
class FixedLenFeature:
    """A feature with as many values in every example, which become a dense tensor.

    Attributes:
        shape: the shape of the values of one example; all sizes are known.
        dtype: float32, int64 or string.
        default_value: the values of an example that does not have the feature, which else is an error.

    Example:
        >>> import stepwell as sw
        >>> sw.io.FixedLenFeature([], sw.int64, default_value=-1).default_value
        -1
    """

    shape: Any
    dtype: DTypeLike
    default_value: Any = None


@public("io")
@dataclass(frozen=True)
class VarLenFeature:
    """A feature with any number of values, which become a SparseTensor.

    Attributes:
        dtype: float32, int64 or string.

    Example:
        >>> import stepwell as sw
        >>> sw.io.VarLenFeature(sw.string).dtype is sw.string
        True
    """

    dtype: DTypeLike


@public("io")
@dataclass(frozen=True)
class FixedLenSequenceFeature:
    """A feature with any number of values of one shape, which become a dense tensor; short ones of a batch are padded.

    Attributes:
        shape: the shape of each value; all sizes are known.
        dtype: float32, int64 or string.
        allow_missing: whether an example without the feature has a sequence of no values; True in `parse_example`.
        default_value: what is padded with; 0, or an empty string, if None.

    Example:
        >>> import stepwell as sw
        >>> sw.io.FixedLenSequenceFeature([2], sw.float32, allow_missing=True).shape
        [2]
    """

    shape: Any
    dtype: DTypeLike
    allow_missing: bool = False
    default_value: Any = None


@public("io")
@dataclass(frozen=True)
class SparseFeature:
    """Two or more features, of indices and of values, which become a SparseTensor.

    Attributes:
        index_key: the name of the feature with the indices, or names, one for each axis.
        value_key: the name of the feature with the values.
        dtype: float32, int64 or string.
        size: the size of the axis, or sizes.
        already_sorted: whether the indices of each example are in order; they are sorted otherwise.

    Example:
        >>> import stepwell as sw
        >>> sw.io.SparseFeature("index", "value", sw.float32, size=10).size
        10
    """

    index_key: str | Sequence[str]
    value_key: str
    dtype: DTypeLike
    size: int | Sequence[int]
    already_sorted: bool = False
