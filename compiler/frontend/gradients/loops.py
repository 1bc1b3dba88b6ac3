"""The gradient of a loop in the IR, which is a loop over its steps in reverse order.

The loop itself is changed: it is given stacks to carry, of the values of its body that the gradient needs. Nothing in
it is computed again, unless it is cheap: what a loop prints, draws or assigns happens once. Values from around the loop
are used as they are, and their gradients are sums that the reverse loop carries. An example:

    for i in range(n):                      for j in range(n - 1, -1, -1):
        h = tanh(h @ w)                         y = stack[j]                 # tanh(h @ w) of step j
        stack[i] = h        # added             dz = dh * (1 - y * y)
                                                dw += before[j].T @ dz       # h before step j
                                                dh = dz @ w.T

Both are loops as users write them, so tapes differentiate them in turn; the stacks are further results of the first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xdsl.dialects import scf
from xdsl.dialects.builtin import IndexType
from xdsl.ir import Block, BlockArgument, Operation, Region, SSAValue

from ....dialects.dtypes import INT64
from ....dialects.hl.rules.functions import Value
from ..control_flow.loop import counter_tensor, index_of
from ..control_flow.recorded import Staged, known_tensor, record_staged
from ..control_flow.values import LeafType, to_type, type_of_ssa
from ..ops import namespace
from ..ops.arguments import Size, int64_of
from ..tracing.tracer import current_tracer
from ..values.dispatch import from_ssa
from ..values.recording import stop_recording, tape_key
from ..values.tensor import Tensor
from ..values.variable import Variable
from .loop_steps import BodyTape, LoopStep, add_reads
from .stacks import fresh_zeros
from .steps import going_back
from .sums import Sums


class _Reverse:
    """The body of the reverse loop, as it is traced.

    Attributes:
        carried: the indices of the loop's values whose gradients it carries.
        accumulators: the sources whose gradients it adds up, and the arguments that hold the sums.
    """

    def __init__(self, step: LoopStep, active: set[int], carried: set[int], grads: Sequence[Tensor | None]):
        tracer = current_tracer()
        assert tracer is not None
        self.step, self.active, self.grads, self.tracer = step, active, grads, tracer
        self.carried = sorted(carried)
        self.accumulators: list[tuple[Tensor | Variable, BlockArgument]] = []
        self._sources = {tape_key(source): source for source in step.staged.sources}
        self.block = Block()
        self.sums = Sums(namespace(), self._start)

    def trace(self, count: Size) -> set[int]:
        """Trace the body; returns the indices of values that have gradients and are not carried yet, if there are."""
        step, tracer = self.step, self.tracer
        types = [type_of_ssa(step.args[i]).ir for i in self.carried]
        with stop_recording(), going_back(step) as resolve, tracer.region([IndexType(), *types]) as block:
            self.block = block
            step.position_back, last = self._position(block.args[0], count)
            for i, arg in zip(self.carried, block.args[1:]):
                end = step.tensor(step.ends[i])
                if end is not None:
                    self.sums.add(end, from_ssa(arg))
            for found, index in step.stacks:
                grad, value = self.grads[index], step.tensor(found.value)
                if grad is not None and value is not None:
                    self.sums.add(value, found.read(grad, step.position_back))
            step.tape.sweep(self.sums, lambda thing: tape_key(thing) in self.active)
            missing = self._missing()
            if not missing:
                tracer.add(scf.YieldOp(*self._ends()))
                resolve(block, last)
        return missing

    def _position(self, index: SSAValue, count: Size) -> tuple[Tensor, Operation]:
        """The step that is gone back through in the iteration `index`."""
        tracer = self.tracer
        last = count - 1 if isinstance(count, int) else namespace().subtract(count, int64_of(1))
        back = namespace().subtract(int64_of(last), counter_tensor(tracer, index, INT64))
        end = self.block.last_op
        assert end is not None
        return back, end

    def _start(self, thing: Value) -> Tensor | None:
        """The sum so far of a source's gradients; zeros for what carried values are not yet."""
        source = self._sources.get(tape_key(thing))
        if source is None:
            return None
        type_ = LeafType(source.dtype, tuple(source.shape))
        arg = self.block.insert_arg(type_.ir, len(self.block.args))
        self.accumulators.append((source, arg))
        return Tensor.symbolic(arg, self.tracer)

    def _missing(self) -> set[int]:
        tensors = {i: self.step.tensor(arg) for i, arg in enumerate(self.step.args)}
        found = {i for i, arg in tensors.items() if arg is not None and self.sums.get(arg) is not None}
        return found - set(self.carried)

    def _ends(self) -> list[SSAValue]:
        """What the body yields."""
        ends = []
        for i in self.carried:
            arg = known_tensor(self.step.tracer, self.step.args[i])
            grad = self.sums.get(arg)
            grad = namespace().zeros_like(arg) if grad is None else grad
            ends.append(to_type(self.tracer, grad, type_of_ssa(self.step.args[i])))
        for source, arg in self.accumulators:
            ends.append(to_type(self.tracer, self.sums.get(source), type_of_ssa(arg)))
        return ends

    def op(self, trips: SSAValue) -> scf.ForOp:
        """The reverse loop."""
        m, tracer, step = namespace(), self.tracer, self.step
        starts = []
        with stop_recording():
            for i in self.carried:
                output = step.outputs[i]
                grad = self.grads[output]
                grad = m.zeros_like(step.staged.outputs[output]) if grad is None else grad
                starts.append(to_type(tracer, grad, type_of_ssa(step.args[i])))
            for source, arg in self.accumulators:
                sizes = [size for size in source.shape if size is not None]
                is_known = len(sizes) == len(source.shape)
                zeros = fresh_zeros(sizes, source.dtype) if is_known else m.zeros_like(source)
                starts.append(to_type(tracer, zeros, type_of_ssa(arg)))
        emitter = tracer.emitter()
        return tracer.add(scf.ForOp(emitter.index(0), trips, emitter.index(1), starts, Region(self.block)))


def loop_gradient(
    staged: Staged,
    grads: Sequence[Tensor | None],
    wants: Callable[[Value], bool],
    new_tape: Callable[[], BodyTape],
) -> list[Tensor | None]:
    """The gradients with respect to a loop's sources, None where it does not depend on one.

    Args:
        staged: what the tape recorded.
        grads: the gradients of its outputs.
        wants: whether the gradient of a source is needed.
        new_tape: returns a tape for the ops of its body.
    """
    tracer = current_tracer()
    assert tracer is not None
    if not isinstance(staged.steps, LoopStep):
        staged.steps = LoopStep(staged, new_tape())
    step = staged.steps
    with tracer.at(staged.op.location):
        active = step.active(wants)
        carried = {i for i, output in step.outputs.items() if grads[output] is not None}
        carried = {i for i in carried if _is_active(step, step.args[i], active)}
        with stop_recording():
            count = step.steps()
            trips = tracer.emitter().index(count) if isinstance(count, int) else index_of(tracer, count)
        while missing := (reverse := _Reverse(step, active, carried, grads)).trace(count):
            carried |= missing
        op = reverse.op(trips)
    results = [Tensor.symbolic(result, tracer) for result in op.results]
    record_staged(tracer, op, results)
    totals = Sums(namespace())
    sources = [known_tensor(step.tracer, step.starts[i]) for i in reverse.carried]
    for source, result in zip([*sources, *(source for source, _ in reverse.accumulators)], results, strict=True):
        if wants(source):
            totals.add(source, result)
    add_reads(staged, grads, totals)
    return [totals.get(source) for source in staged.sources]


def _is_active(step: LoopStep, arg: SSAValue, active: set[int]) -> bool:
    tensor = step.tensor(arg)
    return tensor is not None and tape_key(tensor) in active
