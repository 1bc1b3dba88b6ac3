"""The meaning of `state`: a variable is an array that is updated in place."""

from __future__ import annotations

import numpy as np
from xdsl.interpreter import InterpreterFunctions, PythonValues, register_impls

from ....dialects import state
from .errors import refusal
from .machine import Machine, impl


def _same_shape(variable: np.ndarray, value: np.ndarray) -> None:
    if variable.shape != value.shape:
        raise refusal("", f"a variable of shape {list(variable.shape)} is given a value of {list(value.shape)}")


@register_impls
class StateFunctions(InterpreterFunctions):
    """Implementations of the ops of `state`."""

    @impl(state.ReadOp)
    def read(self, machine: Machine, op: state.ReadOp, args: PythonValues) -> PythonValues:
        """The value now; it does not follow later changes."""
        return (args[0].copy(),)

    @impl(state.AssignOp)
    def assign(self, machine: Machine, op: state.AssignOp, args: PythonValues) -> PythonValues:
        """Replaces the value."""
        _same_shape(*args)
        args[0][...] = args[1]
        return ()

    @impl(state.AssignAddOp)
    def assign_add(self, machine: Machine, op: state.AssignAddOp, args: PythonValues) -> PythonValues:
        """Adds to the value."""
        _same_shape(*args)
        args[0][...] = args[0] + args[1]
        return ()

    @impl(state.AssignSubOp)
    def assign_sub(self, machine: Machine, op: state.AssignSubOp, args: PythonValues) -> PythonValues:
        """Subtracts from the value."""
        _same_shape(*args)
        args[0][...] = args[0] - args[1]
        return ()


FUNCTIONS = (StateFunctions(),)
