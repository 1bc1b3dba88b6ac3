"""The meaning of `debug`: text on standard output, and checks that end the program."""

from __future__ import annotations

from typing import Any

import numpy as np
from xdsl.interpreter import InterpreterFunctions, PythonValues, impl, register_impls

from ....dialects import debug
from .machine import Machine


def shown(value: Any) -> str:
    """A value as numpy prints it."""
    return str(np.asarray(value))


@register_impls
class DebugFunctions(InterpreterFunctions):
    """Implementations of the ops of `debug`."""

    @impl(debug.AssertOp)
    def run_assert(self, machine: Machine, op: debug.AssertOp, args: PythonValues) -> PythonValues:
        """Ends the program with the message unless the condition holds."""
        condition, *values = args
        text = op.message.data
        machine.check(np.asarray(condition)[()], lambda: text.format(*map(shown, values)))
        return ()

    @impl(debug.PrintOp)
    def run_print(self, machine: Machine, op: debug.PrintOp, args: PythonValues) -> PythonValues:
        """Prints a line."""
        print(op.format.data.format(*map(shown, args)), file=machine.file)
        return ()


FUNCTIONS = (DebugFunctions(),)
