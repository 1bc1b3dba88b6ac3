"""The strategies that run on one device."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...dialects.diagnostics import InvalidArgumentError, InvalidTypeError, UnsupportedError
from ...dialects.public import public
from .clusters import ClusterResolver, TFConfigClusterResolver
from .communication import CommunicationImplementation, CommunicationOptions, CrossDeviceOps
from .extended import StrategyExtended
from .strategy import Strategy

_DEVICE = re.compile(
    r"(/job:[A-Za-z]\w*)?(/replica:\d+)?(/task:\d+)?(/?(device:)?[A-Za-z]\w*:(\d+|\*))?", re.ASCII | re.IGNORECASE
)
"""The name of a device, such as "/job:localhost/replica:0/task:0/device:CPU:0", "/gpu:0", "CPU:0"."""


@public("distribute")
class MirroredStrategy(Strategy):
    """A replica on each device: with one device, the CPU, one replica.

    Args:
        devices: the name of the device; None and an empty list are the CPU.
        cross_device_ops: kept, and without effect.

    Raises UnsupportedError for several devices.

    Example:
        >>> import stepwell as sw
        >>> sw.distribute.MirroredStrategy().num_replicas_in_sync
        1
    """

    def __init__(self, devices: Sequence[str] | None = None, cross_device_ops: CrossDeviceOps | None = None):
        super().__init__(StrategyExtended(self))
        names = [devices] if isinstance(devices, str) else list(devices or ())
        for name in names:
            _check_device("MirroredStrategy: devices", name)
        if len(names) > 1:
            raise UnsupportedError(f"MirroredStrategy: devices: expected one device, the CPU, got {names}")
        self.cross_device_ops = cross_device_ops


@public("distribute")
class OneDeviceStrategy(Strategy):
    """One replica on a device, which is the CPU.

    Args:
        device: the name of a device, which is checked, and has no effect.

    Example:
        >>> import stepwell as sw
        >>> float(sw.distribute.OneDeviceStrategy("/gpu:0").run(lambda x: x + 1.0, args=(sw.constant(1.0),)))
        2.0
    """

    def __init__(self, device: str):
        super().__init__(StrategyExtended(self))
        _check_device("OneDeviceStrategy: device", device)


@public("distribute.experimental")
class CentralStorageStrategy(Strategy):
    """A replica on each device, with Variables on one: with one device, one replica.

    Args:
        compute_devices: the names of devices.
        parameter_device: the device of Variables.

    Raises UnsupportedError for several devices.
    """

    def __init__(self, compute_devices: Sequence[str] | None = None, parameter_device: str | None = None):
        super().__init__(StrategyExtended(self))
        names = list(compute_devices or ())
        for name in [*names, *([] if parameter_device is None else [parameter_device])]:
            _check_device("CentralStorageStrategy", name)
        if len(names) > 1:
            raise UnsupportedError(f"CentralStorageStrategy: compute_devices: expected one device, got {names}")


@public("distribute")
class MultiWorkerMirroredStrategy(Strategy):
    """A replica on each device of each worker: with one worker, one replica.

    Args:
        cluster_resolver: what knows the workers; None reads the environment variable `TF_CONFIG`.
        communication_options: kept, and without effect.

    Raises UnsupportedError for a cluster of several workers.

    Example:
        >>> import stepwell as sw
        >>> strategy = sw.distribute.MultiWorkerMirroredStrategy()
        >>> strategy.num_replicas_in_sync, strategy.cluster_resolver.task_type
        (1, None)
    """

    def __init__(
        self,
        cluster_resolver: ClusterResolver | None = None,
        communication_options: CommunicationOptions | None = None,
    ):
        super().__init__(StrategyExtended(self))
        self._resolver = TFConfigClusterResolver() if cluster_resolver is None else cluster_resolver
        self.communication_options = communication_options
        spec = self._resolver.cluster_spec()
        workers = [address for job in ("chief", "worker") if job in spec.jobs for address in spec.job_tasks(job)]
        if len(workers) > 1:
            raise UnsupportedError(
                f"MultiWorkerMirroredStrategy: expected a cluster of one worker, got {len(workers)}: {workers}; "
                "there is no communication between processes"
            )

    @property
    def cluster_resolver(self) -> ClusterResolver:
        """What knows the workers of the cluster."""
        return self._resolver


@public(aliases=("distribute.experimental.MultiWorkerMirroredStrategy",))
class FormerMultiWorkerMirroredStrategy(MultiWorkerMirroredStrategy):
    """The former MultiWorkerMirroredStrategy.

    Args:
        communication: by which library workers exchange values: kept, and without effect.
        cluster_resolver: what knows the workers; None reads the environment variable `TF_CONFIG`.
    """

    def __init__(
        self,
        communication: CommunicationImplementation = CommunicationImplementation.AUTO,
        cluster_resolver: ClusterResolver | None = None,
    ):
        super().__init__(cluster_resolver, CommunicationOptions(implementation=communication))


def _check_device(what: str, name: object) -> None:
    if not isinstance(name, str):
        raise InvalidTypeError(f"{what}: expected the name of a device, got {name!r}")
    if not name or _DEVICE.fullmatch(name) is None:
        raise InvalidArgumentError(f"{what}: expected the name of a device, such as '/cpu:0', got {name!r}")
