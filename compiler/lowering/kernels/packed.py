"""A kernel for large contractions: panels packed for the caches, a register tile inside (as in GotoBLAS and BLIS)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from xdsl.dialects import arith, memref, vector
from xdsl.dialects.builtin import DYNAMIC_INDEX, AnyFloat, i1
from xdsl.ir import Attribute, SSAValue

from ....dialects import simd
from ....dialects.creation import vector_store
from ....dialects.emitter import Emitter
from ....dialects.types import vector_type
from ...targets import ALIGNMENT, Target, bit_width
from ..loops.builder import Indices, for_loop
from .contraction import Number
from .panels import FLIP, Form, Panels, spread_group
from .tile import Matrix, multiply_add, tallest_tile

DEEPEST = 512
"""Products that a tile adds up at most before it is added to `C`, which then costs next to nothing."""

LAST_CACHE = 8 * 2**20
"""The bytes of the last cache that one core may count on, as others use it too. Emerald Rapids (300 MB for all cores),
1024x4096x1024: 1.00 of the time with 8 MB, 1.14 with 2 MB, 1.08 with 32 MB, 1.04 with 256 MB.
"""


@dataclass(frozen=True)
class Blocking:
    """Sizes: `rows`×`columns` stay in registers, `k` in the first cache, `m` in the second, `n` in the last."""

    rows: int
    vectors: int
    lanes: int
    m: int
    n: int
    k: int

    @property
    def columns(self) -> int:
        """Columns of the register tile."""
        return self.vectors * self.lanes


def choose_blocking(target: Target, element: Attribute, form: Form | None = None) -> Blocking:
    """Blocks that fit a CPU's registers and caches.

    A panel of `B` is read in order, so that half of it may come from the second cache: twice the depth, and half as
    many passes over `C`, was 12 % faster at 1024 x 1024 x 1024 on Zen 4, 14 % on Sapphire Rapids. Blocks of `A` take a
    quarter of the second cache, and those of `B` of the last, as other data pass through.

    Of the tiles that fill 32 registers of 128 bits, 8 x 3 vectors load 11 registers for 24 products, 12 x 2 load 14.
    With 16 registers only 6 x 2 fills them on every CPU, and with wide ones 12 x 2 keeps panels of `B` narrow.

    Sums are of type `element`; panels have the `form`, by default that of elements of this type.
    """
    form = form or Form(element)
    lanes = target.lanes(element)
    size = bit_width(form.element) // 8
    vectors = 3 if target.vector_registers >= 32 and target.vector_bits <= 128 else 2
    rows = tallest_tile(target, vectors, form.is_fused)
    columns = vectors * lanes
    k = min(target.l1_bytes * 4 // 3 // (columns * size) // 8 * 8, DEEPEST * form.group)
    m = max(1, target.l2_bytes // 4 // (k * size) // rows) * rows
    n = max(1, min(target.l3_bytes, LAST_CACHE) // 4 // (k * size) // columns) * columns
    return Blocking(rows, vectors, lanes, m, n, k)


@dataclass
class PackedKernel:
    """Emits `C += A * B` (or `C = A * B` where `accumulate` is false at run time) over packed panels.

    A panel of `A` holds `rows` rows, k by k; a panel of `B` holds `columns` columns, k by k: the innermost loop reads
    both in unit steps, whatever the operands' layout is. Edges are padded with zeros in the panels, and the result of a
    tile goes through a small buffer from which only what exists is added to `C`.
    """

    lhs: Matrix
    rhs: Matrix
    out: Matrix
    sizes: tuple[SSAValue, SSAValue, SSAValue]
    accumulate: SSAValue
    blocking: Blocking
    element: Attribute
    target: Target
    form: Form
    buffers: dict[str, SSAValue] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.vector = vector_type(self.element, self.blocking.lanes)
        self.mask = vector_type(i1, self.blocking.lanes)
        self.panel = vector_type(self.form.element, self.blocking.lanes * self.form.group)
        self.is_narrow = self.lhs.extension is not None or self.rhs.extension is not None

    def emit(self, ix: Indices) -> None:
        """Emit everything: buffers, the five loops around the register tile, and the buffers' release."""
        b = self.blocking
        m, n, k = self.sizes
        deep = self._round_up(ix, ix.min(k, b.k), self.form.group)
        self.zero = ix.e.constant(0, self.element)
        self.zeros = ix.e.constant(0, self.vector)
        for constant in (0, 1, b.lanes, b.rows, b.columns, b.k):
            ix.value(constant)
        packed = self.form.element
        wide = self._round_up(ix, ix.min(n, b.n), b.columns)
        tall = self._round_up(ix, ix.min(m, b.m), b.rows)
        self.buffers = {
            "lhs": self._alloc(ix, packed, ix.add(ix.mul(tall, deep), b.lanes)),
            "rhs": self._alloc(ix, packed, ix.mul(wide, deep)),
            "tile": self._alloc(ix, self.element, b.rows * b.columns),
        }
        if self.form.is_flipped:
            self.buffers["starts"] = self._alloc(ix, self.element, wide)
        self._blocks(ix, n, b.n, self._columns)
        for buffer in self.buffers.values():
            ix.e.add(memref.DeallocOp.get(buffer))

    @staticmethod
    def _round_up(ix: Indices, value: Number, step: int) -> Number:
        return ix.mul(ix.floordiv(ix.add(value, step - 1), step), step)

    @staticmethod
    def _alloc(ix: Indices, element: Attribute, size: Number) -> SSAValue:
        if isinstance(size, int):
            return ix.e.value(memref.AllocOp.get(element, ALIGNMENT, [size]))
        return ix.e.value(memref.AllocOp.get(element, ALIGNMENT, [DYNAMIC_INDEX], [size]))

    @staticmethod
    def _blocks(ix: Indices, size: Number, step: int, body: Callable[[Indices, SSAValue, Number], None]) -> None:
        """Loop over blocks; the body gets where a block starts and how much of it there is."""

        def inner(e: Emitter, start: SSAValue) -> None:
            at = ix.at(e)
            body(at, start, at.min(at.sub(size, start), step))

        for_loop(ix.e, (ix.value(0), ix.value(size), ix.value(step)), inner)

    def _columns(self, ix: Indices, j: SSAValue, width: Number) -> None:
        self._blocks(ix, self.sizes[2], self.blocking.k, lambda at, p, depth: self._depth(at, j, width, p, depth))

    def _depth(self, ix: Indices, j: SSAValue, width: Number, p: SSAValue, depth: Number) -> None:
        self._pack_rhs(ix, j, width, p, depth)
        groups = ix.floordiv(ix.add(depth, self.form.group - 1), self.form.group)
        if self.form.is_flipped:
            self._starts(ix, width, groups)
        first = ix.e.value(arith.CmpiOp(p, ix.value(0), "eq"))
        fresh = ix.e.value(arith.AndIOp(first, self._negated(ix)))
        self.keeps = ix.e.value(arith.SelectOp(fresh, ix.value(0), ix.value(self.blocking.columns)))
        self._blocks(
            ix,
            self.sizes[0],
            self.blocking.m,
            lambda at, i, height: self._rows(at, (i, height), (j, width), (p, depth), groups),
        )

    def _negated(self, ix: Indices) -> SSAValue:
        return ix.e.value(arith.XOrIOp(self.accumulate, ix.e.constant(True, i1)))

    def _rows(
        self,
        ix: Indices,
        rows: tuple[SSAValue, Number],
        columns: tuple[SSAValue, Number],
        depth: tuple[SSAValue, Number],
        groups: Number,
    ) -> None:
        """All register tiles of one block of rows, columns and depth."""
        b, deep = self.blocking, ix.mul(groups, self.form.group)
        self._pack_lhs(ix, *rows, *depth)

        def tiles(at: Indices, jr: SSAValue, width: Number) -> None:
            right = at.mul(jr, deep)
            self._blocks(at, rows[1], b.rows, lambda inner, ir, height: tile(inner, ir, height, jr, width, right))

        def tile(at: Indices, ir: SSAValue, height: Number, jr: SSAValue, width: Number, right: Number) -> None:
            self._tile(at, at.mul(ir, deep), right, jr, groups)
            corner = self.out.at(at, at.add(rows[0], ir), at.add(columns[0], jr))
            self._update(at, corner, height, width)

        self._blocks(ix, columns[1], b.columns, tiles)

    def _tile(self, ix: Indices, left: Number, right: Number, column: SSAValue, groups: Number) -> None:
        """The register tile: the product of two panels, into the small buffer."""
        b, group = self.blocking, self.form.group
        starts = [self.zeros] * b.vectors
        if self.form.is_flipped:
            starts = [self._load(ix, "starts", ix.add(column, v * b.lanes)) for v in range(b.vectors)]

        def step(e: Emitter, k: SSAValue, *totals: SSAValue) -> Sequence[SSAValue]:
            at = ix.at(e)
            rights = self._rights(at, right, k)
            first = at.add(left, at.mul(k, b.rows * group))
            results = []
            for r in range(b.rows):
                spread = self._spread(at, at.add(first, r * group))
                for v in range(b.vectors):
                    results.append(self._multiply_add(e, spread, rights[v], totals[r * b.vectors + v]))
            return results

        totals = for_loop(ix.e, (ix.value(0), ix.value(groups), ix.value(1)), step, starts * b.rows)
        for i, total in enumerate(totals):
            ix.e.add(vector_store(total, self.buffers["tile"], [ix.value(i * b.lanes)]))

    def _rights(self, ix: Indices, panel: Number, k: SSAValue) -> list[SSAValue]:
        """What a panel of `B` holds for a group of k."""
        b, (size,) = self.blocking, self.panel.get_shape()
        first = ix.add(panel, ix.mul(k, b.columns * self.form.group))
        places = [ix.value(ix.add(first, v * size)) for v in range(b.vectors)]
        return [ix.e.value(vector.LoadOp(self.buffers["rhs"], [place], self.panel)) for place in places]

    def _spread(self, ix: Indices, where: Number) -> SSAValue:
        """What a panel of `A` holds for a row and a group of k, in all lanes."""
        lhs, e, place = self.buffers["lhs"], ix.e, ix.value(where)
        if self.form.group == 1:
            return e.value(vector.BroadcastOp(e.value(memref.LoadOp.get(lhs, [place])), self.panel))
        group = e.value(vector.LoadOp(lhs, [place], vector_type(self.form.element, self.form.group)))
        return spread_group(e, group, self.panel)

    def _multiply_add(self, e: Emitter, a: SSAValue, b: SSAValue, total: SSAValue) -> SSAValue:
        if self.form.group == 1:
            return multiply_add(e, a, b, total, self.target)
        return e.value(simd.DotOp(self.form.signs, a, b, total))

    def _starts(self, ix: Indices, width: Number, groups: Number) -> None:
        """What the sums of each column start with, as 128 was added to each element of `A`."""
        b, flip = self.blocking, ix.e.constant(FLIP, self.panel)

        def panel(at: Indices, jr: SSAValue, _: Number) -> None:
            right = at.mul(jr, at.mul(groups, self.form.group))

            def step(e: Emitter, k: SSAValue, *totals: SSAValue) -> Sequence[SSAValue]:
                pairs = zip(self._rights(at.at(e), right, k), totals, strict=True)
                return [self._multiply_add(e, flip, value, total) for value, total in pairs]

            bounds = (at.value(0), at.value(groups), at.value(1))
            for v, total in enumerate(for_loop(at.e, bounds, step, [self.zeros] * b.vectors)):
                start = at.e.value(arith.SubiOp(self.zeros, total))
                at.e.add(vector_store(start, self.buffers["starts"], [at.value(at.add(jr, v * b.lanes))]))

        self._blocks(ix, width, b.columns, panel)

    def _load(self, ix: Indices, buffer: str, where: Number) -> SSAValue:
        return ix.e.value(vector.LoadOp(self.buffers[buffer], [ix.value(where)], self.vector))

    def _update(self, ix: Indices, corner: Number, height: Number, width: Number) -> None:
        """Add the small buffer to the part of `C` that exists."""
        b = self.blocking
        seen = ix.min(width, self.keeps)
        masks = [self._mask(ix, width, v) for v in range(b.vectors)]
        old = [self._mask(ix, seen, v) for v in range(b.vectors)]

        def row(e: Emitter, r: SSAValue) -> None:
            at = ix.at(e)
            start = at.add(corner, at.mul(r, self.out.row_stride))
            source = at.mul(r, b.columns)
            for v in range(b.vectors):
                where = at.value(at.add(start, v * b.lanes))
                total = self._load(at, "tile", at.add(source, v * b.lanes))
                before = e.value(vector.MaskedLoadOp(self.out.data, [where], old[v], self.zeros))
                add = arith.AddfOp if isinstance(self.element, AnyFloat) else arith.AddiOp
                e.add(vector.MaskedStoreOp(self.out.data, [where], masks[v], e.value(add(before, total))))

        for_loop(ix.e, (ix.value(0), ix.value(height), ix.value(1)), row)

    def _mask(self, ix: Indices, width: Number, v: int) -> SSAValue:
        left = ix.value(ix.sub(width, v * self.blocking.lanes))
        return ix.e.value(vector.CreateMaskOp([left], self.mask))

    def _pack_rhs(self, ix: Indices, j: SSAValue, width: Number, p: SSAValue, depth: Number) -> None:
        """Panels of `columns` columns: `packed[panel][k][column]`."""
        b = self.blocking
        if self.is_narrow:
            strides = {"row_stride": self.rhs.column_stride, "column_stride": self.rhs.row_stride}
            matrix = replace(self.rhs, **strides)
            Panels(matrix, self.buffers["rhs"], b.columns, b.lanes, self.form, False).pack(ix, j, width, p, depth)
            return

        def panel(at: Indices, jr: SSAValue, some: Number) -> None:
            target = at.mul(jr, depth)
            source = self.rhs.at(at, p, at.add(j, jr))
            if self.rhs.column_stride == 1:
                masks = [self._mask(at, some, v) for v in range(b.vectors)]
                self._copy_vectors(at, "rhs", (source, self.rhs.row_stride), (target, b.columns), masks, depth)
            else:
                strides = (self.rhs.row_stride, self.rhs.column_stride)
                self._copy_scalars(at, "rhs", (source, *strides), (target, b.columns), some, depth)

        self._blocks(ix, width, b.columns, panel)

    def _pack_lhs(self, ix: Indices, i: SSAValue, height: Number, p: SSAValue, depth: Number) -> None:
        """Panels of `rows` rows: `packed[panel][k][row]`."""
        b, form = self.blocking, self.form
        if self.is_narrow:
            panels = Panels(self.lhs, self.buffers["lhs"], b.rows, b.lanes, form, form.is_flipped)
            panels.pack(ix, i, height, p, depth)
            return

        def panel(at: Indices, ir: SSAValue, some: Number) -> None:
            target = at.mul(ir, depth)
            source = self.lhs.at(at, at.add(i, ir), p)
            if self.lhs.row_stride == 1:
                masks = [self._mask(at, some, v) for v in range(-(-b.rows // b.lanes))]
                self._copy_vectors(at, "lhs", (source, self.lhs.column_stride), (target, b.rows), masks, depth)
            else:
                strides = (self.lhs.column_stride, self.lhs.row_stride)
                self._copy_scalars(at, "lhs", (source, *strides), (target, b.rows), some, depth)

        self._blocks(ix, height, b.rows, panel)

    def _copy_vectors(
        self,
        ix: Indices,
        buffer: str,
        source: tuple[Number, Number],
        target: tuple[Number, int],
        masks: Sequence[SSAValue],
        depth: Number,
    ) -> None:
        """Copy a panel whose lines are contiguous; what a line writes past its end the next one overwrites."""
        data = self.rhs.data if buffer == "rhs" else self.lhs.data
        lanes = self.blocking.lanes

        def line(e: Emitter, k: SSAValue) -> None:
            at = ix.at(e)
            start, end = at.add(source[0], at.mul(k, source[1])), at.add(target[0], at.mul(k, target[1]))
            for v, mask in enumerate(masks):
                place = at.value(at.add(start, v * lanes))
                value = e.value(vector.MaskedLoadOp(data, [place], mask, self.zeros))
                e.add(vector_store(value, self.buffers[buffer], [at.value(at.add(end, v * lanes))]))

        for_loop(ix.e, (ix.value(0), ix.value(depth), ix.value(1)), line)

    def _copy_scalars(
        self,
        ix: Indices,
        buffer: str,
        source: tuple[Number, Number, Number],
        target: tuple[Number, int],
        some: Number,
        depth: Number,
    ) -> None:
        """Copy a panel element by element, and pad its lines with zeros."""
        data = self.rhs.data if buffer == "rhs" else self.lhs.data
        packed = self.buffers[buffer]

        def line(e: Emitter, k: SSAValue) -> None:
            at = ix.at(e)
            start, end = at.add(source[0], at.mul(k, source[1])), at.add(target[0], at.mul(k, target[1]))

            def element(inner: Emitter, r: SSAValue) -> None:
                within = at.at(inner)
                place = within.value(within.add(start, within.mul(r, source[2])))
                value = inner.value(memref.LoadOp.get(data, [place]))
                inner.add(memref.StoreOp.get(value, packed, [within.value(within.add(end, r))]))

            def padding(inner: Emitter, r: SSAValue) -> None:
                place = at.at(inner).add(end, r)
                inner.add(memref.StoreOp.get(self.zero, packed, [at.at(inner).value(place)]))

            for_loop(e, (at.value(0), at.value(some), at.value(1)), element)
            for_loop(e, (at.value(some), at.value(target[1]), at.value(1)), padding)

        for_loop(ix.e, (ix.value(0), ix.value(depth), ix.value(1)), line)
