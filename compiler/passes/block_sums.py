"""`block-sums`: long sums of floats are taken in blocks, so that their error does not grow with their length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects import arith, math, scf, vector
from xdsl.dialects.builtin import AnyFloat, DenseIntOrFPElementsAttr, FloatAttr, ModuleOp, UnitAttr, VectorType
from xdsl.ir import Attribute, Block, Operation, OpResult, Region, SSAValue
from xdsl.rewriter import Rewriter

from ...dialects.emitter import Emitter
from ...dialects.walk import ops_of
from ..lowering.loops.builder import REDUCTION, Indices
from ..lowering.loops.compensated_sum import NEUTRAL, added, corrected
from ..lowering.vector.reduction import constant_data
from ..pipeline.base import Pass
from ..rewriting import refuse

NAME = "block-sums"

IN_BLOCK = "stepwell.block"
"""On a loop: it walks over a block of a longer one."""

BLOCK = 32
"""Iterations of a block, which has the rounding error of as many additions; the six operations of the compensated sum
per block are then 6/32 of an operation per iteration, and no reduction measured got slower by them."""

WIDE_BLOCK = 256
"""Iterations of a block if a loop carries more than `FEW` sums, as the tile of a matrix product does: their errors do
not fit into registers, and are loaded and stored once per block."""

FEW = 8
"""Sums that stay in registers between blocks with their errors: twice as many values, of 16 registers on AVX2."""


@dataclass(frozen=True)
class BlockSumsPass(Pass):
    """Split long sums of floats into blocks, and add the sums of the blocks with compensation.

    Before:

        func.func @total(%x: memref<?xf32>, %n: index) -> f32 {
          %0 = arith.constant 0 : index
          %1 = arith.constant 1 : index
          %2 = arith.constant 0.000000e+00 : f32
          %3 = scf.for %i = %0 to %n step %1 iter_args(%4 = %2) -> (f32) {
            %5 = memref.load %x[%i] : memref<?xf32>
            %6 = arith.addf %4, %5 : f32
            scf.yield %6 : f32
          } {stepwell.reduction}
          func.return %3 : f32
        }

    After:

        func.func @total(%x: memref<?xf32>, %n: index) -> f32 {
          %0 = arith.constant 0 : index
          %1 = arith.constant 1 : index
          %2 = arith.constant 0.000000e+00 : f32
          %3 = arith.constant 32 : index
          %4 = arith.constant -0.000000e+00 : f32
          %5, %6 = scf.for %7 = %0 to %n step %3 iter_args(%8 = %2, %9 = %4) -> (f32, f32) {
            %10 = arith.subi %n, %7 : index
            %11 = arith.minsi %10, %3 : index
            %12 = arith.addi %7, %11 : index
            %13 = scf.for %i = %7 to %12 step %1 iter_args(%14 = %4) -> (f32) {
              %15 = memref.load %x[%i] : memref<?xf32>
              %16 = arith.addf %14, %15 : f32
              scf.yield %16 : f32
            } {stepwell.reduction, stepwell.block}
            %17 = arith.addf %8, %13 : f32
            %18 = arith.subf %17, %8 : f32
            %19 = arith.subf %17, %18 : f32
            %20 = arith.subf %8, %19 : f32
            %21 = arith.subf %13, %18 : f32
            %22 = arith.addf %20, %21 : f32
            %23 = arith.addf %9, %22 : f32
            scf.yield %17, %23 : f32, f32
          }
          %24 = arith.constant 0.000000e+00 : f32
          %25 = arith.addf %5, %6 : f32
          %26 = arith.cmpf one, %6, %24 : f32
          %27 = arith.select %26, %25, %5 : f32
          func.return %27 : f32
        }

    In float32, a sequential sum of 10,000,000 terms is wrong in its third digit. A block has the rounding error of at
    most 32 additions, and the compensated sum of the blocks (Knuth's TwoSum) that of a single one. The pass applies to
    loops marked as reductions that are longer than two blocks or of unknown length, including sums of sums, of vectors
    and of products. The cost is small, since blocks do not depend on each other.
    """

    name = NAME
    requires: ClassVar[str | None] = "loops"
    ensures: ClassVar[str | None] = "loops"
    nestable: ClassVar[bool] = True
    exact: ClassVar[bool] = False
    inexact_because: ClassVar[str] = "float sums are taken in blocks, with less error"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Split the marked loops of `op`, outer ones before those inside."""
        for loop in ops_of(op, scf.ForOp):
            if REDUCTION not in loop.attributes or IN_BLOCK in loop.attributes:
                continue
            sums = [number for number in range(len(loop.iter_args)) if _adds_up(loop, number)]
            if not sums:
                refuse(NAME, loop, "it carries no sum of floats")
            elif not _is_long(loop, block := BLOCK if len(sums) <= FEW else WIDE_BLOCK):
                refuse(NAME, loop, f"it has no more than {2 * block} iterations")
            else:
                _Split(loop, sums, block).run()


def _is_long(loop: scf.ForOp, block: int) -> bool:
    low, high, step = (constant_data(value) for value in (loop.lb, loop.ub, loop.step))
    return low is None or high is None or step is None or high - low > 2 * block * step


def _adds_up(loop: scf.ForOp, number: int) -> bool:
    """Whether a loop does nothing with a carried float but add to it, so that the result is that plus something."""
    carried, terminator = loop.body.block.args[1 + number], loop.body.block.last_op
    assert isinstance(terminator, scf.YieldOp)
    type_ = carried.type.element_type if isinstance(carried.type, VectorType) else carried.type
    return isinstance(type_, AnyFloat) and _is_sum(terminator.operands[number], carried)


def _is_sum(value: SSAValue, carried: SSAValue) -> bool:
    """Whether `value` is `carried` plus something, and `carried` has no other use."""
    while value is not carried:
        op = value.owner
        if not isinstance(op, Operation) or op.parent is not carried.owner or len(list(value.uses)) != 1:
            return False
        match op:
            case math.FmaOp() | vector.FMAOp():
                value = op.operands[2]
            case arith.AddfOp():
                value = op.operands[0] if _leads_to(op.operands[0], carried) else op.operands[1]
            case scf.ForOp() if REDUCTION in op.attributes and _adds_up(op, _number(value)):
                value = op.iter_args[_number(value)]
            case _:
                return False
    return len(list(carried.uses)) == 1


def _number(result: SSAValue) -> int:
    assert isinstance(result, OpResult)
    return result.index


def _leads_to(value: SSAValue, carried: SSAValue) -> bool:
    """Whether `value` is `carried` or a sum whose first operand leads to it."""
    while value is not carried:
        op = value.owner
        match op:
            case scf.ForOp():
                value = op.iter_args[_number(value)]
            case arith.AddfOp():
                value = op.operands[0]
            case math.FmaOp() | vector.FMAOp():
                value = op.operands[2]
            case _:
                return False
    return True


@dataclass(frozen=True)
class _Sum:
    """Carried values that are one sum: a loop that keeps several partial results adds them up at its end.

    Attributes:
        numbers: which of the carried values.
        result: what they are added up to.
    """

    numbers: tuple[int, ...]
    result: SSAValue


def _joined(loop: scf.ForOp, numbers: Sequence[int]) -> list[_Sum]:
    """The carried sums, those that are added up just behind the loop as one."""
    found, left = [], list(numbers)
    while left:
        chain = [left.pop(0)]
        value: SSAValue = loop.results[chain[0]]
        while (add := _only_user(value)) is not None:
            (other,) = (operand for operand in add.operands if operand is not value)
            if not isinstance(other, OpResult) or other.op is not loop or other.index not in left:
                break
            if _only_user(other) is not add:
                break
            chain.append(other.index)
            left.remove(other.index)
            value = add.result
        found.append(_Sum(tuple(chain), value))
    return found


def _only_user(value: SSAValue) -> arith.AddfOp | None:
    """The addition of two different values that is the only use of `value`."""
    uses = list(value.uses)
    user = uses[0].operation if len(uses) == 1 else None
    return user if isinstance(user, arith.AddfOp) and isinstance(value.owner, Operation) else None


class _Split:
    """A loop on its way into a loop over blocks, which carries other values, then totals, then their errors."""

    def __init__(self, loop: scf.ForOp, numbers: Sequence[int], block: int):
        self.loop = loop
        self.sums = _joined(loop, numbers)
        self.others = [number for number in range(len(loop.results)) if number not in numbers]
        self.e = Emitter.before(loop)
        ix, step = Indices(self.e), constant_data(loop.step)
        self.size = ix.value(ix.mul(loop.step, block) if step is None else step * block)
        self.neutral: dict[Attribute, SSAValue] = {}
        for number in numbers:
            type_: Attribute = loop.iter_args[number].type
            if type_ not in self.neutral:
                self.neutral[type_] = self.e.constant(NEUTRAL, type_)

    def run(self) -> None:
        """Emit the loop over blocks, and the results."""
        loop, e = self.loop, self.e
        inits = [loop.iter_args[number] for number in self.others]
        inits += [self._start(each) for each in self.sums]
        inits += [self.neutral[each.result.type] for each in self.sums]
        body = Block(arg_types=[loop.lb.type, *(init.type for init in inits)])
        inner = self._inner(body)
        self._yield(e.at_end(body), body, inner)
        outer = e.add(scf.ForOp(loop.lb, loop.ub, self.size, inits, Region(body)))
        for number, result in zip(self.others, outer.results, strict=False):
            loop.results[number].replace_all_uses_with(result)
        for position, each in enumerate(self.sums, len(self.others)):
            error = outer.results[position + len(self.sums)]
            each.result.replace_all_uses_with(corrected(e, outer.results[position], error))
        self._erase()

    def _start(self, each: _Sum) -> SSAValue:
        """What the carried values of a sum come to before the loop."""
        inits = [self.loop.iter_args[number] for number in each.numbers]
        kept = [init for init in inits if not _is_neutral(init)] or inits[:1]
        total = kept[0]
        for init in kept[1:]:
            total = self.e.value(arith.AddfOp(total, init))
        return total

    def _inner(self, body: Block) -> scf.ForOp:
        """The loop over a block, whose sums start from nothing."""
        loop, e = self.loop, self.e.at_end(body)
        left = e.value(arith.MinSIOp(e.value(arith.SubiOp(loop.ub, body.args[0])), self.size))
        end = e.value(arith.AddiOp(body.args[0], left))
        carried = dict(zip(self.others, body.args[1:], strict=False))
        inits = [
            carried[number] if number in carried else self.neutral[arg.type]
            for number, arg in enumerate(loop.iter_args)
        ]
        inner = scf.ForOp(body.args[0], end, loop.step, inits, loop.detach_region(loop.body))
        inner.attributes |= {**loop.attributes, IN_BLOCK: UnitAttr()}
        loop.add_region(Region(Block()))
        return e.add(inner)

    def _yield(self, e: Emitter, body: Block, inner: scf.ForOp) -> None:
        """Add the sums of a block to those of the blocks before it."""
        totals, errors = [], []
        for position, each in enumerate(self.sums, 1 + len(self.others)):
            item: SSAValue = inner.results[each.numbers[0]]
            for number in each.numbers[1:]:
                item = e.value(arith.AddfOp(item, inner.results[number]))
            total, error = added(e, body.args[position], body.args[position + len(self.sums)], item)
            totals.append(total)
            errors.append(error)
        e.add(scf.YieldOp(*(inner.results[number] for number in self.others), *totals, *errors))

    def _erase(self) -> None:
        """Remove the loop, and the additions behind it that are done between blocks now."""
        for each in self.sums:
            value = each.result
            while isinstance(value.owner, arith.AddfOp):
                add = value.owner
                value = next((v for v in add.operands if isinstance(v.owner, arith.AddfOp)), add.operands[0])
                Rewriter.erase_op(add, safe_erase=False)
        Rewriter.erase_op(self.loop)


def _is_neutral(value: SSAValue) -> bool:
    """Whether a value is -0.0 in each lane."""
    attr = value.owner.value if isinstance(value.owner, arith.ConstantOp) else None
    if isinstance(attr, DenseIntOrFPElementsAttr):
        return all(str(number) == "-0.0" for number in attr.get_values())
    return isinstance(attr, FloatAttr) and str(attr.value.data) == "-0.0"


__all__ = ["BlockSumsPass"]
