"""Strategies for several machines and for TPUs: there are none, which their errors say."""

from __future__ import annotations

from typing import Any, NoReturn

from ...dialects.diagnostics import InvalidArgumentError, UnsupportedError
from ...dialects.public import public
from .clusters import ClusterResolver
from .strategy import Strategy

_ONE_PROCESS = (
    "there is no communication between processes; sw.distribute.MirroredStrategy() has one replica, on the CPU"
)


def _no_processes(what: str) -> NoReturn:
    raise UnsupportedError(f"{what}: expected a program of one process: {_ONE_PROCESS}")


@public("distribute")
class TPUStrategy(Strategy):
    """Replicas on TPUs, of which there are none: making one raises UnsupportedError."""

    def __init__(
        self,
        tpu_cluster_resolver: Any = None,
        experimental_device_assignment: Any = None,
        experimental_spmd_xla_partitioning: bool = False,
    ):
        del tpu_cluster_resolver, experimental_device_assignment, experimental_spmd_xla_partitioning
        raise UnsupportedError(
            "TPUStrategy: expected a TPU, found one device, the CPU; "
            "sw.distribute.MirroredStrategy() has one replica on it"
        )


@public(aliases=("distribute.experimental.TPUStrategy",))
class FormerTPUStrategy(TPUStrategy):
    """The former TPUStrategy: making one raises UnsupportedError."""

    def __init__(self, tpu_cluster_resolver: Any = None, device_assignment: Any = None):
        super().__init__(tpu_cluster_resolver, device_assignment)


@public("distribute", "distribute.experimental")
class ParameterServerStrategy(Strategy):
    """Replicas and Variables in several processes: making one raises UnsupportedError."""

    def __init__(self, cluster_resolver: ClusterResolver | None = None, variable_partitioner: Any = None):
        del cluster_resolver, variable_partitioner
        _no_processes("ParameterServerStrategy")


@public("distribute")
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
    ):
        del server_or_cluster_def, job_name, task_index, protocol, config, start
        _no_processes("Server")


@public("distribute.cluster_resolver")
class TPUClusterResolver(ClusterResolver):
    """A cluster of TPUs, of which there is none: making one raises InvalidArgumentError, which is a ValueError.

    Programs that use TPUs where there are some catch it:

    Example:
        >>> import stepwell as sw
        >>> try:
        ...     strategy = sw.distribute.TPUStrategy(sw.distribute.cluster_resolver.TPUClusterResolver())
        ... except ValueError:
        ...     strategy = sw.distribute.get_strategy()
        >>> strategy.num_replicas_in_sync
        1
    """

    def __init__(self, tpu: str | None = None, zone: str | None = None, project: str | None = None, **options: Any):
        del zone, project, options
        raise InvalidArgumentError(
            f"TPUClusterResolver: tpu: expected a TPU, got {tpu!r}: there is one device, the CPU"
        )
