"""Which restoration an object has its values from: a later one prevails, in whatever order objects are made."""

from __future__ import annotations

import itertools
import weakref

_numbers = itertools.count(1)
_latest: dict[int, tuple[weakref.ref[object], int]] = {}


def new_number() -> int:
    """The number of a new restoration, greater than all before."""
    return next(_numbers)


def is_older(thing: object, number: int) -> bool:
    """Whether the values of an object are from before a restoration, or its own first ones."""
    found = _latest.get(id(thing))
    return found is None or found[1] < number


def note(thing: object, number: int) -> None:
    """Note that an object has its values from a restoration."""
    key = id(thing)
    _latest[key] = weakref.ref(thing, lambda _: _latest.pop(key, None)), number
