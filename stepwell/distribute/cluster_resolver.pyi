# Written by `python -m stepwell.tools.public_api --write`.

from collections.abc import Mapping
from typing import Any
from stepwell.train import ClusterSpec

class ClusterResolver:
    """What knows the processes of a cluster, and which of them this is; the class that others derive from."""
    task_type: str | None = ...
    task_id: int | None = ...
    environment: str | None = ...
    rpc_layer: str | None = ...
    def cluster_spec(self) -> ClusterSpec:
        """The processes."""
    def master(self, task_type: str | None = None, task_id: int | None = None, rpc_layer: str | None = None) -> str:
        """The address of a process, by default of this one; empty where there is none."""
    def num_accelerators(
        self,
        task_type: str | None = None,
        task_id: int | None = None,
        config_proto: object = None,
    ) -> dict[str, int]:
        """How many devices other than CPUs there are, by their type: none."""

class SimpleClusterResolver(ClusterResolver):
    """A cluster that is given."""
    def __init__(
        self,
        cluster_spec: ClusterSpec,
        master: str = '',
        task_type: str | None = None,
        task_id: int | None = None,
        environment: str = '',
        num_accelerators: Mapping[str, int] | None = None,
        rpc_layer: str | None = None,
    ) -> None:
        ...
    def cluster_spec(self) -> ClusterSpec:
        """The processes."""
    def master(self, task_type: str | None = None, task_id: int | None = None, rpc_layer: str | None = None) -> str:
        """The address of a process; of none, the `master` that was given."""
    def num_accelerators(
        self,
        task_type: str | None = None,
        task_id: int | None = None,
        config_proto: object = None,
    ) -> dict[str, int]:
        """How many devices other than CPUs there are, as given."""

class TFConfigClusterResolver(ClusterResolver):
    """The cluster that the environment variable `TF_CONFIG` describes, as JSON; without it, an empty one."""
    def __init__(
        self,
        task_type: str | None = None,
        task_id: int | None = None,
        rpc_layer: str | None = None,
        environment: str | None = None,
    ) -> None:
        ...
    def cluster_spec(self) -> ClusterSpec:
        """The processes."""

class TPUClusterResolver(ClusterResolver):
    """A cluster of TPUs, of which there is none: making one raises InvalidArgumentError, which is a ValueError."""
    def __init__(
        self,
        tpu: str | None = None,
        zone: str | None = None,
        project: str | None = None,
        **options: Any,
    ) -> None:
        ...
