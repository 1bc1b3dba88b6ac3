"""The meaning of `host`: a call is the numpy meaning of an op of `hl`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from xdsl.dialects.builtin import DictionaryAttr, NoneAttr, TensorType
from xdsl.interpreter import InterpreterFunctions, PythonValues, register_impls

from ....dialects import host
from ....dialects.hl.registry import ALL_OPS
from ....dialects.hl.rules.base import decode
from ....dialects.signs import as_held, as_seen, operand_types
from ....dialects.strings import as_array
from .errors import InterpreterError
from .hl import evaluate as evaluate_op
from .machine import Machine, impl
from .memref import readable, writable
from .values import Value


def evaluate(callee: str, attrs: DictionaryAttr | None, inputs: Sequence[Value]) -> list[np.ndarray]:
    """The results of op `callee` by its numpy meaning."""
    if callee in (host.PYTHON_CALL, host.PYTHON_RESULTS):
        return python(callee, attrs, inputs)
    if callee not in ALL_OPS:
        raise InterpreterError(f"there is no op {callee} to call on the host")
    plain = {
        name: decode(attr)
        for name, attr in (attrs.data if attrs is not None else {}).items()
        if not isinstance(attr, NoneAttr)
    }
    return [as_array(result) for result in evaluate_op(ALL_OPS[callee], list(map(as_array, inputs)), plain)]


def python(callee: str, attrs: DictionaryAttr | None, inputs: Sequence[Value]) -> list[np.ndarray]:
    """One of the two steps of calling a Python function: run it, or fetch the results."""
    assert attrs is not None
    function = attrs.data["callee"]
    assert isinstance(function, host.PythonFunctionAttr)
    arrays = list(map(as_array, inputs))
    if callee == host.PYTHON_CALL:
        return [function.data.begin(arrays, decode(attrs.data["ranks"]))]
    return function.data.results(int(arrays[0][0]))


@register_impls
class HostFunctions(InterpreterFunctions):
    """Implementation of `host.call`."""

    @impl(host.CallOp)
    def call(self, machine: Machine, op: host.CallOp, args: PythonValues) -> PythonValues:
        """New tensors, or the memory of `outs` written in place."""
        count = len(op.ins)
        arrays = [as_seen(type_, as_array(arg)) for type_, arg in zip(operand_types(op), args, strict=True)]
        results = evaluate(op.callee.data, op.attrs, [readable(machine, arg) for arg in arrays[:count]])
        for result, out in zip(results, arrays[count:], strict=True):
            if result.shape != out.shape or result.dtype != out.dtype:
                raise InterpreterError(
                    f"{op.callee.data} returned {result.dtype}{list(result.shape)}, "
                    f"expected {out.dtype}{list(out.shape)}"
                )
        if op.res:
            return tuple(as_held(value.type, result) for value, result in zip(op.res, results, strict=True))
        for result, out in zip(results, arrays[count:], strict=True):
            writable(machine, out)[...] = result
        return ()

    @impl(host.PythonOp)
    def python(self, machine: Machine, op: host.PythonOp, args: PythonValues) -> PythonValues:
        """What the function returns."""
        ranks = [result.type.get_num_dims() for result in op.res if isinstance(result.type, TensorType)]
        return tuple(op.callee.data.run(list(map(as_array, args)), ranks))


FUNCTIONS = (HostFunctions(),)
