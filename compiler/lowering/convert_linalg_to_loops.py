"""linalg on memrefs → loops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects import memref
from xdsl.dialects.builtin import MemRefType, ModuleOp
from xdsl.dialects.linalg import ops as linalg
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.ir import Operation, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.traits import MemoryReadEffect, is_side_effect_free

from ...dialects.creation import load, store
from ...dialects.emitter import Emitter, locate
from ...dialects.hl.rules.linalg_builder import copy_op
from ...dialects.strings import StringType
from ...dialects.walk import ops_in
from ..pipeline.base import Pass
from .loops.builder import PARALLEL, REDUCTION, Indices, for_loop, is_identity, memref_type
from .loops.memory_sums import MemorySums, sums_in_memory
from .loops.memref_views import root
from .loops.nest import Nest, dimension_size, plan_nest

LOOKBACK = 16
"""How many ops before a reduction are searched for the fill of its result: a bound of compile time."""


@dataclass(frozen=True)
class ConvertLinalgToLoopsPass(Pass):
    """Lower every structured op on memrefs to a loop nest.

    Before:

        func.func @double(%x: memref<?x4xf32>, %out: memref<?x4xf32>) {
          linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>],
              iterator_types = ["parallel", "parallel"]} ins(%x : memref<?x4xf32>) outs(%out : memref<?x4xf32>) {
          ^bb0(%a: f32, %o: f32):
            %sum = arith.addf %a, %a : f32
            linalg.yield %sum : f32
          }
          func.return
        }

    After:

        func.func @double(%x: memref<?x4xf32>, %out: memref<?x4xf32>) {
          %0 = memref.collapse_shape %x [[0 : i64, 1 : i64]] : memref<?x4xf32> into memref<?xf32>
          %1 = memref.collapse_shape %out [[0 : i64, 1 : i64]] : memref<?x4xf32> into memref<?xf32>
          %2 = arith.constant 0 : index
          %3 = memref.dim %x, %2 : memref<?x4xf32>
          %4 = arith.constant 4 : index
          %5 = arith.muli %3, %4 : index
          %6 = arith.constant 1 : index
          scf.for %7 = %2 to %5 step %6 {
            %a = memref.load %0[%7] : memref<?xf32>
            %sum = arith.addf %a, %a : f32
            memref.store %sum, %1[%7] : memref<?xf32>
          } {stepwell.parallel}
          func.return
        }

    Innermost loops access memory with unit stride where possible, adjacent loops over contiguous memory are collapsed
    into one, and reductions accumulate in registers. A sum over rows accumulates into a whole row of results; long
    float sums then process eight rows at a time, and accumulate the rounding errors in a second buffer. Loops have the
    attributes `stepwell.parallel` and `stepwell.reduction`, which later passes use to vectorise and to run in threads.
    """

    name = "convert-linalg-to-loops"
    requires: ClassVar[str | None] = "buffers"
    ensures: ClassVar[str | None] = "loops"
    nestable: ClassVar[bool] = True

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Convert the ops of `op`, innermost regions included; the last first, which may take in a fill before it."""
        for inner in reversed(ops_in(op)):
            if inner.parent is None:
                continue
            if isinstance(inner, LinalgStructuredOperation):
                convert_structured(inner)
            elif isinstance(inner, memref.CopyOp):
                _convert_copy(inner)


def _convert_copy(op: memref.CopyOp) -> None:
    """Turn a copy into loops, unless both sides are row-major: that is a block move."""
    if is_identity(memref_type(op.source)) and is_identity(memref_type(op.destination)):
        return
    e = Emitter.before(op)
    is_string = isinstance(memref_type(op.source).element_type, StringType)
    copy = e.add(copy_op(op.source, op.destination) if is_string else linalg.CopyOp([op.source], [op.destination]))
    Rewriter.erase_op(op)
    convert_structured(copy)


def convert_structured(op: LinalgStructuredOperation) -> None:
    """Replace one structured op by loops."""
    if isinstance(op, linalg.CopyOp) and all(is_identity(memref_type(v)) for v in op.operands):
        e = Emitter.before(op)
        e.add(memref.CopyOp(op.inputs[0], op.outputs[0]))
    else:
        _Conversion(op).run()
    Rewriter.erase_op(op)


class _Conversion:
    """The state of turning one op into loops."""

    def __init__(self, op: LinalgStructuredOperation):
        self.op = op
        self.inits: dict[int, SSAValue] = {}
        e = Emitter.before(op)
        self.nest: Nest = plan_nest(e, op)
        self.ix = Indices(e)
        self.loaded: dict[int, SSAValue] = {}
        self.ivs: list[SSAValue] = []
        locate(op, op.location)

    def run(self) -> None:
        """Emit the nest."""
        nest = self.nest
        if not nest.in_memory:
            self._absorb_fills()
        self.bounds = [self._size(group) for group in nest.dims]
        self.ix.value(0)
        self.ix.value(1)
        locate(self.op, self.op.location)
        self.in_blocks = sums_in_memory(self.op, nest)
        self._emit(self.ix, [])

    def _size(self, group: Sequence[int]) -> SSAValue:
        size: int | SSAValue = 1
        for dim in group:
            size = self.ix.mul(size, dimension_size(self.ix, self.op, dim))
        return self.ix.value(size)

    def _absorb_fills(self) -> None:
        """Start from the constant a result was filled with just before, instead of reading it back."""
        for position in range(self.nest.inputs, len(self.op.operands)):
            fill = fill_before(self.op, self.op.operands[position])
            if fill is not None:
                self.inits[position] = fill.inputs[0]
                Rewriter.erase_op(fill)

    def _emit(self, ix: Indices, carried: Sequence[SSAValue]) -> Sequence[SSAValue]:
        """Emit what is inside the loops opened so far; gives the values the reductions carry on."""
        nest, level = self.nest, len(self.ivs)
        self._load_inputs(ix, level)
        starts = nest.reduction.index(True) if any(nest.reduction) else len(nest.reduction)
        if level == starts and self.in_blocks:
            MemorySums(self.op, nest, self.bounds).emit(ix, self.ivs, self.loaded)
            return ()
        own = level == starts and not nest.in_memory
        if own:
            carried = self._load_outputs(ix)
        if level == len(nest.dims):
            results = self._body(ix, self._load_outputs(ix) if nest.in_memory else carried)
            if nest.in_memory:
                self._store(ix, results)
                results = ()
        else:
            results = self._loop(ix, level, carried)
        if own:
            self._store(ix, results)
            return ()
        return results

    def _loop(self, ix: Indices, level: int, carried: Sequence[SSAValue]) -> Sequence[SSAValue]:
        def body(inner: Emitter, iv: SSAValue, *values: SSAValue) -> Sequence[SSAValue]:
            self.ivs.append(iv)
            results = self._emit(ix.at(inner), values)
            self.ivs.pop()
            return results

        mark = REDUCTION if self.nest.reduction[level] else PARALLEL
        bounds = (ix.value(0), self.bounds[level], ix.value(1))
        return for_loop(ix.e, bounds, body, carried, mark)

    def _where(self, ix: Indices, operand: int) -> list[SSAValue]:
        return [ix.value(ix.affine(expr, self.ivs)) for expr in self.nest.maps[operand]]

    def _load(self, ix: Indices, operand: int) -> SSAValue:
        return ix.e.value(load(self.nest.operands[operand], self._where(ix, operand)))

    def _load_inputs(self, ix: Indices, level: int) -> None:
        """Load the inputs whose index the loops opened so far have just settled."""
        for position in range(self.nest.inputs):
            operand = self.nest.operands[position]
            if not self.op.body.block.args[position].uses:
                continue
            if not isinstance(operand.type, MemRefType):
                self.loaded[position] = operand
            elif self.nest.depth(position) == level:
                self.loaded[position] = self._load(ix, position)

    def _load_outputs(self, ix: Indices) -> list[SSAValue]:
        """What the results hold so far, for those the body reads or that loops have to carry."""
        values = []
        carried = any(self.nest.reduction) and not self.nest.in_memory
        for position in range(self.nest.inputs, len(self.nest.operands)):
            if position in self.inits:
                values.append(self.inits[position])
            elif carried or self.op.body.block.args[position].uses:
                values.append(self._load(ix, position))
            else:
                values.append(None)
        return values

    def _store(self, ix: Indices, values: Sequence[SSAValue]) -> None:
        for position, value in enumerate(values, self.nest.inputs):
            ix.e.add(store(value, self.nest.operands[position], self._where(ix, position)))

    def _body(self, ix: Indices, outs: Sequence[SSAValue | None]) -> list[SSAValue]:
        """Move the op's body here; gives what it yields."""
        block = self.op.body.block
        self._replace_indices(ix)
        locate(self.op, self.op.location)
        values = [self.loaded.get(i) for i in range(self.nest.inputs)] + list(outs)
        for arg, value in zip(block.args, values, strict=True):
            if value is not None:
                arg.replace_all_uses_with(value)
        terminator = block.last_op
        assert isinstance(terminator, linalg.YieldOp)
        results = list(terminator.operands)
        Rewriter.erase_op(terminator)
        for inner in list(block.ops):
            inner.detach()
            Rewriter.insert_op(inner, ix.e.point)
        return results

    def _replace_indices(self, ix: Indices) -> None:
        """Replace `linalg.index` by loop counters."""
        loop_of = {group[0]: iv for group, iv in zip(self.nest.dims, self.ivs, strict=True)}
        for inner in list(self.op.body.walk()):
            if isinstance(inner, linalg.IndexOp):
                inner.result.replace_all_uses_with(loop_of.get(inner.dim.value.data) or ix.value(0))
                Rewriter.erase_op(inner)


def fill_before(op: Operation, target: SSAValue) -> linalg.FillOp | None:
    """The `linalg.fill` of `target` shortly before `op`, if nothing in between or in `op` itself reads it."""
    if any(root(operand) is root(target) for operand in op.operands if operand is not target):
        return None
    current = op.prev_op
    for _ in range(LOOKBACK):
        if current is None:
            return None
        if isinstance(current, linalg.FillOp):
            if current.outputs[0] is target:
                return current
            if root(current.outputs[0]) is root(target):
                return None
        elif not _harmless(current):
            return None
        current = current.prev_op
    return None


def _harmless(op: Operation) -> bool:
    """Whether an op reads and writes no memory."""
    if isinstance(op, memref.AllocOp | memref.DimOp):
        return True
    return is_side_effect_free(op) and not op.has_trait(MemoryReadEffect) and not op.regions


__all__ = ["ConvertLinalgToLoopsPass", "InsertPoint", "convert_structured", "fill_before"]
