"""Rules that are one call, declared instead of written as methods.

    compute = by_numpy(np.exp)
    scalar = emits(math.ExpOp)
    gradient = pullback(lambda m, x, y, dy: m.multiply(dy, y))

Each returns a static method with the signature of the rule that it is declared for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from xdsl.ir import Operation, SSAValue

from ...dtypes import DType
from ...emitter import Emitter
from .elementwise import for_operands, is_float
from .facets import OnnxGraph, OpCall
from .functions import Functions, Gradients, Value

Result = TypeVar("Result")


def by_numpy(function: Callable[..., Any]) -> staticmethod[..., np.ndarray]:
    """`compute`: what `function` returns for the operands, in the order in which `compute` has them.

    Example:
        >>> by_numpy(np.negative).__func__(np.array([1, -2])).tolist()
        [-1, 2]
    """
    function.__doc__ = function.__doc__ or "The meaning on arrays."
    return staticmethod(function)


def emits(
    op: Callable[..., Operation], of_integers: Callable[..., Operation] | None = None
) -> staticmethod[..., SSAValue]:
    """`scalar` or `combine`: one op on the scalars; another one for integers, where `of_integers` is given."""

    def scalar(e: Emitter, *operands: SSAValue) -> SSAValue:
        """One op on the scalars."""
        return e.value((op if of_integers is None or is_float(operands[0]) else of_integers)(*operands))

    return staticmethod(scalar)


def pullback(rule: Callable[..., Value | tuple[Value | None, ...] | None]) -> staticmethod[..., Gradients]:
    """`gradient`: called with `m`, the operands, the results and the results' gradients.

    The rule of one operand returns its gradient; that of several returns a tuple of gradients in the result's shape,
    which are summed down to the operands' shapes (`None` stays).
    """

    def gradient(m: Functions, call: OpCall, *grads: Value) -> Gradients:
        """The gradients of the operands."""
        found = rule(m, *call.inputs, *call.outputs, *grads)
        return for_operands(m, call, *found) if isinstance(found, tuple) else [found]

    return staticmethod(gradient)


def node(op_type: str, **attributes: object) -> staticmethod[..., list[str]]:
    """`onnx`: one node on the operands."""

    def onnx(g: OnnxGraph, call: OpCall) -> list[str]:
        """One node on the operands."""
        return [g.node(op_type, call.inputs, **attributes)]

    return staticmethod(onnx)


def always(value: Result) -> staticmethod[..., Result]:
    """A rule of the dtype that does not depend on it: `start`, `neutral`, `result_dtype`.

    Example:
        >>> always(1).__func__(INT32)
        1
    """

    def rule(dtype: DType) -> Result:
        """The same for every dtype."""
        return value

    return staticmethod(rule)


NO_SLOPE = pullback(lambda m, *values: m.zeros_like(values[-1]))
"""The gradient of an op of one operand whose result is constant wherever it is differentiable: 0."""
