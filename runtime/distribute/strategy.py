"""The class of strategies, which have one replica each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import optree

from ...compiler.frontend.ops.arguments import size_along, times
from ...compiler.frontend.ops.arithmetic import truediv
from ...compiler.frontend.ops.reduce import Axis, reduce_sum
from ...compiler.frontend.ops.select import cast, identity
from ...compiler.frontend.tracing.conversion import convert_inside, runs_others
from ...compiler.frontend.values.tensor import Tensor
from ...dialects.diagnostics import InvalidTypeError
from ...dialects.public import public
from .clusters import ClusterResolver
from .context import Context, entered, require_cross_replica, require_strategy
from .extended import StrategyExtended
from .inputs import DistributedIterator, InputContext, InputOptions, RunOptions, distributed, made, refuse_replication
from .reduce_op import ReduceOp, operation_of
from .replica import ReplicaContext, ValueContext
from .values import DistributedValues, of_replica, tensors_of_replica


@public("distribute")
class Strategy:
    """Who runs a step of training: one replica, on the only device; programs for several run unchanged.

    Made by its subclasses, such as `MirroredStrategy`.

    Attributes:
        num_replicas_in_sync: how many replicas there are: 1.
        cluster_resolver: what knows the workers of a cluster; None if there is none.
        extended: what libraries ask for.

    Example:
        >>> import stepwell as sw
        >>> strategy = sw.distribute.MirroredStrategy()
        >>> with strategy.scope():
        ...     total = sw.Variable(0.0)
        >>> @sw.function
        ... def step(x):
        ...     return strategy.run(lambda x: total.assign_add(sw.reduce_sum(x)), args=(x,))
        >>> for batch in strategy.experimental_distribute_dataset(sw.data.Dataset.range(4).map(float).batch(2)):
        ...     found = strategy.reduce("SUM", step(batch), axis=None)
        >>> float(found)
        6.0
    """

    def __init__(self, extended: StrategyExtended):
        self._extended = extended

    @property
    def extended(self) -> StrategyExtended:
        """What libraries ask for."""
        return self._extended

    @property
    def num_replicas_in_sync(self) -> int:
        """How many replicas there are: 1."""
        return 1

    @property
    def cluster_resolver(self) -> ClusterResolver | None:
        """What knows the workers of a cluster; None if there is none."""
        return None

    @contextmanager
    def scope(self) -> Iterator[Strategy]:
        """A context in which this is the strategy that `get_strategy` returns.

        Raises FailedPreconditionError in the scope of another strategy, and in a replica.
        """
        require_cross_replica(f"{type(self).__name__}.scope")
        require_strategy(f"{type(self).__name__}.scope", self)
        with entered(Context(self)):
            yield self

    @runs_others
    def run(self, fn: Callable[..., Any], args: Any = (), kwargs: Any = None, options: RunOptions | None = None) -> Any:
        """Call a function in the replica, and return its result.

        Args:
            fn: what to call; in it, `get_replica_context` is the replica's.
            args: its positional arguments; DistributedValues among them are what the replica has of them.
            kwargs: its keyword arguments.
            options: kept, and without effect.
        """
        del options
        if not isinstance(args, list | tuple):
            raise InvalidTypeError(f"{type(self).__name__}.run: args: expected a tuple of arguments, got {args!r}")
        with self.scope(), entered(Context(self, ReplicaContext(self, 0))):
            return convert_inside(fn)(*of_replica(args), **of_replica(kwargs or {}))

    def reduce(self, reduce_op: ReduceOp | str, value: Any, axis: Axis) -> Any:
        """What all replicas have, summed or averaged: tensors, in the structure of `value`.

        Args:
            reduce_op: `"SUM"`, `"MEAN"` or a ReduceOp.
            value: what a replica has, such as a result of `run`.
            axis: axes to reduce too; None reduces over replicas alone, of which there is one.

        Raises FailedPreconditionError in a replica.
        """
        require_cross_replica(f"{type(self).__name__}.reduce")
        operation = operation_of(f"{type(self).__name__}.reduce", reduce_op)
        tensors = tensors_of_replica(f"{type(self).__name__}.reduce: value", value)
        if axis is None:
            return optree.tree_map(identity, tensors)
        return optree.tree_map(lambda each: _reduced(operation, each, axis), tensors)

    def gather(self, value: Any, axis: int) -> Any:
        """What all replicas have, concatenated along an axis: with one replica, its tensors."""
        del axis
        require_cross_replica(f"{type(self).__name__}.gather")
        return optree.tree_map(identity, tensors_of_replica(f"{type(self).__name__}.gather: value", value))

    def experimental_distribute_dataset(self, dataset: Any, options: InputOptions | None = None) -> Any:
        """The batches of a dataset for all replicas: a DistributedDataset.

        Raises InvalidTypeError for what is no Dataset, UnsupportedError for a dataset a replica.
        """
        what = f"{type(self).__name__}.experimental_distribute_dataset"
        refuse_replication(what, options)
        return distributed(what, dataset)

    def distribute_datasets_from_function(
        self, dataset_fn: Callable[[InputContext], Any], options: InputOptions | None = None
    ) -> Any:
        """The batches of the dataset that a function of an InputContext makes: a DistributedDataset."""
        what = f"{type(self).__name__}.distribute_datasets_from_function"
        return distributed(what, made(what, dataset_fn, options))

    def experimental_distribute_datasets_from_function(
        self, dataset_fn: Callable[[InputContext], Any], options: InputOptions | None = None
    ) -> Any:
        """The former name of `distribute_datasets_from_function`."""
        return self.distribute_datasets_from_function(dataset_fn, options)

    def experimental_distribute_values_from_function(self, value_fn: Callable[[ValueContext], Any]) -> Any:
        """What a function of a ValueContext makes for each replica: DistributedValues, in its structure."""
        found = value_fn(ValueContext(0, self.num_replicas_in_sync))
        return optree.tree_map(lambda value: DistributedValues((value,)), found)

    def experimental_local_results(self, value: Any) -> tuple[Any, ...]:
        """What each replica has of a value: one value."""
        return value.values if isinstance(value, DistributedValues) else (value,)

    def make_dataset_iterator(self, dataset: Any) -> DistributedIterator:
        """An iterator over the batches of a dataset, for `experimental_run`."""
        return iter(distributed(f"{type(self).__name__}.make_dataset_iterator", dataset))

    @runs_others
    def experimental_run(self, fn: Callable[..., Any], input_iterator: Any = None) -> Any:
        """Call a function in the replica with the next element of an iterator; without one, with nothing."""
        return self.run(fn, args=() if input_iterator is None else (input_iterator.get_next(),))


def _reduced(operation: ReduceOp, value: Tensor, axis: Axis) -> Tensor:
    total = reduce_sum(value, axis)
    if operation is ReduceOp.SUM:
        return total
    axes: Any = axis if isinstance(axis, list | tuple) else [axis]
    count: Any = 1
    for each in axes:
        count = times(count, size_along(value, each))
    return truediv(total, cast(count, total.dtype))
