"""Queues of tensors between threads; functions call them as they run."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..compiler.frontend.gradients.host_functions import numpy_function
from ..compiler.frontend.tracing.signature import TensorSpec
from ..compiler.frontend.tracing.tensor_shape import TensorShape
from ..compiler.frontend.values.dispatch import as_tensor
from ..compiler.frontend.values.tensor import Tensor, TensorLike
from ..dialects.diagnostics import InvalidArgumentError, OutOfRangeError
from ..dialects.dtypes import DType, as_dtype
from ..dialects.errors import CancelledError
from ..dialects.public import public

_POLL = 0.1
"""After how many seconds a thread that waits looks for an interrupt."""

Element = tuple[np.ndarray, ...]
"""The components of an element."""


@public("queue")
class FIFOQueue:
    """A queue of elements, each of one or several tensors: first in, first out.

    A thread that takes from an empty queue, or adds to a full one, waits for another thread.

    Args:
        capacity: how many elements there may be.
        dtypes: the dtype of each component.
        shapes: the shape of each component; None allows any, and then elements are taken one at a time.
        names: a name for each component; elements are dicts then.
        shared_name: accepted as in TensorFlow; unused.
        name: the queue's name.

    Example:
        >>> import stepwell as sw
        >>> queue = sw.queue.FIFOQueue(3, [sw.int32, sw.string], shapes=[(), ()])
        >>> queue.enqueue_many([[10, 15], ["windy", "sunny"]])
        >>> int(queue.size()), [part.numpy() for part in queue.dequeue()]
        (2, [np.int32(10), b'windy'])
    """

    def __init__(
        self,
        capacity: int,
        dtypes: Any,
        shapes: Any = None,
        names: Any = None,
        shared_name: str | None = None,
        name: str = "fifo_queue",
    ):
        del shared_name
        many = isinstance(dtypes, list | tuple)
        self._dtypes = [as_dtype(each) for each in (dtypes if many else [dtypes])]
        self._shapes = _listed("shapes", shapes, len(self._dtypes), many, TensorShape)
        self._names = _listed("names", names, len(self._dtypes), not isinstance(names, str), str)
        self._capacity, self._name = int(capacity), name
        self._elements: deque[Element] = deque()
        self._changed = threading.Condition()
        self._closed = self._cancelled = False

    @property
    def name(self) -> str:
        """The queue's name."""
        return self._name

    @property
    def dtypes(self) -> list[DType]:
        """The dtype of each component."""
        return list(self._dtypes)

    @property
    def shapes(self) -> list[TensorShape]:
        """The shape of each component."""
        return [TensorShape(None)] * len(self._dtypes) if self._shapes is None else list(self._shapes)

    @property
    def names(self) -> list[str] | None:
        """The name of each component; None if they have none."""
        return None if self._names is None else list(self._names)

    def enqueue(self, vals: Any, name: str | None = None) -> None:
        """Add an element; waits while the queue is full. CancelledError if it is closed."""
        parts = self._components("enqueue", vals)
        for part, shape in zip(parts, self.shapes, strict=True):
            _check_shape("enqueue", part.shape, shape)
        self._call("enqueue", lambda *arrays: self._add([tuple(map(np.array, arrays))]), parts, [])

    def enqueue_many(self, vals: Any, name: str | None = None) -> None:
        """Add elements: the parts of each component along its first axis."""
        parts = self._components("enqueue_many", vals)
        for part, shape in zip(parts, self.shapes, strict=True):
            if part.shape.rank == 0:
                raise InvalidArgumentError(
                    "FIFOQueue.enqueue_many: vals: expected a first axis of elements, got a scalar"
                )
            _check_shape("enqueue_many", part.shape[1:], shape)
        self._call("enqueue_many", self._add_all, parts, [])

    def dequeue(self, name: str | None = None) -> Any:
        """The first element, removed; waits while there is none. OutOfRangeError if it is empty and closed."""
        specs = [TensorSpec(shape, dtype) for shape, dtype in zip(self.shapes, self._dtypes, strict=True)]
        return self._packed(self._call("dequeue", lambda: self._take(1, 1)[0], [], specs))

    def dequeue_many(self, n: TensorLike, name: str | None = None) -> Any:
        """The first `n` elements, stacked; waits until there are as many. OutOfRangeError if it is closed before."""
        return self._stacked("dequeue_many", n, exactly=True)

    def dequeue_up_to(self, n: TensorLike, name: str | None = None) -> Any:
        """The same, or of a closed queue the elements that are left, if there are any."""
        return self._stacked("dequeue_up_to", n, exactly=False)

    def size(self, name: str | None = None) -> Tensor:
        """How many elements there are: int32."""
        return self._call("size", lambda: np.array(len(self._elements), np.int32), [], TensorSpec([], np.int32))

    def close(self, cancel_pending_enqueues: bool = False, name: str | None = None) -> None:
        """Allow no more elements to be added; those that are there can be taken.

        Args:
            cancel_pending_enqueues: whether threads that wait for room give up.
            name: accepted as in TensorFlow; unused.
        """
        self._call("close", lambda: self._close(cancel_pending_enqueues), [], [])

    def is_closed(self, name: str | None = None) -> Tensor:
        """Whether it is closed."""
        return self._call("is_closed", lambda: np.array(self._closed), [], TensorSpec([], np.bool_))

    def _call(self, method: str, function: Callable[..., Any], parts: Sequence[Tensor], specs: Any) -> Any:
        return numpy_function(function, list(parts), specs, name=f"FIFOQueue.{method}")

    def _components(self, method: str, given: Any) -> list[Tensor]:
        what = f"FIFOQueue.{method}: vals"
        if self._names is not None:
            if not isinstance(given, Mapping) or sorted(given) != sorted(self._names):
                raise InvalidArgumentError(f"{what}: expected a dict of {self._names}, got {given!r}")
            given = [given[name] for name in self._names]
        values = list(given) if isinstance(given, list | tuple) else [given]
        if len(values) != len(self._dtypes):
            raise InvalidArgumentError(f"{what}: expected {len(self._dtypes)} components, got {len(values)}: {given!r}")
        return [as_tensor(value, dtype, what) for value, dtype in zip(values, self._dtypes, strict=True)]

    def _packed(self, parts: Any) -> Any:
        found = list(parts) if isinstance(parts, list | tuple) else [parts]
        if self._names is not None:
            return dict(zip(self._names, found, strict=True))
        return found[0] if len(found) == 1 else found

    def _stacked(self, method: str, n: TensorLike, exactly: bool) -> Any:
        if self._shapes is None or not all(shape.is_fully_defined() for shape in self._shapes):
            raise InvalidArgumentError(
                f"FIFOQueue.{method}: expected a queue whose shapes are given, got {self.shapes}"
            )
        specs = [TensorSpec([None, *s], d) for s, d in zip(self._shapes, self._dtypes, strict=True)]

        def taken(count: np.ndarray) -> list[np.ndarray]:
            elements = self._take(int(count) if exactly else 1, int(count))
            shapes = [(len(elements), *shape) for shape in self.shapes]
            columns = [[element[index] for element in elements] for index in range(len(specs))]
            return [_array(c, s, d.dtype) for c, s, d in zip(columns, shapes, specs, strict=True)]

        return self._packed(self._call(method, taken, [as_tensor(n, name=f"FIFOQueue.{method}: n")], specs))

    def _add_all(self, *columns: np.ndarray) -> list[np.ndarray]:
        counts = {len(column) for column in columns}
        if len(counts) != 1:
            raise InvalidArgumentError(f"FIFOQueue.enqueue_many: vals: expected one number of elements, got {counts}")
        return self._add([tuple(np.array(c[index]) for c in columns) for index in range(counts.pop())])

    def _add(self, elements: Sequence[Element]) -> list[np.ndarray]:
        with self._changed:
            for element in elements:
                if self._closed:
                    raise CancelledError(f"FIFOQueue {self._name!r} is closed")
                self._wait(lambda: len(self._elements) < self._capacity or self._cancelled)
                if self._cancelled:
                    raise CancelledError(f"FIFOQueue {self._name!r} is closed")
                self._elements.append(element)
                self._changed.notify_all()
        return []

    def _take(self, least: int, most: int) -> list[Element]:
        """Between so many elements; fewer than `least` are an error."""
        with self._changed:
            self._wait(lambda: self._closed or len(self._elements) >= most)
            if len(self._elements) < least and most:
                raise OutOfRangeError(
                    f"FIFOQueue {self._name!r} is closed, and has {len(self._elements)} elements, not {least}"
                )
            found = [self._elements.popleft() for _ in range(min(most, len(self._elements)))]
            self._changed.notify_all()
            return found

    def _wait(self, ready: Callable[[], bool]) -> None:
        while not self._changed.wait_for(ready, _POLL):
            pass

    def _close(self, cancel: bool) -> list[np.ndarray]:
        with self._changed:
            self._closed, self._cancelled = True, self._cancelled or cancel
            self._changed.notify_all()
        return []


def _listed(what: str, given: Any, count: int, many: bool, of: Callable[[Any], Any]) -> Any:
    """One of each component; None stays."""
    if given is None:
        return None
    found = [of(each) for each in (given if many else [given])]
    if len(found) != count:
        raise InvalidArgumentError(f"FIFOQueue: {what}: expected {count}, one a component, got {given!r}")
    return found


def _check_shape(method: str, shape: Any, wanted: TensorShape) -> None:
    if not wanted.is_compatible_with(shape):
        raise InvalidArgumentError(f"FIFOQueue.{method}: vals: expected shape {tuple(wanted)}, got {tuple(shape)}")


def _array(parts: Sequence[np.ndarray], shape: Sequence[Any], dtype: DType) -> np.ndarray:
    """Arrays, stacked; of none an empty one."""
    return np.stack(parts) if parts else np.empty(shape, dtype.dtype)
