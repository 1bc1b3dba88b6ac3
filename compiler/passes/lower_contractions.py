"""Contractions on memrefs → calls of kernels written with vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects import func
from xdsl.dialects.builtin import DYNAMIC_INDEX, FunctionType, IndexType, LocationAttr, MemRefType, ModuleOp, i1
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter

from ...dialects.emitter import Emitter
from ...dialects.walk import ops_in
from ..lowering.convert_linalg_to_loops import fill_before
from ..lowering.kernels.contraction import (
    Contraction,
    Factor,
    Number,
    addressable,
    find_contraction,
    flat_operand,
    sums_outside,
    zero_filled,
)
from ..lowering.kernels.packed import PackedKernel, choose_blocking
from ..lowering.kernels.panels import choose_form
from ..lowering.kernels.tile import TALLEST, Matrix, TileKernel, choose_tile
from ..lowering.loops.builder import PARALLEL, REDUCTION, Indices, for_loop
from ..lowering.loops.nest import reductions_of
from ..pipeline.base import TargetPass
from ..rewriting import refuse
from ..targets import Target, bit_width, find_target

FEW_ROWS = 2 * TALLEST
"""With no more rows than these, packing costs more than it saves, as long as `rhs` stays in the second cache between
the two tiles that read it. Emerald Rapids: 24x512x256 took 0.7 of the packed kernel's time, 24x1024x1024 1.5 times it.
"""

WIDE_ROW = 512
"""With more columns than these, tiles that read `rhs` where it is walk over too many pages of memory. Emerald Rapids:
1024x1024x64 took 1.25 times the packed kernel's time, 1000x1500x40 2.3 times.
"""

FEW_ROWS_OF_GROUPS = 3
"""The same for integers of which one instruction multiplies several, for which they have to be packed. Granite Rapids,
1000 columns, sums of 784: 2 rows took 0.74 of the time of packed panels of bytes, 4 rows 1.4 times that; of panels of
pairs 0.33 and 0.60.
"""

LONG_SUM = 2**16
"""With more products in a sum than these, what a packing kernel adds to results in memory rounds too often: it adds to
them once for each `DEEPEST` products, where the direct kernel's sums are taken in blocks without loss."""


@dataclass(frozen=True)
class LowerContractionsPass(TargetPass):
    """Turn matrix products, and every other sum of products, into calls of kernels that keep results in registers.

    Before:

        func.func @product(%a: memref<2x3xf32>, %b: memref<3x16xf32>, %c: memref<2x16xf32>) {
          linalg.matmul ins(%a, %b : memref<2x3xf32>, memref<3x16xf32>) outs(%c : memref<2x16xf32>)
          func.return
        }

    After (`lower-contractions{target=skylake-avx512}`):

        func.func @product(%a: memref<2x3xf32>, %b: memref<3x16xf32>, %c: memref<2x16xf32>) {
          %0 = memref.collapse_shape %a [[0 : i64, 1 : i64]] : memref<2x3xf32> into memref<6xf32>
          %1 = "memref.cast"(%0) : (memref<6xf32>) -> memref<?xf32>
          %2 = memref.collapse_shape %b [[0 : i64, 1 : i64]] : memref<3x16xf32> into memref<48xf32>
          %3 = "memref.cast"(%2) : (memref<48xf32>) -> memref<?xf32>
          %4 = memref.collapse_shape %c [[0 : i64, 1 : i64]] : memref<2x16xf32> into memref<32xf32>
          %5 = "memref.cast"(%4) : (memref<32xf32>) -> memref<?xf32>
          %6 = arith.constant 0 : index
          %7 = arith.constant 1 : index
          func.call @matmul_f32_0(%1, %3, %5) : (memref<?xf32>, memref<?xf32>, memref<?xf32>) -> ()
          func.return
        }
        func.func private @matmul_f32_0(%0: memref<?xf32>, %1: memref<?xf32>, %2: memref<?xf32>) {
          %3 = arith.constant dense<0.000000e+00> : vector<16xf32>
          %4 = arith.constant 0 : index
          %5 = arith.constant 16 : index
          %6 = vector.load %2[%4] : memref<?xf32>, vector<16xf32>
          %7 = vector.load %2[%5] : memref<?xf32>, vector<16xf32>
          %8 = arith.constant 3 : index
          %9 = arith.constant 1 : index
          %10, %11 = scf.for %12 = %4 to %8 step %9 iter_args(%13 = %6, %14 = %7) -> (vector<16xf32>, vector<16xf32>) {
            %15 = arith.muli %12, %5 : index
            %16 = vector.load %1[%15] : memref<?xf32>, vector<16xf32>
            %17 = memref.load %0[%12] : memref<?xf32>
            %18 = vector.broadcast %17 : f32 to vector<16xf32>
            %19 = vector.fma %18, %16, %13 : vector<16xf32>
            %20 = arith.addi %12, %8 : index
            %21 = memref.load %0[%20] : memref<?xf32>
            %22 = vector.broadcast %21 : f32 to vector<16xf32>
            %23 = vector.fma %22, %16, %14 : vector<16xf32>
            scf.yield %19, %23 : vector<16xf32>, vector<16xf32>
          }
          vector.store %10, %2[%4] : memref<?xf32>, vector<16xf32>
          vector.store %11, %2[%5] : memref<?xf32>, vector<16xf32>
          func.return
        }

    A contraction is recognised by its structure, whatever the order of its loops and the layout of its operands:
    `linalg.matmul`, its transposed and batched forms, and sums over several axes. Small ones run unpacked; large ones
    are cut into blocks for the caches and packed into panels. Kernels are functions of their own, made once per layout.
    Integers of 8 and 16 bits that are extended first are packed for the CPU's instructions that add up products of
    four bytes or of two such integers.
    """

    name = "lower-contractions"
    requires: ClassVar[str | None] = "buffers"
    ensures: ClassVar[str | None] = "buffers"
    exact: ClassVar[bool] = False
    inexact_because: ClassVar[str] = "float products and sums are rounded once (fma), and sums are taken in blocks"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Lower every contraction of `op`."""
        kernels = _Kernels(op, find_target(self.target))
        for inner in ops_in(op):
            if isinstance(inner, LinalgStructuredOperation) and len(inner.inputs) == 2:
                _lower(inner, kernels)


def _lower(op: LinalgStructuredOperation, kernels: _Kernels) -> None:
    contraction = find_contraction(op)
    if isinstance(contraction, str):
        refuse("lower-contractions", op, contraction)
        return
    if not all(addressable(operand) for operand in op.operands):
        refuse("lower-contractions", op, "an operand's strides are not known from views of row-major memory")
        return
    before = op.prev_op
    call = _Call(contraction, kernels)
    reason = call.prepare()
    if reason:
        refuse("lower-contractions", op, reason)
        _erase_between(before, op)
        return
    call.emit()
    Rewriter.erase_op(op)


def _erase_between(first: Operation | None, last: Operation) -> None:
    """Take back what was emitted after `first` (the block's start for `None`) and before `last`."""
    while (op := last.prev_op) is not None and op is not first:
        Rewriter.erase_op(op)


@dataclass
class _Kernels:
    """The kernel functions made so far."""

    module: ModuleOp
    target: Target
    made: dict[tuple[object, ...], str] = field(default_factory=dict)

    def function(
        self, key: tuple[object, ...], stem: str, types: Sequence[Attribute], at: LocationAttr
    ) -> tuple[str, Block | None]:
        """The name of the kernel for `key`, and its empty body when it is new."""
        if key in self.made:
            return self.made[key], None
        name = f"{stem}_{len(self.made)}"
        self.made[key] = name
        block = Block(arg_types=types)
        op = func.FuncOp(name, FunctionType.from_lists(types, []), Region(block), visibility="private")
        Emitter(InsertPoint.at_end(self.module.body.block), at).add(op)
        return name, block


class _Call:
    """One contraction on its way to loops around the call of a kernel."""

    def __init__(self, contraction: Contraction, kernels: _Kernels):
        self.c = contraction
        self.kernels = kernels
        self.op = contraction.op
        self.ix = Indices(Emitter.before(self.op))
        self.loops = {r: i for i, r in enumerate(contraction.roles) if r != "outer"}
        self.factors = contraction.factors[contraction.lhs], contraction.factors[contraction.rhs]
        self.form = choose_form(kernels.target, contraction.element, self.factors)

    def prepare(self) -> str | None:
        """Settle addresses and the kernel; gives a reason when plain loops serve as well."""
        m, n, k = (self.c.static_size(role) for role in "mnk")
        positions = (self.c.lhs, self.c.rhs, 2)
        self.flat = [flat_operand(self.ix, self.c, position) for position in positions]
        unit = self._stride(1, "n") == 1
        if self._stride(2, "n") != 1:
            return "the result's elements are not neighbours in memory"
        if not unit and m is not None and m < 4:
            return "few rows against a matrix that lies the other way: dot products"
        if n is not None and n < 4:
            return "few columns: plain loops"
        self.direct = unit and self._near(m, n, k)
        return None

    def _stride(self, operand: int, role: str) -> Number:
        return self.flat[operand][2][self.loops[role]] if role in self.loops else 0

    def _near(self, m: int | None, n: int | None, k: int | None) -> bool:
        """Whether the kernel that does not pack is the better one."""
        if self.factors[1].element != self.c.element and not self._reads_edges(n):
            return False
        if self.form.group > 1:
            return m is not None and m <= FEW_ROWS_OF_GROUPS
        few = m is not None and m <= FEW_ROWS
        if k is not None and k > LONG_SUM:
            return True
        if n is None or k is None:
            return few
        bytes_, l2 = n * k * bit_width(self.factors[1].element) // 8, self.kernels.target.l2_bytes
        if m is not None and few:
            return m <= TALLEST or bytes_ <= l2
        return bytes_ <= l2 // 8 and n <= WIDE_ROW

    def _reads_edges(self, n: int | None) -> bool:
        """Whether the last columns can be loaded under a mask, or none have to be: few CPUs do that with bytes."""
        target = self.kernels.target
        return "avx512bw" in target.has or (n is not None and n % target.lanes(self.c.element) == 0)

    def emit(self) -> None:
        """Emit loops around the call, and the kernel where it is new."""
        fill = fill_before(self.op, self.op.operands[2])
        stored = self.direct or bool(self.c.static_size("k"))
        fresh = stored and zero_filled(fill) and not sums_outside(self.c)
        if fresh and fill is not None:
            Rewriter.erase_op(fill)
        self.accumulate = not fresh
        ix = self.ix
        self.sizes = [self.c.size(ix, self.loops[r]) if r in self.loops else 1 for r in "mnk"]
        outer = [i for i, role in enumerate(self.c.roles) if role == "outer"]
        bounds = [ix.value(self.c.size(ix, group)) for group in outer]
        for bound in (0, 1):
            ix.value(bound)  # made here, where all loops see it
        self._nest(ix, outer, bounds, [offset for _, offset, _ in self.flat])

    def _nest(self, ix: Indices, outer: Sequence[int], bounds: Sequence[SSAValue], offsets: Sequence[Number]) -> None:
        if not outer:
            self._call(ix, offsets)
            return
        group = outer[0]

        def body(e: Emitter, iv: SSAValue) -> None:
            at = ix.at(e)
            moved = [
                at.add(offset, at.mul(iv, flat[2][group])) for offset, flat in zip(offsets, self.flat, strict=True)
            ]
            self._nest(at, outer[1:], bounds[1:], moved)

        summed = reductions_of(self.op)[self.c.groups[group][0]]
        for_loop(
            ix.e,
            (ix.value(0), bounds[0], ix.value(1)),
            body,
            mark=REDUCTION if summed else PARALLEL,
        )

    def _numbers(self, offsets: Sequence[Number]) -> list[Number]:
        """All a kernel has to know: offsets, strides (row and column of each operand), sizes."""
        roles = (("m", "k"), ("k", "n"), ("m", "n"))
        strides = [self._stride(i, role) for i, pair in enumerate(roles) for role in pair]
        return [*offsets, *strides, *self.sizes]

    def _call(self, ix: Indices, offsets: Sequence[Number]) -> None:
        numbers = self._numbers(offsets)
        data = [flat[0] for flat in self.flat]
        if self.direct:
            name, passed = self._direct_kernel(numbers), [x for x in numbers if isinstance(x, SSAValue)]
        else:
            flag = ix.e.constant(self.accumulate, i1)
            name = self._packed_kernel(numbers)
            units = self._units(numbers)
            passed = [ix.value(x) for x, unit in zip(numbers, units, strict=True) if unit is None] + [flag]
        ix.e.add(func.CallOp(name, [*data, *passed], []))

    def _matrices(self, block: Block, numbers: Sequence[Number | None]) -> tuple[list[Matrix], list[Number]]:
        """The operands and sizes as a kernel's body sees them; each unknown number is an argument."""
        arguments = iter(block.args[3:])
        known: list[Number] = [x if isinstance(x, int) else next(arguments) for x in numbers]
        offsets, strides, sizes = known[:3], known[3:9], known[9:]
        extensions = [*map(self._extension, self.factors), None]
        matrices = [
            Matrix(block.args[i], offsets[i], strides[2 * i], strides[2 * i + 1], extensions[i]) for i in range(3)
        ]
        return matrices, sizes

    def _extension(self, factor: Factor) -> str | None:
        if factor.element == self.c.element:
            return None
        return "extui" if factor.is_unsigned else "extsi"

    def _stem(self, prefix: str) -> str:
        """The start of a kernel's name: the type of the sums, after those of the factors where they are others."""
        elements = [factor.element for factor in self.factors]
        others = "" if set(elements) == {self.c.element} else "".join(f"{element}_" for element in elements)
        return f"{prefix}_{others}{self.c.element}"

    def _types(self, unknown: int) -> list[Attribute]:
        elements = [*(factor.element for factor in self.factors), self.c.element]
        return [*(MemRefType(element, [DYNAMIC_INDEX]) for element in elements), *[IndexType()] * unknown]

    def _direct_kernel(self, numbers: Sequence[Number]) -> str:
        known = [x if isinstance(x, int) else None for x in numbers]
        key = ("direct", self.c.element, *self.factors, self.accumulate, *known)
        types = self._types(known.count(None))
        name, block = self.kernels.function(key, self._stem("matmul"), types, self.op.location)
        if block is not None:
            (lhs, rhs, out), sizes = self._matrices(block, known)
            target = self.kernels.target
            tile = choose_tile(known[9], known[10], self.c.element, target)
            e = Emitter(InsertPoint.at_end(block), self.op.location)
            m, n, k = sizes
            TileKernel(lhs, rhs, out, (m, n, k), self.accumulate, tile, self.c.element, target).emit(Indices(e))
            e.add(func.ReturnOp())
        return name

    @staticmethod
    def _units(numbers: Sequence[Number]) -> list[int | None]:
        """Of the numbers only unit strides are built into a packed kernel, so that few kernels serve all."""
        return [1 if 3 <= i < 9 and x == 1 else None for i, x in enumerate(numbers)]

    def _packed_kernel(self, numbers: Sequence[Number]) -> str:
        units = self._units(numbers)
        key = ("packed", self.c.element, *self.factors, *units)
        types = [*self._types(units.count(None)), i1]
        name, block = self.kernels.function(key, self._stem("matmul_packed"), types, self.op.location)
        if block is not None:
            (lhs, rhs, out), sizes = self._matrices(block, units)
            e = Emitter(InsertPoint.at_end(block), self.op.location)
            ix = Indices(e)
            m, n, k = (ix.value(size) for size in sizes)
            target = self.kernels.target
            blocking = choose_blocking(target, self.c.element, self.form)
            sizes, flag = (m, n, k), block.args[-1]
            PackedKernel(lhs, rhs, out, sizes, flag, blocking, self.c.element, target, self.form).emit(ix)
            e.add(func.ReturnOp())
        return name
