"""The meaning of `hl`: each op's own block says it, on numpy."""

from __future__ import annotations

import numpy as np
from xdsl.dialects.builtin import TensorType
from xdsl.interpreter import InterpreterFunctions, PythonValues, register_impls

from ....dialects.hl import OPS
from ....dialects.hl.base import HLOp, InferenceError
from .errors import InterpreterError
from .machine import Machine, impl
from .values import dtype_of, fits


def run_hl(functions: object, machine: Machine, op: HLOp, args: PythonValues) -> PythonValues:
    """`evaluate` of the op's class, its results held against their types."""
    try:
        results = tuple(map(np.asarray, op.evaluate(args, op.attrs())))
    except (InferenceError, ValueError, IndexError) as error:  # sizes or indices that do not fit each other
        raise InterpreterError(str(error)) from error
    for result, value in zip(results, op.results, strict=True):
        assert isinstance(value.type, TensorType)
        if not fits(result.shape, value.type) or result.dtype != dtype_of(value.type):
            raise InterpreterError(f"expected a result of type {value.type}, got {result.dtype}{list(result.shape)}")
    return results


HLFunctions = register_impls(
    type("HLFunctions", (InterpreterFunctions,), {op.__name__: impl(op)(run_hl) for op in OPS.values()})
)

FUNCTIONS = (HLFunctions(),)
