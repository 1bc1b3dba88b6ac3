# Written by `python -m stepwell.tools.public_api --write`.

from typing import Any
from stepwell.config import (
    LogicalDeviceConfiguration as VirtualDeviceConfiguration,
    PhysicalDevice,
    get_logical_device_configuration as get_virtual_device_configuration,
    get_visible_devices as get_visible_devices,
    list_logical_devices as list_logical_devices,
    list_physical_devices as list_physical_devices,
    set_logical_device_configuration as set_virtual_device_configuration,
    set_visible_devices as set_visible_devices,
)

def enable_op_determinism() -> None:
    """Do nothing: results are the same each time."""

def enable_tensor_float_32_execution(enabled: bool) -> None:
    """Do nothing: products are computed in the dtype of their operands."""

def get_device_details(device: PhysicalDevice) -> dict[str, Any]:
    """Nothing: details are of GPUs."""

def get_memory_growth(device: PhysicalDevice) -> bool:
    """Raise ValueError: only a GPU has memory that grows, and there is none."""

def set_memory_growth(device: PhysicalDevice, enable: bool) -> None:
    """Raise ValueError: only a GPU has memory that grows, and there is none."""

def tensor_float_32_execution_enabled() -> bool:
    """False: products are computed in the dtype of their operands."""
