"""Modules at the `linalg` level: computations over tensors, what moves their elements, and Variables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from xdsl.dialects import bufferization, memref, scf, tensor
from xdsl.dialects.builtin import DYNAMIC_INDEX, IndexType, MemRefType, TensorType, UnitAttr, i1
from xdsl.ir import Attribute, Region

from ..draws import Kinds
from ..program import Case
from .body import ELEMENTS
from .carrying import some
from .functions import run_main
from .generics import GenericBody
from .program import ANY, SMALL, Grade, LevelProgram, Value, grade_of_type
from .shapes import MOST_ELEMENTS
from .structured import StructuredBody
from .tensors import tensor_type


class LinalgBody(GenericBody, StructuredBody):
    """What is at hand at the end of the block of a loop, a branch or a function."""

    def kinds(self) -> Kinds:
        """Arithmetic, tensors, control flow, and Variables."""
        kinds = [
            (6, self.arithmetic),
            *self.tensor_kinds(),
            *self.generic_kinds(),
            *self.structured_kinds(),
            *self.effect_kinds(),
        ]
        if self.function.open:
            kinds += [(3, self.new_data), (1, self.new_variable)]
        if self.variables():
            kinds += [(3, self.read), (4, self.assign), (1, self.load)]
        return kinds

    def arithmetic(self) -> None:
        """An op on scalars."""
        self.compute_some(1)

    def may_carry(self, value: Value) -> bool:
        """Scalars and tensors go around loops; Variables stay where they are."""
        return not isinstance(value.type, MemRefType)

    def given(self) -> list[Value]:
        """What a function is given: Variables, too."""
        found = self.variables()
        count = self.program.integer(0, 2) if found else 0
        return [*some(self), *(self.program.choice(found) for _ in range(count))]

    def like(self, wanted: Value, grade: Grade) -> Value | None:
        """A value of the sizes of another one, whose type then says as much of them."""
        if not isinstance(wanted.type, TensorType):
            return super().like(wanted, grade)
        kind = wanted.shape, wanted.element
        options = [v for v in self.tensors() if (v.shape, v.element) == kind and v.grade.fits(grade)]
        return self.seen_as(self.pick(options), wanted.type.get_shape()) if options else None

    def look_up(self) -> None:
        """An element of a tensor or a Variable outside."""
        if any(value.size for value in self.variables()) and self.program.chance(3):
            self.load()
        else:
            super().look_up()

    def new_data(self) -> None:
        """One more parameter that is a tensor."""
        self._new(TensorType, self.a_shape())

    def _new(self, kind: type[TensorType[Attribute]] | type[MemRefType[Attribute]], shape: Sequence[int]) -> None:
        element = self.program.choice(ELEMENTS)
        grade = grade_of_type(element, ANY if self.program.chance(3) else SMALL)
        array = self.program.array(shape, element, grade)
        self.parameter(kind(element, self.open_shape(shape)), array, grade)

    # sizes that change

    def growing_kinds(self) -> Kinds:
        """Loops and branches whose tensors change their sizes."""
        if not self.tensors(1):
            return []
        return [(2, self.growing), *([(2, self.of_any_size)] if self.known_truths() else [])]

    def known_truths(self) -> list[Value]:
        """The conditions of which is known what they are."""
        return [value for value in self.scalars(i1) if value.truth is not None]

    def growing(self) -> None:
        """A loop in which a tensor becomes longer each time."""
        first = self.pick(self.tensors(1))
        trips = self.program.integer(0, 3)
        if first.grade.rough or first.size > MOST_ELEMENTS:
            return
        sizes = [DYNAMIC_INDEX, *first.shape[1:]]
        init = self.seen_as(first, sizes)
        low, high, step = (self.code.index(number) for number in (0, trips, 1))
        block = self.nested([IndexType(), init.type])
        body = self.inner(block, trips=3)
        body.add(Value(block.args[0], bounds=(0, 2)))
        body.compute_some(2)
        more = body.of_shape((self.program.integer(0, 2), *first.shape[1:]), first.element)
        parts = [block.args[1], body.seen_as(more, sizes).ssa]
        if self.program.chance(2):
            parts.reverse()
        longer = body.code.value(tensor.ConcatOp(parts, 0, tensor_type(init)))
        if self.program.chance(2):  # what it was is needed while it is made, and once more afterwards
            size = body.code.value(tensor.DimOp(block.args[1], body.code.index(0)))
            body.scalar(size)
        body.code.add(scf.YieldOp(longer))
        loop = self.code.add(scf.ForOp(low, high, step, [init.ssa], Region(block)))
        length = first.shape[0] + trips * more.shape[0]
        self.tensor(loop.results[0], (length, *first.shape[1:]), first.grade, more.grade)

    def of_any_size(self) -> None:
        """A branch that gives one of two tensors of other sizes."""
        condition = self.program.choice(self.known_truths())
        first = self.pick(self.tensors(1))
        others = [v for v in self.tensors(1) if v.element == first.element and len(v.shape) == len(first.shape)]
        second = self.pick(others)
        type_ = TensorType(first.element, [DYNAMIC_INDEX] * len(first.shape))
        regions = []
        for value in (first, second):
            body = self.inner(self.nested())
            body.end([body.seen_as(value, [DYNAMIC_INDEX] * len(value.shape))])
            regions.append(Region(body.code.block))
        op = self.code.add(scf.IfOp(condition.ssa, [type_], *regions))
        taken = first if condition.truth else second
        self.tensor(op.results[0], taken.shape, taken.grade)

    # Variables

    def variables(self) -> list[Value]:
        """The Variables at hand."""
        return [value for value in reversed(self.values) if isinstance(value.type, MemRefType)]

    def new_variable(self) -> None:
        """One more parameter that is memory."""
        self._new(MemRefType, self.a_shape(2))

    def read(self) -> None:
        """What a Variable holds now."""
        variable = self.program.choice(self.variables())
        op = bufferization.ToTensorOp(variable.ssa, restrict=True)
        self.tensor(self.code.value(op), variable.shape, variable.grade)

    def assign(self) -> None:
        """A tensor becomes what a Variable holds."""
        variable = self.program.choice(self.variables())
        assert isinstance(variable.type, MemRefType)
        options = [
            value
            for value in self.tensors()
            if (value.shape, value.element) == (variable.shape, variable.element) and value.grade.fits(variable.grade)
        ]
        value = self.at_hand(options[:6]) or self.constant_of(variable.shape, variable.element, SMALL)
        seen = self.seen_as(value, variable.type.get_shape())
        self.code.add(
            bufferization.MaterializeInDestinationOp(
                operands=[seen.ssa, variable.ssa], result_types=[[]], properties={"writable": UnitAttr()}
            )
        )

    def load(self) -> None:
        """One element of a Variable."""
        options = [value for value in self.variables() if value.size]
        if options:
            source = self.program.choice(options)
            loaded = memref.LoadOp.get(source.ssa, self.place_in(source))
            self.scalar(self.code.value(loaded), source.grade)


@st.composite
def linalg_modules(draw: Any, max_statements: int = 12, depth: int = 2, wanted: frozenset[str] = frozenset()) -> Case:
    """Valid modules at the `linalg` level that end and do nothing undefined, with inputs for them.

    Computations have loops in any order, maps that turn, broadcast, reverse, shift and overlap, several inputs and
    outputs, and bodies that look at where they are, look things up, and branch. Tensors have sizes that are known or
    not, none at all, or no axes; they are written over and still used, cut, joined, and carried by loops and branches.
    Variables are read and assigned between all that, in called functions too.

    Args:
        max_statements: at most so many at the outermost level.
        depth: how deep control flow and calls nest; 0 for straight lines.
        wanted: the names of ops that are made more often than others.

    Example:
        >>> from hypothesis import given
        >>> from stepwell.dialects.levels import LEVELS
        >>> @given(linalg_modules())
        ... def is_at_its_level(case):
        ...     assert not list(LEVELS["linalg"].illegal_ops(case.module))
        >>> is_at_its_level()
    """
    return run_main(LevelProgram(draw, wanted=wanted), LinalgBody, max_statements, depth)
