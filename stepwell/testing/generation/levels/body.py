"""A place in a program: what is at hand there, and statements that use it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from types import ModuleType
from typing import Any, Self

import numpy as np
from xdsl.dialects import arith
from xdsl.dialects.builtin import AnyFloat, IndexType, MemRefType, f32, f64, i1, i8, i16, i32, i64
from xdsl.ir import Attribute, Block, Operation, SSAValue

from stepwell.dialects import debug

from ..draws import Kinds
from ..program import Body
from .program import ANY, SMALL, Bounds, Code, Function, Grade, LevelProgram, Value, grade_of_type, width_of

INTEGERS = (i32, i64, i8, i16)
FLOATS = (f32, f64)
SCALARS: tuple[Attribute, ...] = (i32, f32, IndexType(), i1, f64, i64, i8, i16)
"""The types of scalars, simplest first."""
ELEMENTS: tuple[Attribute, ...] = (f32, i32, f64, i64, i8, i1, i16)
"""The types of elements in memory."""
RECENT = 8
"""How many of the last values an operand is chosen from."""

MORE = 3
"""How much more often statements are drawn that make an op that the program is for."""


def ops_made_by(action: Callable[..., Any]) -> frozenset[str]:
    """The names of the ops that a statement makes, as far as its own code names their classes."""
    return _named_in(getattr(action, "__func__", action))


@cache
def _named_in(function: Any) -> frozenset[str]:
    code, scope = function.__code__, function.__globals__
    modules = [scope[name] for name in code.co_names if isinstance(scope.get(name), ModuleType)]
    found = [getattr(place, name, None) for place in modules for name in code.co_names]
    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    for value in (*cells, *(scope.get(name) for name in code.co_names)):
        found += value if isinstance(value, tuple) else [value]
    classes = [each for each in found if isinstance(each, type) and issubclass(each, Operation)]
    return frozenset(name for each in classes if isinstance(name := getattr(each, "name", None), str))


class LevelBody(Body[LevelProgram, Function, Value]):
    """What is at hand at the end of a block: scalars, tensors and memrefs.

    Attributes:
        code: where ops go.
        trips: how often the block runs, at most.
    """

    def __init__(
        self,
        program: LevelProgram,
        function: Function,
        block: Block,
        values: Sequence[Value] = (),
        depth: int = 0,
    ):
        super().__init__(program, function, values, depth)
        self.code = Code(program, block)
        self.trips = 1

    def inner(self, block: Block, values: Sequence[Value] = (), trips: int = 1) -> Self:
        """The body of a nested block, which sees what is at hand here."""
        body = type(self)(self.program, self.function, block, [*self.values, *values], self.depth - 1)
        body.trips = self.trips * trips
        return body

    def weighted_kinds(self) -> Kinds:
        """The statements that may stand here, those that make an op the program is for with a greater weight."""
        wanted = self.program.wanted
        return [
            (weight * (MORE if wanted & ops_made_by(action) else 1), action)
            for weight, action in super().weighted_kinds()
        ]

    def effect_kinds(self) -> Kinds:
        """What can be seen from outside, besides results."""
        return [(1, self.show)]

    def show(self) -> None:
        """Print a few scalars."""
        options = self.scalars(*SCALARS)
        shown = [self.program.choice(options[:RECENT]) for _ in range(self.program.integer(0, 2) if options else 0)]
        text = " ".join(["line", *(f"{{{number}}}" for number in range(len(shown)))])
        self.code.add(debug.PrintOp(f"{text} of {self.program.line}", [value.ssa for value in shown]))

    def may_carry(self, value: Value) -> bool:
        """Whether branches and loops carry such values."""
        return True

    def close(self, escaping: Iterable[Value] = ()) -> None:
        """The end of the body, from which some values go on elsewhere."""

    def some_statements(self, most: int) -> None:
        """Up to so many statements."""
        self.statements(self.program.integer(0, most))

    def scalar(self, ssa: SSAValue, grade: Grade = ANY, bounds: Bounds | None = None) -> Value:
        """A scalar that was computed."""
        known = bounds if isinstance(ssa.type, IndexType) else None
        return self.add(Value(ssa, (), grade_of_type(ssa.type, grade), known))

    def scalars(self, *types: Attribute, rough: bool = False) -> list[Value]:
        """The scalars of these types at hand, the latest first."""
        return [v for v in reversed(self.values) if v.is_scalar and v.type in types and (rough or not v.grade.rough)]

    def operand(self, type_: Attribute, grade: Grade = ANY) -> Value:
        """A scalar of a type: one of the latest, or a new leaf."""
        options = [value for value in self.scalars(type_, rough=grade.rough) if value.grade.fits(grade)]
        options = self.unused_first(options)[:RECENT]
        return self.at_hand(options) or self.leaf(type_, grade)

    def at_hand(self, options: Sequence[Value]) -> Value | None:
        """One of the given values, or None, the simplest choice, for a new one."""
        number = self.program.integer(0, len(options))
        return options[number - 1] if number else None

    def unused_first(self, values: Sequence[Value]) -> list[Value]:
        """The values in their order; often those come first that nothing uses yet, so that little is in vain."""
        if self.program.chance(2):
            return list(values)
        return sorted(values, key=lambda value: value.ssa.first_use is not None)

    def leaf(self, type_: Attribute, grade: Grade = ANY) -> Value:
        """A constant, or a new parameter of the program."""
        if not self.function.open or not self.program.chance(3):
            return self.constant(type_, grade)
        grade = grade_of_type(type_, SMALL if grade.rough else grade)
        return self.parameter(type_, self.program.array((), type_, grade), grade)

    def parameter(self, type_: Attribute, array: np.ndarray, grade: Grade) -> Value:
        """A new parameter of the program, which is given `array`."""
        ssa = self.program.parameter(self.function, type_, array)
        truth = bool(array) if type_ == i1 else None
        bounds = (int(array), int(array)) if isinstance(type_, IndexType) else None
        roots = frozenset([object()]) if isinstance(type_, MemRefType) else frozenset()
        return self.add(Value(ssa, array.shape, grade, bounds, roots, truth=truth))

    def constant(self, type_: Attribute, grade: Grade = ANY) -> Value:
        """A constant, often one that ops have rules for."""
        if isinstance(type_, AnyFloat):
            number, grade = self._float(grade)
            return self.scalar(self.code.constant(number, type_), grade)
        if type_ == i1:
            truth = self.program.integer(0, 1)
            return self.add(Value(self.code.constant(truth, type_), truth=bool(truth)))
        limits = np.iinfo(f"i{max(width_of(type_), 8) // 8}")
        options = (1, 0, -1, 2, 3, 7, -5, limits.max, limits.min)
        number = self.program.choice(options[: -2 if isinstance(type_, IndexType) else None])
        return self.scalar(self.code.constant(number, type_), ANY, (number, number))

    def _float(self, grade: Grade) -> tuple[float, Grade]:
        options = [1.0, 0.0, -1.0, 2.0, 0.5, -0.0, 3.0, float("nan"), float("inf"), float("-inf"), 0.25]
        others = [] if grade.before is not None else [0.1, 1e30, -1e-30]
        number = self.program.choice([*options, *others])
        return number, ANY if number in others else SMALL

    def index(self, low: int, high: int) -> Value:
        """An index from `low` to `high`, for certain."""
        options = [v for v in self.scalars(IndexType()) if v.bounds and low <= v.bounds[0] and v.bounds[1] <= high]
        if len(others := [v for v in self.scalars(IndexType()) if v not in options]) and self.program.chance(4):
            return self.clamped(self.program.choice(others[:RECENT]), low, high)
        number = self.program.integer(0, len(options := options[:RECENT]) + 1)
        if number < 2:
            fixed = self.program.integer(low, high) if number else low
            return self.scalar(self.code.index(fixed), ANY, (fixed, fixed))
        return options[number - 2]

    def clamped(self, value: Value, low: int, high: int) -> Value:
        """A value brought into a range."""
        at_least = self.code.value(arith.MaxSIOp(value.ssa, self.code.index(low)))
        within = self.code.value(arith.MinSIOp(at_least, self.code.index(high)))
        return self.scalar(within, ANY, (low, high))

    def truth(self) -> Value:
        """A condition."""
        return self.operand(i1)

    def type(self, among: Sequence[Attribute] = SCALARS) -> Attribute:
        """A type; often that of something at hand."""
        have = [value.element for value in reversed(self.values) if value.element in among][:4]
        return self.program.choice([*among, *have, *have])

    def like(self, wanted: Value, grade: Grade) -> Value | None:
        """A value of the type and sizes of another one, for a place where floats have `grade`.

        What is written to memory through one name is read through others, so that memory keeps its own grade.
        """
        in_memory = isinstance(wanted.type, MemRefType)
        options = [
            value
            for value in reversed(self.values)
            if (value.type, value.shape) == (wanted.type, wanted.shape)
            and (value.grade == wanted.grade if in_memory else value.grade.fits(grade))
            and (value.writable or not wanted.writable)
        ]
        if not options:
            return self.constant(wanted.type, grade) if wanted.is_scalar else None
        return self.program.choice(self.unused_first(options)[:RECENT])
