"""A loop over a dataset in a compiled function: the program asks Python for each element."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import numpy as np

from ...compiler.frontend.gradients.host_functions import numpy_function
from ...compiler.frontend.tracing.signature import TensorSpec
from .handles import Handed, no_element
from .iterator import RemainingElements
from .node import Iteration, Node
from .options import started
from .parameters import values_of


@dataclass
class _Running:
    """An iteration of a program, and the datasets among its elements that it has numbers for."""

    iteration: Iteration
    handed: Handed = field(default_factory=Handed)

    def close(self) -> None:
        self.iteration.close()
        self.handed.release()


class StagedElements(RemainingElements):
    """The elements of a dataset in a program: each run of the loop is an iteration, of the thread that it runs in.

    An iteration that a failure has left is closed when the same thread begins the next one.
    """

    def __init__(self, node: Node):
        self._node = node
        self._running: dict[int, _Running] = {}
        self._thread = numpy_function(self._begin, node.unbound, TensorSpec([], np.int64), name="data.begin")
        super().__init__(node.structure, self._next, [self._thread])

    def _begin(self, *values: np.ndarray) -> np.ndarray:
        thread = threading.get_ident()
        self._end(thread)
        self._running[thread] = _Running(started(self._node.bound(values_of(self._node.unbound, values))))
        return np.array(thread, np.int64)

    def _end(self, thread: int) -> None:
        running = self._running.pop(thread, None)
        if running is not None:
            running.close()

    def _next(self, thread: np.ndarray) -> list[np.ndarray]:
        running = self._running[int(thread)]
        running.handed.release()
        try:
            element = next(running.iteration)
        except StopIteration:
            return no_element(self._structure)
        except BaseException:
            self._end(int(thread))  # the program is left
            raise
        return [np.array(True), *(tensor.numpy() for tensor in running.handed.tensors(element))]

    def close(self) -> None:
        """End the iteration."""
        numpy_function(self._close, [self._thread], [], name="data.close")

    def _close(self, thread: np.ndarray) -> list[np.ndarray]:
        self._end(int(thread))
        return []
