# Written by `python -m stepwell.tools.public_api --write`.

import enum
import numpy as np
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from stepwell import Tensor
from stepwell.data import (
    AUTOTUNE as AUTOTUNE,
    Dataset,
    INFINITE_CARDINALITY as INFINITE_CARDINALITY,
    ThreadingOptions as ThreadingOptions,
    UNKNOWN_CARDINALITY as UNKNOWN_CARDINALITY,
)
from stepwell.types import DTypeLike, DatasetIterator, TensorLike

class AutoShardPolicy(enum.IntEnum):
    """How a dataset would be divided between machines; not used, as there is one."""
    AUTO = 0
    FILE = 1
    DATA = 2
    HINT = 3

class AutotuneAlgorithm(enum.Enum):
    """How numbers of threads would be found; not used."""
    DEFAULT = 0
    HILL_CLIMB = 1
    GRADIENT_DESCENT = 2
    MAX_PARALLELISM = 3
    STAGE_BASED = 4

@dataclass
class AutotuneOptions:
    """How numbers of threads are found. Changes nothing here: `AUTOTUNE` is the number of processors."""
    def __setattr__(self, name: str, value: Any) -> None: ...
    def merged(self, other: Any) -> Any:
        """A copy, with what is set in another one."""
    autotune_algorithm: AutotuneAlgorithm | None = ...
    cpu_budget: int | None = ...
    enabled: bool | None = ...
    initial_parallelism: int | None = ...
    min_parallelism: int | None = ...
    ram_budget: int | None = ...

def Counter(start: Any = 0, step: Any = 1, dtype: DTypeLike = np.int64) -> Dataset:
    """`Dataset.counter`."""

class CsvDataset(Dataset):
    """The records of text files, whose fields are divided by commas, each a tuple of scalars."""
    def __init__(
        self,
        filenames: Any,
        record_defaults: Sequence[Any],
        compression_type: str | None = None,
        buffer_size: int | None = None,
        header: bool = False,
        field_delim: str = ',',
        use_quote_delim: bool = True,
        na_value: str = '',
        select_cols: Sequence[int] | None = None,
        exclude_cols: Sequence[int] | None = None,
    ) -> None:
        ...

@dataclass
class DistributeOptions:
    """How a dataset is divided between machines; changes nothing here, as there is one."""
    def __setattr__(self, name: str, value: Any) -> None: ...
    def merged(self, other: Any) -> Any:
        """A copy, with what is set in another one."""
    auto_shard_policy: AutoShardPolicy | None = ...
    num_devices: int | None = ...

class ExternalStatePolicy(enum.Enum):
    """The treatment of state outside of a dataset that is written to a file; not used."""
    WARN = 0
    IGNORE = 1
    FAIL = 2

class NumpyDataset(Dataset):
    """The rows of arrays in files of NumPy's, `.npy` or `.npz`, in the order of the files."""
    def __init__(self, filenames: Any, name: str | None = None) -> None: ...

@dataclass
class OptimizationOptions:
    """Rewrites of pipelines. None of them changes anything here: functions of elements are compiled one by one."""
    def __setattr__(self, name: str, value: Any) -> None: ...
    def merged(self, other: Any) -> Any:
        """A copy, with what is set in another one."""
    apply_default_optimizations: bool | None = ...
    filter_fusion: bool | None = ...
    filter_parallelization: bool | None = ...
    inject_prefetch: bool | None = ...
    map_and_batch_fusion: bool | None = ...
    map_and_filter_fusion: bool | None = ...
    map_fusion: bool | None = ...
    map_parallelization: bool | None = ...
    noop_elimination: bool | None = ...
    parallel_batch: bool | None = ...
    seq_interleave_prefetch: bool | None = ...
    shuffle_and_repeat_fusion: bool | None = ...

class Optional:
    """A value, or none, of a spec; `from_value` and `empty` make one."""
    def __init__(self, value: Any, element_spec: Any, there: bool) -> None: ...
    @property
    def element_spec(self) -> Any:
        """The spec of the value."""
    def has_value(self, name: str | None = None) -> Tensor:
        """Whether there is a value: a scalar of bool."""
    def get_value(self, name: str | None = None) -> Any:
        """The value. Raises InvalidArgumentError if there is none."""
    @staticmethod
    def from_value(value: Any) -> Optional:
        """One with a value."""
    @staticmethod
    def empty(element_spec: Any) -> Optional:
        """One without a value."""

class ParquetDataset(Dataset):
    """The rows of tables in Parquet files, each a dict of tensors by the names of columns. Needs pyarrow."""
    def __init__(self, filenames: Any, columns: Sequence[str] | None = None, name: str | None = None) -> None: ...

class RandomDataset(Dataset):
    """`Dataset.random`, as a class."""
    def __init__(self, seed: int | None = None, name: str | None = None) -> None: ...

@dataclass(frozen=True)
class Reducer:
    """How elements of one key become one."""
    init_func: Callable[..., Any]
    reduce_func: Callable[..., Any]
    finalize_func: Callable[..., Any]

class TFRecordWriter:
    """Writes the elements of a dataset to a file, in TensorFlow's format of records."""
    def __init__(self, filename: Any, compression_type: str | None = None) -> None: ...
    def write(self, dataset: Dataset) -> None:
        """Write a dataset, whose elements are scalars of dtype string."""

def assert_cardinality(expected_cardinality: Any) -> Callable[[Dataset], Dataset]:
    """What `Dataset.apply` makes a dataset of whose number of elements is said."""

def bucket_by_sequence_length(
    element_length_func: Callable[..., Any],
    bucket_boundaries: Sequence[int],
    bucket_batch_sizes: Sequence[int],
    padded_shapes: Any = None,
    padding_values: Any = None,
    pad_to_bucket_boundary: bool = False,
    no_padding: bool = False,
    drop_remainder: bool = False,
) -> Callable[[Dataset], Dataset]:
    """`Dataset.bucket_by_sequence_length`."""

def cardinality(dataset: Dataset) -> Tensor:
    """`Dataset.cardinality`."""

def choose_from_datasets(
    datasets: Sequence[Dataset],
    choice_dataset: Dataset,
    stop_on_empty_dataset: bool = False,
) -> Dataset:
    """`Dataset.choose_from_datasets`, which by itself goes on where a dataset has ended."""

def copy_to_device(target_device: Any, source_device: Any = '/cpu:0') -> Callable[[Dataset], Dataset]:
    """The dataset itself: there is one device."""

def dense_to_ragged_batch(
    batch_size: Any,
    drop_remainder: bool = False,
    row_splits_dtype: DTypeLike = ...,
) -> Callable[[Dataset], Dataset]:
    """What `Dataset.apply` makes a dataset of batches of, with RaggedTensors: see `Dataset.ragged_batch`."""

def enumerate_dataset(start: Any = 0) -> Callable[[Dataset], Dataset]:
    """`Dataset.enumerate`."""

def from_list(elements: Sequence[Any], name: str | None = None) -> Dataset:
    """A dataset of the elements of a list, which are of one structure, dtypes and shapes."""

def get_next_as_optional(iterator: DatasetIterator) -> Optional:
    """The next element of an iterator, or none at its end; outside of functions."""

def get_single_element(dataset: Dataset) -> Any:
    """`Dataset.get_single_element`."""

def get_structure(dataset_or_iterator: Any) -> Any:
    """The specs of the components of elements: `element_spec`."""

def group_by_reducer(key_func: Callable[..., Any], reducer: Reducer) -> Callable[[Dataset], Dataset]:
    """What `Dataset.apply` makes a dataset of that has one element for each key, in the order of the keys."""

def group_by_window(
    key_func: Callable[..., Any],
    reduce_func: Callable[..., Any],
    window_size: Any = None,
    window_size_func: Callable[..., Any] | None = None,
) -> Callable[[Dataset], Dataset]:
    """`Dataset.group_by_window`."""

def ignore_errors(log_warning: bool = False) -> Callable[[Dataset], Dataset]:
    """What `Dataset.apply` makes a dataset of that skips elements with errors: see `Dataset.ignore_errors`."""

def load(
    path: Any,
    element_spec: Any = None,
    compression: str | None = None,
    reader_func: Callable[..., Any] | None = None,
) -> Dataset:
    """`Dataset.load`, as a function."""

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
    """Batches of the features of messages `Example` in files, by name."""

def make_csv_dataset(
    file_pattern: TensorLike,
    batch_size: int,
    column_names: Sequence[str] | None = None,
    column_defaults: Sequence[Any] | None = None,
    label_name: str | None = None,
    select_columns: Sequence[str | int] | None = None,
    field_delim: str = ',',
    use_quote_delim: bool = True,
    na_value: str = '',
    header: bool = True,
    num_epochs: int | None = None,
    shuffle: bool = True,
    shuffle_buffer_size: int = 10000,
    shuffle_seed: int | None = None,
    prefetch_buffer_size: int | None = None,
    num_parallel_reads: int | None = None,
    sloppy: bool = False,
    num_rows_for_inference: int | None = 100,
    compression_type: str | None = None,
    ignore_errors: bool = False,
    encoding: str = 'utf-8',
) -> Dataset:
    """Batches of the columns of text files, by name."""

def map_and_batch(
    map_func: Callable[..., Any],
    batch_size: Any,
    num_parallel_batches: int | None = None,
    drop_remainder: bool = False,
    num_parallel_calls: int | None = None,
) -> Callable[[Dataset], Dataset]:
    """`Dataset.map`, then `Dataset.batch`."""

def pad_to_cardinality(cardinality: int, mask_key: str = 'valid') -> Callable[[Dataset], Dataset]:
    """What `Dataset.apply` makes a dataset of dicts of that has so many elements: zeros come after its own."""

def parallel_interleave(
    map_func: Callable[..., Any],
    cycle_length: Any,
    block_length: Any = 1,
    sloppy: bool = False,
    buffer_output_elements: int | None = None,
    prefetch_input_elements: int | None = None,
) -> Callable[[Dataset], Dataset]:
    """`Dataset.interleave` with threads; elements stay in order, also where it is `sloppy`."""

def parse_example_dataset(
    features: Any,
    num_parallel_calls: int | None = 1,
    deterministic: bool | None = None,
) -> Callable[[Dataset], Dataset]:
    """`io.parse_example` for each batch of messages."""

def prefetch_to_device(device: Any, buffer_size: int | None = None) -> Callable[[Dataset], Dataset]:
    """`Dataset.prefetch`; there is one device."""

def rejection_resample(
    class_func: Callable[..., Any],
    target_dist: Any,
    initial_dist: Any = None,
    seed: int | None = None,
) -> Callable[[Dataset], Dataset]:
    """`Dataset.rejection_resample`."""

def sample_from_datasets(
    datasets: Sequence[Dataset],
    weights: Any = None,
    seed: int | None = None,
    stop_on_empty_dataset: bool = False,
) -> Dataset:
    """`Dataset.sample_from_datasets`."""

def save(
    dataset: Dataset,
    path: Any,
    compression: str | None = None,
    shard_func: Callable[..., Any] | None = None,
    checkpoint_args: Any = None,
) -> None:
    """`Dataset.save`, as a function."""

def scan(initial_state: Any, scan_func: Callable[..., Any]) -> Callable[[Dataset], Dataset]:
    """`Dataset.scan`."""

def shuffle_and_repeat(
    buffer_size: Any,
    count: Any = None,
    seed: int | None = None,
) -> Callable[[Dataset], Dataset]:
    """`Dataset.shuffle`, then `Dataset.repeat`."""

def snapshot(
    path: Any,
    compression: str | None = 'AUTO',
    reader_func: Callable[..., Any] | None = None,
    shard_func: Callable[..., Any] | None = None,
) -> Callable[[Dataset], Dataset]:
    """`Dataset.snapshot`."""

def take_while(predicate: Callable[..., Any]) -> Callable[[Dataset], Dataset]:
    """`Dataset.take_while`."""

def unbatch() -> Callable[[Dataset], Dataset]:
    """`Dataset.unbatch`."""

def unique() -> Callable[[Dataset], Dataset]:
    """`Dataset.unique`."""
