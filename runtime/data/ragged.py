"""`data.experimental.dense_to_ragged_batch`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...dialects.dtypes import INT64, DTypeLike
from ...dialects.public import public
from .dataset import Dataset


@public("data.experimental")
def dense_to_ragged_batch(
    batch_size: Any, drop_remainder: bool = False, row_splits_dtype: DTypeLike = INT64
) -> Callable[[Dataset], Dataset]:
    """What `Dataset.apply` makes a dataset of batches of, with RaggedTensors: see `Dataset.ragged_batch`.

    Args:
        batch_size: how many elements a batch has.
        drop_remainder: whether a last batch that is smaller is left out.
        row_splits_dtype: int32 or int64.

    Example:
        >>> import stepwell as sw
        >>> rows = sw.data.Dataset.range(4).map(lambda n: sw.range(n))
        >>> list(rows.apply(sw.data.experimental.dense_to_ragged_batch(4)))
        [<tf.RaggedTensor [[], [0], [0, 1], [0, 1, 2]]>]
    """
    return lambda dataset: dataset.ragged_batch(batch_size, drop_remainder, row_splits_dtype)
