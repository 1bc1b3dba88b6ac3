"""Sizes of tensors and memory: shapes, parts of them, and axes that are taken together or apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from xdsl.dialects import memref, tensor
from xdsl.dialects.builtin import DYNAMIC_INDEX, AnyFloat, ArrayAttr, IntegerAttr, MemRefType, TensorType, i64
from xdsl.ir import Attribute, SSAValue

from .arithmetic import ArithmeticBody
from .program import ANY, ROUGH, SMALL, Grade, Value

SIDES = (2, 3, 1, 4, 0, 5, 17)
"""Sizes of dimensions, simplest first; 17 is one more than a vector of floats has."""
LARGE = 300
"""A size of memory that does not fit on the stack."""
LONG = (100, 40, LARGE, 70, 33, 72)
"""Sizes of few dimensions: a large one, and some of several vectors and rests of any size."""
MOST_ELEMENTS = 100
"""More elements than this has only what is large on purpose."""

Groups = tuple[list[list[int]], list[int], tuple[int, ...]]
"""Which axes belong together, the sizes as a type says them, and as they are."""


@dataclass(frozen=True)
class Part:
    """A part of a tensor or of memory: offsets, sizes and steps as they are written, and the axes that are kept.

    Attributes:
        shape: the sizes of the axes that are kept, as numbers.
    """

    offsets: Sequence[SSAValue | int]
    sizes: Sequence[SSAValue | int]
    steps: Sequence[SSAValue | int]
    kept: Sequence[int]
    shape: tuple[int, ...]


class ShapedBody(ArithmeticBody):
    """A body that makes shapes; of those with one axis, one in `long_one_in` is long."""

    long_one_in = 12

    def a_shape(self, largest_rank: int = 3) -> tuple[int, ...]:
        """Sizes of something new; a size is often that of the axis before, so that axes may change places."""
        rank = self.program.choice([rank for rank in (1, 2, 0, 3, 1) if rank <= largest_rank])
        shape: tuple[int, ...] = ()
        for _ in range(rank):
            fitting = [side for side in SIDES if prod(shape) * side <= MOST_ELEMENTS]
            same = [side for side in shape[-1:] if side in fitting and self.program.chance(3)]
            shape += (same[0] if same else self.program.choice(fitting),)
        if rank == 1 and self.program.chance(self.long_one_in):
            return (self.program.choice(LONG),)
        return shape

    def a_grade(self, type_: Attribute) -> Grade:
        """What floats may stand in new memory."""
        return self.program.choice((SMALL, ANY, ROUGH)) if isinstance(type_, AnyFloat) else ANY

    def open_shape(self, shape: Sequence[int]) -> list[int]:
        """The sizes, some of which are left open."""
        return [DYNAMIC_INDEX if self.program.chance(3) else size for size in shape]

    def known_index(self, number: int) -> SSAValue:
        """An index that is this number: a size at hand, or a constant."""
        return self.index(number, number).ssa

    def known_sizes(self, shape: Sequence[int], type_: Attribute) -> list[SSAValue]:
        """Indices for the sizes that a type leaves open."""
        assert isinstance(type_, TensorType | MemRefType)
        return [self.known_index(shape[axis]) for axis in open_sizes(type_)]

    def place_in(self, value: Value) -> list[SSAValue]:
        """Indices of an element."""
        return [self.index(0, size - 1).ssa for size in value.shape]

    def size_of(self, source: Value, dim: type[memref.DimOp] | type[tensor.DimOp]) -> None:
        """The size along an axis of what has axes."""
        axis = self.index(0, len(source.shape) - 1)
        assert axis.bounds is not None
        sizes = source.shape[axis.bounds[0] : axis.bounds[1] + 1]
        self.scalar(self.code.value(dim(source.ssa, axis.ssa)), ANY, (min(sizes), max(sizes)))

    def part_of(self, source: Value) -> Part:
        """A part, perhaps in steps, perhaps without some of the axes of size 1."""
        ranges = [self.range_of(size) for size in source.shape]
        offsets, sizes, steps = ([each[i][0] for each in ranges] for i in range(3))
        kept = [axis for axis, size in enumerate(sizes) if size != 1 or not self.program.chance(2)]
        return Part(offsets, sizes, steps, kept, tuple(ranges[axis][1][1] for axis in kept))

    def range_of(self, total: int) -> list[tuple[SSAValue | int, int]]:
        """Offset, size and step of a part of so many elements, each as it is written and as the number it is."""
        step = self.program.choice((1, 1, 2, 3))
        size = self.program.integer(0, min(-(-total // step), 20)) if self.program.chance(2) else -(-total // step)
        room = total - ((size - 1) * step + 1 if size else 0)
        return [self.mixed(0, room), self.mixed(size, size), self.mixed(step, step)]

    def mixed(self, low: int, high: int) -> tuple[SSAValue | int, int]:
        """A number in a range: known to the compiler, or a value."""
        if not self.program.chance(3):
            number = self.program.integer(low, high)
            return number, number
        return self.index(low, high).ssa, low

    def collapsed_groups(self, shape: Sequence[int], static: Sequence[int]) -> Groups:
        """Neighbouring axes as one, of something of rank 2 at least."""
        cut = self.program.integer(1, len(shape) - 1)
        groups = [list(range(cut)), list(range(cut, len(shape)))]
        if self.program.chance(2):
            groups = [[*groups[0], *groups[1]]]
        sizes = [[static[axis] for axis in group] for group in groups]
        known = [DYNAMIC_INDEX if DYNAMIC_INDEX in group else prod(group) for group in sizes]
        return groups, known, tuple(prod(shape[axis] for axis in group) for group in groups)

    def expanded_groups(self, shape: Sequence[int], static: Sequence[int]) -> Groups:
        """One axis as two, of something of rank 1 at least."""
        axis = self.program.integer(0, len(shape) - 1)
        first = self.program.choice([number for number in (1, 2, 3) if shape[axis] % number == 0])
        pair = self.program.choice(((first, shape[axis] // first), (shape[axis] // first, first)))
        groups = [[n + (n > axis)] if n != axis else [axis, axis + 1] for n in range(len(shape))]
        known = [DYNAMIC_INDEX, pair[1]] if static[axis] == DYNAMIC_INDEX else list(pair)
        return (
            groups,
            [*static[:axis], *known, *static[axis + 1 :]],
            (*shape[:axis], *pair, *shape[axis + 1 :]),
        )


def open_sizes(type_: TensorType[Attribute] | MemRefType[Attribute]) -> list[int]:
    """The axes whose size a type leaves open."""
    return [axis for axis, size in enumerate(type_.get_shape()) if size == DYNAMIC_INDEX]


def reassociation(groups: Sequence[Sequence[int]]) -> ArrayAttr[ArrayAttr[IntegerAttr]]:
    """Which axes belong together, as an attribute."""
    return ArrayAttr([ArrayAttr([IntegerAttr(axis, i64) for axis in group]) for group in groups])
