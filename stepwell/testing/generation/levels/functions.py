"""Functions of a drawn module: `main`, and private ones that it calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from xdsl.dialects import func
from xdsl.dialects.builtin import AnyFloat, TensorType, VectorType

from ..draws import Kinds
from ..program import Case
from .body import SCALARS, LevelBody
from .carrying import arguments, some
from .program import ANY, Function, LevelProgram, Value, widest

MOST_RESULTS = 8
"""How many unused scalars a program returns."""


@dataclass(frozen=True)
class Callee:
    """A private function; `given`, `results`: values such as it takes and gives."""

    name: str
    given: Sequence[Value]
    results: Sequence[Value]


class CallingBody(LevelBody):
    """A body that calls functions."""

    def call_kinds(self) -> Kinds:
        """The calls that may stand here."""
        return [(1, self.call_new), *([(1, self.call_again)] if self.program.callees else [])]

    def in_function(self, function: Function, given: Sequence[Value]) -> Self:
        """The beginning of a function, which sees what it is given and nothing else; other arguments come before."""
        known = [replace(value, bounds=None, truth=None) for value in given]
        first = len(function.entry.args) - len(given)
        values = arguments(function.entry, known, first)
        body = type(self)(self.program, function, function.entry, values, self.depth - 1)
        body.trips = self.trips
        return body

    def call_new(self) -> None:
        """A call of a function of its own."""
        given = self.given()
        function = self.program.function(self.program.name("callee"), [value.type for value in given])
        body = self.in_function(function, given)
        body.statements(self.program.integer(1, 3))
        ends = some(body)
        body.close(ends)
        body.leave(ends)
        self.program.functions.append(self.program.closed(function, [end.type for end in ends]))
        callee = Callee(function.name, given, ends)
        self.call(callee.name, given, ends)
        self.program.callees.append(callee)

    def new_data(self) -> None:
        """A parameter of `main` that is no scalar."""
        raise NotImplementedError

    def given(self) -> list[Value]:
        """What a function is given."""
        return some(self)

    def call_again(self) -> None:
        """A call of a function that there is already, on memory that does not overlap."""
        callee = self.program.choice(self.program.callees)
        assert isinstance(callee, Callee)
        given = self.alike(callee.given)
        roots = [root for value in given for root in value.roots]
        if len(given) == len(callee.given) and len(set(roots)) == len(roots):
            self.call(callee.name, given, callee.results)

    def alike(self, values: Sequence[Value]) -> list[Value]:
        """Something of the types and grades of these values, where there is any."""
        found = [self.like(value, value.grade) for value in values]
        return [value for value in found if value is not None]

    def call(self, name: str, given: Sequence[Value], results: Sequence[Value]) -> list[Value]:
        """Call a function; what it gives may be memory that it was given."""
        op = self.code.add(func.CallOp(name, [value.ssa for value in given], [value.type for value in results]))
        roots = frozenset([object()]).union(*(value.roots for value in given))
        made = []
        for value, ssa in zip(results, op.results, strict=True):
            known = roots if value.roots else value.roots
            made.append(self.add(replace(value, ssa=ssa, bounds=None, truth=None, roots=known)))
        return made

    def leave(self, values: Sequence[Value]) -> None:
        """Return from the function."""
        self.code.add(func.ReturnOp(*(value.ssa for value in values)))

    def settle(self) -> None:
        """Decide what the function returns before it is written."""
        types = [self.program.choice(SCALARS) for _ in range(self.program.integer(0, 2))]
        found = [self.leaf(type_) for type_ in types]
        known = [replace(v, grade=widest(v.grade, ANY)) if isinstance(v.type, AnyFloat) else v for v in found]
        self.function.results = known

    def last_values(self) -> list[Value]:
        """What the program returns at its end: what nothing else uses, and more."""
        if self.function.results is not None:
            return self.alike(self.function.results)
        unused = [value for value in self.values if value.ssa.first_use is None]
        scalars = [value for value in unused if value.is_scalar][-MOST_RESULTS:]
        tensors = [value for value in unused if isinstance(value.type, TensorType)][-MOST_RESULTS:]
        return [*scalars, *tensors, *(value for value in some(self, 2) if not isinstance(value.type, VectorType))]


def run_main(program: LevelProgram, kind: type[CallingBody], max_statements: int, depth: int) -> Case:
    """A module whose `main` has up to so many statements."""
    main = program.function("main", open_=True)
    body = kind(program, main, main.entry, depth=depth)
    size = program.integer(1, max_statements)
    for _ in range(program.integer(0, 2)):
        body.new_data()
    if program.chance(3):
        body.statements(1)
        body.settle()
    body.statements(size)
    ends = body.last_values()
    body.close(ends)
    body.leave(ends)
    return program.finish(main, [end.type for end in ends])
