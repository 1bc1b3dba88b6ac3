"""How convolutions and their transposes become sums of products over index maps.

All three are read off one sum, over examples `n`, places `o`, groups `g`, outputs `f`, looks `k` and inputs `c`:
`x[n, o * stride + k * dilation, g, c] * filters[k, c, g, f] * y[n, o, g, f]`. What is asked for is left out of the
product. With one group there is no axis for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from xdsl.dialects import arith
from xdsl.dialects.builtin import TensorType
from xdsl.dialects.linalg.attrs import IteratorType
from xdsl.ir import Attribute, SSAValue
from xdsl.ir.affine import AffineConstantExpr, AffineDimExpr, AffineExpr, AffineMap

from ....emitter import Emitter
from ...linear import multiply_add
from ...slicing import extract_part, insert_part
from ..index_lowering import loops
from ..linalg_builder import PARALLEL, REDUCTION, dims, filled, generic, type_of
from ..movement_lowering import cast_to, collapse, expand, gathered
from ..sizes.arithmetic import IndexSizes
from .lowering import Placement, Size, look, shaped, with_border


def split(e: Emitter, x: SSAValue, groups: int) -> SSAValue:
    """`x` with its last axis as an axis of groups and one of what is in a group; as it is, with one group."""
    if groups == 1:
        return x
    sizes, last = IndexSizes(e), type_of(x).get_num_dims() - 1
    own: list[Size] = [sizes.along(x, axis) for axis in range(last + 1)]
    target = [*own[:last], groups, sizes.floordiv(own[last], groups)]
    axes = [*([axis] for axis in range(last)), [last, last + 1]]
    return expand(e, x, axes, shaped(type_of(x), target), [sizes.value(size) for size in target])


def joined(e: Emitter, x: SSAValue, groups: int, type_: TensorType[Attribute]) -> SSAValue:
    """What `split` made, with its last two axes as one again."""
    if groups > 1:
        rank = type_of(x).get_num_dims()
        x = collapse(e, x, [*([axis] for axis in range(rank - 2)), [rank - 2, rank - 1]])
    return cast_to(e, x, type_)


@dataclass(frozen=True)
class Space:
    """The loops of the sum, by number, and the index maps of its factors."""

    placement: Placement
    groups: int
    places: list[int] = field(init=False)
    looks: list[int] = field(init=False)
    group: list[int] = field(init=False)

    def __post_init__(self) -> None:
        rank, has_group = self.placement.rank, int(self.groups > 1)
        object.__setattr__(self, "places", list(range(1, 1 + rank)))
        object.__setattr__(self, "group", [1 + rank] * has_group)
        object.__setattr__(self, "looks", list(range(2 + rank + has_group, 2 + 2 * rank + has_group)))

    @property
    def output(self) -> int:
        """The loop over the outputs of a group."""
        return 1 + self.placement.rank + len(self.group)

    @property
    def input(self) -> int:
        """The loop over the inputs of a group."""
        return self.output + self.placement.rank + 1

    def map(self, exprs: Sequence[AffineExpr | int]) -> AffineMap:
        """An index map; numbers are loops."""
        made = [AffineDimExpr(each) if isinstance(each, int) else each for each in exprs]
        return AffineMap(self.input + 1, 0, tuple(made))

    @property
    def x(self) -> AffineMap:
        """Where the padded input is read."""
        pairs = enumerate(zip(self.places, self.looks, strict=True))
        return self.map([0, *(look(self.placement, axis, *pair) for axis, pair in pairs), *self.group, self.input])

    @property
    def filters(self) -> AffineMap:
        """Where the filters are read."""
        return self.map([*self.looks, self.input, *self.group, self.output])

    @property
    def y(self) -> AffineMap:
        """Where the output is written."""
        return self.map([0, *self.places, *self.group, self.output])

    def kinds(self, result: AffineMap) -> list[IteratorType]:
        """Which loops are summed over, for a result that is written through a map."""
        kept = result.used_dims()
        return [PARALLEL if loop in kept else REDUCTION for loop in range(self.input + 1)]


def zero_of(e: Emitter, type_: TensorType[Attribute]) -> SSAValue:
    """The zero of a tensor type's elements."""
    return e.constant(0, type_.element_type)


def zeros(e: Emitter, type_: TensorType[Attribute], sizes: Sequence[Size]) -> SSAValue:
    """A tensor of zeros."""
    values = [IndexSizes(e).value(size) for size in sizes]
    return filled(e, zero_of(e, type_), shaped(type_, sizes), values)


def convolve(e: Emitter, x: SSAValue, filters: SSAValue, placement: Placement, groups: int) -> SSAValue:
    """The convolution of a padded input; channels are split, where there are groups, also those of the result."""
    space, sizes = Space(placement, groups), IndexSizes(e)
    own: list[Size] = [sizes.along(x, 0), *placement.counts]
    own += [sizes.along(filters, axis) for axis in range(placement.rank + 1, type_of(filters).get_num_dims())]
    maps = [space.x, space.filters, space.y]
    return generic(e, [x, filters], [zeros(e, type_of(x), own)], maps, space.kinds(space.y), multiply_add)[0]


def correlate(e: Emitter, x: SSAValue, y: SSAValue, placement: Placement, groups: int) -> SSAValue:
    """The sum over all places of products of padded inputs with outputs: what the filters' gradient is."""
    space, sizes = Space(placement, groups), IndexSizes(e)
    last = type_of(x).get_num_dims() - 1
    own: list[Size] = [*placement.window, sizes.along(x, last)]
    own += [sizes.along(y, axis) for axis in range(placement.rank + 1, type_of(y).get_num_dims())]
    maps = [space.x, space.y, space.filters]
    return generic(e, [x, y], [zeros(e, type_of(x), own)], maps, space.kinds(space.filters), multiply_add)[0]


def transposed_filters(e: Emitter, filters: SSAValue, rank: int, *, mirrored: bool) -> SSAValue:
    """Filters `[k, c, g, f]` as `[k, f, g, c]`, and the looks in reverse order if `mirrored`."""
    order = [*range(rank), *reversed(range(rank, type_of(filters).get_num_dims()))]
    own = dims(e, filters)
    type_ = TensorType(type_of(filters).element_type, [type_of(filters).get_shape()[axis] for axis in order])
    last = [e.value(arith.SubiOp(own[axis], e.index(1))) for axis in range(rank)] if mirrored else []

    def place(inner: Emitter, indices: list[SSAValue]) -> tuple[SSAValue, Sequence[SSAValue]]:
        for axis, end in enumerate(last):
            indices[axis] = inner.value(arith.SubiOp(end, indices[axis]))
        return filters, [indices[order.index(axis)] for axis in range(len(order))]

    return gathered(e, type_, [own[axis] for axis in order], place)


def spread(e: Emitter, y: SSAValue, filters: SSAValue, placement: Placement, groups: int) -> SSAValue:
    """The transpose of `convolve`, without the padding; channels are split where there are groups.

    Windows in single steps are a convolution with mirrored filters, over outputs with a border. Others are added up
    where they stand, one look of all windows at a time.
    """
    if all(_borders_fit(placement, axis) for axis in range(placement.rank)):
        return _mirrored(e, y, filters, placement, groups)
    sizes = IndexSizes(e)
    filters = transposed_filters(e, filters, placement.rank, mirrored=False)
    channels = [sizes.along(filters, axis) for axis in range(placement.rank + 1, type_of(filters).get_num_dims())]
    start = zeros(e, type_of(y), [sizes.along(y, 0), *placement.padded(sizes), *channels])

    def body(inner: Emitter, at: list[SSAValue], total: SSAValue) -> SSAValue:
        return _add_look(inner, y, filters, placement, groups, at, total)

    result = loops(e, [sizes.value(size) for size in placement.window], start, body)
    return without_border(e, result, placement)


def without_border(e: Emitter, x: SSAValue, placement: Placement) -> SSAValue:
    """A tensor without what the placement adds before and behind its axes."""
    if all(isinstance(n, int) and n == 0 for n in (*placement.low, *placement.high)):
        return x
    sizes, rank = IndexSizes(e), type_of(x).get_num_dims()
    rest = [sizes.along(x, axis) for axis in range(placement.rank + 1, rank)]
    own = [sizes.along(x, 0), *placement.totals, *rest]
    return extract_part(e, x, [0, *placement.low, *[0] * len(rest)], own, [1] * rank)


def _borders_fit(placement: Placement, axis: int) -> bool:
    """Whether the transpose along an axis is a convolution: single steps, and no more padding than a window reaches."""
    each, size = placement.windows[axis], placement.window[axis]
    if each.stride != 1:
        return False
    if isinstance(each.padding, str):
        return True
    return isinstance(size, int) and max(each.padding) <= (size - 1) * each.dilation


def _mirrored(e: Emitter, y: SSAValue, filters: SSAValue, placement: Placement, groups: int) -> SSAValue:
    sizes, rank = IndexSizes(e), placement.rank
    reach = [sizes.sub(w.extent(sizes, n), 1) for w, n in zip(placement.windows, placement.window)]
    low = [sizes.sub(far, n) for far, n in zip(reach, placement.low)]
    high = [sizes.sub(far, n) for far, n in zip(reach, placement.high)]
    tail = [0] * (type_of(y).get_num_dims() - rank - 2)
    wide = with_border(e, y, [*low, *tail], [*high, *tail], zero_of(e, type_of(y)))
    back = Placement(placement.windows, placement.totals, placement.window, low, high, placement.totals)
    return convolve(e, wide, transposed_filters(e, filters, rank, mirrored=True), back, groups)


def look_slice(
    e: Emitter, placement: Placement, at: Sequence[SSAValue], head: Size, tail: Sequence[Size]
) -> tuple[list[Size], list[Size], list[int]]:
    """Offsets, sizes and strides of what all windows look at with their look `at`, in a padded tensor.

    Where there is no window, nothing lies at the end of the axis, as a look may be beyond.
    """
    sizes = IndexSizes(e)
    first = [sizes.mul(index, w.dilation) for index, w in zip(at, placement.windows, strict=True)]
    for axis, (count, end) in enumerate(zip(placement.counts, placement.padded(sizes), strict=True)):
        if not isinstance(count, int) or count == 0:
            first[axis] = sizes.minimum(first[axis], end)
    strides = [1, *(w.stride for w in placement.windows), *[1] * len(tail)]
    return [0, *first, *[0] * len(tail)], [head, *placement.counts, *tail], strides


def _add_look(
    e: Emitter,
    y: SSAValue,
    filters: SSAValue,
    placement: Placement,
    groups: int,
    at: Sequence[SSAValue],
    total: SSAValue,
) -> SSAValue:
    """`total` with the products of `y` and one look of the filters added where that looks."""
    sizes, rank = IndexSizes(e), placement.rank
    channels = [sizes.along(filters, axis) for axis in range(rank, type_of(filters).get_num_dims())]
    own = extract_part(e, filters, [*at, *[0] * len(channels)], [*[1] * rank, *channels], [1] * (rank + len(channels)))
    where = look_slice(e, placement, at, sizes.along(y, 0), channels[1:])
    part = extract_part(e, total, *where)
    group = [rank + 1] * int(groups > 1)
    c, f = rank + 1 + len(group), rank + 2 + len(group)
    none = [AffineConstantExpr(0)] * rank

    def map_of(exprs: Sequence[AffineExpr | int]) -> AffineMap:
        return AffineMap(f + 1, 0, tuple(AffineDimExpr(i) if isinstance(i, int) else i for i in exprs))

    lead = list(range(rank + 1))
    maps = [map_of([*lead, *group, f]), map_of([*none, f, *group, c]), map_of([*lead, *group, c])]
    kinds = [PARALLEL] * f + [REDUCTION]
    return insert_part(e, generic(e, [y, own], [part], maps, kinds, multiply_add)[0], total, *where)
