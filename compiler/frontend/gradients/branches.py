"""The gradient of a branch in the IR, which is a branch.

Each branch is computed again and differentiated, and the results of both become another `scf.if` on the same condition.
A tape may record that in turn: so second and higher derivatives need no rule of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from xdsl.ir import Block, SSAValue

from ....dialects import debug
from ....dialects.locations import place_of
from ..control_flow.branch import Branch, Outcome, merge, reopened, trace_branch
from ..control_flow.recorded import LocalState, StagedBranch
from ..ops import namespace
from ..tracing.tracer import Tracer, current_tracer
from ..values.dispatch import to_ssa
from ..values.recording import stop_recording
from ..values.tensor import Tensor
from .replay import replay_block

Differentiate = Callable[[Callable[[], Sequence[Tensor]], Sequence[Tensor], Sequence[Tensor]], Sequence[Tensor | None]]
"""Gradients with respect to sources of what a function computes from them, given the gradients of its results."""


def branch_gradient(
    staged: StagedBranch, grads: Sequence[Tensor], differentiate: Differentiate
) -> Sequence[Tensor | None]:
    """The gradients with respect to a branch's sources, None where no branch depends on one.

    Args:
        staged: what the tape recorded.
        grads: the gradients of its results.
        differentiate: how each branch is differentiated.
    """
    tracer = current_tracer()
    assert tracer is not None
    if tracer is not staged.tracer and any(isinstance(thing, SSAValue) for thing in staged.around.values()):
        staged.refuse("it uses a scalar from around it")
    op, sources = staged.op, staged.sources
    place = place_of(op.location)
    branches = [
        Branch("the gradient of a branch", partial(_gradients_of, block, staged, grads, differentiate), lambda _: place)
        for block in (op.true_region.block, op.false_region.block)
    ]
    outcomes = [trace_branch(tracer, branch) for branch in branches]
    ends = [outcome.values or () for outcome in outcomes]
    connected = [i for i in range(len(sources)) if any(end[i] is not None for end in ends)]
    for outcome in outcomes:
        _fill_in(tracer, outcome, sources, connected)
    names = [f"the gradient {i}" for i in connected]
    merged = merge(tracer, to_ssa(staged.condition), branches, outcomes, names)
    found: list[Tensor | None] = [None] * len(sources)
    for i, grad in zip(connected, merged, strict=True):
        found[i] = grad
    return found


def _gradients_of(
    block: Block, staged: StagedBranch, grads: Sequence[Tensor], differentiate: Differentiate
) -> Sequence[Tensor | None]:
    """The gradients of the sources through one branch, which is computed again."""
    here = [_here(source) for source in staged.sources]
    values = {value: _here(thing) for value, thing in staged.around.items()}
    return differentiate(lambda: replay_block(_without_effects(block), values), here, grads)


def _here(thing: object) -> Any:
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
    """Zeros where a branch does not depend on a source that the other one depends on."""
    values = outcome.values or ()
    with reopened(tracer, outcome.block), stop_recording():
        outcome.values = [namespace().zeros_like(sources[i]) if values[i] is None else values[i] for i in connected]
