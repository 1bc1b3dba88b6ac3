"""Building blocks for code that emits loops over memory: loops, index arithmetic, strides, flat views."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from xdsl.dialects import arith, memref
from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    IndexType,
    MemRefType,
    NoneAttr,
    UnitAttr,
)
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue
from xdsl.ir.affine import (
    AffineBinaryOpExpr,
    AffineBinaryOpKind,
    AffineConstantExpr,
    AffineDimExpr,
    AffineExpr,
)

from ....dialects.creation import collapse_shape, for_, scf_yield
from ....dialects.emitter import Emitter
from ....dialects.types import row_major

PARALLEL = "stepwell.parallel"
"""On a loop: its iterations are independent and may run in any order, or together."""

REDUCTION = "stepwell.reduction"
"""On a loop: it only accumulates, into iteration arguments or into memory the loops inside it walk along."""

VECTORIZED = "stepwell.vectorized"
"""On a loop: its iterations are vectors already."""

_WRAPS: dict[str, Attribute] = {"overflowFlags": arith.IntegerOverflowAttr("none")}

_INDEX = IndexType()

LoopBody = Callable[..., Sequence[SSAValue] | None]
"""Emits a loop's body: called with an emitter, the induction variable and the carried values; gives the next ones."""


def for_loop(
    e: Emitter,
    bounds: tuple[SSAValue, SSAValue, SSAValue],
    body: LoopBody,
    inits: Sequence[SSAValue] = (),
    mark: str | None = None,
) -> list[SSAValue]:
    """An `scf.for` over `bounds` (from, to, step) that carries `inits`; returns the carried values at its end."""
    block = Block(arg_types=[_INDEX, *[init.type for init in inits]])
    inner = e.at_end(block)
    carried = body(inner, *block.args) or ()
    inner.add(scf_yield(*carried))
    loop = for_(bounds, inits, Region(block))
    if mark is not None:
        loop.attributes[mark] = UnitAttr()
    return list(e.add(loop).results)


@dataclass
class Indices:
    """Emits `index` arithmetic, folds what is constant, and makes each constant once.

    Sizes, offsets and strides are `int` as long as they are known, and SSA values otherwise.
    """

    e: Emitter
    made: dict[int, SSAValue] = field(default_factory=dict)

    def value(self, number: int | SSAValue) -> SSAValue:
        """`number` as an SSA value."""
        if isinstance(number, SSAValue):
            return number
        if number not in self.made:
            self.made[number] = self.e.index(number)
        return self.made[number]

    def at(self, e: Emitter) -> Indices:
        """The same, emitting at `e`, which must be dominated by this one's point."""
        return Indices(e, dict(self.made))

    def _both(self, kind: type[Operation], a: int | SSAValue, b: int | SSAValue) -> SSAValue:
        """An op of two indices, built without the checks of a constructor."""
        operands = [self.value(a), self.value(b)]
        return self.e.value(kind.create(operands=operands, result_types=[operands[0].type], properties=_WRAPS.copy()))

    def add(self, a: int | SSAValue, b: int | SSAValue) -> int | SSAValue:
        """`a + b`."""
        if isinstance(a, int) and isinstance(b, int):
            return a + b
        if a == 0 or b == 0:
            return b if a == 0 else a
        return self._both(arith.AddiOp, a, b)

    def sub(self, a: int | SSAValue, b: int | SSAValue) -> int | SSAValue:
        """`a - b`."""
        if isinstance(a, int) and isinstance(b, int):
            return a - b
        return a if b == 0 else self._both(arith.SubiOp, a, b)

    def mul(self, a: int | SSAValue, b: int | SSAValue) -> int | SSAValue:
        """`a * b`."""
        if isinstance(a, int) and isinstance(b, int):
            return a * b
        if a == 0 or b == 0:
            return 0
        if a == 1 or b == 1:
            return b if a == 1 else a
        return self._both(arith.MuliOp, a, b)

    def min(self, a: int | SSAValue, b: int | SSAValue) -> int | SSAValue:
        """The smaller of `a` and `b`."""
        if isinstance(a, int) and isinstance(b, int):
            return min(a, b)
        return self.e.value(arith.MinSIOp(self.value(a), self.value(b)))

    def floordiv(self, a: int | SSAValue, b: int) -> int | SSAValue:
        """`a // b` for `a >= 0`, `b > 0`."""
        if isinstance(a, int) or b == 1:
            return a // b if isinstance(a, int) else a
        return self.e.value(arith.DivUIOp(a, self.value(b)))

    def affine(self, expr: AffineExpr, dims: Sequence[int | SSAValue]) -> int | SSAValue:
        """The value of an affine expression of `dims`."""
        match expr:
            case AffineConstantExpr():
                return expr.value
            case AffineDimExpr():
                return dims[expr.position]
            case AffineBinaryOpExpr():
                lhs, rhs = self.affine(expr.lhs, dims), self.affine(expr.rhs, dims)
                return self._binary(expr.kind, lhs, rhs)
        raise AssertionError(f"affine expression with a symbol: {expr}")

    def _binary(self, kind: AffineBinaryOpKind, a: int | SSAValue, b: int | SSAValue) -> int | SSAValue:
        match kind:
            case AffineBinaryOpKind.Add:
                return self.add(a, b)
            case AffineBinaryOpKind.Mul:
                return self.mul(a, b)
            case AffineBinaryOpKind.FloorDiv:
                return self.e.value(arith.FloorDivSIOp(self.value(a), self.value(b)))
            case AffineBinaryOpKind.CeilDiv:
                return self.e.value(arith.CeilDivSIOp(self.value(a), self.value(b)))
            case AffineBinaryOpKind.Mod:
                quotient = self.e.value(arith.FloorDivSIOp(self.value(a), self.value(b)))
                return self.sub(a, self.mul(quotient, b))
        raise AssertionError(kind)


def memref_type(value: SSAValue) -> MemRefType[Attribute]:
    """The memref type of a value."""
    assert isinstance(value.type, MemRefType), value.type
    return value.type


def is_identity(type_: MemRefType[Attribute]) -> bool:
    """Whether elements are laid out row-major without gaps."""
    return isinstance(type_.layout, NoneAttr)


def static_strides(type_: MemRefType[Attribute]) -> list[int | None]:
    """Elements between neighbours along each axis; `None` where that is known only at run time."""
    if not is_identity(type_):
        strides = type_.get_strides()
        return [None] * type_.get_num_dims() if strides is None else list(strides)
    strides, running = [], 1
    for size in reversed(type_.get_shape()):
        strides.append(running)
        running = None if running is None or size == DYNAMIC_INDEX else running * size
    return strides[::-1]


def size_of(ix: Indices, value: SSAValue, axis: int) -> int | SSAValue:
    """The size of `value` along `axis`."""
    size = memref_type(value).get_shape()[axis]
    return size if size != DYNAMIC_INDEX else ix.e.value(memref.DimOp(value, ix.value(axis)))


def collapsed(e: Emitter, value: SSAValue, groups: Sequence[Sequence[int]]) -> SSAValue:
    """A view of a row-major memref in which each group of neighbouring axes is one axis."""
    type_ = memref_type(value)
    if all(len(group) == 1 for group in groups):
        return value
    shape = []
    for group in groups:
        sizes = [type_.get_shape()[axis] for axis in group]
        product = 1
        for size in sizes:
            product *= size
        shape.append(DYNAMIC_INDEX if DYNAMIC_INDEX in sizes else product)
    return e.value(collapse_shape(value, row_major(type_.element_type, tuple(shape)), groups))
