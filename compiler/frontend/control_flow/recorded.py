"""How tapes record branches and loops: each as a whole, with the tensors and Variables that it uses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn, Protocol
from weakref import WeakSet

from xdsl.dialects import arith
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, TensorType
from xdsl.ir import Operation, SSAValue

from ....dialects import state
from ....dialects.dtypes import INT8
from ....dialects.locations import place_of
from ....dialects.public import public
from ....dialects.types import array_of, extent, shape_of
from ..tracing.tracer import Tracer
from ..values import recording
from ..values.tensor import Tensor
from ..values.variable import Variable

Values = dict[SSAValue, Any]
"""Tensors and Variables by the values of a trace."""

SMALL = 64
"""Constants of at most this many elements are known to gradient rules by their elements."""


@public("errors")
class ControlFlowGradientError(TypeError):
    """A gradient was asked for through control flow or an op of a compiled function that has none."""


def refusal(op: Operation, why: str) -> str:
    """Why there is no gradient through `op`, with the user's line."""
    place = place_of(op.location)
    where = f" at {place}" if place else ""
    return (
        f"the gradient through '{op.name}'{where} is not available: {why}; use sw.stop_gradient on its operands where "
        "they are constants, or run the function eagerly (sw.config.run_functions_eagerly(True)) to differentiate it"
    )


class Recorder(Protocol):
    """A tape that has recorded a branch or loop."""

    def follow_output(self, tensor: Tensor) -> None:
        """Know `tensor` as another result of what was recorded."""
        ...


@dataclass(eq=False)
class Staged:
    """A branch or loop of a trace, as tapes record it; one object for all of them.

    Attributes:
        op: the branch or loop. Gradients give it results: the values inside of it that they need.
        tracer: the trace that it is in.
        sources: the tensors from outside and the Variables that it may have a gradient with respect to.
        outputs: the tensors that its results are.
        reads: Variables that gradients read before it, and the indices of the values among the outputs.
        tapes: those that have recorded it.
        steps: what gradients know of it.
    """

    op: Operation
    tracer: Tracer
    sources: Sequence[Tensor | Variable]
    outputs: list[Tensor]
    reads: list[tuple[Variable, int]] = field(default_factory=list)
    tapes: WeakSet[Recorder] = field(default_factory=WeakSet)
    steps: object = None

    def add_output(self, tensor: Tensor) -> None:
        """Let all tapes know of another result."""
        self.outputs.append(tensor)
        for tape in self.tapes:
            tape.follow_output(tensor)

    def refuse(self, why: str) -> NoReturn:
        """Raise the error that says why there is no gradient."""
        raise ControlFlowGradientError(refusal(self.op, why))


def record_staged(tracer: Tracer, op: Operation, outputs: Sequence[Tensor]) -> None:
    """Tell the recording tapes of a branch or loop in a trace; `outputs` represent its results."""
    if not outputs or not recording.is_recording():
        return
    staged = tracer.staged.get(op)
    if not isinstance(staged, Staged):
        staged = tracer.staged[op] = Staged(op, tracer, _sources(tracer, op), list(outputs))
    recording.follow_accessed([thing for thing in staged.sources if isinstance(thing, Variable)])
    recording.record(staged.sources, staged.outputs, staged, op.name)


def _sources(tracer: Tracer, op: Operation) -> list[Tensor | Variable]:
    """The tensors and Variables from outside that `op` may have a gradient with respect to."""
    sources: list[Tensor | Variable] = []
    for value in _free_values(op):
        if isinstance(value.type, TensorType):
            thing = known_tensor(tracer, value)
            if thing.is_symbolic and thing.dtype.is_inexact:
                sources.append(thing)
        elif any(isinstance(use.operation, state.ReadOp) and op.is_ancestor(use.operation) for use in value.uses):
            sources.append(variable_of(tracer, value))
    return sources


def variable_of(tracer: Tracer, value: SSAValue) -> Variable:
    """The Variable that a value of a trace represents."""
    variable = tracer.outside(value)
    assert isinstance(variable, Variable)
    return variable


def known_tensor(tracer: Tracer, value: SSAValue) -> Tensor:
    """The tensor that a value of a trace is: a concrete one for a small constant that represents nothing else."""
    owner = value.owner
    if isinstance(owner, arith.ConstantOp) and isinstance(owner.value, DenseIntOrFPElementsAttr):
        assert isinstance(value.type, TensorType)
        if tracer.outside(value) is None and extent(shape_of(value.type), INT8) <= SMALL:
            constant = Tensor(array_of(owner.value))
            constant._literal = True
            return constant
    return Tensor.symbolic(value, tracer)


def _free_values(op: Operation) -> Iterator[SSAValue]:
    """The tensors and Variables from outside that `op` uses, each once."""
    seen: set[SSAValue] = set()
    for nested in op.walk():
        for operand in nested.operands:
            known = isinstance(operand.type, TensorType | state.VariableType)
            if known and operand not in seen and not op.is_ancestor(operand.owner):
                seen.add(operand)
                yield operand
