"""Loops over the numbers of a range, and what of control flow is known while tracing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from xdsl.ir import SSAValue

from ....dialects.dtypes import INT32, INT64
from ....dialects.locations import Place
from ..tracing.tracer import Tracer, current_tracer
from ..values.dispatch import is_symbolic
from ..values.tensor import Tensor
from ..values.variable import Variable
from .loop import LoopState, Program, counter_tensor, for_loop, index_of
from .values import ControlFlowError, leaf_type


def place_of_function(function: object) -> Callable[[str], Place | None]:
    """The location of a Python function, whatever the variable."""
    code = getattr(function, "__code__", None)
    place = None if code is None else Place(code.co_filename, code.co_firstlineno)
    return lambda name: place


def staged(value: object) -> Tracer | None:
    """The tracer, if `value` is known only when the traced function runs."""
    tracer = current_tracer()
    return tracer if tracer is not None and is_symbolic(value) else None


Integer: TypeAlias = int | Tensor | Variable
"""An integer that is known while tracing, or a scalar."""


class Range:
    """The numbers of a `range` of which at least one bound is a tensor.

    Attributes:
        start: the first number.
        stop: where it ends, exclusive.
        step: the distance between two numbers.
        dtype: of the numbers.
    """

    def __init__(self, start: Integer, stop: Integer, step: Integer):
        self.start, self.stop, self.step = start, stop, step
        types = [leaf_type(value) for value in (start, stop, step)]
        if any(t is None or t.shape != () or not t.dtype.is_integer for t in types):
            raise ControlFlowError("range: expected integers or integer tensors without dimensions")
        dtypes = {t.dtype for t in types if t is not None and not t.weak}
        self.dtype = INT64 if len(dtypes) > 1 else next(iter(dtypes), INT32)

    def number(self, counter: Tensor) -> Tensor:
        """The number with index `counter`, a tensor of the range's dtype."""
        scaled = counter if type(self.step) is int and self.step == 1 else counter * self.step
        return scaled if type(self.start) is int and self.start == 0 else scaled + self.start

    def length(self) -> Integer:
        """How many numbers there are: an int, or a tensor."""
        if isinstance(self.start, int) and isinstance(self.stop, int) and isinstance(self.step, int):
            return len(range(self.start, self.stop, self.step))
        span = _difference(self.stop, self.start)
        if type(self.step) is int and self.step == 1:
            return span
        return -((-span) // self.step)


def _difference(stop: Integer, start: Integer) -> Integer:
    return stop if type(start) is int and start == 0 else stop - start


def stage_range(
    tracer: Tracer, numbers: Range, program: Program, values: Sequence[object], carried: bool = False
) -> list[object]:
    """Stage a loop over a range; the body is given each number as a tensor."""
    length = numbers.length()
    at_least_once = type(length) is int and length > 0
    trips = tracer.emitter().index(length) if type(length) is int else index_of(tracer, length)
    inner = program.body

    def body(index: SSAValue) -> None:
        inner(numbers.number(counter_tensor(tracer, index, numbers.dtype)))

    counted = replace(program, test=None, body=body)
    return for_loop(tracer, counted, LoopState(counted, values, carried), trips, at_least_once)
