"""Laws of conversions, broadcasts, reductions, and of ops that only move elements."""

from __future__ import annotations

import numpy as np
from xdsl.ir import SSAValue

from ....dialects.dtypes import DType, dtype_of
from ....dialects.hl.arithmetic import AddOp
from ....dialects.hl.movement import BroadcastToOp, ConcatOp
from ....dialects.hl.padding import PadOp
from ....dialects.hl.reduce import AllOp, AnyOp, MaxOp, MeanOp, MinOp, ProdOp, SumOp
from ....dialects.hl.rules.elementwise import BinaryOp, UnaryOp
from ....dialects.hl.selection import CastOp, SelectOp
from ....dialects.hl.shape import DimOp, ExpandDimsOp, ShapeOfOp, SqueezeOp
from ....dialects.hl.slicing import TO_END, SliceOp
from ....dialects.types import shape_of
from .rule import Match, Rule, is_static, made_by, type_of

REDUCTIONS = (SumOp, MeanOp, ProdOp, MaxOp, MinOp, AnyOp, AllOp)


def keeps_every_value(source: DType, target: DType) -> bool:
    """Whether each value of a dtype is one of another, so that a conversion there loses nothing.

    Example:
        >>> keeps_every_value(INT32, FLOAT64)
        True
        >>> keeps_every_value(INT64, FLOAT64)
        False
    """
    if target.is_floating and source.is_integer:
        return source.bits - source.is_signed <= target.precision
    if target.is_floating and source.is_floating:
        return source.precision <= target.precision and float(source.max) <= float(target.max)
    return bool(np.can_cast(source, target, "safe"))


class CastOfCast(Rule):
    """Converting first to a dtype that holds every value changes nothing, as from int32 over int64 to float32."""

    OPS = (CastOp,)

    def rewrite(self, match: Match) -> SSAValue | None:
        """One conversion, or none."""
        inner = made_by(match.operands[0], CastOp)
        if inner is None:
            return None
        x = inner.operands[0]
        source, middle = dtype_of(x.type), match.operand_dtype
        if not keeps_every_value(source, middle):
            match.refuse(f"{middle.name} does not hold every {source.name}")
            return None
        if match.dtype == source:
            return match.same(x)
        integers = source.is_integer and match.dtype.is_integer
        if middle.is_floating and integers and not keeps_every_value(source, match.dtype):
            match.refuse("floats that are too large become the largest integer, integers wrap around")
            return None
        return match.build(CastOp, x, dtype=match.dtype)


class BroadcastOfBroadcast(Rule):
    """Two broadcasts in a row are the second."""

    OPS = (BroadcastToOp,)

    def rewrite(self, match: Match) -> SSAValue | None:
        """One broadcast."""
        inner = made_by(match.operands[0], BroadcastToOp)
        if inner is None:
            return None
        if not all(map(is_static, (*inner.operands, inner.results[0], match.op.results[0]))):
            match.refuse("sizes are not known")
            return None
        return match.build(BroadcastToOp, inner.operands[0], shape=shape_of(match.type))


class BroadcastIntoOp(Rule):
    """An elementwise op broadcasts its operands by itself, where another one has the result's shape."""

    OPS = (BinaryOp, SelectOp)

    def rewrite(self, match: Match) -> SSAValue | None:
        """The op on the smaller operand."""
        if not all(map(is_static, match.operands)):
            return None
        operands = list(match.operands)
        for place, operand in enumerate(operands):
            inner = made_by(operand, BroadcastToOp)
            if inner is None or not is_static(inner.operands[0]):
                continue
            others = [shape_of(type_of(other)) for n, other in enumerate(operands) if n != place]
            if shape_of(match.type) not in others:
                match.refuse("no other operand has the shape of the result")
                continue
            operands[place] = inner.operands[0]
            return match.build(type(match.op), *operands)
        return None


class ReduceSingleElements(Rule):
    """A sum, product, mean or extreme of one element is that element, but that a sum of floats makes 0 of -0."""

    OPS = REDUCTIONS

    def rewrite(self, match: Match) -> SSAValue | None:
        """Without the axes of size 1."""
        (x,), attrs = match.operands, match.op.attrs()
        axes, shape = tuple(sorted(attrs["axes"])), shape_of(type_of(x))
        if any(shape[axis] != 1 for axis in axes):
            return None
        adds_zero = match.is_float and isinstance(match.op, SumOp | MeanOp)
        squeezes = axes and not attrs["keepdims"]
        if not adds_zero:
            return match.build(SqueezeOp, x, axes=axes) if squeezes else match.same(x)
        if squeezes:
            x = match.inner(SqueezeOp, x, axes=axes)
        return match.build(AddOp, x, match.constant(np.array(0, match.dtype)))


class ReduceOfReduce(Rule):
    """The greatest of the greatest of parts is the greatest of all, for integers; likewise sums, products, truths."""

    OPS = (SumOp, ProdOp, MaxOp, MinOp, AnyOp, AllOp)

    def rewrite(self, match: Match) -> SSAValue | None:
        """One reduction along all axes."""
        op_class = type(match.op)
        inner = made_by(match.operands[0], op_class)
        if inner is None:
            return None
        attrs, first = match.op.attrs(), inner.attrs()
        if attrs["keepdims"] != first["keepdims"]:
            match.refuse("one keeps the axes, the other does not")
            return None
        if match.is_float:
            match.refuse("rounding, and which of 0 and -0 is the greater, may depend on the order")
            return None
        x = inner.operands[0]
        axes = range(len(shape_of(type_of(x))))
        left = axes if first["keepdims"] else [axis for axis in axes if axis not in first["axes"]]
        both = {*first["axes"], *(left[axis] for axis in attrs["axes"])}
        return match.build(op_class, x, axes=tuple(sorted(both)), keepdims=attrs["keepdims"])


class SqueezeOfExpandDims(Rule):
    """New axes that are removed again, and axes of size 1 that are removed and put back."""

    OPS = (SqueezeOp, ExpandDimsOp)

    def rewrite(self, match: Match) -> SSAValue | None:
        """The operand."""
        other = SqueezeOp if isinstance(match.op, ExpandDimsOp) else ExpandDimsOp
        inner = made_by(match.operands[0], other)
        if inner is None or inner.attrs()["axes"] != match.op.attrs()["axes"]:
            return None
        return match.same(inner.operands[0])


class SizeOfElementwise(Rule):
    """The sizes of `f(x)` are those of `x`, so that `f` need not be computed for them."""

    OPS = (DimOp, ShapeOfOp)

    def rewrite(self, match: Match) -> SSAValue | None:
        """Ask the operand."""
        inner = match.operands[0].owner
        if not (isinstance(inner, UnaryOp | CastOp) and len(inner.operands) == 1):
            return None
        return match.build(type(match.op), inner.operands[0], **match.op.attrs())


class SliceOfAll(Rule):
    """A slice of everything changes nothing."""

    OPS = (SliceOp,)

    def rewrite(self, match: Match) -> SSAValue | None:
        """The operand."""
        attrs, (x, *_) = match.op.attrs(), match.operands
        bounds = zip(attrs["begin"], attrs["end"], attrs["strides"], shape_of(type_of(x)), strict=True)
        whole = all((begin, stride) == (0, 1) and end in (TO_END, size) for begin, end, stride, size in bounds)
        return match.same(x) if whole and len(match.operands) == 1 else None


class PadWithNothing(Rule):
    """No elements before, behind and between change nothing."""

    OPS = (PadOp,)

    def rewrite(self, match: Match) -> SSAValue | None:
        """The operand."""
        attrs = match.op.attrs()
        return None if any((*attrs["low"], *attrs["high"], *attrs["interior"])) else match.same(match.operands[0])


class ConcatOfConcat(Rule):
    """Tensors put together and then put together with more along the same axis are put together at once."""

    OPS = (ConcatOp,)

    def rewrite(self, match: Match) -> SSAValue | None:
        """One `concat`, where the inner one has no other users."""
        axis = match.op.attrs()["axis"]
        operands: list[SSAValue] = []
        for operand in match.operands:
            inner = made_by(operand, ConcatOp)
            if inner is not None and inner.attrs()["axis"] == axis and operand.has_one_use():
                operands += inner.operands
            else:
                operands.append(operand)
        return match.build(ConcatOp, *operands, axis=axis) if len(operands) > len(match.operands) else None


RULES: tuple[type[Rule], ...] = (
    CastOfCast,
    BroadcastOfBroadcast,
    BroadcastIntoOp,
    ReduceSingleElements,
    ReduceOfReduce,
    SqueezeOfExpandDims,
    SizeOfElementwise,
    SliceOfAll,
    PadWithNothing,
    ConcatOfConcat,
)
