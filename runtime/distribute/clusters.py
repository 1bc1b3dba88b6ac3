"""Which processes there are in a cluster: descriptions, which strategies for one process read."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

from ...dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ...dialects.public import public

Tasks = Sequence[str] | Mapping[int, str] | str
"""The addresses of a job's tasks."""


@public("train")
class ClusterSpec:
    """The processes of a cluster: for each job, the network addresses of its tasks.

    Args:
        cluster: for each job a list of addresses, or a dict of addresses by the task's index; or a ClusterSpec.

    Attributes:
        jobs: the names of the jobs.

    Example:
        >>> import stepwell as sw
        >>> cluster = sw.train.ClusterSpec({"worker": ["a:2222", "b:2222"], "ps": ["c:2222"]})
        >>> cluster.num_tasks("worker"), cluster.task_address("worker", 1)
        (2, 'b:2222')
    """

    def __init__(self, cluster: Mapping[str, Tasks] | ClusterSpec):
        given: Any = cluster.as_dict() if isinstance(cluster, ClusterSpec) else cluster
        if not isinstance(given, Mapping):
            raise InvalidTypeError(f"ClusterSpec: cluster: expected a dict of jobs and addresses, got {given!r}")
        self._jobs = {job: _addresses(job, tasks) for job, tasks in given.items()}

    @property
    def jobs(self) -> list[str]:
        """The names of the jobs."""
        return list(self._jobs)

    def as_dict(self) -> dict[str, list[str] | dict[int, str]]:
        """For each job its addresses, as a list if their indices are 0, 1 and so on, else as a dict."""
        return {
            job: list(tasks.values()) if list(tasks) == list(range(len(tasks))) else dict(tasks)
            for job, tasks in self._jobs.items()
        }

    def num_tasks(self, job_name: str) -> int:
        """How many tasks a job has; InvalidArgumentError if there is no such job."""
        return len(self._job(job_name))

    def task_indices(self, job_name: str) -> list[int]:
        """The indices of a job's tasks; InvalidArgumentError if there is no such job."""
        return list(self._job(job_name))

    def task_address(self, job_name: str, task_index: int) -> str:
        """The address of a task; InvalidArgumentError if there is no such task."""
        tasks = self._job(job_name)
        if task_index not in tasks:
            raise InvalidArgumentError(
                f"ClusterSpec: expected a task of job {job_name!r}, one of {list(tasks)}, got {task_index!r}"
            )
        return tasks[task_index]

    def job_tasks(self, job_name: str) -> list[str | None]:
        """A job's addresses, None for indices without a task; InvalidArgumentError if there is no such job."""
        tasks = self._job(job_name)
        return [tasks.get(number) for number in range(max(tasks, default=-1) + 1)]

    def _job(self, name: str) -> dict[int, str]:
        if name not in self._jobs:
            raise InvalidArgumentError(f"ClusterSpec: expected one of the jobs {self.jobs}, got {name!r}")
        return self._jobs[name]

    def __bool__(self) -> bool:
        return bool(self._jobs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ClusterSpec) and self._jobs == other._jobs

    __hash__ = None  # pyright: ignore[reportAssignmentType] - as for a dict

    def __repr__(self) -> str:
        return f"ClusterSpec({dict(sorted(self.as_dict().items()))})"


def _addresses(job: str, tasks: Any) -> dict[int, str]:
    if isinstance(tasks, str):
        return {0: tasks}
    if isinstance(tasks, Mapping):
        found = {int(number): address for number, address in sorted(tasks.items())}
    elif isinstance(tasks, list | tuple):
        found = dict(enumerate(tasks))
    else:
        raise InvalidTypeError(f"ClusterSpec: {job!r}: expected a list or a dict of addresses, got {tasks!r}")
    for number, address in found.items():
        if not isinstance(address, str):
            raise InvalidTypeError(f"ClusterSpec: {job!r}: expected the address of task {number}, got {address!r}")
    return found


@public("distribute.cluster_resolver")
class ClusterResolver:
    """What knows the processes of a cluster, and which of them this is; the class that others derive from.

    Attributes:
        task_type: the job of this process, None if there is none.
        task_id: its index in the job, None if there is none.
        environment: where it runs.
        rpc_layer: by what processes talk.
    """

    task_type: str | None = None
    task_id: int | None = None
    environment: str | None = ""
    rpc_layer: str | None = None

    def cluster_spec(self) -> ClusterSpec:
        """The processes."""
        raise NotImplementedError

    def master(self, task_type: str | None = None, task_id: int | None = None, rpc_layer: str | None = None) -> str:
        """The address of a process, by default of this one; empty where there is none."""
        task_type = self.task_type if task_type is None else task_type
        task_id = self.task_id if task_id is None else task_id
        if task_type is None or task_id is None:
            return ""
        address = self.cluster_spec().task_address(task_type, task_id)
        layer = rpc_layer or self.rpc_layer
        return f"{layer}://{address}" if layer else address

    def num_accelerators(
        self, task_type: str | None = None, task_id: int | None = None, config_proto: object = None
    ) -> dict[str, int]:
        """How many devices other than CPUs there are, by their type: none."""
        del task_type, task_id, config_proto
        return {}


@public("distribute.cluster_resolver")
class SimpleClusterResolver(ClusterResolver):
    """A cluster that is given.

    Args:
        cluster_spec: the processes.
        master: the address that `master` returns if it is asked for none.
        task_type: the job of this process.
        task_id: its index in the job.
        environment: where it runs.
        num_accelerators: how many devices other than CPUs there are, by their type.
        rpc_layer: by what processes talk.

    Example:
        >>> import stepwell as sw
        >>> cluster = sw.train.ClusterSpec({"worker": ["a:2222", "b:2222"]})
        >>> sw.distribute.cluster_resolver.SimpleClusterResolver(cluster).master("worker", 1)
        'b:2222'
    """

    def __init__(
        self,
        cluster_spec: ClusterSpec,
        master: str = "",
        task_type: str | None = None,
        task_id: int | None = None,
        environment: str = "",
        num_accelerators: Mapping[str, int] | None = None,
        rpc_layer: str | None = None,
    ):
        if not isinstance(cluster_spec, ClusterSpec):
            raise InvalidTypeError(f"SimpleClusterResolver: cluster_spec: expected a ClusterSpec, got {cluster_spec!r}")
        self._spec, self._master, self._accelerators = cluster_spec, master, dict(num_accelerators or {})
        self.task_type, self.task_id = task_type, task_id
        self.environment, self.rpc_layer = environment, rpc_layer

    def cluster_spec(self) -> ClusterSpec:
        """The processes."""
        return self._spec

    def master(self, task_type: str | None = None, task_id: int | None = None, rpc_layer: str | None = None) -> str:
        """The address of a process; of none, the `master` that was given."""
        if task_type is None or task_id is None:
            return self._master
        return super().master(task_type, task_id, rpc_layer)

    def num_accelerators(
        self, task_type: str | None = None, task_id: int | None = None, config_proto: object = None
    ) -> dict[str, int]:
        """How many devices other than CPUs there are, as given."""
        return dict(self._accelerators)


@public("distribute.cluster_resolver")
class TFConfigClusterResolver(ClusterResolver):
    """The cluster that the environment variable `TF_CONFIG` describes, as JSON; without it, an empty one.

    Args:
        task_type: the job of this process, instead of what the variable says.
        task_id: its index, likewise.
        rpc_layer: by what processes talk, likewise.
        environment: where it runs, likewise.

    Example:
        >>> import stepwell as sw
        >>> sw.distribute.cluster_resolver.TFConfigClusterResolver().cluster_spec()
        ClusterSpec({})
    """

    def __init__(
        self,
        task_type: str | None = None,
        task_id: int | None = None,
        rpc_layer: str | None = None,
        environment: str | None = None,
    ):
        config = _tf_config()
        task = config.get("task", {})
        self.task_type = task_type if task_type is not None else task.get("type")
        index = task_id if task_id is not None else task.get("index")
        self.task_id = None if index is None else int(index)
        self.rpc_layer = rpc_layer if rpc_layer is not None else config.get("rpc_layer")
        self.environment = environment if environment is not None else config.get("environment")
        self._spec = ClusterSpec(config.get("cluster", {}))

    def cluster_spec(self) -> ClusterSpec:
        """The processes."""
        return self._spec


def _tf_config() -> dict[str, Any]:
    text = os.environ.get("TF_CONFIG", "{}")
    try:
        found = json.loads(text)
    except ValueError as error:
        raise InvalidArgumentError(f"TF_CONFIG: expected JSON, got {text!r}: {error}") from None
    if not isinstance(found, dict):
        raise InvalidArgumentError(f"TF_CONFIG: expected a JSON object, got {text!r}")
    return found
