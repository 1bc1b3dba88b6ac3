# Written by `python -m stepwell.tools.public_api --write`.

import stepwell.distribute
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any
from stepwell.distribute import ParameterServerStrategy as ParameterServerStrategy, Strategy
from stepwell.distribute.cluster_resolver import ClusterResolver

class CentralStorageStrategy(Strategy):
    """A replica on each device, with Variables on one: with one device, one replica."""
    def __init__(self, compute_devices: Sequence[str] | None = None, parameter_device: str | None = None) -> None: ...

CollectiveCommunication = CommunicationImplementation

class CommunicationImplementation(Enum):
    """How workers exchange values: kept, and without effect."""
    AUTO = 'AUTO'
    RING = 'RING'
    NCCL = 'NCCL'

@dataclass(frozen=True)
class CommunicationOptions:
    """How workers exchange values: kept, and without effect."""
    bytes_per_pack: int = ...
    timeout_seconds: float | None = ...
    implementation: CommunicationImplementation = ...

class MultiWorkerMirroredStrategy(stepwell.distribute.MultiWorkerMirroredStrategy):
    """The former MultiWorkerMirroredStrategy."""
    def __init__(
        self,
        communication: CommunicationImplementation = ...,
        cluster_resolver: ClusterResolver | None = None,
    ) -> None:
        ...

class TPUStrategy(stepwell.distribute.TPUStrategy):
    """The former TPUStrategy: making one raises UnsupportedError."""
    def __init__(self, tpu_cluster_resolver: Any = None, device_assignment: Any = None) -> None: ...

@dataclass(frozen=True)
class ValueContext:
    """What a function that makes a value for a replica knows of it."""
    replica_id_in_sync_group: int = ...
    num_replicas_in_sync: int = ...
