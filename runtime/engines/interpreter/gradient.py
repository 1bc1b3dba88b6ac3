"""The meaning of `gradient`: what is computed is the same, however it is differentiated."""

from __future__ import annotations

from xdsl.interpreter import InterpreterFunctions, PythonValues, register_impls

from ....dialects import gradient
from .machine import Machine, impl


@register_impls
class GradientFunctions(InterpreterFunctions):
    """Implementation of `gradient.custom`."""

    @impl(gradient.CustomOp)
    def custom(self, machine: Machine, op: gradient.CustomOp, args: PythonValues) -> PythonValues:
        """The values."""
        return tuple(args[: len(op.res)])


FUNCTIONS = (GradientFunctions(),)
