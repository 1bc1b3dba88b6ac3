"""`make_batched_features_dataset`: batches of the features of files of messages `Example`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ....dialects.public import public
from ..dataset import Dataset
from ..examples.parse import parse_example
from ..parameters import DatasetBase
from ..settings import AUTOTUNE
from ..structure import is_string_scalar
from .records import TFRecordDataset
from .tables import batches

_WHAT = "make_batched_features_dataset"


@public("data.experimental")
def make_batched_features_dataset(
    file_pattern: str | Sequence[str],
    batch_size: int,
    features: Mapping[str, Any],
    reader: Callable[..., Any] | None = None,
    label_key: str | None = None,
    reader_args: Sequence[Any] | None = None,
    num_epochs: int | None = None,
    shuffle: bool = True,
    shuffle_buffer_size: int = 10000,
    shuffle_seed: int | None = None,
    prefetch_buffer_size: int | None = None,
    reader_num_threads: int | None = None,
    parser_num_threads: int | None = None,
    sloppy_ordering: bool = False,
    drop_final_batch: bool = False,
) -> Dataset:
    """Batches of the features of messages `Example` in files, by name.

    Args:
        file_pattern: patterns of the names of files.
        batch_size: how many examples are in a batch.
        features: what each feature is parsed to, by name; see `io.parse_example`.
        reader: given the name of a file and `reader_args`, returns a dataset of serialized examples, or of pairs of a
            key and an example; `TFRecordDataset` if None.
        label_key: the feature that is taken out of the dict: elements are pairs then.
        reader_args: what `reader` is given besides.
        num_epochs: how often the files are read; without end if None, and then all batches are of one size.
        shuffle: whether files and examples are shuffled.
        shuffle_buffer_size: the size of the buffer in which examples are.
        shuffle_seed: the seed of their order.
        prefetch_buffer_size: how many batches are made ahead.
        reader_num_threads: how many files are read by turns, each by a thread; 1 if None.
        parser_num_threads: how many threads parse examples; 2 if None.
        sloppy_ordering: accepted as in TensorFlow; the order is always that of `reader_num_threads`.
        drop_final_batch: whether a last batch that is smaller is left out.

    Raises InvalidArgumentError for a `label_key` that is no feature.

    Example:
        >>> import stepwell as sw
        >>> with sw.io.TFRecordWriter("/tmp/stepwell_features.tfrecord") as writer:
        ...     for index in range(3):
        ...         feature = sw.train.Feature(int64_list=sw.train.Int64List(value=[index]))
        ...         example = sw.train.Example(features=sw.train.Features(feature={"n": feature}))
        ...         writer.write(example.SerializeToString())
        >>> features = {"n": sw.io.FixedLenFeature([], sw.int64)}
        >>> dataset = sw.data.experimental.make_batched_features_dataset(
        ...     "/tmp/stepwell_features.tfrecord", 2, features, num_epochs=1, shuffle=False
        ... )
        >>> [batch["n"].numpy().tolist() for batch in dataset]
        [[0, 1], [2]]
    """
    del sloppy_ordering
    if label_key is not None and label_key not in features:
        raise InvalidArgumentError(f"{_WHAT}: label_key: expected one of {list(features)}, got {label_key!r}")
    files = Dataset.list_files(file_pattern, shuffle, shuffle_seed)
    dataset = _examples(files, reader or TFRecordDataset, reader_args or (), reader_num_threads or 1)
    dataset = dataset.shuffle(shuffle_buffer_size, shuffle_seed) if shuffle else dataset
    dataset = batches(dataset, batch_size, num_epochs, drop_final_batch)

    def parsed(serialized: Any) -> Any:
        found = parse_example(serialized, features)
        return found if label_key is None else (found, found.pop(label_key))

    dataset = dataset.map(parsed, num_parallel_calls=parser_num_threads or 2)
    return dataset.prefetch(AUTOTUNE if prefetch_buffer_size is None else prefetch_buffer_size)


def _examples(files: Dataset, reader: Callable[..., Any], arguments: Sequence[Any], threads: int) -> Dataset:
    """The serialized examples of files, some of which are read by turns."""

    def read(name: Any) -> Any:
        found = reader(name, *arguments)
        if not isinstance(found, DatasetBase):
            raise InvalidTypeError(f"{_WHAT}: reader: expected a function that returns a Dataset, got {found!r}")
        return found

    cycle = 1 if threads == AUTOTUNE else threads
    dataset = files.interleave(read, cycle, num_parallel_calls=None if threads == 1 else threads)
    specs = dataset.element_spec
    if isinstance(specs, tuple) and len(specs) == 2 and all(is_string_scalar(spec) for spec in specs):
        return dataset.map(lambda _, example: example)
    if not is_string_scalar(specs):
        raise InvalidTypeError(f"{_WHAT}: reader: expected a dataset of scalars of dtype string, got elements {specs}")
    return dataset
