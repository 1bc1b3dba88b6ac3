"""How replicas on several devices exchange values: settings that one replica has no use for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ...dialects.diagnostics import InvalidArgumentError
from ...dialects.public import public


@public("distribute.experimental", aliases=("distribute.experimental.CollectiveCommunication",))
class CommunicationImplementation(Enum):
    """How workers exchange values: kept, and without effect."""

    AUTO = "AUTO"
    RING = "RING"
    NCCL = "NCCL"


@public("distribute.experimental")
@dataclass(frozen=True)
class CommunicationOptions:
    """How workers exchange values: kept, and without effect.

    Attributes:
        bytes_per_pack: how many bytes go together; 0 leaves it open.
        timeout_seconds: how long one waits for others.
        implementation: by which library.
    """

    bytes_per_pack: int = 0
    timeout_seconds: float | None = None
    implementation: CommunicationImplementation = CommunicationImplementation.AUTO

    def __post_init__(self) -> None:
        if self.bytes_per_pack < 0:
            raise InvalidArgumentError(
                f"CommunicationOptions: bytes_per_pack: expected 0 or more, got {self.bytes_per_pack}"
            )


@public("distribute")
class CrossDeviceOps:
    """How copies on several devices are combined: kept by strategies, and without effect."""


@public("distribute")
class HierarchicalCopyAllReduce(CrossDeviceOps):
    """By copies in two steps: kept by strategies, and without effect.

    Args:
        num_packs: in how many packs tensors are copied.
    """

    def __init__(self, num_packs: int = 1):
        self.num_packs = _packs("HierarchicalCopyAllReduce", num_packs)


@public("distribute")
class NcclAllReduce(CrossDeviceOps):
    """By NVIDIA's library: kept by strategies, and without effect.

    Args:
        num_packs: in how many packs tensors are copied.
    """

    def __init__(self, num_packs: int = 1):
        self.num_packs = _packs("NcclAllReduce", num_packs)


@public("distribute")
class ReductionToOneDevice(CrossDeviceOps):
    """On one device, from which they are copied: kept by strategies, and without effect.

    Args:
        reduce_to_device: the name of the device.
        accumulation_fn: what combines them.
    """

    def __init__(self, reduce_to_device: str | None = None, accumulation_fn: Callable[..., Any] | None = None):
        self.reduce_to_device, self.accumulation_fn = reduce_to_device, accumulation_fn


def _packs(what: str, count: int) -> int:
    if count < 0:
        raise InvalidArgumentError(f"{what}: num_packs: expected 0 or more, got {count}")
    return count
