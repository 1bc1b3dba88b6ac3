"""Attributes that are assigned after a checkpoint was restored that has values for them."""

from __future__ import annotations

from typing import Any, Protocol

AWAITED = "_stepwell_awaited"
"""The attribute with what is awaited; not there in most objects."""

VALUE = "value"
"""Under which name what represents a Variable waits for that, if it has none yet."""


class Awaited(Protocol):
    """The values of a checkpoint that wait for their objects."""

    def given(self, name: str, value: object) -> object:
        """Restore what waits for a name, into `value`; returns what the attribute becomes."""
        ...


class Awaiting:
    """A base for objects whose attributes are restored from checkpoints."""

    def __setattr__(self, name: str, value: Any) -> None:
        awaited: Awaited | None = self.__dict__.get(AWAITED)
        super().__setattr__(name, value if awaited is None else awaited.given(name, value))
