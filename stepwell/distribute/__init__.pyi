# Written by `python -m stepwell.tools.public_api --write`.

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any
from stepwell import Tensor, Variable
from stepwell.data import Dataset
from stepwell.distribute.cluster_resolver import ClusterResolver
from stepwell.distribute.experimental import CommunicationOptions, ValueContext
from stepwell.types import DatasetIterator
from . import cluster_resolver as cluster_resolver
from . import experimental as experimental

class CrossDeviceOps:
    """How copies on several devices are combined: kept by strategies, and without effect."""

class DistributedDataset:
    """The batches of a dataset, for the replicas of a strategy; the only one gets each as it is."""
    local: Dataset
    def __init__(self, dataset: Dataset) -> None: ...
    @property
    def element_spec(self) -> Any:
        """The shape and dtype of each component of a batch."""
    @property
    def cardinality(self) -> int:
        """How many batches there are; negative where that is not known."""
    def __iter__(self) -> DistributedIterator: ...

class DistributedIterator(DatasetIterator):
    """One way through the batches of a DistributedDataset; the replica gets each as it is."""

class DistributedValues:
    """What each replica has of a value."""
    def __init__(self, values: tuple[Any, ...]) -> None: ...
    @property
    def values(self) -> tuple[Any, ...]:
        """One value a replica."""
    def __repr__(self) -> str: ...

class HierarchicalCopyAllReduce(CrossDeviceOps):
    """By copies in two steps: kept by strategies, and without effect."""
    def __init__(self, num_packs: int = 1) -> None: ...

@dataclass(frozen=True, repr=False)
class InputContext:
    """What a function that makes a dataset for replicas knows of them."""
    num_input_pipelines: int = ...
    input_pipeline_id: int = ...
    num_replicas_in_sync: int = ...
    def get_per_replica_batch_size(self, global_batch_size: int) -> int:
        """The size of the batch of each replica; InvalidArgumentError if it is not the same for all."""
    def __repr__(self) -> str: ...

@dataclass(frozen=True)
class InputOptions:
    """How batches reach devices."""
    experimental_fetch_to_device: bool = ...
    experimental_replication_mode: InputReplicationMode = ...
    experimental_place_dataset_on_device: bool = ...
    experimental_per_replica_buffer_size: int = ...

class InputReplicationMode(Enum):
    """Who gets a dataset of its own: each worker, or each replica."""
    PER_WORKER = 'PER_WORKER'
    PER_REPLICA = 'PER_REPLICA'

class MirroredStrategy(Strategy):
    """A replica on each device: with one device, the CPU, one replica."""
    cross_device_ops: CrossDeviceOps | None
    def __init__(self, devices: Sequence[str] | None = None, cross_device_ops: CrossDeviceOps | None = None) -> None: ...

class MultiWorkerMirroredStrategy(Strategy):
    """A replica on each device of each worker: with one worker, one replica."""
    communication_options: CommunicationOptions | None
    def __init__(
        self,
        cluster_resolver: ClusterResolver | None = None,
        communication_options: CommunicationOptions | None = None,
    ) -> None:
        ...
    @property
    def cluster_resolver(self) -> ClusterResolver:
        """What knows the workers of the cluster."""

class NcclAllReduce(CrossDeviceOps):
    """By NVIDIA's library: kept by strategies, and without effect."""
    def __init__(self, num_packs: int = 1) -> None: ...

class OneDeviceStrategy(Strategy):
    """One replica on a device, which is the CPU."""
    def __init__(self, device: str) -> None: ...

class ParameterServerStrategy(Strategy):
    """Replicas and Variables in several processes: making one raises UnsupportedError."""
    def __init__(self, cluster_resolver: ClusterResolver | None = None, variable_partitioner: Any = None) -> None: ...

class ReduceOp(Enum):
    """How values of replicas are combined: their sum or their mean, which with one replica are its value."""
    SUM = 'SUM'
    MEAN = 'MEAN'

class ReductionToOneDevice(CrossDeviceOps):
    """On one device, from which they are copied: kept by strategies, and without effect."""
    def __init__(self, reduce_to_device: str | None = None, accumulation_fn: Callable[..., Any] | None = None) -> None: ...

class ReplicaContext:
    """What a function that `Strategy.run` runs knows of its replica, the only one."""
    def __init__(self, strategy: Strategy, replica_id_in_sync_group: Any) -> None: ...
    @property
    def strategy(self) -> Strategy:
        """The strategy that runs it."""
    @property
    def num_replicas_in_sync(self) -> int:
        """How many replicas there are: 1."""
    @property
    def replica_id_in_sync_group(self) -> Tensor:
        """Which replica this is: 0."""
    @property
    def devices(self) -> tuple[str, ...]:
        """The name of its device."""
    def all_reduce(self, reduce_op: ReduceOp | str, value: Any, options: CommunicationOptions | None = None) -> Any:
        """The sum or mean of a structure of tensors over all replicas: with one replica, these tensors."""
    def all_gather(self, value: Any, axis: int, options: CommunicationOptions | None = None) -> Any:
        """A structure of tensors of all replicas, concatenated along an axis: with one replica, these tensors."""
    def merge_call(self, merge_fn: Callable[..., Any], args: Any = (), kwargs: Any = None) -> Any:
        """Call a function outside of replicas, with the strategy and what all replicas give; returns its result."""

@dataclass(frozen=True)
class RunOptions:
    """How `Strategy.run` runs a function: kept, and without effect."""
    experimental_enable_dynamic_batch_size: bool = ...
    experimental_bucketizing_dynamic_shape: bool = ...
    experimental_xla_options: Any = ...

class Server:
    """A process of a cluster: making one raises UnsupportedError."""
    def __init__(
        self,
        server_or_cluster_def: Any,
        job_name: str | None = None,
        task_index: int | None = None,
        protocol: str | None = None,
        config: Any = None,
        start: bool = True,
    ) -> None:
        ...

class Strategy:
    """Who runs a step of training: one replica, on the only device; programs for several run unchanged."""
    def __init__(self, extended: StrategyExtended) -> None: ...
    @property
    def extended(self) -> StrategyExtended:
        """What libraries ask for."""
    @property
    def num_replicas_in_sync(self) -> int:
        """How many replicas there are: 1."""
    @property
    def cluster_resolver(self) -> ClusterResolver | None:
        """What knows the workers of a cluster; None if there is none."""
    @contextmanager
    def scope(self) -> Iterator[Strategy]:
        """A context in which this is the strategy that `get_strategy` returns."""
    def run(self, fn: Callable[..., Any], args: Any = (), kwargs: Any = None, options: RunOptions | None = None) -> Any:
        """Call a function in the replica, and return its result."""
    def reduce(self, reduce_op: ReduceOp | str, value: Any, axis: int | Sequence[int] | None) -> Any:
        """What all replicas have, summed or averaged: tensors, in the structure of `value`."""
    def gather(self, value: Any, axis: int) -> Any:
        """What all replicas have, concatenated along an axis: with one replica, its tensors."""
    def experimental_distribute_dataset(self, dataset: Any, options: InputOptions | None = None) -> Any:
        """The batches of a dataset for all replicas: a DistributedDataset."""
    def distribute_datasets_from_function(
        self,
        dataset_fn: Callable[[InputContext], Any],
        options: InputOptions | None = None,
    ) -> Any:
        """The batches of the dataset that a function of an InputContext makes: a DistributedDataset."""
    def experimental_distribute_datasets_from_function(
        self,
        dataset_fn: Callable[[InputContext], Any],
        options: InputOptions | None = None,
    ) -> Any:
        """The former name of `distribute_datasets_from_function`."""
    def experimental_distribute_values_from_function(self, value_fn: Callable[[ValueContext], Any]) -> Any:
        """What a function of a ValueContext makes for each replica: DistributedValues, in its structure."""
    def experimental_local_results(self, value: Any) -> tuple[Any, ...]:
        """What each replica has of a value: one value."""
    def make_dataset_iterator(self, dataset: Any) -> DistributedIterator:
        """An iterator over the batches of a dataset, for `experimental_run`."""
    def experimental_run(self, fn: Callable[..., Any], input_iterator: Any = None) -> Any:
        """Call a function in the replica with the next element of an iterator; without one, with nothing."""

class StrategyExtended:
    """What libraries ask a strategy for: `Strategy.extended`."""
    def __init__(self, container_strategy: Strategy, device: str | None = None) -> None: ...
    @property
    def worker_devices(self) -> tuple[str, ...]:
        """The names of the devices that replicas run on."""
    @property
    def parameter_devices(self) -> tuple[str, ...]:
        """The names of the devices that Variables are on."""
    def reduce_to(
        self,
        reduce_op: ReduceOp | str,
        value: Any,
        destinations: object,
        options: CommunicationOptions | None = None,
    ) -> Any:
        """The sum or mean of what replicas have, on devices: with one replica, its tensor."""
    def batch_reduce_to(
        self,
        reduce_op: ReduceOp | str,
        value_destination_pairs: Any,
        options: CommunicationOptions | None = None,
    ) -> list[Any]:
        """The same for pairs of a value and devices."""
    def update(
        self,
        var: Variable,
        fn: Callable[..., Any],
        args: Any = (),
        kwargs: Any = None,
        group: bool = True,
    ) -> Any:
        """Call a function of a Variable, outside of replicas; returns its result, or its results as a tuple."""

class TPUStrategy(Strategy):
    """Replicas on TPUs, of which there are none: making one raises UnsupportedError."""
    def __init__(
        self,
        tpu_cluster_resolver: Any = None,
        experimental_device_assignment: Any = None,
        experimental_spmd_xla_partitioning: bool = False,
    ) -> None:
        ...

def experimental_set_strategy(strategy: Strategy | None) -> None:
    """Use a strategy outside of scopes; None is the default one again."""

def get_replica_context() -> ReplicaContext | None:
    """The replica that runs, in a function that `Strategy.run` runs and outside of scopes; None elsewhere."""

def get_strategy() -> Strategy:
    """The strategy whose scope this is; outside of scopes, the default one, with one replica."""

def has_strategy() -> bool:
    """Whether a strategy other than the default one is in use."""

def in_cross_replica_context() -> bool:
    """Whether this is in a strategy's scope, and in no replica."""
