"""The meaning of `hl`: each op's own block says it, on numpy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from xdsl.dialects.builtin import TensorType
from xdsl.interpreter import InterpreterFunctions, PythonValues, register_impls

from ....compiler.frontend.values.refusals import REFUSALS, kind_of
from ....dialects import dtypes
from ....dialects.hl.registry import ALL_OPS
from ....dialects.hl.rules.base import HLOp
from ....dialects.hl.rules.facets import Attrs
from ....dialects.memory import check_memory
from ....dialects.strings import as_array
from ....dialects.types import tensor_type
from .errors import InterpreterError, refusal
from .machine import Machine, impl
from .values import dtype_of, fits


def evaluate(op_class: type[HLOp], args: Sequence[np.ndarray], attrs: Attrs) -> Sequence[np.ndarray]:
    """The numpy meaning of an op; what it refuses is an error of the program."""
    try:
        for result in op_class.checked_types([tensor_type(arg.shape, arg.dtype) for arg in args], attrs):
            check_memory(result.get_shape(), dtypes.dtype_of(result))
        return op_class.computed(args, attrs)
    except REFUSALS as error:
        raise refusal(kind_of(error), str(error)) from error


def run_hl(functions: object, machine: Machine, op: HLOp, args: PythonValues) -> PythonValues:
    """`evaluate` of the op's class, its results compared with their types."""
    results = tuple(map(as_array, evaluate(type(op), args, op.attrs())))
    for result, value in zip(results, op.results, strict=True):
        assert isinstance(value.type, TensorType)
        if not fits(result.shape, value.type) or result.dtype != dtype_of(value.type):
            raise InterpreterError(f"expected a result of type {value.type}, got {result.dtype}{list(result.shape)}")
    return results


HLFunctions = register_impls(
    type("HLFunctions", (InterpreterFunctions,), {op.__name__: impl(op)(run_hl) for op in ALL_OPS.values()})
)

FUNCTIONS = (HLFunctions(),)
