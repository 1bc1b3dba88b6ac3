"""What a function that a strategy runs knows of its replica."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import optree

from ...compiler.frontend.ops.creation import constant
from ...compiler.frontend.ops.select import identity
from ...compiler.frontend.tracing.conversion import convert_inside, runs_others
from ...compiler.frontend.values.tensor import Tensor
from ...dialects.dtypes import INT32
from ...dialects.public import public
from .communication import CommunicationOptions
from .context import Context, entered
from .reduce_op import ReduceOp, operation_of
from .values import tensors_of_replica

if TYPE_CHECKING:
    from .strategy import Strategy


@public("distribute.experimental")
@dataclass(frozen=True)
class ValueContext:
    """What a function that makes a value for a replica knows of it.

    Attributes:
        replica_id_in_sync_group: which replica it is.
        num_replicas_in_sync: how many replicas there are.
    """

    replica_id_in_sync_group: int = 0
    num_replicas_in_sync: int = 1


@public("distribute")
class ReplicaContext:
    """What a function that `Strategy.run` runs knows of its replica, the only one.

    Attributes:
        strategy: the strategy that runs it.
        num_replicas_in_sync: how many replicas there are: 1.
        replica_id_in_sync_group: which one this is: 0, as a tensor of int32.
        devices: the name of its device.

    Example:
        >>> import stepwell as sw
        >>> def step():
        ...     context = sw.distribute.get_replica_context()
        ...     return context.all_reduce("SUM", sw.constant([1.0, 2.0]))
        >>> sw.distribute.MirroredStrategy().run(step).numpy().tolist()
        [1.0, 2.0]
    """

    def __init__(self, strategy: Strategy, replica_id_in_sync_group: Any):
        self._strategy, self._id = strategy, replica_id_in_sync_group

    @property
    def strategy(self) -> Strategy:
        """The strategy that runs it."""
        return self._strategy

    @property
    def num_replicas_in_sync(self) -> int:
        """How many replicas there are: 1."""
        return self._strategy.num_replicas_in_sync

    @property
    def replica_id_in_sync_group(self) -> Tensor:
        """Which replica this is: 0."""
        return constant(self._id, INT32)

    @property
    def devices(self) -> tuple[str, ...]:
        """The name of its device."""
        return self._strategy.extended.worker_devices

    def all_reduce(self, reduce_op: ReduceOp | str, value: Any, options: CommunicationOptions | None = None) -> Any:
        """The sum or mean of a structure of tensors over all replicas: with one replica, these tensors."""
        del options
        operation_of("ReplicaContext.all_reduce", reduce_op)
        return optree.tree_map(identity, tensors_of_replica("ReplicaContext.all_reduce: value", value))

    def all_gather(self, value: Any, axis: int, options: CommunicationOptions | None = None) -> Any:
        """A structure of tensors of all replicas, concatenated along an axis: with one replica, these tensors."""
        del axis, options
        return optree.tree_map(identity, tensors_of_replica("ReplicaContext.all_gather: value", value))

    @runs_others
    def merge_call(self, merge_fn: Callable[..., Any], args: Any = (), kwargs: Any = None) -> Any:
        """Call a function outside of replicas, with the strategy and what all replicas give; returns its result."""
        with entered(Context(self._strategy)):
            return convert_inside(merge_fn)(self._strategy, *args, **(kwargs or {}))
