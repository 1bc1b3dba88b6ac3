"""What the ops of `poly` mean, on numpy."""

from xdsl.interpreter import Interpreter, InterpreterFunctions, PythonValues, impl, register_impls

from .dialect import EvalOp


@register_impls
class PolyFunctions(InterpreterFunctions):
    """Implementations for the interpreter."""

    @impl(EvalOp)
    def run_eval(self, interpreter: Interpreter, op: EvalOp, args: PythonValues) -> PythonValues:
        """By Horner's method, rounded in the tensor's dtype."""
        (x,) = args
        *lower, found = (x.dtype.type(value) for value in op.powers)
        for coefficient in reversed(lower):
            found = found * x + coefficient
        return (found,)
