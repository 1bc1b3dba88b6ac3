"""Reductions as vectors: which loops are reductions, how partial results combine, what they start from."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.dialects import arith, scf, vector
from xdsl.dialects.builtin import AnyFloat, FloatAttr, IntegerAttr, IntegerType, VectorType, i1
from xdsl.dialects.vector import CombiningKindAttr, CombiningKindFlag
from xdsl.ir import Attribute, Operation, SSAValue

from ....dialects.emitter import Emitter

_KINDS: dict[type[Operation], CombiningKindFlag] = {
    arith.AddfOp: CombiningKindFlag.ADD,
    arith.MulfOp: CombiningKindFlag.MUL,
    arith.AddiOp: CombiningKindFlag.ADD,
    arith.MuliOp: CombiningKindFlag.MUL,
    arith.MaximumfOp: CombiningKindFlag.MAXIMUMF,
    arith.MinimumfOp: CombiningKindFlag.MINIMUMF,
    arith.MaxnumfOp: CombiningKindFlag.MAXNUMF,
    arith.MinnumfOp: CombiningKindFlag.MINNUMF,
    arith.MaxSIOp: CombiningKindFlag.MAXSI,
    arith.MinSIOp: CombiningKindFlag.MINSI,
    arith.MaxUIOp: CombiningKindFlag.MAXUI,
    arith.MinUIOp: CombiningKindFlag.MINUI,
    arith.AndIOp: CombiningKindFlag.AND,
    arith.OrIOp: CombiningKindFlag.OR,
    arith.XOrIOp: CombiningKindFlag.XOR,
}


@dataclass
class Reduction:
    """One value a loop accumulates.

    Attributes:
        carried: the value so far, in the loop's body.
        op: the op that combines it with `item`; its result is what the loop carries on.
        item: what an iteration adds.
    """

    carried: SSAValue
    op: Operation
    item: SSAValue

    @property
    def kind(self) -> CombiningKindFlag:
        """How values combine."""
        return _KINDS[type(self.op)]

    def combine(self, e: Emitter, a: SSAValue, b: SSAValue) -> SSAValue:
        """Two partial results as one, on scalars or on vectors."""
        return e.value(type(self.op).create(operands=[a, b], result_types=[a.type], properties=self.op.properties))

    def neutral(self) -> float | int:
        """The value that changes nothing."""
        return neutral_value(self.kind, self.carried.type)

    def across(self, e: Emitter, lanes: SSAValue) -> SSAValue:
        """The lanes of a vector as one value."""
        assert isinstance(lanes.type, VectorType)
        return e.value(
            vector.ReductionOp.build(
                operands=[lanes, []],
                result_types=[lanes.type.element_type],
                properties={"kind": CombiningKindAttr(self.kind), "fastmath": arith.FastMathFlagsAttr("none")},
            )
        )


def neutral_value(kind: CombiningKindFlag, type_: Attribute) -> float | int:
    """The value that changes nothing when it is combined."""
    if isinstance(type_, AnyFloat):
        return {
            CombiningKindFlag.ADD: -0.0,
            CombiningKindFlag.MUL: 1.0,
            CombiningKindFlag.MAXIMUMF: float("-inf"),
            CombiningKindFlag.MINIMUMF: float("inf"),
            CombiningKindFlag.MAXNUMF: float("nan"),
            CombiningKindFlag.MINNUMF: float("nan"),
        }[kind]
    assert isinstance(type_, IntegerType)
    top = 1 << (type_.width.data - 1)
    return {
        CombiningKindFlag.ADD: 0,
        CombiningKindFlag.MUL: 1,
        CombiningKindFlag.MAXSI: -top,
        CombiningKindFlag.MINSI: top - 1,
        CombiningKindFlag.MAXUI: 0,
        CombiningKindFlag.MINUI: -1,
        CombiningKindFlag.AND: -1,
        CombiningKindFlag.OR: 0,
        CombiningKindFlag.XOR: 0,
    }[kind]


def find_reductions(loop: scf.ForOp) -> list[Reduction] | str:
    """What a loop accumulates, or why it is not a plain reduction."""
    terminator = loop.body.block.last_op
    assert isinstance(terminator, scf.YieldOp)
    found = []
    for carried, result in zip(loop.body.block.args[1:], terminator.operands, strict=True):
        op = result.owner
        if not isinstance(op, Operation) or type(op) not in _KINDS or op.parent is not loop.body.block:
            return "a carried value is not combined by an operation that can be reordered"
        if op.results[0].type == i1 and type(op) not in (arith.AndIOp, arith.OrIOp, arith.XOrIOp):
            return "a carried boolean is not combined by and, or, xor"
        items = [operand for operand in op.operands if operand is not carried]
        if len(items) != 1 or len(list(carried.uses)) != 1 or len(list(op.results[0].uses)) != 1:
            return "a carried value is used for more than the next one"
        found.append(Reduction(carried, op, items[0]))
    return found


def constant_data(value: SSAValue) -> int | None:
    """The number an `arith.constant` of type index or integer holds, if `value` is one."""
    if isinstance(value.owner, arith.ConstantOp) and isinstance(value.owner.value, IntegerAttr | FloatAttr):
        return int(value.owner.value.value.data)
    return None
