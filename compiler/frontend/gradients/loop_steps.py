"""What a loop is to its gradient: a step that is gone back through, and a loop that can be given more to carry."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Protocol

import numpy as np
from xdsl.dialects import arith, scf, tensor
from xdsl.dialects.builtin import IntegerAttr, TensorType
from xdsl.ir import BlockArgument, Operation, OpResult, SSAValue

from ....dialects import state
from ....dialects.dtypes import INT64
from ....dialects.hl.arithmetic import AddOp
from ....dialects.hl.comparison import LessOp
from ....dialects.hl.rules.functions import Value
from ....dialects.host import PythonOp
from ..control_flow.loop import counter_tensor, index_of
from ..control_flow.recorded import Staged, known_tensor, variable_of
from ..control_flow.values import LeafType, to_type, type_of_ssa
from ..ops import namespace
from ..ops.arguments import Size, int64_of
from ..tracing.tracer import current_tracer, tracing
from ..values.recording import record_on, stop_recording, tape_key
from ..values.tensor import Tensor
from .observe import observe
from .stacks import Stack, stack
from .steps import Step
from .sums import Sums


class BodyTape(Protocol):
    """A tape of the ops of a body."""

    def watch(self, tensor: object) -> None:
        """Follow tensors and Variables."""
        ...

    def reached(self, keys: set[int]) -> None:
        """Add to `keys` those of all that was computed from what has one of them."""
        ...

    def sweep(self, sums: Sums, wants: Callable[[Value], bool]) -> None:
        """Find the gradients of all that is wanted, by those that `sums` has."""
        ...


def body_tape(tape: BodyTape, step: Step, sources: Sequence[object]) -> BodyTape:
    """The tape, after it has seen the ops of a step; it follows `sources`."""
    with stop_recording():
        record_on([tape])  # pyright: ignore[reportArgumentType]
        tape.watch(list(sources))
        observe(step.tracer, list(step.block.ops)[:-1])
    return tape


class LoopStep(Step):
    """A step of a loop.

    Attributes:
        op: the loop.
        args, ends: what it carries, at the start and at the end of a step.
        starts, results: the same, before the loop and after it.
        outputs: for the index of each tensor that it carries, that among the outputs.
        stacks: what the loop keeps, and the indices of these among its outputs.
        tape: what the body computes from what.
    """

    def __init__(self, staged: Staged, tape: BodyTape):
        op = staged.op
        if isinstance(op, scf.ForOp):
            block, starts = op.body.block, op.iter_args
        elif isinstance(op, scf.WhileOp):
            block, starts = op.after_region.block, op.arguments
            if list(_condition(op).args) != list(op.before_region.block.args):
                staged.refuse("its condition passes on other values than it is given")
        else:
            staged.refuse("it is no loop")
        super().__init__(staged.tracer, block)
        self.op, self.staged = op, staged
        self.args = list(block.args[len(block.args) - len(starts) :])
        self.starts, self.results, self.ends = list(starts), list(op.results), list(self.end.operands)
        tensors = [i for i, result in enumerate(self.results) if isinstance(result.type, TensorType)]
        self.outputs = {i: output for output, i in enumerate(tensors)}
        self.stacks: list[tuple[Stack, int]] = []
        self.position_back: Tensor | None = None
        floats = [tensor for arg in self.args if (tensor := self.tensor(arg)) is not None]
        self.tape = body_tape(tape, self, [*floats, *staged.sources])

    def tensor(self, value: SSAValue) -> Tensor | None:
        """A value of the trace that may have a gradient."""
        tensor = known_tensor(self.tracer, value) if isinstance(value.type, TensorType) else None
        return tensor if tensor is not None and tensor.dtype.is_inexact else None

    def active(self, wants: Callable[[Value], bool]) -> set[int]:
        """The keys of all in the body that depends on sources that are wanted."""
        keys = {tape_key(source) for source in self.staged.sources if wants(source)}
        size = -1
        while size < len(keys):
            size = len(keys)
            for values in zip(self.args, self.starts, self.ends):
                arg, *before = (self.tensor(value) for value in values)
                if arg is not None and any(each is not None and tape_key(each) in keys for each in before):
                    keys.add(tape_key(arg))
            self.tape.reached(keys)
        return keys

    # What the loop carries besides.

    @contextmanager
    def at_end(self) -> Iterator[None]:
        """Ops go to the end of the loop's body, unseen by tapes."""
        with tracing(self.tracer), stop_recording(), self.tracer.before(self.end):
            yield

    def carry(self, start: Callable[[], Tensor], type_: LeafType, step: Callable[[Tensor], Tensor]) -> Tensor:
        """Carry another value: it begins as `start()`, and each step ends with `step` of it. Returns its last one."""
        op, tracer = self.op, self.tracer
        with tracing(tracer), stop_recording(), tracer.before(op):
            op.operands = [*op.operands, to_type(tracer, start(), type_)]
        arg = self.block.insert_arg(type_.ir, len(self.block.args))
        if isinstance(op, scf.WhileOp):
            before = op.before_region.block
            passed = before.insert_arg(type_.ir, len(before.args))
            condition = _condition(op)
            condition.operands = [*condition.operands, passed]
        with self.at_end():
            end = to_type(tracer, step(Tensor.symbolic(arg, tracer)), type_)
        self.end.operands = [*self.end.operands, end]
        return Tensor.symbolic(add_result(op, type_), tracer)

    @property
    def count(self) -> Size | None:
        """How many steps there will be, if that is known before the loop: an int, or an int64 scalar."""
        return self._count

    @property
    def position(self) -> Tensor:
        """How many steps there were, inside of the loop."""
        return self._position

    @cached_property
    def _count(self) -> Size | None:
        if not isinstance(self.op, scf.ForOp):
            return self._count_of_while()
        low, high, by = self._bounds
        bounds = [bound for value in (low, high, by) if (bound := _constant(value)) is not None]
        if len(bounds) == 3:
            return len(range(bounds[0], bounds[1], bounds[2]))
        tracer = self.tracer
        with tracing(tracer), stop_recording(), tracer.before(self.op):
            m = namespace()
            trips = counter_tensor(tracer, high, INT64)
            if _constant(low) != 0 or _constant(by) != 1:
                begin, distance = counter_tensor(tracer, low, INT64), counter_tensor(tracer, by, INT64)
                trips = m.negative(m.floordiv(m.subtract(begin, trips), distance))
            return m.maximum(trips, int64_of(0))

    def _count_of_while(self) -> Size | None:
        """How many steps there will be of a loop `while i < n` of which each step adds to `i`."""
        assert isinstance(self.op, scf.WhileOp)
        bit = _condition(self.op).condition.owner
        less = bit.tensor.owner if isinstance(bit, tensor.ExtractOp) else None
        if not isinstance(less, LessOp):
            return None
        counter, bound = less.operands
        if not isinstance(counter, BlockArgument) or counter.block is not self.op.before_region.block:
            return None
        first, last = known_tensor(self.tracer, self.starts[counter.index]), known_tensor(self.tracer, bound)
        by = self._increment(counter.index)
        if by is None or (last.is_symbolic and self.op.is_ancestor(bound.owner)):
            return None
        with tracing(self.tracer), stop_recording(), self.tracer.before(self.op):
            m = namespace()
            span = m.subtract(m.cast(first, INT64), m.cast(last, INT64))
            return m.maximum(m.negative(m.floordiv(span, int64_of(by))), int64_of(0))

    def _increment(self, index: int) -> int | None:
        """What each step adds to a carried scalar, if that is a positive number that is known."""
        end = self.ends[index].owner
        if not isinstance(end, AddOp) or type_of_ssa(self.args[index]).shape:
            return None
        others = [value for value in end.operands if value is not self.args[index]]
        by = known_tensor(self.tracer, others[0]) if len(others) == 1 else None
        if by is None or by.is_symbolic or not by.dtype.is_integer:
            return None
        number = int(np.asarray(by))
        return number if number > 0 else None

    @property
    def _bounds(self) -> tuple[SSAValue, SSAValue, SSAValue]:
        assert isinstance(self.op, scf.ForOp)
        return self.op.lb, self.op.ub, self.op.step

    @cached_property
    def _position(self) -> Tensor:
        if not isinstance(self.op, scf.ForOp):
            return self._counted[0]
        with self.at_end():
            m, tracer, (low, _, by) = namespace(), self.tracer, self._bounds
            index = counter_tensor(tracer, self.block.args[0], INT64)
            if _constant(low) == 0 and _constant(by) == 1:
                return index
            begin, distance = counter_tensor(tracer, low, INT64), counter_tensor(tracer, by, INT64)
            return m.floordiv(m.subtract(index, begin), distance)

    @cached_property
    def _counted(self) -> tuple[Tensor, Tensor]:
        """A counter that the loop carries: in the loop, and after it."""
        m, one, seen = namespace(), int64_of(1), list[Tensor]()

        def step(counter: Tensor) -> Tensor:
            seen.append(counter)
            return m.add(counter, one)

        after = self.carry(lambda: int64_of(0), LeafType(INT64, ()), step)
        return seen[0], after

    def steps(self) -> Size:
        """How many steps there were, after the loop."""
        return self._counted[1] if self.count is None else self.count

    # What it keeps.

    def keep(self, value: SSAValue) -> None:
        """Let the loop keep a value of each step in a stack."""
        assert self.position.dtype == INT64  # the counter is carried before the stack that it is used by
        found = self.kept[value] = stack(self, value)
        self.stacks.append((found, len(self.staged.outputs)))
        self.staged.add_output(found.rows)

    def read(self, value: SSAValue) -> Tensor:
        """The value of the step that is gone back through."""
        found = self.kept[value]
        assert isinstance(found, Stack) and self.position_back is not None
        return found.read(found.rows, self.position_back)

    def counter(self) -> SSAValue | None:
        """The index of the loop in the step that is gone back through."""
        if not isinstance(self.op, scf.ForOp) or self.position_back is None:
            return None
        low, by = _constant(self.op.lb), _constant(self.op.step)
        if low is None or by is None:
            return None
        tracer = current_tracer()
        assert tracer is not None
        m, index = namespace(), self.position_back
        if by != 1:
            index = m.multiply(index, int64_of(by))
        return index_of(tracer, index if low == 0 else m.add(index, int64_of(low)))

    def before(self, read: state.ReadOp) -> SSAValue | None:
        """What a read of a Variable returns, read before the loop, if the loop changes no Variable like it."""
        return read_before(self, self.staged, read)


def read_before(step: Step, staged: Staged, read: state.ReadOp) -> SSAValue | None:
    """What a read in a branch or loop returns, read before it; None if it changes the Variable, or may do so.

    Tapes know it as another result of the branch or loop.
    """
    variable = read.variable
    if variable not in step.reads:
        step.reads[variable] = None if _may_change(staged.op, variable) else _read_now(step, staged, variable)
    return step.reads[variable]


def _may_change(op: Operation, variable: SSAValue) -> bool:
    """Whether a branch or loop updates a Variable, or calls what may do so."""
    return any(
        isinstance(nested, PythonOp) or (isinstance(nested, state.UpdateOp) and nested.variable is variable)
        for nested in op.walk()
    )


def _read_now(step: Step, staged: Staged, variable: SSAValue) -> SSAValue:
    """A Variable, read before a branch or loop."""
    with tracing(step.tracer), step.tracer.before(staged.op):
        value = step.tracer.add(state.ReadOp(variable)).value
    staged.reads.append((variable_of(step.tracer, variable), len(staged.outputs)))
    staged.add_output(Tensor.symbolic(value, step.tracer))
    return value


def add_reads(staged: Staged, grads: Sequence[Tensor | None], totals: Sums) -> None:
    """Add the gradients of Variables that were read before a branch or loop to what is known of them."""
    for variable, index in staged.reads:
        grad = grads[index] if index < len(grads) else None  # those of this gradient itself have none yet
        if grad is not None:
            totals.add(variable, grad)


def add_result(op: scf.ForOp | scf.WhileOp | scf.IfOp, type_: LeafType) -> SSAValue:
    """Give an op another result."""
    result = OpResult(type_.ir, op, len(op.results))
    op.results = type(op.results)((*op.results, result))
    return result


def _condition(op: scf.WhileOp) -> scf.ConditionOp:
    condition = op.before_region.block.last_op
    assert isinstance(condition, scf.ConditionOp)
    return condition


def _constant(value: SSAValue) -> int | None:
    owner = value.owner
    if isinstance(owner, arith.ConstantOp) and isinstance(owner.value, IntegerAttr):
        return owner.value.value.data
    return None
