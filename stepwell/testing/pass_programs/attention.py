"""Looking for what a pass seldom does: what each pattern did so far decides how often programs are for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product, repeat
from random import Random
from typing import TypeVar

from xdsl.ir import Block, Operation

from stepwell.compiler.rewriting import Refusal, RewriteObserver
from stepwell.dialects.dtypes import ALL, DType
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.hl.rules.elementwise import ElementwiseOp

from .interests import Interest, Variant

_T = TypeVar("_T")

_OFTEN = 4
"""What a pattern did so many times is looked for half as often as at first, after twice as many a third as often."""

_LEAST = 10
"""No pattern is looked for less often than one time for so many of another one."""

_PATIENCE = 4
"""A pattern that neither rewrote nor refused in so many rounds is not looked for more often than others."""

_MOST_MADE = 3
"""Rewrites that make the same ops at first are of one kind, whatever more they make."""


@dataclass(frozen=True)
class _Place:
    """Where an op stood before a pattern was tried on it."""

    block: Block | None
    before: Operation | None

    def made(self, op: Operation) -> tuple[str, ...]:
        """The names of the ops that came into the place of an op; they have its line."""
        following = None
        if self.before is not None:
            following = self.before.next_op
        elif self.block is not None:
            following = self.block.first_op
        found: list[str] = []
        while following is not None and len(found) < _MOST_MADE and following.location == op.location:
            found.append(following.name)
            following = following.next_op
        return tuple(found)


class Attention(RewriteObserver):
    """What patterns did so far: which ops they made, and how often they said why they leave an op as it is.

    A pattern is looked for the more often the more seldom it did each of these things: one that has rewritten often,
    but one way only once, is still of interest.

    Example:
        >>> found = Attention()
        >>> seldom, often = Interest("FoldZero"), Interest("FoldOne")
        >>> found.did["FoldOne"]["hl.add", "rewrote"] = 24
        >>> [interest.name for interest in found.spread([seldom, often])].count("FoldZero")
        10
    """

    def __init__(self) -> None:
        self.did: dict[str, Counter[tuple[str, ...]]] = {}
        self.rounds = 0
        self._tried: list[_Place] = []
        self._left: set[tuple[str, Operation]] = set()
        self._variants: dict[str, Iterator[Variant]] = {}

    def trying(self, pattern: str, op: Operation) -> None:
        """Note the position of the op."""
        self._tried.append(_Place(op.parent, op.prev_op))

    def tried(self, pattern: str, op: Operation, rewrote: bool) -> None:
        """Count what was made."""
        place = self._tried.pop() if self._tried else _Place(None, None)
        if rewrote:
            self._count(pattern, op.name, "rewrote", *place.made(op))

    def refused(self, refusal: Refusal) -> None:
        """Count it, once an op: what is next to a rewrite is where one may be wrong."""
        if (refusal.pattern, refusal.op) not in self._left:
            self._left.add((refusal.pattern, refusal.op))
            self._count(refusal.pattern, refusal.op.name, "refused")

    def _count(self, pattern: str, op: str, *what: str) -> None:
        self.did.setdefault(pattern, Counter())[op, *what] += 1

    def spread(self, interests: Sequence[Interest]) -> list[Interest]:
        """The interests of the next round, each repeated according to its weight, and each time for another variant."""
        self.rounds += 1
        self._left.clear()
        return [self._next(interest) for interest in interests for _ in range(self._weight(interest))]

    def _weight(self, interest: Interest) -> int:
        pattern, _, op = interest.name.partition(" of ")
        times = [n for what, n in self.did.get(pattern, {}).items() if op in ("", what[0])]
        if not times and self.rounds > _PATIENCE:  # an option of the pass keeps it from rewriting, perhaps
            return 1
        need = sum(1 / (1 + n / _OFTEN) for n in times) / len(times) if times else 1
        return max(1, round(_LEAST * need))

    def _next(self, interest: Interest) -> Interest:
        found = self._variants.setdefault(interest.name, variants(interest))
        return replace(interest, variant=next(found))


def variants(interest: Interest) -> Iterator[Variant]:
    """All variants of what a pattern looks for, again and again, in an order that is the same each time.

    Every op that it names is drawn on the result of every other one, those that it names first as the outer ones most
    of the time, and on operands of every dtype. Ops that its code names together, in a table, count as one there.

    Example:
        >>> found = variants(Interest("", ("hl.neg", "hl.abs"), groups=(("hl.neg",), ("hl.abs",))))
        >>> {(next(found).outer, next(found).inner) for _ in range(30)} >= {("hl.neg", "hl.abs"), ("hl.neg", "hl.neg")}
        True
    """
    source = Random(interest.name)
    groups = interest.groups or tuple((op,) for op in interest.ops)
    if len(interest.ops) < 2:
        yield from repeat(Variant())
    pairs = [(outer, inner) for outer in (groups[0], *groups) for inner in groups]
    turns = [_shuffled(source, product(outer, inner)) for outer, inner in pairs]
    same = [_shuffled(source, ((op, op) for op in outer)) for outer in (groups[0], *groups)]
    dtypes = {op: _shuffled(source, _dtypes_of(op, interest)) for op in interest.ops}
    for turn in _shuffled(source, [*turns, *same]):
        outer, inner = next(turn)
        yield Variant(outer, inner, next(dtypes[inner]))


def _dtypes_of(name: str, interest: Interest) -> list[DType]:
    """The dtypes of an op's operands; those that the pattern names, and floats, twice."""
    op = OPS[name]
    allowed = [dtype for dtype in ALL if not issubclass(op, ElementwiseOp) or dtype in op.DTYPES] or list(ALL)
    return [*allowed, *(dtype for dtype in allowed if dtype in interest.dtypes or dtype.is_floating)]


def _shuffled(source: Random, things: Iterable[_T]) -> Iterator[_T]:
    """Each of some things once in any order, again and again."""
    order = list(things)
    while True:
        source.shuffle(order)
        yield from order
