"""Python's builtins in converted code: those that have a meaning on tensors."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

from malt.operators import py_builtins

from ..control_flow import Range, staged
from ..values import model
from .iterate import Enumerated, Zipped, is_staged_iterable


def counterpart(f: Any) -> Callable[..., Any] | None:
    """The function that stands for the builtin `f`; None if it is none of those."""
    try:
        return _COUNTERPARTS.get(f)
    except TypeError:
        return None


def _range(_: Any, *args: Any) -> Any:
    """`range`, of tensors too."""
    if not any(model().is_tensor(a) for a in args) or not 1 <= len(args) <= 3:
        return builtins.range(*args)
    if not any(staged(a) is not None for a in args):
        return builtins.range(*(int(a) for a in args))
    start, stop, step = (0, args[0], 1) if len(args) == 1 else (*args, 1)[:3]
    return Range(start, stop, step)


def _len(_: Any, value: Any) -> Any:
    """`len`, of a tensor whose first size is known when the program runs."""
    from .iterate import length_of

    if isinstance(value, Range) or (staged(value) is not None and value.shape and value.shape[0] is None):
        return length_of(value)
    return builtins.len(value)


def _enumerate(_: Any, iterable: Any, start: Any = 0) -> Any:
    if is_staged_iterable(iterable):
        return Enumerated(iterable, start)
    return builtins.enumerate(iterable, start)


def _zip(_: Any, *iterables: Any, **options: Any) -> Any:
    if iterables and any(is_staged_iterable(i) for i in iterables):
        return Zipped(iterables)
    return builtins.zip(*iterables, **options)


def _super(scope: Any, *args: Any) -> Any:
    return py_builtins.super_in_original_context(builtins.super, args, scope)


def _locals(scope: Any) -> Any:
    return py_builtins.locals_in_original_context(scope)


def _globals(scope: Any) -> Any:
    return py_builtins.globals_in_original_context(scope)


def _eval(scope: Any, *args: Any) -> Any:
    return py_builtins.eval_in_original_context(builtins.eval, args, scope)


_COUNTERPARTS: dict[Any, Callable[..., Any]] = {
    builtins.range: _range,
    builtins.len: _len,
    builtins.enumerate: _enumerate,
    builtins.zip: _zip,
    builtins.super: _super,
    builtins.locals: _locals,
    builtins.globals: _globals,
    builtins.eval: _eval,
}
