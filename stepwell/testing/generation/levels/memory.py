"""Memory in drawn programs: buffers, views of them, and accesses that never leave them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise, product
from typing import Any

from xdsl.dialects import memref
from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    DenseArrayBase,
    DenseIntOrFPElementsAttr,
    IntegerAttr,
    MemRefType,
    NoneAttr,
    StridedLayoutAttr,
    StringAttr,
    UnitAttr,
    i64,
)
from xdsl.ir import Attribute, SSAValue

from stepwell.dialects.dtypes import dtype_of
from stepwell.dialects.types import dense

from ..draws import Kinds
from .body import ELEMENTS
from .program import SMALL, Grade, Value, grade_of_type
from .shapes import LARGE, LONG, Part, ShapedBody, open_sizes, reassociation


def memref_type(value: Value) -> MemRefType[Attribute]:
    """The type of a memref."""
    assert isinstance(value.type, MemRefType)
    return value.type


def is_row_major(value: Value) -> bool:
    """Whether the type says that elements lie row by row without gaps."""
    return isinstance(memref_type(value).layout, NoneAttr)


class MemoryBody(ShapedBody):
    """A body that reads and writes memory."""

    long_one_in = 2

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.own: list[Value] = []
        """What was allocated in this body and has not been freed."""

    def memory_kinds(self) -> Kinds:
        """The statements on memory that may stand here."""
        kinds = [(2, self.allocate), (1, self.get_global), (1, self.several)]
        if self.function.open:
            kinds.append((2, self.new_data))
        if any(value.size for value in self.buffers()):
            kinds += [(7, self.load)]
        if any(value.size for value in self.buffers(writable=True)):
            kinds += [(8, self.store)]
        if self.buffers():
            kinds += [(2, self.subview), (1, self.cast), (1, self.reshape), (1, self.reinterpret), (1, self.size)]
            kinds += [(1, self.copy)]
        if self.own:
            kinds += [(1, self.free_early)]
        return kinds

    def buffers(self, writable: bool = False) -> list[Value]:
        """The memrefs at hand, the latest first."""
        return [
            value
            for value in reversed(self.values)
            if isinstance(value.type, MemRefType) and (value.writable or not writable)
        ]

    def opened(self, shape: Sequence[int], element: Attribute) -> MemRefType[Attribute]:
        """The row-major type of these sizes, some of which it may leave open."""
        return MemRefType(element, self.open_shape(shape))

    # memory that comes and goes

    def new_data(self) -> None:
        """One more parameter."""
        shape, element = self.a_shape(), self.program.choice(ELEMENTS)
        grade = self.a_grade(element)
        array = self.program.array(shape, element, SMALL if grade.rough else grade)
        self.parameter(self.opened(shape, element), array, grade)

    def long_memory(self) -> Value:
        """Memory of one axis that is longer than some vectors: at hand, one more parameter, or constant."""
        options = [v for v in self.buffers() if len(v.shape) == 1 and v.size >= min(LONG) and v.grade.fits(SMALL)]
        found = self.at_hand(options[:3])
        if found is not None:
            return found
        shape, element = (self.program.choice(LONG),), self.program.choice(ELEMENTS)
        grade = grade_of_type(element, SMALL)
        if not self.function.open:
            return self.add(self.constant_memory(shape, element, grade))
        return self.parameter(self.opened(shape, element), self.program.array(shape, element, grade), grade)

    def allocate(self) -> None:
        """Fresh memory, filled at once."""
        shape, element = self.a_shape(), self.type(ELEMENTS)
        self.fresh(shape, self.opened(shape, element), self.a_grade(element))

    def several(self) -> None:
        """Some allocations of one size, mostly too large for the stack, that are all filled before any is read."""
        shape, element = (self.program.choice((LARGE, LARGE, 3)),), self.program.choice(ELEMENTS)
        grade = grade_of_type(element, SMALL)
        made = [self.fresh(shape, MemRefType(element, shape), grade) for _ in range(self.program.integer(2, 3))]
        for each in made:
            place = self.place_in(each)
            self.scalar(self.code.value(memref.LoadOp.get(each.ssa, place)), grade)

    def fresh(self, shape: tuple[int, ...], type_: MemRefType[Attribute], grade: Grade) -> Value:
        """Fresh memory of a row-major type, filled."""
        sizes = [self.known_index(shape[axis]) for axis in open_sizes(type_)]
        alignment = IntegerAttr(64, i64) if self.program.chance(2) else None
        ssa = self.code.value(memref.AllocOp(sizes, (), type_, alignment))
        value = Value(ssa, shape, grade, roots=frozenset([object()]))
        self.own.append(value)
        self.fill(value)
        return self.add(value)

    def fill(self, value: Value) -> None:
        """Write every element: one by one, or by a copy."""
        if value.size <= 4 and not self.program.chance(3):
            for place in product(*map(range, value.shape)):
                indices = [self.code.index(number) for number in place]
                number = self.operand(value.element, value.grade)
                self.code.add(memref.StoreOp.get(number.ssa, value.ssa, indices))
            return
        options = [
            other
            for other in self.buffers()
            if other.shape == value.shape and other.element == value.element and other.grade.fits(value.grade)
        ]
        source = self.program.choice([None, *options]) or self.constant_memory(value.shape, value.element, value.grade)
        self.copy_to(source, value)

    def copy_to(self, source: Value, target: Value) -> None:
        """Copy all elements; both are first seen with all sizes known, or both as one of them is."""
        if memref_type(source).get_shape() != memref_type(target).get_shape():
            source, target = self.seen_as(source, source.shape), self.seen_as(target, target.shape)
        self.code.add(memref.CopyOp(source.ssa, target.ssa))

    def seen_as(self, value: Value, sizes: Sequence[int]) -> Value:
        """A memref whose type says these sizes."""
        type_ = memref_type(value)
        wanted = MemRefType(type_.element_type, sizes, type_.layout)
        if wanted == type_:
            return value
        return self._view(self.code.value(memref.CastOp.get(value.ssa, wanted)), value, value.shape)

    def constant_memory(self, shape: tuple[int, ...], element: Attribute, grade: Grade) -> Value:
        """A constant of the module."""
        array = self.program.array(shape, element, SMALL if grade.rough else grade)
        value, type_, name = dense(array.astype(dtype_of(element))), MemRefType(element, shape), self.program.name("c")
        assert isinstance(value, DenseIntOrFPElementsAttr)
        new = memref.GlobalOp.get(StringAttr(name), type_, value, constant=UnitAttr())
        new.location = self.program.place()
        self.program.globals.append(new)
        ssa = self.code.value(memref.GetGlobalOp(name, type_))
        return Value(ssa, shape, grade, roots=frozenset([name]), writable=False)

    def get_global(self) -> None:
        """A constant in memory, which may only be read."""
        element = self.type(ELEMENTS)
        self.values.append(self.constant_memory(self.a_shape(), element, grade_of_type(element, SMALL)))

    def free_early(self) -> None:
        """The end of memory that was allocated in this body; nothing sees it any more."""
        value = self.program.choice(self.own)
        self.free(value)
        self.values = [other for other in self.values if not other.roots & value.roots]

    def free(self, value: Value) -> None:
        """Free memory."""
        self.own.remove(value)
        self.code.add(memref.DeallocOp.get(value.ssa))

    def close(self, escaping: Iterable[Value] = ()) -> None:
        """Free what was allocated here, but for what goes on elsewhere, and some that is forgotten."""
        kept = frozenset(root for value in escaping for root in value.roots)
        for value in list(self.own):
            if not value.roots & kept and not self.program.chance(8):
                self.free(value)

    # accesses

    def load(self) -> None:
        """Read one element."""
        source = self.program.choice([value for value in self.buffers() if value.size])
        loaded = memref.LoadOp.get(source.ssa, self.place_in(source))
        self.scalar(self.code.value(loaded), source.grade)

    def store(self) -> None:
        """Write one element."""
        target = self.program.choice([value for value in self.buffers(writable=True) if value.size])
        number = self.operand(target.element, target.grade)
        self.code.add(memref.StoreOp.get(number.ssa, target.ssa, self.place_in(target)))

    def size(self) -> None:
        """The size of a memref along an axis."""
        options = [value for value in self.buffers() if value.shape]
        if options:
            self.size_of(self.program.choice(options), memref.DimOp)

    def copy(self) -> None:
        """Copy between memory that does not overlap."""
        source = self.program.choice(self.buffers())
        targets = [
            value
            for value in self.buffers(writable=True)
            if (value.shape, value.element) == (source.shape, source.element)
            and not value.roots & source.roots
            and source.grade.fits(value.grade)
        ]
        if targets:
            self.copy_to(source, self.program.choice(targets))

    # views

    def _view(self, ssa: SSAValue, source: Value, shape: tuple[int, ...], writable: bool = True) -> Value:
        return self.add(Value(ssa, shape, source.grade, None, source.roots, source.writable and writable))

    def cast(self) -> None:
        """The same memory, whose type says more or less of its sizes."""
        source = self.program.choice(self.buffers())
        self.seen_as(source, [DYNAMIC_INDEX if self.program.chance(2) else size for size in source.shape])

    def subview(self) -> None:
        """A part of memory, perhaps in steps, perhaps without some of the axes of size 1."""
        source = self.program.choice(self.buffers())
        part = self.part_of(source)
        type_ = _part_type(memref_type(source), part)
        ssa = self.code.value(memref.SubviewOp.get(source.ssa, part.offsets, part.sizes, part.steps, type_))
        self._view(ssa, source, part.shape)

    def reshape(self) -> None:
        """Neighbouring axes as one, or an axis as several."""
        options = [value for value in self.buffers() if is_row_major(value)]
        if not options:
            return
        source = self.program.choice(options)
        if self.program.chance(2) and len(source.shape) > 1:
            self._collapse(source)
        elif source.shape:
            self._expand(source)

    def _collapse(self, source: Value) -> None:
        groups, static, shape = self.collapsed_groups(source.shape, memref_type(source).get_shape())
        op = memref.CollapseShapeOp(
            operands=[source.ssa],
            result_types=[MemRefType(source.element, static)],
            properties={"reassociation": reassociation(groups)},
        )
        self._view(self.code.value(op), source, shape)

    def _expand(self, source: Value) -> None:
        groups, static, shape = self.expanded_groups(source.shape, memref_type(source).get_shape())
        sizes = [self.known_index(shape[axis]) for axis, size in enumerate(static) if size == DYNAMIC_INDEX]
        op = memref.ExpandShapeOp(
            operands=[source.ssa, sizes],
            result_types=[MemRefType(source.element, static)],
            properties={
                "reassociation": reassociation(groups),
                "static_output_shape": DenseArrayBase.from_list(i64, static),
            },
        )
        self._view(self.code.value(op), source, shape)

    def reinterpret(self) -> None:
        """Any elements of row-major memory, in steps: a transposed matrix, a diagonal."""
        options = [value for value in self.buffers() if is_row_major(value) and value.size]
        if not options:
            return
        source = self.program.choice(options)
        sizes = [self.program.integer(1, 3) for _ in range(self.program.integer(1, 2))]
        steps = [self.program.integer(1, 4) for _ in sizes]
        reach = sum((size - 1) * step for size, step in zip(sizes, steps, strict=True))
        if reach >= source.size:
            return
        offset = self.mixed(0, source.size - 1 - reach)[0]
        known = offset if isinstance(offset, int) else DYNAMIC_INDEX
        layout = StridedLayoutAttr(steps, None if known == DYNAMIC_INDEX else known)
        op = memref.ReinterpretCastOp.from_dynamic(
            source.ssa, [offset], sizes, steps, MemRefType(source.element, sizes, layout)
        )
        ordered = sorted(zip(steps, sizes, strict=True))
        apart = all(step * size <= wider for (step, size), (wider, _) in pairwise(ordered))
        self._view(self.code.value(op), source, tuple(sizes), writable=apart)


def _part_type(source: MemRefType[Attribute], part: Part) -> MemRefType[Attribute]:
    """The type of a part of memory, with the axes that are kept."""
    whole = memref.SubviewOp.infer_result_type(source, part.offsets, part.sizes, part.steps)
    strides, shape = whole.get_strides(), whole.get_shape()
    assert strides is not None
    layout = StridedLayoutAttr([strides[axis] for axis in part.kept], whole.get_offset())
    return MemRefType(source.element_type, [shape[axis] for axis in part.kept], layout)
