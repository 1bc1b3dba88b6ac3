"""`insert-runtime-checks`: what the text of a program may do wrong is found when it runs, at its line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects import arith, func, memref, vector
from xdsl.dialects.builtin import DYNAMIC_INDEX, IntegerType, MemRefType, ModuleOp, VectorType, i1
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.rewriter import Rewriter

from ...dialects.debug import AssertOp
from ...dialects.diagnostics import UnsupportedError
from ...dialects.emitter import Emitter
from ...dialects.walk import ops_in
from ..lowering.loops.builder import Indices, is_identity, memref_type, size_of
from ..lowering.vector.reduction import constant_data
from ..pipeline.base import Pass

Number = int | SSAValue

_LIMIT = 2**31
"""Of numbers below this, two can be multiplied."""


@dataclass(frozen=True)
class InsertRuntimeChecksPass(Pass):
    """Insert a check before each op that is undefined for some operands: indices, sizes, divisors, shifts.

    Before:

        func.func @f(%x: memref<4xi32>, %i: index, %n: i32) -> i32 {
          %0 = memref.load %x[%i] : memref<4xi32>
          %1 = arith.divui %0, %n : i32
          func.return %1 : i32
        }

    After:

        func.func @f(%x: memref<4xi32>, %i: index, %n: i32) -> i32 {
          %0 = arith.constant 4 : index
          %1 = arith.cmpi ult, %i, %0 : index
          debug.assert %1, "memref.load: index {0} is out of range for axis 0 of size {1}"(%i, %0) : i1, (index, index)
          %2 = memref.load %x[%i] : memref<4xi32>
          %3 = arith.constant 0 : i32
          %4 = arith.cmpi ne, %n, %3 : i32
          debug.assert %4, "arith.divui: division by zero"() : i1, ()
          %5 = arith.divui %2, %n : i32
          func.return %5 : i32
        }

    `stepwell run` applies it to text written below `hl` before it runs as native code; programs compiled from `hl` are
    correct by construction and need no such checks. Memory is not freed while the program runs, since freed memory
    could be used again, unless the option `frees` says that the compiler inserted the deallocations. Flags that make
    results undefined (`nsw`, `nuw`, fast math) are removed. Functions without a body are an error.
    """

    name = "insert-runtime-checks"
    idempotent: ClassVar[bool] = False
    adds_checks: ClassVar[bool] = True

    frees: bool = False

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Add the checks, in all functions."""
        for function in ops_in(op):
            if isinstance(function, func.FuncOp) and function.is_declaration:
                what = f"@{function.sym_name.data} is only declared: it could be any function of the process"
                raise UnsupportedError(what, location=function.location)
        for inner in ops_in(op):
            if isinstance(inner, memref.DeallocOp) and not self.frees:
                Rewriter.erase_op(inner)
                continue
            _remove_flags(inner)
            check = _CHECKS.get(type(inner))
            if check is not None:
                check(_Checks(inner), inner)


def _remove_flags(op: Operation) -> None:
    """Results are what the operation gives, whatever the text promises of operands."""
    if "overflowFlags" in op.properties:
        op.properties["overflowFlags"] = arith.IntegerOverflowAttr("none")
    if "fastmath" in op.properties:
        op.properties["fastmath"] = arith.FastMathFlagsAttr("none")
    op.properties.pop("isExact", None)


class _Checks:
    """Emits checks before an op."""

    def __init__(self, op: Operation):
        self.op = op
        self.e = Emitter.before(op)
        self.ix = Indices(self.e)

    def compare(self, predicate: str, a: Number, b: Number) -> SSAValue:
        """A comparison of numbers of type index."""
        return self.e.value(arith.CmpiOp(self.ix.value(a), self.ix.value(b), predicate))

    def must(self, ok: SSAValue, message: str, *values: Number) -> None:
        """Stop unless `ok` holds."""
        self.e.add(AssertOp(ok, f"{self.op.name}: {message}", [self.ix.value(value) for value in values]))

    def index(self, index: Number, size: Number, axis: int) -> None:
        """An index must be one of an axis."""
        known = constant_data(index) if isinstance(index, SSAValue) else index
        if known is not None and isinstance(size, int) and 0 <= known < size:
            return
        message = f"index {{0}} is out of range for axis {axis} of size {{1}}"
        self.must(self.compare("ult", index, size), message, index, size)

    def place(self, data: SSAValue, indices: Sequence[SSAValue]) -> None:
        """All indices must be those of an element."""
        for axis, index in enumerate(indices):
            self.index(index, size_of(self.ix, data, axis), axis)


def _access(c: _Checks, op: Operation) -> None:
    """One element."""
    assert isinstance(op, memref.LoadOp | memref.StoreOp)
    c.place(op.memref, list(op.indices))


def _vector_access(c: _Checks, op: Operation) -> None:
    """Elements that are neighbours along the last axis."""
    assert isinstance(op, vector.LoadOp | vector.StoreOp)
    type_ = op.result.type if isinstance(op, vector.LoadOp) else op.vector.type
    _lanes(c, op.base, list(op.indices), type_, None)


def _masked_access(c: _Checks, op: Operation) -> None:
    """Those of them that a mask selects."""
    assert isinstance(op, vector.MaskedLoadOp | vector.MaskedStoreOp)
    assert isinstance(op.mask.type, VectorType)
    indices = list(op.indices)
    _lanes(c, op.base, indices, op.mask.type, op.mask)


def _lanes(c: _Checks, data: SSAValue, indices: Sequence[SSAValue], type_: Attribute, mask: SSAValue | None) -> None:
    assert isinstance(type_, VectorType)
    if not indices:
        return
    (lanes,) = type_.get_shape()[-1:] or (1,)
    axis = len(indices) - 1
    for number, index in enumerate(indices[:-1]):
        c.index(index, size_of(c.ix, data, number), number)
    size = size_of(c.ix, data, axis)
    ok: SSAValue | None = None
    for lane in range(lanes):
        fits = c.compare("ult", c.ix.add(indices[-1], lane), size)
        if mask is not None:
            off = c.e.value(arith.XOrIOp(_lane(c, mask, lane), c.e.constant(True, i1)))
            fits = c.e.value(arith.OrIOp(fits, off))
        ok = fits if ok is None else c.e.value(arith.AndIOp(ok, fits))
    assert ok is not None
    c.must(ok, f"{lanes} elements from {{0}} are out of range for axis {axis} of size {{1}}", indices[-1], size)


def _lane(c: _Checks, value: SSAValue, lane: int) -> SSAValue:
    assert isinstance(value.type, VectorType)
    return c.e.value(vector.ExtractOp(value, [lane], value.type.element_type))


def _scalars(c: _Checks, value: SSAValue) -> list[SSAValue]:
    """The lanes of a vector; a scalar is its own."""
    if isinstance(value.type, VectorType):
        return [_lane(c, value, lane) for lane in range(value.type.get_shape()[-1])]
    return [value]


def _division(c: _Checks, op: Operation) -> None:
    """The divisor must not be zero, and the quotient must be a number of the type."""
    signed = isinstance(op, arith.DivSIOp | arith.RemSIOp | arith.FloorDivSIOp | arith.CeilDivSIOp)
    for a, b in zip(_scalars(c, op.operands[0]), _scalars(c, op.operands[1]), strict=True):
        zero = c.e.constant(0, b.type)
        c.must(c.e.value(arith.CmpiOp(b, zero, "ne")), "division by zero")
        if signed:
            width = b.type.width.data if isinstance(b.type, IntegerType) else 64
            least, minus = c.e.constant(-(2 ** (width - 1)), a.type), c.e.constant(-1, b.type)
            unlike = c.e.value(arith.CmpiOp(a, least, "ne"))
            fits = c.e.value(arith.OrIOp(unlike, c.e.value(arith.CmpiOp(b, minus, "ne"))))
            c.must(fits, "the smallest number divided by -1 is too large")


def _shift(c: _Checks, op: Operation) -> None:
    """The distance must be less than the width."""
    for b in _scalars(c, op.operands[1]):
        width = b.type.width.data if isinstance(b.type, IntegerType) else 64
        c.must(c.e.value(arith.CmpiOp(b, c.e.constant(width, b.type), "ult")), f"shifted by {{0}} of {width} bits", b)


def _alloc(c: _Checks, op: Operation) -> None:
    """Sizes must not be negative."""
    assert isinstance(op, memref.AllocOp)
    for size in op.dynamic_sizes:
        c.must(c.compare("sge", size, 0), "size {0} is negative", size)


def _dim(c: _Checks, op: Operation) -> None:
    """The axis must be one."""
    assert isinstance(op, memref.DimOp)
    rank = memref_type(op.source).get_num_dims()
    known = constant_data(op.index)
    if known is None or not 0 <= known < rank:
        c.must(c.compare("ult", op.index, rank), f"there is no axis {{0}} of {rank}", op.index)


def _cast(c: _Checks, op: Operation) -> None:
    """Sizes must be what the type says."""
    assert isinstance(op, memref.CastOp)
    if not isinstance(op.source.type, MemRefType) or not isinstance(op.dest.type, MemRefType):
        raise UnsupportedError("a memref without a rank has no native form", location=op.location)
    for axis, (old, new) in enumerate(zip(op.source.type.get_shape(), op.dest.type.get_shape(), strict=True)):
        if old == DYNAMIC_INDEX and new != DYNAMIC_INDEX:
            size = size_of(c.ix, op.source, axis)
            c.must(c.compare("eq", size, new), f"axis {axis} has size {{0}}, expected {new}", size)


def _copy(c: _Checks, op: Operation) -> None:
    """Both sides must have the same sizes."""
    assert isinstance(op, memref.CopyOp)
    for axis in range(memref_type(op.source).get_num_dims()):
        a, b = size_of(c.ix, op.source, axis), size_of(c.ix, op.destination, axis)
        if not (isinstance(a, int) and a == b):
            c.must(c.compare("eq", a, b), f"axis {axis} has size {{0}} there and {{1}} here", a, b)


def _subview(c: _Checks, op: Operation) -> None:
    """The first and the last element along each axis must exist."""
    assert isinstance(op, memref.SubviewOp)
    starts = _mixed(op.static_offsets.get_values(), op.offsets)
    sizes = _mixed(op.static_sizes.get_values(), op.sizes)
    steps = _mixed(op.static_strides.get_values(), op.strides)
    for axis, (start, size, step) in enumerate(zip(starts, sizes, steps, strict=True)):
        whole = size_of(c.ix, op.source, axis)
        if isinstance(step, SSAValue) or step < 1:
            c.must(c.compare("sge", step, 1), f"the step of axis {axis} is {{0}}", step)
        c.must(c.compare("sge", size, 0), f"the size of axis {axis} is {{0}}", size)
        c.must(c.compare("sge", start, 0), f"the offset of axis {axis} is {{0}}", start)
        c.must(c.compare("sle", start, whole), f"offset {{0}} is beyond axis {axis} of size {{1}}", start, whole)
        left = c.ix.value(c.ix.sub(whole, start))
        fit = c.e.value(arith.CeilDivUIOp(left, c.ix.value(step)))
        fits = c.compare("sle", size, fit)
        c.must(fits, f"{{0}} elements from {{1}} are out of range for axis {axis} of size {{2}}", size, start, whole)


def _expand(c: _Checks, op: Operation) -> None:
    """The sizes must make up those of the axes that they come from."""
    assert isinstance(op, memref.ExpandShapeOp)
    sizes = _mixed(op.static_output_shape.get_values(), op.output_shape)
    for axis, group in enumerate(op.reassociation):
        product: Number = 1
        for number in group:
            size = sizes[number.value.data]
            if isinstance(size, SSAValue):
                c.must(c.compare("ult", size, 2**31), "a size is {0}", size)
            product = c.ix.mul(product, size)
        whole = size_of(c.ix, op.src, axis)
        if not (isinstance(product, int) and product == whole):
            c.must(c.compare("eq", product, whole), f"axis {axis} has size {{1}}, not {{0}}", product, whole)


def _mixed(static: Sequence[int], dynamic: Sequence[SSAValue]) -> list[Number]:
    values = iter(dynamic)
    return [next(values) if number == DYNAMIC_INDEX else number for number in static]


def _reinterpret(c: _Checks, op: Operation) -> None:
    """The first and the last element must be elements of the source, which has to be row-major itself."""
    assert isinstance(op, memref.ReinterpretCastOp)
    source = op.source
    if not isinstance(source.type, MemRefType) or not is_identity(source.type):
        raise UnsupportedError("nothing says which memory 'memref.reinterpret_cast' points to", location=op.location)
    whole: Number = 1
    for axis in range(source.type.get_num_dims()):
        whole = c.ix.mul(whole, size_of(c.ix, source, axis))
    (last,) = _mixed(op.static_offsets.get_values(), op.offsets)
    empty = c.e.constant(False, i1)
    sizes = _mixed(op.static_sizes.get_values(), op.sizes)
    for size, step in zip(sizes, _mixed(op.static_strides.get_values(), op.strides), strict=True):
        for number in (size, step):
            if isinstance(number, SSAValue) or not 0 <= number < _LIMIT:
                c.must(c.compare("ult", number, _LIMIT), "a size or stride is {0}", number)
        none = c.compare("eq", size, 0)
        empty = c.e.value(arith.OrIOp(empty, none))
        far = c.ix.value(c.ix.mul(c.ix.sub(size, 1), step))
        near = c.e.value(arith.SelectOp(none, c.ix.value(0), far))
        c.must(c.e.value(arith.OrIOp(empty, c.compare("ule", near, whole))), "reaches {0} of {1} elements", near, whole)
        last = c.ix.add(last, near)
    fits = c.e.value(arith.OrIOp(empty, c.compare("ult", last, whole)))
    c.must(fits, "reaches element {0} of {1}", last, whole)


_CHECKS: dict[type[Operation], Callable[[_Checks, Operation], None]] = {
    memref.LoadOp: _access,
    memref.StoreOp: _access,
    memref.AllocOp: _alloc,
    memref.CastOp: _cast,
    memref.CopyOp: _copy,
    memref.DimOp: _dim,
    memref.ExpandShapeOp: _expand,
    memref.ReinterpretCastOp: _reinterpret,
    memref.SubviewOp: _subview,
    vector.LoadOp: _vector_access,
    vector.StoreOp: _vector_access,
    vector.MaskedLoadOp: _masked_access,
    vector.MaskedStoreOp: _masked_access,
    **dict.fromkeys(
        (
            *(arith.DivSIOp, arith.DivUIOp, arith.RemSIOp, arith.RemUIOp),
            *(arith.FloorDivSIOp, arith.CeilDivSIOp, arith.CeilDivUIOp),
        ),
        _division,
    ),
    **dict.fromkeys((arith.ShLIOp, arith.ShRSIOp, arith.ShRUIOp), _shift),
}
"""What is checked of each op."""
