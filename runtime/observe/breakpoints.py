"""Breakpoints, in programs that run eagerly and in compiled ones."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FrameType

import numpy as np
from xdsl.dialects.builtin import LocationAttr

from ...compiler.frontend.tracing.source import user_frame, user_location
from ...compiler.frontend.tracing.tracer import current_tracer
from ...compiler.frontend.values.dispatch import as_tensor, to_ssa
from ...compiler.frontend.values.tensor import TensorLike
from ...dialects import debug
from ...dialects.locations import place_of
from ...dialects.public import public

__all__ = ["Breakpoint", "Handler", "breakpoint", "reached", "set_breakpoint_handler"]


@public("debugging")
@dataclass(frozen=True)
class Breakpoint:
    """A breakpoint that has been reached.

    Attributes:
        name: what it was called.
        values: what its tensors hold now; copies, to keep.
        file: the user's file, empty where it is not known.
        line: the line in it, 0 where it is not known.
    """

    name: str
    values: tuple[np.ndarray, ...]
    file: str
    line: int

    def __str__(self) -> str:
        """The place, the name and the values."""
        place = f"{self.file}:{self.line}" if self.file else "an unknown line"
        head = f"breakpoint {self.name!r} at {place}" if self.name else f"breakpoint at {place}"
        return "\n".join([head, *(f"  value {number}: {value}" for number, value in enumerate(self.values))])


Handler = Callable[[Breakpoint], object]
"""Called at each breakpoint; what it raises ends the program."""


@public("debugging")
def breakpoint(*tensors: TensorLike, name: str = "") -> None:
    """Call the breakpoint handler here, with what `tensors` hold; inside a `function`, every time that it runs.

    Prints and breakpoints keep the program's order. The handler is Python's debugger, stopped where the user's program
    called the compiled function, unless `set_breakpoint_handler` has set another one. A model in ONNX cannot stop: a
    function with breakpoints runs on the native engine and the interpreter.

    Args:
        tensors: what to look at: tensors, Variables, or what converts to tensors.
        name: what to call the breakpoint.

    Example:
        >>> import stepwell as sw
        >>> previous = sw.debugging.set_breakpoint_handler(lambda stop: print(stop.name, stop.values))
        >>> @sw.function
        ... def f(n):
        ...     total = 0
        ...     for i in range(n):
        ...         total += i
        ...         sw.debugging.breakpoint(total, name="total")
        ...     return total
        >>> f(sw.constant(2)).numpy().item()
        total (array(0, dtype=int32),)
        total (array(1, dtype=int32),)
        1
        >>> _ = sw.debugging.set_breakpoint_handler(previous)
    """
    values = [as_tensor(value, name=f"breakpoint: value {number}") for number, value in enumerate(tensors)]
    tracer = current_tracer()
    if tracer is not None:
        tracer.add(debug.BreakOp(name, [to_ssa(value) for value in values]))
    else:
        reached(name, [value.numpy() for value in values], user_location())


@public("debugging")
def set_breakpoint_handler(handler: Handler | None) -> Handler | None:
    """Call `handler` at each breakpoint, in every thread, from now on; `None`: Python's debugger.

    Returns the handler that was set before, `None` where it was Python's debugger.
    """
    global _handler
    previous, _handler = _handler, handler
    return previous


_handler: Handler | None = None


def reached(name: str, values: Sequence[object], location: LocationAttr) -> None:
    """Tell the handler; `values` may be views of memory that changes afterwards."""
    place = place_of(location)
    copies = tuple(np.array(value) for value in values)
    stop = Breakpoint(name, copies, place.file if place else "", place.line if place else 0)
    (_handler or _debug)(stop)


def _debug(stop: Breakpoint) -> None:
    """Python's debugger, where the user's program is; the values are called `__values__` there."""
    frame = user_frame() or sys._getframe()
    builtins.print(stop)
    builtins.print("  (they are in __values__)")
    _interact(frame, stop)


def _interact(frame: FrameType, stop: Breakpoint) -> None:
    """A prompt in `frame`; to quit ends the program."""
    import bdb
    import pdb

    debugger = pdb.Pdb(nosigint=True)
    frame.f_globals["__values__"] = stop.values
    try:
        debugger.reset()
        debugger.interaction(frame, None)
    finally:
        frame.f_globals.pop("__values__", None)
    if debugger.quitting:
        raise bdb.BdbQuit
