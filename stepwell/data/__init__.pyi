# Written by `python -m stepwell.tools.public_api --write`.

import numpy as np
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self
from stepwell import Tensor
from stepwell.data.experimental import AutotuneOptions, DistributeOptions, ExternalStatePolicy, OptimizationOptions
from stepwell.types import DTypeLike, DatasetIterator, DatasetIterator as Iterator
from . import experimental as experimental

AUTOTUNE: int
"""As many as are useful."""

class Dataset:
    """Elements one after the other: nested tuples and dicts of tensors."""
    def map(
        self,
        map_func: Callable[..., Any],
        num_parallel_calls: int | None = None,
        deterministic: bool | None = None,
        synchronous: bool | None = None,
        use_unbounded_threadpool: bool = False,
        name: str | None = None,
    ) -> Dataset:
        """A function of each element, which is compiled."""
    def filter(self, predicate: Callable[..., Any], name: str | None = None) -> Dataset:
        """The elements for which a function says True."""
    def take_while(self, predicate: Callable[..., Any], name: str | None = None) -> Dataset:
        """The elements before the first for which a function says False."""
    def flat_map(self, map_func: Callable[..., Any], name: str | None = None) -> Dataset:
        """The elements of the datasets that a function returns for each element, one dataset after the other."""
    def interleave(
        self,
        map_func: Callable[..., Any],
        cycle_length: Any = None,
        block_length: Any = None,
        num_parallel_calls: int | None = None,
        deterministic: bool | None = None,
        name: str | None = None,
    ) -> Dataset:
        """The elements of the datasets that a function returns for each element, several of which are open at a time."""
    def scan(self, initial_state: Any, scan_func: Callable[..., Any], name: str | None = None) -> Dataset:
        """What a function of a state and each element returns, besides the next state."""
    def rejection_resample(
        self,
        class_func: Callable[..., Any],
        target_dist: Any,
        initial_dist: Any = None,
        seed: int | None = None,
        name: str | None = None,
    ) -> Dataset:
        """Pairs of a class and an element, of which some are left out: so classes have the frequencies asked for."""
    def unique(self, name: str | None = None) -> Dataset:
        """The first of equal elements, which are one component of int32, int64 or string."""
    def apply(self, transformation_func: Callable[[Self], Any]) -> Any:
        """What a function returns for this dataset."""
    def shuffle(
        self,
        buffer_size: Any,
        seed: int | None = None,
        reshuffle_each_iteration: bool | None = True,
        name: str | None = None,
    ) -> Dataset:
        """Elements in random order, each taken from a buffer of the next ones."""
    def repeat(self, count: Any = None, name: str | None = None) -> Dataset:
        """All elements, so many times, for ever if `count` is None or -1."""
    def take(self, count: Any, name: str | None = None) -> Dataset:
        """The first elements; all if `count` is -1."""
    def skip(self, count: Any, name: str | None = None) -> Dataset:
        """All but the first elements; none if `count` is -1."""
    def shard(self, num_shards: Any, index: Any, name: str | None = None) -> Dataset:
        """Each `num_shards`th element, from number `index` on."""
    def concatenate(self, dataset: Dataset, name: str | None = None) -> Dataset:
        """The elements of this dataset, then those of another one of the same structure."""
    def enumerate(self, start: Any = 0, name: str | None = None) -> Dataset:
        """Each element with its index, counted from `start`."""
    def prefetch(self, buffer_size: Any, name: str | None = None) -> Dataset:
        """Make the next elements in a thread while the program uses one."""
    def batch(
        self,
        batch_size: Any,
        drop_remainder: bool = False,
        num_parallel_calls: int | None = None,
        deterministic: bool | None = None,
        name: str | None = None,
    ) -> Dataset:
        """So many elements along a new first axis; the last batch has the rest, unless that is dropped."""
    def ragged_batch(
        self,
        batch_size: Any,
        drop_remainder: bool = False,
        row_splits_dtype: DTypeLike = ...,
        name: str | None = None,
    ) -> Dataset:
        """So many elements along a new first axis, as rows of a RaggedTensor where sizes are not known."""
    def padded_batch(
        self,
        batch_size: Any,
        padded_shapes: Any = None,
        padding_values: Any = None,
        drop_remainder: bool = False,
        name: str | None = None,
    ) -> Dataset:
        """So many elements along a new first axis, each filled up to one shape."""
    def unbatch(self, name: str | None = None) -> Dataset:
        """The parts of each element along its first axis."""
    def rebatch(self, batch_size: Any, drop_remainder: bool = False, name: str | None = None) -> Dataset:
        """The rows of all batches, in batches of another size, or of several sizes in turn."""
    def window(
        self,
        size: Any,
        shift: Any = None,
        stride: Any = 1,
        drop_remainder: bool = False,
        name: str | None = None,
    ) -> Dataset:
        """Elements that follow each other, as datasets: one for each component of the elements."""
    def group_by_window(
        self,
        key_func: Callable[..., Any],
        reduce_func: Callable[..., Any],
        window_size: Any = None,
        window_size_func: Callable[..., Any] | None = None,
        name: str | None = None,
    ) -> Dataset:
        """The elements of datasets that a function returns for groups of elements of one key."""
    def bucket_by_sequence_length(
        self,
        element_length_func: Callable[..., Any],
        bucket_boundaries: Sequence[int],
        bucket_batch_sizes: Sequence[int],
        padded_shapes: Any = None,
        padding_values: Any = None,
        pad_to_bucket_boundary: bool = False,
        no_padding: bool = False,
        drop_remainder: bool = False,
        name: str | None = None,
    ) -> Dataset:
        """Batches of elements of similar length, so that little is filled up."""
    def cache(self, filename: Any = '', name: str | None = None) -> Dataset:
        """Keep all elements, in memory or in a file, once an iteration has reached the end."""
    def save(
        self,
        path: Any,
        compression: str | None = None,
        shard_func: Callable[..., Any] | None = None,
        checkpoint_args: Any = None,
    ) -> None:
        """Write all elements to a folder, which `load` reads; what was saved there before is replaced at once."""
    @staticmethod
    def load(
        path: Any,
        element_spec: Any = None,
        compression: str | None = None,
        reader_func: Callable[..., Any] | None = None,
        wait: bool = False,
    ) -> Dataset:
        """The elements that `save` has written to a folder."""
    def snapshot(
        self,
        path: Any,
        compression: str | None = 'AUTO',
        reader_func: Callable[..., Any] | None = None,
        shard_func: Callable[..., Any] | None = None,
        name: str | None = None,
    ) -> Dataset:
        """Write the elements to a folder when an iteration reaches their end; later iterations and programs read them."""
    @property
    def element_spec(self) -> Any:
        """The shape and dtype of each component of an element."""
    def __iter__(self) -> DatasetIterator: ...
    def reduce(self, initial_state: Any, reduce_func: Callable[..., Any], name: str | None = None) -> Any:
        """What a function of a state and an element makes of all elements, which is compiled."""
    def with_options(self, options: Options, name: str | None = None) -> Dataset:
        """The same elements, with options for the whole pipeline; those that are set later prevail."""
    def options(self) -> Options:
        """The options of this dataset and of those that it is made of."""
    def __repr__(self) -> str: ...
    def __bool__(self) -> bool: ...
    def __len__(self) -> int: ...
    @staticmethod
    def from_tensors(tensors: object, name: str | None = None) -> Dataset:
        """The dataset with one element."""
    @staticmethod
    def from_tensor_slices(tensors: object, name: str | None = None) -> Dataset:
        """The parts of tensors along their first axis, which has to be of one size in all of them."""
    @staticmethod
    def from_generator(
        generator: Callable[..., Any],
        output_types: Any = None,
        output_shapes: Any = None,
        args: Any = None,
        output_signature: Any = None,
        name: str | None = None,
    ) -> Dataset:
        """What a Python generator yields; each iteration calls the function that makes it anew."""
    @staticmethod
    def range(*args: Any, output_type: DTypeLike = np.int64, name: str | None = None) -> Dataset:
        """Numbers from a start, 0 if it is left out, up to a stop, by steps of 1 if none is given."""
    @staticmethod
    def counter(start: Any = 0, step: Any = 1, dtype: DTypeLike = np.int64, name: str | None = None) -> Dataset:
        """Numbers from a start on, by equal steps, for ever."""
    @staticmethod
    def random(
        seed: int | None = None,
        rerandomize_each_iteration: bool | None = None,
        name: str | None = None,
    ) -> Dataset:
        """Random numbers of 32 bits as int64, for ever; TensorFlow's for the same seeds."""
    @staticmethod
    def zip(*args: Any, datasets: Any = None, name: str | None = None) -> Dataset:
        """Elements of several datasets, put together as these are; ends with the shortest."""
    @staticmethod
    def choose_from_datasets(
        datasets: Sequence[Dataset],
        choice_dataset: Dataset,
        stop_on_empty_dataset: bool = True,
    ) -> Dataset:
        """Elements of several datasets: `choice_dataset` has the numbers of those that they are taken from."""
    @staticmethod
    def sample_from_datasets(
        datasets: Sequence[Dataset],
        weights: Any = None,
        seed: int | None = None,
        stop_on_empty_dataset: bool = False,
        rerandomize_each_iteration: bool | None = None,
    ) -> Dataset:
        """Elements of several datasets at random, in TensorFlow's order for the same seeds."""
    @staticmethod
    def list_files(
        file_pattern: Any,
        shuffle: bool | None = None,
        seed: int | None = None,
        name: str | None = None,
    ) -> Dataset:
        """The names of the files that patterns match: in random order unless `shuffle` is False, else sorted."""
    def ignore_errors(self, log_warning: bool = False, name: str | None = None) -> Dataset:
        """The elements that do not raise errors; how many do is logged at the end, with `log_warning` each error."""
    def cardinality(self) -> Tensor:
        """The number of elements; -1 if they never end, -2 if it is not known."""
    def as_numpy_iterator(self) -> NumpyIterator:
        """The elements as NumPy's arrays and scalars."""
    def get_single_element(self, name: str | None = None) -> Any:
        """The element of a dataset that has one; raises InvalidArgumentError for others."""

@dataclass(frozen=True)
class DatasetSpec:
    """What is known of a component of elements that is a dataset."""
    element_spec: Any
    def __hash__(self) -> int: ...

class FixedLengthRecordDataset(Dataset):
    """Records that are all of one length, each one string."""
    def __init__(
        self,
        filenames: Any,
        record_bytes: Any,
        header_bytes: Any = None,
        footer_bytes: Any = None,
        buffer_size: int | None = None,
        compression_type: str | None = None,
        num_parallel_reads: int | None = None,
        name: str | None = None,
    ) -> None:
        ...

INFINITE_CARDINALITY: int
"""What `cardinality` is of a dataset that never ends."""

class IteratorSpec:
    """What is known of an iterator over a dataset, which it represents in `input_signature`."""
    def __init__(self, element_spec: Any) -> None: ...
    @property
    def element_spec(self) -> Any:
        """The specs of elements."""
    @property
    def value_type(self) -> type[DatasetIterator]:
        """The class of the values that fit."""
    @classmethod
    def from_value(cls, value: DatasetIterator) -> IteratorSpec:
        """The spec of an iterator."""
    def __eq__(self, other: object) -> bool: ...
    def __hash__(self) -> int: ...
    def __repr__(self) -> str: ...

class NumpyIterator:
    """The elements of a dataset as NumPy's arrays and scalars: what `Dataset.as_numpy_iterator` returns."""
    def __init__(self, dataset: Any) -> None: ...
    def __iter__(self) -> NumpyIterator: ...
    def __next__(self) -> Any: ...

@dataclass
class Options:
    """Options of a dataset, for `Dataset.with_options`. What is not set is None."""
    def __setattr__(self, name: str, value: Any) -> None: ...
    def merged(self, other: Any) -> Any:
        """A copy, with what is set in another one."""
    autotune: AutotuneOptions = ...
    dataset_name: str | None = ...
    deterministic: bool | None = ...
    experimental_distribute: DistributeOptions = ...
    experimental_external_state_policy: ExternalStatePolicy | None = ...
    experimental_optimization: OptimizationOptions = ...
    experimental_slack: bool | None = ...
    experimental_symbolic_checkpoint: bool | None = ...
    experimental_warm_start: bool | None = ...
    framework_type: list[str] | None = ...
    threading: ThreadingOptions = ...
    def __getattr__(self, name: str) -> Any: ...
    def merge(self, options: Options) -> Options:
        """Options with what is set in these, and in others, which prevail."""

class TFRecordDataset(Dataset):
    """The records of files in TensorFlow's format, each one string."""
    def __init__(
        self,
        filenames: Any,
        compression_type: str | None = None,
        buffer_size: int | None = None,
        num_parallel_reads: int | None = None,
        name: str | None = None,
    ) -> None:
        ...

class TextLineDataset(Dataset):
    r"""The lines of files, each one string, without `\n` at its end; as in TensorFlow, every `\r` is dropped."""
    def __init__(
        self,
        filenames: Any,
        compression_type: str | None = None,
        buffer_size: int | None = None,
        num_parallel_reads: int | None = None,
        name: str | None = None,
    ) -> None:
        ...

@dataclass
class ThreadingOptions:
    """Threads of a dataset."""
    def __setattr__(self, name: str, value: Any) -> None: ...
    def merged(self, other: Any) -> Any:
        """A copy, with what is set in another one."""
    max_intra_op_parallelism: int | None = ...
    private_threadpool_size: int | None = ...

UNKNOWN_CARDINALITY: int
"""What it is where the end is not known before."""
