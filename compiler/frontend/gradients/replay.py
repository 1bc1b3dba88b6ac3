"""Runs the ops of a traced function again, on other tensors: how functions are inlined and differentiated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from xdsl.dialects import arith, func, scf, tensor
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, TensorType
from xdsl.ir import Block, Operation, SSAValue

from ....dialects import state
from ....dialects.gradient import CustomOp, YieldOp
from ....dialects.hl.rules.base import HLOp
from ....dialects.host import PythonOp
from ....dialects.types import array_of
from ..control_flow.recorded import ControlFlowGradientError, Values, record_staged
from ..control_flow.values import cast_sizes
from ..tracing.tracer import Tracer, current_tracer
from ..values import recording
from ..values.dispatch import apply_all, as_tensor, to_ssa
from ..values.tensor import Tensor
from ..values.variable import Variable
from .host_calls import call_python


def replay(
    function: func.FuncOp,
    arguments: Sequence[Tensor | Variable],
    constants: Mapping[SSAValue, Tensor] | None = None,
) -> list[Tensor]:
    """The results of `function` on `arguments`, computed in the current trace and seen by the recording tapes.

    `constants` are the tensors that some of its constants represent.
    """
    block = function.body.block
    return replay_block(block, {**dict(zip(block.args, arguments, strict=True)), **(constants or {})})


def replay_block(block: Block, values: Values) -> list[Tensor]:
    """The operands of the last op of `block`, computed in the current trace; `values` has what the block uses."""
    tracer = current_tracer()
    assert tracer is not None
    for op in block.ops:
        if isinstance(op, func.ReturnOp | scf.YieldOp | YieldOp):
            return [values[operand] for operand in op.operands]
        with tracer.at(op.location):
            replay_op(tracer, op, values)
    raise AssertionError("a block without an end")


def replay_op(tracer: Tracer, op: Operation, values: Values) -> None:
    """Compute the results of `op` again, from what its operands are in `values`, and add them there."""
    if isinstance(op, HLOp):
        results = apply_all(type(op), *[values[operand] for operand in op.operands], **op.attrs())
        for old, new in zip(op.results, results, strict=True):
            values[old] = new
    elif isinstance(op, arith.ConstantOp) and isinstance(op.value, DenseIntOrFPElementsAttr):
        if op.result not in values:
            values[op.result] = as_tensor(array_of(op.value))
    elif isinstance(op, tensor.CastOp):
        values[op.dest] = cast_sizes(values[op.source], op.dest.type)
    elif isinstance(op, state.ReadOp):
        values[op.value] = values[op.variable].read_value()
    elif type(op) in _UPDATES:
        _UPDATES[type(op)](values[op.operands[0]], values[op.operands[1]])
    elif isinstance(op, PythonOp):
        inputs = [values[operand] for operand in op.ins]
        results = call_python(tracer, op.callee.data, inputs, [result.type for result in op.res])
        values.update(zip(op.res, results, strict=True))
    elif isinstance(op, CustomOp):
        _replay_custom(tracer, op, values)
    else:
        record_staged(tracer, *_copy(tracer, op, values))


_UPDATES: dict[type[Operation], Callable[[Variable, Tensor], object]] = {
    state.AssignOp: lambda variable, value: variable.assign(value),
    state.AssignAddOp: lambda variable, value: variable.assign_add(value),
    state.AssignSubOp: lambda variable, value: variable.assign_sub(value),
}


def _replay_custom(tracer: Tracer, op: CustomOp, values: Values) -> None:
    """Copy an op that has its own gradient, which tapes compute by replaying its region."""
    around = {operand: values[operand] for nested in op.walk() for operand in nested.operands if operand in values}
    inputs = [values[operand] for operand in op.inputs]
    _, outputs = _copy(tracer, op, values)
    recording.record(inputs, outputs, partial(custom_gradient_of, op, around), op.label.data)


def custom_gradient_of(op: CustomOp, around: Values, _: object, *grads: Tensor) -> list[Tensor | None]:
    """The gradients of the inputs of an op that has its own gradient; `around` has what its region uses."""
    if op.refusal is not None:
        raise ControlFlowGradientError(op.refusal.data)
    block = op.body.block
    found: list[Tensor | None] = [None] * len(op.inputs)
    results = replay_block(block, {**around, **dict(zip(block.args, grads, strict=True))})
    for index, grad in zip(op.connected.get_values(), results, strict=True):
        found[index] = grad
    return found


def _copy(tracer: Tracer, op: Operation, values: Values) -> tuple[Operation, list[Tensor]]:
    """Copy an op that is not a tensor operation (control flow, effects) into the trace; its tensor results."""
    used = {operand: None for nested in op.walk() for operand in nested.operands if operand in values}
    mapping = {operand: _ssa(tracer, values[operand]) for operand in used}
    copy = tracer.add(op.clone(mapping))
    outputs: list[Tensor] = []
    for old, new in zip(op.results, copy.results, strict=True):
        if isinstance(new.type, TensorType):
            values[old] = Tensor.symbolic(new, tracer)
            outputs.append(values[old])
        else:
            values[old] = new
    return copy, outputs


def _ssa(tracer: Tracer, value: Tensor | Variable | SSAValue) -> SSAValue:
    if isinstance(value, Tensor):
        return to_ssa(value)
    return value._captured(tracer) if isinstance(value, Variable) else value
