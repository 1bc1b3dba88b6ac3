"""`ignore_errors`: goes on after elements that raise errors."""

from __future__ import annotations

from dataclasses import dataclass

from ....compiler.frontend.ops.contexts import get_logger
from ..node import UNKNOWN, Iteration, Node, OverOne, State
from ..structure import Element


@dataclass(eq=False)
class Skipping(Node):
    """The elements that do not raise errors.

    Attributes:
        log: whether each error is logged, besides their number at the end.
    """

    source: Node
    log: bool = False

    def __post_init__(self) -> None:
        self.structure = self.source.structure

    def cardinality(self) -> int:
        return UNKNOWN

    def start(self) -> Iteration:
        return _Skipped(self.source.start(), self.log)


class _Skipped(OverOne):
    """Raises an error that comes twice: what raised it does not go on."""

    def __init__(self, source: Iteration, log: bool):
        super().__init__(source)
        self._log = log
        self._skipped = 0
        self._last: Exception | None = None

    def __next__(self) -> Element:
        while True:
            try:
                element = next(self.source)
            except StopIteration:
                self._end()
                raise
            except MemoryError:
                raise
            except Exception as error:
                if error is self._last:
                    raise
                self._skip(error)
                continue
            self._last = None
            return element

    def _skip(self, error: Exception) -> None:
        self._last = error
        self._skipped += 1
        if self._log:
            get_logger().warning("Dataset.ignore_errors: an element is skipped: %s: %s", type(error).__name__, error)

    def _end(self) -> None:
        if self._skipped:
            get_logger().warning("Dataset.ignore_errors: elements with errors that were skipped: %d", self._skipped)
        self._skipped = 0

    def state(self) -> State:
        return [super().state(), self._skipped]

    def restore(self, state: State) -> None:
        super().restore(state[0])
        self._skipped = state[1]
