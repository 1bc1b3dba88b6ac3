"""`config`: the devices, of which there is one, the CPU; and settings that TensorFlow has, with honest answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..dialects.diagnostics import InvalidArgumentError
from ..dialects.public import public
from .functions.function import functions_run_eagerly, run_functions_eagerly


@public("config")
@dataclass(frozen=True)
class PhysicalDevice:
    """A device of the machine.

    Attributes:
        name: such as `"/physical_device:CPU:0"`.
        device_type: `"CPU"`.
    """

    name: str
    device_type: str

    def __repr__(self) -> str:
        return f"PhysicalDevice(name={self.name!r}, device_type={self.device_type!r})"


@public("config")
@dataclass(frozen=True)
class LogicalDevice:
    """A device that programs use.

    Attributes:
        name: such as `"/device:CPU:0"`.
        device_type: `"CPU"`.
    """

    name: str
    device_type: str

    def __repr__(self) -> str:
        return f"LogicalDevice(name={self.name!r}, device_type={self.device_type!r})"


@public("config", aliases=("config.experimental.VirtualDeviceConfiguration",))
@dataclass(frozen=True)
class LogicalDeviceConfiguration:
    """How a device is to be used: kept, and without effect.

    Attributes:
        memory_limit: how much memory it may use, in megabytes.
        experimental_priority: which device is preferred.
        experimental_device_ordinal: which of several devices it is.
    """

    memory_limit: int | None = None
    experimental_priority: int | None = None
    experimental_device_ordinal: int | None = None


_CPU = PhysicalDevice("/physical_device:CPU:0", "CPU")
_LOGICAL = LogicalDevice("/device:CPU:0", "CPU")
_settings: dict[str, Any] = {}
"""What was set and is only told again."""


@public("config", "config.experimental")
def list_physical_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """The devices of the machine, or those of a type; there is one CPU, and nothing else.

    Example:
        >>> import stepwell as sw
        >>> sw.config.list_physical_devices(), sw.config.list_physical_devices("GPU")
        ([PhysicalDevice(name='/physical_device:CPU:0', device_type='CPU')], [])
    """
    return [_CPU] if device_type in (None, "CPU") else []


@public("config", "config.experimental")
def list_logical_devices(device_type: str | None = None) -> list[LogicalDevice]:
    """The devices that programs use, or those of a type; there is one CPU, and nothing else."""
    return [_LOGICAL] if device_type in (None, "CPU") else []


@public("config", "config.experimental")
def set_visible_devices(
    devices: Sequence[PhysicalDevice] | PhysicalDevice | None, device_type: str | None = None
) -> None:
    """Choose the devices to use. Raises ValueError for devices that do not exist, and if the CPU is not among them."""
    chosen = list(devices) if isinstance(devices, list | tuple) else [devices] if devices is not None else []
    _known("set_visible_devices", *chosen)
    if not chosen and device_type in (None, "CPU"):
        raise InvalidArgumentError("config.set_visible_devices: devices: expected the CPU among them, got none")


@public("config", "config.experimental")
def get_visible_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """The devices that are used."""
    return list_physical_devices(device_type)


def _known(function: str, *devices: object) -> None:
    for device in devices:
        if device != _CPU:
            raise InvalidArgumentError(f"config.{function}: device: expected {_CPU}, got {device!r}")


@public("config", aliases=("config.experimental.set_virtual_device_configuration",))
def set_logical_device_configuration(
    device: PhysicalDevice, logical_devices: Sequence[LogicalDeviceConfiguration] | None
) -> None:
    """Say how a device is to be used. Raises ValueError for more than one logical device: there is one CPU."""
    _known("set_logical_device_configuration", device)
    if logical_devices is not None and len(logical_devices) > 1:
        raise InvalidArgumentError(
            "config.set_logical_device_configuration: logical_devices: expected one, since the CPU is one device, got "
            f"{len(logical_devices)}"
        )
    _settings["logical"] = None if logical_devices is None else list(logical_devices)


@public("config", aliases=("config.experimental.get_virtual_device_configuration",))
def get_logical_device_configuration(device: PhysicalDevice) -> list[LogicalDeviceConfiguration] | None:
    """What `set_logical_device_configuration` was given."""
    _known("get_logical_device_configuration", device)
    return _settings.get("logical")


@public("config.experimental")
def set_memory_growth(device: PhysicalDevice, enable: bool) -> None:
    """Raise ValueError: only a GPU has memory that grows, and there is none."""
    del enable
    raise InvalidArgumentError(f"config.experimental.set_memory_growth: device: expected a GPU, got {device!r}")


@public("config.experimental")
def get_memory_growth(device: PhysicalDevice) -> bool:
    """Raise ValueError: only a GPU has memory that grows, and there is none."""
    raise InvalidArgumentError(f"config.experimental.get_memory_growth: device: expected a GPU, got {device!r}")


@public("config.experimental")
def get_device_details(device: PhysicalDevice) -> dict[str, Any]:
    """Nothing: details are of GPUs."""
    _known("experimental.get_device_details", device)
    return {}


@public("config.experimental")
def enable_op_determinism() -> None:
    """Do nothing: results are the same each time."""


@public("config.experimental")
def enable_tensor_float_32_execution(enabled: bool) -> None:
    """Do nothing: products are computed in the dtype of their operands."""
    del enabled


@public("config.experimental")
def tensor_float_32_execution_enabled() -> bool:
    """False: products are computed in the dtype of their operands."""
    return False


@public("config")
def set_soft_device_placement(enabled: bool) -> None:
    """Keep the setting; all operations run on the CPU."""
    _settings["soft placement"] = bool(enabled)


@public("config")
def get_soft_device_placement() -> bool:
    """What `set_soft_device_placement` was given."""
    return _settings.get("soft placement", True)


@public("config")
def experimental_run_functions_eagerly(run_eagerly: bool) -> None:
    """Run every `function` as plain Python, to debug it; the name of `run_functions_eagerly` in older programs."""
    run_functions_eagerly(run_eagerly)


@public("config")
def experimental_functions_run_eagerly() -> bool:
    """Whether functions run as plain Python."""
    return functions_run_eagerly()


@public("config.optimizer")
def set_jit(enabled: bool | str) -> None:
    """Keep the setting; functions are always compiled."""
    _settings["jit"] = enabled


@public("config.optimizer")
def get_jit() -> str:
    """What `set_jit` was given: `"autoclustering"` or nothing."""
    return "autoclustering" if _settings.get("jit") in (True, "autoclustering") else ""


@public("config.optimizer")
def set_experimental_options(options: Mapping[str, bool]) -> None:
    """Keep the options of TensorFlow's graph optimizer; without effect."""
    _settings.setdefault("optimizer", {}).update(options)


@public("config.optimizer")
def get_experimental_options() -> dict[str, bool]:
    """What `set_experimental_options` was given."""
    return dict(_settings.get("optimizer", {}))


@public("config.threading")
def set_inter_op_parallelism_threads(num_threads: int) -> None:
    """Keep the setting; a function runs in the thread that calls it."""
    _settings["inter"] = int(num_threads)


@public("config.threading")
def get_inter_op_parallelism_threads() -> int:
    """What `set_inter_op_parallelism_threads` was given; 0 by default."""
    return _settings.get("inter", 0)


@public("config.threading")
def set_intra_op_parallelism_threads(num_threads: int) -> None:
    """Keep the setting; an operation runs in the thread that calls it."""
    _settings["intra"] = int(num_threads)


@public("config.threading")
def get_intra_op_parallelism_threads() -> int:
    """What `set_intra_op_parallelism_threads` was given; 0 by default."""
    return _settings.get("intra", 0)


@public("debugging")
def set_log_device_placement(enabled: bool) -> None:
    """Keep the setting; all operations run on the CPU."""
    _settings["log placement"] = bool(enabled)


@public("debugging")
def get_log_device_placement() -> bool:
    """What `set_log_device_placement` was given."""
    return _settings.get("log placement", False)
