"""Where the choices of a drawn program come from: hypothesis, so that failing programs shrink, or random numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")
Action = Callable[[], Any]
"""Adds a statement to a program."""
Kinds = Sequence[tuple[int, Action]]
"""Statements with their weights."""


def _nothing() -> None:
    """No statement: what hypothesis makes of one that a failure does not need."""


NOTHING: tuple[int, Action] = (1, _nothing)


def chosen(kinds: Kinds, number: int) -> Action:
    """The statement of that number, where each counts as often as its weight says."""
    for weight, action in kinds:
        if number < weight:
            return action
        number -= weight
    raise ValueError(f"no statement has the number {number}")


@st.composite
def _statement(draw: Any, kinds: Callable[[], Kinds]) -> Any:
    """One statement, all of whose choices belong together."""
    found = kinds()
    return chosen(found, draw(st.integers(0, _total(found) - 1)))()


def _total(kinds: Kinds) -> int:
    return sum(weight for weight, _ in kinds)


class Draws:
    """Choices by hypothesis' draw function; the least integer, the first option and False are the simplest."""

    def __init__(self, draw: Any):
        self._draw = draw

    def integer(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included."""
        return self._draw(st.integers(low, high))

    def boolean(self) -> bool:
        """True or False."""
        return self._draw(st.booleans())

    def choice(self, options: Sequence[T]) -> T:
        """One of `options`."""
        return self._draw(st.sampled_from(options))

    def chance(self, one_in: int) -> bool:
        """True once in so many times."""
        return self.integer(0, one_in - 1) == one_in - 1

    def statement(self, kinds: Callable[[], Kinds]) -> Any:
        """What one of some statements returns; hypothesis removes all that it draws at once, or nothing of it."""
        return self._draw(_statement(kinds))


class QuickDraws(Draws):
    """Choices for programs that are not shrunk choice by choice: all come from one source of random numbers.

    That takes a small part of the time, and examples are of any size at once.
    """

    def __init__(self, source: Random):
        super().__init__(None)
        self.source = source

    def integer(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included."""
        return self.source.randint(low, high)

    def boolean(self) -> bool:
        """True or False."""
        return self.source.random() < 0.5

    def choice(self, options: Sequence[T]) -> T:
        """One of `options`."""
        return self.source.choice(options)

    def statement(self, kinds: Callable[[], Kinds]) -> Any:
        """What one of some statements returns."""
        found = kinds()
        return chosen(found, self.integer(0, _total(found) - 1))()
