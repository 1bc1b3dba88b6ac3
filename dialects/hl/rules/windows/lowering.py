"""Building blocks for lowering ops that move windows over a tensor: where windows stand, borders, index maps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xdsl.dialects import arith
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, SSAValue
from xdsl.ir.affine import AffineDimExpr, AffineExpr

from ....debug import AssertOp
from ....emitter import Emitter
from ....types import DYNAMIC
from ...slicing import insert_part
from ..facets import Attrs
from ..linalg_builder import filled, type_of
from ..movement_lowering import check_size, check_summand
from ..sizes.arithmetic import IndexSizes
from ..sizes.run_time import may_be_negative
from .geometry import Window, windows_of

Size = int | SSAValue
"""A size that is known, or an `index` value."""


@dataclass(frozen=True)
class Placement:
    """Where windows stand in a tensor of shape `[n, totals, c]`.

    Attributes:
        windows: how they move along each axis.
        totals: the sizes of the axes.
        window: the sizes of a window.
        low, high: how many elements are added before and behind each axis.
        counts: how many windows there are along each axis.
    """

    windows: list[Window]
    totals: list[Size]
    window: list[Size]
    low: list[Size]
    high: list[Size]
    counts: list[Size]

    @property
    def rank(self) -> int:
        """How many axes the windows move over."""
        return len(self.windows)

    def padded(self, sizes: IndexSizes) -> list[Size]:
        """The sizes of the axes with what is added."""
        sums = zip(self.totals, self.low, self.high)
        return [sizes.add(total, sizes.add(low, high)) for total, low, high in sums]


def place_windows(e: Emitter, totals: Sequence[Size], window: Sequence[Size], attrs: Attrs, what: str) -> Placement:
    """Where windows stand; the program stops where not one fits, as far as that is not known before."""
    sizes, windows = IndexSizes(e), windows_of(attrs)
    low, high, counts = [], [], []
    for each, total, size in zip(windows, totals, window, strict=True):
        if isinstance(total, SSAValue) and may_be_negative(total):
            check_size(e, total, f"{what}: expected a size of 0 or more, got {{0}}")
            check_summand(e, total, what)
        if isinstance(size, SSAValue):
            some = e.value(arith.CmpiOp(size, e.index(1), "sge"))
            e.add(AssertOp(some, f"{what}: expected a window of 1 element or more, got {{0}}", [size]))
            check_summand(e, size, what)
        if each.padding != "SAME":
            room = each.room(sizes, total, size)
            if isinstance(room, SSAValue):
                fits = e.value(arith.CmpiOp(room, e.index(0), "sge"))
                message = f"{what}: a window of {{0}} elements does not fit into {{1}} with padding {each.padding}"
                e.add(AssertOp(fits, message, [sizes.value(size), sizes.value(total)]))
        before, behind = each.amounts(sizes, total, size)
        low.append(before)
        high.append(behind)
        counts.append(each.count(sizes, total, size))
    return Placement(windows, list(totals), list(window), low, high, counts)


def with_border(e: Emitter, x: SSAValue, low: Sequence[Size], high: Sequence[Size], value: SSAValue) -> SSAValue:
    """`x` with elements of `value` before and behind the axes between the first and the last."""
    if all(isinstance(amount, int) and amount == 0 for amount in (*low, *high)):
        return x
    sizes, type_ = IndexSizes(e), type_of(x)
    own = [sizes.along(x, axis) for axis in range(type_.get_num_dims())]
    pairs = [(0, 0), *zip(low, high, strict=True), *[(0, 0)] * (len(own) - 1 - len(low))]
    whole = [sizes.add(size, sizes.add(before, behind)) for size, (before, behind) in zip(own, pairs)]
    border = filled(e, value, shaped(type_, whole), [sizes.value(size) for size in whole])
    return insert_part(e, x, border, [before for before, _ in pairs], own, [1] * len(own))


def shaped(type_: TensorType[Attribute], sizes: Sequence[Size]) -> TensorType[Attribute]:
    """A tensor type of other sizes."""
    return TensorType(type_.element_type, [size if isinstance(size, int) else DYNAMIC for size in sizes])


def look(placement: Placement, axis: int, place: int, step: int) -> AffineExpr:
    """The element of an axis that the loop `step` inside of a window looks at, which the loop `place` puts there."""
    each, size = placement.windows[axis], placement.window[axis]
    first = AffineDimExpr(place) * each.stride
    return first if size == 1 else first + AffineDimExpr(step) * each.dilation
