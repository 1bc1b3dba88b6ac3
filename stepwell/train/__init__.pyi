# Written by `python -m stepwell.tools.public_api --write`.

import os
from abc import ABC
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Self
from stepwell import Variable
from . import experimental as experimental

BytesList: Any
"""Strings: `BytesList(value=[b"a"])`. A message of Protocol Buffers, byte by byte that of TensorFlow."""

class Checkpoint:
    """Saves the values of objects to files, and restores them."""
    def __setattr__(self, name: str, value: Any) -> None: ...
    def __init__(self, root: Any = None, **kwargs: Any) -> None: ...
    @property
    def save_counter(self) -> Variable:
        """The number of checkpoints that `save` has made."""
    def write(self, file_prefix: str | bytes | os.PathLike[str], options: CheckpointOptions | None = None) -> str:
        """Write a checkpoint at a path, to which `.safetensors` is added; neither counts nor records it."""
    def save(self, file_prefix: str | bytes | os.PathLike[str], options: CheckpointOptions | None = None) -> str:
        """Write a checkpoint with the next number: `folder/ckpt` becomes `folder/ckpt-1`, then `folder/ckpt-2`."""
    def read(
        self,
        save_path: str | bytes | os.PathLike[str] | None,
        options: CheckpointOptions | None = None,
    ) -> LoadStatus:
        """Restore what `write` has written; see `restore`, which expects a `save_counter` besides."""
    def restore(
        self,
        save_path: str | bytes | os.PathLike[str] | None,
        options: CheckpointOptions | None = None,
    ) -> LoadStatus:
        """Restore what `save` has written, or TensorFlow: a checkpoint, or a SavedModel's folder."""
    def sync(self) -> None:
        """Nothing: a checkpoint is complete when `save` returns."""

class CheckpointManager:
    """Keeps the last checkpoints of a folder, and deletes older ones."""
    def __init__(
        self,
        checkpoint: Checkpoint,
        directory: str | bytes | os.PathLike[str],
        max_to_keep: int | None,
        keep_checkpoint_every_n_hours: float | None = None,
        checkpoint_name: str = 'ckpt',
        step_counter: Any = None,
        checkpoint_interval: int | None = None,
        init_fn: Callable[[], object] | None = None,
        last_checkpoint_step: int | None = None,
    ) -> None:
        ...
    @property
    def directory(self) -> str:
        """The folder."""
    @property
    def checkpoint(self) -> Checkpoint:
        """What is saved."""
    @property
    def checkpoint_interval(self) -> int | None:
        """How many steps are between two checkpoints at least."""
    @property
    def latest_checkpoint(self) -> str | None:
        """The path of the latest checkpoint, as `Checkpoint.restore` takes it; None if there is none."""
    @property
    def checkpoints(self) -> list[str]:
        """The paths of the checkpoints that may be deleted later, the latest last."""
    def save(
        self,
        checkpoint_number: Any = None,
        check_interval: bool = True,
        options: CheckpointOptions | None = None,
    ) -> str | None:
        """Save a checkpoint, then delete those that are too many."""
    def restore_or_initialize(self) -> str | None:
        """Restore the latest checkpoint, or call `init_fn` where there is none."""
    def sync(self) -> None:
        """Nothing: a checkpoint is complete when `save` returns."""

class CheckpointOptions:
    """How checkpoints are saved and restored."""
    experimental_io_device: str | None
    experimental_write_callbacks: Sequence[Callable[..., Any]] | None
    experimental_skip_slot_variables: bool
    experimental_sharding_callback: object
    def __init__(
        self,
        experimental_io_device: str | None = None,
        experimental_enable_async_checkpoint: bool = False,
        experimental_write_callbacks: Sequence[Callable[..., Any]] | None = None,
        enable_async: bool = False,
        experimental_skip_slot_variables: bool = False,
        experimental_sharding_callback: object = None,
    ) -> None:
        ...

class CheckpointReader:
    """Reads tensors of a checkpoint; what `load_checkpoint` returns."""
    def __init__(self, file: Any) -> None: ...
    def has_tensor(self, tensor_str: str) -> bool:
        """Whether there is a tensor of this key."""
    def get_tensor(self, tensor_str: str) -> Any:
        """A tensor as an array; one string as bytes. Raises NotFoundError for a key that is not there."""
    def get_variable_to_shape_map(self) -> dict[str, list[int]]:
        """The shapes, by key."""
    def get_variable_to_dtype_map(self) -> dict[str, Any]:
        """The dtypes, by key; NumPy's for those that tensors cannot have."""
    def debug_string(self) -> bytes:
        """A line of text for each tensor."""

class ClusterSpec:
    """The processes of a cluster: for each job, the network addresses of its tasks."""
    def __init__(self, cluster: Mapping[str, Sequence[str] | Mapping[int, str] | str] | ClusterSpec) -> None: ...
    @property
    def jobs(self) -> list[str]:
        """The names of the jobs."""
    def as_dict(self) -> dict[str, list[str] | dict[int, str]]:
        """For each job its addresses, as a list if their indices are 0, 1 and so on, else as a dict."""
    def num_tasks(self, job_name: str) -> int:
        """How many tasks a job has; InvalidArgumentError if there is no such job."""
    def task_indices(self, job_name: str) -> list[int]:
        """The indices of a job's tasks; InvalidArgumentError if there is no such job."""
    def task_address(self, job_name: str, task_index: int) -> str:
        """The address of a task; InvalidArgumentError if there is no such task."""
    def job_tasks(self, job_name: str) -> list[str | None]:
        """A job's addresses, None for indices without a task; InvalidArgumentError if there is no such job."""
    def __bool__(self) -> bool: ...
    def __eq__(self, other: object) -> bool: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __repr__(self) -> str: ...

Example: Any
"""Named features, in `features`; `SerializeToString()` gives what a TFRecord file keeps, and `FromString` reads it."""

Feature: Any
"""One of `bytes_list`, `float_list`, `int64_list`. A message of Protocol Buffers, byte by byte that of TensorFlow."""

FeatureList: Any
"""The features of some steps, in a list `feature`. A message of Protocol Buffers, byte by byte that of TensorFlow."""

FeatureLists: Any
"""Lists by name, in a map `feature_list`. A message of Protocol Buffers, byte by byte that of TensorFlow."""

Features: Any
"""Features by name, in a map `feature`. A message of Protocol Buffers, byte by byte that of TensorFlow."""

FloatList: Any
"""Numbers of float32: `FloatList(value=[1.5])`. A message of Protocol Buffers, byte by byte that of TensorFlow."""

Int64List: Any
"""Numbers of int64: `Int64List(value=[3])`. A message of Protocol Buffers, byte by byte that of TensorFlow."""

class LoadStatus(ABC):
    """What `Checkpoint.restore` and `read` return."""
    def assert_consumed(self) -> Self:
        """Raise AssertionError unless all values were restored, and all objects were in the checkpoint."""
    def assert_existing_objects_matched(self) -> Self:
        """Raise AssertionError if an object that is there now was not in the checkpoint."""
    def assert_nontrivial_match(self) -> Self:
        """Raise AssertionError if nothing but the root was in the checkpoint."""
    def expect_partial(self) -> Self:
        """Say nothing about values that are not restored in the end."""
    def run_restore_ops(self, session: object = None) -> None:
        """Nothing: values are restored at once."""
    def initialize_or_restore(self, session: object = None) -> None:
        """Nothing: Variables have their values since they were made, and are restored at once."""

SequenceExample: Any
"""Features of a whole sequence, in `context`, and of each step, in `feature_lists`."""

def checkpoints_iterator(
    checkpoint_dir: str | bytes | os.PathLike[str],
    min_interval_secs: float = 0,
    timeout: float | None = None,
    timeout_fn: Callable[[], bool] | None = None,
) -> Iterator[str]:
    """The checkpoints of a folder as they become the latest ones, while another process trains."""

def get_checkpoint_state(checkpoint_dir: str | bytes | os.PathLike[str], latest_filename: str | None = None) -> Any:
    """What the file `checkpoint` of a folder says of the checkpoints there; None if there is none, or a damaged one."""

def latest_checkpoint(
    checkpoint_dir: str | bytes | os.PathLike[str],
    latest_filename: str | None = None,
) -> str | None:
    """The path of the latest checkpoint in a folder, stepwell's or TensorFlow's, as `restore` takes it; or None."""

def list_variables(ckpt_dir_or_file: str | bytes | os.PathLike[str]) -> list[tuple[str, list[int]]]:
    """The keys and shapes of the tensors of a checkpoint, sorted by key."""

def load_checkpoint(ckpt_dir_or_file: str | bytes | os.PathLike[str]) -> CheckpointReader:
    """A reader of a checkpoint, stepwell's or TensorFlow's, or of the latest one in a folder."""

def load_variable(ckpt_dir_or_file: str | bytes | os.PathLike[str], name: str) -> Any:
    """A tensor of a checkpoint as an array."""
