"""What callers give to the checks: it is looked at before anything runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def require_count(what: str, value: Any) -> None:
    """Raise an error that starts with `what` unless a value is a whole number of at least 1.

    Example:
        >>> require_count("validate: max_examples", 0)
        Traceback (most recent call last):
        ...
        ValueError: validate: max_examples: expected 1 or more, got 0
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{what}: expected a whole number, got {value!r}")
    if value < 1:
        raise ValueError(f"{what}: expected 1 or more, got {value}")


def require_callable(what: str, value: Any) -> None:
    """Raise a TypeError that starts with `what` unless a value can be called."""
    if not callable(value):
        raise TypeError(f"{what}: expected a function, got {value!r}")


def require_known(what: str, values: Iterable[str], known: Iterable[str]) -> None:
    """Raise a ValueError that starts with `what` unless all values are known ones."""
    known = list(known)
    for value in values:
        if value not in known:
            raise ValueError(f"{what}: expected some of {', '.join(map(repr, known))}, got {value!r}")
