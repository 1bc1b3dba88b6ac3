"""Scalar integer `arith` as `smt` bit vectors, with what has to hold for each op to have a meaning at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from xdsl.dialects import arith, smt
from xdsl.dialects.builtin import IntegerType, ModuleOp
from xdsl.ir import Block, Operation, SSAValue

from .scalars import NotScalarError, Scalars, number
from .smt_ops import BvCmpOp, BvConcatOp, BvExtractOp, BvRepeatOp, width_of

Widths = Callable[[IntegerType], int]
"""How many bits values of a type have."""

BINARY: dict[type[Operation], type[smt.BinaryBVOp]] = {
    arith.AddiOp: smt.BVAddOp,
    arith.MuliOp: smt.BVMulOp,
    arith.AndIOp: smt.BVAndOp,
    arith.OrIOp: smt.BVOrOp,
    arith.XOrIOp: smt.BVXOrOp,
    arith.DivSIOp: smt.BVSDivOp,
    arith.RemSIOp: smt.BVSRemOp,
    arith.DivUIOp: smt.BVUDivOp,
    arith.RemUIOp: smt.BVURemOp,
    arith.ShLIOp: smt.BVShlOp,
    arith.ShRSIOp: smt.BVAShrOp,
    arith.ShRUIOp: smt.BVLShrOp,
}
EXTREMES: dict[type[Operation], str] = {
    arith.MaxSIOp: "sgt",
    arith.MinSIOp: "slt",
    arith.MaxUIOp: "ugt",
    arith.MinUIOp: "ult",
}
DIVISIONS = (arith.DivSIOp, arith.RemSIOp, arith.DivUIOp, arith.RemUIOp)
SHIFTS = (arith.ShLIOp, arith.ShRSIOp, arith.ShRUIOp)
CMPI = ("eq", "ne", "slt", "sle", "sgt", "sge", "ult", "ule", "ugt", "uge")
"""The predicates of `arith.cmpi` by number."""


class Translator:
    """Adds the `smt` ops for scalar programs to a block.

    Booleans, `i1`, are vectors of one bit. Where MLIR leaves an op undefined (a division by 0 or one that overflows, a
    shift by the width or more), SMT-LIB gives some value; conditions that exclude that are collected in `defined`.

    Args:
        block: where ops go.
        widths: how many bits values of a type have.
    """

    def __init__(self, block: Block, widths: Widths):
        self.block = block
        self.widths = widths
        self.defined: list[SSAValue] = []

    def add(self, op: Operation) -> SSAValue:
        """Append an op; its only result."""
        self.block.add_op(op)
        return op.results[0]

    def number(self, value: int, width: int) -> SSAValue:
        """A constant, wrapped to the width."""
        return self.add(smt.BvConstantOp(value % (1 << width), width))

    def bit(self, condition: SSAValue) -> SSAValue:
        """A truth value as one bit."""
        return self.add(smt.IteOp(condition, self.number(1, 1), self.number(0, 1)))

    def truth(self, bit: SSAValue) -> SSAValue:
        """One bit as a truth value."""
        return self.add(smt.EqOp(bit, self.number(1, 1)))

    def program(self, program: Scalars, arguments: Sequence[SSAValue], constants: Iterator[int]) -> list[SSAValue]:
        """The results of a program for given arguments; its constants, in order, are `constants`."""
        values: dict[SSAValue, SSAValue] = dict(zip(program.block.args, arguments, strict=True))
        for op in program.ops:
            operands = [values[operand] for operand in op.operands]
            type_ = op.results[0].type
            assert isinstance(type_, IntegerType)
            if isinstance(op, arith.ConstantOp):
                values[op.results[0]] = self.number(next(constants), self.widths(type_))
            else:
                values[op.results[0]] = self.op(op, operands, self.widths(type_))
        return [values[result] for result in program.results]

    def op(self, op: Operation, operands: Sequence[SSAValue], width: int) -> SSAValue:
        """The value of one op whose result has `width` bits."""
        x = operands[0]
        if type(op) in BINARY:
            self._require(op, *operands)
            return self.add(BINARY[type(op)](x, operands[1]))  # pyright: ignore[reportArgumentType]
        if type(op) in EXTREMES:
            chosen = self.add(BvCmpOp(EXTREMES[type(op)], x, operands[1]))
            return self.add(smt.IteOp(chosen, x, operands[1]))
        match op:
            case arith.SubiOp():
                negative = self.add(smt.BVNegOp(operands[1]))  # pyright: ignore[reportArgumentType]
                return self.add(smt.BVAddOp(x, negative))  # pyright: ignore[reportArgumentType]
            case arith.CmpiOp():
                return self.bit(self._compare(CMPI[op.predicate.value.data], x, operands[1]))
            case arith.SelectOp():
                return self.add(smt.IteOp(self.truth(x), operands[1], operands[2]))
            case arith.ExtUIOp() | arith.ExtSIOp() | arith.TruncIOp():
                return self._resized(op, x, width)
            case _:
                raise NotScalarError(f"{op.name} has no meaning in bit vectors")

    def _compare(self, predicate: str, x: SSAValue, y: SSAValue) -> SSAValue:
        if predicate == "eq":
            return self.add(smt.EqOp(x, y))
        return self.add(smt.DistinctOp(x, y) if predicate == "ne" else BvCmpOp(predicate, x, y))

    def _resized(self, op: Operation, x: SSAValue, width: int) -> SSAValue:
        """More bits, or fewer."""
        more = width - width_of(x)
        if more == 0:
            return x
        if more < 0:
            return self.add(BvExtractOp(x, 0, width))
        if isinstance(op, arith.ExtUIOp):
            return self.add(BvConcatOp(self.number(0, more), x))
        sign = self.add(BvExtractOp(x, width_of(x) - 1, 1))
        return self.add(BvConcatOp(self.add(BvRepeatOp(sign, more)), x))

    def _require(self, op: Operation, x: SSAValue, y: SSAValue) -> None:
        """Note what has to hold for an op to be defined."""
        width = width_of(y)
        if isinstance(op, SHIFTS) and width > 1:
            self.defined.append(self.add(BvCmpOp("ult", y, self.number(width, width))))
        elif isinstance(op, SHIFTS):
            self.defined.append(self.add(smt.EqOp(y, self.number(0, 1))))
        if isinstance(op, DIVISIONS):
            self.defined.append(self.add(smt.DistinctOp(y, self.number(0, width))))
        if isinstance(op, (arith.DivSIOp, arith.RemSIOp)):
            lowest = self.add(smt.DistinctOp(x, self.number(1 << (width - 1), width)))
            divisor = self.add(smt.DistinctOp(y, self.number(-1, width)))
            self.defined.append(self.add(smt.OrOp(lowest, divisor)))

    def holds(self, conditions: Sequence[SSAValue]) -> SSAValue:
        """Whether all conditions hold."""
        if len(conditions) < 2:
            return conditions[0] if conditions else self.add(smt.ConstantBoolOp(True))
        return self.add(smt.AndOp(*conditions))


def refutation(
    before: Scalars, after: Scalars, widths: Widths, constants: Sequence[Iterator[int]] | None = None
) -> ModuleOp:
    """What would refute that `after` may stand for `before`, as a module of `smt` ops with one assertion.

    It asks for arguments for which `before` is defined and `after` is not, or is but has another value.
    """
    block = Block()
    translator = Translator(block, widths)
    arguments = []
    for argument in before.block.args:
        assert isinstance(argument.type, IntegerType)
        type_ = smt.BitVectorType(widths(argument.type))
        arguments.append(translator.add(smt.DeclareFunOp(type_, argument.name_hint)))
    first, second = constants or [
        iter([number(op) for op in p.ops if isinstance(op, arith.ConstantOp)]) for p in (before, after)
    ]
    expected = translator.program(before, arguments, first)
    has_meaning = translator.holds(translator.defined)
    translator.defined = []
    got = translator.program(after, arguments, second)
    same = [translator.add(smt.EqOp(one, other)) for one, other in zip(expected, got, strict=True)]
    fits = translator.holds([*translator.defined, *same])
    wrong = translator.add(smt.NotOp(fits))
    block.add_op(smt.AssertOp(translator.add(smt.AndOp(has_meaning, wrong))))
    return ModuleOp([*_detached(block)])


def _detached(block: Block) -> list[Operation]:
    ops = list(block.ops)
    for op in ops:
        op.detach()
    return ops
