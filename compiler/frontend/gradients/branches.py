"""The gradient of a branch in the IR, which is a branch.

What it needs of the values inside of the branch are further results of the `scf.if`, zeros where the other branch was
taken: nothing with an effect happens twice. A tape may record the new branch in turn, so second and higher derivatives
need no rule of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial

from xdsl.dialects import scf, tensor
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Block, SSAValue

from ....dialects import state
from ....dialects.dtypes import dtype_of
from ....dialects.hl.rules.functions import Value
from ....dialects.locations import place_of
from ....dialects.types import DYNAMIC, shape_of
from ..control_flow.branch import Branch, Outcome, merge, reopened, trace_branch
from ..control_flow.recorded import Staged, known_tensor
from ..control_flow.values import to_type, type_of_ssa
from ..ops import namespace
from ..tracing.tracer import Tracer, current_tracer, tracing
from ..values.dispatch import to_ssa
from ..values.recording import stop_recording, tape_key
from ..values.tensor import Tensor
from .loop_steps import BodyTape, add_reads, add_result, body_tape, read_before
from .stacks import fresh_zeros
from .steps import Step, going_back
from .sums import Sums


class BranchStep(Step):
    """One of the branches of a condition.

    Attributes:
        op: the condition.
        ends: what the branch yields.
        tape: what it computes from what.
    """

    def __init__(self, staged: Staged, op: scf.IfOp, block: Block, other: Block, tape: BodyTape):
        super().__init__(staged.tracer, block)
        self.staged, self.op, self._other = staged, op, other
        self.ends = [end for end in self.end.operands if isinstance(end.type, TensorType)]
        self.results: list[tuple[SSAValue, int]] = []
        self.tape = body_tape(tape, self, staged.sources)

    def keep(self, value: SSAValue) -> None:
        """Let the condition return a value of the branch."""
        assert isinstance(value.type, TensorType)
        type_, tracer, end = type_of_ssa(value), self.tracer, self._other.last_op
        assert end is not None
        sizes = [0 if size == DYNAMIC else size for size in shape_of(value.type)]
        with tracing(tracer), stop_recording(), tracer.before(end):
            nothing = to_type(tracer, fresh_zeros(sizes, dtype_of(value.type)), type_)
        end.operands = [*end.operands, nothing]
        self.end.operands = [*self.end.operands, value]
        result = Tensor.symbolic(add_result(self.op, type_), tracer)
        self.kept[value] = result
        self.results.append((value, len(self.staged.outputs)))
        self.staged.add_output(result)

    def read(self, value: SSAValue) -> Tensor:
        """A value that is kept."""
        found = self.kept[value]
        assert isinstance(found, Tensor)
        return found

    def counter(self) -> SSAValue | None:
        """A branch has none."""
        return None

    def before(self, read: state.ReadOp) -> SSAValue | None:
        """What a read of a Variable returns, read before the branch, if the branch changes no Variable like it."""
        return read_before(self, self.staged, read)


class BranchSteps:
    """Both branches of a condition.

    Attributes:
        steps: the branches.
    """

    def __init__(self, staged: Staged, new_tape: Callable[[], BodyTape]):
        op = staged.op
        assert isinstance(op, scf.IfOp)
        self.op, self.tracer = op, staged.tracer
        blocks = op.true_region.block, op.false_region.block
        self.steps = [BranchStep(staged, op, a, b, new_tape()) for a, b in (blocks, blocks[::-1])]

    @cached_property
    def condition(self) -> Tensor:
        """The condition, as a tensor."""
        made_by = self.op.cond.owner
        if isinstance(made_by, tensor.ExtractOp):
            return known_tensor(self.tracer, made_by.tensor)
        with tracing(self.tracer), self.tracer.before(self.op):
            scalar = tensor.FromElementsOp(self.op.cond, result_type=TensorType(self.op.cond.type, []))
            return Tensor.symbolic(self.tracer.add(scalar).result, self.tracer)


def branch_gradient(
    staged: Staged,
    grads: Sequence[Tensor | None],
    wants: Callable[[Value], bool],
    new_tape: Callable[[], BodyTape],
) -> Sequence[Tensor | None]:
    """The gradients with respect to a branch's sources, None where no branch depends on one.

    Args:
        staged: what the tape recorded.
        grads: the gradients of its outputs.
        wants: whether the gradient of a source is needed.
        new_tape: returns a tape for the ops of each branch.
    """
    tracer = current_tracer()
    assert tracer is not None
    if not isinstance(staged.steps, BranchSteps):
        staged.steps = BranchSteps(staged, new_tape)
    both, sources = staged.steps, staged.sources
    place = place_of(staged.op.location)
    outcomes, branches = [], []
    for step in both.steps:
        with stop_recording(), going_back(step) as resolve:
            run = partial(_gradients_of, step, grads, wants)
            branches.append(Branch("the gradient of a branch", run, lambda _: place))
            outcomes.append(trace_branch(tracer, branches[-1]))
            _resolve(tracer, outcomes[-1], resolve)
    connected = [i for i in range(len(sources)) if any((o.values or ())[i] is not None for o in outcomes)]
    for outcome in outcomes:
        _fill_in(tracer, outcome, sources, connected)
    names = [f"the gradient {i}" for i in connected]
    merged = merge(tracer, to_ssa(both.condition), branches, outcomes, names)
    totals = Sums(namespace())
    for i, grad in zip(connected, merged, strict=True):
        totals.add(sources[i], grad)
    add_reads(staged, grads, totals)
    return [totals.get(source) for source in sources]


def _resolve(tracer: Tracer, outcome: Outcome, resolve: Callable[[Block], None]) -> None:
    """Find the values of the forward branch that a gradient uses, or is."""
    with reopened(tracer, outcome.block):
        present = [end for end in outcome.values or () if isinstance(end, Tensor)]
        uses = tracer.add(scf.YieldOp(*[to_ssa(end) for end in present]))
    resolve(outcome.block)
    found = iter([Tensor.symbolic(value, tracer) for value in uses.operands])
    outcome.values = [None if end is None else next(found) for end in outcome.values or ()]
    uses.detach()
    uses.erase()


def _gradients_of(
    step: BranchStep, grads: Sequence[Tensor | None], wants: Callable[[Value], bool]
) -> Sequence[Tensor | None]:
    """The gradients of the sources through one branch."""
    keys = {tape_key(source) for source in step.staged.sources if wants(source)}
    step.tape.reached(keys)
    sums = Sums(namespace())
    for value, grad in [*zip(step.ends, grads), *((value, grads[index]) for value, index in step.results)]:
        thing = known_tensor(step.tracer, value)
        if grad is not None and thing.dtype.is_inexact:
            sums.add(thing, grad)
    step.tape.sweep(sums, lambda thing: tape_key(thing) in keys)
    return [sums.get(source) if wants(source) else None for source in step.staged.sources]


def _fill_in(tracer: Tracer, outcome: Outcome, sources: Sequence[Value], connected: Sequence[int]) -> None:
    """Zeros where a branch does not depend on a source that the other one depends on."""
    values = outcome.values or ()
    with reopened(tracer, outcome.block), stop_recording():
        outcome.values = [namespace().zeros_like(sources[i]) if values[i] is None else values[i] for i in connected]
