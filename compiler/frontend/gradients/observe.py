"""Tells tapes of ops that are in a trace already, as if they were computed now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from xdsl.dialects import tensor
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Operation, SSAValue

from ....dialects import state
from ....dialects.dtypes import dtype_of
from ....dialects.gradient import CustomOp
from ....dialects.hl.rules.base import HLOp, NoRuleError
from ....dialects.host import PythonOp
from ..control_flow.recorded import (
    ControlFlowGradientError,
    Values,
    known_tensor,
    record_staged,
    refusal,
    variable_of,
)
from ..control_flow.values import uncast
from ..tracing.tracer import Tracer, current_tracer
from ..values import recording
from ..values.dispatch import recorded_call
from ..values.tensor import Tensor
from .host_calls import record_call
from .replay import custom_gradient_of


def observe(tracer: Tracer, ops: Iterable[Operation]) -> None:
    """Let the recording tapes know what ops of `tracer` compute from what; nothing is computed again."""
    for op in ops:
        results = [Tensor.symbolic(result, tracer) for result in op.results if isinstance(result.type, TensorType)]
        if isinstance(op, HLOp):
            inputs = [known_tensor(tracer, operand) for operand in op.operands]
            _, _, backward, name = recorded_call(type(op), inputs, results, op.attrs())
            recording.record(inputs, results, partial(_at_its_line, op, backward), name)
        elif isinstance(op, state.ReadOp):
            recording.record_read(variable_of(tracer, op.variable), results[0])
        elif isinstance(op, tensor.CastOp):
            back = partial(uncast, op.source.type)
            recording.record([known_tensor(tracer, op.source)], results, back, op.name)
        elif isinstance(op, PythonOp):
            record_call(op.callee.data, [known_tensor(tracer, operand) for operand in op.ins], results)
        elif isinstance(op, CustomOp):
            inputs = [known_tensor(tracer, operand) for operand in op.inputs]
            recording.record(inputs, results, partial(custom_gradient_of, op, _around(tracer, op)), op.label.data)
        elif op.regions:
            record_staged(tracer, op, results)
        else:
            _observe_other(tracer, op, results)


def _at_its_line(op: HLOp, backward: recording.Backward, m: object, *grads: Tensor) -> Sequence[Tensor | None]:
    """The gradients of the operands of an op; the error of one that has none says where it is."""
    tracer = current_tracer()
    assert tracer is not None
    try:
        with tracer.at(op.location):
            return backward(m, *grads)
    except NoRuleError as error:
        raise ControlFlowGradientError(refusal(op, str(error))) from None


def _around(tracer: Tracer, op: Operation) -> Values:
    """What the regions of `op` use from around it."""
    used = {operand for nested in op.walk() for operand in nested.operands if not op.is_ancestor(operand.owner)}
    return {value: _thing(tracer, value) for value in used}


def _thing(tracer: Tracer, value: SSAValue) -> object:
    if isinstance(value.type, TensorType):
        return known_tensor(tracer, value)
    return variable_of(tracer, value) if isinstance(value.type, state.VariableType) else value


def _observe_other(tracer: Tracer, op: Operation, results: Sequence[Tensor]) -> None:
    """An op that has no gradient: an error for those who ask for one through floats."""
    operands = [known_tensor(tracer, value) for value in op.operands if isinstance(value.type, TensorType)]
    floats = [thing for thing in operands if dtype_of(thing).is_inexact]
    if floats and results:
        recording.record(floats, results, partial(_refuse, op), op.name)


def _refuse(op: Operation, *_: object) -> Sequence[Tensor]:
    raise ControlFlowGradientError(refusal(op, "it has no gradient"))
