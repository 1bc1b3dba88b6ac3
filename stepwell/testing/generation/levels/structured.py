"""Structured control flow, `scf`, around whatever a level has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from xdsl.dialects import arith, scf
from xdsl.dialects.builtin import DenseArrayBase, IndexType, i32, i64
from xdsl.ir import Attribute, Block, Region

from ..draws import Kinds
from .carrying import arguments, around, joined, next_ones, pairs, some
from .functions import CallingBody
from .program import Value

MOST_TRIPS = 40
"""Loops are not nested any deeper if a block may then run more often than this."""


class StructuredBody(CallingBody):
    """A body in which loops and branches may stand."""

    def structured_kinds(self) -> Kinds:
        """The control flow that may stand here."""
        if not self.depth:
            return []
        kinds = [(3, self.branch), (1, self.switch), (1, self.once), *self.call_kinds()]
        kinds += self.growing_kinds()
        if self.trips <= MOST_TRIPS:
            kinds += [(4, self.counted), (2, self.conditional)]
        return kinds

    def growing_kinds(self) -> Kinds:
        """Loops whose values change their sizes."""
        return []

    def nested(self, types: Sequence[Attribute] = ()) -> Block:
        """A block of a region."""
        return Block(arg_types=types)

    def end(self, values: Sequence[Value]) -> None:
        """End a body of a region that gives values."""
        self.close(values)
        self.code.add(scf.YieldOp(*(value.ssa for value in values)))

    # branches

    def branch(self) -> None:
        """`scf.if`, with or without results."""
        condition = self.truth()
        left, right = self.inner(self.nested()), self.inner(self.nested())
        left.some_statements(4)
        if self.program.chance(3):
            left.end([])
            self.code.add(scf.IfOp(condition.ssa, [], Region(left.code.block)))
            return
        right.some_statements(4)
        both = pairs(left, some(left), right)
        left.end([a for a, _ in both])
        right.end([b for _, b in both])
        types = [value.type for value, _ in both]
        op = self.code.add(
            scf.IfOp(condition.ssa, types, Region(left.code.block), Region(right.code.block)),
        )
        self.values += [joined(result, pair) for result, pair in zip(op.results, both, strict=True)]

    def switch(self) -> None:
        """`scf.index_switch`: one of several regions, or the default one."""
        chosen = self.operand(IndexType())
        cases = (0, 1, 7, -1)[: self.program.integer(0, 3)]
        default = self.inner(self.nested())
        default.some_statements(2)
        columns = [[value] for value in some(default)]
        others = []
        for _ in cases:
            body = self.inner(self.nested())
            body.some_statements(2)
            found = [body.like(column[0], column[0].grade) for column in columns]
            columns = [[*column, value] for column, value in zip(columns, found, strict=True) if value is not None]
            others.append(body)
        for number, body in enumerate((default, *others)):
            body.end([column[number] for column in columns])
        op = scf.IndexSwitchOp(
            chosen.ssa,
            DenseArrayBase.from_list(i64, cases),
            Region(default.code.block),
            [Region(body.code.block) for body in others],
            [column[0].type for column in columns],
        )
        made = self.code.add(op)
        self.values += [joined(result, column) for result, column in zip(made.results, columns, strict=True)]

    def once(self) -> None:
        """`scf.execute_region`: a region that runs once."""
        body = self.inner(self.nested())
        body.some_statements(3)
        ends = some(body)
        body.end(ends)
        op = self.code.add(scf.ExecuteRegionOp([value.type for value in ends], Region(body.code.block)))
        self.values += [replace(value, ssa=result) for value, result in zip(ends, op.results, strict=True)]

    # loops

    def counted(self) -> None:
        """`scf.for` from anywhere to anywhere, in steps of up to 3; it may not run at all."""
        if self.program.chance(5):
            self._counted(*(self.scalar(self.code.constant(self.program.integer(*limits), i32)) for limits in _LIMITS))
            return
        low, high, step = (self.index(*limits) for limits in _LIMITS)
        if self.program.chance(4):
            low = self.scalar(self.code.index(-2), bounds=(-2, -2))
        self._counted(low, high, step)

    def _counted(self, low: Value, high: Value, step: Value) -> None:
        inits = some(self)
        carried = around(self, inits)
        block = self.nested([low.type, *(value.type for value in carried)])
        within, trips = None, _LIMITS[1][1]
        if low.bounds and high.bounds:
            within = low.bounds[0], max(high.bounds[1] - 1, low.bounds[0])
            trips = max(within[1] - within[0] + 1, 1)
        body = self.inner(block, arguments(block, carried, 1), trips)
        body.add(Value(block.args[0], bounds=within))
        body.some_statements(5)
        body.end(next_ones(body, carried))
        loop = scf.ForOp(low.ssa, high.ssa, step.ssa, [value.ssa for value in inits], Region(block))
        op = self.code.add(loop)
        self.values += arguments_of(op.results, carried)

    def conditional(self) -> None:
        """`scf.while`: it counts, so that it ends; what goes into the body need not be what goes around."""
        inits, most = some(self), self.program.integer(0, 3)
        carried = around(self, inits)
        start = self.scalar(self.code.constant(0, i32))
        before = self.nested([i32, *(value.type for value in carried)])
        deciding = self.inner(before, arguments(before, carried, 1), trips=4)
        deciding.some_statements(2)
        limit = deciding.code.constant(most, i32)
        goes_on = deciding.code.value(arith.CmpiOp(before.args[0], limit, "slt"))
        if self.program.chance(3):
            goes_on = deciding.code.value(arith.AndIOp(goes_on, deciding.truth().ssa))
        forwarded = [replace(value, bounds=None, truth=None) for value in some(deciding)]
        deciding.close(forwarded)
        deciding.code.add(scf.ConditionOp(goes_on, before.args[0], *(value.ssa for value in forwarded)))
        types = [i32, *(value.type for value in forwarded)]
        after = self.nested(types)
        body = self.inner(after, arguments(after, forwarded, 1), trips=3)
        body.some_statements(4)
        following = body.code.value(arith.AddiOp(after.args[0], body.code.constant(1, i32)))
        body.end([Value(following), *next_ones(body, carried)])
        op = self.code.add(scf.WhileOp([start.ssa, *(v.ssa for v in inits)], types, Region(before), Region(after)))
        self.values += arguments_of(op.results[1:], forwarded)


_LIMITS = ((0, 2), (0, 4), (1, 3))
"""Between which numbers the bounds and the step of a loop lie."""


def arguments_of(results: Sequence[Value] | Sequence[object], known: Sequence[Value]) -> list[Value]:
    """The results of a loop, of which is known what is known of what goes around."""
    return [replace(value, ssa=result) for value, result in zip(known, results, strict=True)]  # pyright: ignore
