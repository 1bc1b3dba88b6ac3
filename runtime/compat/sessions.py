"""Sessions of TensorFlow 1 in eager programs, which make them for their settings: there is nothing to run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from ...dialects.diagnostics import InvalidTypeError
from ...dialects.errors import FailedPreconditionError
from ...dialects.public import public


@public("compat.v1")
@dataclass(slots=True)
class GPUOptions:
    """Settings of GPUs: kept, and without effect.

    Attributes:
        per_process_gpu_memory_fraction: how much memory is taken.
        allow_growth: whether it is taken when it is needed.
        allocator_type: by what.
        deferred_deletion_bytes: how much may be freed later.
        visible_device_list: which GPUs.
        force_gpu_compatible: whether memory of the CPU is for GPUs.
    """

    per_process_gpu_memory_fraction: float = 0.0
    allow_growth: bool = False
    allocator_type: str = ""
    deferred_deletion_bytes: int = 0
    visible_device_list: str = ""
    force_gpu_compatible: bool = False


@public("compat.v1")
@dataclass(slots=True)
class ConfigProto:
    """Settings of a session: kept, and without effect.

    Attributes:
        device_count: how many devices, by type.
        intra_op_parallelism_threads: how many threads an operation has.
        inter_op_parallelism_threads: how many operations run at a time.
        use_per_session_threads: whether threads are the session's.
        device_filters: which devices.
        gpu_options: settings of GPUs.
        allow_soft_placement: whether operations may run on another device.
        log_device_placement: whether devices are reported.
        operation_timeout_in_ms: how long an operation may take.

    Example:
        >>> import stepwell as sw
        >>> config = sw.compat.v1.ConfigProto(allow_soft_placement=True)
        >>> config.gpu_options.allow_growth = True
        >>> session = sw.compat.v1.InteractiveSession(config=config)
    """

    device_count: Mapping[str, int] = field(default_factory=dict)
    intra_op_parallelism_threads: int = 0
    inter_op_parallelism_threads: int = 0
    use_per_session_threads: bool = False
    device_filters: Sequence[str] = field(default_factory=list)
    gpu_options: GPUOptions = field(default_factory=GPUOptions)
    allow_soft_placement: bool = False
    log_device_placement: bool = False
    operation_timeout_in_ms: int = 0


@public("compat.v1")
class Session:
    """A session: eager programs make one for its settings; it has no graph, so that `run` is an error, as there.

    Args:
        target: accepted as in TensorFlow; unused.
        graph: None: there are no graphs.
        config: settings, which have no effect.

    Example:
        >>> import stepwell as sw
        >>> with sw.compat.v1.Session() as session:
        ...     session.run(sw.constant(1.0))
        Traceback (most recent call last):
        stepwell.dialects.errors.FailedPreconditionError: Session.run: there are no graphs; tensors have numpy()
    """

    def __init__(self, target: str = "", graph: Any = None, config: ConfigProto | None = None):
        what = type(self).__name__
        if graph is not None:
            raise InvalidTypeError(f"{what}: graph: expected None: there are no graphs, got {graph!r}")
        if config is not None and not isinstance(config, ConfigProto):
            raise InvalidTypeError(f"{what}: config: expected a ConfigProto, got {config!r}")
        del target

    def run(self, fetches: Any, feed_dict: Any = None, options: Any = None, run_metadata: Any = None) -> NoReturn:
        """Raise FailedPreconditionError: there is nothing to run."""
        del fetches, feed_dict, options, run_metadata
        what = f"{type(self).__name__}.run"
        raise FailedPreconditionError(f"{what}: there are no graphs; tensors have numpy()")

    def close(self) -> None:
        """Do nothing."""

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@public("compat.v1")
class InteractiveSession(Session):
    """A session that programs need not enter; see `Session`."""
