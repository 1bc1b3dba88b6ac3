"""Functions of `data.experimental` that methods of datasets have replaced, and that TensorFlow still has.

Each returns what `Dataset.apply` takes, or calls the method.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ....compiler.frontend.values.tensor import Tensor
from ....dialects.dtypes import INT64, DTypeLike
from ....dialects.public import public
from ..dataset import Dataset
from ..examples.parse import parse_example
from ..settings import AUTOTUNE

Transformation = Callable[[Dataset], Dataset]
"""What `Dataset.apply` takes."""


@public("data.experimental")
def bucket_by_sequence_length(
    element_length_func: Callable[..., Any],
    bucket_boundaries: Sequence[int],
    bucket_batch_sizes: Sequence[int],
    padded_shapes: Any = None,
    padding_values: Any = None,
    pad_to_bucket_boundary: bool = False,
    no_padding: bool = False,
    drop_remainder: bool = False,
) -> Transformation:
    """`Dataset.bucket_by_sequence_length`.

    Example:
        >>> import stepwell as sw
        >>> rows = sw.data.Dataset.range(1, 5).map(lambda n: sw.fill([n], n))
        >>> buckets = sw.data.experimental.bucket_by_sequence_length(lambda row: sw.size(row), [3], [2, 2])
        >>> [batch.shape.as_list() for batch in rows.apply(buckets)]
        [[2, 2], [2, 4]]
    """
    return lambda dataset: dataset.bucket_by_sequence_length(
        element_length_func,
        bucket_boundaries,
        bucket_batch_sizes,
        padded_shapes,
        padding_values,
        pad_to_bucket_boundary,
        no_padding,
        drop_remainder,
    )


@public("data.experimental")
def copy_to_device(target_device: Any, source_device: Any = "/cpu:0") -> Transformation:
    """The dataset itself: there is one device.

    Example:
        >>> import stepwell as sw
        >>> len(sw.data.Dataset.range(3).apply(sw.data.experimental.copy_to_device("/cpu:0")))
        3
    """
    return lambda dataset: dataset


@public("data.experimental")
def prefetch_to_device(device: Any, buffer_size: int | None = None) -> Transformation:
    """`Dataset.prefetch`; there is one device.

    Example:
        >>> import stepwell as sw
        >>> len(sw.data.Dataset.range(3).apply(sw.data.experimental.prefetch_to_device("/cpu:0")))
        3
    """
    return lambda dataset: dataset.prefetch(AUTOTUNE if buffer_size is None else buffer_size)


@public("data.experimental")
def dense_to_ragged_batch(
    batch_size: Any, drop_remainder: bool = False, row_splits_dtype: DTypeLike = INT64
) -> Transformation:
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


@public("data.experimental")
def enumerate_dataset(start: Any = 0) -> Transformation:
    """`Dataset.enumerate`.

    Example:
        >>> import stepwell as sw
        >>> dataset = sw.data.Dataset.range(5, 7).apply(sw.data.experimental.enumerate_dataset())
        >>> [(int(index), int(x)) for index, x in dataset]
        [(0, 5), (1, 6)]
    """
    return lambda dataset: dataset.enumerate(start)


@public("data.experimental")
def group_by_window(
    key_func: Callable[..., Any],
    reduce_func: Callable[..., Any],
    window_size: Any = None,
    window_size_func: Callable[..., Any] | None = None,
) -> Transformation:
    """`Dataset.group_by_window`.

    Example:
        >>> import stepwell as sw
        >>> groups = sw.data.experimental.group_by_window(lambda x: x % 2, lambda key, group: group.batch(2), 2)
        >>> [x.numpy().tolist() for x in sw.data.Dataset.range(4).apply(groups)]
        [[0, 2], [1, 3]]
    """
    return lambda dataset: dataset.group_by_window(key_func, reduce_func, window_size, window_size_func)


@public("data.experimental")
def map_and_batch(
    map_func: Callable[..., Any],
    batch_size: Any,
    num_parallel_batches: int | None = None,
    drop_remainder: bool = False,
    num_parallel_calls: int | None = None,
) -> Transformation:
    """`Dataset.map`, then `Dataset.batch`.

    Example:
        >>> import stepwell as sw
        >>> doubled = sw.data.Dataset.range(4).apply(sw.data.experimental.map_and_batch(lambda x: 2 * x, 2))
        >>> [x.numpy().tolist() for x in doubled]
        [[0, 2], [4, 6]]
    """
    return lambda dataset: dataset.map(map_func, num_parallel_calls or num_parallel_batches).batch(
        batch_size, drop_remainder
    )


@public("data.experimental")
def parallel_interleave(
    map_func: Callable[..., Any],
    cycle_length: Any,
    block_length: Any = 1,
    sloppy: bool = False,
    buffer_output_elements: int | None = None,
    prefetch_input_elements: int | None = None,
) -> Transformation:
    """`Dataset.interleave` with threads; elements stay in order, also where it is `sloppy`.

    Example:
        >>> import stepwell as sw
        >>> twice = lambda x: sw.data.Dataset.from_tensors(x).repeat(2)
        >>> [int(x) for x in sw.data.Dataset.range(3).apply(sw.data.experimental.parallel_interleave(twice, 2))]
        [0, 1, 0, 1, 2, 2]
    """
    return lambda dataset: dataset.interleave(map_func, cycle_length, block_length, num_parallel_calls=AUTOTUNE)


@public("data.experimental")
def parse_example_dataset(
    features: Any, num_parallel_calls: int | None = 1, deterministic: bool | None = None
) -> Transformation:
    """`io.parse_example` for each batch of messages.

    Example:
        >>> import stepwell as sw
        >>> message = sw.train.Example(
        ...     features=sw.train.Features(feature={"x": sw.train.Feature(int64_list=sw.train.Int64List(value=[3]))})
        ... )
        >>> batches = sw.data.Dataset.from_tensors([message.SerializeToString()])
        >>> parsed = sw.data.experimental.parse_example_dataset({"x": sw.io.FixedLenFeature([], sw.int64)})
        >>> [batch["x"].numpy().tolist() for batch in batches.apply(parsed)]
        [[3]]
    """
    return lambda dataset: dataset.map(lambda batch: parse_example(batch, features), num_parallel_calls, deterministic)


@public("data.experimental")
def rejection_resample(
    class_func: Callable[..., Any],
    target_dist: Any,
    initial_dist: Any = None,
    seed: int | None = None,
) -> Transformation:
    """`Dataset.rejection_resample`.

    Example:
        >>> import stepwell as sw
        >>> resample = sw.data.experimental.rejection_resample(lambda x: x % 2, [0.0, 1.0], [0.5, 0.5], seed=1)
        >>> {int(label) for label, x in sw.data.Dataset.range(9).apply(resample)}
        {1}
    """
    return lambda dataset: dataset.rejection_resample(class_func, target_dist, initial_dist, seed)


@public("data.experimental")
def scan(initial_state: Any, scan_func: Callable[..., Any]) -> Transformation:
    """`Dataset.scan`.

    Example:
        >>> import stepwell as sw
        >>> sums = sw.data.experimental.scan(np.int64(0), lambda total, x: (total + x, total + x))
        >>> [int(x) for x in sw.data.Dataset.range(4).apply(sums)]
        [0, 1, 3, 6]
    """
    return lambda dataset: dataset.scan(initial_state, scan_func)


@public("data.experimental")
def shuffle_and_repeat(buffer_size: Any, count: Any = None, seed: int | None = None) -> Transformation:
    """`Dataset.shuffle`, then `Dataset.repeat`.

    Example:
        >>> import stepwell as sw
        >>> dataset = sw.data.Dataset.range(3).apply(sw.data.experimental.shuffle_and_repeat(3, 2, seed=1))
        >>> [int(x) for x in dataset]
        [1, 2, 0, 1, 0, 2]
    """
    return lambda dataset: dataset.shuffle(buffer_size, seed).repeat(count)


@public("data.experimental")
def snapshot(
    path: Any,
    compression: str | None = "AUTO",
    reader_func: Callable[..., Any] | None = None,
    shard_func: Callable[..., Any] | None = None,
) -> Transformation:
    """`Dataset.snapshot`.

    Example:
        >>> import stepwell as sw
        >>> dataset = sw.data.Dataset.range(3).apply(sw.data.experimental.snapshot("/tmp/stepwell_snapshot"))
        >>> [int(x) for x in dataset]
        [0, 1, 2]
    """
    return lambda dataset: dataset.snapshot(path, compression, reader_func, shard_func)


@public("data.experimental")
def take_while(predicate: Callable[..., Any]) -> Transformation:
    """`Dataset.take_while`.

    Example:
        >>> import stepwell as sw
        >>> [int(x) for x in sw.data.Dataset.range(9).apply(sw.data.experimental.take_while(lambda x: x < 2))]
        [0, 1]
    """
    return lambda dataset: dataset.take_while(predicate)


@public("data.experimental")
def unbatch() -> Transformation:
    """`Dataset.unbatch`.

    Example:
        >>> import stepwell as sw
        >>> [int(x) for x in sw.data.Dataset.range(4).batch(3).apply(sw.data.experimental.unbatch())]
        [0, 1, 2, 3]
    """
    return lambda dataset: dataset.unbatch()


@public("data.experimental")
def unique() -> Transformation:
    """`Dataset.unique`.

    Example:
        >>> import stepwell as sw
        >>> [int(x) for x in sw.data.Dataset.from_tensor_slices([1, 2, 1]).apply(sw.data.experimental.unique())]
        [1, 2]
    """
    return lambda dataset: dataset.unique()


@public("data.experimental")
def cardinality(dataset: Dataset) -> Tensor:
    """`Dataset.cardinality`.

    Example:
        >>> import stepwell as sw
        >>> int(sw.data.experimental.cardinality(sw.data.Dataset.range(3)))
        3
    """
    return dataset.cardinality()


@public("data.experimental")
def choose_from_datasets(
    datasets: Sequence[Dataset], choice_dataset: Dataset, stop_on_empty_dataset: bool = False
) -> Dataset:
    """`Dataset.choose_from_datasets`, which by itself goes on where a dataset has ended.

    Example:
        >>> import stepwell as sw
        >>> parts = [sw.data.Dataset.range(2), sw.data.Dataset.range(5, 7)]
        >>> choice = sw.data.Dataset.from_tensor_slices(np.array([1, 0, 0, 0, 1]))
        >>> [int(x) for x in sw.data.experimental.choose_from_datasets(parts, choice)]
        [5, 0, 1, 6]
    """
    return Dataset.choose_from_datasets(datasets, choice_dataset, stop_on_empty_dataset)


@public("data.experimental")
def Counter(start: Any = 0, step: Any = 1, dtype: DTypeLike = np.int64) -> Dataset:
    """`Dataset.counter`.

    Example:
        >>> import stepwell as sw
        >>> [int(x) for x in sw.data.experimental.Counter(3).take(2)]
        [3, 4]
    """
    return Dataset.counter(start, step, dtype)


@public("data.experimental")
def get_single_element(dataset: Dataset) -> Any:
    """`Dataset.get_single_element`.

    Example:
        >>> import stepwell as sw
        >>> int(sw.data.experimental.get_single_element(sw.data.Dataset.range(5, 6)))
        5
    """
    return dataset.get_single_element()


@public("data.experimental")
def get_structure(dataset_or_iterator: Any) -> Any:
    """The specs of the components of elements: `element_spec`.

    Example:
        >>> import stepwell as sw
        >>> sw.data.experimental.get_structure(sw.data.Dataset.range(3))
        TensorSpec(shape=(), dtype=tf.int64, name=None)
    """
    return dataset_or_iterator.element_spec


@public("data.experimental")
def sample_from_datasets(
    datasets: Sequence[Dataset], weights: Any = None, seed: int | None = None, stop_on_empty_dataset: bool = False
) -> Dataset:
    """`Dataset.sample_from_datasets`.

    Example:
        >>> import stepwell as sw
        >>> parts = [sw.data.Dataset.range(2), sw.data.Dataset.range(5, 7)]
        >>> sorted(int(x) for x in sw.data.experimental.sample_from_datasets(parts, seed=1))
        [0, 1, 5, 6]
    """
    return Dataset.sample_from_datasets(datasets, weights, seed, stop_on_empty_dataset)


@public("data.experimental")
class RandomDataset(Dataset):
    """`Dataset.random`, as a class.

    Example:
        >>> import stepwell as sw
        >>> [int(x) for x in sw.data.experimental.RandomDataset(seed=3).take(2)]
        [3534849767, 279844183]
    """

    def __init__(self, seed: int | None = None, name: str | None = None):
        super().__init__(Dataset.random(seed)._node)
