"""The meaning of `debug`: prints, checks and breakpoints."""

from __future__ import annotations

import time
from collections.abc import Iterable

import numpy as np
from xdsl.dialects.builtin import LocationAttr
from xdsl.interpreter import InterpreterFunctions, PythonValues, register_impls
from xdsl.ir import Operation

from ....dialects import debug
from ....dialects.printing import print_values
from ....dialects.signs import as_seen, operand_types
from ...observe.breakpoints import reached
from .machine import Machine, impl, is_lanes
from .memref import readable, writable
from .values import Value


def formatted(text: str, values: Iterable[Value]) -> str:
    """`text` with `{0}`, `{1}` … replaced by the values, as numpy prints them."""
    return text.format(*(str(value) for value in values))


def stop(name: str, values: Iterable[Value], location: LocationAttr) -> None:
    """Tell the handler of breakpoints."""
    reached(name, list(values), location)


@register_impls
class DebugFunctions(InterpreterFunctions):
    """Implementations of the ops of `debug`."""

    @impl(debug.PrintOp)
    def run_print(self, machine: Machine, op: debug.PrintOp, args: PythonValues) -> PythonValues:
        """A line of output."""
        print_values(op.format.data, _seen(machine, op, args), op.options, machine.file)
        return ()

    @impl(debug.BreakOp)
    def run_break(self, machine: Machine, op: debug.BreakOp, args: PythonValues) -> PythonValues:
        """A call of the breakpoint handler."""
        stop(op.label.data, _seen(machine, op, args), op.location)
        return ()

    @impl(debug.LapOp)
    def run_lap(self, machine: Machine, op: debug.LapOp, args: PythonValues) -> PythonValues:
        """The time since the last lap, in nanoseconds."""
        times = writable(machine, args[0])
        now = time.perf_counter_ns()
        times[op.word] += now - times[0]
        times[op.word + 1] += 1
        times[0] = now
        return ()

    @impl(debug.MaskInterruptsOp)
    def run_mask(self, machine: Machine, op: debug.MaskInterruptsOp, args: PythonValues) -> PythonValues:
        """Nothing: the interpreter changes its caller's memory at the end only."""
        return ()

    @impl(debug.UnmaskInterruptsOp)
    def run_unmask(self, machine: Machine, op: debug.UnmaskInterruptsOp, args: PythonValues) -> PythonValues:
        """Nothing."""
        return ()

    @impl(debug.AssertOp)
    def run_assert(self, machine: Machine, op: debug.AssertOp, args: PythonValues) -> PythonValues:
        """Stops the program unless the condition holds (in a linalg body: in each lane)."""
        condition, *values = _seen(machine, op, args)
        if not is_lanes(condition):
            condition = bool(condition)
        kind = op.kind.data if op.kind is not None else ""
        machine.check(condition, lambda: formatted(op.message.data, values), kind)
        return ()


def _seen(machine: Machine, op: Operation, args: PythonValues) -> list[Value]:
    """Operands as Python sees them."""
    return [as_seen(type_, _value(machine, arg)) for type_, arg in zip(operand_types(op), args, strict=True)]


def _value(machine: Machine, value: Value) -> Value:
    if not isinstance(value, np.ndarray):
        return value
    return readable(machine, value)


FUNCTIONS = (DebugFunctions(),)
