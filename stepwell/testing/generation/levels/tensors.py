"""Tensors in drawn programs: ops that make them and move their elements."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import DYNAMIC_INDEX, IndexType, TensorType, i32, i64
from xdsl.dialects.linalg.ops import FillOp
from xdsl.ir import Attribute, Block, Region, SSAValue

from stepwell.dialects.dtypes import dtype_of
from stepwell.dialects.types import dense

from ..draws import Kinds
from .body import ELEMENTS
from .program import ANY, SMALL, Grade, Value, grade_of_type, widest
from .shapes import MOST_ELEMENTS, ShapedBody, reassociation


def tensor_type(value: Value) -> TensorType[Attribute]:
    """The type of a tensor."""
    assert isinstance(value.type, TensorType)
    return value.type


class TensorBody(ShapedBody):
    """A body that computes with whole tensors."""

    def tensor_kinds(self) -> Kinds:
        """The statements on tensors that may stand here."""
        kinds = [(2, self.constant_tensor), (2, self.filled), (2, self.spelt), (1, self.splat)]
        if self.tensors():
            kinds += [(3, self.extract), (3, self.insert), (2, self.size), (2, self.cast), (3, self.extract_slice)]
            kinds += [(3, self.insert_slice), (2, self.collapse), (2, self.expand), (1, self.reshape)]
            kinds += [(2, self.concat), (2, self.pad), (1, self.choose)]
        return kinds

    def tensors(self, rank: int = 0) -> list[Value]:
        """The tensors at hand, the latest first; those of at least that rank."""
        return [v for v in reversed(self.values) if isinstance(v.type, TensorType) and len(v.shape) >= rank]

    def pick(self, options: Sequence[Value]) -> Value:
        """One of several values, mostly of the latest."""
        return self.program.choice(options[: 8 if self.program.chance(4) else 4])

    def tensor(self, ssa: SSAValue, shape: Sequence[int], *grades: Grade) -> Value:
        """A tensor that was computed."""
        return self.add(Value(ssa, tuple(shape), grade_of_type(ssa.type, widest(*grades))))

    def opened(self, shape: Sequence[int], element: Attribute) -> TensorType[Attribute]:
        """A type for these sizes, some of which it may leave open."""
        return TensorType(element, self.open_shape(shape))

    # new tensors

    def constant_tensor(self) -> None:
        """A constant; often all of its elements are the same."""
        element = self.type(ELEMENTS)
        shape, grade = self.a_shape(), grade_of_type(element, SMALL)
        self.constant_of(shape, element, grade)

    def constant_of(self, shape: Sequence[int], element: Attribute, grade: Grade) -> Value:
        """A constant of these sizes."""
        array = self.program.array(shape, element, grade)
        if array.size and self.program.chance(2):
            array[...] = array.flat[0]
        value = arith.ConstantOp(dense(array.astype(dtype_of(element))))
        return self.tensor(self.code.value(value), shape, grade)

    def empty(self, shape: Sequence[int], element: Attribute) -> SSAValue:
        """A tensor that nobody may read."""
        return self.empty_of(shape, self.opened(shape, element))

    def empty_of(self, shape: Sequence[int], type_: TensorType[Attribute]) -> SSAValue:
        """A tensor of that type that nobody may read."""
        return self.code.value(tensor.EmptyOp(self.known_sizes(shape, type_), type_))

    def filled(self) -> None:
        """One scalar everywhere."""
        element = self.type(ELEMENTS)
        self.filled_with(self.operand(element), self.a_shape())

    def filled_with(self, scalar: Value, shape: Sequence[int]) -> Value:
        """That scalar everywhere."""
        made = FillOp([scalar.ssa], [target := self.empty(shape, scalar.type)], [target.type])
        return self.tensor(self.code.value(made), shape, scalar.grade)

    def spelt(self) -> None:
        """A tensor of few scalars; often some of them are taken out of it again at once."""
        element = self.type(ELEMENTS)
        shape = self.program.choice(((2,), (), (3,), (1,), (2, 2), (1, 3), (0,)))
        elements = [self.operand(element) for _ in range(prod(shape))]
        type_ = TensorType(element, shape)
        op = tensor.FromElementsOp.build(operands=[[value.ssa for value in elements]], result_types=[type_])
        made = self.tensor(self.code.value(op), shape, *(value.grade for value in elements), SMALL)
        for _ in range(self.program.integer(0, 2) if made.size else 0):
            place = [self.code.index(self.program.integer(0, size - 1)) for size in shape]
            self.scalar(self.code.value(tensor.ExtractOp(made.ssa, place, element)), made.grade)

    def splat(self) -> None:
        """One scalar everywhere, without memory that it is written to."""
        element, shape = self.type(ELEMENTS), self.a_shape()
        scalar, type_ = self.operand(element), self.opened(shape, element)
        op = tensor.SplatOp(scalar.ssa, self.known_sizes(shape, type_), type_)
        self.tensor(self.code.value(op), shape, scalar.grade)

    # elements

    def extract(self) -> None:
        """One element."""
        options = [value for value in self.tensors() if value.size]
        if options:
            source = self.pick(options)
            op = tensor.ExtractOp(source.ssa, self.place_in(source), source.element)
            self.scalar(self.code.value(op), source.grade)

    def insert(self) -> None:
        """A tensor with one element replaced."""
        options = [value for value in self.tensors() if value.size]
        if options:
            target = self.pick(options)
            scalar = self.operand(target.element)
            op = tensor.InsertOp(scalar.ssa, target.ssa, self.place_in(target))
            self.tensor(self.code.value(op), target.shape, target.grade, scalar.grade)

    def size(self) -> None:
        """The size of a tensor along an axis."""
        options = self.tensors(1)
        if options:
            self.size_of(self.pick(options), tensor.DimOp)

    # the same elements otherwise

    def seen_as(self, value: Value, sizes: Sequence[int]) -> Value:
        """A tensor whose type says these sizes."""
        wanted = TensorType(value.element, sizes)
        if wanted == value.type:
            return value
        return self.tensor(self.code.value(tensor.CastOp(value.ssa, wanted)), value.shape, value.grade)

    def cast(self) -> None:
        """A tensor whose type says more or less of its sizes."""
        value = self.pick(self.tensors())
        self.seen_as(value, self.open_shape(value.shape))

    def collapse(self) -> None:
        """Neighbouring axes as one."""
        options = self.tensors(2)
        if options:
            source = self.pick(options)
            groups, static, shape = self.collapsed_groups(source.shape, tensor_type(source).get_shape())
            op = tensor.CollapseShapeOp(
                operands=[source.ssa],
                result_types=[TensorType(source.element, static)],
                properties={"reassociation": reassociation(groups)},
            )
            self.tensor(self.code.value(op), shape, source.grade)

    def expand(self) -> None:
        """An axis as two."""
        options = self.tensors(1)
        if options:
            source = self.pick(options)
            groups, static, shape = self.expanded_groups(source.shape, tensor_type(source).get_shape())
            type_ = TensorType(source.element, static)
            sizes = self.known_sizes(shape, type_)
            op = tensor.ExpandShapeOp(source.ssa, sizes, reassociation(groups), static, type_)
            self.tensor(self.code.value(op), shape, source.grade)

    def reshape(self) -> None:
        """As many elements in another shape, which a tensor says."""
        source = self.pick(self.tensors())
        source = self.seen_as(source, source.shape)
        shape = self.program.choice(((source.size,), (1, source.size), tuple(reversed(source.shape))))
        element = self.program.choice((IndexType(), i32, i64))
        sizes = [self.code.constant(size, element) for size in shape]
        type_ = TensorType(element, [len(shape)])
        numbers = self.code.value(tensor.FromElementsOp.build(operands=[sizes], result_types=[type_]))
        op = tensor.ReshapeOp(source.ssa, numbers, TensorType(source.element, shape))
        self.tensor(self.code.value(op), shape, source.grade)

    def choose(self) -> None:
        """One of two tensors."""
        first = self.pick(self.tensors())
        second = self.like(first, ANY)
        if second is not None and not first.grade.rough:
            condition = self.truth()
            op = arith.SelectOp(condition.ssa, first.ssa, second.ssa)
            self.tensor(self.code.value(op), first.shape, first.grade, second.grade)

    # parts

    def extract_slice(self) -> None:
        """A part, perhaps in steps, perhaps without some of the axes of size 1."""
        source = self.pick(self.tensors())
        part = self.part_of(source)
        known = _static(part.sizes)
        type_ = TensorType(source.element, [known[axis] for axis in part.kept])
        op = tensor.ExtractSliceOp(source.ssa, part.offsets, part.sizes, part.steps, type_)
        self.tensor(self.code.value(op), part.shape, source.grade)

    def insert_slice(self) -> None:
        """A tensor with a part replaced."""
        target = self.pick(self.tensors())
        part = self.part_of(target)
        known = _static(part.sizes)
        source = self.of_shape(part.shape, target.element)
        source = self.seen_as(source, [known[axis] for axis in part.kept])
        op = tensor.InsertSliceOp.get(
            source.ssa,
            target.ssa,
            static_offsets=_static(part.offsets),
            static_sizes=known,
            static_strides=_static(part.steps),
            offsets=_dynamic(part.offsets),
            sizes=_dynamic(part.sizes),
            strides=_dynamic(part.steps),
            result_type=target.type,
        )
        self.tensor(self.code.value(op), target.shape, target.grade, source.grade)

    def of_shape(self, shape: Sequence[int], element: Attribute) -> Value:
        """A tensor of these sizes: one at hand, or a new one."""
        options = [v for v in self.tensors() if (v.shape, v.element) == (tuple(shape), element) and not v.grade.rough]
        found = self.at_hand(options[:6])
        if found is not None:
            return found
        if self.program.chance(2):
            return self.filled_with(self.operand(element), shape)
        return self.constant_of(shape, element, grade_of_type(element, SMALL))

    def concat(self) -> None:
        """Tensors side by side."""
        options = [value for value in self.tensors(1) if not value.grade.rough]
        if not options:
            return
        first = self.pick(options)
        axis = self.program.integer(0, len(first.shape) - 1)
        fitting = [
            value
            for value in options
            if value.element == first.element
            and len(value.shape) == len(first.shape)
            and all(a == b or number == axis for number, (a, b) in enumerate(zip(value.shape, first.shape)))
        ]
        parts = [first, *(self.program.choice(fitting) for _ in range(self.program.integer(0, 2)))]
        total = sum(value.shape[axis] for value in parts)
        if total * first.size > 20 * MOST_ELEMENTS:
            return
        static = [tensor_type(value).get_shape() for value in parts]
        known = [
            next((sizes[number] for sizes in static if sizes[number] != DYNAMIC_INDEX), DYNAMIC_INDEX)
            for number in range(len(first.shape))
        ]
        along = [sizes[axis] for sizes in static]
        known[axis] = DYNAMIC_INDEX if DYNAMIC_INDEX in along else sum(along)
        op = tensor.ConcatOp([value.ssa for value in parts], axis, TensorType(first.element, known))
        shape = [total if number == axis else size for number, size in enumerate(first.shape)]
        self.tensor(self.code.value(op), shape, *(value.grade for value in parts))

    def pad(self) -> None:
        """A tensor with a border: of a constant, of a value around it, or computed from where it is."""
        source = self.pick([value for value in self.tensors() if not value.grade.rough] or [self.of_shape((2,), i32)])
        low, high = ([self._amount() for _ in source.shape] for _ in range(2))
        before, after = ([each for each, _ in side] for side in (low, high))
        static = [
            DYNAMIC_INDEX if DYNAMIC_INDEX in each else sum(each)
            for each in zip(tensor_type(source).get_shape(), _static(before), _static(after), strict=True)
        ]
        shape = [size + a[1] + b[1] for size, a, b in zip(source.shape, low, high, strict=True)]
        if prod(shape) > 10 * MOST_ELEMENTS:
            return
        border = self._border(source)
        type_ = TensorType(source.element, static)
        sides = _dynamic(before), _dynamic(after)
        op = tensor.PadOp(source.ssa, *sides, Region(border.code.block), _static(before), _static(after), type_)
        self.tensor(self.code.value(op), shape, source.grade, ANY)

    def _amount(self) -> tuple[SSAValue | int, int]:
        number = self.program.integer(0, 2)
        return self.mixed(number, number)

    def _border(self, source: Value) -> TensorBody:
        """The region that gives the elements of a border: anything at hand, or what depends on where it is."""
        block = Block(arg_types=[IndexType() for _ in source.shape])
        outside = self.operand(source.element) if self.program.chance(2) else None
        body = self.inner(block, [Value(argument) for argument in block.args])
        body.compute_some(2)
        value = outside or body.operand(source.element)
        body.code.add(tensor.YieldOp(value.ssa))
        return body


def _static(numbers: Sequence[SSAValue | int]) -> list[int]:
    """The numbers as far as they are known."""
    return [number if isinstance(number, int) else DYNAMIC_INDEX for number in numbers]


def _dynamic(numbers: Sequence[SSAValue | int]) -> list[SSAValue]:
    """The numbers that are values."""
    return [number for number in numbers if isinstance(number, SSAValue)]
