# Written by `python -m stepwell.tools.public_api --write`.

from typing import Any
from stepwell import Tensor, TensorShape
from stepwell.dtypes import DType
from stepwell.types import TensorLike

class FIFOQueue:
    """A queue of elements, each of one or several tensors: first in, first out."""
    def __init__(
        self,
        capacity: int,
        dtypes: Any,
        shapes: Any = None,
        names: Any = None,
        shared_name: str | None = None,
        name: str = 'fifo_queue',
    ) -> None:
        ...
    @property
    def name(self) -> str:
        """The queue's name."""
    @property
    def dtypes(self) -> list[DType]:
        """The dtype of each component."""
    @property
    def shapes(self) -> list[TensorShape]:
        """The shape of each component."""
    @property
    def names(self) -> list[str] | None:
        """The name of each component; None if they have none."""
    def enqueue(self, vals: Any, name: str | None = None) -> None:
        """Add an element; waits while the queue is full. CancelledError if it is closed."""
    def enqueue_many(self, vals: Any, name: str | None = None) -> None:
        """Add elements: the parts of each component along its first axis."""
    def dequeue(self, name: str | None = None) -> Any:
        """The first element, removed; waits while there is none. OutOfRangeError if it is empty and closed."""
    def dequeue_many(self, n: TensorLike, name: str | None = None) -> Any:
        """The first `n` elements, stacked; waits until there are as many. OutOfRangeError if it is closed before."""
    def dequeue_up_to(self, n: TensorLike, name: str | None = None) -> Any:
        """The same, or of a closed queue the elements that are left, if there are any."""
    def size(self, name: str | None = None) -> Tensor:
        """How many elements there are: int32."""
    def close(self, cancel_pending_enqueues: bool = False, name: str | None = None) -> None:
        """Allow no more elements to be added; those that are there can be taken."""
    def is_closed(self, name: str | None = None) -> Tensor:
        """Whether it is closed."""
