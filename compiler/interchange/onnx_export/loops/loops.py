"""Loops of `scf`, seen as what they carry: which values count iterations, and what these stay below."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass

import numpy as np
from xdsl.dialects import arith, scf, tensor
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, IntegerAttr, TensorType
from xdsl.ir import Block, BlockArgument, Operation, SSAValue

from .....dialects.dtypes import dtype_of
from .....dialects.hl.arithmetic import AddOp
from .....dialects.hl.comparison import LessOp
from .....dialects.hl.logical import LogicalAndOp
from .....dialects.hl.movement import BroadcastToOp
from .....dialects.hl.selection import CastOp
from .....dialects.hl.shape import DimOp
from .....dialects.types import DYNAMIC, array_of, shape_of


def peeled(value: SSAValue) -> SSAValue:
    """An integer behind conversions between scalars, tensors of one element and `index`."""
    while True:
        op = value.owner
        if isinstance(op, arith.IndexCastOp | CastOp) and dtype_of(op.operands[0].type).is_integer:
            value = op.operands[0]
        elif (isinstance(op, tensor.ExtractOp) and not op.indices) or isinstance(op, tensor.FromElementsOp):
            if isinstance(op, tensor.FromElementsOp) and shape_of(op.results[0].type):  # pyright: ignore
                return value
            value = op.operands[0]
        else:
            return value


def known_integer(value: SSAValue) -> int | None:
    """The integer that a value is known to be."""
    op = peeled(value).owner
    if not isinstance(op, arith.ConstantOp):
        return None
    if isinstance(op.value, IntegerAttr):
        return op.value.value.data
    if not isinstance(op.value, DenseIntOrFPElementsAttr):
        return None
    array = array_of(op.value)
    return int(array.reshape(-1)[0]) if array.size == 1 and dtype_of(array).is_integer else None


def size_key(value: SSAValue, axis: int) -> Hashable:
    """What the size of a tensor along an axis is, such that equal keys are equal sizes."""
    while isinstance(value.owner, tensor.CastOp):
        value = value.owner.source
    size = shape_of(value.type)[axis]  # pyright: ignore[reportArgumentType]
    if size != DYNAMIC:
        return size
    op = value.owner
    if isinstance(op, BroadcastToOp):
        shape = op.attrs()["shape"]
        if shape[axis] == DYNAMIC:
            return integer_key(op.sizes[[at for at, s in enumerate(shape) if s == DYNAMIC].index(axis)])
    return value, axis


def integer_key(value: SSAValue) -> Hashable:
    """What an integer is, such that equal keys are equal integers."""
    known = known_integer(value)
    if known is not None:
        return known
    value = peeled(value)
    return size_key(value.owner.x, value.owner.attrs()["axis"]) if isinstance(value.owner, DimOp) else value


def conjuncts(value: SSAValue) -> Iterator[SSAValue]:
    """The conditions that all hold where `value` does."""
    op = value.owner
    if isinstance(op, tensor.ExtractOp):
        yield from conjuncts(op.tensor)
    elif isinstance(op, LogicalAndOp):
        for operand in op.operands:
            yield from conjuncts(operand)
    else:
        yield value


@dataclass
class LoopView:
    """An `scf.for`, or an `scf.while` whose condition hands on what it is given.

    Attributes:
        op: the loop.
        body: the block of an iteration.
        carried: the values that an iteration is given, without an induction variable.
        starts: what they are in the first one.
    """

    op: scf.ForOp | scf.WhileOp
    body: Block
    carried: list[BlockArgument]
    starts: list[SSAValue]

    @staticmethod
    def of(op: Operation) -> LoopView | None:
        """The view of an op, if it is such a loop."""
        if isinstance(op, scf.ForOp):
            return LoopView(op, op.body.block, list(op.body.block.args[1:]), list(op.iter_args))
        if not isinstance(op, scf.WhileOp):
            return None
        before = op.before_region.block
        condition = before.last_op
        if not isinstance(condition, scf.ConditionOp) or list(condition.operands[1:]) != list(before.args):
            return None
        return LoopView(op, op.after_region.block, list(op.after_region.block.args), list(op.arguments))

    @property
    def next(self) -> list[SSAValue]:
        """What an iteration hands to the next one."""
        last = self.body.last_op
        assert isinstance(last, scf.YieldOp)
        return list(last.operands)

    def counts(self, value: SSAValue) -> bool:
        """Whether `value` is the number of iterations before."""
        value = peeled(value)
        if isinstance(self.op, scf.ForOp) and value is self.body.args[0]:
            return known_integer(self.op.lb) == 0 and known_integer(self.op.step) == 1
        if not isinstance(value, BlockArgument) or value not in self.carried:
            return False
        place = self.carried.index(value)
        step = self.next[place].owner
        if known_integer(self.starts[place]) != 0 or not isinstance(step, AddOp):
            return False
        return any(a is value and known_integer(b) == 1 for a, b in ((step.x, step.y), (step.y, step.x)))

    def is_below(self, value: SSAValue, bound: Hashable) -> bool:
        """Whether `value`, a number of iterations, is less than the integer with the key `bound` in each."""
        value = peeled(value)
        if isinstance(self.op, scf.ForOp):
            top = integer_key(self.op.ub)
            plain = known_integer(self.op.lb) == 0 and known_integer(self.op.step) == 1
            return plain and (top == bound or (isinstance(top, int) and isinstance(bound, int) and top <= bound))
        if not isinstance(value, BlockArgument) or value not in self.carried:
            return False
        block = self.op.before_region.block
        argument, condition = block.args[self.carried.index(value)], block.last_op
        assert isinstance(condition, scf.ConditionOp)
        found = [part.owner for part in conjuncts(condition.operands[0])]
        tests = [op for op in found if isinstance(op, LessOp) and peeled(op.x) is argument]
        return any(integer_key(test.y) == bound for test in tests)


def is_zeros(value: SSAValue) -> bool:
    """Whether all elements of a tensor are known to be 0."""
    while isinstance(value.owner, tensor.CastOp | BroadcastToOp):
        value = value.owner.operands[0]
    op = value.owner
    if not isinstance(op, arith.ConstantOp) or not isinstance(op.value, DenseIntOrFPElementsAttr):
        return False
    array = array_of(op.value)
    return not np.any(array) and not np.any(np.signbit(array) if dtype_of(array).is_floating else False)


def innermost_shape(value: SSAValue) -> tuple[int, ...]:
    """The shape of a tensor before what is known of it was forgotten."""
    while isinstance(value.owner, tensor.CastOp):
        value = value.owner.source
    assert isinstance(value.type, TensorType)
    return shape_of(value.type)
