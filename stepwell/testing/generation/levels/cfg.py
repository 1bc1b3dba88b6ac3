"""Modules at the `cfg` level: basic blocks with arguments, branches of every shape, memory, and calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from xdsl.dialects import arith, cf
from xdsl.dialects.builtin import IndexType, i1, i32
from xdsl.ir import Attribute, Block, SSAValue

from ..draws import Kinds
from ..program import Case
from .carrying import arguments, around, joined, next_ones, pairs, some
from .functions import CallingBody, run_main
from .program import LevelProgram, Value
from .vectors import VectorBody

MOST_TRIPS = 40
"""Loops are not nested any deeper if a block may then run more often than this."""


class CfgBody(VectorBody, CallingBody):
    """What is at hand at the end of a basic block."""

    def kinds(self) -> Kinds:
        """Arithmetic, memory, branches and calls."""
        kinds = [*self.scalar_kinds(), *self.memory_kinds(), *self.vector_kinds(), *self.effect_kinds()]
        if self.depth:
            kinds += [(2, self.diamond), (2, self.same_target), (1, self.triangle), (1, self.unreachable)]
            kinds += self.call_kinds()
            if self.function.results is not None:
                kinds.append((2, self.early_return))
            if self.trips <= MOST_TRIPS:
                kinds += [(2, self.counted), (2, self.repeated), (2, self.web), (1, self.recursion)]
        return kinds

    # blocks

    def block(self, types: Sequence[Attribute] = ()) -> Block:
        """A new block of the function, somewhere behind the first one."""
        block, region = Block(arg_types=types), self.function.region
        for argument in block.args:
            argument.location = self.program.place()
        count = len(region.blocks)
        region.insert_block(block, count - self.program.integer(0, count - 1))
        return block

    def jump(self, target: Block, values: Sequence[Value] = ()) -> None:
        """End the block with a branch."""
        self.code.add(cf.BranchOp(target, *(value.ssa for value in values)))

    def fork(
        self,
        condition: SSAValue,
        then: Block,
        then_values: Sequence[Value],
        other: Block,
        other_values: Sequence[Value],
    ) -> None:
        """End the block with a branch to one of two blocks."""
        given = [value.ssa for value in then_values], [value.ssa for value in other_values]
        if self.program.chance(2):
            truth = self.code.constant(1, i1)
            inverted = self.code.value(arith.XOrIOp(condition, truth))
            self.code.add(cf.ConditionalBranchOp(inverted, other, given[1], then, given[0]))
        else:
            self.code.add(cf.ConditionalBranchOp(condition, then, given[0], other, given[1]))

    def go_on(self, block: Block) -> None:
        """What follows stands in another block."""
        self.code.block = block

    # branches

    def diamond(self) -> None:
        """Two blocks, one of which runs, and one where they meet."""
        condition, then, other = self.truth(), self.block(), self.block()
        left, right = self.inner(then), self.inner(other)
        left.some_statements(4)
        right.some_statements(4)
        both = pairs(left, some(left), right)
        self._meet(condition, (left, then, [a for a, _ in both]), (right, other, [b for _, b in both]))

    def triangle(self) -> None:
        """A block that may be left out."""
        condition, then = self.truth(), self.block()
        body = self.inner(then)
        body.some_statements(4)
        both = pairs(body, some(body), self)
        ends, starts = [a for a, _ in both], [b for _, b in both]
        body.close(ends)
        target = self.block([value.type for value in ends])
        body.jump(target, ends)
        self.fork(condition.ssa, then, [], target, starts)
        self.go_on(target)
        self.values += [joined(a, pair) for a, pair in zip(target.args, both, strict=True)]

    def _meet(self, condition: Value, *sides: tuple[CfgBody, Block, list[Value]]) -> None:
        (_, then, first), (_, other, second) = sides
        target = self.block([value.type for value in first])
        for body, _, ends in sides:
            body.close(ends)
            body.jump(target, ends)
        self.fork(condition.ssa, then, [], other, [])
        self.go_on(target)
        self.values += [joined(a, pair) for a, *pair in zip(target.args, first, second, strict=True)]

    def same_target(self) -> None:
        """A branch to one block on both sides, with other operands."""
        condition = self.truth()
        both = pairs(self, some(self), self)
        target = self.block([value.type for value, _ in both])
        self.fork(condition.ssa, target, [a for a, _ in both], target, [b for _, b in both])
        self.go_on(target)
        self.values += [joined(a, pair) for a, pair in zip(target.args, both, strict=True)]

    def unreachable(self) -> None:
        """A block that no branch leads to, but which leads to one that runs."""
        dead = self.inner(self.block())
        dead.some_statements(4)
        both = pairs(self, some(self), dead)
        target = self.block([value.type for value, _ in both])
        self.jump(target, [a for a, _ in both])
        dead.jump(target, [b for _, b in both])
        self.go_on(target)
        self.values += [replace(a, ssa=argument) for (a, _), argument in zip(both, target.args, strict=True)]

    def early_return(self) -> None:
        """The end of the function, perhaps."""
        condition, leaving, staying = self.truth(), self.block(), self.block()
        body = self.inner(leaving)
        body.leave(self.alike(self.function.results or ()))
        self.fork(condition.ssa, leaving, [], staying, [])
        self.go_on(staying)

    # loops

    def counted(self) -> None:
        """A loop that counts in one block, decides there, and works in others."""
        limit, inits = self.index(0, 3), some(self)
        carried = around(self, inits)
        header = self.block([IndexType(), *(value.type for value in carried)])
        start = self.scalar(self.code.index(0))
        self.jump(header, [start, *inits])
        deciding = self.inner(header, arguments(header, carried, 1))
        counter = deciding.add(Value(header.args[0], bounds=(0, 3)))
        deciding.compute_some(1)
        goes_on = deciding.code.value(arith.CmpiOp(counter.ssa, limit.ssa, "slt"))
        work, after = self.block(), self.block()
        deciding.fork(goes_on, work, [], after, [])
        body = deciding.inner(work, [Value(header.args[0], bounds=(0, 2))], trips=3)
        body.some_statements(5)
        ends = next_ones(body, carried)
        following = body.code.value(arith.AddiOp(counter.ssa, body.code.index(1)))
        body.close(ends)
        body.jump(header, [Value(following), *ends])
        self.go_on(after)
        self.values = deciding.values

    def repeated(self) -> None:
        """A loop that decides at its end: its first block may be its last one, and so branch to itself."""
        counting = self.program.choice((IndexType(), i32))
        inits = some(self)
        carried = around(self, inits)
        types = [value.type for value in carried]
        start = self.code.constant(0, counting)
        block = self.block([counting, *types])
        self.jump(block, [Value(start), *inits])
        body = self.inner(block, arguments(block, carried, 1), trips=3)
        body.values.append(Value(block.args[0], bounds=(0, 2)) if counting != i32 else Value(block.args[0]))
        body.some_statements(5)
        following = body.code.value(arith.AddiOp(block.args[0], body.code.constant(1, counting)))
        limit = body.code.constant(self.program.integer(1, 3), counting)
        again = body.code.value(arith.CmpiOp(following, limit, "slt"))
        if self.program.chance(2):
            again = body.code.value(arith.AndIOp(again, body.truth().ssa))
        ends, left = next_ones(body, carried), next_ones(body, carried)
        after = self.block(types)
        body.close([*ends, *left])
        body.fork(again, block, [Value(following), *ends], after, left)
        self.go_on(after)
        self.values += arguments(after, carried)

    def web(self) -> None:
        """Blocks that lead to each other in any way, while there is fuel: loops with several entries among them."""
        inits = some(self)
        carried = around(self, inits)
        types = [value.type for value in carried]
        blocks = [self.block([i32, *types]) for _ in range(self.program.integer(1, 4))]
        after = self.block(types)
        fuel = self.scalar(self.code.constant(self.program.integer(1, 5), i32))
        self.jump(self.program.choice(blocks), [fuel, *inits])
        for block in blocks:
            self._knot(block, blocks, after, carried)
        self.go_on(after)
        self.values += arguments(after, carried)

    def _knot(self, block: Block, blocks: Sequence[Block], after: Block, carried: Sequence[Value]) -> None:
        body = self.inner(block, arguments(block, carried, 1), trips=5)
        body.some_statements(4)
        less = Value(body.code.value(arith.SubiOp(block.args[0], body.code.constant(1, i32))))
        left = body.code.value(arith.CmpiOp(less.ssa, body.code.constant(0, i32), "sgt"))
        ends, first, second = (next_ones(body, carried) for _ in range(3))
        condition, choice = body.truth(), self.block()
        body.close([*ends, *first, *second])
        body.fork(left, choice, [], after, ends)
        body.go_on(choice)
        to = self.program.choice(blocks), self.program.choice(blocks)
        body.fork(condition.ssa, to[0], [less, *first], to[1], [less, *second])

    def recursion(self) -> None:
        """A call of a function that calls itself a few times."""
        given = around(self, some(self))
        results = [number for number, value in enumerate(given) if value.is_scalar]
        types = [given[number].type for number in results]
        callee = self.program.function(self.program.name("again"), [i32, *(value.type for value in given)])
        body = self.in_function(callee, given)
        depth, last, more = callee.entry.args[0], body.block(), body.block()
        goes_on = body.code.value(arith.CmpiOp(depth, body.code.constant(0, i32), "sgt"))
        body.code.add(cf.ConditionalBranchOp(goes_on, more, [], last, []))
        received = body.values[: len(given)]
        body.inner(last).leave([received[number] for number in results])
        body.go_on(more)
        body.trips *= 3
        body.some_statements(4)
        less = body.code.value(arith.SubiOp(depth, body.code.constant(1, i32)))
        made = body.call(callee.name, [Value(less), *next_ones(body, received)], [received[n] for n in results])
        ends = [body.program.choice((value, *next_ones(body, [value]))) for value in made]
        body.close()
        body.leave(ends)
        self.program.functions.append(self.program.closed(callee, types))
        counter = self.scalar(self.code.constant(self.program.integer(0, 3), i32))
        self.call(callee.name, [counter, *given], [given[number] for number in results])


@st.composite
def cfg_modules(draw: Any, max_statements: int = 14, depth: int = 3, wanted: frozenset[str] = frozenset()) -> Case:
    """Valid modules at the `cfg` level that end and do nothing undefined, with inputs for them.

    Blocks have arguments and lead to each other in every way: diamonds, loops that decide at their beginning or at
    their end, loops with several entries, both targets of a branch the same block, unreachable blocks, several
    returns. What goes around is scalars of every type and memory; in it there are parts, transposed and reshaped views,
    and constants. Private functions are called, some of which call themselves.

    Args:
        max_statements: at most so many at the outermost level.
        depth: how deep control flow and calls nest; 0 for a single block.
        wanted: the names of ops that are made more often than others.

    Example:
        >>> from hypothesis import given
        >>> from stepwell.dialects.levels import LEVELS
        >>> @given(cfg_modules())
        ... def is_at_its_level(case):
        ...     assert not list(LEVELS["cfg"].illegal_ops(case.module))
        >>> is_at_its_level()
    """
    return run_main(LevelProgram(draw, wanted=wanted), CfgBody, max_statements, depth)
