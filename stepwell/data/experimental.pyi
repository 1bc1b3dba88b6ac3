# Written by `python -m stepwell.tools.public_api --write`.

from collections.abc import Callable, Sequence
from typing import Any
from stepwell.data import Dataset
from stepwell.types import DTypeLike, TensorLike

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

class NumpyDataset(Dataset):
    """The rows of arrays in files of NumPy's, `.npy` or `.npz`, in the order of the files."""
    def __init__(self, filenames: Any, name: str | None = None) -> None: ...

class ParquetDataset(Dataset):
    """The rows of tables in Parquet files, each a dict of tensors by the names of columns. Needs pyarrow."""
    def __init__(self, filenames: Any, columns: Sequence[str] | None = None, name: str | None = None) -> None: ...

def dense_to_ragged_batch(
    batch_size: Any,
    drop_remainder: bool = False,
    row_splits_dtype: DTypeLike = ...,
) -> Callable[[Dataset], Dataset]:
    """What `Dataset.apply` makes a dataset of batches of, with RaggedTensors: see `Dataset.ragged_batch`."""

def ignore_errors(log_warning: bool = False) -> Callable[[Dataset], Dataset]:
    """What `Dataset.apply` makes a dataset of that skips elements with errors: see `Dataset.ignore_errors`."""

def load(
    path: Any,
    element_spec: Any = None,
    compression: str | None = None,
    reader_func: Callable[..., Any] | None = None,
) -> Dataset:
    """`Dataset.load`, as a function."""

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

def save(
    dataset: Dataset,
    path: Any,
    compression: str | None = None,
    shard_func: Callable[..., Any] | None = None,
    checkpoint_args: Any = None,
) -> None:
    """`Dataset.save`, as a function."""
