"""Values that go from block to block: through branches, around loops, into functions and out of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from xdsl.dialects.builtin import AnyFloat, MemRefType
from xdsl.ir import Block, SSAValue

from .body import LevelBody
from .program import ANY, Value, widest

MOST = 3
"""How many values are carried at most."""


def some(body: LevelBody, most: int = MOST) -> list[Value]:
    """A few of the values at hand, the latest ones mostly."""
    options = body.unused_first([value for value in reversed(body.values) if body.may_carry(value)])[:10]
    return [body.program.choice(options) for _ in range(body.program.integer(0, min(most, len(options))))]


def joined(ssa: SSAValue, values: Sequence[Value]) -> Value:
    """What is any one of the values."""
    bounds = [value.bounds for value in values if value.bounds is not None]
    known = (min(low for low, _ in bounds), max(high for _, high in bounds)) if len(bounds) == len(values) else None
    return Value(
        ssa,
        values[0].shape,
        widest(*(value.grade for value in values)),
        known,
        frozenset().union(*(value.roots for value in values)),
        all(value.writable for value in values),
    )


def pairs(first: LevelBody, ends: Sequence[Value], second: LevelBody) -> list[tuple[Value, Value]]:
    """Values of one body, each with one of another body that may take its place."""
    found = []
    for end in ends:
        other = second.like(end, widest(end.grade, ANY))
        if other is not None:
            found.append((end, other))
    return found


def around(body: LevelBody, inits: Sequence[Value]) -> list[Value]:
    """For what a loop begins with, what is known of it in each iteration; `ssa` is still that of the beginning."""
    shared = frozenset([object()])
    found = []
    for init in inits:
        grade = init.grade
        if isinstance(init.type, AnyFloat) and body.program.chance(3):
            grade = widest(grade, ANY)
        roots: frozenset[object] = init.roots
        if isinstance(init.type, MemRefType):
            alike = [value for value in body.values if value.type == init.type and value.shape == init.shape]
            roots = shared.union(*(value.roots for value in alike))
        found.append(replace(init, grade=grade, bounds=None, roots=roots, truth=None))
    return found


def arguments(block: Block, values: Sequence[Value], first: int = 0) -> list[Value]:
    """The block's arguments, of which is known what is known of `values`."""
    return [replace(value, ssa=argument) for value, argument in zip(values, block.args[first:], strict=True)]


def next_ones(body: LevelBody, carried: Sequence[Value]) -> list[Value]:
    """What the next iteration gets: perhaps in another order, perhaps some of it twice."""
    found = []
    for value in carried:
        following = body.like(value, value.grade)
        assert following is not None, "what is carried is at hand itself"
        found.append(following)
    return found
