"""What Variables have besides their memory: options as in TensorFlow, and methods that change parts of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from ....dialects.public import public

if TYPE_CHECKING:
    from .tensor import Tensor, TensorLike
    from .variable import Variable


@public(top=True)
class VariableSynchronization(Enum):
    """How copies of a Variable on several devices are kept equal; there is one device here."""

    AUTO = 0
    NONE = 1
    ON_WRITE = 2
    ON_READ = 3


@public(top=True)
class VariableAggregation(Enum):
    """How values of a Variable on several devices are combined; there is one device here."""

    NONE = 0
    SUM = 1
    MEAN = 2
    ONLY_FIRST_REPLICA = 3


@dataclass(frozen=True)
class VariableOptions:
    """What a Variable was made with and keeps for others."""

    constraint: Callable[[Tensor], Tensor] | None = None
    synchronization: VariableSynchronization = VariableSynchronization.AUTO
    aggregation: VariableAggregation = VariableAggregation.NONE


class Updates:
    """Methods of Variables that change or read parts of them; `variable_updates` assigns them to the class.

    `sparse_delta` is an IndexedSlices, whose values belong to rows of the Variable. All return the Variable.
    """

    __slots__ = ()

    if TYPE_CHECKING:

        def scatter_add(self, sparse_delta: object, use_locking: bool = False, name: str | None = None) -> Variable:
            """Add the values to rows."""
            ...

        def scatter_sub(self, sparse_delta: object, use_locking: bool = False, name: str | None = None) -> Variable:
            """Subtract the values from rows."""
            ...

        def scatter_mul(self, sparse_delta: object, use_locking: bool = False, name: str | None = None) -> Variable:
            """Multiply rows by the values."""
            ...

        def scatter_div(self, sparse_delta: object, use_locking: bool = False, name: str | None = None) -> Variable:
            """Divide rows by the values."""
            ...

        def scatter_min(self, sparse_delta: object, use_locking: bool = False, name: str | None = None) -> Variable:
            """Replace elements of rows by lesser values."""
            ...

        def scatter_max(self, sparse_delta: object, use_locking: bool = False, name: str | None = None) -> Variable:
            """Replace elements of rows by greater values."""
            ...

        def scatter_update(self, sparse_delta: object, use_locking: bool = False, name: str | None = None) -> Variable:
            """Replace rows."""
            ...

        def batch_scatter_update(
            self, sparse_delta: object, use_locking: bool = False, name: str | None = None
        ) -> Variable:
            """Replace rows of each batch."""
            ...

        def scatter_nd_add(self, indices: TensorLike, updates: TensorLike, name: str | None = None) -> Variable:
            """Add at indices."""
            ...

        def scatter_nd_sub(self, indices: TensorLike, updates: TensorLike, name: str | None = None) -> Variable:
            """Subtract at indices."""
            ...

        def scatter_nd_update(self, indices: TensorLike, updates: TensorLike, name: str | None = None) -> Variable:
            """Replace at indices."""
            ...

        def scatter_nd_min(self, indices: TensorLike, updates: TensorLike, name: str | None = None) -> Variable:
            """Replace by lesser values at indices."""
            ...

        def scatter_nd_max(self, indices: TensorLike, updates: TensorLike, name: str | None = None) -> Variable:
            """Replace by greater values at indices."""
            ...

        def gather_nd(self, indices: TensorLike, name: str | None = None) -> Tensor:
            """Return elements, or parts, at indices."""
            ...

        def sparse_read(self, indices: TensorLike, name: str | None = None) -> Tensor:
            """Return rows at indices."""
            ...

        def count_up_to(self, limit: int) -> Tensor:
            """Return the value and add 1; OutOfRangeError unless it is less than `limit`."""
            ...
