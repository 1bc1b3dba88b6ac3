"""Blocks of a trace that have run, whose values the gradient needs: which it reads again, and which are computed again.

A gradient is traced in a block of its own, after a block of the forward computation. Each value of that block which
it uses is a placeholder at first. At the end each placeholder is replaced by what takes the fewest bytes to keep: the
value itself, or the operands of the op that makes it, where the op is cheap.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf

from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Block, Operation, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.traits import is_side_effect_free

from ....dialects import state
from ....dialects.dtypes import dtype_of
from ....dialects.hl.rules.base import HLOp
from ....dialects.hl.shape import DimOp, ShapeOfOp
from ....dialects.types import DYNAMIC, extent, shape_of
from ..control_flow.branch import reopened
from ..control_flow.recorded import known_tensor
from ..tracing.tracer import Tracer, current_tracer
from ..values.dispatch import to_ssa
from ..values.recording import stop_recording
from ..values.tensor import Tensor

_UNKNOWN_BYTES = 1e6
"""What a value of unknown size is taken to be."""

_SCALAR_OPS = tensor.ExtractOp | tensor.FromElementsOp | arith.IndexCastOp
"""Ops between tensors and the scalars that loops count with."""


class Step(ABC):
    """A block of the forward computation: a branch, or one step of a loop.

    Attributes:
        tracer: the trace that it is in.
        block: the block.
        kept: the values that the branch or loop returns besides its results.
        reads: the values of Variables, read before it; None for those that it may change.
    """

    def __init__(self, tracer: Tracer, block: Block):
        self.tracer = tracer
        self.block = block
        self.kept: dict[SSAValue, object] = {}
        self.reads: dict[SSAValue, SSAValue | None] = {}
        self._sizes: dict[tuple[SSAValue, str], SSAValue] = {}

    @property
    def end(self) -> Operation:
        """The last op of the block."""
        end = self.block.last_op
        assert end is not None
        return end

    @abstractmethod
    def keep(self, value: SSAValue) -> None:
        """Let the branch or loop return a value of the block."""

    @abstractmethod
    def read(self, value: SSAValue) -> Tensor:
        """A value that is kept, in the current trace."""

    @abstractmethod
    def counter(self) -> SSAValue | None:
        """The index of the loop in the step that is gone back through."""

    @abstractmethod
    def before(self, read: state.ReadOp) -> SSAValue | None:
        """What a read of a Variable returns, as a value from before the branch or loop, if it is known there."""

    def holds(self, value: SSAValue) -> bool:
        """Whether a value is made in the block or in what is nested in it."""
        return self.block.is_ancestor(value.owner)

    def size(self, value: SSAValue, ask: Operation, placeholder: SSAValue) -> SSAValue:
        """What `ask`, an op on a placeholder, returns of the value, as one of the block."""
        key = value, f"{ask.name} {ask.properties}"
        if key not in self._sizes:
            with self.tracer.before(self.end):
                self._sizes[key] = self.tracer.add(ask.clone({placeholder: value})).results[0]
        return self._sizes[key]


class Residuals:
    """The values of a step that are used by a gradient that is being traced."""

    def __init__(self, step: Step, holders: Block):
        self.step = step
        self._holders = holders
        self._placeholders: dict[SSAValue, SSAValue] = {}
        self._found: dict[SSAValue, SSAValue | None] = {}
        self._costs: dict[SSAValue, float] = {}

    def find(self, value: SSAValue) -> SSAValue | None:
        """The placeholder of a value of the step."""
        if not self.step.holds(value):
            return None
        known = self._placeholders.get(value)
        if known is None:
            known = self._placeholders[value] = self._holders.insert_arg(value.type, len(self._holders.args))
        return known

    def resolve(self, block: Block, after: Operation | None = None) -> None:
        """Replace the placeholders in `block`, the gradient, which has been traced: by ops after its op `after`."""
        tracer = current_tracer()
        assert tracer is not None
        with reopened(tracer, block), tracer.region() as first, stop_recording():
            self._reduce_to_sizes()
            used = {value: p for value, p in self._placeholders.items() if p.first_use is not None}
            for value in sorted(used, key=self._can_be_computed):
                p = used[value]
                p.replace_all_uses_with(self._tensor(value))
        start = InsertPoint.at_start(block) if after is None else InsertPoint.after(after)
        for op in list(first.ops):
            op.detach()
            Rewriter.insert_op(op, start)

    def _reduce_to_sizes(self) -> None:
        """Keep the sizes of what is used for its sizes only."""
        for value, p in list(self._placeholders.items()):
            users = [use.operation for use in p.uses]
            if value in self.step.kept or not all(isinstance(user, DimOp | ShapeOfOp) for user in users):
                continue
            for user in users:
                size = self.find(self.step.size(value, user, p))
                assert size is not None
                user.results[0].replace_all_uses_with(size)
                user.detach()
                user.erase()

    def _can_be_computed(self, value: SSAValue) -> bool:
        return isinstance(value.owner, Operation) and _is_cheap(value.owner)

    def _tensor(self, value: SSAValue) -> SSAValue:
        found = self._fetch(value)
        assert found is not None, "a scalar of a step cannot be found again"
        return found

    def _fetch(self, value: SSAValue) -> SSAValue | None:
        """A value of the forward computation where the gradient needs it; None for a scalar that is not there."""
        if value not in self._found:
            self._found[value] = self._fetched(value)
        return self._found[value]

    def _fetched(self, value: SSAValue) -> SSAValue | None:
        if not self.step.holds(value):
            return self._from_around(value)
        owner = value.owner
        if isinstance(owner, Operation) and value not in self.step.kept:
            known = self.step.before(owner) if isinstance(owner, state.ReadOp) else None
            if known is not None:
                return self._from_around(known)
            again = self._clone(value) if self._operands_cost(owner) < _bytes(value) else None
            if again is not None:
                return again
        if not isinstance(value.type, TensorType):
            return self.step.counter() if isinstance(owner, Block) else self._clone(value)
        if value not in self.step.kept:
            self.step.keep(value)
        self._costs[value] = 0
        return to_ssa(self.step.read(value))

    def _from_around(self, value: SSAValue) -> SSAValue | None:
        tracer = current_tracer()
        assert tracer is not None
        if isinstance(value.type, TensorType):
            return to_ssa(known_tensor(self.step.tracer, value))
        if tracer is self.step.tracer and tracer.visible(value):
            return value
        return self._clone(value) if isinstance(value.owner, Operation) else None

    def _clone(self, value: SSAValue) -> SSAValue | None:
        """The op that makes a value once more."""
        op, tracer = value.owner, current_tracer()
        assert isinstance(op, Operation) and tracer is not None
        if not isinstance(op, HLOp | arith.ConstantOp | tensor.CastOp | _SCALAR_OPS):
            return None
        found = {operand: self._fetch(operand) for operand in op.operands}
        if any(operand is None for operand in found.values()):
            return None
        copy = tracer.add(op.clone({old: new for old, new in found.items() if new is not None}))
        return copy.results[op.results.index(value)]

    def _cost(self, value: SSAValue) -> float:
        """The bytes that have to be kept for a value, if it is needed."""
        if value not in self._costs:
            self._costs[value] = self._cost_now(value)
        return self._costs[value]

    def _cost_now(self, value: SSAValue) -> float:
        if value in self.step.kept or value in self._found:
            return 0
        if not self.step.holds(value):
            return 0 if isinstance(value.type, TensorType) or self._from_around(value) is not None else inf
        owner = value.owner
        if isinstance(owner, Block):
            return _bytes(value) if isinstance(value.type, TensorType) else 0
        if isinstance(owner, state.ReadOp) and self.step.before(owner) is not None:
            return 0
        return min(_bytes(value), self._operands_cost(owner))

    def _operands_cost(self, op: Operation) -> float:
        """The bytes that have to be kept for the operands of an op, if it can be computed again."""
        if not _is_cheap(op):
            return inf
        return sum(self._cost(operand) for operand in set(op.operands))


def _bytes(value: SSAValue) -> float:
    """The bytes that it takes to keep a value; a scalar cannot be kept."""
    if not isinstance(value.type, TensorType):
        return inf
    shape = shape_of(value.type)
    return _UNKNOWN_BYTES if DYNAMIC in shape else extent(shape, dtype_of(value.type))


def _is_cheap(op: Operation) -> bool:
    if isinstance(op, HLOp):
        return op.CHEAP
    return isinstance(op, arith.ConstantOp | tensor.CastOp | _SCALAR_OPS) and is_side_effect_free(op)


@contextmanager
def going_back(step: Step) -> Iterator[Callable[..., None]]:
    """Let what is traced inside the `with` use values of a step; what is yielded resolves them in a finished block."""
    tracer = current_tracer()
    assert tracer is not None
    with tracer.region() as holders:
        residuals = Residuals(step, holders)
        tracer.kept.append(residuals)
        try:
            yield residuals.resolve
        finally:
            tracer.kept.remove(residuals)
