"""Tapes and control flow in the IR: the gradient of a branch is a branch; that of a loop is refused at its line.

A tape is told of each `scf` op as a whole. Going back through an `scf.if`, each side is computed again, differentiated,
and what both give becomes another `scf.if` on the same condition, which a tape may record in turn: so second and
higher derivatives need no rule of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from xdsl.dialects import arith, scf, tensor
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, TensorType
from xdsl.ir import Block, Operation, SSAValue

from ....dialects import debug, host, state
from ....dialects.locations import place_of
from ....dialects.types import array_of
from ..control_flow.branch import Outcome, Side, merge, reopened, trace_side
from ..control_flow.hooks import hooks
from ..tracing.tracer import Tracer, current_tracer
from ..values.dispatch import apply, to_ssa
from ..values.tensor import Tensor
from ..values.variable import Variable
from . import tape
from .replay import ControlFlowGradientError, LocalState, Values, refusal, replay_block
from .tape import GradientTape


def record_control_flow(op: Operation, inputs: Sequence[Any], outputs: Sequence[Tensor]) -> None:
    """Tell the recording tapes of a branch or loop that was staged; `outputs` stand for its results."""
    del inputs
    tracer = current_tracer()
    if tracer is None or not outputs or not tape.is_recording():
        return
    free = list(free_values(op))
    around = {value: _outside(tracer, value) for value in free}
    why = _why_not(op)
    tensors = [thing for thing in around.values() if isinstance(thing, Tensor)]
    sources = [thing for thing in tensors if thing.is_symbolic and thing.dtype.kind == "f"]
    if why is not None:
        read = [thing for thing in around.values() if isinstance(thing, Variable)]
        tape.follow_accessed(read)
        tape.record([*sources, *read], outputs, partial(_refuse, op, why), op.name)
        return
    for value, thing in around.items():
        if isinstance(thing, Variable):
            held = thing.read_value()
            around[value] = LocalState(held)
            sources.append(held)
    assert isinstance(op, scf.IfOp)
    tape.record(sources, outputs, _branch_gradient(op, around, sources), op.name)


def free_values(op: Operation) -> Iterator[SSAValue]:
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


def _outside(tracer: Tracer, value: SSAValue) -> Any:
    """What a free value is to Python: a tensor, a Variable; itself, if it is neither."""
    if isinstance(value.type, TensorType):
        thing = Tensor.symbolic(value, tracer)
        owner = value.owner
        if isinstance(owner, arith.ConstantOp) and isinstance(owner.value, DenseIntOrFPElementsAttr):
            return thing if tape.is_watched(thing) else Tensor(array_of(owner.value))
        return thing
    if isinstance(value.type, state.VariableType):
        return tracer.outside(value)
    return value


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


def _refuse(op: Operation, why: str, *_: Any) -> Sequence[Any]:
    raise ControlFlowGradientError(refusal(op, why))


def _branch_gradient(op: scf.IfOp, around: Values, sources: Sequence[Tensor]) -> Callable[..., Sequence[Any]]:
    extract = op.cond.owner
    assert isinstance(extract, tensor.ExtractOp)
    tracer = current_tracer()
    assert tracer is not None
    condition = _outside(tracer, extract.tensor)
    place = place_of(op.location)

    def backward(*grads: Tensor) -> Sequence[Any]:
        inner = current_tracer()
        assert inner is not None
        if inner is not tracer and any(isinstance(thing, SSAValue) for thing in around.values()):
            _refuse(op, "it uses a scalar from around it")
        blocks = [op.true_region.block, op.false_region.block]
        sides = [
            Side("the gradient of a side", partial(_side_gradient, block, around, sources, grads), lambda _: place)
            for block in blocks
        ]
        outcomes = [trace_side(inner, side) for side in sides]
        ends = [outcome.values or () for outcome in outcomes]
        connected = [i for i in range(len(sources)) if any(end[i] is not None for end in ends)]
        for outcome in outcomes:
            _fill_in(inner, outcome, sources, connected)
        names = [f"the gradient {i}" for i in connected]
        merged = merge(inner, to_ssa(condition), sides, outcomes, names)
        found: list[Any] = [None] * len(sources)
        for i, grad in zip(connected, merged, strict=True):
            found[i] = grad
        return found

    return backward


def _side_gradient(
    block: Block, around: Values, sources: Sequence[Tensor], grads: Sequence[Tensor]
) -> Sequence[Tensor | None]:
    """The gradients of `sources` through one side, which is computed again."""
    here = [_here(source) for source in sources]
    values = {value: _here(thing) for value, thing in around.items()}
    with tape.stop_recording():
        with GradientTape() as recorder:
            recorder.watch(here)
            results = replay_block(_without_effects(block), values)
        floats = [i for i, result in enumerate(results) if result.dtype.kind == "f"]
        return recorder.gradient([results[i] for i in floats], here, [grads[i] for i in floats])


def _here(thing: Any) -> Any:
    """`thing` as it is known in the current trace, which may be another than the branch's own.

    Control flow inside of the branch names its values as that trace does, so tapes have to follow them by these names.
    """
    if isinstance(thing, LocalState):
        return LocalState(_here(thing.current))
    tracer = current_tracer()
    assert tracer is not None
    return Tensor.symbolic(to_ssa(thing), tracer) if isinstance(thing, Tensor) and thing.is_symbolic else thing


def _without_effects(block: Block) -> Block:
    """A copy of a block that prints and checks nothing, and does not stop: that was done on the way forward."""
    mapping: dict[SSAValue, SSAValue] = {}
    copy = Block()
    for op in block.ops:
        copy.add_op(op.clone(mapping))
    for op in list(copy.walk()):
        if isinstance(op, debug.PrintOp | debug.AssertOp | debug.BreakOp):
            op.detach()
            op.erase()
    return copy


def _fill_in(tracer: Tracer, outcome: Outcome, sources: Sequence[Tensor], connected: Sequence[int]) -> None:
    """Zeros where a side does not depend on a source that the other one depends on."""
    from ..ops import namespace

    values = outcome.values or ()
    with reopened(tracer, outcome.block), tape.stop_recording():
        outcome.values = [namespace().zeros_like(sources[i]) if values[i] is None else values[i] for i in connected]


hooks.apply = apply
hooks.staged = record_control_flow
