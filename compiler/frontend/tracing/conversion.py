"""How functions that run others ask AutoGraph to convert these, without knowing it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
Function = TypeVar("Function", bound=Callable[..., Any])

_MARK = "_stepwell_runs_others"

_converters: list[Callable[[Callable[..., Any]], Callable[..., Any]]] = []


def convert_by(converter: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    """Let `converter` convert what `convert_inside` is given: AutoGraph, once it is loaded."""
    _converters[:] = [converter]


def runs_others(function: Function) -> Function:
    """Mark a function that gives the user's functions that it runs to `convert_inside`."""
    setattr(function, _MARK, True)
    return function


def is_running_others(function: object) -> bool:
    """Whether a function, a method or a callable object is marked by `runs_others`."""
    call = inspect.getattr_static(type(function), "__call__", None)
    return getattr(function, _MARK, False) is True or getattr(call, _MARK, False) is True


def convert_inside(function: Callable[P, R]) -> Callable[P, R]:
    """`function` converted if converted code is running, as it is otherwise."""
    return _converters[0](function) if _converters else function
