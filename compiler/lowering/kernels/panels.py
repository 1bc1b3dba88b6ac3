"""Panels of narrow integers: packed so that the products of neighbours along k are added up by one instruction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xdsl.dialects import arith, memref, vector
from xdsl.dialects.builtin import DenseArrayBase, IntegerType, VectorType, i8, i16, i32, i64
from xdsl.ir import Attribute, SSAValue

from ....dialects.emitter import Emitter
from ....dialects.types import vector_type
from ...targets import Target
from ..loops.builder import Indices, for_loop, memref_type
from .contraction import Factor, Number
from .tile import Matrix, extended

FLIP = -128
"""The bits that turn a signed byte `x` into the unsigned one that is `x + 128`, by an exclusive or."""


@dataclass(frozen=True)
class Form:
    """How panels hold what is multiplied.

    Attributes:
        element: the type of the elements of panels.
        group: how many neighbours along k lie together; their products are added to one lane.
        signs: how `simd.dot` reads panels of the left and of the right operand.
        is_flipped: whether panels of the left operand hold `x + 128`, as there are instructions for unsigned ones only.
        is_fused: whether one instruction multiplies and adds; `None`: as for floats.
    """

    element: Attribute
    group: int = 1
    signs: str = "ss"
    is_flipped: bool = False
    is_fused: bool | None = None


def choose_form(target: Target, element: Attribute, factors: tuple[Factor, Factor]) -> Form:
    """The form in which a CPU multiplies fastest, for sums of a type.

    Four bytes where it has an instruction for operands of these signs, or for unsigned and signed ones: a signed `x` is
    then replaced by `x + 128`, and 128 times the sum of what it is multiplied by is subtracted. Else two integers of 16
    bits; else one.
    """
    if element != i32:
        return Form(element)
    known, signs = target.byte_products, "".join("u" if factor.is_unsigned else "s" for factor in factors)
    if all(factor.element == i8 for factor in factors):
        if signs in known or (signs == "su" and "us" in known):
            return Form(i8, 4, signs, is_fused=True)
        if signs == "ss" and "us" in known:
            return Form(i8, 4, "us", is_flipped=True, is_fused=True)
    if target.pair_products and all(map(_fits_16_bits, factors)):
        return Form(i16, 2, is_fused=bool(known))
    return Form(element)


def _fits_16_bits(factor: Factor) -> bool:
    return factor.element == i8 or (factor.element == i16 and not factor.is_unsigned)


@dataclass
class Panels:
    """Emits the packing of a matrix of narrow integers: `packed[panel][k / group][line][k % group]`.

    A line is a row of the left operand, a column of the right one; a panel holds `width` of them. What is missing of
    the last panel and of the last group is 0.

    Attributes:
        matrix: what is packed, with lines for rows.
        buffer: where to.
        width: the lines of a panel.
        lanes: the elements that are read at a time.
        form: how panels hold elements.
        is_flipped: whether 128 is added to each.
    """

    matrix: Matrix
    buffer: SSAValue
    width: int
    lanes: int
    form: Form
    is_flipped: bool

    def pack(self, ix: Indices, line: SSAValue, lines: Number, k: SSAValue, depth: Number) -> None:
        """Emit the packing of `lines` lines from `line` on, and of `depth` elements of each from `k` on."""
        self.depth = depth
        self.full = ix.value(ix.floordiv(depth, self.form.group))
        self.groups = ix.value(ix.floordiv(ix.add(depth, self.form.group - 1), self.form.group))
        whole = ix.mul(ix.floordiv(lines, self.width), self.width)
        source = self.matrix.at(ix, line, k)

        def panel(e: Emitter, start: SSAValue) -> None:
            self._panel(ix.at(e), source, start, self.width)

        def part(e: Emitter, start: SSAValue) -> None:
            at = ix.at(e)
            self._panel(at, source, start, at.sub(lines, start))

        step = ix.value(self.width)
        for_loop(ix.e, (ix.value(0), ix.value(whole), step), panel)
        for_loop(ix.e, (ix.value(whole), ix.value(lines), step), part)

    def _panel(self, ix: Indices, source: Number, start: SSAValue, some: Number) -> None:
        """One panel of `some` lines."""
        first = ix.add(source, ix.mul(start, self.matrix.row_stride))
        target = ix.mul(start, ix.mul(self.groups, self.form.group))
        in_vectors = self.matrix.column_stride == 1 and self.form.group > 1
        if some != self.width:
            self._clear(ix, target, 0)
        else:
            in_vectors = in_vectors or self.matrix.row_stride == 1
            self._clear(ix, target, self.full if in_vectors else 0)
        if in_vectors:
            self._groups(ix, first, target, some)
        start_of_rest = ix.mul(self.full, self.form.group) if in_vectors else 0
        self._elements(ix, first, target, some, start_of_rest)

    def _clear(self, ix: Indices, target: Number, start: Number) -> None:
        """Fill groups from `start` on with zeros."""
        size = self.width * self.form.group
        zeros = ix.e.constant(0, vector_type(self.form.element, size))

        def group(e: Emitter, number: SSAValue) -> None:
            at = ix.at(e)
            e.add(vector.StoreOp(zeros, self.buffer, [at.value(at.add(target, at.mul(number, size)))]))

        for_loop(ix.e, (ix.value(start), self.groups, ix.value(1)), group)

    def _groups(self, ix: Indices, source: Number, target: Number, some: Number) -> None:
        """Copy all full groups: of lines that lie along k one by one, of others interleaved."""
        size = self.width * self.form.group

        def group(e: Emitter, number: SSAValue) -> None:
            at = ix.at(e)
            k = at.mul(number, self.form.group)
            start, end = at.add(source, at.mul(k, self.matrix.column_stride)), at.add(target, at.mul(number, size))
            if self.matrix.column_stride == 1:
                self._lines_along_k(at, start, end, some)
            else:
                self._interleaved(at, start, end)

        for_loop(ix.e, (ix.value(0), self.full, ix.value(1)), group)

    def _lines_along_k(self, ix: Indices, source: Number, target: Number, some: Number) -> None:
        group = self.form.group

        def line(e: Emitter, number: SSAValue) -> None:
            at = ix.at(e)
            value = self._read(at, at.add(source, at.mul(number, self.matrix.row_stride)), group)
            self._write(at, value, at.add(target, at.mul(number, group)))

        for_loop(ix.e, (ix.value(0), ix.value(some), ix.value(1)), line)

    def _interleaved(self, ix: Indices, source: Number, target: Number) -> None:
        """One element of each line from each of the vectors of a group."""
        group, starts = self.form.group, range(0, self.width, self.lanes)
        for first in starts:
            count = min(self.lanes, self.width - first)
            places = [ix.add(source, ix.add(first, ix.mul(k, self.matrix.column_stride))) for k in range(group)]
            parts = [self._read(ix, place, count) for place in places]
            while len(parts) > 1:
                size = group // len(parts)
                pairs = zip(parts[::2], parts[1::2], strict=True)
                parts = [interleaved(ix.e, even, odd, size) for even, odd in pairs]
            self._write(ix, parts[0], ix.add(target, first * group))

    def _read(self, ix: Indices, place: Number, count: int) -> SSAValue:
        type_ = vector_type(memref_type(self.matrix.data).element_type, count)
        return ix.e.value(vector.LoadOp(self.matrix.data, [ix.value(place)], type_))

    def _write(self, ix: Indices, value: SSAValue, place: Number) -> None:
        ix.e.add(vector.StoreOp(self._converted(ix.e, value), self.buffer, [ix.value(place)]))

    def _elements(self, ix: Indices, source: Number, target: Number, some: Number, start: Number) -> None:
        """Copy elements from `start` on one by one."""
        size, group = self.width * self.form.group, self.form.group

        def along(e: Emitter, k: SSAValue) -> None:
            at = ix.at(e)
            number = at.floordiv(k, group)
            within = at.sub(k, at.mul(number, group))
            first = at.add(source, at.mul(k, self.matrix.column_stride))
            end = at.add(target, at.add(at.mul(number, size), within))

            def element(inner: Emitter, line: SSAValue) -> None:
                here = at.at(inner)
                place = here.value(here.add(first, here.mul(line, self.matrix.row_stride)))
                value = self._converted(inner, inner.value(memref.LoadOp.get(self.matrix.data, [place])))
                where = here.value(here.add(end, here.mul(line, group)))
                inner.add(memref.StoreOp.get(value, self.buffer, [where]))

            for_loop(e, (at.value(0), at.value(some), at.value(1)), element)

        for_loop(ix.e, (ix.value(start), ix.value(self.depth), ix.value(1)), along)

    def _converted(self, e: Emitter, value: SSAValue) -> SSAValue:
        """Elements of the matrix as those of panels."""
        if self.is_flipped:
            return e.value(arith.XOrIOp(value, e.constant(FLIP, value.type)))
        element = value.type.element_type if isinstance(value.type, VectorType) else value.type
        return value if element == self.form.element else extended(e, value, self.matrix.extension, self.form.element)


def interleaved(e: Emitter, even: SSAValue, odd: SSAValue, size: int) -> SSAValue:
    """`size` lanes of one vector, as many of the other, and so on."""
    assert isinstance(even.type, VectorType)
    (lanes,) = even.type.get_shape()
    numbers: Sequence[int] = [
        start + side + lane for start in range(0, lanes, size) for side in (0, lanes) for lane in range(size)
    ]
    type_ = vector_type(even.type.element_type, 2 * lanes)
    return e.value(vector.ShuffleOp(even, odd, DenseArrayBase.from_list(i64, numbers), result_type=type_))


def spread_group(e: Emitter, group: SSAValue, type_: VectorType) -> SSAValue:
    """The lanes of a small vector over and over, as a vector of `type_`."""
    assert isinstance(group.type, VectorType)
    (lanes,), (count,) = type_.get_shape(), group.type.get_shape()
    element = group.type.element_type
    assert isinstance(element, IntegerType)
    whole = IntegerType(element.bitwidth * count)
    one = e.value(vector.BitcastOp(group, vector_type(whole, 1)))
    scalar = e.value(vector.ExtractOp(one, [0], whole))
    spread = e.value(vector.BroadcastOp(scalar, vector_type(whole, lanes // count)))
    return e.value(vector.BitcastOp(spread, type_))
