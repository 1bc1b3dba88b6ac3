"""Innermost loops in unit steps → loops over vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects import arith, math, scf, vector
from xdsl.dialects.builtin import AnyFloat, ModuleOp, UnitAttr, i1
from xdsl.ir import Operation, SSAValue
from xdsl.rewriter import Rewriter

from ...dialects import simd
from ...dialects.emitter import Emitter
from ...dialects.types import vector_type
from ...dialects.walk import ops_of
from ..lowering.loops.builder import PARALLEL, REDUCTION, VECTORIZED, Indices, for_loop
from ..lowering.vector.body import CannotVectorize, LoopAnalysis, VectorBody
from ..lowering.vector.reduction import Reduction, constant_data, find_reductions
from ..pipeline.base import TargetPass
from ..rewriting import refuse
from ..targets import Target, find_target

SHORT_BODY = 8
"""A reduction with a body of no more ops than this keeps several partial results, so that they overlap."""

PARTIAL_RESULTS = 4
"""How many vectors of them, as an addition takes 2 to 4 cycles. Emerald Rapids: 2 and 8 took the same time."""


@dataclass(frozen=True)
class VectorizePass(TargetPass):
    """Run innermost parallel loops and reductions many elements at a time.

    Before:

        func.func @double(%x: memref<32xf32>, %out: memref<32xf32>) {
          %0 = arith.constant 0 : index
          %1 = arith.constant 1 : index
          %2 = arith.constant 32 : index
          scf.for %i = %0 to %2 step %1 {
            %a = memref.load %x[%i] : memref<32xf32>
            %b = arith.addf %a, %a : f32
            memref.store %b, %out[%i] : memref<32xf32>
          } {stepwell.parallel}
          func.return
        }

    After (`vectorize{target=skylake-avx512}`):

        func.func @double(%x: memref<32xf32>, %out: memref<32xf32>) {
          %0 = arith.constant 0 : index
          %1 = arith.constant 1 : index
          %2 = arith.constant 32 : index
          %3 = arith.constant 16 : index
          scf.for %4 = %0 to %2 step %3 {
            %5 = vector.load %x[%4] : memref<32xf32>, vector<16xf32>
            %6 = arith.addf %5, %5 : vector<16xf32>
            vector.store %6, %out[%4] : memref<32xf32>, vector<16xf32>
          } {stepwell.parallel, stepwell.vectorized}
          func.return
        }

    What is left over at the end is one more vector under a mask. A vector is a register of the target: it has as many
    lanes as the widest element in the loop allows. A reduction keeps one partial result per lane, and several vectors
    of them where its body is short; `x * y` added to a sum becomes a fused multiply-add where the target has one. Loops
    stay scalar, with a reason, where memory is not walked in unit steps, control flow depends on the element, or a
    function has no vector instruction.
    """

    name = "vectorize"
    requires: ClassVar[str | None] = "loops"
    ensures: ClassVar[str | None] = "loops"
    nestable: ClassVar[bool] = True
    exact: ClassVar[bool] = False
    inexact_because: ClassVar[str] = "float sums and products are taken in another order; maps stay exact"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Vectorise the innermost marked loops of `op`."""
        target = find_target(self.target)
        for loop in ops_of(op, scf.ForOp):
            if _is_candidate(loop):
                try:
                    _vectorize(loop, target)
                except CannotVectorize as reason:
                    refuse("vectorize", loop, str(reason))


def _is_candidate(loop: scf.ForOp) -> bool:
    if VECTORIZED in loop.attributes or not ({PARALLEL, REDUCTION} & loop.attributes.keys()):
        return False
    return not any(isinstance(inner, scf.ForOp | scf.WhileOp) for inner in loop.body.block.ops)


def _vectorize(loop: scf.ForOp, target: Target) -> None:
    if constant_data(loop.step) != 1:
        raise CannotVectorize("the loop's step is not 1")
    reductions: list[Reduction] = []
    if REDUCTION in loop.attributes:
        found = find_reductions(loop)
        if isinstance(found, str):
            raise CannotVectorize(found)
        if not found:
            raise CannotVectorize("sums in memory go through other loops")
        reductions = found
    elif loop.iter_args:
        raise CannotVectorize("a parallel loop that carries values")
    analysis = LoopAnalysis(loop)
    lanes = target.vector_bits // analysis.element_bits()
    trip = _static_trip(loop)
    if trip is not None and trip < 2:
        raise CannotVectorize("fewer than two iterations")
    while trip is not None and lanes // 2 >= trip:
        lanes //= 2
    _Vectorizer(loop, analysis, lanes, trip, reductions, target.fma).run()


def _static_trip(loop: scf.ForOp) -> int | None:
    low, high = constant_data(loop.lb), constant_data(loop.ub)
    return None if low is None or high is None else max(high - low, 0)


class _Vectorizer:
    """One loop on its way to vectors."""

    def __init__(
        self,
        loop: scf.ForOp,
        analysis: LoopAnalysis,
        lanes: int,
        trip: int | None,
        reductions: Sequence[Reduction],
        fma: bool,
    ):
        self.fma = fma
        self.loop, self.lanes, self.trip, self.reductions = loop, lanes, trip, reductions
        self.ix = Indices(Emitter.before(loop))
        self.body = VectorBody(analysis, lanes, self.ix.e)
        short = len(list(loop.body.block.ops)) <= SHORT_BODY
        long = trip is None or trip >= PARTIAL_RESULTS * lanes
        self.unroll = PARTIAL_RESULTS if reductions and short and long else 1
        self.step = lanes * self.unroll

    def run(self) -> None:
        """Emit the vector loops and what is left over, and remove the scalar loop."""
        # 1. [low, middle) is a whole number of steps of `lanes * unroll` iterations; [middle, high) is the remainder.
        low, high = self.loop.lb, self.loop.ub
        middle = self._middle(low, high)
        # 2. Each reduction starts from a vector of its neutral element; both loops carry these partial results.
        partials = [self.body.splat(r.neutral(), r.carried.type) for r in self.reductions]
        if self.trip is None or self.trip >= self.step:
            partials = self._main(low, middle, partials)
        if self.trip is None or self.trip % self.step:
            partials = self._rest(middle, high, partials)
        # 3. The lanes of a partial result are combined with each other, then with the initial value of the reduction.
        e = self.ix.e
        for result, init, r, partial in zip(
            self.loop.results, self.loop.iter_args, self.reductions, partials, strict=True
        ):
            result.replace_all_uses_with(r.combine(e, init, r.across(e, partial)))
        Rewriter.erase_op(self.loop)

    def _middle(self, low: SSAValue, high: SSAValue) -> SSAValue:
        """The first iteration that is not part of a full step: a constant where the trip count is known.

        A loop may have no iteration, with `high` below `low`: the count is clamped to 0 before it is divided.
        """
        ix = self.ix
        if self.trip is not None:
            start = constant_data(low)
            assert start is not None
            whole = self.trip // self.step * self.step
            return high if whole == self.trip else low if whole == 0 else ix.value(start + whole)
        if constant_data(low) == 0:
            count = ix.e.value(arith.MaxSIOp(high, low))
            return ix.value(ix.mul(ix.floordiv(count, self.step), self.step))
        count = ix.e.value(arith.MaxSIOp(ix.value(ix.sub(high, low)), ix.value(0)))
        return ix.value(ix.add(low, ix.mul(ix.floordiv(count, self.step), self.step)))

    def _main(self, low: SSAValue, middle: SSAValue, neutral: list[SSAValue]) -> list[SSAValue]:
        """The loop over full vectors; returns a vector of partial results for each reduction.

        With `unroll` > 1 an iteration handles several vectors, each with partial results of its own, so that their
        additions do not wait for each other; the loop carries those of the first vector, then of the second, and so on.
        """
        count = len(neutral)

        def body(e: Emitter, iv: SSAValue, *partials: SSAValue) -> list[SSAValue]:
            results: list[SSAValue] = []
            for part in range(self.unroll):
                at = Indices(e)
                first = at.value(at.add(iv, part * self.lanes))
                results += self._vector(e, first, None, partials[part * count : (part + 1) * count])
            return results

        step = self.ix.value(self.step)
        results = self._marked(for_loop(self.ix.e, (low, middle, step), body, neutral * self.unroll))
        # The partial results of the vectors of an iteration are combined once, after the loop.
        merged = results[:count]
        for part in range(1, self.unroll):
            others = results[part * count : (part + 1) * count]
            merged = [r.combine(self.ix.e, a, b) for r, a, b in zip(self.reductions, merged, others, strict=True)]
        return merged

    def _marked(self, results: list[SSAValue]) -> list[SSAValue]:
        loop = self._last_loop()
        loop.attributes |= self.loop.attributes
        loop.attributes[VECTORIZED] = UnitAttr()
        return results

    def _last_loop(self) -> scf.ForOp:
        """The loop emitted last."""
        loop = self.ix.e.point.insert_before
        loop = loop.prev_op if loop is not None else None
        assert isinstance(loop, scf.ForOp)
        return loop

    def _rest(self, middle: SSAValue, high: SSAValue, partials: list[SSAValue]) -> list[SSAValue]:
        """The remainder, in vectors under a mask.

        A remainder of known size that fits into one vector needs no loop, and no mask if it fills that vector.
        Otherwise a loop handles one vector an iteration; the mask is full in all of them except the last.
        """

        def body(e: Emitter, iv: SSAValue, *values: SSAValue) -> list[SSAValue]:
            at = Indices(e)
            left = at.value(at.sub(high, iv))
            mask = e.value(vector.CreateMaskOp([left], vector_type(i1, self.lanes)))
            return self._vector(e, iv, mask, values)

        if self.trip is not None and self.trip % self.step <= self.lanes:
            left = self.trip % self.step
            mask = None
            if left != self.lanes:
                count = self.ix.value(left)
                mask = self.ix.e.value(vector.CreateMaskOp([count], vector_type(i1, self.lanes)))
            return self._vector(self.ix.e, middle, mask, partials)
        step = self.ix.value(self.lanes)
        results = self._marked(for_loop(self.ix.e, (middle, high, step), body, partials))
        self._last_loop().attributes.pop(REDUCTION, None)  # it is short: no pass need look at it
        return results

    def _vector(
        self, e: Emitter, first: SSAValue, mask: SSAValue | None, partials: Sequence[SSAValue]
    ) -> list[SSAValue]:
        """`lanes` iterations from `first` on; returns the next partial results.

        The ops of the reductions, and products that are fused with these, are not part of the vector body.
        """
        skipped = {r.op for r in self.reductions} | {self._product(r) for r in self.reductions}
        lanes = self.body.emit(e, first, mask, skipped)
        results = []
        for r, partial in zip(self.reductions, partials, strict=True):
            results.append(self._accumulate(lanes.e, r, lanes.vector, mask, partial))
        return results

    def _product(self, r: Reduction) -> Operation | None:
        """The multiplication that is fused with a sum, on CPUs that can do that."""
        op = r.item.owner
        if not self.fma or not isinstance(r.op, arith.AddfOp) or not isinstance(op, arith.MulfOp):
            return None
        return op if len(list(op.result.uses)) == 1 and op.parent is r.op.parent else None

    def _accumulate(
        self,
        e: Emitter,
        r: Reduction,
        vector_of: Callable[[SSAValue], SSAValue],
        mask: SSAValue | None,
        partial: SSAValue,
    ) -> SSAValue:
        # Lanes that the mask excludes keep their partial result: the value computed there may be anything.
        product = self._product(r)
        if product is not None and isinstance(r.carried.type, AnyFloat):
            a, b = (vector_of(operand) for operand in product.operands)
            result = e.value(math.FmaOp(a, b, partial))
        else:
            result = r.combine(e, partial, vector_of(r.item))
        return result if mask is None else e.value(simd.SelectOp(mask, result, partial))
