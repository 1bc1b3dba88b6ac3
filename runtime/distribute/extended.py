"""What libraries ask a strategy for, besides its own methods."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...compiler.frontend.tracing.conversion import convert_inside, runs_others
from ...compiler.frontend.values.text import CPU_NAME
from ...compiler.frontend.values.variable import Variable
from ...dialects.public import public
from .communication import CommunicationOptions
from .context import Context, entered, require_cross_replica
from .reduce_op import ReduceOp, operation_of
from .values import of_replica, tensors_of_replica

if TYPE_CHECKING:
    from .strategy import Strategy


@public("distribute")
class StrategyExtended:
    """What libraries ask a strategy for: `Strategy.extended`.

    Attributes:
        worker_devices: the names of the devices that replicas run on.
        parameter_devices: the names of the devices that Variables are on.

    Example:
        >>> import stepwell as sw
        >>> strategy, v = sw.distribute.MirroredStrategy(), sw.Variable(1.0)
        >>> float(strategy.extended.update(v, lambda v, x: v.assign_add(x), args=(2.0,)))
        3.0
    """

    def __init__(self, container_strategy: Strategy, device: str | None = None):
        self._strategy, self._device = container_strategy, device or CPU_NAME

    @property
    def worker_devices(self) -> tuple[str, ...]:
        """The names of the devices that replicas run on."""
        return (self._device,)

    @property
    def parameter_devices(self) -> tuple[str, ...]:
        """The names of the devices that Variables are on."""
        return (self._device,)

    def reduce_to(
        self,
        reduce_op: ReduceOp | str,
        value: Any,
        destinations: object,
        options: CommunicationOptions | None = None,
    ) -> Any:
        """The sum or mean of what replicas have, on devices: with one replica, its tensor."""
        del destinations, options
        require_cross_replica("StrategyExtended.reduce_to")
        operation_of("StrategyExtended.reduce_to", reduce_op)
        return tensors_of_replica("StrategyExtended.reduce_to: value", value)

    def batch_reduce_to(
        self,
        reduce_op: ReduceOp | str,
        value_destination_pairs: Any,
        options: CommunicationOptions | None = None,
    ) -> list[Any]:
        """The same for pairs of a value and devices."""
        return [self.reduce_to(reduce_op, value, devices, options) for value, devices in value_destination_pairs]

    @runs_others
    def update(
        self, var: Variable, fn: Callable[..., Any], args: Any = (), kwargs: Any = None, group: bool = True
    ) -> Any:
        """Call a function of a Variable, outside of replicas; returns its result, or its results as a tuple."""
        require_cross_replica("StrategyExtended.update")
        with entered(Context(self._strategy)):
            found = convert_inside(fn)(var, *of_replica(args), **of_replica(kwargs or {}))
        return found if group else (found,)
