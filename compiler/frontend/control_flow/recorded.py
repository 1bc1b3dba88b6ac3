"""How tapes record branches and loops: each as a whole, with the tensors and Variables that it uses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn

from xdsl.dialects import arith, scf, tensor
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, TensorType
from xdsl.ir import Block, Operation, SSAValue

from ....dialects import host, state
from ....dialects.locations import place_of
from ....dialects.public import public
from ....dialects.types import array_of
from ..tracing.tracer import Tracer, current_tracer
from ..values import recording
from ..values.tensor import Tensor
from ..values.variable import Variable

Values = dict[SSAValue, Any]
"""Tensors, Variables and stand-ins for these, by the values of a trace."""


@dataclass
class LocalState:
    """Represents a Variable while a function is replayed on values: assignments are local."""

    current: Tensor

    def read_value(self) -> Tensor:
        """The value now."""
        return self.current

    def assign(self, value: Tensor) -> None:
        """Replace the value."""
        self.current = value

    def assign_add(self, delta: Tensor) -> None:
        """Add to the value."""
        self.current = self.current + delta  # pyright: ignore[reportOperatorIssue]

    def assign_sub(self, delta: Tensor) -> None:
        """Subtract from the value."""
        self.current = self.current - delta  # pyright: ignore[reportOperatorIssue]


@public("errors")
class ControlFlowGradientError(TypeError):
    """A gradient was asked for through a loop or branch of a compiled function that has none."""


def refusal(op: Operation, why: str) -> str:
    """Why there is no gradient through `op`, control flow, with the user's line."""
    place = place_of(op.location)
    where = f" at {place}" if place else ""
    return (
        f"the gradient through '{op.name}'{where} is not available: {why}; take the gradient inside of the loop or "
        "branch, or run the function eagerly (sw.config.run_functions_eagerly(True)) to differentiate it"
    )


@dataclass(frozen=True)
class StagedBranch:
    """A branch of a trace, as tapes record it.

    Attributes:
        op: the branch.
        around: the tensors, Variables and other values from outside that it uses.
        sources: those of them that it may have a gradient with respect to, in the order in which tapes know them.
        tracer: the trace that it is in.
    """

    op: scf.IfOp
    around: Values
    sources: Sequence[Tensor]
    tracer: Tracer

    @property
    def condition(self) -> Tensor:
        """The condition, as a tensor."""
        extract = self.op.cond.owner
        assert isinstance(extract, tensor.ExtractOp)
        return _tensor(self.tracer, extract.tensor)

    def refuse(self, why: str) -> NoReturn:
        """Raise the error that says why there is no gradient."""
        _refuse(self.op, why)


def record_staged(op: Operation, outputs: Sequence[Tensor]) -> None:
    """Tell the recording tapes of a branch or loop that was staged; `outputs` represent its results."""
    tracer = current_tracer()
    if tracer is None or not outputs or not recording.is_recording():
        return
    around = {value: _outside(tracer, value) for value in _free_values(op)}
    why = _why_not(op)
    tensors = [thing for thing in around.values() if isinstance(thing, Tensor)]
    sources = [thing for thing in tensors if thing.is_symbolic and thing.dtype.is_inexact]
    if why is not None:
        read = [thing for thing in around.values() if isinstance(thing, Variable)]
        recording.follow_accessed(read)
        recording.record([*sources, *read], outputs, partial(_refuse, op, why), op.name)
        return
    for value, thing in around.items():
        if isinstance(thing, Variable):
            held = thing.read_value()
            around[value] = LocalState(held)
            sources.append(held)
    assert isinstance(op, scf.IfOp)
    recording.record(sources, outputs, StagedBranch(op, around, sources, tracer), op.name)


def _free_values(op: Operation) -> Iterator[SSAValue]:
    """The tensors and Variables from outside that `op` uses, and all else that its regions use; each once."""
    seen: set[SSAValue] = set()
    for nested in op.walk():
        for operand in nested.operands:
            scalar = nested is op and not isinstance(operand.type, TensorType | state.VariableType)
            if operand not in seen and not scalar and not _is_inside(operand, op):
                seen.add(operand)
                yield operand


def _is_inside(value: SSAValue, op: Operation) -> bool:
    block = value.owner if isinstance(value.owner, Block) else value.owner.parent
    while block is not None:
        parent = block.parent_op()
        if parent is op:
            return True
        block = parent.parent if parent is not None else None
    return False


def _outside(tracer: Tracer, value: SSAValue) -> object:
    """What a free value is to Python: a tensor, a Variable; itself, if it is neither."""
    if isinstance(value.type, TensorType):
        return _tensor(tracer, value)
    if isinstance(value.type, state.VariableType):
        return tracer.outside(value)
    return value


def _tensor(tracer: Tracer, value: SSAValue) -> Tensor:
    """The tensor that a free value is: a concrete one for a constant that no tape follows."""
    thing = Tensor.symbolic(value, tracer)
    owner = value.owner
    if isinstance(owner, arith.ConstantOp) and isinstance(owner.value, DenseIntOrFPElementsAttr):
        return thing if recording.is_watched(thing) else Tensor(array_of(owner.value))
    return thing


def _why_not(op: Operation) -> str | None:
    """Why `op` cannot be differentiated."""
    if not isinstance(op, scf.IfOp):
        return "a compiled loop has no gradient rule"
    for nested in op.walk():
        if isinstance(nested, state.AssignOp | state.AssignAddOp | state.AssignSubOp):
            return "a Variable is assigned inside it"
        if nested.name.startswith(f"{host.Host.name}."):
            return f"'{nested.name}' is inside it"
    return None


def _refuse(op: Operation, why: str, *_: object) -> NoReturn:
    raise ControlFlowGradientError(refusal(op, why))
