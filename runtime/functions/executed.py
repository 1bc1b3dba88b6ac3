"""Which traces have run, while somebody wants to know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...compiler.frontend.tracing import modes

if TYPE_CHECKING:
    from .concrete import ConcreteFunction

_MODE = "graphs"


class _Executed:
    traces: dict[int, ConcreteFunction] | None = None


EXECUTED = _Executed()
"""The traces that have run, in all threads, in the order of their first run; None while nobody wants to know."""


def begin() -> None:
    """Note which traces run from now on."""
    if EXECUTED.traces is None:
        modes.switch(_MODE, was=False, is_now=True)
        EXECUTED.traces = {}


def end() -> list[ConcreteFunction]:
    """Note it no longer; the traces that have run."""
    traces, EXECUTED.traces = EXECUTED.traces, None
    if traces is not None:
        modes.switch(_MODE, was=True, is_now=False)
    return list((traces or {}).values())


__all__ = ["EXECUTED", "begin", "end"]
