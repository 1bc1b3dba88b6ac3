"""Datasets of replicas: with one replica, it gets all of the batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ...compiler.frontend.tracing.tracer import current_tracer
from ...compiler.frontend.values.tensor import Tensor
from ...dialects.diagnostics import InvalidArgumentError, InvalidTypeError, UnsupportedError
from ...dialects.public import public
from ..data.dataset import Dataset
from ..data.indexed import Indexed
from ..data.iterator import DatasetIterator
from ..data.staged import StagedElements


@public("distribute")
class InputReplicationMode(Enum):
    """Who gets a dataset of its own: each worker, or each replica."""

    PER_WORKER = "PER_WORKER"
    PER_REPLICA = "PER_REPLICA"


@public("distribute")
@dataclass(frozen=True)
class InputOptions:
    """How batches reach devices.

    Attributes:
        experimental_fetch_to_device: kept, and without effect.
        experimental_replication_mode: who gets a dataset of its own.
        experimental_place_dataset_on_device: kept, and without effect.
        experimental_per_replica_buffer_size: kept, and without effect.
    """

    experimental_fetch_to_device: bool = True
    experimental_replication_mode: InputReplicationMode = InputReplicationMode.PER_WORKER
    experimental_place_dataset_on_device: bool = False
    experimental_per_replica_buffer_size: int = 1


@public("distribute")
@dataclass(frozen=True)
class RunOptions:
    """How `Strategy.run` runs a function: kept, and without effect.

    Attributes:
        experimental_enable_dynamic_batch_size: whether batches may have several sizes.
        experimental_bucketizing_dynamic_shape: whether sizes are padded.
        experimental_xla_options: for XLA.
    """

    experimental_enable_dynamic_batch_size: bool = True
    experimental_bucketizing_dynamic_shape: bool = False
    experimental_xla_options: Any = None


@public("distribute")
@dataclass(frozen=True, repr=False)
class InputContext:
    """What a function that makes a dataset for replicas knows of them.

    Attributes:
        num_input_pipelines: how many datasets are made.
        input_pipeline_id: which of them this is.
        num_replicas_in_sync: how many replicas there are.

    Example:
        >>> import stepwell as sw
        >>> context = sw.distribute.InputContext(num_replicas_in_sync=4)
        >>> context, context.get_per_replica_batch_size(32)
        (tf.distribute.InputContext(input pipeline id 0, total: 1), 8)
    """

    num_input_pipelines: int = 1
    input_pipeline_id: int = 0
    num_replicas_in_sync: int = 1

    def get_per_replica_batch_size(self, global_batch_size: int) -> int:
        """The size of the batch of each replica; InvalidArgumentError if it is not the same for all."""
        if global_batch_size % self.num_replicas_in_sync:
            raise InvalidArgumentError(
                "InputContext.get_per_replica_batch_size: global_batch_size: expected a multiple of "
                f"num_replicas_in_sync={self.num_replicas_in_sync}, got {global_batch_size}"
            )
        return global_batch_size // self.num_replicas_in_sync

    def __repr__(self) -> str:
        number, total = self.input_pipeline_id, self.num_input_pipelines
        return f"tf.distribute.InputContext(input pipeline id {number}, total: {total})"


@public("distribute")
class DistributedIterator(DatasetIterator):
    """One way through the batches of a DistributedDataset; the replica gets each as it is."""


@public("distribute")
class DistributedDataset:
    """The batches of a dataset, for the replicas of a strategy; the only one gets each as it is.

    A `for` loop over it in a `function` is a loop of the program.

    Attributes:
        element_spec: the shape and dtype of each component of a batch.
        cardinality: how many batches there are.

    Example:
        >>> import stepwell as sw
        >>> strategy = sw.distribute.MirroredStrategy()
        >>> batches = strategy.experimental_distribute_dataset(sw.data.Dataset.range(4).batch(2))
        >>> [batch.numpy().tolist() for batch in batches]
        [[0, 1], [2, 3]]
    """

    def __init__(self, dataset: Dataset):
        self.local = dataset

    @property
    def element_spec(self) -> Any:
        """The shape and dtype of each component of a batch."""
        return self.local.element_spec

    @property
    def cardinality(self) -> int:
        """How many batches there are; negative where that is not known."""
        return int(self.local.cardinality())

    def __iter__(self) -> DistributedIterator:
        if current_tracer() is not None:
            iter(self.local)  # raises: a loop of Python would have no end
        return DistributedIterator(self.local._node)

    def indexed(self) -> tuple[Indexed, Callable[[Sequence[Tensor]], object]] | None:
        """The batches and how to pack the components of one, if a program that is traced has them in memory."""
        return self.local.indexed()

    def staged(self) -> StagedElements:
        """The batches in a program that is traced."""
        return self.local.staged()


def distributed(what: str, dataset: object) -> DistributedDataset:
    """A dataset, for replicas."""
    if not isinstance(dataset, Dataset):
        raise InvalidTypeError(f"{what}: expected a Dataset, got {dataset!r}")
    return DistributedDataset(dataset)


def made(what: str, dataset_fn: Callable[[InputContext], Any], options: InputOptions | None) -> Any:
    """What a function makes for the only worker."""
    if not callable(dataset_fn):
        raise InvalidTypeError(f"{what}: dataset_fn: expected a function of an InputContext, got {dataset_fn!r}")
    del options
    return dataset_fn(InputContext())


def refuse_replication(what: str, options: InputOptions | None) -> None:
    """A dataset cannot be made again for each replica."""
    if options is not None and options.experimental_replication_mode is InputReplicationMode.PER_REPLICA:
        raise UnsupportedError(
            f"{what}: options: expected InputReplicationMode.PER_WORKER, got PER_REPLICA; "
            "Strategy.distribute_datasets_from_function calls a function for each"
        )
