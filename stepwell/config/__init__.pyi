# Written by `python -m stepwell.tools.public_api --write`.

import os
from collections.abc import Sequence
from dataclasses import dataclass
from . import experimental as experimental
from . import optimizer as optimizer
from . import threading as threading

@dataclass(frozen=True)
class LogicalDevice:
    """A device that programs use."""
    name: str
    device_type: str
    def __repr__(self) -> str: ...

@dataclass(frozen=True)
class LogicalDeviceConfiguration:
    """How a device is to be used: kept, and without effect."""
    memory_limit: int | None = ...
    experimental_priority: int | None = ...
    experimental_device_ordinal: int | None = ...

@dataclass(frozen=True)
class PhysicalDevice:
    """A device of the machine."""
    name: str
    device_type: str
    def __repr__(self) -> str: ...

def experimental_functions_run_eagerly() -> bool:
    """Whether functions run as plain Python."""

def experimental_run_functions_eagerly(run_eagerly: bool) -> None:
    """Run every `function` as plain Python, to debug it; the name of `run_functions_eagerly` in older programs."""

def functions_run_eagerly() -> bool:
    """Whether functions run as plain Python."""

def get_logical_device_configuration(device: PhysicalDevice) -> list[LogicalDeviceConfiguration] | None:
    """What `set_logical_device_configuration` was given."""

def get_soft_device_placement() -> bool:
    """What `set_soft_device_placement` was given."""

def get_visible_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """The devices that are used."""

def list_logical_devices(device_type: str | None = None) -> list[LogicalDevice]:
    """The devices that programs use, or those of a type; there is one CPU, and nothing else."""

def list_physical_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """The devices of the machine, or those of a type; there is one CPU, and nothing else."""

def run_functions_eagerly(run_eagerly: bool) -> None:
    """Run every `function` as plain Python, to debug it; `False` compiles again."""

def set_crash_reproducer(path: str | os.PathLike[str] | None) -> None:
    """Write a file that shows the failure again whenever a pass fails from now on; `None` writes none."""

def set_logical_device_configuration(
    device: PhysicalDevice,
    logical_devices: Sequence[LogicalDeviceConfiguration] | None,
) -> None:
    """Say how a device is to be used. Raises ValueError for more than one logical device: there is one CPU."""

def set_soft_device_placement(enabled: bool) -> None:
    """Keep the setting; all operations run on the CPU."""

def set_visible_devices(
    devices: Sequence[PhysicalDevice] | PhysicalDevice | None,
    device_type: str | None = None,
) -> None:
    """Choose the devices to use. Raises ValueError for devices that do not exist, and if the CPU is not among them."""
