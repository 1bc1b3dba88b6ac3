"""Modules at the `loops` level: nests of loops over memory, among them such that may be turned into vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from xdsl.dialects import arith, memref, scf
from xdsl.dialects.builtin import IndexType, UnitAttr
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue

from stepwell.compiler.lowering.loops.builder import PARALLEL, REDUCTION

from ..draws import Kinds
from ..program import Case
from .arithmetic import multiplied
from .body import FLOATS, INTEGERS
from .functions import run_main
from .program import ANY, SMALL, LevelProgram, Value
from .structured import StructuredBody, arguments_of
from .totals import OF_INTEGERS, a_kind, combined, item_grade, prepared, total_grade
from .vectors import VectorBody

MOST_STEPS = 700
"""A loop over memory does not stand where it would run through more iterations than this."""


class LoopsBody(VectorBody, StructuredBody):
    """What is at hand at the end of the block of a loop, a branch or a function."""

    def kinds(self) -> Kinds:
        """Arithmetic, memory, control flow, and loops whose iterations are independent or accumulate."""
        kinds = [
            *self.scalar_kinds(),
            *self.memory_kinds(),
            *self.vector_kinds(),
            *self.structured_kinds(),
            *self.effect_kinds(),
        ]
        if self.depth and any(value.shape and value.size for value in self.buffers()):
            kinds += [(6, self.accumulate)]
            if any(value.shape and value.size for value in self.buffers(writable=True)):
                kinds += [(7, self.independent), (2, self.rows), (2, self.parallel)]
        return kinds

    # loops whose iterations are independent

    def _walked(self, values: Sequence[Value]) -> Value | None:
        """A memref of which a loop may walk along the last axis."""
        options = [v for v in values if v.shape and v.size and self.trips * v.shape[-1] <= MOST_STEPS]
        if self.program.chance(2):
            options.sort(key=lambda value: -value.shape[-1])
        return self.program.choice(options[:3]) if options else None

    def _extent(self, size: int) -> tuple[Value, Value]:
        """The bounds of a loop within so many elements: mostly over all of them."""
        if self.program.chance(3):
            return self.index(0, size // 2), self.index(0, size)
        return self.index(0, 0), self.index(size, size)

    def _loop(self, low: Value, high: Value, mark: str, inits: Sequence[Value], body: LoopsBody) -> scf.ForOp:
        step = self.code.index(1)
        loop = scf.ForOp(low.ssa, high.ssa, step, [value.ssa for value in inits], Region(body.code.block))
        if not self.program.chance(8):
            loop.attributes[mark] = UnitAttr()
        return self.code.add(loop)

    def _in_loop(self, low: Value, high: Value, carried: Sequence[Attribute] = ()) -> LoopsBody:
        """The body of a loop, whose counter is the last value in it."""
        assert low.bounds is not None and high.bounds is not None
        block = Block(arg_types=[IndexType(), *carried])
        within = low.bounds[0], max(high.bounds[1] - 1, low.bounds[0])
        body = self.inner(block, [Value(block.args[0], bounds=within)], max(within[1] + 1, 1))
        body.depth = 0
        return body

    def independent(self) -> None:
        """A loop that gives each element of some memory a new value, from nothing that it writes itself."""
        target = self._walked(self.buffers(writable=True))
        if target is not None:
            outer = [self.index(0, size - 1).ssa for size in target.shape[:-1]]
            self._along(target, outer, [])

    def _along(self, target: Value, outer: Sequence[SSAValue], read: Sequence[Value]) -> None:
        low, high = self._extent(target.shape[-1])
        body = self._in_loop(low, high)
        counter = body.values[-1]
        room = target.shape[-1] - 1 - (counter.bounds or (0, 0))[1]
        place = [*outer, body.shifted(counter, room).ssa]
        body.compute_lanes(counter, target, place)
        others = [v for v in self.buffers(writable=True) if v.shape == target.shape and not v.roots & target.roots]
        targets = [target, *([self.program.choice(others)] if others and self.program.chance(3) else [])]
        for each in targets:
            if each is target or not body.has_read(each):
                number = body.operand(each.element, replace(each.grade, rough=False))
                body.code.add(memref.StoreOp.get(number.ssa, each.ssa, place))
        body.code.add(scf.YieldOp())
        self._loop(low, high, PARALLEL, [], body)

    def has_read(self, value: Value) -> bool:
        """Whether this block has read memory that a value may overlap."""
        loaded = {op.memref for op in self.code.block.ops if isinstance(op, memref.LoadOp)}
        return any(other.roots & value.roots for other in self.values if other.ssa in loaded)

    def shifted(self, counter: Value, room: int) -> Value:
        """The counter, or a place a little further on."""
        if room < 1 or not self.program.chance(3):
            return counter
        by = self.index(0, min(room, 3))
        assert counter.bounds is not None and by.bounds is not None
        bounds = counter.bounds[0] + by.bounds[0], counter.bounds[1] + by.bounds[1]
        return self.scalar(self.code.value(arith.AddiOp(counter.ssa, by.ssa)), ANY, bounds)

    def compute_lanes(self, counter: Value, target: Value | None, place: Sequence[SSAValue]) -> None:
        """Loads along the loop, of what it does not write but for the element it is about to, and arithmetic."""
        if target is not None and self.program.chance(2):
            self.scalar(self.code.value(memref.LoadOp.get(target.ssa, place)), target.grade)
        written = target.roots if target is not None else frozenset()
        sources = [value for value in self.buffers() if value.size and not value.roots & written]
        for _ in range(self.program.integer(0, min(len(sources), 3))):
            source = self.program.choice(sources)
            indices = [self.index(0, size - 1) for size in source.shape]
            if source.shape and not self.program.chance(4):
                indices[-1] = self._along_axis(counter, source.shape[-1]) or indices[-1]
            self.scalar(self.code.value(memref.LoadOp.get(source.ssa, [i.ssa for i in indices])), source.grade)
        if self.program.chance(4):
            self.scalar(self.code.value(arith.IndexCastOp(counter.ssa, self.program.choice(INTEGERS))))
        self.compute_some(5)

    def load_along(self, counter: Value, source: Value) -> None:
        """Loads of one element or two where the loop is, of memory of one axis."""
        others = [v for v in self.buffers() if v.shape == source.shape and v.element == source.element]
        for each in (source, *([self.program.choice(others)] if self.program.chance(2) else [])):
            self.scalar(self.code.value(memref.LoadOp.get(each.ssa, [counter.ssa])), each.grade)

    def _along_axis(self, counter: Value, size: int) -> Value | None:
        assert counter.bounds is not None
        return self.shifted(counter, size - 1 - counter.bounds[1]) if counter.bounds[1] < size else None

    def rows(self) -> None:
        """A loop that accumulates along rows of memory: the loop inside of it is independent, it is not."""
        target = self._walked(self.buffers(writable=True))
        if target is None:
            return
        low, high = self.index(0, 0), self.index(0, 3)
        body = self._in_loop(low, high)
        if body.trips * target.shape[-1] <= MOST_STEPS:
            outer = [body.index(0, size - 1).ssa for size in target.shape[:-1]]
            body._along(target, outer, [])
        body.code.add(scf.YieldOp())
        self._loop(low, high, REDUCTION, [], body)

    def parallel(self) -> None:
        """`scf.parallel`, perhaps over several axes, perhaps with a total."""
        options = [v for v in self.buffers(writable=True) if v.shape and v.size and self.trips * v.size <= MOST_STEPS]
        if not options:
            return
        target = self.program.choice(options)
        ranges = [self._extent(size) for size in target.shape]
        block = Block(arg_types=[IndexType()] * len(ranges))
        body = self.inner(block, trips=target.size)
        body.depth = 0
        for argument, (low, high) in zip(block.args, ranges, strict=True):
            assert low.bounds is not None and high.bounds is not None
            body.add(Value(argument, bounds=(low.bounds[0], max(high.bounds[1] - 1, low.bounds[0]))))
        counter, place = body.values[-1], list(block.args)
        body.compute_lanes(counter, target, place)
        number = body.operand(target.element, replace(target.grade, rough=False))
        body.code.add(memref.StoreOp.get(number.ssa, target.ssa, place))
        start, parts, regions = self._totals(body)
        body.code.add(scf.ReduceOp([part.ssa for part in parts], regions))
        steps = [self.index(1, 2).ssa for _ in ranges]
        bounds = [[each.ssa for each in side] for side in zip(*ranges, strict=True)]
        loop = scf.ParallelOp(bounds[0], bounds[1], steps, Region(block), [value.ssa for value in start])
        for result in self.code.add(loop).results:
            self.scalar(result)

    def _totals(self, body: LoopsBody) -> tuple[list[Value], list[Value], list[Region]]:
        """What a parallel loop adds up: starts, parts, and how two of them are combined."""
        if not self.program.chance(3):
            return [], [], []
        type_ = self.program.choice(INTEGERS)
        start, part = self.operand(type_), body.operand(type_)
        combining = self.inner(Block(arg_types=[type_, type_]))
        kind = self.program.choice(OF_INTEGERS)
        total = combining.code.value(kind(*combining.code.block.args))  # pyright: ignore[reportCallIssue]
        combining.code.add(scf.ReduceReturnOp(total))
        return [start], [part], [Region(combining.code.block)]

    # loops that accumulate

    def accumulate(self) -> None:
        """A loop that adds up, multiplies, or looks for the largest, in one value or several.

        Every second one is plain: over many elements, with nothing but loads, products and totals in its body.
        """
        plain = self.program.chance(2)
        source = self.long_memory() if plain else self._walked(self.buffers())
        if source is None or self.trips * source.shape[-1] > MOST_STEPS:
            return
        low, high = self._extent(source.shape[-1])
        trips = source.shape[-1]
        types = [source.element if plain else self._total_type(source) for _ in range(self.program.integer(1, 2))]
        kinds = [self._total_kind(type_, trips, plain) for type_ in types]
        inits = [self.operand(type_, item_grade(kind)) for type_, kind in zip(types, kinds, strict=True)]
        inits = [prepared(self, kind, value) for kind, value in zip(kinds, inits, strict=True)]
        body = self._in_loop(low, high, types)
        counter = body.values[-1]
        if plain:
            body.load_along(counter, source)
        elif counter.bounds is not None and counter.bounds[1] < source.shape[-1]:
            body.compute_lanes(counter, None, [])
        ends = []
        for kind, argument in zip(kinds, body.code.block.args[1:], strict=True):
            item = prepared(body, kind, body.product_or_operand(argument.type, kind))
            ends.append(body.scalar(combined(body, kind, argument, item), total_grade(kind)))
        body.code.add(scf.YieldOp(*(end.ssa for end in ends)))
        self.values += arguments_of(self._loop(low, high, REDUCTION, inits, body).results, ends)

    def _total_kind(self, type_: Attribute, trips: int, plain: bool) -> type[Operation]:
        """An op that combines so many values; every second plain one of floats is a sum, as of products."""
        is_sum = plain and type_ in FLOATS and self.program.chance(2)
        return arith.AddfOp if is_sum else a_kind(self, type_, trips)

    def product_or_operand(self, type_: Attribute, kind: type[Operation]) -> Value:
        """What is added to a total; often a product, which may be fused with the sum."""
        if kind is arith.AddfOp and self.program.chance(2):
            a, b = (self.operand(type_, SMALL) for _ in range(2))
            return self.scalar(self.code.value(arith.MulfOp(a.ssa, b.ssa)), multiplied(a.grade, b.grade))
        return self.operand(type_, item_grade(kind))

    def _total_type(self, source: Value) -> Attribute:
        return self.program.choice([source.element, *FLOATS, *INTEGERS])


@st.composite
def loops_modules(draw: Any, max_statements: int = 16, depth: int = 3, wanted: frozenset[str] = frozenset()) -> Case:
    """Valid modules at the `loops` level that end and do nothing undefined, with inputs for them.

    Loops have bounds that are known or not, steps, and no iterations at all; they carry scalars and memory, in any
    order. Loops that say that they are parallel or reductions are. Memory is allocated and freed, constant, or given to
    the program; it is seen through parts, with gaps and without some axes, and in other shapes. There are branches of
    every kind, and calls.

    Args:
        max_statements: at most so many at the outermost level.
        depth: how deep control flow and calls nest; 0 for straight lines.
        wanted: the names of ops that are made more often than others.

    Example:
        >>> from hypothesis import given
        >>> from stepwell.dialects.levels import LEVELS
        >>> @given(loops_modules())
        ... def is_at_its_level(case):
        ...     assert not list(LEVELS["loops"].illegal_ops(case.module))
        >>> is_at_its_level()
    """
    return run_main(LevelProgram(draw, wanted=wanted), LoopsBody, max_statements, depth)
