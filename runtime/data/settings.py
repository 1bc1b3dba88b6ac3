"""What an iteration takes from the options of its dataset."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from ...dialects.public import public_values

AUTOTUNE = -1
"""As many as are useful."""


public_values("data", "AUTOTUNE")
public_values("data.experimental", "AUTOTUNE")


def processors() -> int:
    """How many processors there are."""
    return os.cpu_count() or 1


@dataclass(frozen=True)
class Settings:
    """How an iteration runs.

    Attributes:
        ordered: whether elements stay in order where several are made at a time.
        threads: the most threads of a `map`; None for no limit, and as many as there are processors for AUTOTUNE.
    """

    ordered: bool = True
    threads: int | None = None

    def threads_for(self, asked: int) -> int:
        """How many threads to use where so many, or AUTOTUNE, are asked for."""
        if asked == AUTOTUNE:
            return self.threads or processors()
        return min(asked, self.threads or asked)


_PLAIN = Settings()
_CURRENT: ContextVar[Settings] = ContextVar("settings of datasets", default=_PLAIN)


def current() -> Settings:
    """The settings of the iteration that is being started."""
    return _CURRENT.get()


@contextmanager
def using(settings: Settings) -> Iterator[None]:
    """Start iterations with these settings."""
    token = _CURRENT.set(settings)
    try:
        yield
    finally:
        _CURRENT.reset(token)
