"""Values that replicas have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import optree

from ...compiler.frontend.values.dispatch import as_tensor
from ...compiler.frontend.values.tensor import Tensor
from ...dialects.public import public


@public("distribute")
class DistributedValues:
    """What each replica has of a value.

    Attributes:
        values: one value a replica.

    Example:
        >>> import stepwell as sw
        >>> strategy = sw.distribute.MirroredStrategy()
        >>> found = strategy.experimental_distribute_values_from_function(lambda context: sw.constant(2.0))
        >>> float(strategy.run(lambda x: x + 1.0, args=(found,)))
        3.0
    """

    def __init__(self, values: tuple[Any, ...]):
        self._values = values

    @property
    def values(self) -> tuple[Any, ...]:
        """One value a replica."""
        return self._values

    def __repr__(self) -> str:
        lines = [f"  {number}: {value!r}" for number, value in enumerate(self._values)]
        return "\n".join(["PerReplica:{", ",\n".join(lines), "}"])


def _flatten(given: DistributedValues) -> tuple[tuple[Any, ...], None]:
    return given.values, None


def _unflatten(_: None, values: Sequence[Any]) -> DistributedValues:
    return DistributedValues(tuple(values))


optree.register_pytree_node(DistributedValues, _flatten, _unflatten, namespace=optree.registry.__GLOBAL_NAMESPACE)  # pyright: ignore


def of_replica(structure: Any) -> Any:
    """A structure with what the replica has of its values."""
    return optree.tree_map(
        lambda value: value.values[0] if isinstance(value, DistributedValues) else value,
        structure,
        is_leaf=lambda value: isinstance(value, DistributedValues),
        none_is_leaf=True,
    )


def tensors_of_replica(what: str, structure: Any) -> Any:
    """The same, with tensors of its leaves."""

    def tensor(value: Any) -> Tensor:
        return as_tensor(value, name=what)

    return optree.tree_map(tensor, of_replica(structure))
