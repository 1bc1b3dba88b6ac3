"""A register-tiled kernel for contractions whose operands stay in the near caches: no packing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from xdsl.dialects import arith, scf, vector
from xdsl.dialects.builtin import AnyFloat, IntegerType, UnitAttr, VectorType, i1
from xdsl.ir import Attribute, SSAValue

from ....dialects import simd
from ....dialects.creation import fma, load, vector_load, vector_store
from ....dialects.emitter import Emitter
from ....dialects.types import vector_type
from ...targets import Target
from ..loops.builder import REDUCTION, VECTORIZED, Indices, for_loop, memref_type
from .contraction import Number

TALLEST, TALLEST_UNKNOWN = 12, 8
"""Rows of a tile at most, and where their number is not known: what is left over then runs row by row."""

SHORT_SUM = 512
"""Sums of no more products than these are not marked as reductions, which later passes take in blocks."""


@dataclass(frozen=True)
class TileShape:
    """How much of the result stays in registers: `rows` times `vectors` registers of `lanes` elements."""

    rows: int
    vectors: int
    lanes: int

    @property
    def columns(self) -> int:
        """Columns of a tile."""
        return self.vectors * self.lanes


def tallest_tile(target: Target, vectors: int, is_fused: bool | None = None) -> int:
    """The most rows of a tile of so many registers' columns that needs no register twice.

    Three quarters of the registers hold results: 12 of 16, 24 of 32. The rest hold a row of `rhs` and an element of
    `lhs` in all lanes, and the product where no instruction multiplies and adds (`is_fused`; by default as for floats).
    """
    beside = vectors + (1 if (target.fma if is_fused is None else is_fused) else 2)
    accumulators = min(target.vector_registers * 3 // 4, target.vector_registers - beside)
    return max(1, min(accumulators // vectors, TALLEST))


def choose_tile(rows: int | None, columns: int | None, element: Attribute, target: Target) -> TileShape:
    """A tile that fills the registers, and divides the result evenly where it can."""
    lanes, widest = target.lanes(element), 4 if target.vector_registers >= 32 else 3
    while columns is not None and lanes > 4 and columns <= lanes // 2:
        lanes //= 2
    needed = 4 if columns is None else -(-columns // lanes)
    vectors = next((v for v in range(widest, 1, -1) if needed % v == 0), min(needed, widest))
    tallest = tallest_tile(target, vectors)
    if rows is None:
        return TileShape(min(tallest, TALLEST_UNKNOWN), vectors, lanes)
    if rows <= tallest:
        return TileShape(max(rows, 1), vectors, lanes)
    even = [r for r in range(tallest, tallest // 2, -1) if rows % r == 0]
    return TileShape(even[0] if even else tallest, vectors, lanes)


def multiply_add(e: Emitter, a: SSAValue, b: SSAValue, total: SSAValue, target: Target) -> SSAValue:
    """`total + a * b` on vectors; floats are rounded once where the CPU can do that."""
    assert isinstance(total.type, VectorType)
    if not isinstance(total.type.element_type, AnyFloat):
        return e.value(arith.AddiOp(total, e.value(arith.MuliOp(a, b))))
    if target.fma:
        return e.value(fma(a, b, total))
    return e.value(arith.AddfOp(total, e.value(arith.MulfOp(a, b))))


@dataclass
class Matrix:
    """A matrix in a row of elements: `data[offset + row * row_stride + column * column_stride]`.

    Where its elements are narrower than the sums, `extension` says how they are extended: `extsi` or `extui`.
    """

    data: SSAValue
    offset: Number
    row_stride: Number
    column_stride: Number
    extension: str | None = None

    def at(self, ix: Indices, row: Number, column: Number) -> Number:
        """Where an element lies."""
        moved = ix.add(self.offset, ix.mul(row, self.row_stride))
        return ix.add(moved, ix.mul(column, self.column_stride))


def extended(e: Emitter, value: SSAValue, extension: str | None, element: Attribute) -> SSAValue:
    """A scalar or vector of integers as one of wider ones."""
    if extension is None:
        return value
    if isinstance(value.type, VectorType):
        return e.value(simd.CastOp(extension, value, vector_type(element, *value.type.get_shape())))
    assert isinstance(element, IntegerType)
    return e.value((arith.ExtSIOp if extension == "extsi" else arith.ExtUIOp)(value, element))


@dataclass
class TileKernel:
    """Emits `C += A * B` (or `C = A * B`) over loops that walk `C` tile by tile.

    `B` and `C` must have unit stride along n. Tiles at the right edge use masks; rows that are left over at the
    bottom are a smaller tile, or single rows where their number is not known.
    """

    lhs: Matrix
    rhs: Matrix
    out: Matrix
    sizes: tuple[Number, Number, Number]
    accumulate: bool
    tile: TileShape
    element: Attribute
    target: Target

    def emit(self, ix: Indices) -> None:
        """Emit the loops."""
        columns = self.sizes[1]
        blocks = self._blocks(ix, columns, self.tile.columns, self.tile.lanes)
        for first, last, step, partial in blocks:
            if partial and isinstance(step, int) and isinstance(columns, int):
                self._rows(ix, first, -(-step // self.tile.lanes), columns)
            elif partial:
                self._loop(ix, first, last, step, lambda at, j: self._rows(at, j, 1, columns))
            else:
                self._loop(ix, first, last, step, lambda at, j: self._rows(at, j, self.tile.vectors, None))

    @staticmethod
    def _blocks(ix: Indices, size: Number, step: int, small: int) -> list[tuple[Number, Number, int, bool]]:
        """Full blocks, then what is left: one block of known size, or blocks of `small`."""
        main = ix.mul(ix.floordiv(size, step), step)
        blocks: list[tuple[Number, Number, int, bool]] = []
        if main != 0:
            blocks.append((0, main, step, False))
        if isinstance(size, int) and isinstance(main, int):
            if size > main:
                blocks.append((main, size, size - main, True))
        else:
            blocks.append((main, size, small, True))
        return blocks

    @staticmethod
    def _loop(ix: Indices, first: Number, last: Number, step: int, body: Callable[[Indices, Number], None]) -> None:
        """A loop, or only its body where it runs once."""
        if isinstance(first, int) and isinstance(last, int) and last - first <= step:
            if last > first:
                body(ix, first)
            return
        bounds = (ix.value(first), ix.value(last), ix.value(step))
        for_loop(ix.e, bounds, lambda inner, iv: body(ix.at(inner), iv))

    def _rows(self, ix: Indices, column: Number, vectors: int, limit: Number | None) -> None:
        """All tiles of `vectors` registers' columns from `column`; masked, where a `limit` is given."""
        mask = None
        if limit is not None:
            left = ix.sub(limit, ix.add(column, (vectors - 1) * self.tile.lanes))
            if not (isinstance(left, int) and left >= self.tile.lanes):
                mask_type = vector_type(i1, self.tile.lanes)
                mask = ix.e.value(vector.CreateMaskOp([ix.value(left)], mask_type))
        for first, last, step, partial in self._blocks(ix, self.sizes[0], self.tile.rows, 1):
            rows = step if partial else self.tile.rows
            self._loop(ix, first, last, rows, self._tile_at(column, rows, vectors, mask))

    def _tile_at(
        self, column: Number, rows: int, vectors: int, mask: SSAValue | None
    ) -> Callable[[Indices, Number], None]:
        return lambda ix, row: _Tile(self, ix, row, column, rows, vectors, mask).emit()


@dataclass
class _Tile:
    """One tile of the result, kept in registers while k runs."""

    kernel: TileKernel
    ix: Indices
    row: Number
    column: Number
    rows: int
    vectors: int
    mask: SSAValue | None

    def __post_init__(self) -> None:
        self.type = vector_type(self.kernel.element, self.kernel.tile.lanes)
        self.zero = self.ix.e.constant(0, self.type)
        self.padding = self.zero
        if self.kernel.rhs.extension is not None and self.mask is not None:
            self.padding = self.ix.e.constant(0, self._read_type(self.kernel.rhs))

    def emit(self) -> None:
        """Load or clear the tile, run over k, store it."""
        ix, out = self.ix, self.kernel.out
        places = []
        for row in range(self.rows):
            start = out.at(ix, ix.add(self.row, row), self.column)
            places += [ix.value(ix.add(start, v * self.kernel.tile.lanes)) for v in range(self.vectors)]
        if self.kernel.accumulate:
            totals = [self._load(ix, out, place, i) for i, place in enumerate(places)]
        else:
            totals = [self.zero] * len(places)
        lhs = self.kernel.lhs
        starts = [lhs.at(ix, ix.add(self.row, row), 0) for row in range(self.rows)]
        size = self.kernel.sizes[2]
        bounds = (ix.value(0), ix.value(size), ix.value(1))
        totals = for_loop(ix.e, bounds, lambda e, k, *values: self._step(ix.at(e), k, starts, values), totals)
        if not isinstance(size, int) or size > SHORT_SUM:
            loop = totals[0].owner
            assert isinstance(loop, scf.ForOp)
            loop.attributes |= {REDUCTION: UnitAttr(), VECTORIZED: UnitAttr()}
        for i, (place, total) in enumerate(zip(places, totals, strict=True)):
            self._store(total, place, i)

    def _step(self, ix: Indices, k: SSAValue, starts: Sequence[Number], totals: Sequence[SSAValue]) -> list[SSAValue]:
        """One value of k: a row of `rhs` against a column of `lhs`."""
        kernel = self.kernel
        place = kernel.rhs.at(ix, k, self.column)
        right = [
            self._load(ix, kernel.rhs, ix.value(ix.add(place, v * kernel.tile.lanes)), v) for v in range(self.vectors)
        ]
        moved = ix.mul(k, kernel.lhs.column_stride)
        results = []
        for row, start in enumerate(starts):
            where = ix.value(ix.add(moved, start))
            left = ix.e.value(load(kernel.lhs.data, [where]))
            left = extended(ix.e, left, kernel.lhs.extension, kernel.element)
            spread = ix.e.value(vector.BroadcastOp(left, self.type))
            for v in range(self.vectors):
                total = totals[row * self.vectors + v]
                results.append(multiply_add(ix.e, spread, right[v], total, kernel.target))
        return results

    def _masked(self, i: int) -> bool:
        return self.mask is not None and i % self.vectors == self.vectors - 1

    def _read_type(self, matrix: Matrix) -> VectorType:
        return vector_type(memref_type(matrix.data).element_type, self.kernel.tile.lanes)

    def _load(self, ix: Indices, matrix: Matrix, place: SSAValue, i: int) -> SSAValue:
        if self._masked(i):
            assert self.mask is not None
            padding = self.zero if matrix.extension is None else self.padding
            value = ix.e.value(vector.MaskedLoadOp(matrix.data, [place], self.mask, padding))
        else:
            value = ix.e.value(vector_load(matrix.data, [place], self._read_type(matrix)))
        return extended(ix.e, value, matrix.extension, self.kernel.element)

    def _store(self, value: SSAValue, place: SSAValue, i: int) -> None:
        data, e = self.kernel.out.data, self.ix.e
        if self._masked(i):
            assert self.mask is not None
            e.add(vector.MaskedStoreOp(data, [place], self.mask, value))
        else:
            e.add(vector_store(value, data, [place]))
